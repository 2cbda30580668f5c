"""Alarms on what a bucket holds: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.core import Evidence, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.joins import Directory
from iacscan.model.monitoring import ALARM, acts
from iacscan.model.parts import Part, Source, items
from iacscan.model.references import Things

METRICS = ("BucketSizeBytes", "NumberOfObjects")
METRICS_ABSENT = Part(
    {"alarmed": False},
    evidence={"": (Evidence("no alarm on NumberOfObjects or BucketSizeBytes names it"),)},
)


def storage_metrics(things: Things, book: Directory, address: str) -> Part:
    """Whether an alarm that acts watches how much the bucket at ``address`` holds."""
    judged = [(alarm, _watches(alarm, book, address)) for alarm in things.of(ALARM)]
    found = [(alarm, value) for alarm, value in judged if value is not False]
    if not found:
        return METRICS_ABSENT
    sentences = tuple(
        Evidence(
            f"{alarm.address} {'may watch' if isinstance(value, Unknown) else 'watches'} how much it holds",
            Source(alarm).origin(),
        )
        for alarm, value in found
    )
    origins = tuple(item.origin for item in sentences if item.origin)
    return Part({"alarmed": disjunction(value for _, value in found)}, origins, {"": sentences})


def _watches(alarm: Resource, book: Directory, address: str) -> Ternary:
    return conjunction([disjunction(_is_of(metric, book, address) for metric in _metrics(alarm)), acts(alarm)])


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


def _is_of(metric: dict[str, Value] | Unknown, book: Directory, address: str) -> Ternary:
    if isinstance(metric, Unknown):
        return metric
    name, namespace = metric.get("metric_name"), metric.get("namespace")
    named = merge_unknown(unknowns(name)) if _open(name) else name in METRICS
    spaced = merge_unknown(unknowns(namespace)) if _open(namespace) else namespace == "AWS/S3"
    dimensions: Any = metric.get("dimensions")
    value = dimensions if isinstance(dimensions, Unknown) else (dimensions or {}).get("BucketName")
    return conjunction([named, spaced, _bucket_is(value, book, address)])


def _open(value: Value) -> bool:
    return value is not None and any(True for _ in unknowns(value))


def _bucket_is(value: Value, book: Directory, address: str) -> Ternary:
    if value is None:
        return False
    match = book.match(value)
    if address in match.certain:
        return True
    possible = match.why is not None and (match.candidates is None or address in match.candidates)
    return match.why if possible and match.why is not None else False
