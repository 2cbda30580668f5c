"""What identity policies give away in S3: wildcards, what a Deny takes back, and doubts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.iam.identity_policy import EXPOSING, grants_all_buckets, grants_exposure, grants_s3
from iacscan.aws.iam.managed_policies import judge_managed, managed_name
from iacscan.aws.policies.actions import all_actions
from iacscan.aws.policies.policy import parse
from iacscan.core import Encoded, Reference, Template, Unknown

LATE = Unknown(references=(Reference("terraform_data.late", ("output",)),), exact=True)
BUCKET_ARN = Unknown(references=(Reference("aws_s3_bucket.b", ("arn",)),), exact=True)


def policy(*statements: dict[str, Any]) -> Any:
    return parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)}))


def allow(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def words(value: Any) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


def test_every_exposing_action_exists() -> None:
    assert {f"s3:{name}".lower() for name in EXPOSING} <= set(all_actions())


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow()], "true"),
        ([allow("*")], "true"),
        ([allow("S3:*", "arn:aws:s3:::*")], "true"),
        ([allow("s3:*", ["arn:aws:s3:::b", "arn:aws-cn:s3:::*/*"])], "true"),
        ([allow("s3:*", "arn:aws:s3:::prod-*")], "false"),
        ([allow("s3:Get*")], "false"),
        ([deny()], "false"),
        ([allow(), deny()], "false"),
        ([allow(), deny(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})], "true"),
        ([allow(), deny("s3:Put*")], "true"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], "true"),
        ([{"Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*"}], "false"),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b"}], "true"),
        ([{"Effect": "Allow", "Action": "s3:*", "NotResource": "*"}], "false"),
        ([allow(Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})], "unknown"),
        ([allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})], "true"),
        ([allow("s3:*", LATE)], "unknown"),
        ([allow(LATE)], "unknown"),
        ([allow("s3:*", BUCKET_ARN)], "false"),
        ([allow("s3:*", Unknown("the plan does not record the text", BUCKET_ARN.references))], "false"),
    ],
)
def test_all_buckets(statements: list[dict[str, Any]], expected: str) -> None:
    assert words(grants_all_buckets(policy(*statements)).value) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:PutObjectAcl", "arn:aws:s3:::b/*")], "true"),
        ([allow("s3:PutObjectAcl", "arn:aws:s3:::b")], "false"),
        ([allow("s3:PutBucketPolicy", "arn:aws:s3:::b/*")], "false"),
        ([allow("s3:PutAccountPublicAccessBlock", "arn:aws:s3:::b")], "false"),
        ([allow("s3:PutAccountPublicAccessBlock")], "true"),
        ([allow("s3:Put*", "arn:aws:s3:::b/*")], "true"),
        ([allow("s3:*Acl", "arn:aws:s3:::b")], "true"),
        ([allow(["s3:GetObject", "s3:PutObject"])], "false"),
        ([allow("s3:PutObjectAcl"), deny("s3:PutObjectAcl")], "false"),
        ([allow("s3:PutObjectAcl", "arn:aws:s3:::b/*"), deny("s3:*", "arn:aws:s3:::b/*")], "false"),
        ([allow("s3:PutObjectAcl"), deny("s3:PutObjectAcl", "arn:aws:s3:::b/*")], "true"),
        ([allow("s3:PutBucketPolicy", LATE)], "true"),
        ([allow("*", LATE)], "unknown"),
        ([allow("s3:*", LATE)], "true"),
        ([allow("s3:*", Template(("arn:aws:s3:::", LATE)))], "true"),
        ([allow(["s3:*", "sqs:*"], LATE)], "unknown"),
        ([allow("s3:*", LATE), deny("s3:Put*", LATE)], "unknown"),
        ([allow("s3:*", BUCKET_ARN)], "true"),
        ([allow("s3:*", Template((LATE, "/*")))], "true"),
        ([allow(LATE)], "unknown"),
        ([allow("*", "arn:aws:sqs:eu-west-1:111122223333:q")], "false"),
    ],
)
def test_exposure(statements: list[dict[str, Any]], expected: str) -> None:
    assert words(grants_exposure(policy(*statements)).value) == expected


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:GetObject", LATE)], "true"),
        ([allow("*", "arn:aws:sqs:eu-west-1:111122223333:q")], "false"),
        ([allow("*", LATE)], "unknown"),
        ([allow("ses:*")], "false"),
        ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], "false"),
        ([deny("s3:GetObject")], "false"),
    ],
)
def test_any_s3(statements: list[dict[str, Any]], expected: str) -> None:
    assert words(grants_s3(policy(*statements)).value) == expected


def test_the_evidence_names_statement_and_actions() -> None:
    found = grants_exposure(policy(allow("s3:Put*", "arn:aws:s3:::b/*", Sid="Uploads")))
    assert [item.text for item in found.evidence] == [
        'Statement "Uploads" allows s3:Put*, which includes s3:PutObjectAcl, s3:PutObjectVersionAcl.'
    ]


ACTIONS = st.sampled_from(["*", "s3:*", "s3:Put*", "s3:PutObjectAcl", "s3:GetObject", "sqs:*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:sqs:::q"])


@given(st.lists(st.tuples(st.sampled_from(["Allow", "Deny"]), ACTIONS, RESOURCES), max_size=4), st.data())
def test_hiding_a_part_never_turns_the_answer(rows: list[tuple[str, str, str]], data: st.DataObject) -> None:
    """What is answered while a part is not known holds for whatever the part is."""
    hidden = data.draw(st.integers(0, max(len(rows) - 1, 0)))
    column = data.draw(st.sampled_from([1, 2]))

    def statements(masked: bool) -> list[dict[str, Any]]:
        made = []
        for index, row in enumerate(rows):
            cells: list[Any] = list(row)
            if masked and index == hidden:
                cells[column] = LATE
            made.append({"Effect": cells[0], "Action": cells[1], "Resource": cells[2]})
        return made

    for judge in (grants_all_buckets, grants_s3):
        known, masked = judge(policy(*statements(False))).value, judge(policy(*statements(True))).value
        if not isinstance(masked, Unknown) and not (judge is grants_s3 and column == 2):
            assert masked == known


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", "AmazonS3FullAccess"),
        ("arn:aws-us-gov:iam::aws:policy/service-role/AWSConfigRole", "AWSConfigRole"),
        (Template(("arn:", LATE, ":iam::aws:policy/PowerUserAccess")), "PowerUserAccess"),
        ("arn:aws:iam::111122223333:policy/AmazonS3FullAccess", None),
        (LATE, None),
    ],
)
def test_managed_names(arn: Any, name: str | None) -> None:
    assert managed_name(arn) == name


@pytest.mark.parametrize(
    ("name", "question", "expected"),
    [
        ("AmazonS3FullAccess", "all_buckets", "true"),
        ("AmazonS3FullAccess", "exposure", "true"),
        ("AmazonS3ReadOnlyAccess", "all_buckets", "false"),
        ("AmazonS3ReadOnlyAccess", "s3", "true"),
        ("AdministratorAccess", "all_buckets", "true"),
        ("PowerUserAccess", "exposure", "true"),
        ("NoSuchPolicyOfAws", "s3", "unknown"),
    ],
)
def test_managed_policies(name: str, question: str, expected: str) -> None:
    assert words(judge_managed(name, question).value) == expected
