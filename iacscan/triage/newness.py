"""What is new: findings compared with a baseline file."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from iacscan.core import Diagnostic
from iacscan.findings import Finding
from iacscan.rules import Rule
from iacscan.triage import baseline as baselines
from iacscan.triage.known import Moves, compare, left_out

Compare: TypeAlias = Callable[[Iterable[Finding], Moves, bool], tuple[Sequence[Finding], Sequence[Diagnostic]]]
"""Findings, what was moved, and whether those that are known to be old stay old, to findings that say whether they are
new."""


class NewnessError(ValueError):
    """There is nothing to compare with: one sentence for the user."""


def baseline(path: Path, sources: Iterable[str], known: Collection[str], active: Collection[Rule]) -> Compare:
    """Compare with the baseline file at ``path``; ``sources`` are the inputs that are source.

    ``known`` are the ids of all rules and ``active`` the rules that ran. Raises :class:`NewnessError`.
    """
    shown = os.path.relpath(path).replace(os.sep, "/")
    try:
        read = baselines.read(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise NewnessError(f"{shown}: the baseline cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NewnessError(f"{shown}: not a baseline: not UTF-8 text") from None
    except baselines.BaselineError as error:
        raise NewnessError(f"{shown}{f':{error.line}' if error.line else ''}: {error.message}") from None
    roots = roots_beside(path, sources)

    def run(findings: Iterable[Finding], moves: Moves, strict: bool) -> tuple[Sequence[Finding], Sequence[Diagnostic]]:
        compared = compare(findings, read, roots, moves, strict)
        stale = baselines.stale(compared.gone, shown, known, active, set(roots.values()))
        return compared.findings, [left_out(compared.known, f"in {shown}"), *([stale] if stale else [])]

    return run


def roots_beside(path: Path, sources: Iterable[str]) -> dict[str, str]:
    """The root of each input in ``sources``, as seen from the directory of the baseline file at ``path``."""
    beside = os.path.realpath(path.parent)
    return {source: os.path.relpath(os.path.realpath(source), beside).replace(os.sep, "/") for source in sources}
