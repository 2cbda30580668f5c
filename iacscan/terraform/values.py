"""Terraform's values in Python, and the conversions between its primitive types.

A string is ``str``; a number is ``int``, or ``Decimal`` where it has a fraction (build one with
:func:`number`); booleans, ``None``, ``list`` (list and tuple) and ``dict`` (map and object) are what
they seem; a set is a :class:`SetValue`. :class:`~iacscan.core.Unknown`,
:class:`~iacscan.core.Template` and :class:`~iacscan.core.Encoded` stand for what is not known.
Conversion to structural types is in :mod:`iacscan.terraform.types`.

Follows https://developer.hashicorp.com/terraform/language/expressions/types.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

from iacscan.core import Choice, Encoded, Perhaps, Template, Unknown, Value

Number: TypeAlias = int | Decimal
"""An exact number: ``int`` whenever it has no fraction."""

NOT_KNOWN = (Unknown, Template, Encoded)
"""The types of the values that are not known, or known only in part."""

CONTEXT = Context(prec=155, Emax=999_999, Emin=-999_999)
"""Terraform computes with 512 bits of mantissa: 155 decimal digits."""

MAX_DIGITS = 4_000
"""The longest number; beyond it evaluation fails instead of exhausting memory (Python writes 4,300 digits)."""

MAX_JSON = 8_000_000
"""The longest JSON text with parts that are not known."""

MAX_OPTIONS = 8
"""Of more values than these, one that may be any of them is just not known."""


class EvaluationError(Exception):
    """An expression that Terraform rejects, or that is too large to evaluate; the message says why."""


class AsWritten(dict[str, Any]):
    """The arguments of a nested block whose schema is not known: it may have more attributes than are written."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """A Terraform set: no duplicates, canonical order (strings as Terraform sorts them)."""

    items: tuple[Any, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Any]) -> SetValue:
        """The set of ``items``; what may be several things has no place in its order."""
        settled = (derived(item) if isinstance(item, Choice) else item for item in items)
        unique = {sort_key(item): item for item in settled}
        return cls(tuple(unique[key] for key in sorted(unique)))

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item: object) -> bool:
        key = sort_key(item)
        return any(sort_key(member) == key for member in self.items)


def sort_key(value: Any) -> tuple[Any, ...]:
    """A hashable, totally ordered key that is equal exactly for equal values of the same type."""
    match value:
        case None:
            return (0,)
        case bool():
            return (1, value)
        case int() | Decimal() | float():
            return (2, Decimal(value))
        case str():
            return (3, value.encode("utf-8", "surrogatepass"))
        case list() | tuple():
            return (4, tuple(sort_key(item) for item in value))
        case SetValue():
            return (5, tuple(sort_key(item) for item in value.items))
        case dict():
            return (6, tuple((key, sort_key(value[key])) for key in sorted(value)))
        case Encoded():
            return (7, sort_key(value.value))
        case Choice():
            return (8, repr(value), tuple(sort_key(option) for option in value.options))
        case _:
            return (8, repr(value))


def number(value: int | float | Decimal) -> Number:
    """``value`` in the one representation of a number; raises for infinities and NaN."""
    if isinstance(value, int):
        if value.bit_length() > 3 * MAX_DIGITS:
            raise EvaluationError("number is too large")
        return int(value)
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    if not exact.is_finite():
        raise EvaluationError("a number must be finite")
    if exact.adjusted() > MAX_DIGITS:
        raise EvaluationError("number is too large")
    return int(exact) if exact == exact.to_integral_value(context=CONTEXT) else exact.normalize(CONTEXT)


def is_number(value: object) -> bool:
    """Whether ``value`` is a Terraform number (``True`` is not)."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def number_text(value: Number) -> str:
    """``value`` as Terraform writes it: no exponent, no trailing zeros."""
    if isinstance(value, Decimal):
        return f"{value.normalize(CONTEXT):f}"
    return str(value)


def to_string(value: Any) -> Any:
    """``value`` as a string; unknown stays unknown; raises where Terraform has no conversion."""
    match value:
        case Choice():
            return value.each(to_string)
        case None | str() | Unknown() | Template() | Encoded():
            return value
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return number_text(value)
        case _:
            raise EvaluationError(f"string required, but have {type_name(value)}")


