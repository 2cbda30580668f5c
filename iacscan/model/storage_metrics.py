"""Alarms on what a bucket holds.

The metrics are stored by bucket and storage type:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html . An alarm that leaves out a dimension
watches a metric that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterator

from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.core import Evidence, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.alarms import Alarms
from iacscan.model.by_bucket import ByBucket
from iacscan.model.joins import Directory
from iacscan.model.parts import Part, Source, items
from iacscan.model.references import Things

SIZE, COUNT = "BucketSizeBytes", "NumberOfObjects"
ALL_TYPES = "AllStorageTypes"
"""The storage type of the number of objects; sizes are stored for each storage class and never for all together."""
METRICS_ABSENT = Part(
    {"alarmed": False},
    evidence={"": (Evidence("no alarm that acts names it, NumberOfObjects or BucketSizeBytes and a StorageType"),)},
)

Watching = tuple[Resource, Ternary]
"""An alarm on how much some bucket holds, and whether it acts."""


def alarms(things: Things, book: Directory) -> ByBucket[Watching]:
    """Every alarm that watches, or may watch, how much a bucket holds, by that bucket."""
    found = []
    every = Alarms(things)
    for alarm in every.metric:
        for metric in _metrics(alarm):
            value, bucket = _is_storage(metric), _dimension(metric, "BucketName")
            if value is not False and bucket is not None:
                value = conjunction([value, every.acts(alarm)])
            if value is not False and bucket is not None:
                found.append(((alarm, value), book.match(bucket)))
    return ByBucket(found)


def storage_metrics(watching: ByBucket[Watching], address: str) -> Part:
    """Whether an alarm that acts watches how much the bucket at ``address`` holds."""
    judged = [(alarm, conjunction([value, here])) for (alarm, value), here in watching.of(address)]
    if not judged:
        return METRICS_ABSENT
    sentences = tuple(
        Evidence(
            f"{alarm.address} {'may watch' if isinstance(value, Unknown) else 'watches'} how much it holds",
            Source(alarm).origin(),
        )
        for alarm, value in judged
    )
    origins = tuple(item.origin for item in sentences if item.origin)
    return Part({"alarmed": disjunction(value for _, value in judged)}, origins, {"": sentences})


def _metrics(alarm: Resource) -> Iterator[dict[str, Value] | Unknown]:
    """The metrics of an alarm: its own, and those that a formula uses."""
    yield dict(alarm.values)
    queries = alarm.values.get("metric_query")
    if isinstance(queries, Unknown) and queries.references:
        yield queries
    for index in range(len(items(queries))):
        block = Source(alarm).get("metric_query", index, "metric", 0)
        if isinstance(block, dict | Unknown):
            yield block


def _is_storage(metric: dict[str, Value] | Unknown) -> Ternary:
    if isinstance(metric, Unknown):
        return metric
    kind = _dimension(metric, "StorageType")
    size = conjunction([_is(metric.get("metric_name"), SIZE), negation(_is(kind, ALL_TYPES)), kind is not None])
    count = conjunction([_is(metric.get("metric_name"), COUNT), _is(kind, ALL_TYPES)])
    return conjunction([_is(metric.get("namespace"), "AWS/S3"), disjunction([size, count])])


def _is(value: Value, wanted: str) -> Ternary:
    waits = list(unknowns(value))
    return merge_unknown(waits) if waits else value == wanted


def _dimension(metric: dict[str, Value] | Unknown, name: str) -> Value:
    dimensions = metric if isinstance(metric, Unknown) else metric.get("dimensions")
    if isinstance(dimensions, Unknown):
        return dimensions
    return dimensions.get(name) if isinstance(dimensions, dict) else None
