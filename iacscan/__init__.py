"""iacscan: which S3 buckets a Terraform change would leave open, unencrypted, unversioned or unlogged.

:func:`scan`, what it takes and raises, and the types in its report are what Python callers are promised;
everything else may change::

    report = iacscan.scan("infra", select=("public-*",))
    worst = [finding for finding in report.findings if finding.rule.severity >= iacscan.Severity.HIGH]
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iacscan.core import Diagnostic, Location, Severity, Verdict
    from iacscan.findings import Finding, Report
    from iacscan.scanning import Options, UsageError

__all__ = ["Diagnostic", "Finding", "Location", "Options", "Report", "Severity", "UsageError", "Verdict", "scan"]

_HOMES = {"Finding": "findings", "Report": "findings", "Options": "scanning", "UsageError": "scanning"}
"""Where the names of this package are defined, if not in ``core``; each is imported when it is asked for."""


def scan(paths: str | Path | Sequence[str | Path] = ".", **options: Any) -> Report:
    """Judge every input in ``paths``, one or many; ``options`` are the fields of :class:`Options`.

    Raises :class:`UsageError` for options that make no sense. Inputs that cannot be read are diagnostics
    in the report.
    """
    from iacscan.scanning import Options
    from iacscan.scanning import scan as run

    return run([paths] if isinstance(paths, str | Path) else paths, Options(**options))


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'core')}"), name)
