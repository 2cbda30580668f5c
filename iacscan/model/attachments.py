"""Which stand-alone resources belong to which bucket, for certain or perhaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from iacscan.core import Unknown, Value
from iacscan.inputs.configuration import Change, Configuration, Resource
from iacscan.model.joins import Directory, Match, declares, directory, is_live
from iacscan.model.parts import Source
from iacscan.model.protection import log_target
from iacscan.model.relations import BY_TYPE, Relation, Removal


@dataclass(slots=True)
class Attached:
    """The stand-alone resources of one bucket while they are being joined."""

    certain: dict[str, list[Resource]] = field(default_factory=dict)
    doubtful: dict[str, list[tuple[Resource, Unknown]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """Every bucket of an input, managed or only named, with what is attached to it."""

    book: Directory
    attached: Mapping[str, Attached]
    names: Mapping[str, Attached]
    unattached: tuple[Resource, ...]


def join(configuration: Configuration) -> Joined:
    """Attach every stand-alone resource to its bucket, and the doubtful ones to all that they may mean."""
    book = directory(configuration.resources)
    attached = {address: Attached() for address in book.buckets}
    names: dict[str, Attached] = {}
    doubtful: list[tuple[Relation, Resource, Match]] = []
    for resource in configuration.resources:
        relation = BY_TYPE.get(resource.type)
        if relation is None or resource.mode != "managed" or not _in_effect(resource, relation):
            continue
        match = book.match(resource.named_by(relation.key))
        for address in match.certain:
            attached[address].certain.setdefault(relation.slot, []).append(resource)
        if match.name is not None and is_live(resource):
            names.setdefault(match.name, Attached()).certain.setdefault(relation.slot, []).append(resource)
        if match.why is not None:
            doubtful.append((relation, resource, match))
    _spread(book, attached, doubtful)
    return Joined(book, attached, names, tuple(resource for _, resource, _ in doubtful))


def _in_effect(resource: Resource, relation: Relation) -> bool:
    """Whether AWS still holds what the resource says, or the deletion itself says something."""
    if resource.change is Change.DELETED:
        return relation.removal is not Removal.GONE or relation.slot == "versioning"
    return True


def _spread(
    book: Directory, attached: Mapping[str, Attached], doubtful: Sequence[tuple[Relation, Resource, Match]]
) -> None:
    """Give each doubtful resource to the buckets that it may belong to: those whose slot is still free."""
    free: dict[str, list[str]] = {}
    for relation, resource, match in doubtful:
        if relation.slot not in free:
            free[relation.slot] = [name for name in book.buckets if relation.slot not in attached[name].certain]
        chosen = free[relation.slot]
        if match.candidates is not None:
            chosen = [name for name in match.candidates if relation.slot not in attached[name].certain]
        why = Unknown(
            f"{resource.address} may configure this bucket, its `{relation.key}` is not known",
            match.waits_for,
        )
        for address in chosen:
            attached[address].doubtful.setdefault(relation.slot, []).append((resource, why))


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
    return targets


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
