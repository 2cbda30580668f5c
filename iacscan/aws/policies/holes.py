"""Filling the holes of a value: what a reference is known to be replaces the Unknown that stood for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from iacscan.core import Encoded, Reference, Template, Unknown, Value, join_text

_HOLE = "\0"
_BUCKET = re.compile(r"arn:[\w-]+:s3:::(?P<name>[^/*?$]+)")


def bind(value: Value, bindings: Mapping[Reference, str]) -> Value:
    """``value`` with every exact Unknown whose reference is in ``bindings`` replaced by that text.

    Looks inside templates, JSON encodings, lists and dicts. What is not bound stays as it is; a value
    nested more deeply than Python can walk becomes Unknown.
    """
    if not bindings:
        return value
    try:
        return _bind(value, bindings)
    except RecursionError:
        return Unknown("a value is nested too deeply to be read")


def _bind(value: Value, bindings: Mapping[Reference, str]) -> Value:
    if isinstance(value, Unknown):
        return _text(value, bindings)
    if isinstance(value, Template):
        return join_text(part if isinstance(part, str) else _text(part, bindings) for part in value.parts)
    if isinstance(value, Encoded):
        return Encoded(_bind(value.value, bindings))
    if isinstance(value, list):
        return [_bind(item, bindings) for item in value]
    if isinstance(value, dict):
        return {key: _bind(item, bindings) for key, item in value.items()}
    return value


def spelled(value: Value, name: Template, text: str) -> Value:
    """``value`` with ``text`` in place of each stretch of text that is written like ``name``: the same holes."""
    if isinstance(value, Template):
        return join_text(_spelled(list(value.parts), name, text))
    if isinstance(value, Encoded):
        return Encoded(spelled(value.value, name, text))
    if isinstance(value, list):
        return [spelled(item, name, text) for item in value]
    if isinstance(value, dict):
        return {key: spelled(item, name, text) for key, item in value.items()}
    return value


def _spelled(parts: list[str | Unknown], name: Template, text: str) -> Iterator[str | Unknown]:
    first, last = name.parts[0], name.parts[-1]
    head, tail = first if isinstance(first, str) else "", last if isinstance(last, str) else ""
    inner = list(name.parts[bool(head) : len(name.parts) - bool(tail)])
    position, before = 0, ""
    while position < len(parts):
        part, end = parts[position], position + len(inner)
        after = parts[end] if end < len(parts) and isinstance(parts[end], str) else ""
        if parts[position:end] == inner and before.endswith(head) and str(after).startswith(tail):
            yield before.removesuffix(head) + text
            before, position = str(after)[len(tail) :], end + bool(after)
            continue
        if isinstance(part, str):
            before += part
        else:
            yield from (before, part)
            before = ""
        position += 1
    yield before


def bucket_names(value: Value) -> Iterator[Template]:
    """The names of buckets with a hole in them that the texts in ``value`` spell."""
    if isinstance(value, Template):
        texts = [part if isinstance(part, str) else _HOLE for part in value.parts]
        holes = [part for part in value.parts if isinstance(part, Unknown)]
        found = _BUCKET.match("".join(texts))
        if found and _HOLE in found["name"]:
            first, *rest = found["name"].split(_HOLE)
            pieces: list[str | Unknown] = [first]
            for hole, piece in zip(holes, rest, strict=False):
                pieces += [hole, piece]
            name = join_text(pieces)
            yield from (name,) if isinstance(name, Template) else ()
    elif isinstance(value, Encoded):
        yield from bucket_names(value.value)
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from bucket_names(item)


def _text(hole: Unknown, bindings: Mapping[Reference, str]) -> str | Unknown:
    reference = hole.reference
    return hole if reference is None else bindings.get(reference, hole)
