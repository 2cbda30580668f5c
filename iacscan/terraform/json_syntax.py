"""JSON syntax (``.tf.json``) to the tree of :mod:`iacscan.terraform.nodes`, with positions.

Follows https://developer.hashicorp.com/terraform/language/syntax/json: known block types become
blocks, everything else attributes, and strings are templates. Which members of a resource are blocks only
the schema of its type tells. Of a type whose schema is not known, blocks stay attributes with an object or
a list of objects, but for those that hold ``dynamic`` ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from iacscan.core import Span
from iacscan.terraform import nodes
from iacscan.terraform.json_reader import Json, Member, parse_json
from iacscan.terraform.lexer import Source
from iacscan.terraform.nodes import LABELS, Attribute, Block, Body, Comment, Expression, File, HclSyntaxError, unread
from iacscan.terraform.schema import BlockSchema, schema_of
from iacscan.terraform.syntax import parse_template

_SETTINGS = ("assume_role", "assume_role_with_web_identity", "default_tags", "endpoints", "ignore_tags")
_INSIDE = {"provider": _SETTINGS, "removed": ("lifecycle",), "terraform": ("required_providers",)}
"""The blocks inside of top-level blocks: of the language those that are read, and those of the AWS provider."""

_MODES = {"data": "data", "resource": "managed"}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the members of a body are: the blocks of ``schema``, where it is known, are blocks.

    ``kind`` is the type of a top-level block. Where ``expands``, a ``dynamic`` block may stand in the body and at any
    depth in it; the body of one has the ``content`` of the schema.
    """

    kind: str = ""
    schema: BlockSchema | None = None
    expands: bool = False
    content: bool = False

    @classmethod
    def of(cls, kind: str, labels: tuple[str, ...]) -> _Shape:
        """The shape of a top-level block."""
        if kind in _MODES:
            return cls(kind, schema_of(labels[0], _MODES[kind]), expands=True)
        inside = BlockSchema(blocks={name: BlockSchema() for name in _INSIDE.get(kind, ())})
        return cls(kind, inside, expands=kind == "provider")

    def inside(self, member: Member) -> _Shape | None:
        """The shape of the blocks that ``member`` writes; ``None`` where it is an attribute."""
        if self.content:
            return replace(self, content=False) if member.key == "content" else None
        if self.schema is None:
            return replace(self, kind="") if _holds_dynamic(member.value) else None
        schema = self.schema.blocks.get(member.key) if _is_objects(member.value) else None
        return None if schema is None else replace(self, kind="", schema=schema)

    def dynamic(self, name: str) -> _Shape:
        """The shape of a ``dynamic`` block that makes blocks of the type ``name``."""
        schema = self.schema.blocks.get(name) if self.schema else None
        return replace(self, kind="", schema=schema, content=True)

    def is_literal(self, name: str) -> bool:
        """Whether text in the argument ``name`` is no template."""
        return self.kind == "variable" or (self.kind == "module" and name in ("source", "version"))


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
    yield from _nested(kind, labels, member, value, _Shape.of(kind, labels), path)


def _nested(
    kind: str, labels: tuple[str, ...], member: Member, value: Json, shape: _Shape, path: str
) -> Iterator[Block]:
    """The blocks that ``value``, an object or a list of objects, stands for."""
    for item in value.value if isinstance(value.value, list) else [value]:
        yield Block(kind, labels, _body(item, shape, path), _key_span(member), member.span, path)


def _key_span(member: Member) -> Span:
    """The span of the key alone, as a block's header."""
    width = len(json.dumps(member.key, ensure_ascii=False))
    start = member.span
    return Span(start.start_line, start.start_column, start.start_line, start.start_column + width)


def _body(value: Json, shape: _Shape, path: str) -> Body:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for member in _all_members(value):
        key = member.key
        if key == "//":
            continue
        if key == "dynamic" and shape.expands and not shape.content:
            for inner in _all_members(member.value):
                if inner.key != "//":
                    blocks += _nested("dynamic", (inner.key,), inner, inner.value, shape.dynamic(inner.key), path)
        elif (inside := shape.inside(member)) is not None:
            blocks += _nested(key, (), member, member.value, inside, path)
        else:
            build = literal if shape.is_literal(key) else expression
            attributes[key] = Attribute(key, build(member.value), member.span, path)
    return Body(attributes, tuple(blocks))


def _is_objects(value: Json) -> bool:
    """Whether ``value`` is an object or a list of objects, as blocks are written."""
    items = value.value if isinstance(value.value, list) else [value]
    return all(isinstance(item.value, tuple) for item in items)


def _holds_dynamic(value: Json) -> bool:
    """Whether ``value`` can only be meant as blocks: there are ``dynamic`` ones in it."""
    return _is_objects(value) and any(
        _is_dynamic(member.value) if member.key == "dynamic" else _holds_dynamic(member.value)
        for member in _all_members(value)
    )


def _is_dynamic(value: Json) -> bool:
    return _is_objects(value) and all(
        _is_objects(member.value) and any(inner.key == "for_each" for inner in _all_members(member.value))
        for member in _all_members(value)
    )


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
        )
        return nodes.ObjectItems(items, value.span)
    return nodes.Literal(value.value, value.span)


def literal(value: Json) -> Expression:
    """A JSON value that holds no templates: the value of a variable, the source of a module."""
    if isinstance(value.value, list):
        return nodes.TupleItems(tuple(literal(item) for item in value.value), value.span)
    if isinstance(value.value, tuple):
        items = (
            nodes.ObjectItem(nodes.Literal(each.key, each.span), literal(each.value), each.span) for each in value.value
        )
        return nodes.ObjectItems(tuple(items), value.span)
    return nodes.Literal(value.value, value.span)
