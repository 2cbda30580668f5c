"""What the IAM user guide says of single requests, case by case; each table names the page that it follows."""

from __future__ import annotations

from typing import Any

import pytest

from iacscan.aws.policies.policy import parse
from iacscan.aws.policies.simulate import Request, simulate
from iacscan.core import Encoded

ARN = "arn:aws:s3:::b"
BOB = "arn:aws:iam::111122223333:user/team/bob"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/i-0abc"
FEDERATED = "arn:aws:sts::111122223333:federated-user/eve"
SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/eve"
CHINA = "arn:aws-cn:iam::111122223333:user/bob"
SERVICE = "service:cloudtrail.amazonaws.com"
YES, NO, DENIED, OPEN = "allowed", "implicit_deny", "explicit_deny", "unknown"


def decided(
    elements: dict[str, Any],
    caller: str = "anonymous",
    context: dict[str, Any] | None = None,
    *,
    version: str | None = "2012-10-17",
    action: str = "s3:GetObject",
    resource: str = f"{ARN}/home/bob/a.txt",
) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*", **elements}
    document: dict[str, Any] = {"Statement": statement}
    if version is not None:
        document["Version"] = version
    return simulate(parse(Encoded(document)), Request(caller, action, resource, context or {})).outcome.value


# reference_policies_elements_principal.html
@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ({"AWS": "111122223333"}, BOB, YES),
        ({"AWS": "111122223333"}, SESSION, YES),
        ({"AWS": "111122223333"}, FEDERATED, YES),
        ({"AWS": "111122223333"}, CHINA, YES),
        ({"AWS": "111122223333"}, SERVICE, NO),
        ({"AWS": "111122223333"}, "anonymous", NO),
        ({"AWS": ROOT}, BOB, YES),
        ({"AWS": ROOT}, CHINA, NO),
        ({"AWS": "arn:aws-cn:iam::111122223333:root"}, CHINA, YES),
        ({"AWS": ROLE}, SESSION, YES),
        ({"AWS": ROLE}, ROLE, YES),
        ({"AWS": ROLE}, BOB, NO),
        ({"AWS": ROLE}, "arn:aws:sts::444455556666:assumed-role/app/i-0abc", NO),
        ({"AWS": ROLE}, "arn:aws:sts::111122223333:assumed-role/app2/i-0abc", NO),
        ({"AWS": "arn:aws:iam::111122223333:role/team/app"}, SESSION, YES),
        ({"AWS": SESSION}, SESSION, YES),
        ({"AWS": SESSION}, "arn:aws:sts::111122223333:assumed-role/app/other", NO),
        ({"AWS": FEDERATED}, FEDERATED, YES),
        ({"AWS": [ROLE, BOB], "Service": "cloudtrail.amazonaws.com"}, SERVICE, YES),
        ({"Service": "CloudTrail.amazonaws.com"}, SERVICE, NO),
        ({"AWS": BOB.upper()}, BOB, NO),
    ],
)
def test_principals(principal: Any, caller: str, expected: str) -> None:
    assert decided({"Principal": principal}, caller) == expected


