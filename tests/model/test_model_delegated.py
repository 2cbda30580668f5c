"""Buckets that are reached through access points, and the rules that ask who reaches a bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from model_resources import resource as any_resource
from test_model_joins import reference, resource, subjects

from iacscan import model
from iacscan.core import Encoded, Reference, Unknown, Value
from iacscan.inputs.configuration import Resource

ADDRESS = "aws_s3_bucket.a"
ARN = "arn:aws:s3:::kitchen"
DOOR = "arn:aws:s3:eu-west-1:111122223333:accesspoint/door"
ROLE = "arn:aws:iam::444455556666:role/r"
OFF = {"block_public_acls": False, "block_public_policy": False, "ignore_public_acls": False}
OPEN = {**OFF, "restrict_public_buckets": False}
OWN = Unknown(references=(Reference("data.aws_caller_identity.me", ("account_id",)),), exact=True)
HIDDEN = reference("terraform_data.late", "output")


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*", **elements}


def delegate(account: Value = "111122223333") -> Encoded:
    condition = {"StringEquals": {"s3:DataAccessPointAccount": account}}
    return Encoded({"Version": "2012-10-17", "Statement": [allow(Sid="Delegate", Condition=condition)]})


PUBLIC = text(allow(Sid="All", Resource=f"{DOOR}/object/*"))
PRIVATE = text(allow(Sid="One", Principal={"AWS": ROLE}, Resource=f"{DOOR}/object/*"))


def point(**values: Value) -> Resource:
    block: Value = [{"restrict_public_buckets": False, "block_public_policy": False}]
    usual = {"bucket": reference(ADDRESS), "policy": PUBLIC, "account_id": "111122223333"}
    written = {**usual, "public_access_block_configuration": block, **values}
    return resource("aws_s3_access_point.p", name="door", **written)


def bucket(policy: Value, *more: Resource, **flags: Value) -> model.Subject:
    attached = resource("aws_s3_bucket_policy.a", bucket=reference(ADDRESS), policy=policy)
    block = resource("aws_s3_bucket_public_access_block.a", bucket="kitchen", **{**OPEN, **flags})
    me = resource("data.aws_caller_identity.me")
    return subjects(resource(ADDRESS, bucket="kitchen"), attached, block, me, *more)[ADDRESS]


@pytest.mark.parametrize(
    ("values", "flags", "account", "public"),
    [
        ({}, {}, "111122223333", True),
        ({}, {}, "444455556666", False),
        ({"account_id": None}, {}, OWN, True),
        ({"account_id": None}, {}, "111122223333", None),
        ({"policy": PRIVATE}, {}, "111122223333", False),
        ({"policy": HIDDEN}, {}, "111122223333", None),
        ({"public_access_block_configuration": []}, {}, "111122223333", False),
        ({"public_access_block_configuration": HIDDEN}, {}, "111122223333", None),
        ({"vpc_configuration": [{"vpc_id": "vpc-1"}]}, {}, "111122223333", False),
        ({"bucket": "elsewhere"}, {}, "111122223333", False),
        ({}, {"restrict_public_buckets": True}, "111122223333", False),
        ({}, {"restrict_public_buckets": HIDDEN}, "111122223333", None),
    ],
)
def test_a_public_access_point_makes_a_delegated_bucket_reachable(
    values: dict[str, Value], flags: dict[str, Value], account: Value, public: bool | None
) -> None:
    found = bucket(delegate(account), point(**values), **flags)
    reach = found.facts["reach"]
    assert found.facts["policy"]["public"] is False, "S3 takes the condition for a limit"
    assert isinstance(reach["public"], Unknown) if public is None else reach["public"] is public
    assert isinstance(reach["by_access_point"], Unknown) if public is None else reach["by_access_point"] is public
    if public is not False:
        assert "access point door" in " ".join(item.text for item in found.evidence["reach"])


def test_without_leave_of_the_bucket_an_access_point_opens_nothing() -> None:
    assert bucket(text(allow(Principal={"AWS": ROLE})), point()).facts["reach"]["public"] is False
    ways = bucket(text(allow(Principal={"AWS": ROLE})), point()).facts["reach"]["ways"]
    assert {(way["who"], way["through"]) for way in ways} == {
        ("role or user", "policy"),
        ("role or user", "access point"),
    }


def test_the_ways_name_the_access_point_and_show_a_request() -> None:
    found = bucket(delegate(), point(arn=DOOR)).facts["reach"]["ways"]
    (way,) = [way for way in found if way["through"] == "access point"]
    assert (way["who"], way["access"], way["source"]) == (
        "anyone on the internet",
        "read",
        'access point door: Statement "All"',
    )
    assert way["example"]["principal"] == "anonymous"
    assert way["example"]["resource"].startswith(f"{DOOR}/object/")
    others = [way for way in found if way["through"] == "policy"]
    assert {way["who"] for way in others} == {"whoever is let in by access points"}
    assert all(isinstance(way["open"], Unknown) for way in others)


def test_a_multi_region_access_point_opens_every_bucket_of_it() -> None:
    arn = "arn:aws:s3::111122223333:accesspoint/mabc123.mrap"
    worldwide = any_resource(
        "aws_s3control_multi_region_access_point.m",
        account_id="111122223333",
        details=[{"name": "world", "region": [{"bucket": "kitchen"}], "public_access_block": [OPEN]}],
    )
    policy = any_resource(
        "aws_s3control_multi_region_access_point_policy.m",
        details=[{"name": "world", "policy": text(allow(Resource=f"{arn}/object/*"))}],
    )
    assert bucket(delegate(), worldwide, policy).facts["reach"]["by_access_point"] is True
    assert bucket(delegate("444455556666"), worldwide, policy).facts["reach"]["by_access_point"] is False


def test_a_bucket_that_the_input_only_names_has_its_access_points() -> None:
    attached = resource("aws_s3_bucket_policy.a", bucket="kitchen", policy=delegate())
    block = resource("aws_s3_bucket_public_access_block.a", bucket="kitchen", **OPEN)
    (found,) = subjects(attached, block, point(bucket="kitchen")).values()
    assert found.facts["reach"]["by_access_point"] is True


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}, False),
        ({"StringLike": {"aws:UserAgent": "curl*"}}, True),
    ],
)
def test_strangers_whom_a_deny_keeps_out_do_not_reach_it(condition: dict[str, Any], public: bool) -> None:
    found = bucket(text(allow(), allow(Effect="Deny", Action="s3:*", Resource=[ARN, f"{ARN}/*"], Condition=condition)))
    assert found.facts["policy"]["public"] is True, "no Deny makes a policy less public"
    assert found.facts["reach"]["public"] is public
    assert found.facts["reach"]["by_policy"] is public
    assert ("no way in" in found.evidence["reach"][-1].text) is not public
