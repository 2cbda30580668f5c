"""The report for people: by file and bucket, each mistake with its cause, place and remedy.

Colours come from rich's styles alone: nothing here interprets markup, so ``[each.key]`` and ``:key:``
reach the screen as they are. The last line is the summary, and no other line counts failures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from iacscan.core import Diagnostic, Level, Severity, Verdict
from iacscan.findings import Finding, Report
from iacscan.output.characters import exact, inert, lines, sentence
from iacscan.output.instances import (
    Group,
    Problem,
    block,
    groups,
    key,
    listed,
    main_proofs,
    others,
    short_message,
    since,
    tally,
)
from iacscan.output.places import place
from iacscan.output.style import PLAIN, Style
from iacscan.rules.rule import Rule

_EVIDENCE = 4
"""How many sentences of evidence a problem shows without ``-v``."""

_WARNINGS = 10
_PLACED_NOTES = 10
_NOTES = 3
"""How many warnings, notes on a line and notes on whole directories are shown without ``-v``."""

_FEW = 5
"""Up to so many failures are not counted by severity."""

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
    summary = page.paint(_mood(report), sentence(report.summary.line))
    counts = _counts(report)
    return (inert(body) + "\n\n" if body else "") + (f"{counts}\n" if counts else "") + summary + "\n"


def _counts(report: Report) -> str:
    """How many there are of each severity; empty for a handful, which one look takes in."""
    counted = {word: count for word, count in tally(report.findings).items() if word != Verdict.UNKNOWN.value}
    return ", ".join(f"{count} {word}" for word, count in counted.items()) if sum(counted.values()) > _FEW else ""


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


def _mood(report: Report) -> str:
    if report.summary.failures or report.errors:
        return "fail"
    return "unknown" if report.summary.unknown else "pass"


def _findings(report: Report, page: _Page) -> Iterator[str]:
    """Every finding under its file and block; a file is named once while its blocks follow, a remedy once."""
    heading = ""
    mended: set[str] = set()
    for group in groups(report.findings):
        file = _file(group.findings[0], len(report.inputs) > 1)
        if file != heading:
            yield from ([""] if heading else [])
            yield page.paint("file", file)
            heading = file
        yield ""
        yield from _group(group, page, mended)


def _file(finding: Finding, many_inputs: bool) -> str:
    if finding.location is None:
        return exact(finding.input)
    path, root = finding.location.path, finding.input.rstrip("/")
    inside = not path.startswith(("../", "/")) if root == "." else path == root or path.startswith(f"{root}/")
    return exact(path) if inside or not many_inputs else f"{exact(path)} ({exact(finding.input)})"


def _group(group: Group, page: _Page, mended: set[str]) -> Iterator[str]:
    """One block: its address, its instances, what happens to it, then its problems.

    ``mended`` are the rules whose remedy the report has shown already.
    """
    title = page.paint("address", exact(group.block))
    if len(group.addresses) > 1:
        title += f" {_keys(group.addresses)}"
    changes = ", ".join(dict.fromkeys(finding.change for finding in group.findings if finding.change))
    yield f"  {title}" + (page.paint("quiet", f"  {exact(changes)}") if changes else "")
    for problem in group.problems:
        yield from _problem(problem, group, page)
        rule = problem.finding.rule
        if problem.finding.counts and not page.style.quiet and rule.id not in mended:
            mended.add(rule.id)
            yield from _remedy(rule, page)


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
    if finding.counts and page.style.verbose:
        yield from (f"      {page.paint('quiet', 'see:')} {place(location)}" for location in finding.related)
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


def _remedy(rule: Rule, page: _Page) -> Iterator[str]:
    """How to mend it; with ``-v`` also what to paste, why it matters and what to read."""
    first, *rest = lines(rule.fix)
    yield from page.wrap(first, " " * 6, "fix: ", "remedy")
    for line in rest:
        yield from page.wrap(line, " " * 11) if line[:1].strip() else [(" " * 11 + line).rstrip()]
    if not page.style.verbose:
        return
    if rule.snippet:
        yield from ("", *(f"{' ' * 11}{line}".rstrip() for line in lines(rule.snippet)), "")
    yield from page.wrap(sentence(rule.why), " " * 6, "why: ", "quiet")
    for reference in rule.references:
        yield f"      {page.paint('quiet', 'see:')} {exact(reference)}"


def _remarks(report: Report, page: _Page) -> Iterator[str]:
    """What the scan says of itself: errors always, the rest unless quiet, and not without end unless verbose."""
    if not page.style.errors_said:
        yield from (line for item in report.errors for line in _diagnostic(item, page))
    if page.style.quiet:
        return
    warnings = [item for item in report.diagnostics if item.level is Level.WARNING]
    notes = [item for item in report.diagnostics if item.level is Level.NOTE]
    placed = [item for item in notes if item.location and item.location.span]
    general = [item for item in notes if not (item.location and item.location.span)]
    yield from _some(warnings, _WARNINGS, page)
    yield from _some(placed, _PLACED_NOTES, page)
    yield from _some(general, _NOTES, page)
    for note in (*report.notes, *_shown_once(report)):
        yield from page.wrap(sentence(note), "", "note: ", "note")


def _shown_once(report: Report) -> Iterator[str]:
    """Where to find a remedy that is not shown a second time."""
    failing = {(item.rule.id, item.input, block(item.address)) for item in report.findings if item.counts}
    if len(failing) > len({rule for rule, _, _ in failing}):
        yield "a fix is shown where its rule first fails; `iacscan explain RULE` shows it again"


def _some(items: Sequence[Diagnostic], most: int, page: _Page) -> Iterator[str]:
    """The first ``most`` of ``items``, all alike in level, and how many more there are."""
    shown = items if page.style.verbose else items[:most]
    yield from (line for item in shown for line in _diagnostic(item, page))
    if len(items) > len(shown):
        level = items[0].level.value
        more = f"{len(items) - len(shown)} more {level}s (-v shows all)"
        yield from page.wrap(more, "", f"{level}: ", level)


def _diagnostic(item: Diagnostic, page: _Page) -> Iterator[str]:
    shown = place(item.location) if item.location else "."
    where = "" if shown == "." else f"{shown}: "
    yield from page.wrap(where + sentence(item.message), "", f"{item.level.value}: ", item.level.value)
