"""Trails, alarms, keys, endpoints and distributions, and what they say of a bucket or an account."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from model_resources import LATER, reference, resource

from iacscan import model
from iacscan.core import Perhaps, Reference, Template, Unknown, Value
from iacscan.inputs.configuration import Configuration, Kind, Resource
from iacscan.model.monitoring import POLICY_CALLS, UNLISTED_CALLS

BUCKET = resource("aws_s3_bucket.a", bucket="a")
NINE = "{ " + " || ".join(f"($.eventName = {name})" for name in POLICY_CALLS) + " }"


def facts(kind: str, *resources: Resource, address: str | None = None) -> Any:
    built = model.build(Configuration(Kind.SOURCE, ".", resources), (kind,))
    found = {subject.address: subject.facts for subject in built.subjects}
    return found[address] if address else next(iter(found.values()), None)


def words(value: Any) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


def basic(kind: str, *values: Value, type_: str = "AWS::S3::Object") -> Value:
    return [{"read_write_type": kind, "data_resource": [{"type": type_, "values": list(values)}]}]


def advanced(**fields: Any) -> Value:
    names = {"category": "eventCategory", "type_": "resources.type", "arn": "resources.ARN", "read_only": "readOnly"}
    base: dict[str, Any] = {"category": {"equals": ["Data"]}, "type_": {"equals": ["AWS::S3::Object"]}}
    return [{"field_selector": [{"field": names.get(key, key), **test} for key, test in {**base, **fields}.items()]}]


@pytest.mark.parametrize(
    ("values", "reads", "writes"),
    [
        ({}, "false", "false"),
        ({"event_selector": basic("All", "arn:aws:s3")}, "true", "true"),
        ({"event_selector": basic("All", "arn:aws:s3:::")}, "true", "true"),
        ({"event_selector": basic("All", "arn:aws-cn:s3:::a/")}, "true", "true"),
        ({"event_selector": basic("ReadOnly", "arn:aws:s3:::a/")}, "true", "false"),
        ({"event_selector": basic("All", "arn:aws:s3:::a/logs/")}, "false", "false"),
        ({"event_selector": basic("All", "arn:aws:s3:::b/")}, "false", "false"),
        ({"event_selector": basic("All", "arn:aws:lambda", type_="AWS::Lambda::Function")}, "false", "false"),
        ({"event_selector": basic("All", Template((reference("aws_s3_bucket.a", "arn"), "/")))}, "true", "true"),
        ({"event_selector": basic("All", LATER)}, "unknown", "unknown"),
        ({"event_selector": basic("All", "arn:aws:s3"), "enable_logging": False}, "false", "false"),
        ({"event_selector": basic("All", "arn:aws:s3"), "enable_logging": LATER}, "unknown", "unknown"),
        ({"event_selector": LATER}, "unknown", "unknown"),
        ({"advanced_event_selector": advanced()}, "true", "true"),
        ({"advanced_event_selector": advanced(read_only={"equals": ["true"]})}, "true", "false"),
        ({"advanced_event_selector": advanced(arn={"starts_with": ["arn:aws:s3:::a/"]})}, "true", "true"),
        ({"advanced_event_selector": advanced(arn={"starts_with": ["arn:aws:s3:::b/"]})}, "false", "false"),
        ({"advanced_event_selector": advanced(arn={"not_starts_with": ["arn:aws:s3:::a/drafts/"]})}, "false", "false"),
        ({"advanced_event_selector": advanced(arn={"not_starts_with": ["arn:aws:s3:::b/"]})}, "true", "true"),
        ({"advanced_event_selector": advanced(arn={"equals": ["arn:aws:s3:::a/key"]})}, "false", "false"),
        ({"advanced_event_selector": advanced(category={"equals": ["Management"]})}, "false", "false"),
        ({"advanced_event_selector": advanced(eventName={"equals": ["PutObject"]})}, "false", "false"),
        ({"advanced_event_selector": advanced(eventName={"not_equals": ["HeadObject"]})}, "unknown", "unknown"),
    ],
)
def test_what_a_trail_records(values: dict[str, Value], reads: str, writes: str) -> None:
    found = facts("bucket", BUCKET, resource("aws_cloudtrail.t", **values))["tracking"]
    assert (words(found["reads"]), words(found["writes"])) == (reads, writes)
    assert found["present"] is True


def test_no_trail_is_no_verdict() -> None:
    assert facts("bucket", BUCKET)["tracking"]["present"] is False


def test_a_trail_of_one_region_may_miss_buckets_of_another_provider() -> None:
    trail = Resource(
        "aws_cloudtrail.t", "aws_cloudtrail", "t", {"event_selector": basic("All", "arn:aws:s3")}, provider="aws.other"
    )
    assert words(facts("bucket", BUCKET, trail)["tracking"]["reads"]) == "unknown"


def chain(actions: Value = ("arn",), pattern: str = NINE, group: str = "trail", **trail: Value) -> list[Resource]:
    logs = {"cloud_watch_logs_group_arn": "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*", **trail}
    metric = [{"name": "Changes", "namespace": "Example"}]
    listed: Value = list(actions) if isinstance(actions, Sequence) else actions
    return [
        resource("aws_cloudtrail.t", **logs),
        resource(
            "aws_cloudwatch_log_metric_filter.f", pattern=pattern, log_group_name=group, metric_transformation=metric
        ),
        resource("aws_cloudwatch_metric_alarm.a", metric_name="Changes", namespace="Example", alarm_actions=listed),
    ]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (chain(), "true"),
        (chain(actions=()), "false"),
        (chain(actions=LATER), "unknown"),
        (chain(group="other"), "false"),
        (chain(pattern="{ $.eventName = PutBucketAcl }"), "false"),
        (chain(pattern="what is this"), "unknown"),
        (chain(enable_logging=False), "false"),
        (chain(event_selector=[{"include_management_events": False}]), "false"),
        (chain(event_selector=[{"read_write_type": "ReadOnly"}]), "false"),
        (chain()[1:], "true"),
        (chain()[:2], "false"),
        (chain()[:1], "false"),
    ],
)
def test_the_chain_from_trail_to_alarm(resources: list[Resource], expected: str) -> None:
    found = facts("account", *resources)["changes"]
    assert words(found["covered"]) == expected
    assert found["present"] is True


def test_nothing_to_judge_is_said() -> None:
    assert facts("account", BUCKET)["changes"]["present"] is False


def test_calls_that_nothing_notices_are_listed() -> None:
    found = facts("account", *chain(pattern="{ $.eventName = PutBucket* }"))["changes"]
    assert found["missing"] == [name for name in POLICY_CALLS if name.startswith("Delete")]
    assert "DeleteBucketPublicAccessBlock" in found["unlisted_missing"]
    assert "DeleteBucketOwnershipControls" in found["unlisted_missing"]
    assert "PutBucketPublicAccessBlock" not in found["unlisted_missing"]


def test_calls_beyond_the_nine_are_named_and_decide_nothing() -> None:
    nine = " || ".join(f"($.eventName = {name})" for name in POLICY_CALLS)
    built = model.build(Configuration(Kind.SOURCE, ".", tuple(chain(pattern=f"{{ {nine} }}"))), ("account",))
    account = built.subjects[0]
    assert account.facts["changes"]["covered"] is True
    said = " ".join(item.text for item in account.evidence["changes"])
    assert all(name in said for name in UNLISTED_CALLS)
    assert "PutBucketAcl" not in said


def test_nothing_is_said_where_the_calls_beyond_the_nine_are_noticed_too() -> None:
    every = " || ".join(f"($.eventName = {name})" for name in (*POLICY_CALLS, *UNLISTED_CALLS))
    found = facts("account", *chain(pattern=f"{{ {every} }}"))["changes"]
    assert found["covered"] is True
    assert found["unlisted_missing"] == []


@pytest.mark.parametrize(
    ("rule", "target", "expected"),
    [
        ({}, {"rule": "r", "arn": "arn:aws:sns:x"}, "true"),
        ({}, {"rule": reference("aws_cloudwatch_event_rule.r", "name"), "arn": LATER}, "true"),
        ({"state": "DISABLED"}, {"rule": "r", "arn": "arn:aws:sns:x"}, "false"),
        ({"is_enabled": False}, {"rule": "r", "arn": "arn:aws:sns:x"}, "false"),
        ({"event_bus_name": "own"}, {"rule": "r", "arn": "arn:aws:sns:x"}, "false"),
        ({}, {"rule": "another", "arn": "arn:aws:sns:x"}, "false"),
    ],
)
def test_event_rules(rule: dict[str, Value], target: dict[str, Value], expected: str) -> None:
    pattern = json.dumps({"source": ["aws.s3"], "detail": {"eventName": list(POLICY_CALLS)}})
    watching = resource("aws_cloudwatch_event_rule.r", name="r", event_pattern=pattern, **rule)
    aimed = resource("aws_cloudwatch_event_target.t", **target)
    assert words(facts("account", watching, aimed)["changes"]["covered"]) == expected


EVERY_TYPE = {"StorageType": "AllStorageTypes"}
ALARM: dict[str, Value] = {
    "namespace": "AWS/S3",
    "metric_name": "NumberOfObjects",
    "dimensions": {"BucketName": "a", "StorageType": "AllStorageTypes"},
    "alarm_actions": ["arn"],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "true"),
        ({"dimensions": {**EVERY_TYPE, "BucketName": reference("aws_s3_bucket.a", "id")}}, "true"),
        ({"dimensions": {**EVERY_TYPE, "BucketName": "b"}}, "false"),
        ({"dimensions": LATER}, "unknown"),
        ({"metric_name": "AllRequests"}, "false"),
        ({"namespace": "Own"}, "false"),
        ({"alarm_actions": []}, "false"),
        ({"actions_enabled": False}, "false"),
    ],
)
def test_storage_alarms(change: dict[str, Value], expected: str) -> None:
    alarm = resource("aws_cloudwatch_metric_alarm.a", **{**ALARM, **change})
    assert words(facts("bucket", BUCKET, alarm)["metrics"]["alarmed"]) == expected


def encrypted(key: Value) -> Resource:
    by_default = {"sse_algorithm": "aws:kms", "kms_master_key_id": key}
    rule: Value = [{"apply_server_side_encryption_by_default": [by_default]}]
    return resource("aws_s3_bucket_server_side_encryption_configuration.e", bucket="a", rule=rule)


@pytest.mark.parametrize(
    ("key", "used"),
    [
        (reference("aws_kms_key.k", "arn"), True),
        (reference("aws_kms_alias.n", "arn"), True),
        ("arn:aws:kms:eu-west-1:111122223333:key/one", True),
        ("alias/example", True),
        ("arn:aws:kms:eu-west-1:111122223333:alias/example", True),
        ("arn:aws:kms:eu-west-1:111122223333:key/two", False),
        (reference("aws_kms_key.other", "arn"), False),
        (LATER, False),
        ("", False),
    ],
)
def test_which_key_a_bucket_uses(key: Value, used: bool) -> None:
    resources = (
        resource("aws_kms_key.k", arn="arn:aws:kms:eu-west-1:111122223333:key/one"),
        resource("aws_kms_alias.n", name="alias/example", target_key_id=reference("aws_kms_key.k", "key_id")),
    )
    assert (facts("key", BUCKET, *resources, encrypted(key)) is not None) is used


BY_KEY: Value = {"apply_server_side_encryption_by_default": [{"kms_master_key_id": reference("aws_kms_key.k", "arn")}]}
OF_KEY = Unknown(references=(Reference("var.rules"), Reference("aws_kms_key.k", ("arn",))))


@pytest.mark.parametrize(
    "rules",
    [
        Perhaps(references=(Reference("var.rules"),), options=([], [BY_KEY])),
        [{"apply_server_side_encryption_by_default": OF_KEY}],
        OF_KEY,
    ],
)
def test_rules_that_may_be_there_may_use_a_key(rules: Value) -> None:
    key = resource("aws_kms_key.k")
    split = resource("aws_s3_bucket_server_side_encryption_configuration.e", bucket="a", rule=rules)
    inline = resource("aws_s3_bucket.a", bucket="a", server_side_encryption_configuration=[{"rule": rules}])
    for resources in ((BUCKET, split), (inline,)):
        assert words(facts("key", key, *resources)["used"]) == "unknown"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "true"),
        ({"customer_master_key_spec": "SYMMETRIC_DEFAULT", "custom_key_store_id": "", "xks_key_id": None}, "true"),
        ({"customer_master_key_spec": "RSA_2048"}, "false"),
        ({"custom_key_store_id": "cks-1234567890abcdef0"}, "false"),
        ({"xks_key_id": "example"}, "false"),
        ({"custom_key_store_id": LATER}, "unknown"),
        ({"custom_key_store_id": LATER, "customer_master_key_spec": "RSA_2048"}, "false"),
    ],
)
def test_which_keys_aws_can_rotate(values: dict[str, Value], expected: str) -> None:
    uses = encrypted(reference("aws_kms_key.k", "arn"))
    assert words(facts("key", BUCKET, resource("aws_kms_key.k", **values), uses)["can_rotate"]) == expected


def test_a_key_policy_of_its_own_counts_before_the_argument() -> None:
    closed = json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}]}
    )
    opened = closed.replace('{"AWS": "111122223333"}', '"*"')
    key = resource("aws_kms_key.k", policy=closed)
    own = resource("aws_kms_key_policy.p", key_id=reference("aws_kms_key.k", "id"), policy=opened)
    uses = encrypted(reference("aws_kms_key.k", "arn"))
    assert facts("key", BUCKET, key, uses)["policy"]["public"] is False
    assert facts("key", BUCKET, key, own, uses)["policy"]["public"] is True


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", **more}


def shut(**more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", **more}


def only(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow()], "true"),
        ([allow(Action="s3:GetObject", Resource="arn:aws:s3:::*/*")], "true"),
        ([allow(Resource=["arn:aws:s3:::a", "arn:aws:s3:::a/*"])], "false"),
        ([allow(Action="sqs:*")], "false"),
        ([allow(**only("StringEquals", "aws:ResourceOrgID", "o-1"))], "false"),
        ([allow(**only("StringEqualsIfExists", "aws:ResourceOrgID", "o-1"))], "true"),
        ([allow(**only("StringLike", "aws:ResourceOrgID", "*"))], "true"),
        ([allow(**only("StringLike", "aws:ResourceOrgID", "o-*"))], "true"),
        ([allow(**only("StringLike", "aws:ResourceOrgID", "o-example123"))], "false"),
        ([allow(**only("StringLike", "aws:ResourceAccount", "????????????"))], "true"),
        ([allow(**only("StringEquals", "aws:ResourceOrgID", "o-*"))], "false"),
        ([allow(**only("ForAnyValue:StringLike", "aws:ResourceOrgPaths", "o-example123/*"))], "false"),
        ([allow(**only("ForAnyValue:StringLike", "aws:ResourceOrgPaths", "o-example123/r-ab12/ou-*/"))], "false"),
        ([allow(**only("ForAnyValue:StringLike", "aws:ResourceOrgPaths", "o-*/r-ab12/*"))], "true"),
        ([allow(**only("ForAnyValue:StringLike", "aws:ResourceOrgPaths", "o-example123*"))], "true"),
        ([allow(**only("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}"))], "unknown"),
        ([allow(Resource="arn:aws:s3:::example-*")], "true"),
        ([allow(Resource="arn:aws-cn:s3:::ex?mple/*")], "true"),
        ([allow(Resource="arn:aws:s3:::example/reports-*")], "false"),
        ([allow(Resource="arn:aws:s3:::packages.*.amazonaws.com/*")], "unknown"),
        ([allow(Resource="arn:aws:s3:::example-*", **only("StringEquals", "aws:ResourceOrgID", "o-1"))], "false"),
        ([allow(), {**allow(**only("StringNotLike", "aws:ResourceOrgID", "o-*")), "Effect": "Deny"}], "true"),
        ([allow(), shut(NotResource="arn:aws:s3:::example/*")], "false"),
        ([allow(), shut(NotResource="arn:aws:s3:::example-*")], "true"),
        ([allow(**only("StringEquals", "aws:PrincipalOrgID", "o-1"))], "true"),
        (
            [allow(), {**allow(**only("StringNotEquals", "aws:ResourceAccount", "111122223333")), "Effect": "Deny"}],
            "false",
        ),
        (
            [allow(), {**allow(**only("StringNotEquals", "aws:PrincipalAccount", "111122223333")), "Effect": "Deny"}],
            "true",
        ),
    ],
)
def test_endpoint_policies(statements: list[dict[str, Any]], expected: str) -> None:
    text = json.dumps({"Statement": statements})
    endpoint = resource("aws_vpc_endpoint.e", service_name="com.amazonaws.eu-west-1.s3", policy=text)
    assert words(facts("endpoint", endpoint)["policy"]["open"]) == expected


def test_which_endpoints_are_of_s3() -> None:
    named = Template(("com.amazonaws.", LATER, ".s3"))
    looked_up = Resource(
        "data.aws_vpc_endpoint_service.s", "aws_vpc_endpoint_service", "s", {"service": "s3"}, mode="data"
    )
    by_data = resource("aws_vpc_endpoint.d", service_name=reference("data.aws_vpc_endpoint_service.s", "service_name"))
    assert facts("endpoint", resource("aws_vpc_endpoint.e", service_name=named))["s3"] is True
    assert facts("endpoint", looked_up, by_data)["s3"] is True
    assert facts("endpoint", resource("aws_vpc_endpoint.e", service_name="com.amazonaws.eu-west-1.sqs")) is None
    assert words(facts("endpoint", resource("aws_vpc_endpoint.e", service_name=LATER))["s3"]) == "unknown"


@pytest.mark.parametrize(
    ("origin", "is_origin", "direct"),
    [
        ({"domain_name": "a.s3.eu-west-1.amazonaws.com"}, "true", "true"),
        ({"domain_name": "a.s3.amazonaws.com", "origin_access_control_id": "E1"}, "true", "false"),
        ({"domain_name": reference("aws_s3_bucket.a", "bucket_regional_domain_name")}, "true", "true"),
        (
            {"domain_name": reference("aws_s3_bucket.a", "website_endpoint"), "origin_access_control_id": "E1"},
            "true",
            "true",
        ),
        ({"domain_name": "a.s3-website-eu-west-1.amazonaws.com"}, "true", "true"),
        ({"domain_name": Template((reference("aws_s3_bucket.a", "id"), ".s3.amazonaws.com"))}, "true", "true"),
        ({"domain_name": "b.s3.amazonaws.com"}, "false", "false"),
        ({"domain_name": "example.com"}, "false", "false"),
        ({"domain_name": LATER}, "false", "false"),
    ],
)
def test_origins(origin: dict[str, Value], is_origin: str, direct: str) -> None:
    found = facts("bucket", BUCKET, resource("aws_cloudfront_distribution.d", origin=[origin]))["cdn"]
    assert (words(found["is_origin"]), words(found["direct"])) == (is_origin, direct)


@pytest.mark.parametrize(
    ("destination", "accounts", "more"),
    [
        ({"bucket": "arn:aws:s3:::elsewhere", "account": "444455556666"}, ["444455556666"], "false"),
        ({"bucket": reference("aws_s3_bucket.copy", "arn")}, [], "false"),
        ({"bucket": "arn:aws:s3:::elsewhere"}, [], "unknown"),
        ({"bucket": reference("aws_s3_bucket.far", "arn")}, [], "unknown"),
        ({"bucket": "arn:aws:s3:::x", "account": reference("data.aws_caller_identity.me", "account_id")}, [], "false"),
        (
            {"bucket": "arn:aws:s3:::x", "account": reference("data.aws_caller_identity.far", "account_id")},
            [],
            "unknown",
        ),
    ],
)
def test_whose_the_copies_are(destination: dict[str, Value], accounts: list[str], more: str) -> None:
    far = Resource("aws_s3_bucket.far", "aws_s3_bucket", "far", {"bucket": "far"}, provider="aws.far")
    rule: Value = [{"status": "Enabled", "destination": [destination]}]
    copying = resource("aws_s3_bucket_replication_configuration.r", bucket="a", rule=rule)
    me = resource("data.aws_caller_identity.me")
    them = Resource("data.aws_caller_identity.far", "aws_caller_identity", "far", {}, mode="data", provider="aws.far")
    copy = resource("aws_s3_bucket.copy", bucket="copy")
    found = facts("bucket", BUCKET, copy, far, copying, me, them, address="aws_s3_bucket.a")
    assert found["replication"]["accounts"] == accounts
    assert words(found["replication"]["more_accounts"]) == more


def test_a_replication_rule_that_may_be_off() -> None:
    foreign: Value = {"bucket": "arn:aws:s3:::elsewhere", "account": "444455556666"}
    rules: list[Value] = [{"status": LATER, "destination": [foreign]}]
    copying = resource("aws_s3_bucket_replication_configuration.r", bucket="a", rule=rules)
    found = facts("bucket", BUCKET, copying, address="aws_s3_bucket.a")["replication"]
    assert words(found["declared"]) == "unknown"
    assert (found["accounts"], words(found["more_accounts"])) == ([], "unknown")
    rules.append({"status": "Enabled", "destination": [foreign]})
    assert facts("bucket", BUCKET, copying, address="aws_s3_bucket.a")["replication"]["declared"] is True


def test_a_policy_of_a_directory_bucket_says_nothing_of_other_buckets() -> None:
    directory = resource("aws_s3_directory_bucket.d", bucket="d--euw1-az1--x-s3")
    policy = resource("aws_s3_bucket_policy.p", bucket=reference("aws_s3_directory_bucket.d", "bucket"), policy=LATER)
    assert facts("bucket", BUCKET, directory, policy)["policy"]["declared"] is False
    assert words(facts("directory-bucket", directory, policy)["public"]) == "unknown"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((resource("aws_guardduty_detector.d"),), "unknown"),
        ((resource("aws_guardduty_detector.d", datasources=[{"s3_logs": [{"enable": True}]}]),), "true"),
        ((resource("aws_guardduty_detector.d", enable=False),), "false"),
        (
            (
                resource("aws_guardduty_detector.d", datasources=[{"s3_logs": [{"enable": True}]}]),
                resource(
                    "aws_guardduty_detector_feature.f",
                    detector_id=reference("aws_guardduty_detector.d", "id"),
                    name="S3_DATA_EVENTS",
                    status="DISABLED",
                ),
            ),
            "false",
        ),
    ],
)
def test_detectors(resources: tuple[Resource, ...], expected: str) -> None:
    assert words(facts("detector", *resources)["s3"]) == expected
