"""One subject per bucket: every part joined, from stand-alone resources or inline arguments.

The join law: a stand-alone resource counts before the inline form; a resource whose bucket cannot be
told makes the part unknown, not absent, on every bucket that it may belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from iacscan.aws.judgements.accounts import Holder, held_by_somebody
from iacscan.core import Evidence, Origin, Reference, Ternary, Unknown, Value, merge_unknown
from iacscan.inputs.configuration import Change, Configuration, Resource
from iacscan.model import access, access_block, delivery, protection, surroundings
from iacscan.model.access_points import attached_points
from iacscan.model.accounts import holders, own_accounts
from iacscan.model.attachments import MADE, Attached, Joined, join, log_targets
from iacscan.model.joins import Directory, declares, is_live
from iacscan.model.log_target import FACTS as LOG_TARGET_FACTS
from iacscan.model.log_target import with_log_targets
from iacscan.model.naming import FIELDS as NAMING_FIELDS
from iacscan.model.naming import read_naming
from iacscan.model.object_lock import OBJECT_LOCK_ABSENT, read_object_lock, with_object_lock
from iacscan.model.parts import OMITTED, Part, Source, agreed, plain
from iacscan.model.perhaps import each_possible
from iacscan.model.policy import FIELDS as POLICY_FIELDS
from iacscan.model.policy import POLICY_ABSENT, Owner, bindings, owner_of, read_policy
from iacscan.model.reach import FIELDS as REACH_FIELDS
from iacscan.model.reach import AccessPoints, read_reach
from iacscan.model.relations import BUCKET, BY_TYPE, SLOTS, Removal
from iacscan.model.subject import Built, Subject

MAX_CANDIDATES = 8
"""More resources than this that may each be the one: their values are not compared, the part is unknown."""

UNSEEN = Unknown("the bucket itself is not in the input")

READERS: dict[str, tuple[Callable[[Source], Part], Part]] = {
    "acl": (access.read_acl, access.ACL_ABSENT),
    "ownership": (access.read_ownership, access.OWNERSHIP_ABSENT),
    "public_access_block": (access_block.read_block, access_block.ABSENT),
    "encryption": (protection.read_encryption, protection.ENCRYPTION_ABSENT),
    "versioning": (protection.read_versioning, protection.VERSIONING_ABSENT),
    "website": (protection.read_website, protection.WEBSITE_ABSENT),
    "object_lock": (read_object_lock, OBJECT_LOCK_ABSENT),
    "lifecycle": (protection.read_lifecycle, protection.LIFECYCLE_ABSENT),
    "cors": (delivery.read_cors, delivery.CORS_ABSENT),
    "notification": (delivery.read_notification, delivery.NOTIFICATION_ABSENT),
    "replication": (delivery.read_replication, delivery.REPLICATION_ABSENT),
}


def build_buckets(configuration: Configuration) -> Built:
    """A subject for each bucket of ``configuration``; for buckets only named, one for what is attached."""
    joined = join(configuration)
    bound, ours = bindings(joined.book.buckets.values()), own_accounts(configuration)
    accounts = access_block.account_blocks(configuration.resources, ours)
    whose = holders(configuration, ours)
    owners = {
        address: owner_of(bucket, bound, ours.get(bucket.provider), whose(bucket.provider))
        for address, bucket in joined.book.buckets.items()
    }
    managed = {
        address: _parts(bucket, joined.attached[address], owners[address], _means(joined.book, address))
        for address, bucket in joined.book.buckets.items()
    }
    targets = log_targets(joined)
    points = attached_points(configuration, joined.book)
    around = surroundings.Surroundings(configuration, joined.book)
    subjects = [
        _subject(
            bucket,
            {**managed[address], **around.of(address, managed[address])},
            accounts,
            joined,
            targets,
            owners[address],
            points(address),
        )
        for address, bucket in joined.book.buckets.items()
    ]
    data = _data_buckets(configuration)
    subjects += [
        _named(name, found, accounts, data.get(name), joined.book, points(name), whose)
        for name, found in joined.names.items()
    ]
    whole = with_log_targets(subjects, joined)
    return Built(tuple(whole), tuple(resource.address for resource in joined.unattached))


IsItself = Callable[[Value], Ternary]


def _means(book: Directory, address: str) -> IsItself:
    """Whether a name or reference means the bucket at ``address``."""

    def is_itself(value: Value) -> Ternary:
        match = book.match(value)
        doubt = match.why is not None and (match.candidates is None or address in match.candidates)
        return address in match.certain or (match.why if doubt and match.why is not None else False)

    return is_itself


def _parts(bucket: Resource, found: Attached, owner: Owner, is_itself: IsItself) -> dict[str, Part]:
    return {slot: _slot(bucket, found, *_reader(slot, owner, is_itself), slot) for slot in SLOTS}


def _slot(bucket: Resource, found: Attached, read: Callable[[Source], Part], absent: Part, slot: str) -> Part:
    resources = _deciding(found.certain.get(slot, ()))
    if len(resources) > 1:
        names = ", ".join(resource.address for resource in resources)
        why = Unknown(f"several resources set it: {names}; the last one applied wins")
        return agreed([read(Source(resource)) for resource in resources], why, Evidence(why.reason))
    if found.elsewhere is not None and not resources and not declares(bucket, slot):
        return Part(dict.fromkeys(absent.facts, found.elsewhere), (), {"": (Evidence(found.elsewhere.reason),)})
    if resources:
        certain = [each_possible(resources[0], slot, lambda each: read(Source(each)))]
    else:
        certain = [each_possible(bucket, slot, lambda each: _inline(each, read, absent, slot))]
    doubtful = found.doubtful.get(slot, ())
    if not doubtful:
        return certain[0]
    first, why = doubtful[0]
    sentence = Evidence(str(why), Origin(first.address, (BY_TYPE[first.type].key,)))
    if len(doubtful) > MAX_CANDIDATES:
        facts = dict.fromkeys(absent.facts, why)
        return Part(facts, (Origin(first.address),), {"": (sentence,)})
    return agreed([*certain, *(read(Source(resource)) for resource, _ in doubtful)], why, sentence)


def _deciding(resources: Sequence[Resource]) -> Sequence[Resource]:
    """``resources`` without those that go and of which AWS is told nothing, where another takes their place."""
    if not any(map(is_live, resources)):
        return resources
    return [item for item in resources if is_live(item) or not _goes_in_silence(item)]


def _goes_in_silence(resource: Resource) -> bool:
    return resource.change is Change.FORGOTTEN or BY_TYPE[resource.type].removal is Removal.KEPT


def _inline(bucket: Resource, read: Callable[[Source], Part], absent: Part, slot: str) -> Part:
    return read(Source(bucket, inline=True)) if declares(bucket, slot) else absent


def _reader(slot: str, owner: Owner, is_itself: IsItself) -> tuple[Callable[[Source], Part], Part]:
    if slot == "policy":
        return (lambda source: read_policy(source, owner)), POLICY_ABSENT
    if slot == "logging":
        return (lambda source: protection.read_logging(source, is_itself)), protection.LOGGING_ABSENT
    return READERS[slot]


def _subject(
    bucket: Resource,
    parts: Mapping[str, Part],
    accounts: Sequence[access_block.AccountBlock],
    joined: Joined,
    targets: Mapping[str, tuple[Unknown | bool, str]],
    owner: Owner,
    points: AccessPoints,
) -> Subject:
    block = access_block.combine(parts["public_access_block"], {bucket.provider}, accounts)
    reach = read_reach(parts["acl"], parts["ownership"], block, parts["policy"], owner.arn, owner.account, points)
    logging = _with_target(parts["logging"], *targets.get(bucket.address, (False, "")))
    versioning = with_object_lock(parts["versioning"], parts["object_lock"], bucket.change in MADE)
    whole = {**parts, "public_access_block": block, "reach": reach, "logging": logging, "versioning": versioning}
    name = bucket.values.get("bucket")
    whole["naming"] = read_naming(bucket)
    facts = {"name": OMITTED if name is None else plain(name), "managed": True, **_tags(bucket)}
    return _assemble(bucket.address, bucket.type, facts, whole, (Origin(bucket.address),), _change(bucket, joined))


def _named(
    name: str | Reference,
    found: Attached,
    accounts: Sequence[access_block.AccountBlock],
    data: Resource | None,
    book: Directory,
    points: AccessPoints,
    whose: Callable[[str], Holder],
) -> Subject:
    """A bucket that the input only names or refers to: judged for what is attached, silent on what is not."""
    first = _first(found)
    address = data.address if data else first.address
    if isinstance(name, Reference):
        named = Resource(name.address, BUCKET, "", {}, declared=frozenset())
    else:
        named = Resource(address, BUCKET, name, {"bucket": name}, declared=frozenset())

    def is_itself(value: Value) -> Ternary:
        match = book.match(value)
        return True if name in (match.name, match.elsewhere) else (False if match.why is None else match.why)

    providers = _providers(found)
    owner = owner_of(named, {}, holder=whose(min(providers)) if len(providers) == 1 else held_by_somebody)
    parts = _parts(named, found, owner, is_itself)
    block = access_block.combine(parts["public_access_block"], providers, accounts)
    reach = read_reach(parts["acl"], parts["ownership"], block, parts["policy"], owner.arn, owner.account, points)
    whole = {**parts, **surroundings.of_named(parts), "public_access_block": block, "reach": reach}
    logging, whole["naming"] = parts["logging"], read_naming(named)
    whole["logging"] = Part({**logging.facts, "is_target": False}, logging.origins, logging.evidence)
    shown = name if isinstance(name, str) else UNSEEN
    facts: dict[str, Any] = {"name": shown, "managed": False, "tags": {}, "tags_pending": UNSEEN}
    change = first.change.value if first.change else None
    own = (Origin(first.address), Origin(address)) if data else (Origin(first.address),)
    return _assemble(address, BUCKET, facts, whole, own, change)


def _first(found: Attached) -> Resource:
    """The resource that gives its address to a bucket which is only named: the same one however they are listed."""
    slot = min(found.certain, key=SLOTS.index)
    return min(found.certain[slot], key=lambda resource: resource.address)


def _providers(found: Attached) -> frozenset[str]:
    """The provider configurations of what is attached to one bucket."""
    return frozenset(resource.provider for resources in found.certain.values() for resource in resources)


def _assemble(
    address: str,
    type_: str,
    facts: dict[str, Any],
    parts: Mapping[str, Part],
    own: tuple[Origin, ...],
    change: str | None,
) -> Subject:
    origins = {"": own}
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for slot, part in parts.items():
        facts[slot] = part.facts
        origins[slot] = part.origins or own
        for path, sentences in part.evidence.items():
            evidence[f"{slot}.{path}" if path else slot] = sentences
    options = {slot: part.options for slot, part in parts.items() if part.options}
    return Subject("bucket", address, type_, facts, origins, evidence, change, options)


def _data_buckets(configuration: Configuration) -> dict[str | Reference, Resource]:
    found: dict[str | Reference, Resource] = {}
    for resource in configuration.resources:
        name = resource.values.get("bucket")
        if resource.mode == "data" and resource.type == BUCKET and isinstance(name, str):
            found.setdefault(name, resource)
    return found


def _with_target(logging: Part, is_target: Ternary, sentence: str) -> Part:
    """``logging`` with whether another bucket logs to this one."""
    extra = (Evidence(sentence),) if sentence else ()
    evidence = {**logging.evidence, "": (*logging.evidence.get("", ()), *extra)}
    return Part({**logging.facts, "is_target": is_target}, logging.origins, evidence)


def _tags(bucket: Resource) -> dict[str, Any]:
    """The tags that are known, and ``tags_pending``: unknown where more may come, else nothing."""
    every, own = bucket.values.get("tags_all"), bucket.values.get("tags")
    tags = every if isinstance(every, dict) else own
    known = {key: plain(value) for key, value in tags.items()} if isinstance(tags, dict) else {}
    none_written = not own if isinstance(own, dict) or own is None else False
    if none_written and every == OMITTED:  # what a plan shows where neither resource nor provider has tags
        every = {}
    late = [] if isinstance(every, dict) else [value for value in (own, every) if isinstance(value, Unknown)]
    return {"tags": known, "tags_pending": merge_unknown(late) if late else None}


def _change(bucket: Resource, joined: Joined) -> str | None:
    """What happens to the bucket: its own change, or an update of anything attached to it."""
    if bucket.change is None or bucket.change is not Change.UNCHANGED:
        return bucket.change.value if bucket.change else None
    parts = (resource for found in joined.attached[bucket.address].certain.values() for resource in found)
    touched = any(part.change not in (None, Change.UNCHANGED) for part in parts)
    return Change.UPDATED.value if touched else Change.UNCHANGED.value


FIELDS: dict[str, Any] = {
    "name": None,
    "managed": None,
    "tags": None,
    "tags_pending": None,
    **{slot: dict.fromkeys(absent.facts) for slot, (_, absent) in READERS.items()},
    "naming": NAMING_FIELDS,
    "policy": POLICY_FIELDS,
    "reach": REACH_FIELDS,
    **surroundings.FIELDS,
}
"""The names of the facts of a bucket, as a tree; rules are checked against it."""
FIELDS["logging"] = dict.fromkeys((*protection.LOGGING_ABSENT.facts, "is_target", *LOG_TARGET_FACTS))
FIELDS["replication"] |= {"accounts": None, "more_accounts": None}
