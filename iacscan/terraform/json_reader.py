"""JSON text to values with their positions; repeated keys survive.

The grammar is https://www.rfc-editor.org/rfc/rfc8259; what a file says in it is told by
:mod:`iacscan.terraform.json_syntax`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from iacscan.core import Span
from iacscan.terraform.lexer import MAX_DEPTH, Source
from iacscan.terraform.nodes import HclSyntaxError
from iacscan.terraform.numbers import written_number

TOKEN = re.compile(
    r'\s*(?:("(?:[^"\\]|\\.)*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(true|false|null)|([{}\[\]:,]))'
)

_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Member:
    """One ``"key": value`` of a JSON object."""

    key: str
    value: Json
    span: Span


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON value with its span; an object is a tuple of members, so that repeated keys survive."""

    value: Any
    span: Span


def parse_json(source: Source) -> Json:
    """The one JSON value of ``source``; raises ``HclSyntaxError``."""
    reader = _Reader(source)
    value = reader.value(0)
    rest = source.text[reader.position :]
    if rest.strip():
        raise HclSyntaxError("Unexpected text after the JSON value", source.span(reader.position, len(source.text)))
    return value


@dataclass(slots=True)
class _Reader:
    source: Source
    position: int = 0

    def next(self) -> tuple[str, int, int]:
        match = TOKEN.match(self.source.text, self.position)
        if match is None or match.lastindex is None:
            start = len(self.source.text) - len(self.source.text[self.position :].lstrip())
            raise HclSyntaxError("This is not JSON", self.source.span(start, start + 1))
        self.position = match.end()
        return match[match.lastindex], match.start(match.lastindex), match.end()

    def value(self, depth: int) -> Json:
        token, start, end = self.next()
        if depth > MAX_DEPTH:
            raise HclSyntaxError("Brackets are nested too deeply", self.source.span(start, end))
        if token == "{":
            members = tuple(self._members(depth))
            return Json(members, self.source.span(start, self.position))
        if token == "[":
            items = list(self._items(depth))
            return Json(items, self.source.span(start, self.position))
        span = self.source.span(start, end)
        if token[0] == '"':
            return Json(_text(token, span), span)
        if token in _WORDS:
            return Json(_WORDS[token], span)
        if token in "}]:,":
            raise HclSyntaxError(f"Unexpected “{token}”", span)
        return Json(written_number(token, span), span)

    def _items(self, depth: int) -> Iterator[Json]:
        if self._closes("]"):
            return
        while True:
            yield self.value(depth + 1)
            if self._ends("]"):
                return

    def _members(self, depth: int) -> Iterator[Member]:
        if self._closes("}"):
            return
        while True:
            key, start, end = self.next()
            if key[0] != '"':
                raise HclSyntaxError("The key of an object must be quoted", self.source.span(start, end))
            colon, at, after = self.next()
            if colon != ":":
                raise HclSyntaxError("Expected a colon", self.source.span(at, after))
            value = self.value(depth + 1)
            yield Member(_text(key, self.source.span(start, end)), value, self.source.span(start, self.position))
            if self._ends("}"):
                return

    def _closes(self, closer: str) -> bool:
        before = self.position
        if self.next()[0] == closer:
            return True
        self.position = before
        return False

    def _ends(self, closer: str) -> bool:
        token, start, end = self.next()
        if token not in (",", closer):
            raise HclSyntaxError(f"Expected a comma or “{closer}”", self.source.span(start, end))
        return token == closer


def _text(token: str, span: Span) -> str:
    """The text of a quoted token; half a surrogate pair in it stands for no character, and is replaced."""
    try:
        text: str = json.loads(token, strict=False)
    except ValueError:
        raise HclSyntaxError("This is not a JSON string", span) from None
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if "\\u" in token else text
