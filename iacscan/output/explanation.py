"""A rule explained to a person: what ``iacscan explain`` prints, which is the page of the rule as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from iacscan.output.rule_page import Addresses, Code, Part, Prose, Rows, RulePage

_NARROWEST = 20


def explain(page: RulePage, width: int = 100, here: str = "") -> str:
    """The ``page``, its sentences wrapped at ``width``; code is left as it is.

    ``here`` is what the project's settings make of the rule, where there are any.
    """
    parts = [f"{page.id}: {page.title}", "\n".join(_rows(page.facts, width))]
    if here:
        parts.append("\n".join(["In this project:", *_wrapped(here, "  ", width)]))
    for section in page.sections:
        shown = ["\n".join(_lines(part, width)) for part in section.parts]
        parts.append(f"{section.title}:\n" + "\n\n".join(shown))
    return "\n\n".join(parts) + "\n"


def _lines(part: Part, width: int) -> Iterator[str]:
    match part:
        case Prose(text, more):
            yield from _wrapped(text + (f" ({more[0]}: docs/{more[1]})" if more else ""), "  ", width)
        case Code(text):
            yield textwrap.indent(text, "    ")
        case Rows():
            yield from _rows(part, width)
        case Addresses(items):
            yield from (f"  {item}" for item in items)


def _rows(table: Rows, width: int) -> Iterator[str]:
    shown = [table.head, *table.rows] if any(table.head) else table.rows
    rows = [(name.replace("`", ""), value.replace("`", "")) for name, value in shown]
    margin = max(len(name) for name, _ in rows) + 4
    for name, value in rows:
        first, *rest = _wrapped(value, " " * margin, width)
        yield f"  {name:<{margin - 2}}{first[margin:]}"
        yield from rest


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    room = max(width - len(indent), _NARROWEST)
    words = " ".join(text.split())
    found = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False)
    return [indent + line for line in found or [""]]
