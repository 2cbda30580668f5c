"""KMS keys that encrypt buckets: who may use them, and whether their material is renewed.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from iacscan.aws.judgements.public import is_public
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.policy import Condition, Policy, Statement, parse
from iacscan.core import Choice, Evidence, Judgement, Origin, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.joins import is_live
from iacscan.model.parts import Source, known_or_omitted, plain, shown
from iacscan.model.references import Things, flag
from iacscan.model.relations import BUCKET
from iacscan.model.subject import Built, Subject

KEY = "aws_kms_key"
ALIAS = "aws_kms_alias"
POLICY = "aws_kms_key_policy"
_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_BLOCKS = ("server_side_encryption_configuration", "rule", "apply_server_side_encryption_by_default")
_CALLER_ACCOUNT = "kms:calleraccount"
_SYMMETRIC = "SYMMETRIC_DEFAULT"

FIELDS: dict[str, Any] = {
    "used": None,
    "rotates": None,
    "can_rotate": None,
    "policy": {"declared": None, "public": None},
}
"""The names of the facts of a KMS key; ``used`` is whether a bucket of the input encrypts with it."""


def build_keys(configuration: Configuration) -> Built:
    """A subject for each KMS key that a bucket of the input uses, or may use."""
    things = Things(configuration)
    users = _users(configuration, things)
    policies = _policies(things)
    return Built(
        tuple(
            _subject(key, *users[key.address], policies.get(key.address, []))
            for key in things.of(KEY)
            if key.address in users
        )
    )


def _uses(configuration: Configuration) -> Iterator[tuple[str, Value, Ternary]]:
    """Which resource encrypts a bucket with which key, as the key is named there, and whether that is certain."""
    for resource in configuration.resources:
        if resource.mode != "managed" or not is_live(resource):
            continue
        block = _BLOCKS[0] if resource.type == BUCKET else _BLOCKS[1]
        if resource.type == _ENCRYPTION or (resource.type == BUCKET and resource.writes(block)):
            for value, sure in _named_keys(resource.values.get(block), True):
                if known_or_omitted(value) not in (None, ""):
                    yield resource.address, value, sure


def _named_keys(value: Value, sure: Ternary) -> Iterator[tuple[Value, Ternary]]:
    """What is said of the key in blocks; where they are not known, what they may say, or what they wait for."""
    if isinstance(value, Choice):
        for option in value.options:
            yield from _named_keys(option, merge_unknown([value]))
    elif isinstance(value, Unknown):
        yield value, merge_unknown([value])
    elif isinstance(value, list):
        for item in value:
            yield from _named_keys(item, sure)
    elif isinstance(value, dict):
        if "kms_master_key_id" in value:
            yield value["kms_master_key_id"], sure
        for name in _BLOCKS:
            yield from _named_keys(value.get(name), sure)


class _Names:
    """Keys by what they may be called: reference, ARN, id, and the names of their aliases."""

    def __init__(self, things: Things) -> None:
        self.keys = {key.address for key in things.of(KEY)}
        self._aliases = {alias.address: alias for alias in things.of(ALIAS)}
        self._by_text: dict[str, str] = {}
        for thing in (*things.of(KEY), *self._aliases.values()):
            for name in ("arn", "key_id", "id", "name"):
                if isinstance(text := thing.values.get(name), str):
                    self._by_text.setdefault(text, thing.address)

    def meant(self, value: Value) -> Iterator[tuple[str, Ternary]]:
        """The keys that ``value`` names, or may name among others; nothing where it speaks of no key here."""
        if isinstance(value, str):
            alias = value.partition(":alias/")[2]
            found = self._by_text.get(value) or self._by_text.get(f"alias/{alias}")
            yield from self._keys_at(found, True) if found else ()
            return
        references = [reference for hole in unknowns(value) for reference in hole.references]
        sure: Ternary = True if len({item.address for item in references}) == 1 else merge_unknown(unknowns(value))
        for reference in references:
            yield from self._keys_at(reference.address, sure)

    def _keys_at(self, address: str, sure: Ternary) -> Iterator[tuple[str, Ternary]]:
        if address in self.keys:
            yield address, sure
        elif address in self._aliases:
            target = self._aliases[address].named_by("target_key_id")
            yield from ((key, conjunction([sure, also])) for key, also in self._direct(target))

    def _direct(self, target: Value) -> Iterator[tuple[str, Ternary]]:
        if isinstance(target, str):
            yield from ((found, True) for found in [self._by_text.get(target, "")] if found in self.keys)
        else:
            references = {reference.address for hole in unknowns(target) for reference in hole.references}
            sure: Ternary = True if len(references) == 1 else merge_unknown(unknowns(target))
            yield from ((address, sure) for address in sorted(references) if address in self.keys)


def _users(configuration: Configuration, things: Things) -> dict[str, tuple[Ternary, list[Evidence]]]:
    """Whether a bucket uses each key, and the sentences that say so."""
    names = _Names(things)
    found: dict[str, list[tuple[str, Ternary]]] = {}
    for user, value, there in _uses(configuration):
        for key, sure in names.meant(value):
            found.setdefault(key, []).append((user, conjunction([there, sure])))
    return {key: (disjunction(sure for _, sure in uses), [_use(*each) for each in uses]) for key, uses in found.items()}


def _use(user: str, sure: Ternary) -> Evidence:
    return Evidence(f"{user} {'encrypts' if sure is True else 'may encrypt'} with it", Origin(user))


def _policies(things: Things) -> dict[str, list[tuple[Resource, Ternary]]]:
    """Policies that are resources of their own, by the key that they are of."""
    names = _Names(things)
    found: dict[str, list[tuple[Resource, Ternary]]] = {}
    for resource in things.of(POLICY):
        value = resource.named_by("key_id")
        meant = list(names.meant(value))
        if not meant and any(True for _ in unknowns(value)):
            meant = [(key, merge_unknown(unknowns(value))) for key in names.keys]
        for key, sure in meant:
            found.setdefault(key, []).append((resource, sure))
    return found


def _subject(key: Resource, used: Ternary, users: list[Evidence], policies: list[tuple[Resource, Ternary]]) -> Subject:
    rotates, turning = _rotation(key)
    declared, public, place = _policy(key, policies)
    own = (Origin(key.address),)
    facts = {
        "used": used,
        "rotates": rotates,
        "can_rotate": _can_rotate(key),
        "policy": {"declared": declared, "public": public.value},
    }
    evidence = {
        "used": tuple(users),
        "rotates": (turning,),
        "policy": tuple(Evidence(item.text, item.origin or place, item.inside) for item in public.evidence),
    }
    origins = {"": own, "rotates": (turning.origin or own[0],), "policy": (place,)}
    change = key.change.value if key.change else None
    return Subject("key", key.address, key.type, facts, origins, evidence, change)


def _can_rotate(key: Resource) -> Ternary:
    """AWS renews the material of symmetric keys that it made itself, not that of a key store of the customer."""
    spec = plain(Source(key).optional("customer_master_key_spec"))
    stores = [plain(Source(key).optional(name)) for name in ("custom_key_store_id", "xks_key_id")]
    return conjunction(
        [
            spec if isinstance(spec, Unknown) else spec in (None, _SYMMETRIC),
            *(store if isinstance(store, Unknown) else store in (None, "") for store in stores),
        ]
    )


def _rotation(key: Resource) -> tuple[Ternary, Evidence]:
    value = flag(key, "enable_key_rotation", False)
    words = "not declared" if not key.writes("enable_key_rotation") else shown(value).lower()
    return value, Evidence(f"enable_key_rotation is {words}", Origin(key.address, ("enable_key_rotation",)))


def _policy(key: Resource, policies: list[tuple[Resource, Ternary]]) -> tuple[bool, Judgement, Origin]:
    """The key's policy: that of its own resource counts before the argument."""
    certain = [item for item, sure in policies if sure is True]
    doubts = [sure for _, sure in policies if isinstance(sure, Unknown)]
    holder = certain[0] if certain else key
    source = Source(holder)
    if doubts and not certain:
        return (
            True,
            Judgement(doubts[0], (Evidence(f"another resource may set its policy: {doubts[0]}"),)),
            source.origin(),
        )
    if not holder.writes("policy") or source.get("policy") in (None, ""):
        none = Evidence("no key policy is declared; AWS's default lets only its own account in")
        return False, Judgement(False, (none,)), source.origin()
    return True, is_public(_as_principal_account(parse(source.get("policy")))), source.origin("policy")


def _as_principal_account(policy: Policy | Unknown) -> Policy | Unknown:
    """``kms:CallerAccount`` read as ``aws:PrincipalAccount``: both are the account of the caller."""
    if isinstance(policy, Unknown):
        return policy
    return replace(policy, statements=tuple(_renamed(item) for item in policy.statements))


def _renamed(statement: Statement | Unknown) -> Statement | Unknown:
    if isinstance(statement, Unknown):
        return statement
    return replace(statement, conditions=tuple(map(_condition, statement.conditions)))


def _condition(condition: Condition) -> Condition:
    known = isinstance(condition.key, str) and condition.key.lower() == _CALLER_ACCOUNT
    return replace(condition, key="aws:PrincipalAccount") if known else condition
