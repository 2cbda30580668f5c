"""Waivers against findings: which are suppressed, and which waivers are expired, unused or of no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase

from iacscan.core import Diagnostic, Level, Verdict
from iacscan.findings import Finding, Suppression
from iacscan.rules import Rule
from iacscan.rules.names import suggest
from iacscan.triage.waivers import OWN, Waiver

STRETCH = 32
"""Lines of a file whose waivers are looked up together."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The findings, some suppressed now, and what is to be said of the waivers."""

    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]


def apply(
    findings: Iterable[Finding], waivers: Sequence[Waiver], known: Iterable[str], active: Sequence[Rule], today: date
) -> Ruling:
    """Suppress the failures and unknown verdicts that ``waivers`` cover on the day ``today``.

    ``known`` are the ids of all rules, ``active`` the rules that ran: a waiver of a rule that did not run is not
    called unused.
    """
    if not waivers:
        return Ruling(tuple(findings), ())
    office = _Office(waivers, today)
    judged = tuple(map(office.judge, findings))
    ids = sorted(known)
    return Ruling(judged, tuple(office.complaints(judged, ids, active)))


@dataclass(slots=True)
class _Office:
    """Which waivers were met by a finding, and by one that counts, by their position."""

    waivers: Sequence[Waiver]
    today: date
    met: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)
    _anywhere: list[int] = field(default_factory=list)
    _by_place: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for at, waiver in enumerate(self.waivers):
            if waiver.covers is None or waiver.location is None:
                self._anywhere.append(at)
                continue
            for stretch in range(waiver.covers.start_line // STRETCH, waiver.covers.end_line // STRETCH + 1):
                self._by_place.setdefault((waiver.location.path, stretch), []).append(at)

    def judge(self, finding: Finding) -> Finding:
        """``finding``, suppressed by the first waiver in force that covers it."""
        if finding.verdict is Verdict.PASS:
            return finding
        met = [at for at in self._candidates(finding) if self._is_for(self.waivers[at], finding)]
        self.met.update(met)
        chosen = next((self.waivers[at] for at in met if not self._expired(self.waivers[at])), None)
        if finding.suppression is not None:
            return finding
        if chosen is None:
            self.open.update(met)
            return finding
        return replace(finding, suppression=Suppression(chosen.reason, chosen.location))

    def _is_for(self, waiver: Waiver, finding: Finding) -> bool:
        return waiver.is_for(finding.rule) and waiver.covers_finding(finding)

    def _candidates(self, finding: Finding) -> list[int]:
        """The positions of the waivers that may cover ``finding``, in order."""
        found = set(self._anywhere)
        for place in (finding.location, *finding.related):
            if place is not None and place.span is not None:
                found.update(self._by_place.get((place.path, place.span.start_line // STRETCH), ()))
        return sorted(found)

    def _expired(self, waiver: Waiver) -> bool:
        return waiver.until is not None and self.today > waiver.until

    def complaints(
        self, findings: Sequence[Finding], known: Sequence[str], active: Sequence[Rule]
    ) -> Iterator[Diagnostic]:
        for at, waiver in enumerate(self.waivers):
            text = self._complaint(waiver, at, known, active)
            if text:
                yield Diagnostic(self._level(waiver, findings), text, waiver.location)

    def _complaint(self, waiver: Waiver, at: int, known: Sequence[str], active: Sequence[Rule]) -> str:
        """What is to be said of a waiver: of those for other tools only that they are over."""
        met = at in self.met
        if waiver.tool == OWN and not any(fnmatchcase(id_, waiver.id) for id_ in known):
            return f"this suppresses nothing: no rule is called {waiver.id!r}{suggest(waiver.id, known)}"
        if self._expired(waiver) and (met or waiver.tool == OWN):
            again = ", and what it covers counts again" if at in self.open else "; remove it"
            return f"the suppression of {waiver.id} ended on {waiver.until}{again}"
        if met or waiver.tool != OWN or _is_foreign(waiver) or not any(map(waiver.is_for, active)):
            return ""
        return f"the suppression of {waiver.id} is not needed: nothing that it covers fails; remove it"

    def _level(self, waiver: Waiver, findings: Sequence[Finding]) -> Level:
        """A waiver by globs may be for inputs that are not scanned this time: then it is only noted."""
        by_globs = waiver.covers is None and (waiver.resource, waiver.path) != ("*", "*")
        scanned = not by_globs or self._expired(waiver) or any(map(waiver.covers_finding, findings))
        return Level.WARNING if scanned else Level.NOTE


def _is_foreign(waiver: Waiver) -> bool:
    """Whether it stands in a module that was downloaded: not for this user to remove."""
    return waiver.location is not None and "/.terraform/" in f"/{waiver.location.path}"
