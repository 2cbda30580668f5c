"""The JSON that ``data.aws_iam_policy_document`` produces, from its arguments.

Terraform reads that data source only at apply when one of its inputs is not known yet, although nearly
all of the document is. The rendering and the merging follow the documentation of the data source,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document,
and what provider 5.100.0 was seen to do where that is silent:

- the highest Version of all merged documents wins, the last Id does;
- a later statement takes the place of an earlier one with the same Sid, statements without Sid are added;
- JSON numbers as condition values of a merged document are lost, booleans are kept.

An unknown document leaves an Unknown in the list of statements, which stands for any number of
statements. After an unknown *override* document every earlier statement that has a Sid becomes Unknown
too, because it may have been replaced.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from iacscan.aws.jsontext import NotJsonError, decode_value
from iacscan.core import Encoded, Template, Unknown, Value, merge_unknown, unknowns

_DEFAULT_VERSION = "2012-10-17"
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
_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_WITH_VARIABLES = ("resources", "not_resources")

_Statement: TypeAlias = "dict[str, Value] | Unknown"


class _RefusedError(Exception):
    """The provider refuses these arguments, or cannot be followed; the message says why."""


class _Merged:
    """A document being merged, in the provider's order."""

    def __init__(self) -> None:
        self.version: Value = ""
        self.id: Value = None
        self.statements: list[_Statement] = []

    def adopt(self, version: Value, identifier: Value) -> None:
        """Take over the Id, and raise the Version."""
        if identifier not in (None, ""):
            self.id = identifier
        if isinstance(version, str) and isinstance(self.version, str):
            self.version = max(version, self.version)
        elif version is not None and self.version != _DEFAULT_VERSION:
            self.version = version

    def put(self, statement: _Statement, replaceable: int | None) -> None:
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


def render(attributes: Mapping[str, Value]) -> Value:
    """The ``json`` of the data source with these ``attributes`` (in the shape of plan JSON).

    Text where everything is known, :class:`Encoded` round holes where not; Unknown with the reason
    where the provider would refuse the arguments.
    """
    try:
        value = _render(attributes)
        known = next(unknowns(value), None) is None
    except _RefusedError as error:
        return Unknown(f"Terraform refuses the policy document: {error}")
    except RecursionError:
        return Unknown("the policy document is nested too deeply to be read")
    return json.dumps(value, indent=2, ensure_ascii=False) if known else Encoded(value)


def _render(attributes: Mapping[str, Value]) -> dict[str, Value]:
    merged = _Merged()
    for text in _documents(attributes, "source_json", "source_policy_documents"):
        version, identifier, statements = _decoded(text)
        _refuse_same_sid([*merged.statements, *statements])
        merged.adopt(version, identifier)
        merged.statements.extend(statements)
    own = _own_statements(attributes.get("statement"))
    _refuse_same_sid(own)
    merged.adopt(_or_default(attributes.get("version"), _DEFAULT_VERSION), attributes.get("policy_id"))
    sources = len(merged.statements)
    for statement in own:
        merged.put(statement, sources)
    for text in _documents(attributes, "override_json", "override_policy_documents"):
        version, identifier, statements = _decoded(text)
        merged.adopt(version, identifier)
        for statement in statements:
            merged.put(statement, None)
    return _assembled(merged)


def _assembled(merged: _Merged) -> dict[str, Value]:
    rendered: dict[str, Value] = {"Version": merged.version}
    if merged.id is not None:
        rendered["Id"] = merged.id
    if merged.statements:
        rendered["Statement"] = list(merged.statements)
    return rendered


def _or_default(value: Value, default: str) -> Value:
    return default if value in (None, "") else value


def _refuse_same_sid(statements: Sequence[_Statement]) -> None:
    """The provider accepts a Sid once among its sources and once among its own statements."""
    seen: set[str] = set()
    for statement in statements:
        sid = None if isinstance(statement, Unknown) else statement.get("Sid")
        if isinstance(sid, str) and sid:
            if sid in seen:
                raise _RefusedError(f'duplicate Sid "{sid}"')
            seen.add(sid)


