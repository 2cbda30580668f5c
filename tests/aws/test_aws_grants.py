"""Judgements on single grants: addresses, MFA, services, accounts, breadth."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.judgements.accounts import account_of
from iacscan.aws.judgements.breadth import has_unrestricted_access, has_wildcard_actions
from iacscan.aws.judgements.deputy import has_confused_deputy
from iacscan.aws.judgements.mfa import MOST_TWINS, has_ineffective_mfa_condition
from iacscan.aws.judgements.named import named_accounts
from iacscan.aws.judgements.public import is_public
from iacscan.aws.judgements.source_ip import has_ineffective_source_ip
from iacscan.aws.judgements.transport import denies_plain_http
from iacscan.aws.judgements.validity import is_valid
from iacscan.aws.policies.policy import Policy, parse
from iacscan.aws.policies.simulate import Outcome, Request, simulate
from iacscan.core import Encoded, Evidence, Judgement, Reference, Template, Unknown, Value

DOUBT = Unknown("var.x is not set")
ARN = "arn:aws:s3:::b"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/r"
BASE = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}

Judge = Callable[[Policy | Unknown], Judgement]


def attribute(address: str, name: str) -> Unknown:
    return Unknown(references=(Reference(address, (name,)),), exact=True)


def statement(*left_out: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**BASE, **changes}.items() if name not in left_out}


def under(operator: Any, key: Any, *values: Value, **changes: Any) -> dict[str, Any]:
    return statement(Condition={operator: {key: list(values)}}, **changes)


def parsed(*statements: Value) -> Policy | Unknown:
    return parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)}))


def value_of(judgement: Judgement) -> bool | None:
    assert judgement.evidence
    return None if isinstance(judgement.value, Unknown) else judgement.value


def holder(hole: Unknown) -> str | Unknown | None:
    """Resources called ``far`` are of another account, and of those called ``perhaps`` nobody knows."""
    return "444455556666" if ".far" in str(hole) else DOUBT if ".perhaps" in str(hole) else None


def names_another_account(policy: Policy | Unknown) -> Judgement:
    named = named_accounts(policy, "111122223333", holder)
    doubts = [item.name for item in named if isinstance(item.name, Unknown)]
    value = True if len(doubts) < len(named) else doubts[0] if doubts else False
    return Judgement(value, tuple(Evidence(item.text) for item in named) or (Evidence("no account is named"),))


JUDGES: list[Judge] = [
    has_ineffective_source_ip,
    has_ineffective_mfa_condition,
    has_confused_deputy,
    names_another_account,
    has_unrestricted_access,
    has_wildcard_actions,
]


def ip(*values: Value, operator: Any = "IpAddress") -> dict[str, Any]:
    return under(operator, "aws:SourceIp", *values)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (ip("203.0.113.0/24"), False),
        (ip("10.230.145.0/24"), True),
        (ip("203.0.113.0/24", "192.168.1.1"), True),
        (ip("169.254.169.254/32"), True),
        (ip("100.64.0.0/10"), True),
        (ip("127.0.0.1"), True),
        (ip("fd00::/8"), True),
        (ip("fe80::1"), True),
        (ip("8.0.0.0/6"), False),
        (ip("0.0.0.0/0"), True),
        (ip("::/0"), True),
        (ip("0.0.0.0/1", "128.0.0.0/1"), True),
        (ip("10.230.145.1/30", operator="NotIpAddress"), True),
        (ip("nonsense"), False),
        (ip(DOUBT), None),
        (ip(DOUBT, "10.0.0.0/8"), True),
        (ip(Template((DOUBT, "/32"))), None),
        (ip(attribute("aws_eip.e", "public_ip")), False),
        (ip(Template((attribute("aws_eip.e", "public_ip"), "/32"))), False),
        (ip(Template((attribute("aws_instance.i", "private_ip"), "/32"))), True),
        (ip(Template((attribute("aws_eip.e", "public_ip"), "/0"))), None),
        (ip(attribute("aws_vpc.v", "cidr_block")), True),
        (ip("10.0.0.0/8", operator=DOUBT), None),
        (ip("10.0.0.0/8", operator="StringEquals"), False),
        (ip("10.0.0.0/8", operator="IpIs"), False),
        (under("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"), False),
        (under("IpAddress", DOUBT, "10.0.0.0/8"), None),
    ],
)
def test_source_ip(policy: Value, expected: bool | None) -> None:
    assert value_of(has_ineffective_source_ip(parsed(policy))) is expected


def test_source_ip_says_what_a_sloppy_range_means() -> None:
    (evidence,) = has_ineffective_source_ip(parsed(ip("10.230.145.1/30", operator="NotIpAddress"))).evidence
    assert evidence.text == (
        "Statement #0: NotIpAddress aws:SourceIp 10.230.145.1/30 (which means 10.230.145.0/30) never matches: "
        "private addresses are not what AWS sees of a caller."
    )


PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"


def deny(operator: Any, key: Any, *values: Value, **changes: Any) -> dict[str, Any]:
    return under(operator, key, *values, **{"Effect": "Deny", **changes})


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([deny("Null", AGE, "true")], False),
        ([deny("BoolIfExists", PRESENT, "false")], False),
        ([deny("NumericGreaterThanIfExists", AGE, "3600")], False),
        ([deny("Bool", PRESENT, "false")], True),
        ([deny("Bool", PRESENT, "true")], True),
        ([deny("NumericGreaterThan", AGE, "3600")], True),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True)], False),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True, Action="s3:*", Resource="*")], False),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True, Action="s3:PutObject")], True),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True, Resource=ARN)], True),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True, Principal={"AWS": ROOT})], True),
        ([deny("NumericGreaterThan", AGE, "3600"), under("Null", AGE, "true")], True),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", "aws:SourceVpc", "true")], True),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True, Resource=[DOUBT])], None),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", AGE, True, Effect=DOUBT)], None),
        ([deny("NumericGreaterThan", AGE, "3600"), DOUBT], None),
        ([deny("NumericGreaterThan", AGE, "3600"), deny("Null", DOUBT, True)], None),
        ([deny("NumericGreaterThan", AGE, "3600", Resource=DOUBT), deny("Null", AGE, True)], None),
        (
            [
                deny("Bool", PRESENT, "false", NotAction=["iam:*"], Action=None),
                deny("Null", AGE, "true", NotAction=[DOUBT], Action=None),
            ],
            None,
        ),
        ([deny("Null", PRESENT, "true")], True),
        ([deny("Null", PRESENT, "true"), deny("Bool", PRESENT, "false")], False),
        ([deny(DOUBT, PRESENT, "false")], None),
        ([deny("Bool", PRESENT, DOUBT)], True),
        ([deny("BoolIfExists", PRESENT, DOUBT)], None),
        ([deny("Bool", DOUBT, "false")], None),
        ([under("Bool", PRESENT, "true")], False),
        ([under("BoolIfExists", PRESENT, "true")], True),
        ([under("NumericLessThan", AGE, "3600")], False),
        ([under("NumericLessThanIfExists", AGE, "3600")], True),
        ([under("Null", AGE, "false")], False),
        ([under("Null", PRESENT, "false")], True),
        ([under("Bool", PRESENT, "false")], False),
        ([under("Bool", PRESENT, DOUBT)], None),
        ([under("BoolIfExists", PRESENT, "true", Effect=DOUBT)], None),
        ([statement()], False),
    ],
)
def test_mfa(statements: list[Value], expected: bool | None) -> None:
    assert value_of(has_ineffective_mfa_condition(parsed(*statements))) is expected


def test_mfa_says_whom_it_misses() -> None:
    (evidence,) = has_ineffective_mfa_condition(parsed(deny("Bool", PRESENT, "false", Sid="Mfa"))).evidence
    assert evidence.text == (
        'Statement "Mfa" means to deny access without MFA, but Bool aws:MultiFactorAuthPresent does not stop '
        "requests signed with a long-term key, or not signed."
    )


SERVICE = {"Service": "cloudtrail.amazonaws.com"}
REGION = attribute("data.aws_region.r", "id")
ACCOUNT = attribute("data.aws_caller_identity.c", "account_id")


def sourced(*parts: str | Unknown) -> Template:
    return Template(parts)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement(Principal=SERVICE), True),
        (statement(Principal=SERVICE, Effect="Deny"), False),
        (statement(Principal=SERVICE, Effect=DOUBT), None),
        (statement(Principal={DOUBT: "cloudtrail.amazonaws.com"}), None),
        (statement(), False),
        (under("StringEquals", "aws:SourceAccount", "111122223333", Principal=SERVICE), False),
        (under("StringEquals", "AWS:SourceOrgID", "o-a1b2c3d4e5", Principal=SERVICE), False),
        (under("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control", Principal=SERVICE), True),
        (under("StringNotEquals", "aws:SourceAccount", "111122223333", Principal=SERVICE), True),
        (under("StringLike", "aws:SourceAccount", "*", Principal=SERVICE), True),
        (under("StringEquals", "aws:SourceAccount", Principal=SERVICE), True),
        (under("StringEquals", "aws:SourceAccount", DOUBT, Principal=SERVICE), None),
        (
            under(
                "StringEquals",
                "aws:SourceAccount",
                attribute("data.aws_caller_identity.c", "account_id"),
                Principal=SERVICE,
            ),
            False,
        ),
        (under("StringEqualsIfExists", "aws:SourceAccount", "111122223333", Principal=SERVICE), None),
        (under("StringEquals", DOUBT, "111122223333", Principal=SERVICE), None),
        (under("ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:111122223333:trail/*", Principal=SERVICE), False),
        (under("ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:*:trail/*", Principal=SERVICE), True),
        (under("ArnLike", "aws:SourceArn", "arn:aws:s3:::app-*", Principal=SERVICE), True),
        (under("ArnLike", "aws:SourceArn", "arn:aws:s3:::app-eu/*", Principal=SERVICE), False),
        (under("ArnLike", "aws:SourceArn", sourced("arn:aws:sns:", REGION, ":*:*"), Principal=SERVICE), True),
        (
            under("ArnLike", "aws:SourceArn", sourced("arn:aws:sns:", REGION, ":111122223333:*"), Principal=SERVICE),
            False,
        ),
        (
            under("ArnLike", "aws:SourceArn", sourced("arn:aws:sns:", DOUBT, ":111122223333:*"), Principal=SERVICE),
            False,
        ),
        (under("ArnLike", "aws:SourceArn", sourced("arn:aws:sns:", DOUBT, ":*:*"), Principal=SERVICE), None),
        (under("ArnLike", "aws:SourceArn", sourced("arn:aws:sns:*:", ACCOUNT, ":*"), Principal=SERVICE), False),
        (under("ArnLike", "aws:SourceArn", sourced(attribute("aws_s3_bucket.b", "arn"), "*"), Principal=SERVICE), True),
        (
            under("ArnLike", "aws:SourceArn", sourced(attribute("aws_s3_bucket.b", "arn"), "/*"), Principal=SERVICE),
            False,
        ),
        (
            under("ArnLike", "aws:SourceArn", sourced(attribute("aws_sns_topic.t", "arn"), "*"), Principal=SERVICE),
            False,
        ),
        (under("StringEquals", "aws:SourceAccount", "${aws:ResourceAccount}", Principal=SERVICE), False),
        (under("StringEquals", "aws:SourceAccount", "${aws:SourceAccount}", Principal=SERVICE), True),
        (under("Bool", "aws:PrincipalIsAWSService", "true"), True),
        (under("Bool", "aws:PrincipalIsAWSService", "false"), False),
        (under("Bool", "aws:PrincipalIsAWSService", DOUBT), None),
        (under("BoolIfExists", "aws:PrincipalIsAWSService", "true"), False),
        (under("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com"), True),
        (under("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com", Principal={"AWS": ROLE}), False),
        (under("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", "cloudtrail.amazonaws.com"), True),
        (
            statement(
                Condition={
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                    "StringEquals": {"aws:SourceAccount": "111122223333"},
                }
            ),
            False,
        ),
        (under("ArnLike", "aws:SourceArn", "arn:aws:s3:::*", Principal=SERVICE), True),
        (under("ArnLike", "aws:SourceArn", "*", Principal=SERVICE), True),
        (under("ArnLike", "aws:SourceArn", attribute("aws_s3_bucket.b", "arn"), Principal=SERVICE), False),
        (under("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-a1b2c3d4e5/*", Principal=SERVICE), False),
        (under("ForAnyValue:StringLike", "aws:SourceOrgPaths", "*", Principal=SERVICE), True),
    ],
)
def test_confused_deputy(policy: Value, expected: bool | None) -> None:
    assert value_of(has_confused_deputy(parsed(policy))) is expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement(), False),
        (statement(Principal={"AWS": ROOT}), False),
        (statement(Principal={"AWS": ["111122223333", "444455556666"]}), True),
        (statement(Principal={"AWS": "arn:aws:sts::444455556666:assumed-role/r/s"}), True),
        (statement(Principal={"AWS": "444455556666"}, Effect="Deny"), False),
        (statement(Principal={"AWS": "444455556666"}, Effect=DOUBT), None),
        (statement(Principal={"AWS": "AIDAEXAMPLE123456789"}), None),
        (statement(Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}), False),
        (statement(Principal={"AWS": DOUBT}), None),
        (statement(Principal={DOUBT: "444455556666"}), None),
        (statement(Principal={"AWS": attribute("aws_iam_role.r", "arn")}), False),
        (statement(Principal={"AWS": attribute("aws_iam_role.far", "arn")}), True),
        (statement(Principal={"AWS": attribute("aws_iam_role.perhaps", "arn")}), None),
        (statement(Principal={"AWS": attribute("data.aws_caller_identity.far", "id")}), True),
        (statement(Principal={"AWS": attribute("data.aws_caller_identity.perhaps", "account_id")}), None),
        (under("StringEquals", "aws:PrincipalAccount", attribute("data.aws_caller_identity.far", "account_id")), True),
        (statement(Principal={"AWS": attribute("aws_cloudfront_origin_access_identity.far", "iam_arn")}), False),
        (statement(Principal={"CanonicalUser": attribute("data.aws_canonical_user_id.far", "id")}), True),
        (statement(Principal={"AWS": Template(("arn:aws:iam::444455556666:role/", DOUBT))}), True),
        (statement(Principal={"AWS": Template(("arn:aws:iam::111122223333:role/", DOUBT))}), False),
        (statement(Principal={"AWS": Template(("arn:aws:iam::", DOUBT, ":root"))}), None),
        (statement(Principal={"AWS": Template(("arn:", DOUBT, ":iam::444455556666:root"))}), True),
        (
            statement(
                Principal={
                    "AWS": Template(("arn:aws:iam::", attribute("data.aws_caller_identity.c", "account_id"), ":root"))
                }
            ),
            False,
        ),
        (
            statement(
                Principal={
                    "AWS": Template(("arn:aws:iam::", attribute("data.aws_caller_identity.far", "account_id"), ":root"))
                }
            ),
            True,
        ),
        (
            statement(Principal={"AWS": Template(("arn:aws:iam::", attribute("aws_iam_role.r", "id"), ":root"))}),
            None,
        ),
        (statement(Principal={"AWS": Template((DOUBT, "-suffix"))}), None),
        (statement(Principal={"CanonicalUser": "79a59df900b949e5"}), None),
        (statement(Principal={"CanonicalUser": "65a011a29cdf8ec533ec3d1ccaae921c"}), False),
        (
            statement(
                Principal={
                    "CanonicalUser": attribute("aws_cloudfront_origin_access_identity.i", "s3_canonical_user_id")
                }
            ),
            False,
        ),
        (statement(Principal=SERVICE), False),
        (under("StringEquals", "aws:PrincipalAccount", "444455556666"), True),
        (under("ArnLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:role/*"), True),
        (under("StringNotEquals", "aws:PrincipalAccount", "444455556666"), False),
        (under("StringEquals", "s3:DataAccessPointAccount", "444455556666"), True),
        (under("StringEquals", "s3:DataAccessPointAccount", "444455556666", Principal={"AWS": ROOT}), False),
        (under("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:444455556666:accesspoint/*"), True),
        (under("ArnLike", "s3:DataAccessPointArn", attribute("aws_s3_access_point.a", "arn")), False),
        (under("ArnLike", "s3:DataAccessPointArn", sourced("arn:aws:s3:", DOUBT, ":444455556666:accesspoint/*")), True),
        (under("StringEquals", "aws:VpceAccount", "444455556666"), True),
        (under("StringEquals", "aws:VpceAccount", "111122223333"), False),
        (statement(Principal={"Federated": "arn:aws:iam::444455556666:saml-provider/x"}), True),
        (statement(Principal={"Federated": "arn:aws:iam::111122223333:saml-provider/x"}), False),
        (statement(Principal={"Federated": attribute("aws_iam_saml_provider.far", "arn")}), True),
        (under("StringEquals", "aws:SourceVpc", "vpc-1"), False),
        (under(DOUBT, "aws:PrincipalAccount", "444455556666"), None),
        (under("StringEquals", DOUBT, "444455556666"), None),
    ],
)
def test_foreign_accounts(policy: Value, expected: bool | None) -> None:
    assert value_of(names_another_account(parsed(policy))) is expected


def test_account_of() -> None:
    assert account_of("111122223333") == account_of(ROLE) == "111122223333"
    assert account_of("arn:aws:iam::cloudfront:user/x") is None
    assert account_of("*") is None


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement(), True),
        (statement(Effect="Deny"), False),
        (statement(Effect=DOUBT), None),
        (statement(Principal={"AWS": ROLE}), False),
        (statement(Principal=DOUBT), None),
        (under("StringEquals", "aws:SourceVpc", "vpc-1"), False),
        (under("StringEquals", "aws:SourceOrgID", "o-a1b2c3d4e5"), False),
        (under("StringEquals", "aws:SourceOrgID", "o-*"), True),
        (under("StringEquals", "aws:SourceOrgID", DOUBT), None),
        (under("Bool", "aws:PrincipalIsAWSService", "true"), False),
        (under("Bool", "aws:PrincipalIsAWSService", "false"), True),
        (under("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), False),
        (under("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/r"), True),
        (under("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:eu-west-1:111122223333:vpc/*"), False),
        (
            under("ArnLike", "aws:PrincipalArn", sourced("arn:aws:iam::*:role/", attribute("aws_iam_role.r", "id"))),
            True,
        ),
        (under("ArnLike", "aws:PrincipalArn", sourced("arn:aws:iam::", ACCOUNT, ":role/*")), False),
        (under("ArnLike", "aws:PrincipalArn", sourced("arn:aws:iam::", DOUBT, ":role/*")), None),
        (under("ArnLike", "aws:SourceArn", "arn:aws:s3:::app-*"), True),
        (under("StringLike", "aws:userid", sourced(attribute("aws_iam_role.r", "unique_id"), ":*")), False),
        (
            under(
                "ForAnyValue:StringLike",
                "aws:PrincipalOrgPaths",
                sourced(attribute("data.aws_organizations_organization.o", "id"), "/*"),
            ),
            False,
        ),
        (under("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"), False),
        (under("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalOrgID}"), True),
        (statement(Principal={"Federated": "arn:aws:iam::444455556666:saml-provider/x"}), False),
        (statement(Principal={"Federated": attribute("aws_iam_saml_provider.p", "arn")}), False),
        (statement(Principal={"Federated": ["arn:aws:iam::444455556666:saml-provider/x", "graph.facebook.com"]}), True),
        (statement(Principal={"Federated": DOUBT}), None),
        (under("StringLike", "aws:userid", "AROAEXAMPLE123456789:*"), False),
        (under("StringLike", "aws:userid", "*"), True),
        (under("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*"), False),
        (under("StringEqualsIfExists", "aws:SourceVpc", "vpc-1"), True),
        (under("StringEqualsIfExists", "aws:PrincipalAccount", "111122223333"), False),
        (under("StringNotEquals", "aws:SourceOrgID", "o-a1b2c3d4e5"), True),
        (under("StringEquals", "aws:SourceOrgID"), None),
        (under("StringIs", "aws:SourceOrgID", "o-a1b2c3d4e5"), None),
        (under("StringLike", "aws:Referer", "https://example.com/*"), True),
        (
            statement(
                Condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}, "Null": {"aws:SourceVpc": "false"}}
            ),
            False,
        ),
        (under("StringEquals", "aws:PrincipalServiceName", attribute("aws_x.y", "id")), False),
    ],
)
def test_unrestricted_access(policy: Value, expected: bool | None) -> None:
    assert value_of(has_unrestricted_access(parsed(policy))) is expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (statement(), False),
        (statement(Action="s3:*"), True),
        (statement(Action="*", Principal={"AWS": ROLE}), True),
        (statement(Action="s3:*", Principal={"AWS": ROOT}), False),
        (statement(Action="s3:*", Principal={"AWS": ["111122223333", ROOT]}), False),
        (statement(Action="s3:*", Principal={"AWS": [ROOT, ROLE]}), True),
        (statement(Action="s3:*", Principal=SERVICE), True),
        (statement(Action="s3:*", Effect="Deny"), False),
        (statement(Action=DOUBT), None),
        (statement("Action", NotAction="iam:*"), True),
        (statement("Action", NotAction="s3:DeleteBucket"), False),
        (statement("Principal", NotPrincipal={"AWS": ROOT}, Action="s3:*"), True),
        (statement(Action="s3:*", Principal={DOUBT: ROOT}), None),
        (statement(Action="s3:*", Principal={"AWS": DOUBT}), None),
        (statement(Action="s3:*", Principal={"AWS": attribute("data.aws_caller_identity.c", "account_id")}), False),
        (statement(Action="s3:*", Principal={"AWS": attribute("aws_iam_role.r", "arn")}), True),
        (statement(Action="s3:*", Principal={"AWS": Template(("arn:aws:iam::", DOUBT, ":root"))}), False),
        (statement(Action="s3:*", Principal={"AWS": Template(("arn:aws:iam::", DOUBT, ":role/r"))}), True),
        (statement(Action="s3:*", Principal={"AWS": Template(("arn:aws:iam::1:role/", DOUBT))}), True),
        (statement(Action="s3:*", Principal={"AWS": Template(("arn:aws:iam::1:", DOUBT))}), None),
        (statement(Action="s3:*", Principal={"AWS": Template(("arn:aws:iam::1:ro", DOUBT))}), None),
        (statement(Action="s3:*", Principal={"AWS": Template(("1", DOUBT))}), None),
    ],
)
def test_wildcard_actions(policy: Value, expected: bool | None) -> None:
    assert value_of(has_wildcard_actions(parsed(policy))) is expected


@pytest.mark.parametrize("judge", JUDGES)
def test_no_policy_at_all(judge: Judge) -> None:
    assert judge(DOUBT).value == DOUBT
    assert isinstance(judge(parse("{")).value, Unknown)
    assert isinstance(judge(parsed(DOUBT)).value, Unknown)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [entry for key, item in inner for entry in [(*path, key), *_paths(item, (*path, key))]]


_STATEMENTS = st.builds(
    lambda effect, principal, action, condition: statement(
        Effect=effect, Principal=principal, Action=action, Condition={condition[0]: {condition[1]: condition[2]}}
    ),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["*", {"AWS": [ROOT]}, {"AWS": [ROLE, "444455556666"]}, SERVICE]),
    st.sampled_from(["s3:*", ["s3:GetObject", "s3:PutObject"]]),
    st.sampled_from(
        [
            ("Bool", PRESENT, ["false"]),
            ("BoolIfExists", PRESENT, ["true"]),
            ("Null", AGE, ["true"]),
            ("NumericGreaterThan", AGE, ["3600"]),
            ("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]),
            ("IpAddress", "aws:SourceIp", ["10.0.0.0/8"]),
            ("StringEquals", "aws:SourceAccount", ["111122223333"]),
            ("ArnLike", "aws:SourceArn", ["arn:aws:s3:::*"]),
            ("StringEqualsIfExists", "aws:PrincipalAccount", ["444455556666"]),
            ("StringNotEquals", "aws:SourceVpc", ["vpc-1"]),
        ]
    ),
)


@given(st.data(), st.lists(_STATEMENTS, min_size=1, max_size=2))
def test_masking_never_flips(data: st.DataObject, statements: list[dict[str, Any]]) -> None:
    masked = json.loads(json.dumps(statements))
    path = data.draw(st.sampled_from(_paths(statements)))
    place = masked
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = DOUBT
    for judge in JUDGES:
        before, after = judge(parsed(*statements)).value, judge(parsed(*masked)).value
        assert isinstance(after, Unknown) or isinstance(before, Unknown) or after is before


def test_the_two_policies_of_a_well_known_guide() -> None:
    """An address condition on private ranges under an invented version, and a Deny without MFA on one key."""
    by_address = parse(
        json.dumps(
            {
                "Version": "2017-12-12",
                "Id": "S3PolicyId1",
                "Statement": {
                    "Sid": "IPAllow",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": "arn:aws:s3:::b/*",
                    "Condition": {
                        "IpAddress": {"aws:SourceIp": "10.230.145.0/24"},
                        "NotIpAddress": {"aws:SourceIp": "10.230.145.1/30"},
                    },
                },
            }
        )
    )
    assert is_public(by_address).value is False
    assert [evidence.text for evidence in is_valid(by_address, ARN).evidence] == [
        'Version "2017-12-12" does not exist; use "2012-10-17".'
    ]
    assert [evidence.text for evidence in has_ineffective_source_ip(by_address).evidence] == [
        'Statement "IPAllow": IpAddress aws:SourceIp 10.230.145.0/24 never matches: private addresses are not what '
        "AWS sees of a caller.",
        'Statement "IPAllow": NotIpAddress aws:SourceIp 10.230.145.1/30 (which means 10.230.145.0/30) never matches: '
        "private addresses are not what AWS sees of a caller.",
    ]
    assert has_wildcard_actions(by_address).value is True
    assert denies_plain_http(by_address, ARN).value is False

    by_mfa = parsed(deny("Null", AGE, True, Action="s3:*", Resource=f"{ARN}/secretreceipe"))
    assert is_valid(by_mfa, ARN).value is True
    assert has_ineffective_mfa_condition(by_mfa).value is False
    folder = Request("arn:aws:iam::111122223333:user/u", "s3:GetObject", f"{ARN}/secretreceipe/soup")
    assert simulate(by_mfa, folder).outcome is Outcome.IMPLICIT_DENY


def test_a_policy_of_many_statements_about_mfa_is_judged_in_time() -> None:
    """More than AWS accepts: what they stop together is not worked out, each pair of them would be compared."""
    lasting = [
        under("BoolIfExists", "aws:MultiFactorAuthPresent", "false", Effect="Deny") for _ in range(MOST_TWINS + 1)
    ]
    short = under("NumericGreaterThan", "aws:MultiFactorAuthAge", "3600", Effect="Deny", Resource=f"{ARN}/x/*")
    apart = [{**one, "Resource": f"{ARN}/{index}/*"} for index, one in enumerate(lasting)]
    assert value_of(has_ineffective_mfa_condition(parsed(short, *apart[:-2]))) is True
    assert value_of(has_ineffective_mfa_condition(parsed(short, *apart))) is None
    assert value_of(has_ineffective_mfa_condition(parsed(*apart))) is False
