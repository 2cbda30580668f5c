"""What stands round a bucket: trails, alarms, distributions, exports. Many resources may speak of one bucket.

Other than the parts of :mod:`iacscan.model.relations`, of which a bucket has one each, these are looked up
for each bucket among all resources that may speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacscan.core import Template, Unknown, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.accounts import holders, own_accounts
from iacscan.model.destinations import EXPORT_ABSENT, Owners, exporters, exports, replication
from iacscan.model.distributions import CDN_ABSENT, distributions, readers
from iacscan.model.joins import Directory
from iacscan.model.objects import OBJECTS_ABSENT, contents, uploads
from iacscan.model.parts import OMITTED, Part
from iacscan.model.policy import bindings, owner_of
from iacscan.model.references import Things
from iacscan.model.storage_metrics import METRICS_ABSENT, alarms, storage_metrics
from iacscan.model.trails import TRACKING_ABSENT, Tracked, has_trails, tracking

ABSENT: Mapping[str, Part] = {
    "tracking": TRACKING_ABSENT,
    "metrics": METRICS_ABSENT,
    "cdn": CDN_ABSENT,
    "export": EXPORT_ABSENT,
    "objects": OBJECTS_ABSENT,
}
"""The parts of a bucket that nothing in the input speaks of."""

FIELDS: dict[str, Any] = {name: dict.fromkeys(part.facts) for name, part in ABSENT.items()}
"""The names of the facts that this module adds to a bucket."""


UNSEEN = Unknown("the bucket itself is not in the input, nor whose it is")


def of_named(parts: Mapping[str, Part]) -> dict[str, Part]:
    """What surrounds a bucket that the input only names: nothing is looked up for it."""
    part = parts["replication"]
    declared = part.facts["declared"]
    facts = {**part.facts, "accounts": [], "more_accounts": UNSEEN if declared is True else declared}
    return {**ABSENT, "replication": Part(facts, part.origins, part.evidence)}


class Surroundings:
    """Looks up what speaks of a bucket, in one configuration."""

    def __init__(self, configuration: Configuration, book: Directory) -> None:
        self._book = book
        self._things = Things(configuration)
        self._bound = bindings(book.buckets.values()) if has_trails(self._things) else {}
        self._accounts = own_accounts(configuration)
        self._owners = Owners(book, self._accounts, holders(configuration, self._accounts))
        self._alarms = alarms(self._things, book)
        self._readers = readers(self._things, book)
        self._exporters = exporters(self._things, book)
        self._objects = uploads(configuration, book)

    def of(self, address: str, parts: Mapping[str, Part]) -> dict[str, Part]:
        """What surrounds the bucket at ``address``, whose own ``parts`` are known."""
        bucket = self._book.buckets[address]
        return {
            "tracking": self._tracking(bucket),
            "metrics": storage_metrics(self._alarms, address),
            "cdn": distributions(self._readers, address),
            "export": exports(self._exporters, self._owners, bucket),
            "objects": contents(self._objects, address),
            "replication": replication(parts["replication"], self._owners, bucket),
        }

    def _tracking(self, bucket: Resource) -> Part:
        if not has_trails(self._things):
            return TRACKING_ABSENT
        owner = owner_of(bucket, self._bound)
        name = bucket.values.get("bucket")
        late = merge_unknown(unknowns(name)) if isinstance(name, Unknown | Template) and name != OMITTED else None
        sure = owner.spelling is not None and all(hole.reference is not None for hole in unknowns(owner.spelling))
        spelling = owner.spelling if sure else None
        return tracking(self._things, Tracked(bucket, owner.arn, owner.bound, self._accounts, late, spelling))
