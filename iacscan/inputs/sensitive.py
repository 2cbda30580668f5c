"""What must never be shown: the places that an input marks as sensitive, and the texts at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iacscan.core import PathStep
from iacscan.inputs.blocks import Written
from iacscan.terraform.secret_texts import secret_texts

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


def marked_texts(values: Any, marks: Any) -> Iterator[str]:
    """The texts in ``values`` that ``marks`` make sensitive."""
    for path in marked(marks):
        value = values
        for step in path:
            value = _at(value, step)
        yield from secret_texts(value)


def _at(value: Any, step: PathStep) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def variable_secrets(written: Written, variables: Mapping[str, Any]) -> Iterator[str]:
    """The texts of variables declared sensitive: as given to the root module, by a caller, by default."""
    for name, given in variables.items():
        if _is_sensitive(written.root.variables.get(name)) and isinstance(given, dict):
            yield from secret_texts(given.get("value"))
    for module in written.root.walk():
        for declared in module.variables.values():
            if _is_sensitive(declared):
                yield from secret_texts(declared.get("default"))
        for name, call in module.calls.items():
            declared_there = module.child(name).variables
            for argument, expression in call.expressions.items():
                if _is_sensitive(declared_there.get(argument)) and isinstance(expression, dict):
                    yield from secret_texts(expression.get("constant_value"))


def _is_sensitive(declared: Any) -> bool:
    return isinstance(declared, dict) and declared.get("sensitive") is True
