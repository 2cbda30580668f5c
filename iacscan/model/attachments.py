"""Which stand-alone resources belong to which bucket, for certain or perhaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from iacscan.core import Reference, Unknown, Value
from iacscan.inputs.configuration import Change, Configuration, Resource
from iacscan.model.joins import Directory, Match, always_with, declares, directory, is_live
from iacscan.model.parts import Source
from iacscan.model.protection import log_target
from iacscan.model.relations import BY_TYPE, Relation, Removal

MADE = (Change.CREATED, Change.REPLACED)
"""The changes by which a bucket is made anew."""


@dataclass(slots=True)
class Attached:
    """The stand-alone resources of one bucket while they are being joined.

    ``elsewhere`` says that a module that is not at hand may hold those that are missing here.
    """

    certain: dict[str, list[Resource]] = field(default_factory=dict)
    doubtful: dict[str, list[tuple[Resource, Unknown]]] = field(default_factory=dict)
    elsewhere: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """Every bucket of an input, managed or only named, with what is attached to it."""

    book: Directory
    attached: Mapping[str, Attached]
    names: Mapping[str | Reference, Attached]
    unattached: tuple[Resource, ...]


def join(configuration: Configuration) -> Joined:
    """Attach every stand-alone resource to its bucket, and the doubtful ones to all that they may mean."""
    book = directory(configuration.resources)
    attached = {address: Attached() for address in book.buckets}
    names: dict[str | Reference, Attached] = {}
    doubtful: list[tuple[Relation, Resource, Match]] = []
    for resource in configuration.resources:
        relation = BY_TYPE.get(resource.type)
        if relation is None or resource.mode != "managed" or not _in_effect(resource, relation):
            continue
        match = _of_what_was(resource, book.match(resource.named_by(relation.key)), book)
        for address in match.certain:
            _attach(attached[address], relation, resource, book.buckets[address])
        named = match.name or match.elsewhere
        if named is not None and is_live(resource):
            _put(names, named, relation, resource)
        if match.why is not None:
            doubtful.append((relation, resource, match))
    for relation, resource, match in _spread(book, attached, doubtful):
        if match.name is None and is_live(resource):
            _put(names, _stand_in(resource, relation), relation, resource)
    for module in configuration.unseen:
        why = Unknown(f"{module.address} is given this bucket and may configure it; its source is not in this tree")
        for address in (address for value in module.given for address in book.match(value).certain):
            attached[address].elsewhere = why
    return Joined(book, attached, names, tuple(resource for _, resource, _ in doubtful))


def _attach(found: Attached, relation: Relation, resource: Resource, bucket: Resource) -> None:
    """Put a resource with its bucket: for certain, unless the bucket may be there without it."""
    perhaps = resource.existence
    if perhaps is None or always_with(resource, bucket):
        found.certain.setdefault(relation.slot, []).append(resource)
    else:
        why = Unknown(f"{resource.address} may configure this bucket: {perhaps.waits.reason}", perhaps.waits.references)
        found.doubtful.setdefault(relation.slot, []).append((resource, why))


def _put(names: dict[str | Reference, Attached], name: str | Reference, relation: Relation, resource: Resource) -> None:
    names.setdefault(name, Attached()).certain.setdefault(relation.slot, []).append(resource)


def _stand_in(resource: Resource, relation: Relation) -> Reference:
    """What a bucket that cannot be told is called: the attribute that names it, or that of the resource itself."""
    value = resource.named_by(relation.key)
    given = value.reference if isinstance(value, Unknown) else None
    return given or Reference(resource.address, (relation.key,))


def _of_what_was(resource: Resource, match: Match, book: Directory) -> Match:
    """``match`` of a resource that is deleted: it configured a bucket that was there, not one that is made now."""
    if is_live(resource):
        return match
    certain = _made_before(match.certain, book)
    if match.why is None:
        return replace(match, certain=certain)
    candidates = _made_before(book.buckets if match.candidates is None else match.candidates, book)
    return replace(match, certain=certain, candidates=candidates, why=match.why if candidates else None)


def _made_before(addresses: Iterable[str], book: Directory) -> tuple[str, ...]:
    return tuple(address for address in addresses if book.buckets[address].change not in MADE)


def _in_effect(resource: Resource, relation: Relation) -> bool:
    """Whether AWS still holds what the resource says, or the deletion itself says something."""
    if resource.change is Change.DELETED:
        return relation.removal is not Removal.GONE or relation.slot == "versioning"
    return True


def _spread(
    book: Directory, attached: Mapping[str, Attached], doubtful: Sequence[tuple[Relation, Resource, Match]]
) -> list[tuple[Relation, Resource, Match]]:
    """Give each doubtful resource to the buckets that it may belong to: those whose slot is still free.

    Returns those that may belong to none.
    """
    free: dict[str, list[str]] = {}
    left = []
    for relation, resource, match in doubtful:
        if relation.slot not in free:
            free[relation.slot] = [name for name in book.buckets if _is_free(attached[name], relation.slot)]
        chosen = free[relation.slot]
        if match.candidates is not None:
            chosen = [name for name in match.candidates if _is_free(attached[name], relation.slot)]
        why = Unknown(
            f"{resource.address} may configure this bucket, its `{relation.key}` is not known",
            match.waits_for,
        )
        for address in chosen:
            attached[address].doubtful.setdefault(relation.slot, []).append((resource, why))
        if not chosen and (match.candidates is None or match.beyond):
            left.append((relation, resource, match))
    return left


def _is_free(found: Attached, slot: str) -> bool:
    """Whether nothing that is there after the change is known to fill ``slot``."""
    return not any(map(is_live, found.certain.get(slot, ())))


def log_targets(joined: Joined) -> dict[str, tuple[Unknown | bool, str]]:
    """For each bucket that another one logs to, certainly or perhaps: that, and the sentence that says so."""
    targets: dict[str, tuple[Unknown | bool, str]] = {}
    anywhere = False
    for source, value in _log_settings(joined):
        if value is None:
            continue
        match = joined.book.match(value)
        for address in match.certain:
            if address != source:
                targets[address] = (True, f"{source} logs to it")
        if match.why is not None and not (anywhere and match.candidates is None):
            anywhere = anywhere or match.candidates is None
            why = Unknown(f"{source} may log to it", match.waits_for)
            for address in joined.book.buckets if match.candidates is None else match.candidates:
                targets.setdefault(address, (why, why.reason))
    for source, resource, why in _perhaps_logging(joined):
        for address in joined.book.match(log_target(Source(resource))).certain:
            if address != source:
                targets.setdefault(address, (why, f"{source} may log to it"))
    return targets


def _perhaps_logging(joined: Joined) -> Iterator[tuple[str, Resource, Unknown]]:
    """Buckets whose logging may not exist, with the resource that sets it up and what that waits for."""
    for source, found in joined.attached.items():
        for resource, why in found.doubtful.get("logging", ()):
            if resource.existence is not None:
                yield source, resource, why


def _log_settings(joined: Joined) -> Iterator[tuple[str, Value]]:
    """Who logs, and where to: the bucket where it is certain, else the resource that sets up the logging."""
    for address, found in joined.attached.items():
        bucket = joined.book.buckets[address]
        sources = [Source(resource) for resource in found.certain.get("logging", ())]
        if not sources and declares(bucket, "logging"):
            sources = [Source(bucket, inline=True)]
        for source in sources:
            yield address, log_target(source)
    for resource in joined.unattached:
        if BY_TYPE[resource.type].slot == "logging":
            yield resource.address, log_target(Source(resource))
    for found in joined.names.values():
        for resource in found.certain.get("logging", ()):
            yield resource.address, log_target(Source(resource))
