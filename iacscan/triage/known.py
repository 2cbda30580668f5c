"""Findings that were there before: what a baseline lists, or what another revision had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from iacscan.core import Verdict
from iacscan.findings import Finding


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

    def entry(self, finding: Finding, root: str) -> Entry | None:
        """The entry for the rule and address of ``finding``; one without a root is for any."""
        rule, address = finding.rule.id, finding.address
        return self._index.get((rule, address, root)) or self._index.get((rule, address, ""))

    def has(self, finding: Finding, root: str) -> bool:
        """Whether ``finding`` was as bad before: what was unknown and fails now is new."""
        entry = self.entry(finding, root)
        return entry is not None and entry.verdict in (finding.verdict.value, Verdict.FAIL.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Findings that say whether they are new, and the entries that nothing matches any more."""

    findings: tuple[Finding, ...]
    gone: tuple[Entry, ...] = ()
    known: int = 0


def compare(findings: Iterable[Finding], known: Known, roots: Mapping[str, str], strict: bool) -> Comparison:
    """Say of each failure and unknown verdict whether ``known`` has it.

    ``roots`` are the roots by input; inputs without one have the empty root. Where the input itself tells that a
    finding is not new (a plan), that counts too if ``strict``.
    """
    compared: list[Finding] = []
    met: set[Entry] = set()
    for finding in findings:
        root = roots.get(finding.input, "")
        entry = known.entry(finding, root) if finding.verdict is not Verdict.PASS else None
        if entry is not None:
            met.add(entry)
        new = finding.verdict is not Verdict.PASS and not known.has(finding, root)
        compared.append(replace(finding, introduced=new and not (strict and finding.introduced is False)))
    gone = tuple(entry for entry in known.entries if entry not in met)
    old = sum(item.verdict is not Verdict.PASS and item.introduced is False for item in compared)
    return Comparison(tuple(compared), gone, old)


def entries(findings: Iterable[Finding], roots: Mapping[str, str]) -> tuple[Entry, ...]:
    """The failures and unknown verdicts among ``findings`` that nobody suppressed, in order."""
    found = {
        Entry(item.rule.id, item.address, item.verdict.value, roots.get(item.input, ""))
        for item in findings
        if item.verdict is not Verdict.PASS and item.suppression is None
    }
    return tuple(sorted(found))
