"""iacscan: which S3 buckets a Terraform change would leave open, unencrypted, unversioned or unlogged.

:func:`scan` is the whole promise to Python callers, with the types of :mod:`iacscan.findings` and
:mod:`iacscan.core` in its report; everything else may change.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iacscan.findings import Report

__all__ = ["scan"]


def scan(paths: Sequence[str | Path] = (".",), **options: Any) -> Report:
    """Judge every input in ``paths``; ``options`` are the fields of ``iacscan.scanning.Options``.

    Raises ``iacscan.scanning.UsageError`` for options that make no sense. Inputs that cannot be read
    are diagnostics in the report.
    """
    from iacscan.scanning import Options
    from iacscan.scanning import scan as run

    return run(paths, Options(**options))
