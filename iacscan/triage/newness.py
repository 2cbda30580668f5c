"""What is new: findings compared with a baseline file, or with the source at a git revision."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from iacscan.core import Diagnostic, Level
from iacscan.findings import Finding
from iacscan.rules import Rule
from iacscan.triage import baseline as baselines
from iacscan.triage.known import Known, Moves, compare, entries
from iacscan.triage.revision import RevisionError, revision

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
        return compared.findings, [_left_out(compared.known, f"in {shown}"), *([stale] if stale else [])]

    return run


def roots_beside(path: Path, sources: Iterable[str]) -> dict[str, str]:
    """The root of each input in ``sources``, as seen from the directory of the baseline file at ``path``."""
    beside = os.path.realpath(path.parent)
    return {source: os.path.relpath(os.path.realpath(source), beside).replace(os.sep, "/") for source in sources}


def since(
    ref: str, paths: Sequence[str], sources: Sequence[str], judge: Callable[[Sequence[str]], Sequence[Finding]]
) -> Compare:
    """Compare with the source at the git revision ``ref``.

    ``paths`` are what the user named, ``sources`` the inputs among them that are source; ``judge`` gives the
    findings in other paths. Raises :class:`NewnessError`.
    """
    if not sources:
        raise NewnessError("--since compares source; a plan knows what it changes: use --introduced")
    try:
        with revision(ref, Path(sources[0])) as then:
            roots = {source: then.root(source) for source in sources}
            places = [then.path(path) for path in paths if _is_source(path, sources)]
            found = judge([str(place) for place in places if place.exists()])
            old = Known(entries(found, {finding.input: then.root(finding.input) for finding in found}))
    except RevisionError as error:
        raise NewnessError(f"--since: {error}") from None

    def run(findings: Iterable[Finding], moves: Moves, strict: bool) -> tuple[Sequence[Finding], Sequence[Diagnostic]]:
        everything = list(findings)
        others = [item for item in everything if item.input not in roots]
        compared = compare((item for item in everything if item.input in roots), old, roots, moves, strict)
        return [*others, *compared.findings], [_left_out(compared.known, f"as they were at {ref}")]

    return run


def _left_out(count: int, where: str) -> Diagnostic:
    findings = "1 finding is" if count == 1 else f"{count} findings are"
    return Diagnostic(Level.NOTE, f"{findings} {where} and left out")


def _is_source(path: str, sources: Iterable[str]) -> bool:
    """Whether one of ``sources`` is at ``path`` or below it."""
    real = Path(os.path.realpath(path))
    return any(Path(os.path.realpath(source)).is_relative_to(real) for source in sources)
