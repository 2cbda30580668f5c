"""Set operations and the Cartesian product.

Follows https://developer.hashicorp.com/terraform/language/functions (``setunion``, ``setproduct`` …).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import prod
from typing import Any

from iacscan.terraform import types
from iacscan.terraform.functions.registry import ANY, Function, FunctionContext, Parameter, too_large
from iacscan.terraform.kinds import ListValue, TupleValue
from iacscan.terraform.values import EvaluationError, SetValue, derived, is_known, sort_key

_SET = Parameter(types.Collection("set", types.ANY))


def set_of(items: list[Any]) -> Any:
    """The set of ``items``, unknown ones included; unknown where two of those cannot be told apart."""
    result = SetValue.of(items)
    distinguishable = is_known(result) or len(result) == len(items)
    return result if distinguishable else derived(items)


def _unified(sets: tuple[SetValue, ...]) -> list[dict[Any, Any]]:
    """The elements of ``sets``, all of one type, by key."""
    items = iter(types.unify([item for each in sets for item in each]))
    return [{sort_key(item): item for item in (next(items) for _ in each)} for each in sets]


def _combine(sets: tuple[SetValue, ...], keep: Callable[[Any, list[dict[Any, Any]]], bool]) -> Any:
    """The elements of the first set that ``keep`` accepts, given the other sets."""
    if not is_known(list(sets)):
        return derived(list(sets))
    first, *others = _unified(sets)
    return SetValue.of(item for key, item in first.items() if keep(key, others))


def _setintersection(*sets: SetValue) -> Any:
    return _combine(sets, lambda key, others: all(key in other for other in others))


def _setsubtract(*sets: SetValue) -> Any:
    return _combine(sets, lambda key, others: not any(key in other for other in others))


def _setunion(*sets: SetValue) -> Any:
    return set_of([item for each in _unified(sets) for item in each.values()])


def _setproduct(context: FunctionContext, *factors: Any) -> Any:
    """All combinations, the last factor turning fastest; a list only where every factor is one."""
    if len(factors) < 2:
        raise EvaluationError("at least two arguments are required")
    if not all(isinstance(factor, list | SetValue) for factor in factors):
        raise EvaluationError("a set or a list is required")
    if prod(map(len, factors)) * len(factors) > context.limits.items:
        raise too_large("the product")
    rows = [TupleValue(row) for row in product(*(types.unify(factor) for factor in factors))]
    if all(isinstance(factor, list) for factor in factors):
        return ListValue(rows)
    return set_of(rows)


FUNCTIONS = (
    Function("setintersection", _setintersection, (_SET,), rest=_SET),
    Function("setproduct", _setproduct, (), rest=ANY, contextual=True),
    Function("setsubtract", _setsubtract, (_SET, _SET)),
    Function("setunion", _setunion, (_SET,), rest=_SET),
)
