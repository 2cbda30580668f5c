"""JSON syntax (``.tf.json``) to the tree of :mod:`iacscan.terraform.nodes`, with positions.

Follows https://developer.hashicorp.com/terraform/language/syntax/json: known block types become
blocks, everything else attributes, and strings are templates. Inside a resource a nested block stays
an attribute with an object or a list of objects; the schema tells it apart later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iacscan.core import Span
from iacscan.terraform import nodes
from iacscan.terraform.lexer import MAX_DEPTH, Source
from iacscan.terraform.nodes import LABELS, Attribute, Block, Body, Comment, Expression, File, HclSyntaxError, unread
from iacscan.terraform.syntax import parse_template
from iacscan.terraform.values import number

TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)|([{}\[\]:,]))')

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


def parse_json_file(text: str, path: str) -> File:
    """``text`` as a file in JSON syntax; a fault becomes a diagnostic."""
    source = Source(text.removeprefix("\ufeff"))
    try:
        root = parse_json(source)
        return File(path, _file_body(root, path), tuple(_comments(root)))
    except HclSyntaxError as fault:
        return unread(path, str(fault), fault.span, text)


def _comments(root: Json) -> Iterator[Comment]:
    """The texts at ``"//"`` keys, in the order of the text; generators of JSON keep objects there, which are none."""
    found: list[Comment] = []
    stack = [root]
    while stack:
        for item in _items(stack.pop()):
            if isinstance(item, Member) and item.key == "//" and isinstance(item.value.value, str):
                found.append(Comment(item.value.value, item.span))
            else:
                stack.append(item.value if isinstance(item, Member) else item)
    yield from sorted(found, key=lambda comment: comment.span)


def _items(value: Json) -> Sequence[Member | Json]:
    return value.value if isinstance(value.value, tuple | list) else ()


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
            return Json(self._text(token, span), span)
        if token in _WORDS:
            return Json(_WORDS[token], span)
        if token in "}]:,":
            raise HclSyntaxError(f"Unexpected “{token}”", span)
        return Json(json.loads(token, parse_float=_decimal), span)

    def _text(self, token: str, span: Span) -> str:
        try:
            text: str = json.loads(token, strict=False)
        except ValueError:
            raise HclSyntaxError("This is not a JSON string", span) from None
        return text

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
            yield Member(self._text(key, self.source.span(start, end)), value, self.source.span(start, self.position))
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


def _decimal(text: str) -> Any:
    from decimal import Decimal

    return number(Decimal(text))


def _file_body(root: Json, path: str) -> Body:
    blocks: list[Block] = []
    for member in _all_members(root):
        if member.key in LABELS:
            blocks.extend(_blocks(member.key, (), member, member.value, LABELS[member.key], path))
        elif not member.key.startswith("//"):
            raise HclSyntaxError(f"There is no block type {member.key!r}", member.span)
    return Body({}, tuple(blocks))


def _all_members(value: Json) -> Iterator[Member]:
    """Members of an object, or of each object of a list of objects."""
    if isinstance(value.value, list):
        for item in value.value:
            yield from _all_members(item)
    elif isinstance(value.value, tuple):
        yield from value.value
    else:
        raise HclSyntaxError("An object is required here", value.span)


def _blocks(
    kind: str, labels: tuple[str, ...], member: Member, value: Json, missing: int, path: str
) -> Iterator[Block]:
    if missing:
        for inner in _all_members(value):
            if inner.key != "//":
                yield from _blocks(kind, (*labels, inner.key), inner, inner.value, missing - 1, path)
        return
    for item in value.value if isinstance(value.value, list) else [value]:
        yield Block(kind, labels, _body(item, kind, path), _key_span(member), member.span, path)


def _key_span(member: Member) -> Span:
    """The span of the key alone, as a block's header."""
    width = len(json.dumps(member.key, ensure_ascii=False))
    start = member.span
    return Span(start.start_line, start.start_column, start.start_line, start.start_column + width)


def _body(value: Json, kind: str, path: str) -> Body:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for member in _all_members(value):
        if member.key == "//":
            continue
        if member.key == "dynamic" and kind in ("resource", "data", "content", "provider"):
            for inner in _all_members(member.value):
                blocks.extend(_blocks("dynamic", (inner.key,), inner, inner.value, 0, path))
        elif (kind, member.key) in (("dynamic", "content"), ("terraform", "required_providers")):
            blocks.extend(_blocks(member.key, (), member, member.value, 0, path))
        else:
            raw = kind == "variable" or (kind == "module" and member.key in ("source", "version"))
            build = _raw if raw else expression
            attributes[member.key] = Attribute(member.key, build(member.value), member.span, path)
    return Body(attributes, tuple(blocks))


def expression(value: Json) -> Expression:
    """A JSON value as an expression: strings are templates, keys too; raises ``HclSyntaxError``."""
    if isinstance(value.value, str):
        return parse_template(Source(value.value, value.span))
    if isinstance(value.value, list):
        return nodes.TupleItems(tuple(expression(item) for item in value.value), value.span)
    if isinstance(value.value, tuple):
        items = tuple(
            nodes.ObjectItem(parse_template(Source(each.key, _key_span(each))), expression(each.value), each.span)
            for each in value.value
            if each.key != "//"
        )
        return nodes.ObjectItems(items, value.span)
    return nodes.Literal(value.value, value.span)


def _raw(value: Json) -> Expression:
    """A JSON value that holds no templates: the default of a variable, the source of a module."""
    if isinstance(value.value, list):
        return nodes.TupleItems(tuple(_raw(item) for item in value.value), value.span)
    if isinstance(value.value, tuple):
        items = (
            nodes.ObjectItem(nodes.Literal(each.key, each.span), _raw(each.value), each.span) for each in value.value
        )
        return nodes.ObjectItems(tuple(items), value.span)
    return nodes.Literal(value.value, value.span)
