"""A table of a TOML file as the nodes that the checks read, with the lines on which its keys stand.

``tomllib`` tells no places: keys are looked for in the text, and a value has the place of its key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

from iacscan.core import Span
from iacscan.rules.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence

TomlError = tomllib.TOMLDecodeError
"""What is raised for a text that is not TOML."""

KeyPath = tuple[str, ...]

_PART = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_LINE = re.compile(rf"\s*(?:\[\[\s*(?P<array>{_KEY})\s*\]\]|\[\s*(?P<table>{_KEY})\s*\]|(?P<key>{_KEY})\s*=)")


def read_table(text: str, *names: str) -> Mapping | None:
    """The table ``names`` of the document ``text``, ``None`` where there is none.

    Raises :data:`TomlError`.
    """
    value: Any = tomllib.loads(text)
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        return None
    places: dict[KeyPath, list[Span]] = {}
    for path, span in _keys(text):
        places.setdefault(path, []).append(span)
    found = _node(value, names, places, Span(1, 1, 1, 1))
    return found if isinstance(found, Mapping) else None


def _keys(text: str) -> Iterator[tuple[KeyPath, Span]]:
    """Every key with the table that it is in, and where it stands."""
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if match is None:
            continue
        written = match["array"] or match["table"] or match["key"]
        parts = tuple(part.strip("\"'") for part in re.findall(_PART, written))
        column = line.index(written) + 1
        if match["key"] is None:
            table, parts = parts, ()
        yield table + parts, Span(number, column, number, column + len(written))


def _node(value: Any, path: KeyPath, places: dict[KeyPath, list[Span]], span: Span) -> Node:
    span = places[path][0] if places.get(path) else span
    if isinstance(value, dict):
        inside = {key: _entry(key, item, (*path, key), places, span) for key, item in value.items()}
        return Mapping(inside, span)
    if isinstance(value, list):
        return Sequence(
            tuple(_node(item, path, *_after(places, path, at, span)) for at, item in enumerate(value)), span
        )
    if isinstance(value, bool):
        return Scalar(str(value).lower(), value, True, span)
    if isinstance(value, date):
        return Scalar(value.isoformat(), value.isoformat(), True, span)
    plain = value if isinstance(value, str | int) else str(value)
    return Scalar(str(value), plain, not isinstance(value, str), span)


def _entry(key: str, value: Any, path: KeyPath, places: dict[KeyPath, list[Span]], span: Span) -> Entry:
    node = _node(value, path, places, span)
    return Entry(key, node.span, node)


def _after(
    places: dict[KeyPath, list[Span]], path: KeyPath, at: int, span: Span
) -> tuple[dict[KeyPath, list[Span]], Span]:
    """The places as the item ``at`` of an array of tables sees them: from its own header on."""
    headers = places.get(path, [])
    if len(headers) <= at:
        return places, span
    first = headers[at]
    seen = {key: [each for each in spans if each >= first] for key, spans in places.items()}
    return seen, first
