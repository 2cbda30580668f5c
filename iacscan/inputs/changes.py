"""What an edit of the source changes: its resources beside those that the source had before.

The answer is the one that a plan gives where the earlier source has been applied, as far as source can tell; see
https://developer.hashicorp.com/terraform/language/modules/develop/refactoring for what counts as the same object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from iacscan.core import Reference, Unknown
from iacscan.inputs.addresses import block_of, earlier, is_below, key_count
from iacscan.inputs.configuration import Change, Configuration, Existence, Resource
from iacscan.terraform.modules import MAY_CONFIGURE

_LEFT_TO_AWS = Unknown()
"""The value of an argument that nobody writes, and that AWS decides."""

_NAMES = ("bucket", "bucket_prefix")
"""The arguments of a bucket that cannot be changed in place."""


def changed(now: Configuration, before: Configuration) -> Configuration:
    """``now`` with ``before`` as what was there, each managed resource with its change, and those that go."""
    was = {item.address: item for item in before.resources if item.mode == "managed"}
    origins = _origins(now, was)
    found = {item.address: _as_found(item) for item in now.resources if _is_imported(item, now, origins)}
    was |= found
    origins |= {address: address for address in found}
    there = tuple(_marked(item, was.get(origins.get(item.address, ""))) for item in now.resources)
    goes_on = {origin: address for address, origin in origins.items()}
    left = [_readdressed(item, goes_on) for address, item in was.items() if address not in goes_on]
    secrets = now.secrets | before.secrets
    return replace(
        now,
        resources=(*there, *_gone(left, now)),
        before=replace(before, path=now.path, secrets=secrets, resources=(*before.resources, *found.values())),
        secrets=secrets,
    )


def _origins(now: Configuration, was: Mapping[str, Resource]) -> dict[str, str]:
    """The earlier address of each resource of ``now`` that was there: moved ones first, as Terraform does it."""
    managed = [item.address for item in now.resources if item.mode == "managed"]
    unkeyed = {address.replace("[0]", ""): address for address in was}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for address in managed:
        if address not in was:
            here = (each for each in earlier(address, now.moves) if each in was)
            # An object with no key or the key 0 stays itself when count comes or goes.
            origin = next(here, None) or unkeyed.get(address.replace("[0]", ""))
            if origin is not None and origin not in taken:
                found[address] = origin
                taken.add(origin)
    return found | {address: address for address in managed if address in was and address not in taken}


def _is_imported(item: Resource, now: Configuration, origins: Mapping[str, str]) -> bool:
    new = item.mode == "managed" and item.address not in origins
    return new and any(is_below(item.address, address) for address in now.imported)


def _as_found(item: Resource) -> Resource:
    """What an ``import`` block finds in AWS: which bucket it belongs to is known, and nothing else."""
    why = Unknown("it is imported, and what AWS has of it is not known before the plan")
    return replace(item, values={name: value if name == "bucket" else why for name, value in item.values.items()})


def _marked(item: Resource, was: Resource | None) -> Resource:
    if item.mode != "managed" or _is_lost(item):
        return item
    if was is None:
        return replace(item, change=Change.CREATED)
    moved_from = was.address if was.address != item.address else None
    if item.type == "aws_s3_bucket" and any(_differs(was, item, name) for name in _NAMES):
        return replace(item, change=Change.REPLACED, previous_address=moved_from)
    values = _kept(item.values, was.values)
    same = values == was.values and item.existence == was.existence
    change = Change.UNCHANGED if same else Change.UPDATED
    return replace(item, values=values, change=change, previous_address=moved_from)


def _is_lost(item: Resource) -> bool:
    """Whether it stands for what a text that cannot be read may declare."""
    return item.name.startswith("(")


def _differs(was: Resource, item: Resource, name: str) -> bool:
    """Whether both write the argument, with different texts."""
    texts = [each.values.get(name) for each in (was, item) if each.writes(name)]
    return len(texts) == 2 and texts[0] != texts[1] and not any(isinstance(text, Unknown) for text in texts)


def _kept(now: Any, was: Any) -> Any:
    """``now`` with what ``was`` had where nothing is written: Terraform leaves in AWS what AWS may decide."""
    match now, was:
        case dict(), dict():
            return {name: _kept(value, was.get(name, value)) for name, value in now.items()}
        case [one], [other]:
            return [_kept(one, other)]
        case dict(), Unknown():
            return {name: _kept(value, was) for name, value in now.items()}
        case [one], Unknown():
            return [_kept(one, was)]
    return was if now == _LEFT_TO_AWS else now


def _readdressed(item: Resource, goes_on: Mapping[str, str]) -> Resource:
    """``item`` with the names of others as they are now: a setting that goes is that of a bucket that has moved."""

    def now(reference: Reference) -> Reference:
        return replace(reference, address=goes_on.get(reference.address, reference.address))

    named = {name: value for name, value in item.values.items() if isinstance(value, Unknown) and value.reference}
    values = {name: replace(value, references=tuple(map(now, value.references))) for name, value in named.items()}
    references = {name: now(reference) for name, reference in item.references.items()}
    return replace(item, values={**item.values, **values}, references=references)


def _gone(left: Sequence[Resource], now: Configuration) -> Iterator[Resource]:
    """The resources in ``left``, which nothing of ``now`` continues: what Terraform deletes, or only forgets.

    Where ``now`` cannot be read in full, or does not tell how many there are, a setting may be there still.
    """
    keys: dict[str, int] = {}
    for item in now.resources:
        number = key_count(item.address)
        keys[block_of(item.address)] = min(number, keys.get(block_of(item.address), number))
    lost = {item.type: item for item in now.resources if _is_lost(item)}
    for item in left:
        block, number = block_of(item.address), key_count(item.address)
        unread = next((call.address for call in now.unseen if is_below(item.address, call.address)), None)
        doubt = f"the source of {unread} is not in this tree" if unread else ""
        if item.type in lost:
            doubt = f"{lost[item.type].name.strip('()')} cannot be read"
        elif keys.get(block, number) < number:
            doubt = "how many there are now is not known"
        if not doubt:
            kept = any(is_below(block, block_of(address)) for address in now.forgotten)
            yield replace(item, change=Change.FORGOTTEN if kept else Change.DELETED)
        elif item.type in MAY_CONFIGURE:
            yield replace(item, existence=Existence(Unknown(f"it did before, and {doubt}"), item.address))
