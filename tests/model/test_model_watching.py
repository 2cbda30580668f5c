"""What trails and alarms are worth: whose events, which Region, which metric, and who hears of it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from model_resources import LATER, reference, resource

from iacscan import model
from iacscan.core import Template, Unknown, Value
from iacscan.inputs.configuration import Configuration, Kind, Resource
from iacscan.model.monitoring import POLICY_CALLS

BUCKET = resource("aws_s3_bucket.a", bucket="a")
SELECTOR: Value = [{"data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}]


def facts(kind: str, *resources: Resource) -> Any:
    built = model.build(Configuration(Kind.SOURCE, ".", resources), (kind,))
    return next(subject.facts for subject in built.subjects if subject.address in ("aws_s3_bucket.a", "account"))


def words(value: Any) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


def at(provider: str, address: str, **values: Value) -> Resource:
    type_, name = address.split(".")
    return Resource(address, type_, name, values, provider=provider, declared=frozenset(values))


def role(provider: str, account: str) -> Resource:
    return at(provider, f"aws_iam_role.of_{account}", arn=f"arn:aws:iam::{account}:role/r")


def reads(*resources: Resource) -> str:
    return words(facts("bucket", *resources)["tracking"]["reads"])


@pytest.mark.parametrize(
    ("provider", "values", "others", "expected"),
    [
        ("aws", {}, (), "true"),
        ("aws.sec", {}, (), "unknown"),
        ("aws.sec", {}, (role("aws", "1" * 12), role("aws.sec", "1" * 12)), "true"),
        ("aws.sec", {}, (role("aws", "1" * 12), role("aws.sec", "2" * 12)), "false"),
        ("aws.sec", {"is_organization_trail": True}, (), "true"),
        (
            "aws.sec",
            {"is_organization_trail": True},
            (role("aws", "1" * 12), role("aws.sec", "2" * 12)),
            "true",
        ),
        ("aws.sec", {"is_organization_trail": LATER}, (), "unknown"),
    ],
)
def test_a_trail_records_its_own_account(
    provider: str, values: dict[str, Value], others: tuple[Resource, ...], expected: str
) -> None:
    everywhere = {"event_selector": SELECTOR, "is_multi_region_trail": True, **values}
    trail = at(provider, "aws_cloudtrail.t", **everywhere)
    assert reads(at("aws", "aws_s3_bucket.a", bucket="a"), trail, *others) == expected


@pytest.mark.parametrize(
    ("bucket", "trail", "expected"),
    [
        ({}, {}, "true"),
        ({"region": "us-east-1"}, {"region": "us-east-1"}, "true"),
        ({"region": "us-east-1"}, {"region": "eu-west-1"}, "false"),
        ({"region": "us-east-1"}, {"region": "eu-west-1", "is_multi_region_trail": True}, "true"),
        ({"region": "us-east-1"}, {}, "unknown"),
        ({}, {"region": "eu-west-1"}, "unknown"),
        ({"region": "us-east-1"}, {"region": LATER}, "unknown"),
        ({"region": LATER}, {"region": LATER}, "true"),
        ({"region": "us-east-1"}, {"arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}, "true"),
        ({"region": "us-east-1"}, {"arn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"}, "false"),
    ],
)
def test_a_trail_of_one_region_records_that_region(
    bucket: dict[str, Value], trail: dict[str, Value], expected: str
) -> None:
    recording = at("aws", "aws_cloudtrail.t", event_selector=SELECTOR, **trail)
    assert reads(at("aws", "aws_s3_bucket.a", bucket="a", **bucket), recording) == expected


def test_a_region_that_nobody_wrote_is_that_of_the_provider() -> None:
    existing = Resource(
        "aws_s3_bucket.a", "aws_s3_bucket", "a", {"bucket": "a", "region": "eu-west-1"}, declared=frozenset({"bucket"})
    )
    assert reads(existing, resource("aws_cloudtrail.t", event_selector=SELECTOR)) == "true"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("eventSource", "s3.amazonaws.com", "true"),
        ("eventSource", "lambda.amazonaws.com", "false"),
        ("eventType", "AwsApiCall", "true"),
        ("eventType", "AwsServiceEvent", "false"),
    ],
)
def test_fields_that_every_call_on_an_object_has(field: str, value: str, expected: str) -> None:
    asked = {"eventCategory": "Data", "resources.type": "AWS::S3::Object", field: value}
    selector: Value = [{"field_selector": [{"field": name, "equals": [text]} for name, text in asked.items()]}]
    store = resource("aws_cloudtrail_event_data_store.s", advanced_event_selector=selector)
    assert reads(BUCKET, store) == expected


def management(**fields: Any) -> Value:
    asked = {"eventCategory": ["Management"], **fields}
    return [{"field_selector": [{"field": name, "equals": texts} for name, texts in asked.items()]}]


@pytest.mark.parametrize(
    ("trails", "expected"),
    [
        ([], "true"),
        ([{}], "true"),
        ([{"enable_logging": False}], "false"),
        ([{"enable_logging": LATER}], "unknown"),
        ([{"enable_logging": False}, {}], "true"),
        ([{"event_selector": [{"include_management_events": False}]}], "false"),
        ([{"advanced_event_selector": management()}], "true"),
        ([{"advanced_event_selector": management(eventSource=["s3.amazonaws.com"])}], "true"),
        ([{"advanced_event_selector": management(eventSource=["iam.amazonaws.com"])}], "false"),
        ([{"advanced_event_selector": management(readOnly=["true"])}], "false"),
        ([{"advanced_event_selector": management(readOnly=[LATER])}], "unknown"),
    ],
)
def test_an_event_rule_is_told_by_a_trail(trails: list[dict[str, Value]], expected: str) -> None:
    pattern = json.dumps({"source": ["aws.s3"], "detail": {"eventName": list(POLICY_CALLS), "readOnly": [False]}})
    rule = resource("aws_cloudwatch_event_rule.r", name="r", event_pattern=pattern)
    target = resource("aws_cloudwatch_event_target.t", rule="r", arn="arn:aws:lambda:eu-west-1:111122223333:function:f")
    made = [resource(f"aws_cloudtrail.t{index}", **values) for index, values in enumerate(trails)]
    found = facts("account", rule, target, *made)
    assert words(found["changes"]["covered"]) == expected
    assert words(found["remediation"]["automatic"]) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({"target_id": "AWS-DisableS3BucketPublicReadWrite"}, "true"),
        ({"target_id": "arn:aws:ssm:eu-west-1::document/AWS-DisableS3BucketPublicReadWrite"}, "true"),
        ({"target_id": "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock"}, "true"),
        ({"target_id": "AWSConfigRemediation-RemovePrincipalStarFromS3BucketPolicy"}, "true"),
        ({"target_id": "AWS-PublishSNSNotification"}, "false"),
        ({"target_id": "AWSConfigRemediation-RestrictBucketSSLRequestsOnly"}, "false"),
        ({}, "false"),
        ({"target_id": "close-our-buckets"}, "unknown"),
        ({"target_id": "AWSSupport-ContainS3Resource"}, "unknown"),
        ({"target_id": LATER}, "unknown"),
        ({"target_id": Template(("close-", LATER))}, "unknown"),
    ],
)
def test_a_remediation_closes_what_its_document_closes(target: dict[str, Value], expected: str) -> None:
    source: Value = [{"owner": "AWS", "source_identifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}]
    rule = resource("aws_config_config_rule.c", name="c", source=source)
    mends = resource("aws_config_remediation_configuration.c", config_rule_name="c", automatic=True, **target)
    assert words(facts("account", rule, mends)["remediation"]["automatic"]) == expected


def composite(rule: Value, name: str = "c", actions: Value = ("arn",), **more: Value) -> Resource:
    listed: Value = list(actions) if isinstance(actions, tuple) else actions
    return resource(
        f"aws_cloudwatch_composite_alarm.{name}", alarm_name=name, alarm_rule=rule, alarm_actions=listed, **more
    )


BY_NAME = reference("aws_cloudwatch_metric_alarm.a", "alarm_name")


@pytest.mark.parametrize(
    ("composites", "expected"),
    [
        ([], "false"),
        ([composite("ALARM(a)")], "true"),
        ([composite('ALARM("a") OR ALARM("b")')], "true"),
        ([composite("ALARM(AND) OR ALARM(a)")], "true"),
        ([composite(Template(("ALARM(", BY_NAME, ")")))], "true"),
        ([composite("ALARM(b)")], "false"),
        ([composite("OK(a)")], "false"),
        ([composite("ALARM(a) AND ALARM(b)")], "unknown"),
        ([composite(Template(("ALARM(", LATER, ")")))], "unknown"),
        ([composite(BY_NAME)], "unknown"),
        ([composite(Template(("ALARM(", reference("aws_cloudwatch_metric_alarm.b", "arn"), ")")))], "false"),
        ([composite("ALARM(a)", actions=())], "false"),
        ([composite("ALARM(a)", actions=LATER)], "unknown"),
        ([composite("ALARM(a)", actions_enabled=False)], "false"),
        ([composite("ALARM(a)", actions=()), composite("ALARM(c)", "d")], "true"),
        ([composite("ALARM(d)", actions=()), composite("ALARM(c)", "d", actions=())], "false"),
    ],
)
def test_a_composite_alarm_acts_for_its_alarms(composites: list[Resource], expected: str) -> None:
    alarm = resource("aws_cloudwatch_metric_alarm.a", alarm_name="a", **METRIC)
    assert words(facts("bucket", BUCKET, alarm, *composites)["metrics"]["alarmed"]) == expected


def test_a_written_name_may_be_that_of_an_alarm_whose_name_is_not_known() -> None:
    alarm = resource("aws_cloudwatch_metric_alarm.a", alarm_name=LATER, **METRIC)
    for rule, expected in (("ALARM(b)", "unknown"), ("OK(b)", "false")):
        assert words(facts("bucket", BUCKET, alarm, composite(rule))["metrics"]["alarmed"]) == expected


METRIC: dict[str, Value] = {
    "namespace": "AWS/S3",
    "metric_name": "NumberOfObjects",
    "dimensions": {"BucketName": "a", "StorageType": "AllStorageTypes"},
}


@pytest.mark.parametrize(
    ("metric", "dimensions", "expected"),
    [
        ("NumberOfObjects", {"StorageType": "AllStorageTypes"}, "true"),
        ("NumberOfObjects", {}, "false"),
        ("NumberOfObjects", {"StorageType": "StandardStorage"}, "false"),
        ("NumberOfObjects", {"StorageType": LATER}, "unknown"),
        ("BucketSizeBytes", {"StorageType": "StandardStorage"}, "true"),
        ("BucketSizeBytes", {"StorageType": "AllStorageTypes"}, "false"),
        ("BucketSizeBytes", {}, "false"),
        ("BucketSizeBytes", {"StorageType": LATER}, "unknown"),
        (LATER, {"StorageType": "AllStorageTypes"}, "unknown"),
        (LATER, {}, "false"),
    ],
)
def test_storage_is_measured_by_storage_type(metric: Value, dimensions: dict[str, Value], expected: str) -> None:
    values = {**METRIC, "metric_name": metric, "dimensions": {"BucketName": "a", **dimensions}}
    alarm = resource("aws_cloudwatch_metric_alarm.a", alarm_actions=["arn"], **values)
    assert words(facts("bucket", BUCKET, alarm)["metrics"]["alarmed"]) == expected


VALID: list[Resource] = [
    resource("aws_cloudwatch_metric_alarm.a", alarm_name="a", alarm_actions=["arn"], **METRIC),
    resource("aws_cloudwatch_metric_alarm.q", metric_query=[{"id": "m", "metric": [METRIC]}], alarm_actions=["arn"]),
    composite("ALARM(a)"),
    resource(
        "aws_cloudwatch_log_metric_filter.f",
        pattern="{ $.eventName = PutBucketAcl }",
        log_group_name="g",
        metric_transformation=[{"name": "m", "namespace": "n"}],
    ),
    resource("aws_cloudwatch_event_rule.r", name="r", event_pattern='{"source": ["aws.s3"]}', state="ENABLED"),
    resource("aws_cloudwatch_event_target.t", rule="r", arn="arn:aws:lambda:eu-west-1:111122223333:function:f"),
    resource("aws_config_config_rule.c", name="c", source=[{"source_identifier": "S3_BUCKET_PUBLIC_READ_PROHIBITED"}]),
    resource("aws_config_remediation_configuration.c", config_rule_name="c", automatic=True),
    resource(
        "aws_cloudtrail.t",
        region="eu-west-1",
        arn="arn:aws:cloudtrail:eu-west-1:111122223333:trail/t",
        event_selector=SELECTOR,
        advanced_event_selector=management(),
    ),
    resource(
        "aws_kms_key.k", arn="k", customer_master_key_spec="SYMMETRIC_DEFAULT", custom_key_store_id="", policy="{}"
    ),
    resource(
        "aws_s3_bucket_server_side_encryption_configuration.e",
        bucket="a",
        rule=[{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}]}],
    ),
    resource("aws_vpc_endpoint.e", service_name="com.amazonaws.eu-west-1.s3", policy='{"Statement": []}'),
    resource("aws_guardduty_detector.d", enable=True, datasources=[{"s3_logs": [{"enable": True}]}]),
    resource("aws_guardduty_detector_feature.d", detector_id="d", name="S3_DATA_EVENTS", status="ENABLED"),
    resource("aws_s3_bucket.i", bucket="i", versioning=[{"enabled": True, "mfa_delete": False}]),
    resource("aws_s3_bucket_versioning.v", bucket="a", versioning_configuration=[{"status": "Enabled"}]),
    resource(
        "aws_s3_bucket_logging.l",
        bucket="a",
        target_bucket="a",
        target_prefix="l/",
        target_object_key_format=[{"partitioned_prefix": [{"partition_date_source": "EventTime"}]}],
    ),
]
KINDS = ("bucket", "account", "key", "endpoint", "detector")


def spoilt(value: Any) -> Iterator[Any]:
    """``value`` with a part of it, each in turn, as something that no provider plans."""
    yield from ("text", 7, [["text"]], {"name": {"k": []}})
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        for other in spoilt(item):
            copy = value.copy()
            copy[step] = other
            yield copy


@pytest.mark.parametrize("which", range(len(VALID)))
def test_values_of_a_wrong_type_are_read_all_the_same(which: int) -> None:
    for name, value in VALID[which].values.items():
        for wrong in spoilt(value):
            odd = replace(VALID[which], values={**VALID[which].values, name: wrong})
            everything = (BUCKET, *VALID[:which], odd, *VALID[which + 1 :])
            assert model.build(Configuration(Kind.PLAN, ".", everything), KINDS).subjects
