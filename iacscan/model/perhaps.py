"""Arguments of which it is known what they may be, and not which: the part is read for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import prod

from iacscan.core import Choice, Encoded, Evidence, Origin, Perhaps, Value, merge_unknown
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import OMITTED, Part, agreed
from iacscan.model.relations import BY_TYPE, INLINE

MAX_READINGS = 16
"""A part that may be more things than these is not read for each of them."""


def each_possible(resource: Resource, slot: str, read: Callable[[Resource], Part]) -> Part:
    """What ``read`` finds in ``resource``; where arguments or blocks may be several things, what it finds for each.

    Of a bucket the arguments of ``slot`` count, of another resource all but the one that names its bucket.
    What depends on one condition is combined as if it did not: that is more than may be, and never less.
    """
    doubts = {name: found for name in _names(resource, slot) if (found := list(_choices(resource.values.get(name))))}
    if not doubts or not 0 < prod(_count(resource.values[name]) for name in doubts) <= MAX_READINGS:
        return read(resource)
    rows = product(*(list(_possible(resource.values[name])) for name in doubts))
    parts = [read(_taken(resource, dict(zip(doubts, row, strict=True)))) for row in rows]
    sentences = [_sentence(resource, name, choice) for name, found in doubts.items() for choice in found[:1]]
    return agreed(parts, merge_unknown(choice for found in doubts.values() for choice in found), *sentences)


def _names(resource: Resource, slot: str) -> list[str]:
    relation = BY_TYPE.get(resource.type)
    if relation is None:
        return [name for name in INLINE.get(slot, ()) if name in resource.values]
    return [name for name in resource.values if name != relation.key]


def _choices(value: Value) -> Iterator[Choice]:
    """The outermost choices in ``value``."""
    if isinstance(value, Choice):
        yield value
    elif isinstance(value, Encoded):
        yield from _choices(value.value)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _choices(item)


def _count(value: Value) -> int:
    """How many values ``value`` may be."""
    if isinstance(value, Choice):
        return sum(map(_count, value.options))
    if isinstance(value, Encoded):
        return _count(value.value)
    if isinstance(value, list | dict):
        return prod(map(_count, value.values() if isinstance(value, dict) else value))
    return 1


def _possible(value: Value) -> Iterator[Value]:
    """All that ``value`` may be."""
    if isinstance(value, Choice):
        for option in value.options:
            yield from _possible(option)
    elif isinstance(value, Encoded):
        yield from map(Encoded, _possible(value.value))
    elif isinstance(value, list):
        yield from map(list, product(*map(_possible, value)))
    elif isinstance(value, dict):
        for row in product(*map(_possible, value.values())):
            yield dict(zip(value, row, strict=True))
    else:
        yield value


def _taken(resource: Resource, chosen: Mapping[str, Value]) -> Resource:
    """``resource`` with these arguments; one that is null, or blocks of which there are none, is not declared."""
    left_out = {name for name, value in chosen.items() if value in (None, [], OMITTED)}
    declared = None if resource.declared is None else resource.declared - left_out
    return replace(resource, values={**resource.values, **chosen}, declared=declared)


def _sentence(resource: Resource, name: str, choice: Choice) -> Evidence:
    what = "whether {} is there" if isinstance(choice, Perhaps) else "which of its possible values {} has"
    return Evidence(f"{what.format(f'{resource.address}.{name}')} is not known: {choice}", Origin(resource.address))
