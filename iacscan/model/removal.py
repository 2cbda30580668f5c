"""What a change takes away from a bucket: protections that were there before, and are not after.

Removing a resource is itself a change of security: the provider then deletes the public access block, the
ownership controls, the encryption or the policy, and suspends versioning. The bucket before and the bucket
after are compared fact by fact, so that loosening counts as well as removing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from iacscan.aws.kleene import conjunction, negation
from iacscan.core import Evidence, Origin, Ternary, Unknown
from iacscan.inputs.configuration import Change, Configuration, Resource
from iacscan.model.access import FLAGS
from iacscan.model.bucket import build_buckets
from iacscan.model.relations import BUCKET, BY_TYPE, INLINE
from iacscan.model.subject import Built, Subject

FIELDS: dict[str, Any] = {"removed": None, "named": None}
"""The names of the facts of a bucket that was there before: whether a protection goes, and which."""

_Facts = Mapping[str, Any]
_Holds = Callable[[_Facts], Ternary]

ENFORCED = "BucketOwnerEnforced"
_STRENGTH = {"AES256": 1, "aws:kms": 2, "aws:kms:dsse": 2}


def _flag(name: str) -> _Holds:
    return lambda facts: False if facts["public_access_block"][name] is None else facts["public_access_block"][name]


def _is(slot: str, key: str, *wanted: str) -> _Holds:
    def holds(facts: _Facts) -> Ternary:
        value = facts[slot][key]
        return value if isinstance(value, Unknown) else value in wanted

    return holds


def _at_least(strength: int) -> _Holds:
    def holds(facts: _Facts) -> Ternary:
        value = facts["encryption"]["algorithm"]
        return value if isinstance(value, Unknown) else _STRENGTH.get(str(value), 0) >= strength

    return holds


def _declared(slot: str, key: str) -> _Holds:
    return lambda facts: value if isinstance(value := facts[slot][key], bool | Unknown) else bool(value)


PROTECTIONS: Mapping[str, tuple[str, _Holds]] = {
    **{name: ("public_access_block", _flag(name)) for name in FLAGS},
    "object ownership that switches ACLs off": ("ownership", _is("ownership", "object_ownership", ENFORCED)),
    "versioning": ("versioning", _is("versioning", "status", "Enabled")),
    "MFA delete": ("versioning", _is("versioning", "mfa_delete", "Enabled")),
    "server access logging": ("logging", _declared("logging", "declared")),
    "default encryption": ("encryption", _at_least(1)),
    "default encryption with KMS": ("encryption", _at_least(2)),
    "the refusal of plain HTTP": ("policy", _declared("policy", "denies_plain_http")),
}
"""What protects a bucket: the part that it belongs to, and whether it holds."""

_TYPES = frozenset({BUCKET, "aws_s3_account_public_access_block", *BY_TYPE})
_INLINE = frozenset(name for names in INLINE.values() for name in names)


def compare_buckets(configuration: Configuration, after: Built | None = None) -> Built:
    """A subject for each bucket that is there before and after the change; none without a before.

    ``after`` are those after it, where they are built already.
    """
    before = configuration.before
    if before is None:
        return Built(())
    goes_on = configuration.continued()
    buckets = {item.address: item for item in before.resources if item.type == BUCKET and item.mode == "managed"}
    stays = {goes_on[address]: address for address in buckets if address in goes_on}
    here = {item.address: item for item in configuration.resources if item.address in stays}
    if not any(_matters(item) for item in configuration.resources):
        return Built(tuple(map(_unchanged, here.values())))
    then = replace(before, resources=tuple(map(_as_it_is, before.resources)))
    was = {subject.address: subject for subject in build_buckets(then).subjects}
    now = {subject.address: subject for subject in (after or build_buckets(configuration)).subjects}
    gone = _deletions(configuration)
    pairs = ((was[origin], here[address], now[address]) for address, origin in stays.items() if address in now)
    return Built(tuple(_compared(old, bucket, new, gone) for old, bucket, new in pairs))


def _matters(item: Resource) -> bool:
    """Whether what happens to ``item`` may touch a bucket that is there."""
    if item.type == BUCKET:
        return item.change not in (None, Change.UNCHANGED, Change.CREATED)
    return item.type in _TYPES and (item.change not in (None, Change.UNCHANGED) or item.existence is not None)


def _as_it_is(item: Resource) -> Resource:
    """A bucket with all that it has in AWS as its own, written or not, as far as that is known."""
    if item.type != BUCKET or item.declared is None:
        return item
    known = {name for name in _INLINE if not isinstance(item.values.get(name), Unknown | None) and item.values[name]}
    return replace(item, declared=item.declared | known)


def _unchanged(bucket: Resource) -> Subject:
    said = (Evidence("this change touches none of its protections"),)
    change = bucket.change.value if bucket.change else None
    facts = {"removed": False, "named": []}
    own = (Origin(bucket.address),)
    return Subject("bucket-change", bucket.address, bucket.type, facts, {"": own}, {"removed": said}, change)


def _deletions(configuration: Configuration) -> dict[str, list[Resource]]:
    """Deleted resources that filled a slot, by slot."""
    found: dict[str, list[Resource]] = {}
    for resource in configuration.resources:
        relation = BY_TYPE.get(resource.type)
        if relation is not None and resource.change is Change.DELETED:
            found.setdefault(relation.slot, []).append(resource)
    return found


def _compared(old: Subject, bucket: Resource, new: Subject, gone: Mapping[str, list[Resource]]) -> Subject:
    lost: dict[str, Ternary] = {}
    for name, (slot, holds) in PROTECTIONS.items():
        was, stays = holds(old.facts), holds(new.facts)
        if was is not False and was != stays and not _stays_inline(slot, old, bucket, new):
            lost[name] = conjunction((was, negation(stays)))
    if lost.get("default encryption") is True:
        lost.pop("default encryption with KMS", None)
    certain = [name for name, value in lost.items() if value is True]
    doubts = {name: value for name, value in lost.items() if isinstance(value, Unknown)}
    removed: Ternary = True if certain else next(iter(doubts.values()), False)
    slots = dict.fromkeys(PROTECTIONS[name][0] for name in [*certain, *doubts])
    origins = [origin for slot in slots for origin in (*new.origins.get(slot, ()), *_of(gone.get(slot, ()), old))]
    facts = {"removed": removed, "named": certain or list(doubts)}
    evidence = tuple(_sentences(certain, doubts, old, new, gone)) or (Evidence("nothing that protected it goes"),)
    places = {"": new.origins[""], "removed": tuple(origins) or new.origins[""]}
    return Subject("bucket-change", new.address, new.type, facts, places, {"removed": evidence}, new.change)


def _stays_inline(slot: str, old: Subject, bucket: Resource, new: Subject) -> bool:
    """Whether the bucket had a part of itself that nothing writes now: the provider leaves it in AWS as it is."""
    names = INLINE.get(slot, ())
    was_inline = all(origin.address == old.address for origin in old.origins[slot])
    unwritten = bucket.declared is not None and not any(name in bucket.declared for name in names)
    absent = new.origins[slot] == new.origins[""]
    return bool(names) and was_inline and unwritten and absent and bucket.change is not Change.REPLACED


def _of(resources: Any, old: Subject) -> list[Origin]:
    """Where the part was read before, if that resource is deleted."""
    addresses = {origin.address for places in old.origins.values() for origin in places}
    return [Origin(item.address) for item in resources if item.address in addresses]


def _sentences(
    certain: list[str], doubts: Mapping[str, Ternary], old: Subject, new: Subject, gone: Mapping[str, list[Resource]]
) -> list[Evidence]:
    found = []
    for name in certain:
        slot = PROTECTIONS[name][0]
        deleted = _of(gone.get(slot, ()), old)
        how = f": {deleted[0].address} is deleted" if deleted else ""
        places = new.origins.get(slot, ())
        exact = next((place for place in places if name in place.path), None)
        origin = deleted[0] if deleted else exact or next(iter(places), None)
        found.append(Evidence(f"{name} was on and goes{how}", origin))
    for name, value in doubts.items():
        was_on = PROTECTIONS[name][1](old.facts) is True
        how = "was on; whether it stays is not known" if was_on else "is not on; whether it was is not known"
        found.append(Evidence(f"{name} {how}: {value}"))
    return found
