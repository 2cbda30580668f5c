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

from iacscan.aws.policies.merging import DEFAULT_VERSION, Merged, RefusedError, RenderedStatement, decoded
from iacscan.core import Choice, Encoded, Perhaps, Template, Unknown, Value, merge_unknown, unknowns

_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_WITH_VARIABLES = ("resources", "not_resources")


def render(attributes: Mapping[str, Value]) -> Value:
    """The ``json`` of the data source with these ``attributes`` (in the shape of plan JSON).

    Text where everything is known, :class:`Encoded` round holes where not; Unknown with the reason
    where the provider would refuse the arguments.
    """
    try:
        value = _render(attributes)
        known = next(unknowns(value), None) is None
    except RefusedError as error:
        return Unknown(f"Terraform refuses the policy document: {error}")
    except RecursionError:
        return Unknown("the policy document is nested too deeply to be read")
    return json.dumps(value, indent=2, ensure_ascii=False) if known else Encoded(value)


def _render(attributes: Mapping[str, Value]) -> dict[str, Value]:
    merged = Merged()
    for text in _documents(attributes, "source_json", "source_policy_documents"):
        version, identifier, statements = decoded(text)
        _refuse_same_sid([*merged.statements, *statements])
        merged.adopt(version, identifier)
        merged.statements.extend(statements)
    own = _own_statements(attributes.get("statement"))
    _refuse_same_sid(own)
    merged.adopt(_or_default(attributes.get("version"), DEFAULT_VERSION), attributes.get("policy_id"))
    sources = len(merged.statements)
    for statement in own:
        merged.put(statement, sources)
    for text in _documents(attributes, "override_json", "override_policy_documents"):
        version, identifier, statements = decoded(text)
        merged.adopt(version, identifier)
        for statement in statements:
            merged.put(statement, None)
    return _assembled(merged)


def _assembled(merged: Merged) -> dict[str, Value]:
    rendered: dict[str, Value] = {"Version": merged.version}
    if merged.id is not None:
        rendered["Id"] = merged.id
    if merged.statements:
        rendered["Statement"] = list(merged.statements)
    return rendered


def _or_default(value: Value, default: str) -> Value:
    if isinstance(value, Choice):
        return value.each(lambda option: _or_default(option, default))
    return default if value in (None, "") else value


def _refuse_same_sid(statements: Sequence[RenderedStatement]) -> None:
    """The provider accepts a Sid once among its sources and once among its own statements."""
    seen: set[str] = set()
    for statement in statements:
        sid = None if isinstance(statement, Unknown) else statement.get("Sid")
        if isinstance(sid, str) and sid:
            if sid in seen:
                raise RefusedError(f'duplicate Sid "{sid}"')
            seen.add(sid)


def _documents(attributes: Mapping[str, Value], single: str, several: str) -> list[Value]:
    """The texts of the deprecated single argument and of its successor, without empty ones."""
    listed = attributes.get(several)
    texts: list[Value] = [attributes.get(single), *(listed if isinstance(listed, list) else [listed])]
    return [text for text in texts if text not in (None, "")]


def _own_statements(value: Value) -> list[RenderedStatement]:
    if isinstance(value, Perhaps):
        return [*_own_statements(value.options[0]), merge_unknown([value])]
    if isinstance(value, Unknown):
        return [value]
    return [_own_statement(item) for item in value] if isinstance(value, list) else []


def _own_statement(item: Value) -> RenderedStatement:
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
    if isinstance(value, Choice):
        return value.each(lambda option: _list(option, variables))
    if not isinstance(value, list):
        return value
    items = [_variables(item) if variables else item for item in value if item is not None]
    return items[0] if len(items) == 1 else items


def _variables(item: Value) -> Value:
    if isinstance(item, Choice):
        return _undivided(item) if None in item.options else item.each(_variables)
    if isinstance(item, str):
        return item.replace("&{", "${")
    if isinstance(item, Template):
        return Template(tuple(part.replace("&{", "${") if isinstance(part, str) else part for part in item.parts))
    return item


def _own_principals(value: Value) -> Value:
    if not isinstance(value, list):
        return _undivided(value)
    kinds: dict[str, list[Value]] = {}
    for block in value:
        kind = block.get("type") if isinstance(block, dict) else None
        if not isinstance(kind, str) or not isinstance(block, dict):
            return merge_unknown(unknowns(value))
        names = _undivided(block.get("identifiers"))
        kinds.setdefault(kind, []).extend(names if isinstance(names, list) else [names])
    if not kinds:
        return None
    if kinds == {"*": ["*"]}:
        return "*"
    return {kind: _list(names, variables=True) for kind, names in kinds.items()}


def _undivided(value: Value) -> Value:
    """``value``, as just not known where it may be several lists."""
    return merge_unknown([value]) if isinstance(value, Choice) else value


def _own_conditions(value: Value) -> Value:
    if not isinstance(value, list):
        return _undivided(value)
    found: dict[str, dict[str, list[Value]]] = {}
    for block in value:
        test, key = (block.get("test"), block.get("variable")) if isinstance(block, dict) else (None, None)
        if not isinstance(test, str) or not isinstance(key, str) or not isinstance(block, dict):
            return merge_unknown(unknowns(value))
        values = _undivided(block.get("values"))
        found.setdefault(test, {}).setdefault(key, []).extend(values if isinstance(values, list) else [values])
    if not found:
        return None
    return {test: {key: _list(listed, variables=True) for key, listed in keys.items()} for test, keys in found.items()}
