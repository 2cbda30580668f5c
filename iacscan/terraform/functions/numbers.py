"""Numeric functions: ``abs`` … ``signum``, and ``sum`` of a collection.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Numeric Functions".
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from iacscan.terraform.functions.doubles import double_power, natural_log
from iacscan.terraform.functions.registry import ANY, NUMBER, Function, whole
from iacscan.terraform.values import (
    CONTEXT,
    MAX_DIGITS,
    EvaluationError,
    Number,
    SetValue,
    derived,
    is_known,
    is_number,
    number,
    to_number,
)


def _abs(value: Number) -> Number:
    return -value if value < 0 else value


def _ceil(value: Number) -> Number:
    return value if isinstance(value, int) else int(value.to_integral_value(ROUND_CEILING))


def _floor(value: Number) -> Number:
    return value if isinstance(value, int) else int(value.to_integral_value(ROUND_FLOOR))


def _double(value: Number) -> float:
    """``value`` rounded to the 64-bit float that Terraform's own implementation computes with."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _log(value: Number, base: Number) -> Number:
    numerator, divisor = natural_log(_double(value)), natural_log(_double(base))
    if not math.isfinite(numerator) or math.isnan(divisor) or divisor == 0:
        raise EvaluationError("the logarithm is not a finite number")
    return number(numerator / divisor)


def _pow(value: Number, power: Number) -> Number:
    try:
        return number(double_power(_double(value), _double(power)))
    except (OverflowError, ValueError, ZeroDivisionError):
        raise EvaluationError("the power is not a finite number") from None


def _max(*values: Number) -> Number:
    return max(values)


def _min(*values: Number) -> Number:
    return min(values)


def _signum(value: Number) -> int:
    value = whole(value)
    return (value > 0) - (value < 0)


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parseint(text: Any, base: Number) -> Number:
    """The integer ``text`` in ``base``; letters are case-blind up to base 36, beyond it capitals follow."""
    base = whole(base)
    if not isinstance(text, str):
        raise EvaluationError("first argument must be a string")
    if not 2 <= base <= 62:
        raise EvaluationError("base must be a whole number between 2 and 62 inclusive")
    digits = text[1:] if text[:1] in ("+", "-") else text
    folded = digits.lower() if base <= 36 else digits
    if not folded or len(folded) > MAX_DIGITS or any(_DIGITS.find(each) not in range(base) for each in folded):
        raise EvaluationError(f"cannot parse {text!r} as a base {base} integer")
    result = 0
    for each in folded:
        result = result * base + _DIGITS.index(each)
    return number(-result if text[0] == "-" else result)


def _sum(values: Any) -> Any:
    if not isinstance(values, list | SetValue):
        raise EvaluationError("argument must be list, set, or tuple")
    if not len(values):
        raise EvaluationError("cannot sum an empty list")
    if not is_known(values):
        return derived(values)
    numbers = [to_number(item) for item in values]
    if not all(map(is_number, numbers)):
        raise EvaluationError("argument must be list, set, or tuple of number values")
    total = Decimal(0)
    for item in numbers:
        total = CONTEXT.add(total, Decimal(item))
    return number(total)


FUNCTIONS = (
    Function("abs", _abs, (NUMBER,)),
    Function("ceil", _ceil, (NUMBER,)),
    Function("floor", _floor, (NUMBER,)),
    Function("log", _log, (NUMBER, NUMBER)),
    Function("max", _max, (NUMBER,), rest=NUMBER),
    Function("min", _min, (NUMBER,), rest=NUMBER),
    Function("parseint", _parseint, (ANY, NUMBER)),
    Function("pow", _pow, (NUMBER, NUMBER)),
    Function("signum", _signum, (NUMBER,)),
    Function("sum", _sum, (ANY,)),
)
