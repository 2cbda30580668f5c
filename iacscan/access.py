"""Who can do what: inputs become buckets, and buckets become the tables that ``iacscan access`` shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from iacscan import model
from iacscan.core import Diagnostic, Level, Ternary, Unknown
from iacscan.inputs import Loaded, load
from iacscan.inputs.configuration import Configuration
from iacscan.inputs.options import SourceOptions
from iacscan.model.reach import DELEGATED, Doors, Reach
from iacscan.model.subject import Subject
from iacscan.output.access_table import COLUMNS, Cell, Row, Table, Tables
from iacscan.scanning import Options

PUBLIC_TAG = "Public"
_NOT_PUBLIC = ("false", "no", "0", "")
_WITHHELD = "(marked sensitive)"
_OWN = " (its own account)"
_THROUGH = {"policy": "policy: ", "acl": "ACL: ", "access point": ""}
_ORDER = ("anyone on the internet", "any AWS account", "not known")


class NoBucketError(ValueError):
    """No bucket of the input is called so: one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Target:
    """One bucket of an input, for the questions of ``iacscan simulate``.

    ``hidden``: its policy is marked sensitive, so that nothing of it may be shown; ``clean`` takes
    sensitive values out of a text.
    """

    subject: Subject
    doors: Doors
    hidden: bool = False
    clean: Callable[[str], str] = str


def tables(paths: Sequence[str | Path] = (".",), bucket: str | None = None, options: Options | None = None) -> Tables:
    """The table of every bucket and access point in ``paths``, or of the one called ``bucket``.

    Of ``options`` what says how to read source counts. Raises :class:`NoBucketError` where ``bucket``
    (an address or a name) is none of them.
    """
    configurations, remarks = _load(paths, options)
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


def find(path: str | Path, bucket: str, options: Options | None = None) -> tuple[Target | None, tuple[Diagnostic, ...]]:
    """The bucket called ``bucket`` (an address or a name) in the input at ``path``, and errors of reading it.

    Raises :class:`NoBucketError` where the input was read and has no such bucket.
    """
    configurations, remarks = _load([path], options)
    errors = tuple(
        item
        for item in (*remarks, *(item for one in configurations for item in one.diagnostics))
        if item.level is Level.ERROR
    )
    if not configurations:
        return None, errors
    found = [(one, subject) for one in configurations for subject in model.build(one).subjects]
    configuration, subject = found[_called(bucket, [item for _, item in found])[0]]
    reach = subject.facts["reach"]
    assert isinstance(reach, Reach)
    hidden = _hidden(configuration, subject).get("policy", False)
    return Target(subject, reach.doors, hidden, _cleaner(configuration.secrets)), errors


def _load(paths: Sequence[str | Path], options: Options | None) -> Loaded:
    chosen = options or Options()
    given = SourceOptions(chosen.variables, chosen.var_files, chosen.workspace, chosen.environment)
    return load([str(path) for path in paths], given, chosen.source)


def _called(bucket: str, subjects: Sequence[Subject]) -> list[int]:
    chosen = [index for index, item in enumerate(subjects) if bucket in (item.address, item.facts["name"])]
    if chosen:
        return chosen
    known = [subject.address for subject in subjects if subject.kind == "bucket"]
    names = [str(subject.facts["name"]) for subject in subjects]
    near = get_close_matches(bucket, [*known, *names], n=3) or known[:5]
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
        tuple(_rows(reach["ways"], hidden, clean, reach.doors.account)),
        () if hidden else tuple(map(clean, dict.fromkeys(evidence))),
        tuple(_notes(subject, hidden, clean)),
        reach.doors.account,
        location,
        configuration.path,
    )


def _cell(value: Ternary) -> Cell:
    return Cell.UNKNOWN if isinstance(value, Unknown) else Cell.OPEN if value else Cell.NONE


