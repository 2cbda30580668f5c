"""Whose bucket content of a bucket is copied to: replication, inventory and analytics exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from iacscan.aws.judgements.accounts import Holder
from iacscan.aws.kleene import disjunction
from iacscan.aws.policies.references import names_account
from iacscan.core import Evidence, Origin, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.accounts import Accounts
from iacscan.model.by_bucket import ByBucket
from iacscan.model.joins import Directory
from iacscan.model.parts import Part, Source, known_or_omitted, shown
from iacscan.model.references import Things

INVENTORY = "aws_s3_bucket_inventory"
ANALYTICS = "aws_s3_bucket_analytics_configuration"
_INVENTORY_PATH = ("destination", 0, "bucket", 0)
_ANALYTICS_PATH = ("storage_class_analysis", 0, "data_export", 0, "destination", 0, "s3_bucket_destination", 0)

EXPORT_ABSENT = Part(
    {"declared": False, "accounts": [], "more_accounts": False},
    evidence={"": (Evidence("no inventory or analytics export is declared"),)},
)


@dataclass(frozen=True, slots=True)
class Destination:
    """A bucket that gets copies: as it is named, the account that is given for it, and where that is written."""

    bucket: Value
    account: Value
    origin: Origin


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose a bucket is: the buckets of the input, and the accounts of their providers where known.

    ``holders``: see :func:`iacscan.model.accounts.holders`.
    """

    book: Directory
    accounts: Accounts
    holders: Callable[[str], Holder]

    def foreign(
        self, bucket: Resource, destinations: Iterable[Destination]
    ) -> tuple[dict[str, Any], tuple[Evidence, ...]]:
        """The accounts beside the bucket's own that ``destinations`` name, and whether there may be more."""
        named: list[str] = []
        doubts: list[Ternary] = []
        said: list[Evidence] = []
        for destination in destinations:
            owner = self._owner(bucket, destination)
            if isinstance(owner, Unknown):
                doubts.append(owner)
                said.append(Evidence(str(owner), destination.origin))
            elif owner is not None:
                named.append(owner)
                said.append(Evidence(f"{shown(destination.bucket)} is of the account {owner}", destination.origin))
            else:
                said.append(Evidence(f"{shown(destination.bucket)} is of the bucket's own account", destination.origin))
        return {"accounts": list(dict.fromkeys(named)), "more_accounts": disjunction(doubts)}, tuple(said)

    def _owner(self, bucket: Resource, destination: Destination) -> str | Unknown | None:
        """The account of a destination; ``None``: the bucket's own."""
        own = self.accounts.get(bucket.provider)
        account = known_or_omitted(destination.account)
        if isinstance(account, str) and account:
            return None if account == own else account
        if account is not None and account != "":
            if isinstance(account, Unknown) and names_account(account):
                return self.holders(bucket.provider)(account)
            return merge_unknown(unknowns(account))
        match = self.book.match(destination.bucket)
        if not match.certain:
            outside = Unknown(f"whose bucket {match.name} is: it is not in the input, and no account is given")
            return outside if match.why is None else match.why
        target = self.book.buckets[match.certain[0]]
        same = self.accounts.same(bucket.provider, target.provider)
        if isinstance(same, Unknown):
            return Unknown(f"whether {target.address} is of the same account: {same}")
        return None if same else self.accounts.get(target.provider)


def exporters(things: Things, book: Directory) -> ByBucket[Resource]:
    """Every inventory and analytics configuration, by its bucket."""
    return ByBucket((item, book.match(item.named_by("bucket"))) for item in things.of(INVENTORY, ANALYTICS))


def exports(resources: ByBucket[Resource], owners: Owners, bucket: Resource) -> Part:
    """Inventory and analytics exports of ``bucket``, and whose buckets they go to."""
    found: list[Destination] = []
    doubts: list[Ternary] = []
    origins: list[Origin] = []
    for resource, here in resources.of(bucket.address):
        destination = _export(resource)
        if destination is not None:
            found += [destination] if here is True else []
            doubts += [] if here is True else [here]
            origins.append(Origin(resource.address))
    if not found and not doubts:
        return EXPORT_ABSENT
    foreign, said = owners.foreign(bucket, found)
    more = disjunction([foreign["more_accounts"], *doubts])
    facts = {"declared": True if found else disjunction(doubts), "accounts": foreign["accounts"], "more_accounts": more}
    doubted = tuple(Evidence(f"an export may be of this bucket: {doubt}") for doubt in doubts)
    return Part(facts, tuple(item.origin for item in said if item.origin) or tuple(origins), {"": (*said, *doubted)})


def _export(resource: Resource) -> Destination | None:
    path = _INVENTORY_PATH if resource.type == INVENTORY else _ANALYTICS_PATH
    source = Source(resource)
    block = source.get(*path)
    if block is None:
        return None
    account = "account_id" if resource.type == INVENTORY else "bucket_account_id"
    return Destination(source.get(*path, "bucket_arn"), source.get(*path, account), source.origin(*path))


def replication(part: Part, owners: Owners, bucket: Resource) -> Part:
    """``part`` with whose buckets the copies go to."""
    destinations: Any = part.facts["destinations"]
    if isinstance(destinations, Unknown):
        return Part({**part.facts, "accounts": [], "more_accounts": destinations}, part.origins, part.evidence)
    place = part.origins[0] if part.origins else None
    listed = [
        Destination(item["bucket"], item["account"], Origin(place.address, item["path"]))
        for item in destinations
        if place is not None
    ]
    foreign, said = owners.foreign(bucket, listed)
    evidence = {**part.evidence, "accounts": said, "more_accounts": said}
    return Part({**part.facts, **foreign}, part.origins, evidence)
