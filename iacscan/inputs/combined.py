"""A plan together with the source that it was made from.

The plan is right about everything that it knows. The source fills in what the plan leaves unknown
(the text round an ARN, a policy written with ``jsonencode``) and says where things are written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from iacscan.aws.policies.jsontext import NotJsonError, decode_value
from iacscan.core import (
    Diagnostic,
    Encoded,
    Level,
    Location,
    Origin,
    PathStep,
    Reference,
    Template,
    Unknown,
    Value,
    join_text,
    unknowns,
)
from iacscan.inputs.addresses import block_of
from iacscan.inputs.configuration import Change, Configuration, Resource

_GONE = (Change.DELETED, Change.FORGOTTEN)
_COMPUTED = Unknown()
"""What nobody wrote: it waits for nothing but the provider."""

_MAX_SET = 32
"""Longer lists are not searched for what belongs together: that takes the square of time."""


def belongs(plan: Configuration, source: Configuration) -> bool:
    """Whether ``source`` looks like what ``plan`` was made from: it has every block of the plan's root module."""
    if any(item.level is Level.ERROR for item in source.diagnostics):
        return False
    written = {block_of(resource.address) for resource in source.resources}
    planned = {
        block_of(resource.address)
        for resource in plan.resources
        if not resource.module and resource.change not in _GONE
    }
    return bool(planned) and planned <= written


