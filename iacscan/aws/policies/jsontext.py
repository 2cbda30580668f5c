"""JSON text with holes, read into values.

``{"Resource": "${aws_s3_bucket.x.arn}/*"}`` written as a heredoc is a :class:`Template`. Its holes are
replaced by marks before the text is parsed, and come back afterwards as what they are: inside a JSON
string as part of that string, outside of one as an unknown element. A hole inside a string is taken
to hold no quotation mark.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from iacscan.core import Encoded, Template, Unknown, Value, join_text, merge_unknown

_MARKS = "\ue000\ue001\ue002\ue003"
_STRING_EVENT = re.compile(r'["\\]')


class NotJsonError(ValueError):
    """The text is not JSON; the message says why, in a few words."""


@dataclass(slots=True)
class Decoded:
    """What was read, and the member names that were written more than once in one object."""

    value: Any
    duplicates: list[str] = field(default_factory=list)


def decode(text: str | Template) -> Decoded | Unknown:
    """The value of ``text``; member names may be unknown texts, which dicts of plain values cannot have.

    Of a name written twice the last one counts, as in Terraform's own normalisation. Raises
    :class:`NotJsonError`; a text that is no JSON round holes whose content could make it so is Unknown.
    """
    if isinstance(text, str):
        return _load(text, None)
    plain = "".join(part for part in text.parts if isinstance(part, str))
    mark = next((mark for mark in _MARKS if mark not in plain), None)
    holes = [part for part in text.parts if isinstance(part, Unknown)]
    marked = _marked(text, mark) if mark else None
    if marked is None:
        return merge_unknown(holes)
    try:
        return _load(marked[0], lambda found: _restored(found, str(mark), holes))
    except NotJsonError:
        if marked[1]:
            return merge_unknown(holes)
        raise


def _marked(text: Template, mark: str) -> tuple[str, bool] | None:
    """``text`` with numbered marks for holes, and whether one stands outside a string; None: cannot tell."""
    pieces: list[str] = []
    inside = escaped = outside = False
    number = 0
    for part in text.parts:
        if isinstance(part, str):
            inside, escaped = _string_state(part, inside)
            pieces.append(part)
        elif escaped:
            return None
        else:
            pieces.append(f"{mark}{number}{mark}" if inside else f'"{mark}{number}{mark}"')
            outside = outside or not inside
            number += 1
    return "".join(pieces), outside


def _string_state(text: str, inside: bool) -> tuple[bool, bool]:
    """Whether a JSON string is open after ``text``, and whether ``text`` ends inside an escape."""
    position = 0
    while found := _STRING_EVENT.search(text, position):
        position = found.end()
        if found[0] == '"':
            inside = not inside
        elif inside:
            position += 1
    return inside, position > len(text)


def _load(text: str, restore: Callable[[str], Any] | None) -> Decoded:
    duplicates: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            duplicates.extend(name for name, count in counted.items() if count > 1)
        return found

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=_refuse, parse_int=_number)
        return Decoded(_walk(value, restore) if restore else value, duplicates)
    except NotJsonError:
        raise
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJsonError("it is nested too deeply") from None


def _refuse(constant: str) -> None:
    raise NotJsonError(f"{constant} is not a JSON number")


def _number(text: str) -> int | float:
    """An integer, or a float where the digits are so many that reading them would be an attack."""
    return int(text) if len(text) < 300 else float(text)


def _walk(value: Any, restore: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return restore(value)
    if isinstance(value, list):
        return [_walk(item, restore) for item in value]
    if isinstance(value, dict):
        return {restore(name): _walk(item, restore) for name, item in value.items()}
    return value


def _restored(text: str, mark: str, holes: list[Unknown]) -> str | Unknown | Template:
    if mark not in text:
        return text
    pieces = text.split(mark)
    return join_text(holes[int(piece)] if index % 2 else piece for index, piece in enumerate(pieces))


def decode_value(document: Value) -> Decoded | Unknown:
    """The value behind any form in which a document may come: text, text with holes, or already decoded.

    Raises :class:`NotJsonError` for text that is not JSON.
    """
    if isinstance(document, Unknown):
        return document
    if isinstance(document, Encoded):
        return Decoded(document.value)
    if isinstance(document, str | Template):
        return decode(document)
    return Decoded(document)
