"""Whether a log bucket takes the logs of the bucket that names it: the parts joined."""

import json
from typing import Any

import pytest
from model_resources import LATER, reference, resource

from iacscan import model
from iacscan.core import Template, Unknown, Value
from iacscan.inputs.configuration import Configuration, Kind, Resource

LOGS = resource("aws_s3_bucket.logs", bucket="logs")
CLOSED = resource(
    "aws_s3_bucket_public_access_block.b",
    bucket="logs",
    block_public_acls=True,
    ignore_public_acls=True,
    block_public_policy=True,
    restrict_public_buckets=True,
)


def unfit(*resources: Resource) -> str:
    built = model.build(Configuration(Kind.SOURCE, ".", (LOGS, CLOSED, *resources)), ("bucket",))
    value = {subject.address: subject for subject in built.subjects}["aws_s3_bucket.a"].facts["logging"]["target_unfit"]
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


def policy(resource_: str, **condition: Any) -> Resource:
    allow = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
    document = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": resource_, "Condition": condition}]}
    return resource("aws_s3_bucket_policy.p", bucket="logs", policy=json.dumps(document))


PARTITIONED: Value = [{"partitioned_prefix": [{"partition_date_source": "EventTime"}]}]


@pytest.mark.parametrize(
    ("prefix", "resource_", "expected"),
    [
        ("app/", "arn:aws:s3:::logs/app/*", "false"),
        ("app/", "arn:aws:s3:::logs/other/*", "true"),
        ("", "arn:aws:s3:::logs/app/*", "true"),
        (LATER, "arn:aws:s3:::logs/app/*", "unknown"),
        (LATER, "arn:aws:s3:::logs/*", "false"),
    ],
)
def test_the_prefix_of_the_logs_decides(prefix: Value, resource_: str, expected: str) -> None:
    bucket = resource("aws_s3_bucket.a", bucket="a")
    split = resource("aws_s3_bucket_logging.l", bucket="a", target_bucket="logs", target_prefix=prefix)
    inline = resource("aws_s3_bucket.a", bucket="a", logging=[{"target_bucket": "logs", "target_prefix": prefix}])
    allowed = policy(resource_)
    assert [unfit(bucket, split, allowed), unfit(inline, allowed)] == [expected, expected]


def test_keys_may_be_partitioned() -> None:
    bucket = resource("aws_s3_bucket.a", bucket="a")
    values: dict[str, Value] = {"bucket": "a", "target_bucket": "logs", "target_prefix": "app/"}
    plain = resource("aws_s3_bucket_logging.l", **values)
    split = resource("aws_s3_bucket_logging.l", **values, target_object_key_format=PARTITIONED)
    narrow = policy("arn:aws:s3:::logs/app/111122223333/*")
    assert [unfit(bucket, plain, narrow), unfit(bucket, split, narrow)] == ["true", "unknown"]


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("a", "arn:aws:s3:::a", "false"),
        ("a", "arn:aws:s3:::b", "true"),
        (LATER, "arn:aws:s3:::b", "unknown"),
        (LATER, "arn:aws:s3:::*", "false"),
    ],
)
def test_logs_of_which_bucket(name: Value, source: str, expected: str) -> None:
    bucket = resource("aws_s3_bucket.a", bucket=name)
    logging = resource(
        "aws_s3_bucket_logging.l", bucket=reference("aws_s3_bucket.a"), target_bucket="logs", target_prefix=""
    )
    assert unfit(bucket, logging, policy("arn:aws:s3:::logs/*", ArnLike={"aws:SourceArn": source})) == expected


ACCOUNT = reference("data.aws_caller_identity.current", "account_id")
OUTSIDE = Template(("acme-central-", ACCOUNT))


def logging(target: Value, *others: Resource, bucket: Value = "acme-data", inline: bool = False) -> Any:
    settings: dict[str, Value] = {"target_bucket": target, "target_prefix": ""}
    source = resource("aws_s3_bucket.a", bucket=bucket, **({"logging": [settings]} if inline else {}))
    split = resource("aws_s3_bucket_logging.l", bucket=reference("aws_s3_bucket.a"), **settings)
    everything = (source, *(() if inline else (split,)), *others)
    built = model.build(Configuration(Kind.SOURCE, ".", everything), ("bucket",))
    return {subject.address: subject for subject in built.subjects}["aws_s3_bucket.a"].facts["logging"]


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("bucket", ["acme-data", Template(("acme-data-", ACCOUNT))])
def test_logs_to_a_text_that_no_bucket_of_the_input_can_have(bucket: Value, inline: bool) -> None:
    found = logging(OUTSIDE, LOGS, bucket=bucket, inline=inline)
    assert found["to_itself"] is False
    assert found["target_seen"] is False
    assert isinstance(found["target_bucket"], Unknown)


@pytest.mark.parametrize("bucket", ["acme-central-1", Template(("acme-", ACCOUNT)), ACCOUNT])
def test_logs_to_a_text_that_the_bucket_may_have(bucket: Value) -> None:
    found = logging(OUTSIDE, bucket=bucket)
    assert isinstance(found["to_itself"], Unknown)
    assert isinstance(found["target_seen"], Unknown)


def test_logs_to_a_text_that_another_bucket_may_have() -> None:
    found = logging(OUTSIDE, resource("aws_s3_bucket.logs", bucket="acme-central-1"))
    assert found["to_itself"] is False
    assert isinstance(found["target_seen"], Unknown)


def test_a_second_setting_of_the_logs_keeps_them_unknown() -> None:
    second = resource("aws_s3_bucket_logging.m", bucket=reference("aws_s3_bucket.a"), target_bucket="logs")
    assert isinstance(logging(OUTSIDE, LOGS, second)["target_seen"], Unknown)
