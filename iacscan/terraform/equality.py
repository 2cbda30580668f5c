"""``==``: values of different types are never equal, and an answer that hangs on what is not known is unknown.

Follows https://developer.hashicorp.com/terraform/language/expressions/operators. A type is told by the
value: by its kind (:mod:`iacscan.terraform.kinds`) and by what it holds. Where that does not tell it
(an empty list has some element type, a null inside of an object some type) equal content may still be
of another type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from iacscan.core import Encoded, Template, Unknown
from iacscan.terraform.kinds import MARKED, ObjectValue, TupleValue
from iacscan.terraform.values import SetValue, derived, is_known, sort_key

_TYPE_OPEN = Unknown("whether both are of one type is not known")


def equal(left: Any, right: Any) -> bool | Unknown:
    """``left == right``; unknown where a part decides and is not known."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return False if _is_identity(left, right) or _is_identity(right, left) else derived(left, right)
    if isinstance(left, Template | Encoded) or isinstance(right, Template | Encoded):
        return _equal_text(left, right)
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right) or _differ_in_kind(left, right):
            return False
        return _certain(left, right, all_of(map(_equal_inside, left, right)))
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys() or _differ_in_kind(left, right):
            return False
        return _certain(left, right, all_of(_equal_inside(left[key], right[key]) for key in left))
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        return _equal_sets(left, right)
    return sort_key(left) == sort_key(right)


def _differ_in_kind(left: Any, right: Any) -> bool:
    return isinstance(left, MARKED) and isinstance(right, MARKED) and type(left) is not type(right)


def _certain(left: Any, right: Any, content: bool | Unknown) -> bool | Unknown:
    """The answer, given that on the content of two lists or objects that are not of different kinds."""
    same_kind = isinstance(left, MARKED) and isinstance(right, MARKED)
    if content is not True or (same_kind and (left or isinstance(left, TupleValue | ObjectValue))):
        return content
    return _TYPE_OPEN


def _equal_inside(left: Any, right: Any) -> bool | Unknown:
    """Equality of two elements: a null has a type there."""
    return _TYPE_OPEN if left is None and right is None else equal(left, right)


def _equal_sets(left: SetValue, right: SetValue) -> bool | Unknown:
    if not (is_known(left) and is_known(right)):
        return derived(left, right)
    if sort_key(left) != sort_key(right):
        return False
    plain = len(left) and not any(item is None or isinstance(item, list | dict | SetValue) for item in left)
    return True if plain else _TYPE_OPEN


def _is_identity(value: Any, other: Any) -> bool:
    """Whether ``other`` is null and ``value`` what a resource always has once it is made: its id or ARN."""
    reference = value.reference if isinstance(value, Unknown) else None
    managed = reference is not None and not re.match(r"(.*\.)?(data|var)\.", reference.address)
    return other is None and reference is not None and managed and reference.path[-1:] in (("id",), ("arn",))


def _equal_text(left: Any, right: Any) -> bool | Unknown:
    """Text with holes is never null, and differs from text with another beginning or end."""
    holed, other = (left, right) if isinstance(left, Template | Encoded) else (right, left)
    if isinstance(holed, Template) and isinstance(other, str):
        first, last = holed.parts[0], holed.parts[-1]
        if isinstance(first, str) and not other.startswith(first):
            return False
        if isinstance(last, str) and not other.endswith(last):
            return False
    elif not isinstance(other, str | Template | Encoded):
        return False
    return derived(left, right)


def all_of(answers: Iterable[bool | Unknown]) -> bool | Unknown:
    """Kleene conjunction."""
    doubts = []
    for answer in answers:
        if answer is False:
            return False
        if answer is not True:
            doubts.append(answer)
    return derived(*doubts) if doubts else True
