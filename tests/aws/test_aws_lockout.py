"""A policy that leaves nobody who could change it back."""

from __future__ import annotations

from typing import Any

import pytest

from iacscan.aws.judgements.lockout import locks_out
from iacscan.aws.policies.policy import parse
from iacscan.core import Encoded, Reference, Unknown, Value

ARN = "arn:aws:s3:::b"
LATE = Unknown(references=(Reference("terraform_data.late", ("output",)),))


def answer(*statements: Value) -> Any:
    value = locks_out(parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)})), ARN).value
    return "unknown" if isinstance(value, Unknown) else value


def deny(**more: Value) -> dict[str, Value]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ARN, **more}


@pytest.mark.parametrize(
    "statement",
    [
        deny(),
        deny(Principal={"AWS": "*"}),
        deny(Principal={"AWS": ["arn:aws:iam::111122223333:root", "*"]}),
        deny(Action="*", Resource="*"),
        deny(Action=["s3:Put*", "s3:DeleteBucketPolicy"], Resource=[f"{ARN}*"]),
        {"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": ARN},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": f"{ARN}/*"},
    ],
)
def test_nobody_is_left(statement: Value) -> None:
    assert answer(statement) is True


@pytest.mark.parametrize(
    "statement",
    [
        deny(Effect="Allow"),
        deny(Resource=f"{ARN}/*"),
        deny(Resource="arn:aws:s3:::other"),
        deny(Action="s3:PutBucketPolicy"),
        deny(Action="s3:DeleteObject"),
        deny(Principal={"AWS": "arn:aws:iam::111122223333:role/r"}),
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        {"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": ARN},
        {"Effect": "Deny", "Principal": "*", "NotAction": "s3:DeleteBucketPolicy", "Resource": ARN},
    ],
)
def test_somebody_is_left(statement: Value) -> None:
    assert answer(statement) is False


def test_two_statements_do_it_together() -> None:
    assert answer(deny(Action="s3:PutBucketPolicy"), deny(Action="s3:DeleteBucketPolicy")) is True


@pytest.mark.parametrize(
    "statement", [deny(Action=LATE), deny(Resource=LATE), deny(Principal=LATE), deny(Effect=LATE), LATE]
)
def test_what_waits_is_not_known(statement: Value) -> None:
    assert answer(statement) == "unknown"


def test_a_text_that_is_no_policy_is_not_known() -> None:
    assert isinstance(locks_out(parse("[]"), ARN).value, Unknown)