def to_number(value: Any) -> Any:
    """``value`` as a number; text with holes becomes unknown; raises where there is no conversion."""
    if value is None or isinstance(value, Unknown) or is_number(value):
        return value
    if isinstance(value, Template | Encoded):
        return derived(value)
    if not isinstance(value, str):
        raise EvaluationError(f"number required, but have {type_name(value)}")
    if len(value) > MAX_DIGITS or "_" in value or value != value.strip():
        raise EvaluationError("a number is required")
    try:
        return number(CONTEXT.create_decimal(value))
    except InvalidOperation:
        raise EvaluationError("a number is required") from None


def to_bool(value: Any) -> Any:
    """``value`` as a bool; text with holes becomes unknown; raises where there is no conversion."""
    if value is None or isinstance(value, bool | Unknown):
        return value
    if isinstance(value, Template | Encoded):
        return derived(value)
    if isinstance(value, str):
        if value in ("true", "1"):
            return True
        if value in ("false", "0"):
            return False
        raise EvaluationError("a bool is required")
    raise EvaluationError(f"bool required, but have {type_name(value)}")


def unknown_parts(value: Any) -> Iterator[Unknown]:
    """Every unknown inside ``value``, sets included, depth first."""
    match value:
        case Unknown():
            yield value
        case Template():
            yield from (part for part in value.parts if isinstance(part, Unknown))
        case Encoded():
            yield from unknown_parts(value.value)
        case dict():
            for item in value.values():
                yield from unknown_parts(item)
        case list() | SetValue():
            for item in value:
                yield from unknown_parts(item)


def is_known(value: Any) -> bool:
    """Whether ``value`` is known through and through."""
    return next(unknown_parts(value), None) is None


def derived(*values: Any) -> Unknown:
    """The unknown result of an operation on ``values``: it waits for all that they wait for."""
    seen = [unknown for value in values for unknown in unknown_parts(value)]
    references = tuple(dict.fromkeys(reference for item in seen for reference in item.references))
    return Unknown(seen[0].reason if seen else "not known", references)


def one_of(doubt: Unknown, options: list[Any]) -> Unknown:
    """``doubt``, as the choice between ``options`` where each is known, or one attribute, and they are few."""
    listed = all((type(option) is Unknown and option.exact) or not isinstance(option, Unknown) for option in options)
    if not listed or len(options) > MAX_OPTIONS:
        return doubt
    return Choice(doubt.reason, doubt.references, options=tuple(options))


def written_or(value: Any, default: Callable[[], Any]) -> Any:
    """``value``, or ``default()`` where it is null, which is the same as not written; of each that it may be."""
    if isinstance(value, Choice):
        return value.each(lambda option: written_or(option, default))
    return default() if value is None else value


def type_name(value: Any) -> str:
    """The word for the type of ``value`` in a message."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | Decimal() | float():
            return "number"
        case list() | tuple():
            return "tuple"
        case SetValue():
            return "set"
        case dict():
            return "object"
        case Unknown():
            return "unknown value"
        case _:
            return "string"


def text_parts(value: Encoded) -> Iterator[str | Unknown]:
    """The JSON text of ``value`` in pieces: literal text and the unknowns between, as a template has.

    Raises ``EvaluationError`` where it is too long: each ``jsonencode`` inside of another doubles its backslashes.
    """
    size = 0
    for part in _json_parts(value.value):
        size += len(part) if isinstance(part, str) else 1
        if size > MAX_JSON:
            raise EvaluationError("the JSON text is too long to evaluate")
        yield part


def _json_parts(value: Any) -> Iterator[str | Unknown]:
    match value:
        case Unknown():
            yield value
        case Template():
            yield '"'
            for part in value.parts:
                yield json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else part
            yield '"'
        case Encoded():
            yield '"'
            for part in text_parts(value):
                yield json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else part
            yield '"'
        case dict():
            yield "{"
            for position, key in enumerate(sorted(value)):
                yield ("," if position else "") + json.dumps(key, ensure_ascii=False) + ":"
                yield from _json_parts(value[key])
            yield "}"
        case list() | SetValue():
            yield "["
            for position, item in enumerate(value):
                yield "," if position else ""
                yield from _json_parts(item)
            yield "]"
        case Decimal():
            yield number_text(value)
        case _:
            yield json.dumps(value, ensure_ascii=False)


def export(value: Any) -> Value:
    """``value`` in the shared shape of :data:`iacscan.core.Value`: sets as lists, fractions as floats."""
    match value:
        case dict():
            return {key: export(item) for key, item in value.items()}
        case list() | SetValue():
            return [export(item) for item in value]
        case Decimal():
            return float(value)
        case Encoded():
            return Encoded(export(value.value))
        case Perhaps():
            return derived(value)
        case Choice():
            return value.each(export)
        case _:
            return value  # type: ignore[no-any-return]
