"""Who can do what as one page to hand round: a table for each bucket, without scripts and without fetching."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from iacscan.core import Level
from iacscan.output.access_table import COLUMNS, PUBLIC, Cell, Row, Table, Tables
from iacscan.output.access_text import LEGEND
from iacscan.output.characters import exact
from iacscan.output.html_style import html_code, html_text, page
from iacscan.output.places import place
from iacscan.output.style import PLAIN, Style

_WORDS = {Cell.OPEN: "yes", Cell.BLOCKED: "blocked", Cell.UNKNOWN: "?", Cell.NONE: "–"}
_CLASSES = {Cell.OPEN: "fail", Cell.BLOCKED: "pass", Cell.UNKNOWN: "unknown", Cell.NONE: "none"}
_TABLES = 1_000
_DRAWN = 12
"""How many callers a picture shows; the table below it has them all."""
_WIDE = 44
"""Characters of a caller that a picture has room for."""


def render(found: Tables, style: Style = PLAIN) -> str:
    """All tables as an HTML page."""
    body = [
        "<h1>Who can do what</h1>",
        *(f"<p><b>error</b>: {html_text(item.message)}</p>" for item in found.diagnostics if item.level is Level.ERROR),
        *sections(found.tables),
        f"<footer>{html_text(', '.join(found.inputs[:20]))} · iacscan {escape(style.version)}</footer>",
    ]
    return page(f"iacscan access: {len(found.tables)} tables", body)


def sections(tables: Sequence[Table]) -> Iterator[str]:
    """A section for each of ``tables``, and what the cells mean."""
    for table in tables[:_TABLES]:
        yield from _table(table)
    if len(tables) > _TABLES:
        yield f"<p>{len(tables) - _TABLES} more tables are left out of this page.</p>"
    yield f'<p class="legend">{html_text(LEGEND)}</p>'


def _table(table: Table) -> Iterator[str]:
    name = f" <small>{html_text(table.name)}</small>" if table.name else ""
    yield f"<section><h2>{html_code(table.address)}{name}</h2>"
    where = f" · {html_code(place(table.location))}" if table.location else ""
    yield f'<p><span class="{_CLASSES[table.public]}"><b>{PUBLIC[table.public]}</b></span>{where}</p>'
    if table.rows:
        yield from _picture(table)
        heads = "".join(f"<th>{head}</th>" for head in COLUMNS)
        yield f'<div class="scroll"><table><thead><tr><th>Who</th>{heads}<th>Through</th></tr></thead><tbody>'
        yield from map(_row, table.rows)
        yield "</tbody></table></div>"
    else:
        yield "<p>Nobody outside its own account is let in.</p>"
    said = (*table.notes, *(table.evidence if table.public is Cell.UNKNOWN else ()))
    if said:
        yield "<ul>" + "".join(f"<li>{html_text(text)}</li>" for text in said) + "</ul>"
    yield "</section>"


def _picture(table: Table) -> Iterator[str]:
    """Who on the left, what on the right, a line for each way: whole where open, broken where blocked or unknown."""
    rows = table.rows[:_DRAWN]
    height = 30 * max(len(rows), len(COLUMNS)) + 10
    yield f'<svg viewBox="0 0 600 {height}" role="img" aria-label="Who can do what">'
    for index, row in enumerate(rows):
        who = exact(_who(row))
        shown = who if len(who) <= _WIDE else who[: _WIDE - 1] + "…"
        yield f'<text class="who" x="312" y="{30 * index + 25}">{escape(shown)}</text>'
        for column, cell in enumerate(row.cells):
            if cell is not Cell.NONE:
                ends = f'x1="320" y1="{30 * index + 20}" x2="445" y2="{30 * column + 20}"'
                yield f'<line class="{_CLASSES[cell]}" {ends}/>'
    yield from (f'<text x="455" y="{30 * index + 25}">{escape(head)}</text>' for index, head in enumerate(COLUMNS))
    yield "</svg>"


def _who(row: Row) -> str:
    return row.who if row.name in (row.who, "everyone") else f"{row.who}: {row.name}"


def _row(row: Row) -> str:
    cells = "".join(f'<td class="{_CLASSES[cell]}">{_WORDS[cell]}</td>' for cell in row.cells)
    through = "<br>".join(html_text(text) for text in (row.through, *row.conditions, *row.remarks))
    return f'<tr><th>{html_text(_who(row))}</th>{cells}<td class="through">{through}</td></tr>'
