"""SARIF 2.1.0 for GitHub code scanning and other viewers.

Follows https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
One result a rule and block, on one line: an alert shows in a pull request only if its whole region is
in the diff. Unknown verdicts are notifications, since a result of any kind would be an open alert.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from urllib.parse import quote

from iacscan.core import Diagnostic, Level, Location, Verdict
from iacscan.findings import Finding, Report
from iacscan.output.characters import exact, sentence
from iacscan.output.instances import Problem, alerts, block, full_message, listed, proofs
from iacscan.output.places import place, repository_path
from iacscan.output.rolling import line_hashes
from iacscan.output.sarif_rules import descriptor, level
from iacscan.output.style import PLAIN, Style

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
RESULTS = 25_000
"""How many results code scanning takes of a run."""

NOTIFICATIONS = 1_000
RELATED = 20
MESSAGE = 4_000

_ROOT = "%SRCROOT%"
_LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "note"}


def render(report: Report, style: Style = PLAIN) -> str:
    """One run: the rules that ran in their order, the results, and what could not be judged."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, style)]}
    return json.dumps(log, indent=2) + "\n"


def _run(report: Report, style: Style) -> dict[str, Any]:
    shown = [item for item in report.findings if item.counts or (item.suppression and style.include_suppressed)]
    problems = alerts(shown)
    kept = _worst(problems)
    index = {rule.id: number for number, rule in enumerate(report.rules)}
    hashes = _hashes(style)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "iacscan",
                "semanticVersion": style.version,
                "rules": [descriptor(rule) for rule in report.rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, style, index, len(problems) - len(kept))],
        "results": [_result(problem, style, index, hashes) for problem in kept],
    }
    if style.category:
        run["automationDetails"] = {"id": f"iacscan/{exact(style.category)}/"}
    return run


def _worst(problems: list[Problem]) -> list[Problem]:
    """As many problems as a run may hold, the worst of them, in their order."""
    if len(problems) <= RESULTS:
        return problems
    ranked = heapq.nsmallest(RESULTS, range(len(problems)), key=lambda at: (-problems[at].finding.rule.severity, at))
    return [problems[at] for at in sorted(ranked)]


def _hashes(style: Style) -> Callable[[str], dict[int, str]]:
    @cache
    def hashes(path: str) -> dict[int, str]:
        text = style.read_lines(path)
        return line_hashes(text) if text is not None else {}

    return hashes


def _result(
    problem: Problem, style: Style, index: dict[str, int], hashes: Callable[[str], dict[int, str]]
) -> dict[str, Any]:
    finding = problem.finding
    result: dict[str, Any] = {
        "ruleId": exact(finding.rule.id),
        "level": level(finding.rule),
        "message": {"text": _message(problem)},
        "locations": [_location(finding, style)],
        "partialFingerprints": _fingerprints(finding, hashes),
    }
    if finding.rule.id in index:
        result["ruleIndex"] = index[finding.rule.id]
    if finding.related:
        result["relatedLocations"] = _related(finding.related[:RELATED], style)
    if finding.suppression:
        kind = "inSource" if finding.suppression.location else "external"
        result["suppressions"] = [{"kind": kind, "justification": sentence(finding.suppression.reason)}]
    return result


def _message(problem: Problem) -> str:
    """The first sentence is the title of the alert; then the instances, the evidence, the other places."""
    finding = problem.finding
    sentences = [full_message(problem)]
    if len(problem.addresses) > 1:
        sentences.append(f"The same for {listed(map(exact, problem.addresses[1:]), 20)}")
    sentences += proofs(problem)
    text = _plain(" ".join(item if item.endswith((".", "!", "?")) else f"{item}." for item in sentences))
    places = ", ".join(f"[{_label(at)}]({number})" for number, at in enumerate(finding.related[:RELATED], 1))
    see = f" See {places}." if places else ""
    return _cut(text, MESSAGE - len(see)) + see


