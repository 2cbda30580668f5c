"""JMESPath values and functions where a part may be unknown: strong Kleene logic, no syntax.

In go plain values with :class:`~iacscan.core.Unknown` (or ``Template``, ``Encoded``) anywhere inside,
out come plain values or an ``Unknown`` that waits for all that the answer depends on. The law: an
answer that is not unknown holds whatever the unknowns turn out to be. Where nothing is unknown, the
stock ``jmespath`` function answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jmespath.exceptions import JMESPathTypeError
from jmespath.functions import TYPES_MAP, Functions, signature

from iacscan.core import Encoded, Template, Unknown, merge_unknown, unknowns

UNKNOWNS = frozenset({Unknown, Template, Encoded})
"""Types of values that are not known, as a set for the fastest test: ``type(value) in UNKNOWNS``."""

SCALARS = frozenset({str, int, float, bool, type(None)})
"""Types of values that hold nothing inside."""

FAILURES = (ValueError, TypeError, ArithmeticError, AttributeError, RecursionError)
"""What stock jmespath raises on values that an expression does not fit; its own errors are ValueErrors."""

Evaluate = Callable[[Any], Any]
Function = Callable[..., Any]


class _Functions(Functions):
    """The stock functions and ours."""

    @signature({"types": []}, {"types": ["string"]})
    def _func_lookup(self, value: Any, key: str) -> Any:
        return value.get(key) if isinstance(value, Mapping) else None

    @signature({"types": ["array"]}, {"types": ["array"]})
    def _func_subset(self, part: list[Any], whole: list[Any]) -> bool:
        return all(item in whole for item in part)


_STOCK = _Functions()


class _Expression:
    """A ``&expression`` as the stock functions call it; they know the type by this name."""

    __slots__ = ("expression",)

    def __init__(self, expression: Evaluate) -> None:
        self.expression = expression

    def visit(self, expression: Evaluate, value: Any) -> Any:
        """The expression's value at ``value``."""
        return expression(value)


ExpressionReference = _Expression
"""A compiled ``&expression``, to be handed to a function."""


def waiting(*values: Any) -> Unknown:
    """One unknown that waits for all the unknowns at the top of or inside ``values``."""
    if len(values) == 1 and type(values[0]) is Unknown:  # by far the most common
        only = values[0]
        return Unknown(only.reason, only.references) if only.exact else only
    return merge_unknown(item for value in values for item in unknowns(value))


def doubts(values: Sequence[Any]) -> list[Any]:
    """The unknown values in ``values``, at any depth; without recursion."""
    found = []
    pending = [value for value in reversed(values) if type(value) not in SCALARS]
    while pending:
        value = pending.pop()
        if type(value) in UNKNOWNS:
            found.append(value)
        elif isinstance(value, list):
            pending += (item for item in reversed(value) if type(item) not in SCALARS)
        elif isinstance(value, Mapping):
            pending += (item for item in reversed([*value.values()]) if type(item) not in SCALARS)
    return found


def is_false(value: Any) -> bool:
    """Whether JMESPath takes a known value for false: false, null, and empty text, list or object."""
    if value is True:
        return False
    return value is False or value is None or (isinstance(value, str | list | dict) and not value)


def equal(left: Any, right: Any) -> bool | Unknown:
    """Three-valued ``==``: false as soon as one known part differs, whatever the unknown ones are."""
    if type(left) in UNKNOWNS or type(right) in UNKNOWNS:
        return waiting(left, right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and _all_equal(zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and _all_equal((item, right[key]) for key, item in left.items())
    return left is right or bool(left == right)


def _all_equal(pairs: Iterable[tuple[Any, Any]]) -> bool | Unknown:
    unsure = []
    for left, right in pairs:
        answer = equal(left, right)
        if answer is False:
            return False
        if answer is not True:
            unsure.append(answer)
    return merge_unknown(unsure) if unsure else True


def quantify(name: str, witness: bool, condition: Evaluate, items: Any) -> bool | Unknown:
    """``any`` (``witness`` true) or ``all`` (``witness`` false) of ``condition`` over ``items``.

    Stops at the first definite witness; without one, a doubtful item makes the answer unknown.
    Raises what ``condition`` raises, and ``JMESPathTypeError`` where ``items`` is no list.
    """
    if not isinstance(items, list):
        if type(items) in UNKNOWNS:
            return waiting(items)
        raise JMESPathTypeError(name, items, TYPES_MAP.get(type(items).__name__, "unknown"), ["array"])
    unsure: list[Any] = []
    for item in items:
        try:
            answer = condition(item)
        except FAILURES:
            if unsure:  # an earlier item may be the witness before which this one is never asked
                break
            raise
        if type(answer) in UNKNOWNS:
            unsure.append(answer)
        elif is_false(answer) is not witness:
            return witness
    return waiting(*unsure) if unsure else not witness


def _contains(subject: Any, search: Any) -> bool | Unknown:
    if not isinstance(subject, list):
        return _strict("contains")(subject, search)  # type: ignore[no-any-return]
    if type(search) in SCALARS and search in subject:
        return True
    unsure = []
    for item in subject:
        answer = equal(item, search)
        if answer is True:
            return True
        if answer is not False:
            unsure.append(answer)
    return merge_unknown(unsure) if unsure else False


def _subset(part: Any, whole: Any) -> bool | Unknown:
    if not isinstance(part, list) or not isinstance(whole, list):
        return _shallow("subset")(part, whole)  # type: ignore[no-any-return]
    return quantify("subset", False, lambda item: _contains(whole, item), part)


def _lookup(value: Any, key: Any) -> Any:
    if type(value) is dict and type(key) is str:  # spares the stock checks, which take longer
        return value.get(key)
    return _shallow("lookup")(value, key)


def _not_null(*values: Any) -> Any:
    for index, value in enumerate(values):
        if type(value) in UNKNOWNS:
            return waiting(*doubts(values[index:]))
        if value is not None:
            return value
    return None


def _strict(name: str) -> Function:
    """The stock function, unknown as soon as anything inside an argument is."""

    def call(*values: Any) -> Any:
        unsure = doubts(values)
        return waiting(*unsure) if unsure else _STOCK.call_function(name, values)

    return call


def _shallow(name: str) -> Function:
    """The stock function, for those that look at the shape of an argument and not at what it holds."""

    def call(*values: Any) -> Any:
        unsure = [value for value in values if type(value) in UNKNOWNS]
        return waiting(*unsure) if unsure else _STOCK.call_function(name, values)

    return call


_SHAPE = ("keys", "length", "map", "merge", "reverse", "to_array", "type", "values")

FUNCTIONS: Mapping[str, Function] = {
    **{name: _strict(name) for name in _STOCK.FUNCTION_TABLE},
    **{name: _shallow(name) for name in _SHAPE},
    "contains": _contains,
    "lookup": _lookup,
    "not_null": _not_null,
    "subset": _subset,
}
"""Every function but ``any`` and ``all``, by name; each raises what the stock one raises."""

QUANTIFIERS: Mapping[str, bool] = {"any": True, "all": False}
"""The two functions that take a condition, and the answer at which each may stop."""


def arity(name: str) -> tuple[int, bool]:
    """How many arguments a function takes, and whether more are welcome."""
    if name in QUANTIFIERS:
        return 2, False
    wanted = _STOCK.FUNCTION_TABLE[name]["signature"]
    return len(wanted), bool(wanted[-1].get("variadic"))
