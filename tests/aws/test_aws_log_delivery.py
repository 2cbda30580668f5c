"""Does a bucket take the access logs of another one? Asked as the log service asks."""

import json
from typing import Any

import pytest

from iacscan.aws.acl import Grant
from iacscan.aws.policies.policy import Policy, parse
from iacscan.aws.reach.bucket import Guards
from iacscan.aws.reach.log_delivery import Delivery, log_bucket, takes_logs
from iacscan.core import Encoded, Unknown

LATER = Unknown("late")
ANYBODY = {"Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"]}
OPEN = Guards(acls_count=True, ignore_public_acls=True, restrict_public_buckets=True)
GROUP = Grant("log-delivery", "log-delivery", "WRITE")


def allow(resource: str = "arn:aws:s3:::logs/*", **more: Any) -> dict[str, Any]:
    service = {"Service": "logging.s3.amazonaws.com"}
    return {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": resource, **more}


def when(operator: str, key: str, *values: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


def deny(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", **ANYBODY, **more}


def document(*statements: dict[str, Any]) -> Policy | Unknown:
    return parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)}))


def answer(*statements: dict[str, Any], delivery: Delivery | None = None, **target: Any) -> str:
    bucket = log_bucket("arn:aws:s3:::logs", document(*statements), target.pop("grants", ()), OPEN, **target)
    value = takes_logs(bucket, delivery or Delivery("arn:aws:s3:::app", "app/")).value
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow()], "true"),
        ([], "false"),
        ([allow("arn:aws:s3:::logs/app/*")], "true"),
        ([allow("arn:aws:s3:::logs/other/*")], "false"),
        ([allow("arn:aws:s3:::elsewhere/*")], "false"),
        ([allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::app"))], "true"),
        ([allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"))], "true"),
        ([allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::another"))], "false"),
        ([allow(**when("ArnLike", "aws:SourceArn", LATER))], "unknown"),
        ([allow(**when("StringEquals", "aws:SourceAccount", "111122223333"))], "true"),
        ([allow(**when("StringEquals", "aws:SourceAccount", LATER))], "true"),
        ([allow(**when("StringEquals", "aws:SourceOrgID", "o-1"))], "true"),
        ([allow(**when("Bool", "aws:SecureTransport", "true"))], "true"),
        ([allow(**when("Bool", "aws:SecureTransport", "false"))], "false"),
        ([allow(**when("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control"))], "unknown"),
        ([allow(Action="s3:GetObject")], "false"),
        ([{key: value for key, value in allow(NotAction="s3:GetObject").items() if key != "Action"}], "true"),
        ([allow(Principal={"Service": "delivery.logs.amazonaws.com"})], "false"),
        ([allow(), deny()], "false"),
        ([allow(), deny(Effect=LATER)], "unknown"),
        ([allow(), deny(Resource="arn:aws:s3:::logs/other/*")], "true"),
        ([allow(), deny(**when("Bool", "aws:SecureTransport", "false"))], "true"),
        ([allow(), deny(**when("NumericLessThan", "s3:TlsVersion", "1.2"))], "true"),
        ([allow(), deny(**when("NumericLessThan", "s3:TlsVersion", "1.3"))], "unknown"),
        ([allow(), deny(**when("StringNotEquals", "aws:SourceVpce", "vpce-1"))], "false"),
        ([allow(), deny(**when("StringNotEquals", "aws:PrincipalOrgID", "o-1"))], "false"),
        ([allow(), deny(**when("BoolIfExists", "aws:PrincipalIsAWSService", "false"))], "true"),
        ([allow(), deny(**when("StringNotEquals", "aws:SourceAccount", "111122223333"))], "true"),
        ([allow(), deny(**when("Null", "s3:x-amz-server-side-encryption", "true"))], "unknown"),
    ],
)
def test_a_bucket_decides_for_the_log_service(statements: list[dict[str, Any]], expected: str) -> None:
    assert answer(*statements) == expected


def test_an_account_that_is_known_is_compared() -> None:
    named = allow(**when("StringEquals", "aws:SourceAccount", "111122223333"))
    assert answer(named, account="111122223333") == "true"
    assert answer(named, account="444455556666") == "false"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([], "true"),
        ([deny(**when("StringNotEquals", "aws:SourceVpce", "vpce-1"))], "false"),
        ([deny(**when("Bool", "aws:SecureTransport", "false"))], "true"),
    ],
)
def test_a_deny_stops_what_the_acl_grants(statements: list[dict[str, Any]], expected: str) -> None:
    assert answer(*statements, grants=(GROUP,)) == expected


def test_the_log_service_needs_to_write() -> None:
    assert answer(grants=(Grant("log-delivery", "log-delivery", "READ_ACP"),)) == "false"


@pytest.mark.parametrize(
    ("resource", "prefix", "partitioned", "expected"),
    [
        ("arn:aws:s3:::logs/*", LATER, False, "true"),
        ("arn:aws:s3:::logs/app/*", LATER, False, "unknown"),
        ("arn:aws:s3:::elsewhere/*", LATER, False, "false"),
        ("arn:aws:s3:::logs/app/*", "app/", True, "true"),
        ("arn:aws:s3:::logs/app/111122223333/*", "app/", True, "unknown"),
        ("arn:aws:s3:::logs/app/111122223333/*", "app/", False, "false"),
        ("arn:aws:s3:::logs/other/*", "app/", True, "false"),
    ],
)
def test_keys_that_are_not_known(resource: str, prefix: Any, partitioned: bool, expected: str) -> None:
    delivery = Delivery("arn:aws:s3:::app", prefix, partitioned=partitioned)
    assert answer(allow(resource), delivery=delivery) == expected


def test_names_that_are_not_known() -> None:
    source = Delivery("arn:aws:s3:::<app>", "app/", named=False)
    by_literal = allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::app"))
    by_reference = allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::<app>"))
    assert [answer(item, delivery=source) for item in (by_literal, by_reference)] == ["unknown", "true"]
    assert answer(allow("arn:aws:s3:::may-be-it/*"), named=False) == "unknown"
    assert answer(allow("arn:aws:s3:::may-be-it/other/*"), named=False) == "false"
    assert answer(allow(), named=False) == "true"


def test_a_policy_longer_than_aws_takes_is_not_worked_out() -> None:
    assert answer(*[allow()] * 1000) == "unknown"


def test_a_policy_that_is_not_known() -> None:
    unknown = log_bucket("arn:aws:s3:::logs", LATER, None, OPEN)
    assert takes_logs(unknown, Delivery("arn:aws:s3:::app")).value == LATER
    text = parse(json.dumps({"Statement": [allow()]}))
    assert takes_logs(log_bucket("arn:aws:s3:::logs", text, LATER, OPEN), Delivery("arn:aws:s3:::app")).value is True
