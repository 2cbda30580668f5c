"""What denies plain HTTP, and every near miss."""

from __future__ import annotations

from typing import Any

import pytest

from iacscan.aws.judgements.transport import denies_plain_http
from iacscan.aws.policies.policy import parse
from iacscan.core import Encoded, Judgement, Reference, Template, Unknown, Value

DOUBT = Unknown("var.x is not set")
ARN = "arn:aws:s3:::b"
PARTITION = Unknown(references=(Reference("data.aws_partition.p", ("partition",)),), exact=True)
ROLE = Unknown(references=(Reference("aws_iam_role.r", ("arn",)),), exact=True)
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
BASE = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": PLAIN,
}


def judged(*statements: Value, arn: str = ARN) -> Judgement:
    return denies_plain_http(parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)})), arn)


def deny(*left_out: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**BASE, **changes}.items() if name not in left_out}


ENFORCED = {
    "plain": [deny()],
    "aws-star": [deny(Principal={"AWS": "*"})],
    "star-in-list": [deny(Principal={"AWS": ["*", DOUBT]})],
    "action-star": [deny(Action="*")],
    "action-case": [deny(Action=["s3:GetObject", "S3:*"])],
    "action-odd-wildcards": [deny(Action="s3:?*")],
    "one-resource": [deny(Resource=f"{ARN}*")],
    "all-resources": [deny(Resource="*")],
    "other-partition": [deny(Resource=["arn:aws-us-gov:s3:::b", "arn:aws-us-gov:s3:::b/*"])],
    "partition-hole": [deny(Resource=[Template(("arn:", PARTITION, f":s3:::b{tail}")) for tail in ("", "/*")])],
    "if-exists": [deny(Condition={"BoolIfExists": {"AWS:securetransport": ["false"]}})],
    "json-false": [deny(Condition={"Bool": {"aws:SecureTransport": False}})],
    "both-values": [deny(Condition={"Bool": {"aws:SecureTransport": ["true", "false", DOUBT]}})],
    "no-condition": [deny("Condition")],
    "null-false": [deny(Condition={"Null": {"aws:SecureTransport": "false"}})],
    "tls-floor-if-exists": [deny(Condition={"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}})],
    "split-by-resource": [deny(Resource=ARN), deny(Resource=f"{ARN}/*")],
    "split-by-form": [deny(Resource=ARN, Action="*"), deny("Resource", NotResource=ARN)],
    "not-action-of-another-service": [deny("Action", NotAction="iam:*")],
    "not-action-complemented": [deny("Action", NotAction="s3:GetObject"), deny(Action="s3:Get*")],
    "not-action-complemented-by-pattern": [deny("Action", NotAction="s3:Get*"), deny(Action="S3:Get*")],
    "not-resource-elsewhere": [deny("Resource", NotResource="arn:aws:s3:::c/*")],
    "unknown-beside": [deny(), DOUBT, deny(Effect=DOUBT)],
    "allow-beside": [{**deny(), "Effect": "Allow", "Principal": {"AWS": "111122223333"}}, deny()],
}

NOT_ENFORCED = {
    "nothing": ([], "No statement denies"),
    "allow": ([deny(Effect="Allow", Condition={"Bool": {"aws:SecureTransport": "true"}})], "it is an Allow"),
    "objects-only": ([deny(Resource=f"{ARN}/*")], "it leaves out the bucket"),
    "bucket-only": ([deny(Resource=ARN)], "it leaves out its objects"),
    "prefix-only": ([deny(Resource=[ARN, f"{ARN}/a*"])], "it leaves out its objects"),
    "other-bucket": ([deny(Resource=["arn:aws:s3:::c", "arn:aws:s3:::c/*"])], "it leaves out the bucket"),
    "one-action": ([deny(Action="s3:PutObject")], "it does not cover all s3 actions"),
    "many-actions": ([deny(Action=["s3:Get*", "s3:Put*"])], "it does not cover all s3 actions"),
    "not-action": ([deny("Action", NotAction="s3:GetObject")], "it does not cover all s3 actions"),
    "not-action-not-complemented": (
        [deny("Action", NotAction="s3:Get*"), deny(Action="s3:GetObject")],
        "it does not cover all s3 actions",
    ),
    "no-action": ([deny("Action")], "it does not cover all s3 actions"),
    "true": (
        [deny(Condition={"Bool": {"aws:SecureTransport": "true"}})],
        "denies HTTPS, not plain HTTP",
    ),
    "null-true": ([deny(Condition={"Null": {"aws:SecureTransport": "true"}})], 'is not "false"'),
    "one-principal": ([deny(Principal={"AWS": "111122223333"})], "it does not apply to all principals"),
    "one-role": ([deny(Principal={"AWS": ROLE})], "it does not apply to all principals"),
    "service": ([deny(Principal={"Service": "*"})], "it does not apply to all principals"),
    "template-principal": ([deny(Principal={"AWS": Template(("arn:", DOUBT))})], "it does not apply to all"),
    "not-principal": ([deny("Principal", NotPrincipal={"AWS": "111122223333"})], "it does not apply to all"),
    "extra-condition": (
        [deny(Condition={**PLAIN, "StringEquals": {"aws:SourceVpc": "vpc-1"}})],
        "StringEquals aws:SourceVpc limits it further",
    ),
    "tls-floor": ([deny(Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})], "has no TLS version"),
    "not-resource": ([deny("Resource", NotResource=f"{ARN}/public/*")], "it leaves out its objects"),
    "no-resource": ([deny("Resource")], "it leaves out the bucket"),
    "unconditional-but-limited": ([deny("Condition", Action="s3:DeleteBucket")], "it does not cover all"),
    "halves-that-do-not-meet": (
        [deny(Resource=ARN), deny(Resource=f"{ARN}/*", Principal={"AWS": "111122223333"})],
        "it leaves out its objects",
    ),
}

EVERY_LETTER = [f"s3:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]

UNDECIDED = {
    "every-known-action": [deny(Action=EVERY_LETTER)],
    "every-known-action-in-parts": [deny(Action=EVERY_LETTER[:10]), deny(Action=EVERY_LETTER[10:])],
    "statement": [DOUBT],
    "effect": [deny(Effect=DOUBT)],
    "principal": [deny(Principal=DOUBT)],
    "principal-kind": [deny(Principal={DOUBT: "*"})],
    "principal-name": [deny(Principal={"AWS": DOUBT})],
    "action": [deny(Action=DOUBT)],
    "action-template": [deny(Action=Template(("s3:", DOUBT)))],
    "not-action": [deny("Action", NotAction=DOUBT)],
    "not-action-complement": [deny("Action", NotAction="s3:GetObject"), deny(Action=DOUBT)],
    "resource": [deny(Resource=DOUBT)],
    "resource-half": [deny(Resource=[ARN, Template((DOUBT, "/*"))])],
    "partition-of-nobody": [deny(Resource=Template(("arn:", DOUBT, ":s3:::b*")))],
    "not-resource": [deny("Resource", NotResource=DOUBT)],
    "variable": [deny(Resource=[ARN, f"{ARN}/${{aws:username}}*"])],
    "condition": [deny(Condition=DOUBT)],
    "condition-value": [deny(Condition={"Bool": {"aws:SecureTransport": DOUBT}})],
    "condition-key": [deny(Condition={"Bool": {DOUBT: "false"}})],
    "text-comparison": [deny(Condition={"StringEquals": {"aws:SecureTransport": "false"}})],
    "wrong-operator": [deny(Condition={"Boolean": {"aws:SecureTransport": "false"}})],
    "tls-version-null": [deny(Condition={"Null": {"s3:TlsVersion": "true"}})],
}


@pytest.mark.parametrize("name", ENFORCED)
def test_enforced(name: str) -> None:
    judgement = judged(*ENFORCED[name])
    assert judgement.value is True
    assert judgement.evidence[0].text.endswith("every request over plain HTTP.")
    assert "Statement #" in judgement.evidence[0].text


@pytest.mark.parametrize("name", NOT_ENFORCED)
def test_not_enforced(name: str) -> None:
    statements, missing = NOT_ENFORCED[name]
    judgement = judged(*statements)
    assert judgement.value is False
    assert missing in judgement.evidence[0].text + judgement.evidence[-1].text


@pytest.mark.parametrize("name", UNDECIDED)
def test_undecided(name: str) -> None:
    judgement = judged(*UNDECIDED[name])
    assert isinstance(judgement.value, Unknown)
    assert judgement.evidence


def test_partition_of_the_bucket_does_not_matter() -> None:
    assert judged(deny(), arn="arn:aws-cn:s3:::b").value is True


def test_evidence_names_the_statements() -> None:
    judgement = judged(deny(Sid="Bucket", Resource=ARN), deny(Sid="Objects", Resource=f"{ARN}/*"))
    assert judgement.evidence[0].text == (
        'Statement "Bucket" and Statement "Objects" together deny every request over plain HTTP.'
    )


def test_no_policy_at_all() -> None:
    assert denies_plain_http(DOUBT, ARN).value == DOUBT
    unreadable = denies_plain_http(parse("[]"), ARN)
    assert isinstance(unreadable.value, Unknown)
