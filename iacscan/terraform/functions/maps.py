"""Functions of maps and objects.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iacscan.terraform import types
from iacscan.terraform.functions.collections import sequence
from iacscan.terraform.functions.registry import ANY, LOOSE, STRING, STRINGS, Function, Parameter
from iacscan.terraform.kinds import ListValue, MapValue, ObjectValue, TupleValue, unmarked
from iacscan.terraform.values import NOT_KNOWN, EvaluationError, derived, is_known, sort_key, type_name


def _mapping(value: Any, message: str = "argument must be a map or object") -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise EvaluationError(f"{message}, not {type_name(value)}")


def _keys(value: Any) -> list[str]:
    return _listed(value, sorted(_mapping(value, "must have map or object type")))


def _listed(value: Any, items: list[Any]) -> list[Any]:
    """``items`` of ``value`` as Terraform types them: of a map a list, of an object a tuple."""
    if isinstance(value, MapValue):
        return ListValue(items)
    return TupleValue(items) if isinstance(value, ObjectValue) else items


def _lookup(values: Any, key: str, *default: Any) -> Any:
    found = _mapping(values, "lookup() requires a map as the first argument")
    if key in found:
        return found[key]
    if default:
        return default[0] if isinstance(values, ObjectValue) else unmarked(default[0])
    raise EvaluationError(f"the given object has no attribute {key!r}")


def _merge(*values: Any) -> Any:
    merged: dict[str, Any] = {}
    for value in values:
        if isinstance(value, NOT_KNOWN):
            return derived(list(values))
        if value is not None:
            merged |= _mapping(value, "arguments must be maps or objects")
    return _merged_kind(values)(merged)


def _merged_kind(values: tuple[Any, ...]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Maps of one type make a map, what has an object in it an object; of an empty map the type is not known."""
    kinds = set(map(type, values))
    if not values or ObjectValue in kinds:
        return ObjectValue
    return MapValue if kinds == {MapValue} and (len(values) == 1 or _of_one_type(values)) else dict


def _of_one_type(maps: tuple[dict[str, Any], ...]) -> bool:
    elements = [{type_name(item) for item in each.values()} for each in maps]
    return elements[0] in ({"string"}, {"number"}, {"bool"}) and all(each == elements[0] for each in elements)


def _transpose(values: dict[str, list[Any]]) -> Any:
    if not is_known(values):
        return derived(values)
    result: dict[str, list[str]] = {}
    if None in values.values():
        raise EvaluationError("input must not contain null lists")
    for key in sorted(values):
        for item in values[key]:
            if item is None:
                raise EvaluationError("input must not contain null string")
            result.setdefault(item, []).append(key)
    return MapValue((key, ListValue(sorted(result[key], key=sort_key))) for key in sorted(result))


def _values(value: Any) -> list[Any]:
    found = _mapping(value, "values() requires a map as the first argument")
    return _listed(value, [found[key] for key in sorted(found)])


def _zipmap(keys: list[Any], values: Any) -> Any:
    items = sequence(values, "values argument must be a list or tuple value")
    if not is_known(keys):
        return derived(keys, values)
    if len(keys) != len(items):
        raise EvaluationError(f"number of keys ({len(keys)}) does not match number of values ({len(items)})")
    if None in keys:
        raise EvaluationError(f"keys list has null value at index {keys.index(None)}")
    kind = MapValue if isinstance(values, ListValue) else ObjectValue if isinstance(values, TupleValue) else dict
    return kind(zip(keys, items, strict=True))


_LISTS_OF_STRINGS = Parameter(types.Collection("map", types.Collection("list", types.STRING)))

FUNCTIONS = (
    Function("keys", _keys, (ANY,)),
    Function("lookup", _lookup, (ANY, STRING), rest=LOOSE, most=3),
    Function("merge", _merge, (), rest=LOOSE),
    Function("transpose", _transpose, (_LISTS_OF_STRINGS,)),
    Function("values", _values, (ANY,)),
    Function("zipmap", _zipmap, (STRINGS, ANY)),
)
