"""How each family of condition operators compares one policy value with one value of a request.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
Negation, several values and missing keys are the business of :mod:`iacscan.aws.policies.conditions`.
"""

from __future__ import annotations

import ipaddress
import operator as compare
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from iacscan.aws.kleene import conjunction
from iacscan.aws.policies.context import Values
from iacscan.aws.policies.networks import network_of
from iacscan.aws.policies.operators import Operator
from iacscan.aws.policies.patterns import Leaf, Pattern, Token, matches, pattern_of
from iacscan.aws.policies.variables import fill
from iacscan.core import Ternary, Unknown, merge_unknown, unknowns

_ARN_PARTS = 6
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
_YEAR_OR_MONTH = re.compile(r"[0-9]{4}(-[0-9]{2})?")
_REST_OF_DATE = {4: "-01-01", 7: "-01"}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": compare.eq,
    "NotEquals": compare.eq,
    "LessThan": compare.lt,
    "LessThanEquals": compare.le,
    "GreaterThan": compare.gt,
    "GreaterThanEquals": compare.ge,
}


def meets(operator: Operator, policy_value: Leaf, value: str, context: Mapping[str, Values], has: Ternary) -> Ternary:
    """Whether ``value`` of a request is what ``policy_value`` asks for, read without the operator's "not".

    ``has`` says whether the document has policy variables, ``context`` what they hold.
    """
    if operator.family == "string":
        return _text(operator, policy_value, value, context, has)
    if operator.family == "arn":
        return _arn(fill(policy_value, context, has), value)
    if operator.family == "bool":
        pattern = fill(policy_value, context, has, fold=True, wild=False)
        return False if pattern is None else matches(pattern, value.lower())
    if not isinstance(policy_value, str):
        return merge_unknown(unknowns(policy_value))
    if operator.family == "binary":
        return policy_value == value
    if operator.family == "ip":
        return _address(policy_value, value)
    read = number_of if operator.family == "numeric" else date_of
    return _ordered(operator, read, policy_value, value)


def is_value_of(operator: Operator, policy_value: Leaf) -> Ternary:
    """Whether ``policy_value`` is something that ``operator`` can compare with at all."""
    readers: Mapping[str, Callable[[str], object]] = {
        "numeric": number_of,
        "date": date_of,
        "ip": network_of,
        "bool": _boolean,
        "null": _boolean,
    }
    read = readers.get(operator.family)
    if read is None or (operator.family == "bool" and isinstance(policy_value, str) and "${" in policy_value):
        return True
    if not isinstance(policy_value, str):
        return merge_unknown(unknowns(policy_value))
    return read(policy_value) is not None


def _boolean(text: str) -> str | None:
    return text.lower() if text.lower() in ("true", "false") else None


def _text(operator: Operator, policy_value: Leaf, value: str, context: Mapping[str, Values], has: Ternary) -> Ternary:
    fold = operator.base.endswith("IgnoreCase")
    pattern = fill(policy_value, context, has, fold=fold, wild=operator.base.endswith("Like"))
    return False if pattern is None else matches(pattern, value.lower() if fold else value)


def _arn(pattern: Pattern | None, value: str) -> Ternary:
    """Part by part: a wildcard does not reach over a colon, save in the last part."""
    if pattern is None:
        return False
    whole = matches(pattern, value)
    if whole is False or pattern.doubt is not None:
        return whole
    parts = _split(pattern.tokens)
    values = value.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or len(values) < _ARN_PARTS:
        return Unknown("AWS does not document how it compares what is not an ARN with six parts")
    return conjunction(matches(pattern_of(part), text) for part, text in zip(parts, values, strict=True))


def _split(tokens: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token == ":" and len(parts) < _ARN_PARTS:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts]


def _address(policy_value: str, value: str) -> Ternary:
    network = network_of(policy_value)
    if network is None:
        return Unknown(f'"{policy_value}" is not an address range, so AWS refuses the policy')
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return Unknown(f'the request\'s address "{value}" is not an address')
    return address in network


def _ordered(operator: Operator, read: Callable[[str], Any], policy_value: str, value: str) -> Ternary:
    left, right = read(value), read(policy_value)
    if right is None:
        return Unknown(f'"{policy_value}" is no value for {operator.base}, so AWS refuses the policy')
    if left is None:
        return Unknown(f'{operator.base} cannot read "{value}" of the request')
    return _ORDERS[operator.base.removeprefix("Numeric").removeprefix("Date")](left, right)


def number_of(text: str) -> Decimal | None:
    """The number written as ``text``; None: it is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def date_of(text: str) -> datetime | None:
    """ISO 8601 (with a zone or in UTC), or seconds since 1970."""
    short = _YEAR_OR_MONTH.fullmatch(text)
    number = None if short else number_of(text)
    try:
        if number is not None:
            return datetime.fromtimestamp(float(number), UTC)
        found = datetime.fromisoformat(text + _REST_OF_DATE[len(text)] if short else text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
