"""Annotations on a pull request: GitHub's workflow commands, one a line, then the summary.

Escaping and limits follow
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands and the runner:
10 annotations of a type a step, 4,096 UTF-16 units a message, the rest is dropped without a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from iacscan.core import Diagnostic, Level, Location, Severity, Verdict
from iacscan.findings import Report
from iacscan.output.characters import exact, inert, lines, sentence
from iacscan.output.instances import Problem, alerts, full_message, listed, proofs
from iacscan.output.places import place, repository_path
from iacscan.output.scales import SCALES
from iacscan.output.style import PLAIN, Style

ANNOTATIONS = 10
"""How many annotations of each type the runner keeps for a step."""

MESSAGE = 4_096
"""How long the runner lets a message be."""

_SCAN_ERROR = Severity.HIGH + 0.5
"""A scan error comes after critical findings and before all others."""


@dataclass(frozen=True, slots=True)
class _Annotation:
    """One command before it is written; ``rank`` decides which ones find room."""

    command: str
    rank: float
    title: str
    message: str
    location: Location | None


def render(report: Report, style: Style = PLAIN) -> str:
    """At most ten commands of each type, worst first; then how many more there are; then the summary."""
    annotations = sorted(_annotations(report), key=lambda item: -item.rank)
    written: Counter[str] = Counter()
    shown: list[str] = []
    for item in annotations:
        if written[item.command] < ANNOTATIONS:
            written[item.command] += 1
            shown.append(_command(item, style.workspace))
    left = len(annotations) - len(shown)
    if left:
        shown.append(f"{left} more not annotated: GitHub shows {ANNOTATIONS} of each kind for a step.")
    return "\n".join([*shown, sentence(report.summary.line)]) + "\n"


def _annotations(report: Report) -> Iterator[_Annotation]:
    for item in report.diagnostics:
        if item.level is not Level.NOTE:
            yield _diagnostic(item)
    shown = (item for item in report.findings if item.verdict is not Verdict.PASS and not item.suppression)
    for problem in alerts(shown):
        yield _problem(problem)


def _diagnostic(item: Diagnostic) -> _Annotation:
    error = item.level is Level.ERROR
    rank = _SCAN_ERROR if error else Severity.LOW
    title = "iacscan could not judge this" if error else "iacscan"
    return _Annotation("error" if error else "warning", rank, title, sentence(item.message), item.location)


def _problem(problem: Problem) -> _Annotation:
    finding = problem.finding
    rule = finding.rule
    if finding.verdict is Verdict.UNKNOWN:
        title, command, rank = f"unknown: {rule.id}", "notice", 0.0
    else:
        title, command, rank = f"{rule.severity.label}: {rule.id}", SCALES[rule.severity].github, float(rule.severity)
    return _Annotation(command, rank, title, "\n".join(_message(problem)), finding.location)


def _message(problem: Problem) -> Iterator[str]:
    """What is wrong, where it shows, and for a failure what to do."""
    finding = problem.finding
    yield full_message(problem)
    if len(problem.addresses) > 1:
        yield f"The same for {listed(map(exact, problem.addresses[1:]))}."
    yield from (f"- {proof}" for proof in proofs(problem))
    if finding.verdict is Verdict.FAIL:
        yield "Fix: " + "\n".join(lines(finding.rule.fix))
    if finding.location is None:
        yield f"Found in {exact(finding.input)}."


def _command(item: _Annotation, workspace: str) -> str:
    """The command line. Columns go with a single line only; a place outside the repository in words."""
    message = item.message
    path = repository_path(item.location.path, workspace) if item.location else None
    properties = _position(item.location, path) if item.location and path else {}
    if item.location and not path:
        message = f"{place(item.location)}: {message}"
    properties["title"] = item.title
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{item.command} {written}::{_data(message)}"


def _position(location: Location, path: str) -> dict[str, str]:
    span = location.span
    if span is None:
        return {"file": path}
    properties = {"file": path, "line": str(span.start_line), "endLine": str(span.end_line)}
    if span.start_line == span.end_line and span.start_column < span.end_column:
        properties |= {"col": str(span.start_column), "endColumn": str(span.end_column)}
    return properties


def _escape(text: str) -> str:
    """NOTE: the percent sign first; the runner turns ``%25`` back last."""
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escape(exact(text)).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    """A message, escaped, at most 4,096 units long even before the runner undoes the escapes."""
    escaped = _escape(text)
    units = escaped.encode("utf-16-le")
    if len(units) <= 2 * MESSAGE:
        return escaped
    cut = units[: 2 * (MESSAGE - 1)].decode("utf-16-le", "ignore")
    return re.sub(r"%[0-9A-F]?$", "", cut) + "…"
