"""Type conversions, and the functions that only mark a value.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Type Conversion Functions".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iacscan.core import Unknown
from iacscan.terraform import types
from iacscan.terraform.functions.registry import LOOSE, Function
from iacscan.terraform.functions.sets import set_of
from iacscan.terraform.values import SetValue, derived, is_known


def _converter(wanted: types.Type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        return types.convert(value, wanted)

    return convert


def _toset(value: Any) -> Any:
    items = types.convert(value, types.Collection("list", types.ANY))
    return set_of(items) if isinstance(items, list) else items


def _tolist(value: Any) -> Any:
    if isinstance(value, SetValue) and len(value) > 1 and not is_known(value):
        return derived(value)
    return types.convert(value, types.Collection("list", types.ANY))


def _same(value: Any) -> Any:
    return value


def _issensitive(_value: Any) -> Unknown:
    return Unknown("whether a value is sensitive is not tracked")


FUNCTIONS = (
    Function("ephemeralasnull", _same, (LOOSE,)),
    Function("issensitive", _issensitive, (LOOSE,)),
    Function("nonsensitive", _same, (LOOSE,)),
    Function("sensitive", _same, (LOOSE,)),
    Function("tobool", _converter(types.BOOL), (LOOSE,)),
    Function("tolist", _tolist, (LOOSE,)),
    Function("tomap", _converter(types.Collection("map", types.ANY)), (LOOSE,)),
    Function("tonumber", _converter(types.NUMBER), (LOOSE,)),
    Function("toset", _toset, (LOOSE,)),
    Function("tostring", _converter(types.STRING), (LOOSE,)),
)