def _documents(attributes: Mapping[str, Value], single: str, several: str) -> list[Value]:
    """The texts of the deprecated single argument and of its successor, without empty ones."""
    listed = attributes.get(several)
    texts: list[Value] = [attributes.get(single), *(listed if isinstance(listed, list) else [listed])]
    return [text for text in texts if text not in (None, "")]


def _decoded(text: Value) -> tuple[Value, Value, list[_Statement]]:
    """Version, Id and statements of a document to merge; one unknown statement where it is not known."""
    try:
        decoded = decode_value(text)
    except NotJsonError as error:
        raise _RefusedError(f"a merged document is not valid JSON: {error}") from None
    if isinstance(decoded, Unknown):
        return None, decoded, [decoded]
    value = decoded.value
    if isinstance(value, Unknown | Template | Encoded):
        hole = merge_unknown(unknowns(value))
        return None, hole, [hole]
    if not isinstance(value, dict):
        raise _RefusedError("a merged document is not a JSON object")
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


def _merged_statements(value: Value) -> list[_Statement]:
    if value is None:
        return []
    if isinstance(value, Unknown | Template | Encoded):
        return [merge_unknown(unknowns(value))]
    if not isinstance(value, list):
        raise _RefusedError("Statement of a merged document must be a list")
    return [_merged_statement(item) for item in value]


def _merged_statement(item: Value) -> _Statement:
    if isinstance(item, Unknown | Template | Encoded):
        return merge_unknown(unknowns(item))
    if not isinstance(item, dict):
        raise _RefusedError("a statement of a merged document is not an object")
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
        raise _RefusedError("condition values of a merged document must be texts")
    return value


def _own_statements(value: Value) -> list[_Statement]:
    if isinstance(value, Unknown):
        return [value]
    return [_own_statement(item) for item in value] if isinstance(value, list) else []


def _own_statement(item: Value) -> _Statement:
    if not isinstance(item, dict):
        return item if isinstance(item, Unknown) else {"Effect": "Allow"}
    statement: dict[str, Value] = {}
    if item.get("sid") not in (None, ""):
        statement["Sid"] = item["sid"]
    statement["Effect"] = _or_default(item.get("effect"), "Allow")
    for argument, element in _LISTS.items():
        listed = _list(item.get(argument), variables=argument in _WITH_VARIABLES)
        if listed not in (None, []):
            statement[element] = listed
    for argument, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if (principal := _own_principals(item.get(argument))) is not None:
            statement[element] = principal
    if (conditions := _own_conditions(item.get("condition"))) is not None:
        statement["Condition"] = conditions
    return statement


def _list(value: Value, variables: bool) -> Value:
    """A list as JSON has it: a text where there is one item; ``&{x}`` is how ``${x}`` is written."""
    if not isinstance(value, list):
        return value
    items = [_variables(item) if variables else item for item in value if item is not None]
    return items[0] if len(items) == 1 else items


def _variables(item: Value) -> Value:
    if isinstance(item, str):
        return item.replace("&{", "${")
    if isinstance(item, Template):
        return Template(tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in item.parts))
    return item


def _own_principals(value: Value) -> Value:
    if not isinstance(value, list):
        return value
    kinds: dict[str, list[Value]] = {}
    for block in value:
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str) or not isinstance(block, dict):
            return merge_unknown(unknowns(value))
        names = block.get("identifiers")
        kinds.setdefault(kind, []).extend(names if isinstance(names, list) else [names])
    if not kinds:
        return None
    if kinds == {"*": ["*"]}:
        return "*"
    return {kind: _list(names, variables=True) for kind, names in kinds.items()}


def _own_conditions(value: Value) -> Value:
    if not isinstance(value, list):
        return value
    found: dict[str, dict[str, list[Value]]] = {}
    for block in value:
        test, key = (block.get("test"), block.get("variable")) if isinstance(block, dict) else (None, None)
        if not isinstance(test, str) or not isinstance(key, str) or not isinstance(block, dict):
            return merge_unknown(unknowns(value))
        values = block.get("values")
        found.setdefault(test, {}).setdefault(key, []).extend(values if isinstance(values, list) else [values])
    if not found:
        return None
    return {test: {key: _list(listed, variables=True) for key, listed in keys.items()} for test, keys in found.items()}
