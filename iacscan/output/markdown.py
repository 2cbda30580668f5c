"""Markdown for a pull request comment and for GitHub's step summary.

A hidden first line lets a script find its earlier comment; each block folds away. Names from the
input stand in code spans, and in sentences nothing of theirs is markup, a mention or an issue link
(https://github.github.com/gfm/). What does not fit into ``style.limit`` bytes is counted at the end.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from iacscan.core import Diagnostic, Level
from iacscan.findings import Finding, Report
from iacscan.output.characters import exact, fenced, inert, lines, sentence
from iacscan.output.instances import (
    Group,
    Problem,
    badness,
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

MARKER = "<!-- iacscan -->"
"""The first line of every report."""

Item = TypeVar("Item")

_SIGNS = {"fail": "❌", "unknown": "❔", "pass": "✅", "suppressed": "🔇"}
_ORDER = tuple(_SIGNS)
_MARKUP = re.compile(r"[\\`*\[\]<&|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^[-+=>]")
_NUMBERED = re.compile(r"^([0-9]+)(?=[.)])")
_LINK = re.compile(r"([@#]|://|www)")
_REMARKS = 20
_EVIDENCE = 10
_LONG = 2_000


def render(report: Report, style: Style = PLAIN) -> str:
    """The summary, errors, then every block, the worst first, then notes; as much of it as fits."""
    counted = ", ".join(f"{count} {word}" for word, count in tally(report.findings).items())
    head = f"{MARKER}\n\n**iacscan: {text(report.summary.line)}**\n" + (f"\n{counted}\n" if counted else "")
    room = style.limit - _size(head) - 200
    errors, room = _remarks(report.errors, room, "errors")
    others = [item for item in report.diagnostics if item.level is not Level.ERROR]
    others += [Diagnostic(Level.NOTE, note) for note in report.notes]
    remarks, room = _remarks(others, room, "notes")
    blocks = sorted(groups(report.findings), key=lambda group: badness(group.problems[0]))
    shown, room = _fit(blocks, partial(_group, style), room, "resources with results")
    body = "\n".join([*errors, *shown, *(["", *remarks] if remarks else [])])
    return f"{head}\n{inert(body)}".rstrip("\n") + "\n"


def _fit(items: Sequence[Item], draw: Callable[[Item], str], room: int, what: str) -> tuple[list[str], int]:
    """As many of ``items`` as fit into ``room`` bytes, a line for the others, and the room that is left."""
    shown: list[str] = []
    for item in items:
        part = draw(item)
        if _size(part) > room:
            return [*shown, f"\n{len(items) - len(shown)} more {what} do not fit here."], 0
        shown.append(part)
        room -= _size(part)
    return shown, room


def _size(part: str) -> int:
    return len(inert(part).encode("utf-8")) + 1


def text(raw: str) -> str:
    """``raw`` as one line of Markdown that shows what it holds: no markup, no mention, no link.

    NOTE: an empty comment is all that stops GitHub from making ``@name`` and ``#1`` links.
    """
    escaped = _MARKUP.sub(lambda found: "&lt;" if found[0] == "<" else f"\\{found[0]}", sentence(raw)[:_LONG])
    return _LINK.sub(r"\1<!-- -->", _NUMBERED.sub(r"\1\\", escaped))


def code(raw: str) -> str:
    """``raw`` as a code span, fenced by more backticks than it holds in a row."""
    shown = exact(raw)[:_LONG]
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _remarks(items: Sequence[Diagnostic], room: int, what: str) -> tuple[list[str], int]:
    """The first of ``items``, so that many of them leave room for findings."""
    shown, room = _fit(items[:_REMARKS], _remark, room, what)
    more = len(items) - _REMARKS
    return [*shown, *([f"- and {more} more {what}"] if more > 0 else [])], room


def _remark(item: Diagnostic) -> str:
    where = f"{code(place(item.location))}: " if item.location else ""
    sign = "⚠️ " if item.level is not Level.NOTE else ""
    return f"- {sign}{item.level.value}: {where}{text(item.message)}"


def _group(style: Style, group: Group) -> str:
    """A block as a fold whose line says what is inside. The blank lines make its inside Markdown."""
    worst = sorted(group.findings, key=lambda item: (_ORDER.index(item.status), -item.rule.severity))
    rules = ", ".join(dict.fromkeys(f"{_SIGNS[item.status]} {exact(item.rule.id)}" for item in worst))
    keys = f" {_keys(group.addresses)}" if len(group.addresses) > 1 else ""
    name = html.escape(exact(group.block)[:_LONG] + keys)
    head = f"\n<details><summary><code>{name}</code> {html.escape(rules)}</summary>\n"
    problems = (line for problem in group.problems for line in _problem(problem, group, style))
    return "\n".join([head, *problems, "\n</details>"])


def _keys(addresses: tuple[str, ...]) -> str:
    return exact(listed(key(address) or address for address in addresses))


def _problem(problem: Problem, group: Group, style: Style) -> Iterator[str]:
    finding = problem.finding
    where = code(place(finding.location)) if finding.location else f"in {code(finding.input)}"
    only = f" · only {code(_keys(problem.addresses))}" if problem.addresses != group.addresses else ""
    age = f" · {since(finding)}" if since(finding) else ""
    severity = finding.rule.severity.label
    yield f"- {_SIGNS[finding.status]} **{finding.status}** · {severity} · {code(finding.rule.id)} · {where}{only}{age}"
    yield f"  {text(short_message(problem))}"
    evidence, more = main_proofs(problem, _EVIDENCE)
    yield from (f"  - {text(proof)}" for proof in evidence)
    if more:
        yield f"  - and {more} more"
    if problem.others:
        yield f"  - also unknown: {text(others(problem))}"
    yield from _remedy(finding)
    if style.verbose and finding.status == "fail":
        yield from _snippet(finding.rule.snippet or "")
        yield f"\n  *Why:* {text(finding.rule.why)}"


def _snippet(written: str) -> Iterator[str]:
    if written:
        yield ""
        yield from (f"  {line[:_LONG]}".rstrip() for line in fenced(written, "terraform"))


def _remedy(finding: Finding) -> Iterator[str]:
    if finding.suppression:
        yield f"\n  *Suppressed:* {text(finding.suppression.reason)}"
    elif finding.status == "fail":
        first, *rest = lines(finding.rule.fix)
        yield f"\n  *Fix:* {text(first)}"
        if rest:
            yield "\n  ~~~text"
            yield from (f"  {line.replace('~~~', '~ ~ ~')[:_LONG]}".rstrip() for line in rest)
            yield "  ~~~"
