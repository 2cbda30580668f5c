"""What a Deny leaves of an Allow that nothing else limits: fixed callers and sources only, or more."""

from __future__ import annotations

from typing import Any

import pytest

from iacscan.aws.judgements.breadth import has_unrestricted_access
from iacscan.aws.judgements.deputy import has_confused_deputy
from iacscan.aws.judgements.refusals import MOST_REFUSALS
from iacscan.aws.policies.patterns import compile_pattern, contains
from iacscan.aws.policies.policy import Policy, parse
from iacscan.core import Encoded, Reference, Template, Unknown, Value

ARN = "arn:aws:s3:::b"
DOUBT = Unknown("var.x is not set")
ROLE = "arn:aws:iam::111122223333:role/r"
TRAIL = {"Service": "cloudtrail.amazonaws.com"}
ALLOW: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}
TO_SERVICE = {**ALLOW, "Principal": TRAIL}
HOLE = Unknown(references=(Reference("terraform_data.late", ("output",)),), exact=True)


def deny(*left_out: str, **changes: Any) -> dict[str, Any]:
    every = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"], **changes}
    return {name: value for name, value in every.items() if name not in left_out}


def outside(**conditions: Any) -> dict[str, Any]:
    return deny(Condition=conditions)


def parsed(*statements: Value) -> Policy | Unknown:
    return parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)}))


