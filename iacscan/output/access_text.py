"""Who can do what, for people: a table for each bucket, with what a grant asks for below its row."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from iacscan.core import Level
from iacscan.output.access_table import COLUMNS, PUBLIC, Cell, Row, Table, Tables
from iacscan.output.characters import exact, inert, sentence
from iacscan.output.places import place
from iacscan.output.style import PLAIN, Style
from iacscan.output.text import painter

_WORDS = {Cell.OPEN: "yes", Cell.BLOCKED: "blocked", Cell.UNKNOWN: "?", Cell.NONE: "-"}
_ROLES = {Cell.OPEN: "fail", Cell.BLOCKED: "pass", Cell.UNKNOWN: "unknown", Cell.NONE: "quiet"}
_HEADS = (*COLUMNS[:-1], "permissions")
_WIDTH = 8
_LONGEST = 44
_INDENT = "      "

LEGEND = (
    "yes: granted, and nothing here stops it (other policies may); blocked: granted, and stopped; ?: not known before"
    " apply. Users and roles of the bucket's own account need no grant here: their own policies can let them in."
)


def render(found: Tables, style: Style = PLAIN) -> str:
    """All tables as text, then what could not be read."""
    lines: list[str] = []
    for table in found.tables:
        lines += [*_table(table, style), ""]
    if not found.tables:
        lines += ["no buckets and no access points", ""]
    elif any(table.rows for table in found.tables):
        lines += _wrapped(LEGEND, "", style)
    for item in found.diagnostics:
        if item.level is not Level.ERROR:
            where = f"{place(item.location)}: " if item.location else ""
            lines += _wrapped(f"{item.level.value}: {where}{item.message}", "", style)
    return inert("\n".join(lines).rstrip("\n")) + "\n"


def _table(table: Table, style: Style) -> Iterator[str]:
    name = f"  {exact(table.name)}" if table.name else ""
    where = f"  {place(table.location)}" if table.location else ""
    colour = painter(style.color)
    yield f"{colour('address', exact(table.address))}{name}{colour('quiet', where)}"
    yield f"  {colour(_ROLES[table.public], PUBLIC[table.public])}"
    if table.rows:
        room = max(*(_room(row) for row in table.rows), 3)
        heads = "".join(f"{head:<{_WIDTH}}" for head in _HEADS)
        yield "  " + colour("quiet", f"{'':<{room}}  {heads}".rstrip())
        for row in table.rows:
            yield from _row(row, room, style)
    else:
        yield "  nobody outside its own account is let in"
    for note in table.notes:
        yield from _wrapped(f"note: {note}", "  ", style)
    explained = any(Cell.UNKNOWN in row.cells and row.remarks for row in table.rows)
    if style.verbose or (table.public is Cell.UNKNOWN and not explained):
        for text in table.evidence:
            yield from _wrapped(f"- {text}", "  ", style)


def _caller(row: Row) -> str:
    return sentence(row.who if row.name in (row.who, "everyone") else f"{row.who}: {row.name}")


def _room(row: Row) -> int:
    """The characters that a caller takes; one that is too long for the column has a line to itself."""
    length = len(_caller(row))
    return length if length <= _LONGEST else 0


def _row(row: Row, room: int, style: Style) -> Iterator[str]:
    colour = painter(style.color)
    cells = "".join(colour(_ROLES[cell], f"{_WORDS[cell]:<{_WIDTH}}") for cell in row.cells)
    who = _caller(row)
    if len(who) > room:
        yield f"  {who}"
        who = ""
    yield f"  {who:<{room}}  {cells}".rstrip()
    for text in (row.through, *row.conditions, *row.remarks):
        yield from _wrapped(text, _INDENT, style)


def _wrapped(text: str, indent: str, style: Style) -> list[str]:
    plain = sentence(text)
    if style.width <= 0:
        return [indent + plain]
    room = max(style.width, len(indent) + 20)
    return textwrap.wrap(
        plain,
        room,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
