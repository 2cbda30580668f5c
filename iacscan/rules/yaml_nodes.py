"""YAML text to nodes that know their place.

A strict subset: one document of mappings with text keys, lists and scalars. Refused are duplicate
keys, aliases (which can grow without bound) and tags. Scalars without quotes are typed only where
nobody is surprised: ``true``, ``false``, ``null`` and whole numbers; ``no``, ``012``, ``1.10`` and
dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from iacscan.core import Span

MAX_LENGTH = 256 * 1024
"""The longest text read, in characters."""

MAX_DEPTH = 50
"""How deep mappings and lists may nest."""

_TYPED = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"(0|-?[1-9][0-9]{0,17})\Z")


class YamlError(ValueError):
    """Text that is not usable YAML: ``message`` and the ``span`` where it goes wrong."""

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.message = message
        self.span = span


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The reader of events: libyaml's where it is built in, ten times as fast."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One scalar: its ``text`` as written, the ``value`` it stands for, and whether it is unquoted."""

    text: str
    value: Any
    plain: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping, where the key stands, and the value."""

    key: str
    span: Span
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping; every key is there once."""

    entries: dict[str, Entry]
    span: Span


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The plain Python value of a node."""
    if isinstance(node, Mapping):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def describe(node: Node) -> str:
    """What a node is, for an error message: ``a list``, ``the number 5``."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    if node.value is None:
        return "empty"
    if isinstance(node.value, bool):
        return node.text
    return f"the number {node.text}" if isinstance(node.value, int) else "text"


def read_yaml(text: str) -> tuple[Node, tuple[YamlError, ...]]:
    """The document in ``text``, and its duplicate keys, the first of each being kept.

    Raises :class:`YamlError` on bad syntax and on what is refused.
    """
    start = Span(1, 1, 1, 1)
    if len(text) > MAX_LENGTH:
        raise YamlError(f"the file is longer than {MAX_LENGTH} characters", start)
    try:
        reader = _Reader(_events(text))
        next(reader.events)
        first = next(reader.events)
        if isinstance(first, yaml.StreamEndEvent):
            raise YamlError("the file is empty", start)
        document = reader.node(next(reader.events), 0)
        next(reader.events)
        if not isinstance(after := next(reader.events), yaml.StreamEndEvent):
            raise YamlError("a second document starts here", _span(after))
    except yaml.reader.ReaderError:
        raise YamlError("not YAML: it holds a character that YAML does not allow", start) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 1) if mark else start
        raise YamlError(f"not YAML: {error.problem or error.context}", where) from None
    return document, tuple(reader.duplicates)


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_Loader)


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


@dataclass(slots=True)
class _Reader:
    """Builds nodes from the stream of events."""

    events: Iterator[Any]
    duplicates: list[YamlError] = field(default_factory=list)

    def node(self, event: Any, depth: int) -> Node:
        span = _span(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise YamlError("anchors and aliases are not supported: write the value out", span)
        if event.tag is not None and event.tag != "!":
            raise YamlError("tags are not supported", span)
        if depth > MAX_DEPTH:
            raise YamlError(f"nested more than {MAX_DEPTH} levels deep", span)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, span)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(self.items(depth)), span)
        return Mapping(self.entries(depth), span)

    def items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self.node(event, depth + 1)

    def entries(self, depth: int) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise YamlError("a key must be text", key.span)
            entry = Entry(key.text, key.span, self.node(next(self.events), depth + 1))
            if key.text in found:
                first = found[key.text].span.start_line
                self.duplicates.append(YamlError(f"key '{key.text}' is already on line {first}", key.span))
            found.setdefault(key.text, entry)
        return found


def _scalar(event: Any, span: Span) -> Scalar:
    text = event.value
    bare = event.style is None or event.style == ""
    value: Any = text
    if bare and text in _TYPED:
        value = _TYPED[text]
    elif bare and _INTEGER.match(text):
        value = int(text)
    return Scalar(text, value, bare, span)
