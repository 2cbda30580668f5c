"""Which bucket does a resource belong to? By reference first, by equal known name second.

A resource whose bucket cannot be told may belong to several: those are returned as candidates, so
that the model can say "unknown" for them instead of "absent".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from iacscan.core import Encoded, Reference, Template, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Change, Resource
from iacscan.model.names import ARN_PREFIX, NamesPerhaps, ends, may_be, without_arn
from iacscan.model.parts import OMITTED
from iacscan.model.relations import BUCKET, BY_TYPE, INLINE

NAMING = frozenset({"id", "bucket", "arn"})
NOT_BUCKETS = frozenset({"aws_s3_directory_bucket"})
"""Types whose settings are written with the resources of buckets, though they are another kind of thing."""

_OWN_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]\Z')
_BUCKET_ADDRESS = re.compile(rf"(?:.*\.)?(?<!data\.){BUCKET}\.[\w-]+")


@dataclass(frozen=True, slots=True)
class Match:
    """The outcome of a join.

    ``certain`` holds the addresses of the buckets named (more than one only where two resources
    declare the same name). ``name`` is a name that no bucket of the input is known to have, ``elsewhere``
    a bucket that the input refers to and does not declare. Where the match is in doubt, ``why`` says what is
    not known, and ``candidates`` are the only buckets of the input that may be meant, ``None`` for any;
    ``beyond`` tells that it may as well be one that the input does not declare.
    """

    certain: tuple[str, ...] = ()
    name: str | None = None
    why: Unknown | None = None
    candidates: tuple[str, ...] | None = None
    elsewhere: Reference | None = None
    beyond: bool = False

    @property
    def waits_for(self) -> tuple[Reference, ...]:
        """What must be known to tell the bucket."""
        return () if self.why is None else self.why.references


@dataclass(frozen=True, slots=True)
class Directory:
    """The buckets of one input, by every key that a join needs. Built by :func:`directory`."""

    resources: Mapping[str, Resource]
    buckets: Mapping[str, Resource]
    by_name: Mapping[str, tuple[str, ...]]
    by_expression: Mapping[Unknown | Template, tuple[str, ...]]
    by_block: Mapping[str, tuple[str, ...]]
    nameless: Mapping[str, Unknown | Template]
    perhaps: NamesPerhaps

    def match(self, value: Value) -> Match:
        """The bucket that ``value`` (a name, an ARN, a reference or a text with holes) means."""
        return self._match(value, frozenset())

    def _match(self, value: Value, seen: frozenset[str]) -> Match:
        if isinstance(value, str):
            name = value.partition(ARN_PREFIX)[2] or value
            found = self.by_name.get(name, ())
            return Match(certain=found) if found else self._unmatched(name)
        if isinstance(value, Unknown | Template):
            same = self.by_expression.get(value)
            if same:
                return Match(certain=same)
        if isinstance(value, Unknown):
            return self._follow(value, seen)
        if isinstance(value, Template):
            named = without_arn(value)
            return self._perhaps(named, value) if isinstance(named, Template) else self._match(named, seen)
        if isinstance(value, Encoded):
            return Match(why=merge_unknown(unknowns(value)))
        return Match(why=Unknown("the bucket is not named"))

    def _perhaps(self, name: Template, value: Template) -> Match:
        """A text with holes: one of the buckets whose name it may turn out to be, or one that is not declared."""
        why = merge_unknown(unknowns(value))
        head, tail = ends(name)
        if head.startswith("arn:") or not head + tail:
            return Match(why=why)
        return Match(why=why, candidates=self.perhaps.of(name), beyond=True)

    def _follow(self, value: Unknown, seen: frozenset[str]) -> Match:
        reference = value.reference
        if reference is not None:
            if reference.address in self.buckets and _names(reference):
                return Match(certain=(reference.address,))
            target = self.resources.get(reference.address)
            if target is not None and target.type in NOT_BUCKETS:
                return Match()
            if target is not None and reference.address not in seen:
                key = _key_of(target)
                if key is not None:
                    return self._match(target.named_by(key), seen | {reference.address})
            if target is None and self._is_elsewhere(reference):
                return Match(elsewhere=Reference(reference.address, reference.path[:-1]))
        return Match(why=value, candidates=self._mentioned(value))

    def _is_elsewhere(self, reference: Reference) -> bool:
        """Whether it is a bucket of its own that the input does not declare: a part of a module was given."""
        block, own = _without_key(reference.address), reference.path[-1:]
        return _BUCKET_ADDRESS.fullmatch(block) is not None and block not in self.by_block and set(own) <= NAMING

    def _unmatched(self, name: str) -> Match:
        """A name that no bucket is known to have: one whose name is not known yet may turn out to have it."""
        perhaps = tuple(address for address, known in self.nameless.items() if may_be(known, name))
        if not perhaps:
            return Match(name=name)
        why = Unknown(f"it names {name!r}, which may turn out to be the name of {', '.join(perhaps[:3])}")
        return Match(name=name, why=why, candidates=perhaps)

    def _mentioned(self, value: Unknown) -> tuple[str, ...] | None:
        """The buckets that ``value`` can only be among, where every reference is to a bucket."""
        found: list[str] = []
        for reference in value.references:
            if reference.address in self.buckets:
                found.append(reference.address)
            elif _without_key(reference.address) in self.by_block:
                found.extend(self.by_block[_without_key(reference.address)])
            else:
                return None
        return tuple(dict.fromkeys(found)) or None


def directory(resources: Iterable[Resource]) -> Directory:
    """Index ``resources`` once; deleted and forgotten buckets are left out."""
    by_address = {resource.address: resource for resource in resources}
    buckets = {
        address: resource
        for address, resource in by_address.items()
        if resource.type == BUCKET and resource.mode == "managed" and is_live(resource)
    }
    names: dict[str, list[str]] = {}
    expressions: dict[Unknown | Template, list[str]] = {}
    blocks: dict[str, list[str]] = {}
    nameless: dict[str, Unknown | Template] = {}
    for address, resource in buckets.items():
        name = resource.values.get("bucket")
        if isinstance(name, str):
            names.setdefault(name, []).append(address)
        elif isinstance(name, Unknown | Template) and name != OMITTED:
            nameless[address] = name
            if isinstance(name, Template) or name.reference is not None:
                expressions.setdefault(name, []).append(address)
        prefix = f"{resource.module}." if resource.module else ""
        blocks.setdefault(f"{prefix}{resource.type}.{resource.name}", []).append(address)
    return Directory(
        by_address,
        buckets,
        {name: tuple(found) for name, found in names.items()},
        {name: tuple(found) for name, found in expressions.items()},
        {block: tuple(found) for block, found in blocks.items()},
        nameless,
        NamesPerhaps((address, resource.values.get("bucket")) for address, resource in buckets.items()),
    )


def _without_key(address: str) -> str:
    """The address of a resource for all its instances in one instance of its module."""
    return _OWN_KEY.sub("", address)


def is_live(resource: Resource) -> bool:
    """Whether the resource is there, and Terraform's, after the change."""
    return resource.change not in (Change.DELETED, Change.FORGOTTEN)


def always_with(resource: Resource, bucket: Resource) -> bool:
    """Whether ``resource`` is there wherever ``bucket`` is."""
    perhaps = resource.existence
    if perhaps is None or perhaps.with_each_of(bucket.address):
        return True
    return bucket.existence is not None and bucket.existence.condition == perhaps.condition


def declares(bucket: Resource, slot: str) -> bool:
    """Whether ``bucket`` itself writes the inline form of ``slot``."""
    if bucket.declared is None:
        return any(_present(bucket.values.get(name)) for name in INLINE.get(slot, ()))
    return any(name in bucket.declared for name in INLINE.get(slot, ()))


def _present(value: Value) -> bool:
    return isinstance(value, Unknown | Template | Encoded) or (value is not None and value not in ("", [], False))


def _names(reference: Reference) -> bool:
    return not reference.path or reference.path[0] in NAMING


def _key_of(resource: Resource) -> str | None:
    relation = BY_TYPE.get(resource.type)
    if relation is not None:
        return relation.key
    return "bucket" if resource.type == BUCKET else None
