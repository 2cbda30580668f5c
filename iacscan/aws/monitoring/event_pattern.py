"""Whether an EventBridge rule catches a kind of event, whoever causes it.

Follows https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html: an object asks for
each of its keys, a list for one of its values or matchers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.jsontext import NotJsonError, decode_value
from iacscan.aws.policies.patterns import compile_pattern, matches
from iacscan.core import Encoded, Template, Ternary, Unknown, Value, merge_unknown, unknowns

Event: TypeAlias = Mapping[str, Any]
"""The fields of an event that are given: a text, true or false, None for one that is not there, or a mapping of
fields; others may hold anything."""

_OWN = ("account", "region", "awsRegion", "recipientAccountId", "eventVersion")
"""Fields that a rule may name for good measure: what they hold is not known, but usually the same for all."""


def catches(pattern: Value, event: Event) -> Ternary:
    """Whether the event pattern catches every event with the fields of ``event``; see :func:`fires` for doubt."""
    try:
        decoded = decode_value(pattern)
    except NotJsonError as error:
        return Unknown(f"the event pattern is not valid JSON: {error}")
    if isinstance(decoded, Unknown):
        return decoded
    try:
        return _object(decoded.value, event)
    except RecursionError:
        return Unknown("the event pattern is nested too deeply to be read")


def _object(pattern: Any, event: Any) -> Ternary:
    if isinstance(pattern, Unknown | Template | Encoded):
        return merge_unknown(unknowns(pattern))
    if not isinstance(pattern, dict) or any(not isinstance(key, str) for key in pattern):
        return Unknown("the event pattern is not an object with known keys")
    return conjunction(_field(key, wanted, event) for key, wanted in pattern.items())


def _field(key: str, wanted: Any, event: Any) -> Ternary:
    if key == "$or":
        options = wanted if isinstance(wanted, list) else []
        return disjunction(_object(option, event) for option in options)
    if isinstance(wanted, Unknown | Template | Encoded):
        return merge_unknown(unknowns(wanted))
    if not isinstance(event, Mapping) or key not in event:
        return _of_unknown_field(key, wanted)
    if isinstance(wanted, dict):
        return _object(wanted, event[key])
    return disjunction(_value(item, event[key]) for item in wanted) if isinstance(wanted, list) else False


def _of_unknown_field(key: str, wanted: Any) -> Ternary:
    """A field that may hold anything: asking for values limits the rule, excepting some may not matter."""
    if isinstance(wanted, dict):
        return _object(wanted, {})
    excepts = isinstance(wanted, list) and any(isinstance(item, dict) for item in wanted)
    return Unknown(f"the event pattern limits {key}") if excepts or key in _OWN else False


def _value(wanted: Any, actual: Any) -> Ternary:
    if actual is None:  # a field that is named must be there, unless the pattern asks for its absence
        late = isinstance(wanted, Unknown | Template)
        return merge_unknown(unknowns(wanted)) if late else wanted == {"exists": False}
    if isinstance(wanted, Unknown | Template):
        return matches(compile_pattern(wanted, wild=False), str(actual))
    if not isinstance(wanted, dict):
        return type(wanted) is type(actual) and bool(wanted == actual)
    return conjunction(_matcher(name, operand, actual) for name, operand in wanted.items())


def _matcher(name: Any, operand: Any, actual: Any) -> Ternary:
    text = actual if isinstance(actual, str) else ""
    if name == "anything-but":
        listed = operand if isinstance(operand, list) else [operand]
        return negation(disjunction(_value(item, actual) for item in listed))
    if name == "exists":
        return operand is True
    if isinstance(operand, list):
        return disjunction(_matcher(name, item, actual) for item in operand)
    if isinstance(operand, str):
        plain = {
            "prefix": text.startswith(operand),
            "suffix": text.endswith(operand),
            "equals-ignore-case": text.lower() == operand.lower(),
        }
        if name in plain:
            return plain[name]
        if name == "wildcard":
            return matches(compile_pattern(operand.replace("?", "${?}"), variables=True), text)
    return Unknown(f"how the matcher {name} of the event pattern compares")
