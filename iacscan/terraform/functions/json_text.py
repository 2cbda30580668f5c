"""JSON as Terraform writes and reads it; what is not known keeps its shape as ``Encoded``.

Follows https://developer.hashicorp.com/terraform/language/functions/jsonencode and ``jsondecode``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from iacscan.core import Encoded
from iacscan.terraform import types
from iacscan.terraform.functions.registry import LOOSE, Function, FunctionContext, Parameter, check_text, normal
from iacscan.terraform.kinds import structural
from iacscan.terraform.values import EvaluationError, SetValue, derived, is_known, number, number_text

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\x7f"}


def encode(value: Any) -> str:
    """The compact JSON text of a known ``value``, keys in order, HTML characters escaped."""
    return "".join(_pieces(value))


def _pieces(value: Any) -> Iterator[str]:
    match value:
        case int() | Decimal() if not isinstance(value, bool):
            yield number_text(value)
        case str():
            yield _quote(value)
        case list() | SetValue():
            yield "["
            for position, item in enumerate(value):
                yield "," if position else ""
                yield from _pieces(item)
            yield "]"
        case dict():
            yield "{"
            for position, key in enumerate(sorted(value)):
                yield f"{',' if position else ''}{_quote(key)}:"
                yield from _pieces(value[key])
            yield "}"
        case _:
            yield json.dumps(value)


def _quote(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    for plain, escaped in _ESCAPES.items():
        if plain in quoted:
            quoted = quoted.replace(plain, escaped)
    return quoted


def _jsonencode(context: FunctionContext, value: Any) -> Any:
    check_text(value, context.limits)
    return encode(value) if is_known(value) else Encoded(value)


def _jsondecode(text: Any) -> Any:
    if isinstance(text, Encoded):
        return structural(text.value)
    return decode(text) if isinstance(text, str) else derived(text)


def decode(text: str) -> Any:
    """The value of a JSON text, numbers exact; raises ``EvaluationError`` where it is not JSON."""
    try:
        value = json.loads(text, parse_float=_number, parse_int=_number, parse_constant=_constant)
        return structural(_tidied(value) if "\\u" in text else value)
    except RecursionError:
        raise EvaluationError("the JSON text is nested too deeply to evaluate") from None
    except ValueError as error:
        raise EvaluationError(f"invalid JSON: {error}") from None


def _tidied(value: Any) -> Any:
    """Text in normal form C; half a surrogate pair stands for no character and becomes the replacement character."""
    match value:
        case str():
            return normal(value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        case list():
            return [_tidied(item) for item in value]
        case dict():
            return {_tidied(key): _tidied(item) for key, item in value.items()}
        case _:
            return value


def _number(text: str) -> Any:
    return number(Decimal(text))


def _constant(name: str) -> Any:
    raise EvaluationError(f"invalid JSON: {name} is not a value")


FUNCTIONS = (
    Function("jsondecode", _jsondecode, (Parameter(types.STRING, unknown=True),)),
    Function("jsonencode", _jsonencode, (LOOSE,), contextual=True),
)