ENDPOINT = {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}
ORG = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
TLS = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("denies", "expected"),
    [
        ([outside(**ENDPOINT)], False),
        ([outside(**ORG)], False),
        ([outside(NotIpAddress={"aws:SourceIp": "203.0.113.0/24"})], False),
        ([outside(NotIpAddress={"aws:SourceIp": "0.0.0.0/0"})], True),
        ([outside(ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::111122223333:*"})], False),
        ([outside(ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/r"})], True),
        ([outside(StringNotLike={"aws:userid": ["AROAEXAMPLE123456789:*", "111122223333"]})], False),
        ([outside(StringNotEquals={"aws:SourceVpce": "vpce-1", "aws:PrincipalAccount": "111122223333"})], False),
        ([outside(**ENDPOINT, BoolIfExists={"aws:PrincipalIsAWSService": "false"})], False),
        ([outside(**ENDPOINT, Bool={"aws:ViaAWSService": "false"})], True),
        ([outside(**ENDPOINT, **TLS)], True),
        ([outside(**TLS)], True),
        ([outside(StringEquals={"aws:SourceVpce": "vpce-1"})], True),
        ([outside(StringNotEquals={"aws:Referer": "x"})], True),
        ([outside(StringNotEquals={"aws:SourceVpce": DOUBT})], None),
        ([deny(Condition=DOUBT)], None),
        ([deny(Effect=DOUBT, Condition=ENDPOINT)], None),
        ([DOUBT], None),
        ([deny("Principal", NotPrincipal={"AWS": ROLE})], False),
        ([deny("Principal", NotPrincipal={"AWS": "*"})], True),
        ([deny(Principal=TRAIL, Condition=ENDPOINT)], True),
        ([deny(Principal={"AWS": "*"}, Condition=ENDPOINT)], False),
        ([deny(Action="s3:PutObject", Condition=ENDPOINT)], True),
        ([deny(Action="s3:Get*", Condition=ENDPOINT)], False),
        ([deny("Action", NotAction="s3:PutObject", Condition=ENDPOINT)], False),
        ([deny("Action", NotAction="s3:Get*", Condition=ENDPOINT)], True),
        ([deny(Resource=ARN, Condition=ENDPOINT)], True),
        ([deny(Resource=f"{ARN}/a/*", Condition=ENDPOINT)], True),
        ([deny("Resource", NotResource=f"{ARN}/a/*", Condition=ENDPOINT)], True),
        ([deny("Resource", NotResource="arn:aws:s3:::other/*", Condition=ENDPOINT)], False),
        ([deny(Resource=Template((HOLE, "/*")), Condition=ENDPOINT)], None),
        ([outside(**ENDPOINT)] * (MOST_REFUSALS + 1), False),
    ],
)
def test_a_deny_of_everybody_else_limits_an_allow(denies: list[Value], expected: bool | None) -> None:
    value = has_unrestricted_access(parsed(ALLOW, *denies)).value
    assert (None if isinstance(value, Unknown) else value) is expected


def test_several_denies_together_cover_an_allow() -> None:
    both = {**ALLOW, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [ARN, f"{ARN}/*"]}
    parts = [deny(Resource=ARN, Condition=ENDPOINT), deny(Resource=f"{ARN}/*", Condition=ORG)]
    assert has_unrestricted_access(parsed(both, *parts)).value is False
    assert has_unrestricted_access(parsed(both, parts[0])).value is True


def test_what_is_granted_by_exception_needs_a_deny_of_everything() -> None:
    rest = {name: value for name, value in ALLOW.items() if name != "Action"} | {"NotAction": "s3:PutObject"}
    assert has_unrestricted_access(parsed(rest, outside(**ENDPOINT))).value is False
    assert has_unrestricted_access(parsed(rest, deny(Action="s3:Get*", Condition=ENDPOINT))).value is True


def test_a_policy_too_long_is_not_worked_out() -> None:
    long = {**ALLOW, "Resource": [f"{ARN}/{number}" for number in range(2_000)]}
    assert isinstance(has_unrestricted_access(parsed(long, outside(**ENDPOINT))).value, Unknown)
    assert has_unrestricted_access(parsed(long)).value is True


OF_AWS = {
    "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a1b2c3d4e5"},
    "Null": {"aws:SourceAccount": "false"},
    "Bool": {"aws:PrincipalIsAWSService": "true"},
}
SOURCE = {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}


@pytest.mark.parametrize(
    ("denies", "expected"),
    [
        ([outside(**SOURCE)], False),
        ([deny(Principal=TRAIL, Condition=SOURCE)], False),
        ([deny(Principal={"Service": "config.amazonaws.com"}, Condition=SOURCE)], True),
        ([deny("Principal", NotPrincipal=TRAIL, Condition=SOURCE)], True),
        ([deny(Principal={"AWS": ROLE}, Condition=SOURCE)], True),
        ([outside(**OF_AWS)], False),
        ([outside(Null={"aws:SourceArn": "true"})], True),
        ([outside(**ORG)], True),
        ([outside(**SOURCE, **TLS)], True),
        ([outside(StringNotLike={"aws:SourceAccount": "*"})], True),
        ([outside(StringNotEquals={"aws:SourceAccount": DOUBT})], None),
        ([deny(Principal=TRAIL, Action="s3:PutObject", Condition=SOURCE)], True),
        ([DOUBT], None),
    ],
)
def test_a_deny_of_other_sources_limits_a_grant_to_a_service(denies: list[Value], expected: bool | None) -> None:
    value = has_confused_deputy(parsed(TO_SERVICE, *denies)).value
    assert (None if isinstance(value, Unknown) else value) is expected


def test_the_deny_must_speak_of_each_service() -> None:
    two = {**ALLOW, "Principal": {"Service": ["cloudtrail.amazonaws.com", "config.amazonaws.com"]}}
    assert has_confused_deputy(parsed(two, deny(Principal=TRAIL, Condition=SOURCE))).value is True
    by_condition = {**ALLOW, "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}
    assert has_confused_deputy(parsed(by_condition, deny(Principal=TRAIL, Condition=SOURCE))).value is True
    assert has_confused_deputy(parsed(by_condition, outside(**SOURCE))).value is False


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("s3:*", "s3:Get*", True),
        ("s3:Get*", "s3:*", False),
        ("s3:Get*", "s3:GetObject", True),
        ("a*c", "a*b*c", True),
        ("a*b*c", "a*c", False),
        ("a?*", "a?*", True),
        ("a?*", "ab*", None),
        ("a?", "a*", None),
        ("ab?", "a*", False),
        ("a*", "a?", True),
        (Template(("a", HOLE)), Template(("a", HOLE)), None),
        (Template(("a", HOLE)), "b*", False),
        ("a*", Template(("a", HOLE)), True),
        ("ab*", Template(("a", HOLE)), None),
        ("b*", Template(("a", HOLE)), False),
    ],
)
def test_one_pattern_contains_another(outer: str | Template, inner: str | Template, expected: bool | None) -> None:
    found = contains(compile_pattern(outer), compile_pattern(inner))
    assert (None if isinstance(found, Unknown) else found) is expected