def _plain(text: str) -> str:
    """NOTE: ``[text](target)`` is a link in a SARIF message; what was scanned must not write one."""
    return text.replace("](", "] (")


def _label(location: Location) -> str:
    return place(location).replace("[", "(").replace("]", ")")[:500]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def _location(finding: Finding, style: Style) -> dict[str, Any]:
    """The line to change; without source the input that shows it, since readers insist on a file."""
    place = finding.location or Location(finding.input)
    name = exact(finding.address)
    return {
        "physicalLocation": _physical(place, style),
        "logicalLocations": [{"fullyQualifiedName": name, "kind": "resource"}],
    }


def _physical(location: Location, style: Style) -> dict[str, Any]:
    return {"artifactLocation": _artifact(location.path, style.workspace), "region": _region(location)}


def _artifact(path: str, workspace: str) -> dict[str, str]:
    inside = repository_path(path, workspace)
    if inside is not None:
        return {"uri": _uri(inside), "uriBaseId": _ROOT}
    return {"uri": ("file://" if path.startswith("/") else "") + _uri(path)}


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogatepass"))


def _region(location: Location) -> dict[str, int]:
    """One line: the whole attribute where it fits, else the line where it, or its block, begins."""
    span = location.span
    if span is None:
        return {"startLine": 1}
    region = {"startLine": span.start_line, "startColumn": span.start_column, "endLine": span.start_line}
    if span.end_line == span.start_line and span.end_column > span.start_column:
        region["endColumn"] = span.end_column
    return region


def _related(locations: Iterable[Location], style: Style) -> list[dict[str, Any]]:
    return [
        {"id": number, "physicalLocation": _physical(at, style), "message": {"text": _plain(place(at))}}
        for number, at in enumerate(locations, 1)
    ]


def _fingerprints(finding: Finding, hashes: Callable[[str], dict[int, str]]) -> dict[str, str]:
    """Ours, the same wherever the block moves; and GitHub's own, where the source is at hand."""
    identity = f"{finding.rule.id}\0{block(finding.address)}".encode("utf-8", "surrogatepass")
    prints = {"iacscan/v1": hashlib.sha256(identity).hexdigest()[:32]}
    if finding.location and finding.location.span:
        line = hashes(finding.location.path).get(finding.location.span.start_line)
        if line is not None:
            prints["primaryLocationLineHash"] = line
    return prints


def _invocation(report: Report, style: Style, index: dict[str, int], left: int) -> dict[str, Any]:
    notifications = [_diagnostic(item, style) for item in report.diagnostics]
    notifications += [_notification("note", sentence(note)) for note in report.notes]
    unknown = (item for item in report.findings if item.verdict is Verdict.UNKNOWN and not item.suppression)
    notifications += [_unknown(problem, style, index) for problem in alerts(unknown)]
    over = len(notifications) - NOTIFICATIONS
    if over > 0:
        notifications[NOTIFICATIONS:] = [_notification("note", f"{over} more notifications are left out.")]
    if left:
        text = f"{left} more results are left out: a run holds {RESULTS}, the worst are kept."
        notifications.append(_notification("warning", text))
    return {"executionSuccessful": not report.errors, "toolExecutionNotifications": notifications}


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _plain(_cut(text, MESSAGE)) or level}}


def _diagnostic(item: Diagnostic, style: Style) -> dict[str, Any]:
    notification = _notification(_LEVELS[item.level], sentence(item.message))
    if item.location:
        notification["locations"] = [{"physicalLocation": _physical(item.location, style)}]
    return notification


def _unknown(problem: Problem, style: Style, index: dict[str, int]) -> dict[str, Any]:
    finding = problem.finding
    rule = exact(finding.rule.id)
    notification = _notification("note", f"Unknown, {rule}: {_message(problem)}")
    notification["locations"] = [_location(finding, style)]
    notification["associatedRule"] = {"id": rule}
    if finding.rule.id in index:
        notification["associatedRule"]["index"] = index[finding.rule.id]
    return notification
