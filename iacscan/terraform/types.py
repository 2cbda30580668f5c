"""Type constraints: the ``type`` of a variable, and conversion of a value to it.

Follows https://developer.hashicorp.com/terraform/language/expressions/type-constraints; unknown
values convert to themselves, whole or in part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from iacscan.core import Choice, Encoded, Template, Unknown
from iacscan.terraform.kinds import ListValue, MapValue, ObjectValue, TupleValue, unmarked
from iacscan.terraform.values import (
    EvaluationError,
    SetValue,
    derived,
    to_bool,
    to_number,
    to_string,
    type_name,
    written_or,
)


@dataclass(frozen=True, slots=True)
class Primitive:
    """``string``, ``number``, ``bool`` or ``any``."""

    name: str


@dataclass(frozen=True, slots=True)
class Collection:
    """``list(element)``, ``set(element)`` or ``map(element)``."""

    kind: str
    element: Type


@dataclass(frozen=True, slots=True)
class Tuple:
    """``tuple([...])``."""

    elements: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class Optional:
    """An attribute of an object type that may be left out, and the value that it then has."""

    type: Type
    default: Any = None


@dataclass(frozen=True, slots=True)
class Object:
    """``object({...})``."""

    attributes: Mapping[str, Type | Optional] = field(default_factory=dict)


Type: TypeAlias = Primitive | Collection | Tuple | Object
STRING, NUMBER, BOOL, ANY = Primitive("string"), Primitive("number"), Primitive("bool"), Primitive("any")


def convert(value: Any, wanted: Type) -> Any:
    """``value`` converted to ``wanted``, with the defaults of optional attributes filled in.

    Raises ``EvaluationError`` where Terraform has no such conversion.
    """
    if isinstance(value, Choice):
        return _convert_choice(value, wanted)
    if value is None or isinstance(value, Unknown):
        return value
    match wanted:
        case Primitive():
            return _PRIMITIVES[wanted.name](value)
        case Collection(kind="map"):
            return _convert_map(value, wanted.element)
        case Collection():
            return _convert_sequence(value, wanted)
        case Tuple():
            return _convert_tuple(value, wanted)
        case Object():
            return _convert_object(value, wanted)


def _convert_choice(value: Choice, wanted: Type) -> Unknown:
    """Terraform refuses an option that does not fit only once it is chosen."""
    try:
        return value.each(lambda option: convert(option, wanted))
    except EvaluationError:
        return derived(value)


def _or_default(value: Any, optional: Optional) -> Any:
    return written_or(value, lambda: optional.default)


def unify(values: Iterable[Any]) -> list[Any]:
    """``values`` converted to one common type, as in ``tolist`` or the results of a conditional.

    Raises ``EvaluationError`` where there is none.
    """
    items = list(values)
    kinds = {_kind(item) for item in items} - {None}
    if len(kinds) > 1 and kinds <= {"string", "number", "bool"}:
        if "string" not in kinds:
            raise EvaluationError("all elements must have the same type")
        return [to_string(item) for item in items]
    if kinds == {"tuple", "set"}:
        return [SetValue.of(item) if isinstance(item, list) else item for item in _unify_tuples(items)]
    if len(kinds) > 1:
        raise EvaluationError("all elements must have the same type")
    if kinds == {"object"}:
        return _unify_objects(items)
    if kinds == {"tuple"}:
        return _unify_tuples(items)
    return items


def _kind(value: Any) -> str | None:
    """The kind of type of ``value`` for unification; None where any type would do."""
    if value is None or isinstance(value, Unknown):
        return None
    return "string" if isinstance(value, Template | Encoded) else type_name(value)


def _unify_objects(items: list[Any]) -> list[Any]:
    """Objects of one shape have their attributes unified each by itself; of others all together, as maps."""
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) < 2:
        return _kept(items)
    alike = all(item.keys() == objects[0].keys() for item in objects)
    kind = _common_kind(items, MapValue, ObjectValue, alike)
    if not alike:
        values = iter(_unify_or_keep([item[key] for item in objects for key in item]))
        return [kind({key: next(values) for key in item}) if isinstance(item, dict) else item for item in items]
    columns: dict[str, list[Any]] = {}
    for key in objects[0]:
        columns[key] = _unify_or_keep([item[key] for item in objects])
    rows = iter([kind({key: column[row] for key, column in columns.items()}) for row in range(len(objects))])
    return [next(rows) if isinstance(item, dict) else item for item in items]


def _kept(items: list[Any]) -> list[Any]:
    """``items`` without marks, where others of a type that is not known stand beside them."""
    return items if len(items) < 2 else [unmarked(item) for item in items]


def _common_kind(items: list[Any], collection: type, structural: type, alike: bool) -> Any:
    """The kind that lists or objects are unified to; ``alike`` says that all have one length or the same names."""
    kinds = {type(item) for item in items}
    if kinds <= {collection, structural}:
        return structural if alike and kinds == {structural} else collection
    return dict if issubclass(collection, dict) else list


def _unify_tuples(items: list[Any]) -> list[Any]:
    """Sequences are unified by all of their elements together."""
    lists = [item for item in items if isinstance(item, list)]
    kind = _common_kind(items, ListValue, TupleValue, all(len(item) == len(lists[0]) for item in lists))
    flat = _unify_or_keep([element for item in lists for element in item])
    rows: list[list[Any]] = []
    start = 0
    for item in lists:
        rows.append(kind(flat[start : start + len(item)]))
        start += len(item)
    remaining = iter(rows)
    return [next(remaining) if isinstance(item, list) else item for item in items]


def _unify_or_keep(items: list[Any]) -> list[Any]:
    try:
        return unify(items)
    except EvaluationError:
        return items


def _any(value: Any) -> Any:
    return value


_PRIMITIVES: dict[str, Callable[[Any], Any]] = {"string": to_string, "number": to_number, "bool": to_bool, "any": _any}


def _items(value: Any, wanted: str) -> list[Any]:
    if isinstance(value, list | SetValue):
        return list(value)
    raise EvaluationError(f"{wanted} required, but have {type_name(value)}")


def _convert_sequence(value: Any, wanted: Collection) -> Any:
    items = _each(_items(value, wanted.kind), wanted.element)
    return SetValue.of(items) if wanted.kind == "set" else ListValue(items)


def _each(items: list[Any], element: Type) -> list[Any]:
    """Elements of a collection: converted, or unified where the element type is ``any``."""
    return unify(items) if element == ANY else [convert(item, element) for item in items]


def _convert_map(value: Any, element: Type) -> Any:
    if not isinstance(value, dict):
        raise EvaluationError(f"map required, but have {type_name(value)}")
    return MapValue(zip(value, _each(list(value.values()), element), strict=True))


def _convert_tuple(value: Any, wanted: Tuple) -> Any:
    items = _items(value, "tuple")
    if len(items) != len(wanted.elements):
        raise EvaluationError(f"tuple of {len(wanted.elements)} elements required, but have {len(items)}")
    return TupleValue(convert(item, each) for item, each in zip(items, wanted.elements, strict=True))


def _convert_object(value: Any, wanted: Object) -> Any:
    if not isinstance(value, dict):
        raise EvaluationError(f"object required, but have {type_name(value)}")
    result = ObjectValue()
    for name, declared in wanted.attributes.items():
        optional = declared if isinstance(declared, Optional) else None
        kind = optional.type if optional else declared
        assert not isinstance(kind, Optional)
        if optional is None and name not in value:
            raise EvaluationError(f"attribute {name!r} is required")
        item = value.get(name)
        if optional is not None:
            item = _or_default(item, optional)
        try:
            result[name] = convert(item, kind)
        except EvaluationError as error:
            raise EvaluationError(f"attribute {name!r}: {error}") from None
    return result