def _rows(
    ways: Iterable[Mapping[str, Any]], hidden: Mapping[str, bool], clean: Callable[[str], str], own: str | None
) -> list[Row]:
    """Ways with the same caller, source and conditions are one row."""
    grouped: dict[tuple[str, str, str, tuple[str, ...]], dict[str, Mapping[str, Any]]] = {}
    for way in ways:
        secret = hidden.get(way["through"], False)
        name = _WITHHELD if secret else clean(way["name"]) + (_OWN if _is_of(way["name"], own) else "")
        conditions = (_WITHHELD,) if secret and way["conditions"] else tuple(map(clean, way["conditions"]))
        through = _THROUGH[way["through"]] + (_WITHHELD if secret else way["source"])
        cells = grouped.setdefault((way["who"], name, clean(through), conditions), {})
        known = cells.get(way["access"])
        cells[way["access"]] = way if known is None else max(known, way, key=_weight)
    rows = [
        Row(
            who,
            name,
            through,
            tuple(_way_cell(cells.get(column)) for column in COLUMNS),
            conditions,
            _remarks(cells),
            None if _WITHHELD in through else _example(cells, clean),
        )
        for (who, name, through, conditions), cells in grouped.items()
    ]
    return sorted(rows, key=lambda row: _ORDER.index(row.who) if row.who in _ORDER else len(_ORDER))


def _example(cells: Mapping[str, Mapping[str, Any]], clean: Callable[[str], str]) -> dict[str, Any] | None:
    """A request that the first open cell lets in; none where that would show what is sensitive."""
    open_ = (way["example"] for way in cells.values() if way["open"] is True and way["example"] is not None)
    found = next(open_, None)
    return found if found is not None and clean(str(found)) == str(found) else None


def _is_of(name: str, account: str | None) -> bool:
    return account is not None and (name == account or f"::{account}:" in name)


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
            found[f"?: {way['open']}"] = None
    return tuple(found)


def _hidden(configuration: Configuration, subject: Subject) -> dict[str, bool]:
    """Which parts were read from attributes that are marked sensitive, so that nothing of them may be shown."""
    doors = subject.facts["reach"].doors
    by_slot = {slot: subject.origins.get(slot, ()) for slot in ("policy", "acl")} | {"access point": doors.places}
    places = {origin for origins in by_slot.values() for origin in origins}
    marked = {item.address: item for item in configuration.resources if item.sensitive}
    secret = {place for place in places if place.address in marked and marked[place.address].is_sensitive(place.path)}
    return {slot: True for slot, origins in by_slot.items() if secret.intersection(origins)}


def _notes(subject: Subject, hidden: Mapping[str, bool], clean: Callable[[str], str]) -> Iterable[str]:
    """What the rows do not show: tags, what is not seen, and conditions that do not do what they seem to."""
    facts = subject.facts
    if subject.kind == "bucket":
        tag = facts["tags"].get(PUBLIC_TAG) if isinstance(facts["tags"], Mapping) else None
        if isinstance(tag, str) and tag.lower() not in _NOT_PUBLIC and facts["reach"]["public"] is False:
            yield f"it is tagged {PUBLIC_TAG}, and strangers do not reach it: the tag or the block can go"
        if not facts["managed"]:
            yield "the input only names it: what else is attached to it is not seen"
        if facts["reach"].doors.account is None and facts["policy"]["accounts"]:
            yield "its own account is not known: one of the accounts named may be that"
        if any(way["who"] == DELEGATED for way in facts["reach"]["ways"]):
            yield "it delegates to access points: those that are not in the input say by themselves who gets in"
        if facts["policy"]["valid"] is False and not hidden.get("policy"):
            yield clean(f"AWS would refuse its policy: {facts['policy']['problem']}")
        for fact in ("source_ip_ineffective", "mfa_ineffective"):
            if facts["policy"][fact] is True and not hidden.get("policy"):
                yield from (clean(item.text) for item in subject.evidence.get(f"policy.{fact}", ()))


def _cleaner(secrets: Iterable[str]) -> Callable[[str], str]:
    ordered = sorted((text for text in secrets if text), key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in ordered:
            text = text.replace(secret, "(sensitive value)")
        return text

    return clean
