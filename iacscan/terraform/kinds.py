"""Of which kind of type a list or an object is: a collection type, or a structural one.

``tolist(["a"])`` and ``["a"]`` hold the same and are never equal
(https://developer.hashicorp.com/terraform/language/expressions/operators). To everything but
:mod:`iacscan.terraform.equality` the four are the ``list`` and ``dict`` that they derive from. A plain
``list`` or ``dict`` is of a kind that nobody noted, so that a mark that gets lost makes equality not
known, and never wrong.
"""

from __future__ import annotations

from typing import Any, TypeVar

Content = TypeVar("Content", list[Any], dict[str, Any])


class ListValue(list[Any]):
    """A value of a ``list`` type: its elements are of one type."""

    __slots__ = ()


class TupleValue(list[Any]):
    """A value of a ``tuple`` type: what brackets and ``for`` give."""

    __slots__ = ()


class MapValue(dict[str, Any]):
    """A value of a ``map`` type: its elements are of one type."""

    __slots__ = ()


class ObjectValue(dict[str, Any]):
    """A value of an ``object`` type: what braces and ``for`` give."""

    __slots__ = ()


MARKED = (ListValue, TupleValue, MapValue, ObjectValue)


def like(model: Any, content: Content) -> Content:
    """``content``, a list or dict, of the kind that ``model`` is; plain where ``model`` is of none."""
    kind: Any = type(model)
    marked: Content = kind(content) if isinstance(model, MARKED) else content
    return marked


def unmarked(value: Any) -> Any:
    """``value`` without its mark: it may be converted to a type that is not known here."""
    if isinstance(value, MARKED):
        return list(value) if isinstance(value, list) else dict(value)
    return value


def structural(value: Any) -> Any:
    """``value``, read from JSON or the like, as tuples and objects through and through."""
    if isinstance(value, list):
        return TupleValue([structural(item) for item in value])
    if isinstance(value, dict):
        return ObjectValue({key: structural(item) for key, item in value.items()})
    return value
