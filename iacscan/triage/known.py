"""Findings that were there before: what a baseline lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from iacscan.core import Diagnostic, Level, Verdict
from iacscan.findings import Finding
from iacscan.inputs.addresses import earlier
from iacscan.inputs.configuration import Move

Moves: TypeAlias = Mapping[str, Sequence[Move]]
"""What was moved, by input."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding, without what an edit elsewhere changes.

    ``root`` is the directory of source that was judged, so that two root modules with the same address stay
    apart; empty for plans and states, whose files are named anew each time.
    """

    rule: str
    address: str
    verdict: str
    root: str = ""


@dataclass(frozen=True)
class Known:
    """A set of entries to compare findings with."""

    entries: Sequence[Entry] = ()

    @cached_property
    def _index(self) -> Mapping[tuple[str, str, str], Entry]:
        return {(entry.rule, entry.address, entry.root): entry for entry in self.entries}

    def entry(self, rule: str, addresses: Iterable[str], root: str) -> Entry | None:
        """The entry for ``rule`` at the first of ``addresses`` that has one; one without a root is for any."""
        keys = ((rule, address, each) for address in addresses for each in (root, ""))
        return next((self._index[key] for key in keys if key in self._index), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Findings that say whether they are new, and the entries that nothing matches any more."""

    findings: tuple[Finding, ...]
    gone: tuple[Entry, ...] = ()
    known: int = 0


def compare(
    findings: Iterable[Finding], known: Known, roots: Mapping[str, str], moves: Moves, strict: bool
) -> Comparison:
    """Say of each failure and unknown verdict whether ``known`` has it as bad: what was unknown and fails now is new.

    ``roots`` are the roots by input; inputs without one have the empty root. Where the input itself tells that a
    finding is not new (a plan), that counts too if ``strict``.
    """
    compared: list[Finding] = []
    met: set[Entry] = set()
    for finding in findings:
        entry = None
        if finding.verdict is not Verdict.PASS:
            addresses = (finding.address, *earlier(finding.address, moves.get(finding.input, ())))
            entry = known.entry(finding.rule.id, addresses, roots.get(finding.input, ""))
        if entry is not None:
            met.add(entry)
        as_bad = entry is not None and entry.verdict in (finding.verdict.value, Verdict.FAIL.value)
        new = finding.verdict is not Verdict.PASS and not as_bad
        compared.append(replace(finding, introduced=new and not (strict and finding.introduced is False)))
    gone = tuple(entry for entry in known.entries if entry not in met)
    old = sum(item.verdict is not Verdict.PASS and item.introduced is False for item in compared)
    return Comparison(tuple(compared), gone, old)


def left_out(count: int, where: str) -> Diagnostic:
    """The note that ``count`` findings are not shown, because they are ``where`` they were found before."""
    findings = "1 finding is" if count == 1 else f"{count} findings are"
    return Diagnostic(Level.NOTE, f"{findings} {where} and left out")


def entries(findings: Iterable[Finding], roots: Mapping[str, str]) -> tuple[Entry, ...]:
    """The failures and unknown verdicts among ``findings`` that nobody suppressed, in order."""
    found = {
        Entry(item.rule.id, item.address, item.verdict.value, roots.get(item.input, ""))
        for item in findings
        if item.verdict is not Verdict.PASS and item.suppression is None
    }
    return tuple(sorted(found))
