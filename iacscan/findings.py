"""What a scan yields: findings in a total order, counts, and the exit code."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from iacscan.core import Diagnostic, Evidence, Level, Location, Severity, Verdict
from iacscan.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a failure is not counted: the reason given, and where it was written."""

    reason: str
    location: Location | None = None


def fingerprint(rule: str, address: str) -> str:
    """The identity of the verdict of the rule with the id ``rule`` on ``address``: 32 hexadecimal digits."""
    return hashlib.sha256(f"{rule}\0{address}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one rule on one subject.

    ``location`` is the place to change (None where the input has no source); ``related`` are other
    places worth opening. ``change`` is what the plan does to the subject; ``introduced`` whether the
    change makes it fail (None where the input knows no "before"). ``input`` is the path scanned.
    """

    rule: Rule
    address: str
    type: str
    verdict: Verdict
    message: str
    input: str
    location: Location | None = None
    related: tuple[Location, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    change: str | None = None
    introduced: bool | None = None
    suppression: Suppression | None = None

    @property
    def status(self) -> str:
        """The word of the JSON contract: fail, pass, unknown or suppressed."""
        return "suppressed" if self.suppression else self.verdict.value

    @property
    def counts(self) -> bool:
        """Whether this is a failure that nobody suppressed."""
        return self.verdict is Verdict.FAIL and self.suppression is None

    @property
    def fingerprint(self) -> str:
        """Stable identity: rule and full address, so that edits and line shifts do not change it."""
        return fingerprint(self.rule.id, self.address)

    @property
    def order(self) -> tuple[str, int, str, str, str]:
        """The total order of reports: path, line, address, rule, input."""
        span = self.location.span if self.location else None
        path = self.location.path if self.location else ""
        return path, span.start_line if span else 0, self.address, self.rule.id, self.input


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over every verdict of the scan, whatever is shown.

    ``subjects`` maps a plural word ("buckets", "objects") to how many were judged.
    """

    subjects: tuple[tuple[str, int], ...] = ()
    rules: int = 0
    failures: int = 0
    unknown: int = 0
    passed: int = 0
    suppressed: int = 0

    @property
    def line(self) -> str:
        """``12 buckets, 15 rules: 3 failures, 2 unknown, 1 suppressed``; never empty.

        Atlantis and people read it: the word after the failure count is ``failure`` only for one.
        """
        judged = [f"{count} {plural[:-1] if count == 1 else plural}" for plural, count in self.subjects]
        rules = f"{self.rules} rule" + ("" if self.rules == 1 else "s")
        failures = f"{self.failures} failure" + ("" if self.failures == 1 else "s")
        tail = [failures, f"{self.unknown} unknown"]
        if self.suppressed:
            tail.append(f"{self.suppressed} suppressed")
        return f"{', '.join([*judged, rules])}: {', '.join(tail)}"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an output may show. ``findings`` are those to show, in order; ``summary`` counts all.

    ``worst`` is the highest severity among the unsuppressed failures that decide the exit code;
    ``notes`` say what was and was not judged.
    """

    findings: tuple[Finding, ...]
    summary: Summary
    rules: tuple[Rule, ...] = ()
    inputs: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[str, ...] = ()
    worst: Severity | None = None

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that mean that something asked for was not judged."""
        return tuple(item for item in self.diagnostics if item.level is Level.ERROR)

    def exit_code(self, fail_on: Severity | None, fail_on_unknown: bool = False) -> int:
        """0 clean, 1 findings at or above ``fail_on`` (None: never), 2 something was not judged."""
        if self.errors:
            return 2
        if fail_on is not None and self.worst is not None and self.worst >= fail_on:
            return 1
        return 1 if fail_on_unknown and self.summary.unknown else 0


def summarize(findings: Iterable[Finding], subjects: Iterable[str], rules: int) -> Summary:
    """Count verdicts; ``subjects`` holds one plural word for each subject judged."""
    counted = Counter("suppressed" if item.suppression else item.verdict.value for item in findings)
    kinds = Counter(subjects)
    kinds.setdefault("buckets", 0)
    first = sorted(kinds.items(), key=lambda item: (item[0] != "buckets", item[0]))
    return Summary(tuple(first), rules, counted["fail"], counted["unknown"], counted["pass"], counted["suppressed"])


def redact(finding: Finding, secrets: Iterable[str]) -> Finding:
    """``finding`` with every secret text replaced, wherever it stands in its sentences."""
    ordered = sorted((text for text in secrets if text), key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "(sensitive value)")
        return text

    evidence = tuple(replace(item, text=clean(item.text)) for item in finding.evidence)
    return replace(finding, message=clean(finding.message), evidence=evidence)
