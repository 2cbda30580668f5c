"""What a change takes away from a bucket."""

from dataclasses import replace
from typing import Any

import pytest
from model_resources import LATER

from iacscan import model
from iacscan.core import Unknown, Value
from iacscan.inputs.configuration import Change, Configuration, Kind, Resource

FLAGS: dict[str, Value] = dict.fromkeys(
    ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), True
)


def made(type_: str, change: Change, **values: Value) -> Resource:
    named = frozenset({"bucket", *values})
    return Resource(f"{type_}.x", type_, "x", {"bucket": "a", **values}, declared=named, change=change)


def removed(before: list[Resource], after: list[Resource], bucket: Change = Change.UNCHANGED) -> Any:
    was = Configuration(Kind.PLAN, ".", (made("aws_s3_bucket", Change.UNCHANGED), *before))
    now = Configuration(Kind.PLAN, ".", (made("aws_s3_bucket", bucket), *after), before=was)
    built = model.build(now, (model.CHANGES,))
    return {subject.address: subject.facts for subject in built.subjects}


def lost(before: Resource, after: Resource) -> Any:
    return removed([before], [after])["aws_s3_bucket.x"]


VERSIONED = made(
    "aws_s3_bucket_versioning", Change.UNCHANGED, versioning_configuration=[{"status": "Enabled", "mfa_delete": None}]
)
BLOCKED = made("aws_s3_bucket_public_access_block", Change.UNCHANGED, **FLAGS)
OWNED = made("aws_s3_bucket_ownership_controls", Change.UNCHANGED, rule=[{"object_ownership": "BucketOwnerEnforced"}])
LOGGED = made("aws_s3_bucket_logging", Change.UNCHANGED, target_bucket="logs")


@pytest.mark.parametrize(
    ("guard", "named"),
    [
        (VERSIONED, ["versioning"]),
        (LOGGED, ["server access logging"]),
        (BLOCKED, list(FLAGS)),
    ],
)
def test_a_deleted_guard_is_named(guard: Resource, named: list[str]) -> None:
    found = lost(guard, replace(guard, change=Change.DELETED))
    assert found["removed"] is True
    assert sorted(found["named"]) == sorted(named)


def test_deleted_ownership_controls_leave_a_doubt() -> None:
    assert isinstance(lost(OWNED, replace(OWNED, change=Change.DELETED))["removed"], Unknown)


def test_loosening_counts_as_removing() -> None:
    weaker = replace(BLOCKED, values={**BLOCKED.values, "restrict_public_buckets": False}, change=Change.UPDATED)
    assert lost(BLOCKED, weaker)["named"] == ["restrict_public_buckets"]


def test_what_is_not_known_yet_is_a_doubt() -> None:
    late = replace(VERSIONED, values={"bucket": "a", "versioning_configuration": LATER}, change=Change.UPDATED)
    assert isinstance(lost(VERSIONED, late)["removed"], Unknown)


def test_what_was_off_before_is_not_taken_away() -> None:
    off = replace(VERSIONED, values={"bucket": "a", "versioning_configuration": [{"status": "Suspended"}]})
    assert lost(off, replace(off, change=Change.DELETED))["removed"] is False


def test_a_forgotten_guard_stays_in_aws() -> None:
    assert lost(VERSIONED, replace(VERSIONED, change=Change.FORGOTTEN))["removed"] is not True


def test_buckets_that_come_or_go_are_not_compared() -> None:
    assert removed([VERSIONED], [replace(VERSIONED, change=Change.DELETED)], bucket=Change.DELETED) == {}
    new = Configuration(Kind.PLAN, ".", (made("aws_s3_bucket", Change.CREATED),), before=Configuration(Kind.PLAN, "."))
    assert model.build(new, (model.CHANGES,)).subjects == ()
    assert model.build(replace(new, before=None), (model.CHANGES,)).subjects == ()


def test_a_calm_plan_takes_nothing_away() -> None:
    assert lost(VERSIONED, VERSIONED)["removed"] is False
