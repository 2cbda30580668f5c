"""Names of condition operators, taken apart.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html:
``ForAllValues:`` or ``ForAnyValue:``, a base operator, and ``IfExists`` (not with ``Null``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

Family: TypeAlias = Literal["string", "numeric", "date", "bool", "binary", "ip", "arn", "null"]

_BASES: dict[str, tuple[Family, bool]] = {
    "StringEquals": ("string", False),
    "StringNotEquals": ("string", True),
    "StringEqualsIgnoreCase": ("string", False),
    "StringNotEqualsIgnoreCase": ("string", True),
    "StringLike": ("string", False),
    "StringNotLike": ("string", True),
    "NumericEquals": ("numeric", False),
    "NumericNotEquals": ("numeric", True),
    "NumericLessThan": ("numeric", False),
    "NumericLessThanEquals": ("numeric", False),
    "NumericGreaterThan": ("numeric", False),
    "NumericGreaterThanEquals": ("numeric", False),
    "DateEquals": ("date", False),
    "DateNotEquals": ("date", True),
    "DateLessThan": ("date", False),
    "DateLessThanEquals": ("date", False),
    "DateGreaterThan": ("date", False),
    "DateGreaterThanEquals": ("date", False),
    "Bool": ("bool", False),
    "BinaryEquals": ("binary", False),
    "IpAddress": ("ip", False),
    "NotIpAddress": ("ip", True),
    "ArnEquals": ("arn", False),
    "ArnLike": ("arn", False),
    "ArnNotEquals": ("arn", True),
    "ArnNotLike": ("arn", True),
    "Null": ("null", False),
}
_BY_FOLDED_NAME = {name.lower(): name for name in _BASES}
_QUANTIFIERS = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_IF_EXISTS = "ifexists"


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator: its base name, what it compares, and how it treats several and missing values."""

    base: str
    family: Family
    negated: bool
    quantifier: str | None
    if_exists: bool


@lru_cache(maxsize=512)
def operator_of(name: str) -> Operator | None:
    """The operator called ``name``, in any case; None: there is no such operator."""
    head, colon, tail = name.lower().rpartition(":")
    quantifier = _QUANTIFIERS.get(head) if colon else None
    if colon and quantifier is None:
        return None
    if_exists = tail.endswith(_IF_EXISTS)
    base = _BY_FOLDED_NAME.get(tail.removesuffix(_IF_EXISTS))
    if base is None or (base == "Null" and (if_exists or quantifier)):
        return None
    family, negated = _BASES[base]
    return Operator(base, family, negated, quantifier, if_exists)
