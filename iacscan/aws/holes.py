"""Filling the holes of a value: what a reference is known to be replaces the Unknown that stood for it."""

from __future__ import annotations

from collections.abc import Mapping

from iacscan.core import Encoded, Reference, Template, Unknown, Value, join_text


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


def _text(hole: Unknown, bindings: Mapping[Reference, str]) -> str | Unknown:
    reference = hole.reference
    return hole if reference is None else bindings.get(reference, hole)
