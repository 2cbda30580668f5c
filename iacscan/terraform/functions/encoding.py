"""Base64, URL, CSV and character encodings; JSON and YAML have modules of their own.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Encoding Functions".
"""

from __future__ import annotations

import base64
import binascii
import codecs
from collections.abc import Iterator
from typing import Any

from iacscan.core import Unknown
from iacscan.terraform.functions.registry import STRING, Function, FunctionContext, too_large
from iacscan.terraform.kinds import ListValue, ObjectValue
from iacscan.terraform.values import EvaluationError


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", "").encode(), validate=True)
    except (binascii.Error, ValueError):
        raise EvaluationError("failed to decode base64 data") from None


def _base64decode(text: str) -> str:
    try:
        return _decoded(text).decode()
    except UnicodeDecodeError:
        raise EvaluationError("the result of decoding the provided string is not valid UTF-8") from None


def _base64encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _base64gzip(_text: str) -> Unknown:
    return Unknown("the output of base64gzip() depends on the compressor")


def _codec(name: str) -> str:
    """The codec of an IANA character set name."""
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise EvaluationError(
            f"{name!r} is not a supported IANA encoding name or alias in this Terraform version"
        ) from None


def _textencodebase64(text: str, encoding: str) -> str:
    codec = _codec(encoding)
    try:
        data = codecs.BOM_UTF16_BE + text.encode("utf-16-be") if codec == "utf-16" else text.encode(codec)
        return base64.b64encode(data).decode()
    except UnicodeEncodeError:
        raise EvaluationError(
            f"the given string contains characters that cannot be represented in {encoding}"
        ) from None


def _textdecodebase64(text: str, encoding: str) -> str:
    codec, data = _codec(encoding), _decoded(text)
    if codec == "utf-16" and not data.startswith(codecs.BOM_UTF16_LE):
        codec, data = "utf-16-be", data.removeprefix(codecs.BOM_UTF16_BE)
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise EvaluationError(f"the given string is not valid {encoding}") from None


def _urlencode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(text)


def _csvdecode(context: FunctionContext, text: str) -> list[Any]:
    """Rows as objects, named by the header line."""
    records = iter(_records(text))
    header = next(records, None)
    if header is None:
        raise EvaluationError("missing header line")
    if len(set(header)) != len(header):
        raise EvaluationError("duplicate column name in the header line")
    rows = []
    for record in records:
        if len(record) != len(header):
            raise EvaluationError("wrong number of fields")
        rows.append(ObjectValue(zip(header, record, strict=True)))
        if len(rows) * len(header) > context.limits.items:
            raise too_large("the table")
    return rows


def _records(text: str) -> Iterator[list[str]]:
    """The records of RFC 4180 text; quotes where they do not belong are errors, empty lines are skipped."""
    text, position = text.replace("\r\n", "\n"), 0
    while position < len(text):
        if text[position] == "\n":
            position += 1
            continue
        record: list[str] = []
        separator = ","
        while separator == ",":
            value, position = _field(text, position)
            record.append(value)
            separator = text[position : position + 1]
            position += 1
        yield record


def _field(text: str, start: int) -> tuple[str, int]:
    """The field at ``start``, and where it ends."""
    if not text.startswith('"', start):
        ends = [end for end in (text.find(",", start), text.find("\n", start)) if end >= 0]
        end = min(ends, default=len(text))
        if '"' in text[start:end]:
            raise EvaluationError('bare " in non-quoted field')
        return text[start:end], end
    value, position = "", start + 1
    while True:
        end = text.find('"', position)
        if end < 0:
            raise EvaluationError('extraneous or missing " in quoted field')
        value += text[position:end]
        if not text.startswith('"', end + 1):
            break
        value, position = value + '"', end + 2
    if text[end + 1 : end + 2] not in ("", ",", "\n"):
        raise EvaluationError('extraneous or missing " in quoted field')
    return value, end + 1


FUNCTIONS = (
    Function("base64decode", _base64decode, (STRING,)),
    Function("base64encode", _base64encode, (STRING,)),
    Function("base64gzip", _base64gzip, (STRING,)),
    Function("csvdecode", _csvdecode, (STRING,), contextual=True, result=ListValue),
    Function("textdecodebase64", _textdecodebase64, (STRING, STRING)),
    Function("textencodebase64", _textencodebase64, (STRING, STRING)),
    Function("urlencode", _urlencode, (STRING,)),
)
