"""What must never be shown: the places that an input marks as sensitive, and the texts at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iacscan.core import PathStep
from iacscan.inputs.blocks import Written

_PLAIN = frozenset(
    {
        "true",
        "false",
        "null",
        "AWS",
        "Service",
        "Federated",
        "CanonicalUser",
        "Allow",
        "Deny",
        "2008-10-17",
        "2012-10-17",
    }
)
"""Words of the policy language: a set of blocks with one sensitive value in it is marked as a whole."""

_SHORTEST = 3
"""Shorter texts occur everywhere: hiding them would hide the report, and tell what they are."""

Path = tuple[PathStep, ...]


def marked(marks: Any, path: Path = ()) -> Iterator[Path]:
    """The paths at which ``marks`` (of the shape of the values) are ``True``."""
    if marks is True:
        yield path
    elif isinstance(marks, dict):
        for name, mark in marks.items():
            if mark:
                yield from marked(mark, (*path, name))
    elif isinstance(marks, list):
        for position, mark in enumerate(marks):
            if mark:
                yield from marked(mark, (*path, position))


def secret_texts(values: Any, marks: Any) -> Iterator[str]:
    """The texts in ``values`` that ``marks`` make sensitive."""
    for path in marked(marks):
        value = values
        for step in path:
            value = _at(value, step)
        yield from texts(value)


def _at(value: Any, step: PathStep) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def texts(value: Any) -> Iterator[str]:
    """Every text inside ``value`` that is long enough to be recognised."""
    if isinstance(value, str):
        if len(value) >= _SHORTEST and value not in _PLAIN:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def variable_secrets(written: Written, variables: Mapping[str, Any]) -> Iterator[str]:
    """The texts of variables declared sensitive: as given to the root module, by a caller, by default."""
    for name, given in variables.items():
        if _is_sensitive(written.root.variables.get(name)) and isinstance(given, dict):
            yield from texts(given.get("value"))
    for module in written.root.walk():
        for declared in module.variables.values():
            if _is_sensitive(declared):
                yield from texts(declared.get("default"))
        for name, call in module.calls.items():
            declared_there = module.child(name).variables
            for argument, expression in call.expressions.items():
                if _is_sensitive(declared_there.get(argument)) and isinstance(expression, dict):
                    yield from texts(expression.get("constant_value"))


def _is_sensitive(declared: Any) -> bool:
    return isinstance(declared, dict) and declared.get("sensitive") is True
