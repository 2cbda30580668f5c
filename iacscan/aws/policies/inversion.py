"""What must hold for a request if a condition does not: ``StringNotEquals`` becomes ``StringEquals``, and so on.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html: a
missing key fails a positive operator and fulfils a negated one, so that the opposite of ``StringEquals`` admits
requests without the key, and that of ``StringNotEquals`` does not.
"""

from __future__ import annotations

from iacscan.aws.policies.operators import Operator, operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition

_OPPOSITES = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}
_POSITIVE = {opposite: base for base, opposite in _OPPOSITES.items()}
_ORDERS = {
    "LessThan": "GreaterThanEquals",
    "LessThanEquals": "GreaterThan",
    "GreaterThan": "LessThanEquals",
    "GreaterThanEquals": "LessThan",
}
_BOOLS = {"true": "false", "false": "true"}
_QUANTIFIERS = {"ForAllValues": "ForAnyValue", "ForAnyValue": "ForAllValues"}


def opposite(condition: Condition) -> tuple[Condition, ...] | None:
    """Conditions that hold together exactly where ``condition`` does not; None: that cannot be said in conditions."""
    if not isinstance(condition.operator, str):
        return None
    operator = operator_of(condition.operator)
    if operator is None:
        return None
    if operator.family == "null":
        return _of_null(condition)
    if operator.quantifier is not None:
        return _of_quantified(operator, condition)
    if operator.family == "bool":
        return _of_bool(operator, condition)
    if operator.base in _POSITIVE:
        return (_with(condition, _POSITIVE[operator.base]),)
    if operator.base in _OPPOSITES:
        found: tuple[Condition, ...] = (_with(condition, _OPPOSITES[operator.base]),)
    else:
        found = _of_order(operator, condition)
    return (*found, present(condition.key)) if found and operator.if_exists else found or None


def present(key: Leaf) -> Condition:
    """That ``key`` is in the request."""
    return Condition("Null", key, ("false",))


def _with(condition: Condition, operator: str) -> Condition:
    return Condition(operator, condition.key, condition.values)


def _word(condition: Condition) -> str | None:
    """The one word, true or false, of ``condition``; None: it has others, or none that is known."""
    words = {value.lower() if isinstance(value, str) else "" for value in condition.values}
    word = words.pop() if len(words) == 1 else ""
    return word if word in _BOOLS else None


def _of_null(condition: Condition) -> tuple[Condition, ...] | None:
    word = _word(condition)
    return None if word is None else (Condition("Null", condition.key, (_BOOLS[word],)),)


def _of_bool(operator: Operator, condition: Condition) -> tuple[Condition, ...] | None:
    """A Bool that does not hold: the other word, or no key; with IfExists the key is there."""
    word = _word(condition)
    if word is None:
        return None
    name = "Bool" if operator.if_exists else "BoolIfExists"
    return (Condition(name, condition.key, (_BOOLS[word],)),)


def _of_order(operator: Operator, condition: Condition) -> tuple[Condition, ...]:
    """Of several limits none may be kept: each is a condition of its own."""
    for family in ("Numeric", "Date"):
        turned = _ORDERS.get(operator.base.removeprefix(family)) if operator.base.startswith(family) else None
        if turned is not None:
            return tuple(Condition(f"{family}{turned}IfExists", condition.key, (value,)) for value in condition.values)
    return ()


def _of_quantified(operator: Operator, condition: Condition) -> tuple[Condition, ...] | None:
    """Not all values: some value does not; not any value: none does."""
    turned = _OPPOSITES.get(operator.base) or _POSITIVE.get(operator.base)
    if turned is None or operator.if_exists:
        return None
    return (_with(condition, f"{_QUANTIFIERS[operator.quantifier or '']}:{turned}"),)
