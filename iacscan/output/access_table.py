"""The table of who can do what to a bucket, as the outputs of ``iacscan access`` see it: texts and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from iacscan.core import Diagnostic, Location


class Cell(StrEnum):
    """Whether somebody may do something: by a grant that nothing stops, not at all, or it cannot be told."""

    OPEN = "open"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    NONE = "none"


COLUMNS = ("list", "read", "write", "delete", "change permissions")
"""What somebody may do, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of caller and what it may do through one statement or grant.

    ``cells`` has one cell for each of :data:`COLUMNS`. ``conditions`` must hold, ``remarks`` say what
    blocks a cell or what an unknown one waits for. ``example`` is a request that gets in.
    """

    who: str
    name: str
    through: str
    cells: tuple[Cell, ...]
    conditions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    example: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One bucket or access point: who can do what to it.

    ``public`` says whether strangers get in, with the sentences that decide in ``evidence``; ``name``
    is None where AWS chooses it. ``notes`` are remarks on the whole.
    """

    address: str
    kind: str
    name: str | None
    public: Cell
    rows: tuple[Row, ...] = ()
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    account: str | None = None
    location: Location | None = None
    input: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of the inputs, and what is to be said of reading them."""

    tables: tuple[Table, ...]
    inputs: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


PUBLIC = {
    Cell.OPEN: "reachable by strangers",
    Cell.NONE: "not reachable by strangers",
    Cell.UNKNOWN: "not known whether strangers reach it",
}
"""What ``Table.public`` says, in words."""
