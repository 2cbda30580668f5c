"""Functions of maps and objects.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions".
"""

from __future__ import annotations

from typing import Any

from iacscan.terraform import types
from iacscan.terraform.functions.collections import sequence
from iacscan.terraform.functions.registry import ANY, LOOSE, STRING, STRINGS, Function, Parameter
from iacscan.terraform.values import NOT_KNOWN, EvaluationError, derived, is_known, sort_key, type_name


def _mapping(value: Any, message: str = "argument must be a map or object") -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise EvaluationError(f"{message}, not {type_name(value)}")


def _keys(value: Any) -> list[str]:
    return sorted(_mapping(value, "must have map or object type"))


def _lookup(values: Any, key: str, *default: Any) -> Any:
    found = _mapping(values, "lookup() requires a map as the first argument")
    if key in found:
        return found[key]
    if default:
        return default[0]
    raise EvaluationError(f"the given object has no attribute {key!r}")


def _merge(*values: Any) -> Any:
    merged: dict[str, Any] = {}
    for value in values:
        if isinstance(value, NOT_KNOWN):
            return derived(list(values))
        if value is not None:
            merged |= _mapping(value, "arguments must be maps or objects")
    return merged


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
    return {key: sorted(result[key], key=sort_key) for key in sorted(result)}


def _values(value: Any) -> list[Any]:
    found = _mapping(value, "values() requires a map as the first argument")
    return [found[key] for key in sorted(found)]


def _zipmap(keys: list[Any], values: Any) -> Any:
    items = sequence(values, "values argument must be a list or tuple value")
    if not is_known(keys):
        return derived(keys, values)
    if len(keys) != len(items):
        raise EvaluationError(f"number of keys ({len(keys)}) does not match number of values ({len(items)})")
    if None in keys:
        raise EvaluationError(f"keys list has null value at index {keys.index(None)}")
    return dict(zip(keys, items, strict=True))


_LISTS_OF_STRINGS = Parameter(types.Collection("map", types.Collection("list", types.STRING)))

FUNCTIONS = (
    Function("keys", _keys, (ANY,)),
    Function("lookup", _lookup, (ANY, STRING), rest=LOOSE, most=3),
    Function("merge", _merge, (), rest=LOOSE),
    Function("transpose", _transpose, (_LISTS_OF_STRINGS,)),
    Function("values", _values, (ANY,)),
    Function("zipmap", _zipmap, (STRINGS, ANY)),
)