# reference_policies_elements_action.html, …_elements_resource.html, …_elements_notresource.html
@pytest.mark.parametrize(
    ("elements", "action", "resource", "expected"),
    [
        ({"Action": "S3:GETOBJECT"}, "s3:getobject", f"{ARN}/k", YES),
        ({"Action": "s3:Get*"}, "S3:GetObjectVersion", f"{ARN}/k", YES),
        ({"Action": "s3:*Object"}, "s3:GetObjectVersion", f"{ARN}/k", NO),
        ({"Action": "s3:?etObject"}, "s3:GetObject", f"{ARN}/k", YES),
        ({"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ARN}, "s3:GetObject", f"{ARN}/k", NO),
        ({"Action": "s3:ListBucket"}, "s3:ListBucket", ARN, NO),
        ({"Action": "s3:ListBucket", "Resource": f"{ARN}*"}, "s3:ListBucket", ARN, YES),
        ({"Resource": f"{ARN}*"}, "s3:GetObject", "arn:aws:s3:::backup/k", YES),
        ({"Resource": f"{ARN}/*"}, "s3:GetObject", "arn:aws:s3:::backup/k", NO),
        ({"Resource": f"{ARN}/*/k"}, "s3:GetObject", f"{ARN}/a/b/c/k", YES),
        ({"Resource": f"{ARN}/*/k"}, "s3:GetObject", f"{ARN}/k", NO),
        ({"Resource": f"{ARN}/?"}, "s3:GetObject", f"{ARN}/", NO),
        ({"Resource": f"{ARN}/K"}, "s3:GetObject", f"{ARN}/k", NO),
        ({"Resource": "arn:aws:s3:*:*:b/*"}, "s3:GetObject", f"{ARN}/k", YES),
        ({"Resource": "arn:aws-cn:s3:::b/*"}, "s3:GetObject", "arn:aws-cn:s3:::b/k", YES),
        ({"Effect": "Deny", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"]}, "s3:PutObject", f"{ARN}/k", DENIED),
    ],
)
def test_actions_and_resources(elements: dict[str, Any], action: str, resource: str, expected: str) -> None:
    assert decided(elements, action=action, resource=resource) == expected


# reference_policies_variables.html: where variables are read, no value, defaults, special characters
@pytest.mark.parametrize(
    ("elements", "caller", "context", "version", "expected"),
    [
        ({"Resource": f"{ARN}/home/${{aws:username}}/*"}, BOB, {}, "2012-10-17", YES),
        ({"Resource": f"{ARN}/home/${{AWS:UserName}}/*"}, BOB, {}, "2012-10-17", YES),
        ({"Resource": f"{ARN}/home/${{aws:username}}/*"}, BOB, {"aws:username": "carol"}, "2012-10-17", NO),
        ({"Resource": f"{ARN}/home/${{aws:username}}/*"}, SESSION, {}, "2012-10-17", NO),
        ({"Resource": f"{ARN}/home/${{aws:username}}/*"}, BOB, {}, "2008-10-17", NO),
        ({"Resource": f"{ARN}/home/${{aws:username}}/*"}, BOB, {}, None, NO),
        ({"Resource": f"{ARN}/home/${{aws:PrincipalTag/who, 'bob'}}/*"}, SESSION, {}, "2012-10-17", YES),
        ({"Resource": f"{ARN}/home/${{aws:PrincipalTag/who,'bob'}}/*"}, SESSION, {}, "2012-10-17", YES),
        (
            {"Resource": f"{ARN}/home/${{aws:PrincipalTag/who, 'x'}}/*"},
            BOB,
            {"aws:PrincipalTag/who": "bob"},
            "2012-10-17",
            YES,
        ),
        ({"Resource": f"{ARN}/home/${{*}}"}, BOB, {}, "2012-10-17", NO),
        ({"Resource": f"{ARN}/home/b${{?}}b/*"}, BOB, {}, "2012-10-17", NO),
        ({"Resource": None, "NotResource": f"{ARN}/home/${{aws:username}}/*"}, BOB, {}, "2012-10-17", NO),
        ({"Resource": None, "NotResource": f"{ARN}/home/${{aws:username}}/*"}, SESSION, {}, "2012-10-17", YES),
        ({"Condition": {"StringEquals": {"s3:x": "${aws:PrincipalTag/t}"}}}, BOB, {"s3:x": "a"}, "2012-10-17", NO),
        ({"Condition": {"StringNotEquals": {"s3:x": "${aws:PrincipalTag/t}"}}}, BOB, {"s3:x": "a"}, "2012-10-17", YES),
        ({"Condition": {"StringNotLike": {"s3:x": "${aws:PrincipalTag/t}*"}}}, BOB, {"s3:x": "a"}, "2012-10-17", YES),
        ({"Condition": {"ArnNotLike": {"s3:x": "${aws:PrincipalTag/t}"}}}, BOB, {"s3:x": ROLE}, "2012-10-17", YES),
        ({"Condition": {"StringEquals": {"s3:x": "${aws:username}"}}}, BOB, {"s3:x": "bob"}, "2012-10-17", YES),
        ({"Condition": {"StringEquals": {"s3:x": "${$}{*}"}}}, BOB, {"s3:x": "${*}"}, "2012-10-17", YES),
        (
            {"Condition": {"StringEquals": {"s3:x": "${aws:username}"}}},
            BOB,
            {"s3:x": "${aws:username}"},
            "2008-10-17",
            YES,
        ),
    ],
)
def test_policy_variables(elements: Any, caller: str, context: Any, version: str | None, expected: str) -> None:
    assert decided(elements, caller, context, version=version) == expected


# reference_policies_elements_condition_operators.html, …_condition-single-vs-multi-valued-context-keys.html
@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"AWS:SOURCEVPC": "vpc-1"}}, {"aws:SourceVpc": "vpc-1"}, YES),
        ({"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}, {"aws:sourcevpc": ["vpc-2"]}, YES),
        ({"StringEquals": {"aws:SourceVpc": "vpc-*"}}, {"aws:SourceVpc": "vpc-1"}, NO),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, {"aws:SourceVpc": "vpc-1"}, YES),
        ({"StringLike": {"s3:prefix": ["", "home/"]}}, {"s3:prefix": ""}, YES),
        ({"StringEquals": {"a:x": "1", "a:y": "2"}}, {"a:x": "1"}, NO),
        ({"StringEquals": {"a:x": "1"}, "StringLike": {"a:y": "2*"}}, {"a:x": "1", "a:y": "22"}, YES),
        ({"StringNotEquals": {"a:x": ["1", "2"]}}, {"a:x": "2"}, NO),
        ({"StringNotEqualsIfExists": {"a:x": "1"}}, {}, YES),
        ({"Bool": {"aws:SecureTransport": "True"}}, {"aws:SecureTransport": "true"}, YES),
        ({"Bool": {"aws:SecureTransport": True}}, {"aws:SecureTransport": True}, YES),
        ({"Bool": {"aws:SecureTransport": "false"}}, {}, NO),
        ({"BoolIfExists": {"aws:SecureTransport": "false"}}, {}, YES),
        ({"Null": {"aws:TokenIssueTime": "True"}}, {}, YES),
        ({"Null": {"aws:TokenIssueTime": False}}, {}, NO),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": []}, YES),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": [""]}, YES),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": ["a", "c"]}, NO),
        ({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}}, {"aws:TagKeys": ["a", "c"]}, NO),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {"aws:TagKeys": ["c", "a"]}, YES),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {}, NO),
        ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["a"]}}, {}, NO),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": 9}, YES),
        ({"NumericLessThanEquals": {"s3:max-keys": 10.0}}, {"s3:max-keys": "10"}, YES),
        ({"NumericEquals": {"s3:max-keys": "1_0"}}, {"s3:max-keys": "10"}, OPEN),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01"}}, {"aws:CurrentTime": "2026-01-01T00:00:01Z"}, YES),
        ({"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00.5Z"}}, {"aws:CurrentTime": 1767225600}, YES),
        ({"DateEquals": {"aws:EpochTime": "1767225600"}}, {"aws:EpochTime": "2026-01-01T01:00+01:00"}, YES),
        ({"NumericGreaterThan": {"aws:EpochTime": "1767225599"}}, {"aws:EpochTime": 1767225600}, YES),
        ({"IpAddress": {"aws:SourceIp": "2001:DB8:1234::/48"}}, {"aws:SourceIp": "2001:db8:1234:0:0::7"}, YES),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}, {"aws:SourceIp": "2001:db8::7"}, YES),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "2001:db8::7"}, YES),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/255.255.255.0"}}, {"aws:SourceIp": "203.0.113.7"}, OPEN),
        (
            {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}},
            {"aws:SourceArn": "arn:aws:sns:x:111122223333:t:u"},
            YES,
        ),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:*:*:t"}}, {"aws:SourceArn": "arn:aws:sns:x:111122223333:t"}, YES),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:*:*:*:t"}}, {"aws:SourceArn": "arn:aws:sns:x:1:u:t"}, NO),
        ({"StringLike": {"aws:SourceArn": "arn:aws:*:t"}}, {"aws:SourceArn": "arn:aws:sns:x:1:t"}, YES),
        ({"StringEquals": {"aws:SourceArn": "arn:aws:sns:*:1:t"}}, {"aws:SourceArn": "arn:aws:sns:x:1:t"}, NO),
    ],
)
def test_conditions(condition: Any, context: Any, expected: str) -> None:
    assert decided({"Condition": condition}, BOB, context) == expected


