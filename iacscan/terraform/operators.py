"""Operators, indexing and the unification of a conditional's branches, on values.

Follows https://developer.hashicorp.com/terraform/language/expressions/operators. A result is unknown
only where no known operand decides it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from iacscan.core import Choice, Unknown
from iacscan.terraform.equality import equal
from iacscan.terraform.kinds import unmarked
from iacscan.terraform.types import unify
from iacscan.terraform.values import (
    CONTEXT,
    NOT_KNOWN,
    AsWritten,
    EvaluationError,
    SetValue,
    derived,
    is_number,
    number,
    sort_key,
    to_bool,
    to_number,
    to_string,
    type_name,
)


def binary(operator: str, left: Any, right: Any) -> Any:
    """``left operator right`` for every operator that needs both sides."""
    if operator == "==":
        return equal(left, right)
    if operator == "!=":
        return negate(equal(left, right))
    a, b = _operand(left), _operand(right)
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return derived(a, b)
    if operator in _COMPARE:
        return _COMPARE[operator](a, b)
    try:
        return _ARITHMETIC[operator](a, b)
    except (InvalidOperation, ArithmeticError):
        raise EvaluationError("arithmetic result is not a finite number") from None


def _operand(value: Any) -> Any:
    operand = to_number(value)
    if operand is None:
        raise EvaluationError("an operand of an arithmetic operator is null")
    return operand


def _divide(a: Any, b: Any) -> Any:
    if b == 0:
        raise EvaluationError("division by zero")
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return number(CONTEXT.divide(Decimal(a), Decimal(b)))


def _modulo(a: Any, b: Any) -> Any:
    if b == 0:
        return a
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) % abs(b) * (-1 if a < 0 else 1)
    return number(CONTEXT.remainder(Decimal(a), Decimal(b)))


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: number(CONTEXT.add(Decimal(a), Decimal(b)) if _fractional(a, b) else a + b),
    "-": lambda a, b: number(CONTEXT.subtract(Decimal(a), Decimal(b)) if _fractional(a, b) else a - b),
    "*": lambda a, b: number(CONTEXT.multiply(Decimal(a), Decimal(b))),
    "/": _divide,
    "%": _modulo,
}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    ">": lambda a, b: bool(a > b),
    "<=": lambda a, b: bool(a <= b),
    ">=": lambda a, b: bool(a >= b),
}


def _fractional(a: Any, b: Any) -> bool:
    return isinstance(a, Decimal) or isinstance(b, Decimal)


def negate(value: Any) -> Any:
    """``!value``."""
    known = to_bool(value)
    if known is None:
        raise EvaluationError("the operand of ! is null")
    return derived(known) if isinstance(known, Unknown) else not known


def minus(value: Any) -> Any:
    """``-value``."""
    operand = _operand(value)
    return derived(operand) if isinstance(operand, Unknown) else number(-operand)


def index(target: Any, key: Any) -> Any:
    """``target[key]``; raises ``EvaluationError`` where there is no such element."""
    if target is None or key is None:
        raise EvaluationError("an index or what it is applied to is null")
    if isinstance(target, Unknown):
        return _index_unknown(target, key)
    if isinstance(key, NOT_KNOWN):
        return derived(key, target) if isinstance(target, list | dict) else derived(key)
    if isinstance(target, list):
        position = to_number(key)
        if not isinstance(position, int) or not 0 <= position < len(target):
            raise EvaluationError(f"the collection has no element {position}")
        return target[position]
    if isinstance(target, dict):
        name = to_string(key)
        if name not in target and isinstance(target, AsWritten):
            return Unknown("known after apply")
        if name not in target:
            raise EvaluationError(f"the map has no element {name!r}")
        return target[name]
    raise EvaluationError(f"a {type_name(target)} has no elements to index")


def _index_unknown(target: Unknown, key: Any) -> Any:
    if isinstance(key, NOT_KNOWN):
        return derived(target, key)
    return deeper(target, key if isinstance(key, str) else to_number(key))


def deeper(target: Unknown, step: Any) -> Unknown:
    """The element ``step`` of an unknown: still exact where the unknown is exactly one attribute."""
    reference = target.reference
    if reference is None or not isinstance(step, str | int):
        return derived(target)
    extended = type(reference)(reference.address, (*reference.path, step))
    return Unknown(target.reason, (extended,), exact=True)


def get_attribute(target: Any, name: str) -> Any:
    """``target.name``; raises ``EvaluationError`` where there is no such attribute."""
    if isinstance(target, Unknown):
        return deeper(target, name)
    if isinstance(target, dict):
        if name in target:
            return target[name]
        if isinstance(target, AsWritten):
            return Unknown("known after apply")
        raise EvaluationError(f"the object has no attribute {name!r}")
    if target is None:
        raise EvaluationError(f"cannot read attribute {name!r} of null")
    raise EvaluationError(f"a {type_name(target)} has no attribute {name!r}")


def choose(chosen: Any, other: Any) -> Any:
    """``chosen`` converted to the type that it shares with the branch not taken."""
    if isinstance(chosen, Unknown):
        return chosen
    if isinstance(other, Unknown):
        return unmarked(chosen)
    try:
        return unify([chosen, other])[0]
    except EvaluationError:
        return unmarked(chosen)


def alternatives(then: Any, otherwise: Any) -> list[Any]:
    """All that a conditional may come to, converted to the type that its branches share."""
    options = [option for each in (then, otherwise) for option in (each.options if type(each) is Choice else (each,))]
    try:
        return unify(options)
    except EvaluationError:
        return options


def same(left: Any, right: Any) -> bool:
    """Whether both are the same value, or the same unknown; of which kind a list or an object is does not matter."""
    return sort_key(left) == sort_key(right)


def may_be_converted(value: Any) -> bool:
    """Whether the type of the other branch could change ``value``, or the kind of its type."""
    if isinstance(value, SetValue):
        return any(map(may_be_converted, value))
    return isinstance(value, bool | list | dict) or is_number(value)
