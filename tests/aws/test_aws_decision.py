"""One request on a whole bucket: policy, ACL, object ownership and Block Public Access together."""

import json
from typing import Any

import pytest

from iacscan.aws.acl import Grant, canned_grants
from iacscan.aws.policies.context import Request
from iacscan.aws.policies.policy import Policy, parse
from iacscan.aws.reach.bucket import Guards
from iacscan.aws.reach.decision import BucketDecision, decide
from iacscan.core import Ternary, Unknown

ARN = "arn:aws:s3:::b"
OWN, OTHER = "111122223333", "444455556666"
ROLE, STRANGER = f"arn:aws:iam::{OWN}:role/own", f"arn:aws:iam::{OTHER}:role/other"
DOUBT = Unknown("a test")
OPEN = Guards(True, False, False)


def policy(**elements: Any) -> Policy:
    statement = {"Sid": "S", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"]}
    parsed = parse(json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **elements}]}))
    assert isinstance(parsed, Policy)
    return parsed


def ask(
    document: Policy | Unknown | None = None,
    acl: str | Unknown | None = None,
    guards: Guards = OPEN,
    principal: str = "anonymous",
    action: str = "s3:ListBucket",
    own: str | None = OWN,
) -> BucketDecision:
    grants = canned_grants(acl) if isinstance(acl, str) else acl
    return decide(document, grants, guards, Request(principal, action, ARN), own)


@pytest.mark.parametrize(
    ("principal", "restrict", "own", "answer"),
    [
        ("anonymous", False, OWN, "allowed"),
        ("anonymous", True, OWN, "blocked"),
        ("anonymous", True, None, "blocked"),
        (STRANGER, True, OWN, "blocked"),
        (STRANGER, True, None, "unknown"),
        (ROLE, True, OWN, "allowed"),
        ("service:logging.s3.amazonaws.com", True, OWN, "allowed"),
        ("anonymous", DOUBT, OWN, "unknown"),
        (ROLE, DOUBT, OWN, "allowed"),
    ],
)
def test_a_public_policy(principal: str, restrict: Ternary, own: str | None, answer: str) -> None:
    found = ask(policy(), guards=Guards(True, False, restrict), principal=principal, own=own)
    assert found.answer == answer
    assert found.statements == ("S",)


def test_a_policy_that_is_not_public_is_not_restricted() -> None:
    found = ask(policy(Principal={"AWS": OTHER}), guards=Guards(True, True, True), principal=STRANGER)
    assert found.answer == "allowed"
    assert any("another account" in note for note in found.notes)


@pytest.mark.parametrize(
    ("acl", "principal", "action", "answer"),
    [
        ("public-read", "anonymous", "s3:ListBucket", "allowed"),
        ("public-read", "anonymous", "s3:PutObject", "implicit_deny"),
        ("public-read", "anonymous", "s3:GetObject", "implicit_deny"),
        ("public-read-write", "anonymous", "s3:PutObject", "allowed"),
        ("public-read-write", "anonymous", "s3:DeleteObject", "implicit_deny"),
        ("authenticated-read", "anonymous", "s3:ListBucket", "implicit_deny"),
        ("authenticated-read", STRANGER, "s3:ListBucket", "allowed"),
        ("log-delivery-write", "service:logging.s3.amazonaws.com", "s3:PutObject", "allowed"),
        ("log-delivery-write", "service:config.amazonaws.com", "s3:PutObject", "implicit_deny"),
        ("private", STRANGER, "s3:ListBucket", "implicit_deny"),
        (DOUBT, "anonymous", "s3:ListBucket", "unknown"),
        (None, "anonymous", "s3:ListBucket", "implicit_deny"),
    ],
)
def test_an_acl(acl: str | Unknown | None, principal: str, action: str, answer: str) -> None:
    assert ask(acl=acl, principal=principal, action=action).answer == answer


@pytest.mark.parametrize(
    ("guards", "answer"),
    [
        (Guards(False, False, False), "blocked"),
        (Guards(True, True, False), "blocked"),
        (Guards(True, False, True), "allowed"),
        (Guards(DOUBT, False, False), "unknown"),
        (Guards(DOUBT, True, False), "blocked"),
    ],
)
def test_what_stops_an_acl(guards: Guards, answer: str) -> None:
    assert ask(acl="public-read", guards=guards).answer == answer


def test_a_deny_of_the_policy_binds_what_the_acl_grants() -> None:
    assert ask(policy(Effect="Deny"), "public-read").answer == "explicit_deny"
    doubtful = policy(Effect="Deny", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})
    assert ask(doubtful, "public-read").answer == "allowed", "the key is missing from the request"
    assert ask(DOUBT, "public-read").answer == "unknown"
    assert ask(DOUBT).answer == "unknown"


def test_grants_to_somebody() -> None:
    grants = (Grant(None, "75aa57f09aa0c8caeab4f8c24e99d10f", "FULL_CONTROL"), Grant(None, "owner", "FULL_CONTROL"))

    def answer(principal: str) -> str:
        return decide(None, grants, OPEN, Request(principal, "s3:ListBucket", ARN), OWN).answer

    assert answer("anonymous") == "implicit_deny"
    assert answer(STRANGER) == "unknown", "only AWS knows whose canonical id it is"


def test_every_answer_says_why() -> None:
    for found in (ask(), ask(policy()), ask(acl="public-read"), ask(policy(Effect="Deny")), ask(DOUBT)):
        assert found.reasons