# reference_policies_condition-keys.html: what the principal of a request puts into its context
@pytest.mark.parametrize(
    ("operator", "key", "value", "caller", "expected"),
    [
        ("StringEquals", "aws:username", "bob", BOB, YES),
        ("StringEquals", "aws:username", "bob", SESSION, NO),
        ("StringEquals", "aws:PrincipalType", "FederatedUser", FEDERATED, YES),
        ("StringEquals", "aws:PrincipalType", "Anonymous", "anonymous", YES),
        ("ArnEquals", "aws:PrincipalArn", ROLE, SESSION, YES),
        ("ArnEquals", "aws:PrincipalArn", SESSION, SESSION, NO),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", SSO, OPEN),
        ("StringEquals", "aws:PrincipalAccount", "111122223333", SSO, YES),
        ("Bool", "aws:PrincipalIsAWSService", "true", SERVICE, YES),
        ("Bool", "aws:PrincipalIsAWSService", "false", "anonymous", NO),
        ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "cloudtrail.amazonaws.com", SERVICE, YES),
        ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "config.amazonaws.com", SERVICE, OPEN),
        ("Null", "aws:PrincipalOrgID", "true", "anonymous", YES),
    ],
)
def test_what_the_principal_tells(operator: str, key: str, value: str, caller: str, expected: str) -> None:
    assert decided({"Condition": {operator: {key: value}}}, caller) == expected
