"""From resources to subjects: what rules judge.

:func:`build` gives the subjects of a configuration, :data:`FIELDS` the names of their facts. A new
kind of subject is a module with a builder and its fields, and one line in each table here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from iacscan.core import Origin
from iacscan.inputs.configuration import Configuration
from iacscan.model import (
    access_points,
    bucket,
    detectors,
    endpoints,
    iam,
    keys,
    monitoring,
    objects,
    removal,
    tables,
    user_access,
)
from iacscan.model.joins import is_live
from iacscan.model.parts import plain
from iacscan.model.subject import Built, Subject

BUILDERS: Mapping[str, Callable[[Configuration], Built]] = {
    "bucket": bucket.build_buckets,
    "object": objects.build_objects,
    "iam-policy": iam.build_policies,
    "user-access": user_access.build_user_access,
    "access-point": access_points.build_access_points,
    "account": monitoring.build_accounts,
    "detector": detectors.build_detectors,
    "endpoint": endpoints.build_endpoints,
    "key": keys.build_keys,
    "table-policy": tables.build_table_policies,
    "table-bucket": tables.build_table_buckets,
    "directory-bucket": tables.build_directory_policies,
}

CHANGES = "bucket-change"
"""The kind of subject that compares the buckets before and after a change."""

FIELDS: Mapping[str, Mapping[str, Any]] = {
    "bucket": bucket.FIELDS,
    "object": objects.FIELDS,
    "iam-policy": iam.FIELDS,
    "user-access": user_access.FIELDS,
    "access-point": access_points.FIELDS,
    "account": monitoring.FIELDS,
    "detector": detectors.FIELDS,
    "endpoint": endpoints.FIELDS,
    "key": keys.FIELDS,
    "table-policy": tables.POLICY_FIELDS,
    "table-bucket": tables.TABLE_BUCKET_FIELDS,
    "directory-bucket": tables.POLICY_FIELDS,
    CHANGES: removal.FIELDS,
}


def build(configuration: Configuration, kinds: Collection[str] = ("bucket",)) -> Built:
    """The subjects of ``configuration`` of the given kinds; a kind that is no builder's is a resource type."""
    found: dict[str, Built] = {}
    for kind in dict.fromkeys(kinds):
        found[kind] = _of_kind(configuration, kind, found.get("bucket"))
    subjects = tuple(subject for built in found.values() for subject in built.subjects)
    return Built(subjects, tuple(address for built in found.values() for address in built.unattached))


def _of_kind(configuration: Configuration, kind: str, buckets: Built | None) -> Built:
    """The subjects of one kind; ``buckets`` where they are built already."""
    if kind == CHANGES:
        return removal.compare_buckets(configuration, buckets)
    builder = BUILDERS.get(kind)
    return builder(configuration) if builder else _plain_resources(configuration, kind)


def _plain_resources(configuration: Configuration, type_: str) -> Built:
    """Resources of any type as they are, for users' own rules: facts are the attributes."""
    subjects = [
        Subject(
            type_,
            resource.address,
            type_,
            {name: plain(value) for name, value in resource.values.items()},
            {
                "": (Origin(resource.address),),
                **{name: (Origin(resource.address, (name,)),) for name in resource.values},
            },
            change=resource.change.value if resource.change else None,
        )
        for resource in configuration.resources
        if resource.type == type_ and resource.mode == "managed" and is_live(resource)
    ]
    return Built(tuple(subjects))


__all__ = ["BUILDERS", "FIELDS", "Built", "Subject", "build"]
