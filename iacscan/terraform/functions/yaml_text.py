"""YAML as Terraform writes and reads it: scalars by the YAML 1.2 core schema, one document.

Follows https://developer.hashicorp.com/terraform/language/functions/yamldecode and ``yamlencode``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from iacscan.terraform.functions.dates import format_rfc3339
from iacscan.terraform.functions.registry import LOOSE, STRING, Function, FunctionContext, check_text, normal, too_large
from iacscan.terraform.functions.yaml_emit import emit
from iacscan.terraform.kinds import ObjectValue, TupleValue
from iacscan.terraform.values import (
    EvaluationError,
    derived,
    is_known,
    is_number,
    number,
    to_number,
    to_string,
)

_TAG = "tag:yaml.org,2002:"
_SCALARS = ("binary", "bool", "float", "int", "null", "str", "timestamp")
_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:([Tt])| )(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(Z|[-+]\d\d:\d\d)?)?", re.ASCII
)


def _yamlencode(context: FunctionContext, value: Any) -> Any:
    check_text(value, context.limits)
    return emit(value) if is_known(value) else derived(value)


def _yamldecode(context: FunctionContext, text: str) -> Any:
    import yaml

    try:
        return _Reader(
            yaml, yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), context.limits.items
        ).document()
    except yaml.YAMLError as error:
        raise EvaluationError(f"invalid YAML: {' '.join(str(error).split())}") from None


class _Reader:
    """Builds a value from YAML events; aliases count as often as they are used."""

    def __init__(self, yaml: Any, events: Iterator[Any], limit: int) -> None:
        self._yaml, self._events, self._limit = yaml, events, limit
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0

    def document(self) -> Any:
        """The one document of the stream."""
        next(self._events)
        if isinstance(next(self._events), self._yaml.StreamEndEvent):
            raise EvaluationError("missing start of document")
        value = self._value(next(self._events))
        next(self._events)
        if not isinstance(next(self._events), self._yaml.StreamEndEvent):
            raise EvaluationError("only a single document is allowed")
        return value

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > self._limit:
            raise too_large("the YAML document")

    def _value(self, event: Any) -> Any:
        if isinstance(event, self._yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise EvaluationError(f"reference to undefined anchor {event.anchor!r}")
            value, size = self._anchors[event.anchor]
            self._grow(size)
            return value
        self._grow(1)
        before = self._size
        if event.anchor:
            self._anchors.pop(event.anchor, None)
        value = self._node(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._size - before + 1)
        return value

    def _node(self, event: Any) -> Any:
        if isinstance(event, self._yaml.ScalarEvent):
            value = _scalar(event)
            return normal(value) if isinstance(value, str) else value
        mapping = isinstance(event, self._yaml.MappingStartEvent)
        if event.tag not in (None, _TAG + ("map" if mapping else "seq")):
            raise EvaluationError(f"cannot interpret a collection as {event.tag}")
        return self._mapping() if mapping else self._sequence()

    def _sequence(self) -> list[Any]:
        items = TupleValue()
        while not isinstance(event := next(self._events), self._yaml.SequenceEndEvent):
            items.append(self._value(event))
        return items

    def _mapping(self) -> dict[str, Any]:
        result = ObjectValue()
        while not isinstance(event := next(self._events), self._yaml.MappingEndEvent):
            if not isinstance(event, self._yaml.ScalarEvent):
                raise EvaluationError("only strings are allowed as mapping keys")
            merge = event.value == "<<"
            key = to_string(self._value(event))
            if key is None:
                raise EvaluationError("mapping key cannot be null")
            value = self._value(next(self._events))
            if merge and not isinstance(value, dict):
                raise EvaluationError("cannot merge a value that is not a mapping")
            result.update(value if merge else {key: value})
        return result


def _scalar(event: Any) -> Any:
    tag, text = event.tag, event.value
    if event.style and (tag is None or (event.style in "'\"" and tag.removeprefix(_TAG) in _SCALARS)):
        return text
    if tag is None:
        return _implicit(text)
    match tag.removeprefix(_TAG):
        case "str":
            return text
        case "binary":
            return _binary(text)
        case "null":
            return None
        case "bool" if isinstance(_CONSTANTS.get(text), bool):
            return _CONSTANTS[text]
        case "int" | "float" if is_number(_numeric(text)):
            return _numeric(text)
        case "timestamp" if _timestamp(text):
            return _timestamp(text)
    raise EvaluationError(f"cannot parse {text!r} as {tag}")


def _implicit(text: str) -> Any:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text.lower() in (".nan", ".inf", "-.inf", "+.inf"):
        raise EvaluationError(f"the number {text} is not supported")
    found = _timestamp(text) or _numeric(text)
    return text if found is None else found


def _numeric(text: str) -> Any:
    """The number that ``text`` is, or None."""
    if _NUMBER.fullmatch(text):
        return to_number(text)
    for prefix, base in (("0x", 16), ("0o", 8)):
        if text.startswith(prefix):
            try:
                return number(int(text[2:], base)) if "_" not in text else None
            except ValueError:
                return None
    return None


def _timestamp(text: str) -> str | None:
    """A date in RFC 3339, where ``text`` is one of the forms of a YAML timestamp."""
    found = _DATE.fullmatch(text)
    if not found or ((found[4] is None) == (found[8] is not None) and found[5]):
        return None
    numbers = [int(group or 0) for group in found.group(1, 2, 3, 5, 6, 7)]
    return format_rfc3339(numbers, found[8] or "Z")


def _binary(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EvaluationError("cannot parse as binary: not valid base64") from None
    return text


FUNCTIONS = (
    Function("yamldecode", _yamldecode, (STRING,), contextual=True),
    Function("yamlencode", _yamlencode, (LOOSE,), contextual=True),
)
