"""Numbers as files write them, in native and JSON syntax."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from iacscan.core import Span
from iacscan.terraform.nodes import HclSyntaxError
from iacscan.terraform.values import Number, number

MAX_WRITTEN = 3_000
"""How many digits a number may have: more are refused instead of exhausting memory."""


def written_number(text: str, span: Span) -> Number:
    """The number that ``text``, standing at ``span``, writes; raises ``HclSyntaxError`` where it is too long."""
    try:
        value = Decimal(text) if len(text) <= MAX_WRITTEN else None
    except InvalidOperation:  # an exponent beyond all that is ever computed with
        value = None
    if value is None or value.adjusted() > MAX_WRITTEN:
        raise HclSyntaxError("This number is too long", span)
    return number(value)
