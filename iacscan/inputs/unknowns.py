"""Planned values with their unknown places filled in.

``change.after`` leaves unknown values out and ``change.after_unknown`` has ``true`` at their places.
Here both become one value, in which every such place is an ``Unknown`` that says what it waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from iacscan.core import Reference, Unknown, Value
from iacscan.inputs.blocks import is_expression
from iacscan.inputs.fits import PLURAL, POLICY, Fit, fit_of
from iacscan.inputs.instances import Instance
from iacscan.inputs.keys import Scope
from iacscan.inputs.references import SEVERAL, References, Source, combine
from iacscan.inputs.shapes import Node, OneOf, child, elements, references_in

COMPUTED = Unknown()
"""An attribute that the provider sets, and that no argument stands behind."""

UNRECORDED = Unknown("the plan has no `configuration` part, which would say what it waits for")
"""What is unknown in a plan that somebody cut: whether anybody wrote it cannot be told."""

_DYNAMIC = "a dynamic block sets it, which the plan does not record; give the source"

_INDEX = "the plan does not record which instance it takes; give the source"

_MAX_CANDIDATES = 16
"""More are not compared: many instances, each with as many candidates, would take the square of time."""

Attribute = Callable[[Reference], Value]
"""What an attribute of another instance is; ``COMPUTED`` where a reference to it says more."""


class Completer:
    """Completes the values of one instance."""

    def __init__(self, instance: Instance, scope: Scope, names: References, attribute: Attribute) -> None:
        self._instance = instance
        self._scope = scope
        self._names = names
        self._attribute = attribute
        self._paired: dict[str, str] = {}

    def complete(self, expressions: Mapping[str, Any]) -> dict[str, Value]:
        """All attributes of the instance, whose written arguments are ``expressions``."""
        values: dict[str, Value] = dict(self._instance.values)
        for name, unknown in self._instance.unknown.items():
            if unknown is True and name not in expressions:
                values[name] = COMPUTED
            elif unknown:
                values[name] = self._value(values.get(name), unknown, expressions.get(name), name)
        if self._instance.change is None:  # planned_values alone, which leaves unknown values out unmarked
            values = self._gaps(values, expressions)
        return values

    def _gaps(self, planned: Any, node: Node, name: str = "") -> Any:
        """``planned`` with what is written and left out of it, at any depth."""
        if isinstance(planned, list) and isinstance(node, list):
            nodes = elements(node, planned, name)
            return [self._gaps(item, inner, name) for item, inner in zip(planned, nodes, strict=True)]
        if not isinstance(planned, dict) or not isinstance(node, Mapping) or (name and is_expression(node)):
            return planned
        filled = {key: self._gaps(item, node.get(key), key) for key, item in planned.items()}
        return filled | {key: self._leaf(node[key], key) for key in node.keys() - planned.keys()}

    def _value(self, planned: Any, unknown: Any, node: Node, name: str) -> Value:
        if unknown is True:
            return self._leaf(node, name)
        if not unknown:
            return planned  # type: ignore[no-any-return]
        if isinstance(unknown, dict):
            merged: dict[str, Value] = dict(planned) if isinstance(planned, dict) else {}
            for key, mark in unknown.items():
                if mark:
                    inner = child(node, key)
                    merged[key] = self._value(merged.get(key), mark, inner, name if is_expression(node) else key)
            return merged
        if not isinstance(unknown, list):
            raise TypeError(f"after_unknown holds {type(unknown).__name__}")
        return self._list(planned if isinstance(planned, list) else [], unknown, node, name)

    def _list(self, planned: list[Any], unknown: Sequence[Any], node: Node, name: str) -> Value:
        planned = planned + [None] * (len(unknown) - len(planned))
        marks = [*unknown, *([False] * (len(planned) - len(unknown)))]
        if is_expression(node) and node:
            leaves = self._one_each(node, marks.count(True), name)
            return [
                next(leaves) if mark is True else self._value(item, mark, node, name)
                for item, mark in zip(planned, marks, strict=True)
            ]
        nodes = elements(node, planned, name) if any(marks) else [None] * len(planned)
        return [self._value(*item, name) for item in zip(planned, marks, nodes, strict=True)]

    def _leaf(self, node: Node, name: str) -> Value:
        if node is None:
            return COMPUTED
        fit = fit_of(self._instance.type, self._instance.mode, name)
        sources = self._names.sources(tuple(references_in(node)), self._scope, fit)
        if is_expression(node) and name not in PLURAL:
            return self._unknown(sources, fit, name)
        dynamic = isinstance(node, OneOf) and not node.complete
        return _derived(combine(sources), _DYNAMIC if dynamic else "")

    def _one_each(self, node: Node, count: int, name: str) -> Iterator[Value]:
        """The unknown elements of a list: one name each where there are as many, else all names for each."""
        fit = fit_of(self._instance.type, self._instance.mode, name)
        sources = self._names.sources(node.get("references", ()), self._scope, fit)
        if len(sources) == 1 and sources[0].doubt == SEVERAL and len(sources[0].references) == count:
            # [for d in documents : d.json], in the order of the keys
            sources = [Source((reference,)) for reference in sources[0].references]
        if len(sources) == count and not any(source.doubt for source in sources):
            return (self._unknown([source], fit, name) for source in sources)
        return iter([_derived(combine(sources))] * count)

    def _unknown(self, sources: Sequence[Source], fit: Fit | None, name: str) -> Value:
        source = combine(sources)
        if source.doubt or not self._is_one(source, fit):
            return _derived(source)
        reference = self._names.completed(source.references[0], fit)
        if source.paired and self._paired.setdefault(reference.address, name) != name:
            # bucket = x[each.key] and target_bucket = x["${each.key}-logs"] are recorded alike.
            return Unknown(_INDEX, (reference,))
        if source.paired and self._names.may_be_shuffled(self._instance.address, reference):
            return Unknown(_INDEX, self._names.beside(reference))
        value = self._attribute(reference)
        return Unknown(references=(reference,), exact=True) if value is COMPUTED else value

    def _is_one(self, source: Source, fit: Fit | None) -> bool:
        """Whether all references are to one instance, and to what the argument can be."""
        single = len({reference.address for reference in source.references}) == 1
        return single and all(self._names.fits(item, fit) for item in source.references)

    def named(self, expressions: Mapping[str, Any]) -> dict[str, Reference]:
        """The attributes that known identifying arguments were taken from: those with the same value."""
        return {
            name: reference
            for name, node in expressions.items()
            if isinstance(value := self._instance.values.get(name), str)
            and (reference := self._namesake(node, name, value)) is not None
        }

    def _namesake(self, node: Node, name: str, value: str) -> Reference | None:
        fit = fit_of(self._instance.type, self._instance.mode, name)
        if fit is None or fit is POLICY or not is_expression(node) or "references" not in node:
            return None
        candidates = combine(self._names.sources(node["references"], self._scope, fit)).references
        found = set()
        for candidate in candidates if len(candidates) <= _MAX_CANDIDATES else ():
            reference = self._names.completed(candidate, fit)
            if self._names.fits(reference, fit) and self._names.value(reference) == value:
                passed = self._attribute(reference)
                further = passed.reference if isinstance(passed, Unknown) else None
                found.add(further or reference)
        return found.pop() if len({reference.address for reference in found}) == 1 else None


def unrecorded(value: Value) -> Value:
    """``value`` in a plan without ``configuration``: nothing unknown is known to be the provider's own."""
    if isinstance(value, dict):
        return {key: unrecorded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unrecorded(item) for item in value]
    return UNRECORDED if isinstance(value, Unknown) else value


def _derived(source: Source, doubt: str = "") -> Unknown:
    """A value that is made from ``source`` in a way that the plan does not record."""
    doubt = doubt or source.doubt
    if not doubt and source.references:
        doubt = f"the plan does not record the text around {source.references[0]}; give the source"
    return Unknown(doubt, source.references) if doubt else COMPUTED
