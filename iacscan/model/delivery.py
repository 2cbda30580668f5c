"""Parts of a bucket that hand its content on: to browsers (CORS), to queues and functions, to other buckets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.core import Encoded, Evidence, Template, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.model.parts import Part, Source, items, known_or_omitted, plain

_ANY_ORIGIN = frozenset({"*", "http://*", "https://*"})
_WRITES = frozenset({"PUT", "POST", "DELETE"})
_RECEIVERS = ("topic", "queue", "lambda_function")

CORS_ABSENT = Part(
    {"declared": False, "open_writes": False}, evidence={"": (Evidence("no CORS configuration is declared"),)}
)
NOTIFICATION_ABSENT = Part({"declared": False}, evidence={"": (Evidence("no event notification is declared"),)})
REPLICATION_ABSENT = Part(
    {"declared": False, "destinations": []}, evidence={"": (Evidence("no replication is declared"),)}
)


def read_cors(source: Source) -> Part:
    """CORS rules; ``open_writes``: whether one lets pages of any origin write.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
    """
    rules = source.get("cors_rule")
    if isinstance(rules, Unknown):
        return _unknown(source, "cors_rule", rules, declared=rules, open_writes=rules)
    judged = [(index, _opens_writes(rule)) for index, rule in enumerate(items(rules))]
    value = disjunction(term for _, term in judged)
    deciding = [source.origin("cors_rule", index) for index, term in judged if term is not False]
    where = tuple(deciding) or (source.origin("cors_rule"),)
    words = {True: "a rule lets any origin write", False: "no rule lets any origin write"}
    sentence = f"not known whether {words[True]}: {value}" if isinstance(value, Unknown) else words[value]
    return Part({"declared": bool(judged), "open_writes": value}, where, {"": (Evidence(sentence, where[0]),)})


def _opens_writes(rule: Value) -> Ternary:
    if not isinstance(rule, dict):
        return merge_unknown(unknowns(rule))
    return conjunction([_has(rule.get("allowed_origins"), _ANY_ORIGIN), _has(rule.get("allowed_methods"), _WRITES)])


def _has(values: Value, wanted: frozenset[str]) -> Ternary:
    if isinstance(values, Unknown):
        return values
    return disjunction(_one_of(value, wanted) for value in items(values))


def _one_of(value: Value, wanted: frozenset[str]) -> Ternary:
    if isinstance(value, Unknown | Template | Encoded):
        return merge_unknown(unknowns(value))
    return isinstance(value, str) and value in wanted


def read_notification(source: Source) -> Part:
    """Event notifications: whether anything is told of what happens to objects."""
    bridge = plain(source.optional("eventbridge"))
    blocks = [source.get(name) for name in _RECEIVERS]
    found = [value if isinstance(value, Unknown) else bool(items(value)) for value in blocks]
    value = disjunction([*found, bridge if isinstance(bridge, Unknown) else bridge is True])
    sentence = "event notifications are declared" if value is True else f"event notifications: {value}"
    return Part({"declared": value}, (source.origin(),), {"": (Evidence(sentence, source.origin()),)})


def read_replication(source: Source) -> Part:
    """Replication rules that are on: the buckets they write to, and the accounts that are to own the copies."""
    rules: tuple[str | int, ...] = ("replication_configuration", 0, "rules") if source.inline else ("rule",)
    blocks = source.get(*rules)
    if isinstance(blocks, Unknown):
        return _unknown(source, str(rules[0]), blocks, declared=blocks, destinations=blocks)
    found: list[dict[str, Any]] = []
    switched: list[Ternary] = []
    for index in range(len(items(blocks))):
        status = plain(source.get(*rules, index, "status"))
        switched.append(status if isinstance(status, Unknown) else status != "Disabled")
        if switched[-1] is not False:
            path = (*rules, index, "destination", 0)
            account = known_or_omitted(source.get(*path, "account_id" if source.inline else "account"))
            whose = status if isinstance(status, Unknown) else account
            found.append({"bucket": source.get(*path, "bucket"), "account": whose, "path": path})
    declared = disjunction(switched)
    if declared is False:
        return _switched_off(source, [(*rules, index, "status") for index in range(len(switched))])
    sentence = Evidence(f"{len(found)} replication rule{'' if len(found) == 1 else 's'}", source.origin(*rules))
    facts = {"declared": declared, "destinations": found}
    return Part(facts, (source.origin(*rules),), {"": (sentence,)})


def _switched_off(source: Source, paths: list[tuple[str | int, ...]]) -> Part:
    """Replication whose rules, if there are any, are all switched off."""
    origins = tuple(source.origin(*path) for path in paths)
    said = tuple(Evidence("a replication rule is declared, and it is disabled", origin) for origin in origins)
    return replace(REPLICATION_ABSENT, origins=origins, evidence={"": said}) if said else REPLICATION_ABSENT


def _unknown(source: Source, attribute: str, value: Unknown, **facts: Any) -> Part:
    sentence = f"{source.resource.address}.{attribute} is not known: {value}"
    return Part(facts, (source.origin(attribute),), {"": (Evidence(sentence, source.origin(attribute)),)})
