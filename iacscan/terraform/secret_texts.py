"""The texts by which a value is recognised in a report, so that a secret one can be kept out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from iacscan.core import Choice, Encoded, Template
from iacscan.terraform.values import SetValue, is_number, number_text

_PLAIN = frozenset(
    {
        "true",
        "false",
        "null",
        "AWS",
        "Service",
        "Federated",
        "CanonicalUser",
        "Allow",
        "Deny",
        "2008-10-17",
        "2012-10-17",
        ":root",
        ":role/",
        ":user/",
    }
)
"""Words of the policy language: a set of blocks with one sensitive value in it is marked as a whole."""

_SHORTEST = 3
"""Shorter texts occur everywhere: hiding them would hide the report, and tell what they are."""

_SHORTEST_NUMBER = 6
"""Shorter numbers are days, ports and counts."""

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ARN_START = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:")


def texts(value: Any) -> Iterator[str]:
    """Every text inside ``value`` that is long enough to be recognised, those in parts of it that are not known too."""
    stack = [value]
    while stack:
        item = stack.pop()
        match item:
            case str() if len(item) >= _SHORTEST and item not in _PLAIN:
                yield item
            case dict():
                stack.extend(item.values())
            case list() | SetValue():
                stack.extend(item)
            case Choice():
                stack.extend(item.options)
            case Encoded():
                stack.append(item.value)
            case Template():  # the beginning of an ARN is no secret, and stands in every other one
                stack.extend(_ARN_START.sub("", part) for part in item.parts if isinstance(part, str))
            case _ if is_number(item) and len(number_text(item)) >= _SHORTEST_NUMBER:
                yield number_text(item)


def secret_texts(value: Any) -> Iterator[str]:
    """The texts of a secret ``value``, and the account numbers in them: a report names the account of an ARN."""
    for text in texts(value):
        yield text
        yield from _ACCOUNT.findall(text)
