"""Who can do what, for programs; ``version`` counts changes that are not additions."""

from __future__ import annotations

import json
from typing import Any

from iacscan.core import Level
from iacscan.output.access_table import COLUMNS, Cell, Row, Table, Tables
from iacscan.output.style import PLAIN, Style

_PUBLIC = {Cell.OPEN: True, Cell.NONE: False, Cell.UNKNOWN: None}


def render(found: Tables, _style: Style = PLAIN) -> str:
    """All tables as one JSON object."""
    document = {
        "version": 1,
        "inputs": list(found.inputs),
        "tables": [_table(table) for table in found.tables],
        "errors": [
            {"path": item.location.path if item.location else None, "message": item.message}
            for item in found.diagnostics
            if item.level is Level.ERROR
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _table(table: Table) -> dict[str, Any]:
    span = table.location.span if table.location else None
    return {
        "resource": {"address": table.address, "kind": table.kind, "name": table.name},
        "account": table.account,
        "public": _PUBLIC[table.public],
        "evidence": list(table.evidence),
        "access": [_row(row) for row in table.rows],
        "notes": list(table.notes),
        "location": {"path": table.location.path, "line": span.start_line if span else None}
        if table.location
        else None,
        "input": table.input,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "who": row.who,
        "name": row.name,
        "through": row.through,
        "conditions": list(row.conditions),
        **{name.replace(" ", "_"): cell.value for name, cell in zip(COLUMNS, row.cells, strict=True)},
        "remarks": list(row.remarks),
        "example": dict(row.example) if row.example is not None else None,
    }
