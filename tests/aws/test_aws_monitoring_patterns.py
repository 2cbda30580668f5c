"""Metric filter patterns and event patterns: do they notice a call, whoever makes it?"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.monitoring.event_pattern import catches
from iacscan.aws.monitoring.filter_pattern import MAX_LENGTH, fires
from iacscan.core import Encoded, Unknown

EVENT = {"eventSource": "s3.amazonaws.com", "eventName": "PutBucketPolicy", "errorCode": None, "readOnly": False}
CALL = {
    "source": "aws.s3",
    "detail-type": "AWS API Call via CloudTrail",
    "detail": EVENT,
}


def words(value: Any) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{ $.eventName = PutBucketPolicy }", "true"),
        ('{($.eventName="PutBucketPolicy")}', "true"),
        (
            "{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutAcl) || ($.eventName = PutBucketPolicy)) }",
            "true",
        ),
        ("{ $.eventName = PutBucketAcl || $.eventName = PutBucketPolicy && $.eventSource = s3.amazonaws.com }", "true"),
        ("{ $.eventName = PutBucketPolicy && $.eventSource = ec2.amazonaws.com }", "false"),
        ("{ $.eventName = PutBucket* }", "true"),
        ("{ $.eventName != PutBucketPolicy }", "false"),
        ("{ $.eventName != DeleteBucket }", "true"),
        ("{ $.eventName = PutBucketPolicy && $.errorCode NOT EXISTS }", "true"),
        ("{ $.eventName = PutBucketPolicy && $.errorCode  EXISTS }", "false"),
        ('{ $.userIdentity.type = "Root" }', "false"),
        ('{ $.eventName = PutBucketPolicy && $.userIdentity.type != "AWSService" }', "unknown"),
        ('{ $.eventName = DeleteBucket && $.userIdentity.type != "AWSService" }', "false"),
        ("{ $.userIdentity.invokedBy NOT EXISTS }", "unknown"),
        ("{ $.userIdentity.arn EXISTS }", "unknown"),
        ("{ $.readOnly IS FALSE }", "true"),
        ("{ $.readOnly IS TRUE }", "false"),
        ("{ $.readOnly IS NULL }", "unknown"),
        ("{ $.readOnly = false }", "unknown"),
        ("{ $.eventName = PutBucketPolicy && $.sourceIPAddress = * }", "unknown"),
        ("{ $.eventName = PutBucketPolicy && $.awsRegion = eu-west-1 }", "unknown"),
        ("{ $.eventName = DeleteBucket && $.sourceIPAddress = * }", "false"),
        ("{ $.eventName = %Put.*% }", "unknown"),
        ("PutBucketPolicy", "unknown"),
        ("[ip, user]", "unknown"),
        ("{ $.eventName = }", "unknown"),
        ("{ ($.eventName = PutBucketPolicy }", "unknown"),
        ("{}", "unknown"),
        ("", "unknown"),
    ],
)
def test_filter_patterns(pattern: str, expected: str) -> None:
    assert words(fires(pattern, EVENT)) == expected


@pytest.mark.parametrize("pattern", ["{" + "(" * 500 + ")" * 500 + "}", "{ $.a = " + "x" * MAX_LENGTH + " }"])
def test_hostile_filter_patterns_are_unknown(pattern: str) -> None:
    assert words(fires(pattern, EVENT)) == "unknown"


@given(st.text(alphabet='{}()&|$.=!<> "abIS%*', max_size=60))
def test_any_filter_text_gives_an_answer(pattern: str) -> None:
    assert words(fires(pattern, EVENT)) in ("true", "false", "unknown")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"source": ["aws.s3"]}, "true"),
        ({"source": ["aws.ec2"]}, "false"),
        ({"source": [{"prefix": "aws."}], "detail": {"eventName": ["PutBucketAcl", "PutBucketPolicy"]}}, "true"),
        ({"detail": {"eventName": [{"prefix": "Delete"}]}}, "false"),
        ({"detail": {"eventName": [{"wildcard": "Put*Policy"}]}}, "true"),
        ({"detail": {"eventName": [{"suffix": "Policy"}]}}, "true"),
        ({"detail": {"eventName": [{"anything-but": ["GetObject"]}]}}, "true"),
        ({"detail": {"eventName": [{"anything-but": {"prefix": "Put"}}]}}, "false"),
        ({"detail": {"eventName": [{"equals-ignore-case": "putbucketpolicy"}]}}, "true"),
        ({"detail": {"eventName": [{"exists": True}]}}, "true"),
        ({"$or": [{"source": ["aws.ec2"]}, {"source": ["aws.s3"]}]}, "true"),
        ({"detail": {"requestParameters": {"bucketName": ["one"]}}}, "false"),
        ({"detail": {"requestParameters": {"bucketName": [{"exists": True}]}}}, "unknown"),
        ({"detail": {"userIdentity": {"type": [{"anything-but": ["AWSService"]}]}}}, "unknown"),
        ({"detail": {"userIdentity": {"type": ["Root"], "arn": [{"exists": True}]}}}, "false"),
        ({"detail": {"readOnly": [False]}}, "true"),
        ({"detail": {"readOnly": [True]}}, "false"),
        ({"detail": {"readOnly": ["false"]}}, "false"),
        ({"detail": {"readOnly": [0]}}, "false"),
        ({"detail": {"awsRegion": ["eu-west-1"]}}, "unknown"),
        ({"account": ["111122223333"]}, "unknown"),
        ({"detail": {"errorCode": [{"exists": False}]}}, "true"),
        ({"detail": {"errorCode": [{"exists": True}]}}, "false"),
        ({"detail": {"errorCode": [{"anything-but": ["AccessDenied"]}]}}, "false"),
        ({"detail": {"errorCode": [None]}}, "false"),
        ({"detail": {"errorMessage": [{"exists": False}]}}, "unknown"),
        ({"detail": {"eventName": [{"anything-but": {"prefix": ["Get", "List"]}}]}}, "true"),
        ({"detail": {"eventName": [{"anything-but": {"prefix": ["Get", "Put"]}}]}}, "false"),
        ({"detail": {"eventName": [{"cidr": "10.0.0.0/8"}]}}, "unknown"),
        ([], "unknown"),
    ],
)
def test_event_patterns(pattern: Any, expected: str) -> None:
    assert words(catches(json.dumps(pattern), CALL)) == expected


def test_an_event_pattern_with_a_hole() -> None:
    hole = Unknown("late")
    named: Any = Encoded({"source": ["aws.s3"], "detail": {"eventName": [hole]}})
    either: Any = Encoded({"source": ["aws.s3"], "detail": {"eventName": ["PutBucketPolicy", hole]}})
    other: Any = Encoded({"detail": {"requestID": hole}})
    assert [words(catches(item, CALL)) for item in (named, either, other, hole, "{")] == [
        "unknown",
        "true",
        "unknown",
        "unknown",
        "unknown",
    ]
