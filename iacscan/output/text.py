"""The report for people: by file and bucket, each mistake with its cause, place and remedy.

Colours come from rich's styles alone: nothing here interprets markup, so ``[each.key]`` and ``:key:``
reach the screen as they are. The last line is the summary, and no other line counts failures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from iacscan.core import Diagnostic, Level, Severity
from iacscan.findings import Finding, Report, Summary
from iacscan.output.characters import exact, inert, lines, sentence
from iacscan.output.instances import Group, Problem, groups, key, listed, main_proofs, others, short_message, since
from iacscan.output.places import place
from iacscan.output.style import PLAIN, Style

_EVIDENCE = 4
"""How many sentences of evidence a problem shows without ``-v``."""

_NARROWEST = 20
"""However narrow the terminal, a line holds this many characters."""

_ROLES = {
    "fail": "bold red",
    "unknown": "bold yellow",
    "pass": "green",
    "suppressed": "bright_black",
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "cyan",
    "file": "underline",
    "address": "bold",
    "quiet": "bright_black",
    "remedy": "green",
    "error": "bold red",
    "warning": "yellow",
    "note": "bright_black",
}

Paint: TypeAlias = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class _Page:
    """What every part of the report needs to draw itself."""

    style: Style
    paint: Paint

    def wrap(self, text: str, indent: str, first: str = "", role: str = "") -> Iterator[str]:
        """``text`` in lines that start with ``indent``; ``first`` opens the first one, in ``role``."""
        room = self.style.width - len(indent) - len(first)
        parts = _folded(text, max(room, _NARROWEST)) if self.style.width > 0 else iter((text,))
        yield f"{indent}{self.paint(role, first)}{next(parts)}"
        for part in parts:
            yield f"{indent}{' ' * len(first)}{part}"


def _folded(text: str, room: int) -> Iterator[str]:
    """``text`` in pieces of at most ``room`` characters, cut at spaces only."""
    start = 0
    while len(text) - start > room:
        end = text.rfind(" ", start + 1, start + room + 1)
        end = text.find(" ", start + room) if end < 0 else end
        if end < 0:
            break
        yield text[start:end]
        start = end + 1
    yield text[start:]


def render(report: Report, style: Style = PLAIN) -> str:
    """The report as text: groups of findings, then what could not be judged, then the summary."""
    page = _Page(style, painter(style.color))
    sections = [list(_findings(report, page)), list(_remarks(report, page))]
    body = "\n\n".join("\n".join(section) for section in sections if section)
    summary = page.paint(_mood(report.summary), sentence(report.summary.line))
    return (inert(body) + "\n\n" if body else "") + summary + "\n"


def painter(color: bool) -> Paint:
    """What puts a text into the colours of a role; without ``color`` it leaves all texts alone."""
    if not color:
        return lambda _, text: text
    from rich.color import ColorSystem
    from rich.style import Style as RichStyle

    styles = {role: RichStyle.parse(name) for role, name in _ROLES.items()}

    def paint(role: str, text: str) -> str:
        style = styles.get(role)
        return style.render(text, color_system=ColorSystem.STANDARD) if style else text

    return paint


def _mood(summary: Summary) -> str:
    if summary.failures:
        return "fail"
    return "unknown" if summary.unknown else "pass"


def _findings(report: Report, page: _Page) -> Iterator[str]:
    """Every finding under its file and block; a file is named once while its blocks follow."""
    heading = ""
    for group in groups(report.findings):
        file = _file(group.findings[0], len(report.inputs) > 1)
        if file != heading:
            yield from ([""] if heading else [])
            yield page.paint("file", file)
            heading = file
        yield ""
        yield from _group(group, page)


def _file(finding: Finding, many_inputs: bool) -> str:
    if finding.location is None:
        return exact(finding.input)
    path = exact(finding.location.path)
    outside = many_inputs and not finding.location.path.startswith(finding.input.rstrip("/"))
    return f"{path} ({exact(finding.input)})" if outside else path


def _group(group: Group, page: _Page) -> Iterator[str]:
    """One block: its address, its instances, what happens to it, then its problems, each remedy once."""
    title = page.paint("address", exact(group.block))
    if len(group.addresses) > 1:
        title += f" {_keys(group.addresses)}"
    changes = ", ".join(dict.fromkeys(finding.change for finding in group.findings if finding.change))
    yield f"  {title}" + (page.paint("quiet", f"  {exact(changes)}") if changes else "")
    mended: set[str] = set()
    for problem in group.problems:
        yield from _problem(problem, group, page)
        if problem.finding.counts and not page.style.quiet and problem.finding.rule.id not in mended:
            mended.add(problem.finding.rule.id)
            yield from _remedy(problem.finding, page)


def _keys(addresses: tuple[str, ...]) -> str:
    return exact(listed(key(address) or address for address in addresses))


def _problem(problem: Problem, group: Group, page: _Page) -> Iterator[str]:
    finding = problem.finding
    yield _head(problem, group, page)
    yield from page.wrap(short_message(problem), " " * 6)
    if not page.style.quiet and finding.status != "pass":
        yield from _evidence(problem, page)
    if problem.others:
        yield from page.wrap(others(problem), " " * 6, "also unknown: ", "unknown")
    if finding.suppression and not page.style.quiet:
        where = finding.suppression.location
        reason = sentence(finding.suppression.reason) + (f" ({place(where)})" if where else "")
        yield from page.wrap(reason, " " * 6, "suppressed: ", "quiet")


def _head(problem: Problem, group: Group, page: _Page) -> str:
    finding = problem.finding
    severity = finding.rule.severity.label
    width = max(len(item.label) for item in Severity)
    parts = [
        "    " + page.paint(finding.status, f"{finding.status:<7}"),
        page.paint(severity, f"{severity:<{width}}"),
        exact(finding.rule.id),
    ]
    if finding.location:
        parts.append(page.paint("quiet", place(finding.location)))
    if problem.addresses != group.addresses:
        parts.append(f"only {_keys(problem.addresses)}")
    if age := since(finding):
        parts.append(page.paint("quiet", age))
    return "  ".join(parts)


def _evidence(problem: Problem, page: _Page) -> Iterator[str]:
    evidence, more = main_proofs(problem, sys.maxsize if page.style.verbose else _EVIDENCE)
    for text in evidence:
        yield from page.wrap(text, " " * 6, "- ", "quiet")
    if more:
        yield f"      - and {more} more (-v shows all)"


def _remedy(finding: Finding, page: _Page) -> Iterator[str]:
    """How to mend it; with ``-v`` also why it matters, other places to look at, and what to read."""
    first, *rest = lines(finding.rule.fix)
    yield from page.wrap(first, " " * 6, "fix: ", "remedy")
    for line in rest:
        yield from page.wrap(line, " " * 11) if line[:1].strip() else [(" " * 11 + line).rstrip()]
    if not page.style.verbose:
        return
    yield from page.wrap(sentence(finding.rule.why), " " * 6, "why: ", "quiet")
    for location in finding.related:
        yield f"      {page.paint('quiet', 'see:')} {place(location)}"
    for reference in finding.rule.references:
        yield f"      {page.paint('quiet', 'see:')} {exact(reference)}"


def _remarks(report: Report, page: _Page) -> Iterator[str]:
    """What the scan says of itself: errors always, the rest unless quiet."""
    for item in report.diagnostics:
        if item.level is Level.ERROR or not page.style.quiet:
            yield from _diagnostic(item, page)
    for note in () if page.style.quiet else report.notes:
        yield from page.wrap(sentence(note), "", "note: ", "note")


def _diagnostic(item: Diagnostic, page: _Page) -> Iterator[str]:
    where = f"{place(item.location)}: " if item.location else ""
    yield from page.wrap(where + sentence(item.message), "", f"{item.level.value}: ", item.level.value)
