"""The decision table of "public", row for row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from iacscan.aws.judgements.public import is_public
from iacscan.aws.policies.policy import parse
from iacscan.core import Encoded, Judgement, Reference, Template, Unknown, Value

DOUBT = Unknown("var.x is not set")
BASE = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def judged(*statements: Value, version: Value = "2012-10-17") -> Judgement:
    return is_public(parse(Encoded({"Version": version, "Statement": list(statements)})))


def allow(**changes: Any) -> dict[str, Any]:
    return {**BASE, **changes}


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in allow(**changes).items() if name not in names}


def under(operator: str, key: str, *values: Value) -> dict[str, Any]:
    return allow(Condition={operator: {key: list(values)}})


def attribute(address: str, name: str) -> Unknown:
    return Unknown(references=(Reference(address, (name,)),), exact=True)


PUBLIC = {
    "star": allow(),
    "aws-star": allow(Principal={"AWS": "*"}),
    "list-with-star": allow(Principal={"AWS": ["111122223333", "*"]}),
    "star-key": allow(Principal={"*": "*"}),
    "anonymous-canonical-id": allow(Principal={"CanonicalUser": "65a011a29cdf8ec533ec3d1ccaae921c"}),
    "web-identity-provider": allow(Principal={"Federated": "graph.facebook.com"}),
    "not-principal": without("Principal", NotPrincipal={"AWS": "111122223333"}),
    "not-action": without("Action", NotAction="s3:DeleteBucket"),
    "not-resource": without("Resource", NotResource="arn:aws:s3:::b/private/*"),
    "action-s3-does-not-know": allow(Action="s3:ReadEverything"),
    "narrow-resource": allow(Resource="arn:aws:s3:::b/public/*"),
    "unknown-resource": allow(Resource=DOUBT, Action=DOUBT, Sid=DOUBT),
    "wildcard-among-values": under("StringLike", "aws:SourceVpc", "vpc-1", "vpc-*"),
    "wildcard-beside-a-hole": under("StringLike", "aws:SourceVpc", DOUBT, "vpc-?"),
    "variable": under("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}"),
    "too-broad": under("IpAddress", "aws:SourceIp", "198.51.100.0/24", "0.0.0.0/1"),
    "too-broad-v6": under("IpAddress", "aws:SourceIp", "2001::/31"),
    "too-broad-template": under("IpAddress", "aws:SourceIp", Template((DOUBT, "/7"))),
    "negated-string": under("StringNotEquals", "aws:SourceVpc", "vpc-1"),
    "negated-ip": under("NotIpAddress", "aws:SourceIp", "198.51.100.0/24"),
    "negated-arn": under("ArnNotLike", "aws:SourceArn", "arn:aws:s3:::a"),
    "negated-with-a-hole": under("StringNotEquals", "aws:SourceVpc", DOUBT),
    "if-exists": under("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"),
    "if-exists-organization": under("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1"),
    "for-all-values": under("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1"),
    "null-false": under("Null", "aws:SourceVpce", "false"),
    "referer": under("StringLike", "aws:Referer", "https://example.com/*"),
    "secure-transport": under("Bool", "aws:SecureTransport", "true"),
    "unlisted-key-with-a-hole": under("StringEquals", "s3:prefix", DOUBT),
    "principal-tag": under("StringEquals", "aws:PrincipalTag/team", "a"),
    "access-point-any-account": under("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:*:accesspoint/a"),
    "access-point-no-arn": under("StringLike", "s3:DataAccessPointArn", "*"),
    "org-paths-any": under("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*"),
    "userid-role": under("StringLike", "aws:userid", "AROAEXAMPLEID:*"),
}

NOT_PUBLIC = {
    "deny": allow(Effect="Deny"),
    "deny-with-holes": allow(Effect="Deny", Principal=DOUBT),
    "account-id": allow(Principal={"AWS": "111122223333"}),
    "account-root": allow(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
    "role": allow(Principal={"AWS": ["arn:aws:iam::111122223333:role/r"]}),
    "canonical-user": allow(Principal={"CanonicalUser": "79a59df900b949e5"}),
    "service": allow(Principal={"Service": "logging.s3.amazonaws.com"}),
    "nobody": allow(Principal={"AWS": []}),
    "role-of-this-configuration": allow(Principal={"AWS": attribute("aws_iam_role.r", "arn")}),
    "cloudfront-identity": allow(
        Principal={"AWS": attribute("module.m.aws_cloudfront_origin_access_identity.i[0]", "iam_arn")}
    ),
    "account-in-a-hole": allow(Principal={"AWS": Template(("arn:aws:iam::", DOUBT, ":root"))}),
    "own-account": allow(Principal={"AWS": attribute("data.aws_caller_identity.me", "id")}),
    "source-vpc": under("StringEquals", "aws:SourceVpc", "vpc-1"),
    "source-vpc-of-this-configuration": under("StringEquals", "aws:SourceVpc", attribute("aws_vpc.v", "id")),
    "source-arn": under("ArnLike", "aws:SourceArn", "arn:aws:s3:::a"),
    "source-arn-hole": under("ArnLike", "aws:SourceArn", attribute("aws_s3_bucket.a", "arn")),
    "source-account": under("StringEquals", "aws:SourceAccount", "111122223333"),
    "any-case": under("stringequals", "AWS:sourcevpc", "vpc-1"),
    "like-without-wildcard": under("StringLike", "aws:SourceVpce", "vpce-1"),
    "organization": under("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    "principal-arn": under("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/r"),
    "principal-account": under("StringEquals", "aws:PrincipalAccount", "111122223333"),
    "for-any-value": under("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/"),
    "userid": under("StringEquals", "aws:userid", "AIDAEXAMPLE"),
    "ip": under("IpAddress", "aws:SourceIp", "198.51.100.0/24", "203.0.113.7"),
    "ip-exactly-8": under("IpAddress", "aws:SourceIp", "198.0.0.0/8", "2001:db8::/32"),
    "ip-private": under("IpAddress", "aws:SourceIp", "198.51.100.0/24", "10.0.0.0/8", "172.16.0.0/12"),
    "ip-of-this-configuration": under("IpAddress", "aws:SourceIp", attribute("aws_eip.e", "public_ip")),
    "ip-template": under("IpAddress", "aws:SourceIp", Template((attribute("aws_eip.e", "public_ip"), "/32"))),
    "access-point": under("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:111122223333:accesspoint/*"),
    "access-points-of-this-account": under(
        "ArnLike",
        "s3:DataAccessPointArn",
        Template(("arn:aws:s3:eu-west-1:", attribute("data.aws_caller_identity.me", "account_id"), ":accesspoint/*")),
    ),
    "access-point-account": under("StringEquals", "s3:DataAccessPointAccount", "111122223333"),
    "limit-beside-other-keys": allow(
        Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringLike": {"aws:Referer": "*"}}
    ),
    "limit-beside-a-hole": allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}, "StringLike": DOUBT}),
}

UNDECIDED = {
    "statement": DOUBT,
    "effect": allow(Effect=DOUBT),
    "wrong-effect": allow(Effect="allow"),
    "no-effect": without("Effect"),
    "no-principal": without("Principal"),
    "principal": allow(Principal=DOUBT),
    "principal-text": allow(Principal=Template(("a", DOUBT))),
    "principal-kind": allow(Principal={DOUBT: "*"}),
    "principal-name": allow(Principal={"AWS": DOUBT}),
    "principal-holes-only": allow(Principal={"AWS": Template((DOUBT, DOUBT))}),
    "principal-hole-and-wildcard": allow(Principal={"AWS": Template((DOUBT, "*"))}),
    "canonical-hole": allow(Principal={"CanonicalUser": Template(("a", DOUBT))}),
    "partial-wildcard": allow(Principal={"AWS": "arn:aws:iam::111122223333:user/*"}),
    "not-a-principal": allow(Principal="arn:aws:iam::111122223333:root"),
    "federated-arn": allow(Principal={"Federated": "arn:aws:iam::111122223333:saml-provider/p"}),
    "federated-hole": allow(Principal={"Federated": DOUBT}),
    "condition": allow(Condition=DOUBT),
    "condition-no-object": allow(Condition="x"),
    "condition-operator": allow(Condition={DOUBT: {"aws:SourceVpc": "vpc-1"}}),
    "condition-keys": allow(Condition={"StringEquals": DOUBT}),
    "condition-key": allow(Condition={"StringEquals": {Template(("aws:", DOUBT)): "x"}}),
    "operator-that-does-not-exist": under("StringIs", "aws:SourceVpc", "vpc-1"),
    "value": under("StringEquals", "aws:SourceVpc", DOUBT),
    "value-template": under("StringLike", "aws:SourceArn", Template(("arn:aws:s3:::", DOUBT))),
    "no-values": under("StringEquals", "aws:SourceVpc"),
    "undocumented-operator": under("StringEquals", "aws:SourceIp", "203.0.113.7"),
    "undocumented-operator-2": under("IpAddress", "aws:SourceVpc", "203.0.113.7"),
    "unlisted-limiting-key": under("StringEquals", "aws:SourceOrgID", "o-1"),
    "escaped-wildcard": under("StringLike", "aws:SourceVpc", "vpc-${*}"),
    "ip-hole": under("IpAddress", "aws:SourceIp", DOUBT),
    "ip-hole-16": under("IpAddress", "aws:SourceIp", Template((DOUBT, "/16"))),
    "ip-hole-length": under("IpAddress", "aws:SourceIp", Template(("198.51.100.0/", DOUBT))),
    "ip-nonsense": under("IpAddress", "aws:SourceIp", "everywhere"),
    "if-exists-always-there": under("IpAddressIfExists", "aws:SourceIp", "198.51.100.0/24"),
    "if-exists-required": allow(
        Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "Null": {"aws:SourceVpc": "false"}}
    ),
    "if-exists-perhaps-required": allow(
        Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "Null": {"aws:SourceVpc": DOUBT}}
    ),
    "if-exists-beside-a-hole": allow(
        Condition={
            "StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"},
            "Null": {"aws:SourceVpce": "false"},
            DOUBT: DOUBT,
        }
    ),
    "org-paths-wildcard": under("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*"),
    "org-paths-hole": under("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", Template((DOUBT, "/*"))),
    "access-point-hole": under("StringLike", "s3:DataAccessPointArn", Template(("arn:aws:s3:*:", DOUBT))),
    "access-point-region": under("StringLike", "s3:DataAccessPointArn", "arn:aws:s3:*:111122223333:accesspoint/a"),
}


@pytest.mark.parametrize("name", PUBLIC)
def test_public(name: str) -> None:
    judgement = judged(PUBLIC[name])
    assert judgement.value is True
    (evidence,) = judgement.evidence
    assert evidence.text.startswith(("Statement #0 allows", "Statement known"))


@pytest.mark.parametrize("name", NOT_PUBLIC)
def test_not_public(name: str) -> None:
    judgement = judged(NOT_PUBLIC[name])
    assert judgement.value is False
    assert judgement.evidence


@pytest.mark.parametrize("name", UNDECIDED)
def test_undecided(name: str) -> None:
    judgement = judged(UNDECIDED[name])
    assert isinstance(judgement.value, Unknown)
    assert judgement.evidence


@pytest.mark.parametrize("name", [*NOT_PUBLIC, *UNDECIDED])
def test_one_public_statement_makes_the_policy_public(name: str) -> None:
    other = NOT_PUBLIC.get(name, UNDECIDED.get(name))
    judgement = judged(other, allow(Sid="Open"))
    assert judgement.value is True
    assert judgement.evidence[0].text == 'Statement "Open" allows everyone without any condition.'


def test_a_deny_does_not_make_it_less_public() -> None:
    deny = allow(Effect="Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})
    assert judged(allow(), deny).value is True


def test_evidence_names_statement_and_condition() -> None:
    text = judged(under("IpAddress", "aws:SourceIp", "0.0.0.0/0")).evidence[0].text
    assert text == (
        "Statement #0 allows everyone, and no condition limits that: IpAddress aws:SourceIp names a range "
        "broader than /8 (IPv4) or /32 (IPv6) (0.0.0.0/0)."
    )
    text = judged({**under("StringEquals", "aws:SourceVpc", "vpc-1"), "Sid": "Vpc"}).evidence[0].text
    assert text == 'Statement "Vpc" allows everyone, but only with StringEquals aws:SourceVpc.'
    text = judged(under("StringEquals", "aws:SourceVpc", Template(("vpc-", DOUBT)))).evidence[0].text
    assert text == "Statement #0 may allow everyone: StringEquals aws:SourceVpc: depends on var.x is not set."
    assert judged(allow(Principal={"AWS": "111122223333"})).evidence[0].text == (
        "No statement of the policy allows everyone."
    )
    text = judged(allow(Principal={"Federated": "graph.facebook.com"})).evidence[0].text
    assert text == "Statement #0 allows Federated graph.facebook.com without any condition."


@pytest.mark.parametrize(
    ("version", "value"),
    [("2012-10-17", True), ("2008-10-17", False), (None, False), (DOUBT, DOUBT)],
)
def test_variables_count_only_in_the_newer_version(version: Value, value: Any) -> None:
    statement = under("StringEquals", "aws:SourceVpc", "${aws:PrincipalTag/vpc}")
    assert judged(statement, version=version).value == value


def test_no_policy_at_all() -> None:
    assert is_public(DOUBT).value == DOUBT
    unreadable = is_public(parse("{"))
    assert isinstance(unreadable.value, Unknown)
    assert "not valid JSON" in unreadable.evidence[0].text
    assert judged().value is False


def test_single_statement_and_scalar_forms() -> None:
    assert is_public(parse(json.dumps({"Statement": BASE}))).value is True
