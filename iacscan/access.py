"""Who can do what: inputs become buckets, and buckets become the tables that ``iacscan access`` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from iacscan import model
from iacscan.core import Diagnostic, Level, Ternary, Unknown
from iacscan.inputs import load
from iacscan.inputs.configuration import Configuration
from iacscan.model.reach import Doors, Reach
from iacscan.model.subject import Subject
from iacscan.output.access_table import COLUMNS, Cell, Row, Table, Tables

PUBLIC_TAG = "Public"
_NOT_PUBLIC = ("false", "no", "0", "")
_WITHHELD = "(marked sensitive)"
_ORDER = ("anyone on the internet", "any AWS account", "not known")


class NoBucketError(ValueError):
    """No bucket of the input is called so: one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Target:
    """One bucket of an input, for the questions of ``iacscan simulate``."""

    subject: Subject
    doors: Doors


def tables(paths: Sequence[str | Path] = (".",), bucket: str | None = None) -> Tables:
    """The table of every bucket and access point in ``paths``, or of the one called ``bucket``.

    Raises :class:`NoBucketError` where ``bucket`` (an address or a name) is none of them.
    """
    configurations, remarks = load([str(path) for path in paths])
    found = [
        (configuration, subject)
        for configuration in configurations
        for subject in model.build(configuration, ("bucket", "access-point")).subjects
    ]
    if bucket is not None:
        found = [found[index] for index in _called(bucket, [subject for _, subject in found])]
    remarks = (*remarks, *(item for configuration in configurations for item in configuration.diagnostics))
    return Tables(
        tuple(_table(configuration, subject) for configuration, subject in found),
        tuple(configuration.path for configuration in configurations),
        tuple(dict.fromkeys(remarks)),
    )


def find(path: str | Path, bucket: str) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    """The bucket called ``bucket`` (an address or a name) in the input at ``path``, and errors of reading it.

    Raises :class:`NoBucketError` where the input was read and has no such bucket.
    """
    configurations, remarks = load([str(path)])
    errors = tuple(
        item
        for item in (*remarks, *(item for one in configurations for item in one.diagnostics))
        if item.level is Level.ERROR
    )
    if not configurations:
        return None, errors
    subjects = [subject for one in configurations for subject in model.build(one).subjects]
    subject = subjects[_called(bucket, subjects)[0]]
    reach = subject.facts["reach"]
    assert isinstance(reach, Reach)
    return Target(subject, reach.doors), errors


def _called(bucket: str, subjects: Sequence[Subject]) -> list[int]:
    chosen = [index for index, item in enumerate(subjects) if bucket in (item.address, item.facts["name"])]
    if chosen:
        return chosen
    known = [subject.address for subject in subjects if subject.kind == "bucket"]
    near = get_close_matches(bucket, known, n=3) or known[:5]
    hint = f"; there is {', '.join(near)}" if near else "; there is no bucket at all"
    raise NoBucketError(f"no bucket is called {bucket!r}{hint}")


def _table(configuration: Configuration, subject: Subject) -> Table:
    clean = _cleaner(configuration.secrets)
    reach = subject.facts["reach"]
    hidden = _hidden(configuration, subject)
    location = next((place for origin in subject.origins[""] for place in configuration.locate(origin)), None)
    name = subject.facts["name"]
    evidence = [item.text for item in subject.evidence.get("reach", ())]
    return Table(
        subject.address,
        "access point" if subject.kind == "access-point" else "bucket",
        clean(name) if isinstance(name, str) else None,
        _cell(reach["public"]),
        tuple(_rows(reach["ways"], hidden, clean)),
        () if hidden else tuple(map(clean, dict.fromkeys(evidence))),
        tuple(_notes(subject)),
        reach.doors.account,
        location,
        configuration.path,
    )


def _cell(value: Ternary) -> Cell:
    return Cell.UNKNOWN if isinstance(value, Unknown) else Cell.OPEN if value else Cell.NONE


def _rows(ways: Iterable[Mapping[str, Any]], hidden: Mapping[str, bool], clean: Callable[[str], str]) -> list[Row]:
    """Ways with the same caller, source and conditions are one row."""
    grouped: dict[tuple[str, str, str, tuple[str, ...]], dict[str, Mapping[str, Any]]] = {}
    for way in ways:
        secret = hidden.get(way["through"], False)
        name = _WITHHELD if secret else clean(way["name"])
        conditions = (_WITHHELD,) if secret and way["conditions"] else tuple(map(clean, way["conditions"]))
        through = {"policy": "policy: ", "acl": "ACL: "}[way["through"]] + (_WITHHELD if secret else way["source"])
        cells = grouped.setdefault((way["who"], name, clean(through), conditions), {})
        known = cells.get(way["access"])
        cells[way["access"]] = way if known is None else max(known, way, key=_weight)
    rows = [
        Row(who, name, through, tuple(_way_cell(cells.get(column)) for column in COLUMNS), conditions, _remarks(cells))
        for (who, name, through, conditions), cells in grouped.items()
    ]
    return sorted(rows, key=lambda row: _ORDER.index(row.who) if row.who in _ORDER else len(_ORDER))


def _weight(way: Mapping[str, Any]) -> int:
    return (Cell.NONE, Cell.BLOCKED, Cell.UNKNOWN, Cell.OPEN).index(_way_cell(way))


def _way_cell(way: Mapping[str, Any] | None) -> Cell:
    if way is None:
        return Cell.NONE
    if isinstance(way["open"], Unknown):
        return Cell.UNKNOWN
    return Cell.OPEN if way["open"] else Cell.BLOCKED


def _remarks(cells: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for way in cells.values():
        if _way_cell(way) is Cell.BLOCKED:
            found[f"blocked by {way['blocked_by']}"] = None
        elif isinstance(way["open"], Unknown):
            found[f"depends on {way['open']}"] = None
    return tuple(found)


def _hidden(configuration: Configuration, subject: Subject) -> dict[str, bool]:
    """Which parts were read from attributes that are marked sensitive, so that nothing of them may be shown."""
    places = {origin for slot in ("policy", "acl") for origin in subject.origins.get(slot, ())}
    marked = {item.address: item for item in configuration.resources if item.sensitive}
    secret = {place for place in places if place.address in marked and marked[place.address].is_sensitive(place.path)}
    return {slot: True for slot in ("policy", "acl") if secret.intersection(subject.origins.get(slot, ()))}


def _notes(subject: Subject) -> Iterable[str]:
    facts = subject.facts
    if subject.kind == "bucket":
        tag = facts["tags"].get(PUBLIC_TAG) if isinstance(facts["tags"], Mapping) else None
        if isinstance(tag, str) and tag.lower() not in _NOT_PUBLIC and facts["reach"]["public"] is False:
            yield f"it is tagged {PUBLIC_TAG}, and strangers do not reach it: the tag or the block can go"
        if not facts["managed"]:
            yield "the input only names it: what else is attached to it is not seen"
        if facts["reach"].doors.account is None and facts["policy"]["accounts"]:
            yield "its own account is not known: one of the accounts named may be that"


def _cleaner(secrets: Iterable[str]) -> Callable[[str], str]:
    ordered = sorted((text for text in secrets if text), key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "(sensitive value)")
        return text

    return clean
