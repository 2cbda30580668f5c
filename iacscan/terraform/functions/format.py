"""``format`` and ``formatlist``: Terraform's verbs, with holes kept for ``%s`` and ``%v``.

Follows https://developer.hashicorp.com/terraform/language/functions/format; numbers are printed as
Go prints arbitrary-precision ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from iacscan.core import Template, Unknown, join_text
from iacscan.terraform.functions.json_text import encode
from iacscan.terraform.functions.registry import LOOSE, STRING, Function, FunctionContext, Limits, too_large
from iacscan.terraform.functions.strings import graphemes, holes
from iacscan.terraform.kinds import ListValue
from iacscan.terraform.values import (
    MAX_DIGITS,
    NOT_KNOWN,
    EvaluationError,
    Number,
    SetValue,
    derived,
    is_known,
    is_number,
    to_bool,
    to_number,
    to_string,
)

_VERB = re.compile(r"%([-+# 0]*)([1-9][0-9]*)?(?:\.([0-9]*))?(?:\[([0-9]+)\])?(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Verb:
    flags: str
    width: int
    precision: int | None
    mode: str

    def pad(self, text: str) -> str:
        """``text`` at least ``width`` characters wide."""
        missing = self.width - len(graphemes(text)) if self.width else 0
        filling = ("0" if "0" in self.flags else " ") * max(missing, 0)
        return text + filling if "-" in self.flags else filling + text


def _format(context: FunctionContext, template: str, *args: Any) -> Any:
    parts: list[Any] = []
    size = 0
    for part in _render(template, args, context.limits):
        size += len(part) if isinstance(part, str) else 0
        if size > context.limits.text:
            raise too_large("the formatted text")
        parts.append(part)
    unknown = [part for part in parts if isinstance(part, tuple)]
    if unknown:
        return derived(list(args))
    return join_text(parts)


def _render(template: str, args: Sequence[Any], limits: Limits) -> Iterator[Any]:
    """The text of ``template`` piece by piece; an empty tuple where a piece cannot be told."""
    position, following, highest, padding = 0, 1, 0, 0
    while (start := template.find("%", position)) >= 0:
        yield template[position:start]
        match = _VERB.match(template, start)
        if match is None:
            raise EvaluationError(f"unrecognized format character in {template[start:]!r}")
        position = match.end()
        if match[0] == "%%":
            yield "%"
            continue
        index = int(match[4]) if match[4] else following
        following, highest = index + 1, max(highest, index)
        verb = _verb(match)
        padding += verb.width + (verb.precision or 0)
        if padding > limits.items:
            raise too_large("the formatted text")
        yield _piece(verb, index, args)
    yield template[position:]
    if highest < len(args):
        raise EvaluationError(f"too many arguments; only {highest} used by format string")


def _verb(match: re.Match[str]) -> _Verb:
    if match[5] not in "vtbdoxXeEfgGsq":
        raise EvaluationError(f"unsupported format verb {match[5]!r} in {match[0]!r}")
    if any(len(each or "") > 9 for each in (match[2], match[3], match[4])):
        raise too_large("the formatted text")
    precision = int(match[3] or "0") if match[3] is not None else None
    return _Verb(match[1], int(match[2] or 0), precision, match[5])


def _piece(verb: _Verb, index: int, args: Sequence[Any]) -> Any:
    if not 1 <= index <= len(args):
        raise EvaluationError(f"not enough arguments for %{verb.mode}: need index {index} but have {len(args)} total")
    arg = args[index - 1]
    if not is_known(arg):
        return _unknown_piece(verb, arg)
    if verb.mode == "v":
        return _as_is(verb, arg)
    if arg is None:
        raise EvaluationError(f"unsupported value for %{verb.mode}: null value cannot be formatted")
    if verb.mode == "t":
        return "true" if to_bool(arg) else "false"
    if verb.mode in "sq":
        return _string(verb, to_string(arg))
    return _number(verb, to_number(arg))


def _unknown_piece(verb: _Verb, arg: Any) -> str | Unknown | Template | tuple[()]:
    """A hole, where text goes in unchanged."""
    plain = verb.mode in "sv" and not verb.width and verb.precision is None and "#" not in verb.flags
    if not isinstance(arg, NOT_KNOWN):
        if verb.mode != "v":
            raise EvaluationError(f"unsupported value for %{verb.mode}: string required")
        return ()
    return holes(arg) if plain else ()


def _as_is(verb: _Verb, arg: Any) -> str:
    if "#" not in verb.flags:
        if isinstance(arg, str):
            return verb.pad(arg)
        if is_number(arg):
            return verb.pad(general(arg))
    return verb.pad(encode(arg))


def _string(verb: _Verb, text: str) -> str:
    if verb.precision:
        text = "".join(graphemes(text)[: verb.precision])
    return verb.pad(text if verb.mode == "s" else encode(text))


def _number(verb: _Verb, value: Number) -> str:
    if verb.mode in "bdoxX":
        if not isinstance(value, int):
            raise EvaluationError(f"unsupported value for %{verb.mode}: an integer is required")
        return _integer(verb, value)
    upper = verb.mode in "EG"
    digits = abs(Decimal(value))
    match verb.mode.lower():
        case "f":
            text = fixed(digits, 6 if verb.precision is None else verb.precision)
        case "e":
            text = scientific(digits, 6 if verb.precision is None else verb.precision)
        case _:
            text = general(digits, verb.precision)
    zeros = "0" in verb.flags and "-" not in verb.flags
    return _signed(verb, value, "", text.upper() if upper else text, zeros=zeros)


def _integer(verb: _Verb, value: int) -> str:
    if value.bit_length() > MAX_DIGITS:
        raise too_large("the formatted number")
    text = f"{abs(value):{verb.mode}}"
    if verb.precision is not None:
        text = "" if verb.precision == 0 and value == 0 else text.rjust(verb.precision, "0")
        if not text:
            return ""
    prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb.mode, "") if "#" in verb.flags else ""
    zeros = "0" in verb.flags and "-" not in verb.flags and verb.precision is None
    return _signed(verb, value, prefix, text, zeros=zeros)


def _signed(verb: _Verb, value: Number, prefix: str, text: str, *, zeros: bool) -> str:
    """Sign, prefix and digits, padded with zeros inside or with spaces around."""
    negative = value < 0 or (isinstance(value, Decimal) and value.is_signed())
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    if zeros:
        text = text.rjust(verb.width - len(sign) - len(prefix), "0")
    text = sign + prefix + text
    return text.ljust(verb.width) if "-" in verb.flags else text.rjust(verb.width)


def fixed(value: Decimal, places: int) -> str:
    """``value`` with ``places`` digits after the point."""
    with localcontext(prec=max(value.adjusted(), 0) + places + 2, Emin=-999_999, Emax=999_999):
        return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}"


def scientific(value: Decimal, places: int | None = None) -> str:
    """``value`` as ``d.ddde±dd``; with no ``places`` as many digits as it has."""
    if not value:
        return f"{0:.{places or 0}f}e+00"
    digits = value.normalize() if places is None else value
    text = f"{digits:e}" if places is None else f"{digits:.{places}e}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].rjust(2, '0')}"


def general(value: Number, precision: int | None = None) -> str:
    """``value`` as Go's ``%g``: scientific beyond 10**-4 and the precision (21 digits… or 6 when shortest)."""
    exact = Decimal(value)
    if not exact:
        return "0"
    with localcontext(prec=precision or MAX_DIGITS, Emin=-999_999, Emax=999_999):
        exact = (+exact).normalize()
    count = len(exact.as_tuple().digits)
    threshold = 6 if precision is None else max(precision, 1)
    if precision is not None and threshold > count >= exact.adjusted() + 1:
        threshold = count
    if exact.adjusted() < -4 or exact.adjusted() >= threshold:
        return scientific(exact)
    return f"{exact:f}"


def _formatlist(context: FunctionContext, template: str, *args: Any) -> Any:
    if any(isinstance(arg, Unknown) for arg in args):
        return derived(list(args))
    columns = [list(arg) if isinstance(arg, list | SetValue) else None for arg in args]
    lengths = {len(column) for column in columns if column is not None}
    if len(lengths) > 1:
        raise EvaluationError("the list arguments have inconsistent lengths")
    count = lengths.pop() if lengths else 1
    if count * len(template) > context.limits.text:
        raise too_large("the formatted list")
    rows = (
        [arg if column is None else column[row] for arg, column in zip(args, columns, strict=True)]
        for row in range(count)
    )
    lines: list[Any] = []
    size = 0
    for row in rows:
        lines.append(_format(context, template, *row))
        size += len(lines[-1]) if isinstance(lines[-1], str) else 0
        if size > context.limits.text:
            raise too_large("the formatted list")
    return lines


FUNCTIONS = (
    Function("format", _format, (STRING,), rest=LOOSE, contextual=True),
    Function("formatlist", _formatlist, (STRING,), rest=LOOSE, contextual=True, result=ListValue),
)
