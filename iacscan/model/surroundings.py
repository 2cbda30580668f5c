"""What stands round a bucket: trails, alarms, distributions, exports. Many resources may speak of one bucket.

Other than the parts of :mod:`iacscan.model.relations`, of which a bucket has one each, these are looked up
for each bucket among all resources that may speak of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacscan.inputs.configuration import Configuration
from iacscan.model.joins import Directory
from iacscan.model.parts import Part
from iacscan.model.policy import bindings, owner_of
from iacscan.model.references import Things
from iacscan.model.storage_metrics import METRICS_ABSENT, storage_metrics
from iacscan.model.trails import TRACKING_ABSENT, Tracked, tracking

ABSENT: Mapping[str, Part] = {"tracking": TRACKING_ABSENT, "metrics": METRICS_ABSENT}
"""The parts of a bucket that nothing in the input speaks of."""

FIELDS: dict[str, Any] = {name: dict.fromkeys(part.facts) for name, part in ABSENT.items()}
"""The names of the facts that this module adds to a bucket."""


class Surroundings:
    """Looks up what speaks of a bucket, in one configuration."""

    def __init__(self, configuration: Configuration, book: Directory) -> None:
        self._things = Things(configuration)
        self._book = book
        self._bound = bindings(book.buckets.values())

    def of(self, address: str) -> dict[str, Part]:
        """The parts of the bucket at ``address``."""
        bucket = self._book.buckets[address]
        owner = owner_of(bucket, self._bound)
        tracked = Tracked(address, owner.arn, bucket.provider, owner.bound)
        return {
            "tracking": tracking(self._things, tracked),
            "metrics": storage_metrics(self._things, self._book, address),
        }
