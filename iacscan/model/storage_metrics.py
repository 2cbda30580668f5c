"""Alarms on what a bucket holds: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.core import Evidence, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.by_bucket import ByBucket
from iacscan.model.joins import Directory
from iacscan.model.monitoring import ALARM, acts
from iacscan.model.parts import Part, Source, items
from iacscan.model.references import Things

METRICS = ("BucketSizeBytes", "NumberOfObjects")
METRICS_ABSENT = Part(
    {"alarmed": False},
    evidence={"": (Evidence("no alarm on NumberOfObjects or BucketSizeBytes names it"),)},
)

Watching = tuple[Resource, Ternary]
"""An alarm on how much some bucket holds, and whether it acts."""


def alarms(things: Things, book: Directory) -> ByBucket[Watching]:
    """Every alarm that watches, or may watch, how much a bucket holds, by that bucket."""
    found = []
    for alarm in things.of(ALARM):
        for metric in _metrics(alarm):
            value = conjunction([_is_storage(metric), acts(alarm)])
            bucket = _bucket(metric)
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
    name, namespace = metric.get("metric_name"), metric.get("namespace")
    named = merge_unknown(unknowns(name)) if _open(name) else name in METRICS
    return conjunction([named, merge_unknown(unknowns(namespace)) if _open(namespace) else namespace == "AWS/S3"])


def _open(value: Value) -> bool:
    return value is not None and any(True for _ in unknowns(value))


def _bucket(metric: dict[str, Value] | Unknown) -> Value:
    dimensions: Any = metric if isinstance(metric, Unknown) else metric.get("dimensions")
    return dimensions if isinstance(dimensions, Unknown) else (dimensions or {}).get("BucketName")