def combine(plan: Configuration, source: Configuration, said: bool = False) -> Configuration:
    """``plan`` with the holes that ``source`` fills, and with places in its text.

    ``said`` means that the user named the source: then a source that contradicts the plan is a warning.
    """
    written = {resource.address: resource for resource in source.resources}
    known = _Known({resource.address: resource for resource in plan.resources})
    resources = tuple(_filled(resource, written.get(resource.address), known) for resource in plan.resources)
    stand_ins = {block_of(address): address for address in reversed(written)}
    places = _Places(source, stand_ins, {resource.address: resource for resource in resources}, written)
    diagnostics = plan.diagnostics
    if said:
        diagnostics = (*diagnostics, *_complaints(plan, source, written))
    providers = {**plan.providers, **source.providers}  # the source knows variables and dynamic blocks
    before = plan.before and replace(plan.before, locate=places.locate, providers=providers)
    return replace(
        plan,
        resources=resources,
        locate=places.locate,
        diagnostics=diagnostics,
        before=before,
        comments=source.comments,
        providers=providers,
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the blocks of a plan are written; instances that the source does not know share their block's place."""

    source: Configuration
    instances: Mapping[str, str]
    planned: Mapping[str, Resource]
    written: Mapping[str, Resource]

    def locate(self, origin: Origin) -> tuple[Location, ...]:
        found = self.source.locate(Origin(origin.address, self._sure(origin, origin.address)))
        stand_in = None if found else self.instances.get(block_of(origin.address))
        return found if stand_in is None else self.source.locate(Origin(stand_in, self._sure(origin, stand_in)))

    def _sure(self, origin: Origin, address: str) -> tuple[PathStep, ...]:
        """The path of ``origin``; only the argument where the source may have the statements in another order."""
        match origin.path:
            case (str(name), "Statement", int(index), *_):
                found = (self.planned.get(origin.address), self.written.get(address))
                planned, written = (each and _statement(each.values.get(name), index) for each in found)
                return origin.path if planned and written and _compatible(planned, written) else (name,)
        return origin.path


def _statement(document: Value, index: int) -> dict[str, Value] | None:
    """A statement of a policy document, where it can be told."""
    try:
        decoded = decode_value(document)
    except NotJsonError:
        return None
    value = None if isinstance(decoded, Unknown) else decoded.value
    listed = value.get("Statement") if isinstance(value, dict) else None
    statements = listed if isinstance(listed, list) else [listed]
    found = statements[index] if index < len(statements) else None
    return found if isinstance(found, dict) else None


def _filled(resource: Resource, written: Resource | None, known: _Known) -> Resource:
    if written is None or resource.change in _GONE:
        return resource
    values = {
        name: _fill(value, known.resolve(written.values[name])) if name in written.values else value
        for name, value in resource.values.items()
    }
    references = {**written.references, **resource.references}
    return replace(resource, values=values, references=references, declared=_declared(resource, written))


def _declared(resource: Resource, written: Resource) -> frozenset[str] | None:
    """What the plan says is written, and the dynamic blocks that wait for the apply: it does not record those."""
    if resource.declared is None:
        return None
    late = {name for name, value in written.values.items() if isinstance(value, Unknown) and value.references}
    return resource.declared | (late & resource.values.keys() & (written.declared or frozenset()))


def _fill(planned: Value, written: Value) -> Value:
    """``planned`` with what it does not know taken from ``written``, which describes the same value.

    Between two equal doubts the source counts: the plan names what an expression refers to, and not
    its index nor the text around it.
    """
    if next(unknowns(planned), None) is None:
        return planned
    if written is None or written == _COMPUTED:
        return _COMPUTED if isinstance(planned, Unknown) else planned
    if isinstance(planned, dict) and isinstance(written, dict):
        return {key: _fill(item, written.get(key)) for key, item in planned.items()}
    if isinstance(planned, list) and isinstance(written, list):
        partners = _partners(planned, written)
        return planned if partners is None else [_fill(*pair) for pair in zip(planned, partners, strict=True)]
    ours, theirs = _doubt(planned), _doubt(written)
    says_more = theirs == ours and any(item.references for item in unknowns(written))
    return written if theirs < ours or says_more else planned


def _partners(planned: list[Value], written: list[Value]) -> list[Value] | None:
    """``written`` in the order of ``planned``, where that is clear: a plan sorts sets."""
    if len(planned) != len(written):
        return None
    if all(map(_compatible, planned, written)):
        return written
    if len(planned) > _MAX_SET:
        return None
    options = [[other for other in written if _compatible(item, other)] for item in planned]
    clear = all(len(option) == 1 for option in options)
    chosen = [option[0] for option in options] if clear else []
    return chosen if len({id(item) for item in chosen}) == len(planned) else None


def _doubt(value: Value) -> tuple[int, int]:
    """How little is known of a value: unknown parts that are not one attribute, then unknown parts at all."""
    if isinstance(value, Unknown):
        return (0, 1) if value.reference is not None else (1_000_000, 1)
    parts = list(unknowns(value))
    return sum(part.reference is None for part in parts), len(parts)


def _compatible(planned: Value, written: Value) -> bool:
    """Whether two descriptions may be of one value: what both know is equal."""
    if isinstance(planned, Unknown | Template | Encoded) or isinstance(written, Unknown | Template | Encoded):
        return True
    if isinstance(planned, dict) and isinstance(written, dict):
        return all(_compatible(item, written[key]) for key, item in planned.items() if key in written)
    if isinstance(planned, list) and isinstance(written, list):
        return _compatible_lists(planned, written)
    if planned == written or written is None or planned in (None, "", [], False):
        return True
    return _same_json(planned, written)


def _compatible_lists(planned: list[Value], written: list[Value]) -> bool:
    """Whether each element has one that it may be, in whatever order: sets of a plan are sorted otherwise."""
    if len(planned) != len(written):
        return False
    if all(map(_compatible, planned, written)):
        return True
    if len(planned) > _MAX_SET:
        return Counter(map(repr, planned)) == Counter(map(repr, written))
    sides = (
        all(any(_compatible(item, other) for other in written) for item in planned),
        all(any(_compatible(item, other) for item in planned) for other in written),
    )
    return all(sides)


def _same_json(planned: Value, written: Value) -> bool:
    """Whether two texts are one JSON document: the provider writes policies in a form of its own, lists sorted."""
    if not isinstance(planned, str) or not isinstance(written, str) or planned[:1] not in ("{", "["):
        return False
    try:
        return bool(_unordered(json.loads(planned)) == _unordered(json.loads(written)))
    except (ValueError, RecursionError):
        return False


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unordered(item) for key, item in value.items()}
    return sorted(map(_unordered, value), key=repr) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class _Known:
    """What the plan knows of attributes that the source only refers to."""

    resources: Mapping[str, Resource]

    def resolve(self, value: Value) -> Value:
        """``value`` with each reference replaced by the attribute's planned value, where that is known."""
        if isinstance(value, Unknown):
            found = None if value.reference is None else self._look_up(value.reference)
            return value if found is None or isinstance(found, Unknown) else found
        if isinstance(value, Template):
            return join_text(self._text(part) for part in value.parts)
        if isinstance(value, Encoded):
            return Encoded(self.resolve(value.value))
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        return value

    def _text(self, part: str | Unknown) -> str | Unknown | Template:
        found = self.resolve(part)
        return found if isinstance(found, str | Template) else part

    def _look_up(self, reference: Reference) -> Value:
        resource = self.resources.get(reference.address)
        if resource is None or resource.change in _GONE or not reference.path:
            return None
        value: Any = dict(resource.values)
        for step in reference.path:
            value = _step(value, step)
        return value  # type: ignore[no-any-return]


def _step(value: Any, step: PathStep) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _complaints(plan: Configuration, source: Configuration, written: Mapping[str, Resource]) -> Iterator[Diagnostic]:
    """What makes one doubt that the source is the plan's."""
    yield from (item for item in source.diagnostics if item.level is Level.ERROR)
    live = [resource for resource in plan.resources if resource.change not in _GONE]
    blocks = {block_of(address) for address in written}
    missing = [resource.address for resource in live if block_of(resource.address) not in blocks]
    differing = [
        f"{resource.address}.{name}"
        for resource in live
        for name in _differences(resource, written.get(resource.address))
    ]
    for what, names in (("has no block for", missing), ("differs from the plan at", differing)):
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            message = f"the source in {source.path} {what} {', '.join(names[:3])}{more}: the plan's values count"
            yield Diagnostic(Level.WARNING, message, Location(plan.path))


def _differences(resource: Resource, written: Resource | None) -> Iterable[str]:
    if written is None or resource.declared is None:
        return ()
    return (
        name
        for name in sorted(resource.declared)
        if name in written.values and not _compatible(resource.values.get(name), written.values[name])
    )
