"""Policy documents merged as ``data.aws_iam_policy_document`` merges its sources and overrides.

What provider 5.100.0 was seen to do with the documents that it reads: names of elements in any case,
unknown elements dropped, JSON numbers as condition values lost and booleans kept as texts, and a text as
principal read as everyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from iacscan.aws.policies.jsontext import NotJsonError, decode_value
from iacscan.core import Encoded, Template, Unknown, Value, merge_unknown, unknowns

DEFAULT_VERSION = "2012-10-17"
_ELEMENTS = (
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
)
_BY_FOLDED_NAME = {name.lower(): name for name in (*_ELEMENTS, "Version", "Id", "Statement")}

RenderedStatement: TypeAlias = "dict[str, Value] | Unknown"


class RefusedError(Exception):
    """The provider refuses these arguments, or cannot be followed; the message says why."""


class Merged:
    """A document being merged, in the provider's order."""

    def __init__(self) -> None:
        self.version: Value = ""
        self.id: Value = None
        self.statements: list[RenderedStatement] = []

    def adopt(self, version: Value, identifier: Value) -> None:
        """Take over the Id, and raise the Version."""
        if identifier not in (None, ""):
            self.id = identifier
        if isinstance(version, str) and isinstance(self.version, str):
            self.version = max(version, self.version)
        elif version is not None and self.version != DEFAULT_VERSION:
            self.version = version

    def put(self, statement: RenderedStatement, replaceable: int | None) -> None:
        """Add ``statement``, in the place of an earlier one with its Sid.

        Where its Sid is not known, any of the first ``replaceable`` statements that has one (None: of
        all) may be the one that it replaces.
        """
        sid = statement if isinstance(statement, Unknown) else statement.get("Sid")
        if isinstance(sid, Unknown | Template):
            self._doubt(sid, replaceable)
        elif sid:
            for index, earlier in enumerate(self.statements):
                if not isinstance(earlier, Unknown) and earlier.get("Sid") == sid:
                    self.statements[index] = statement
                    return
        self.statements.append(statement)

    def _doubt(self, sid: Unknown | Template, replaceable: int | None) -> None:
        waits = merge_unknown(unknowns(sid))
        for index, earlier in enumerate(self.statements[:replaceable]):
            name = None if isinstance(earlier, Unknown) else earlier.get("Sid")
            if name not in (None, ""):
                reason = f"the statement {name} may be replaced by another document: {waits.reason}"
                self.statements[index] = Unknown(reason, waits.references)


def decoded(text: Value) -> tuple[Value, Value, list[RenderedStatement]]:
    """Version, Id and statements of a document to merge; one unknown statement where it is not known."""
    try:
        read = decode_value(text)
    except NotJsonError as error:
        raise RefusedError(f"a merged document is not valid JSON: {error}") from None
    if isinstance(read, Unknown):
        return None, read, [read]
    value = read.value
    if isinstance(value, Unknown | Template | Encoded):
        hole = merge_unknown(unknowns(value))
        return None, hole, [hole]
    if not isinstance(value, dict):
        raise RefusedError("a merged document is not a JSON object")
    elements = _elements(value)
    if isinstance(elements, Unknown):
        return None, elements, [elements]
    return elements.get("Version"), elements.get("Id"), _merged_statements(elements.get("Statement"))


def _elements(item: Mapping[Any, Value]) -> dict[str, Value] | Unknown:
    """Members under their proper names: the provider ignores case, and drops what it does not know."""
    unsure = next((name for name in item if not isinstance(name, str)), None)
    if unsure is not None:
        return merge_unknown(unknowns(unsure))
    named = {_BY_FOLDED_NAME[name.lower()]: value for name, value in item.items() if name.lower() in _BY_FOLDED_NAME}
    return {name: value for name, value in named.items() if value is not None}


def _merged_statements(value: Value) -> list[RenderedStatement]:
    if value is None:
        return []
    if isinstance(value, Unknown | Template | Encoded):
        return [merge_unknown(unknowns(value))]
    if not isinstance(value, list):
        raise RefusedError("Statement of a merged document must be a list")
    return [_merged_statement(item) for item in value]


def _merged_statement(item: Value) -> RenderedStatement:
    if isinstance(item, Unknown | Template | Encoded):
        return merge_unknown(unknowns(item))
    if not isinstance(item, dict):
        raise RefusedError("a statement of a merged document is not an object")
    statement = _elements(item)
    if isinstance(statement, Unknown):
        return statement
    if statement.get("Sid") == "":
        del statement["Sid"]
    for name in ("Principal", "NotPrincipal"):
        if name in statement:
            statement[name] = _merged_principal(statement[name])
    if isinstance(conditions := statement.get("Condition"), dict):
        read = {operator: _merged_keys(keys) for operator, keys in conditions.items()}
        statement["Condition"] = {operator: keys for operator, keys in read.items() if keys != {}}
    if statement.get("Condition") == {}:
        del statement["Condition"]
    return statement


def _merged_principal(value: Value) -> Value:
    """The provider reads every text that stands for all principals as ``"*"``, whatever it says."""
    return "*" if isinstance(value, str | Template) or value in ({"*": "*"}, {"*": ["*"]}) else value


def _merged_keys(keys: Value) -> Value:
    if not isinstance(keys, dict):
        return keys
    read = {key: _merged_value(value) for key, value in keys.items()}
    return {key: value for key, value in read.items() if value is not None}


def _merged_value(value: Value) -> Value:
    """Booleans become texts, numbers are lost; inside a list the provider cannot read either."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return None
    if isinstance(value, list) and any(isinstance(item, int | float) for item in value):
        raise RefusedError("condition values of a merged document must be texts")
    return value
