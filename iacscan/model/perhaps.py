"""Nested blocks of which one may be missing: the part is read with it and without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from iacscan.core import Evidence, Origin, Perhaps, Value, merge_unknown
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import Part, agreed
from iacscan.model.relations import INLINE


def with_or_without(resource: Resource, slot: str | None, read: Callable[[Resource], Part]) -> Part:
    """What ``read`` finds in ``resource``; where a ``dynamic`` block may be missing, what it finds either way.

    ``slot`` is that of the bucket's own arguments to look at; all arguments count where it is ``None``.
    """
    names = resource.values.keys() if slot is None else INLINE.get(slot, ())
    found = {name: value for name in names if isinstance(value := resource.values.get(name), Perhaps)}
    if len(found) != 1:
        return read(resource)
    name, value = found.popitem()
    sentence = Evidence(f"whether {resource.address}.{name} is there is not known: {value}", Origin(resource.address))
    return agreed([read(_taken(resource, name, option)) for option in value.options], merge_unknown([value]), sentence)


def _taken(resource: Resource, name: str, option: Value) -> Resource:
    """``resource`` with these blocks called ``name``; none of them are not declared."""
    left_out = {name} if option == [] else set()
    declared = None if resource.declared is None else resource.declared - left_out
    return replace(resource, values={**resource.values, name: option}, declared=declared)
