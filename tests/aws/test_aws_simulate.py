"""One request against one policy: principals, actions, resources, conditions."""

from __future__ import annotations

from typing import Any

import pytest

from iacscan.aws.policies.policy import parse
from iacscan.aws.policies.simulate import Decision, Outcome, Request, applies, simulate
from iacscan.core import Encoded, Reference, Template, Unknown, Value

DOUBT = Unknown("var.x is not set")
USER = "arn:aws:iam::111122223333:user/u"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/path/r"
SESSION = "arn:aws:sts::111122223333:assumed-role/r/s"
OTHER = "arn:aws:iam::444455556666:user/u"
SERVICE = "service:logging.s3.amazonaws.com"
OBJECT = "arn:aws:s3:::b/k"
BASE = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def statement(*left_out: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**BASE, **changes}.items() if name not in left_out}


def decided(
    *statements: Value,
    principal: str = "anonymous",
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    version: str = "2012-10-17",
    **context: Any,
) -> Decision:
    policy = parse(Encoded({"Version": version, "Statement": list(statements)}))
    named = {key.replace("__", "/").replace("_", ":", 1): value for key, value in context.items()}
    return simulate(policy, Request(principal, action, resource, named))


def outcome(*statements: Value, **request: Any) -> str:
    return decided(*statements, **request).outcome.value


def test_deny_beats_allow_beats_nothing() -> None:
    allow, deny = statement(Sid="A"), statement(Sid="D", Effect="Deny")
    assert decided(allow, deny) == Decision(Outcome.EXPLICIT_DENY, ("D",), False)
    assert decided(allow) == Decision(Outcome.ALLOWED, ("A",), True)
    assert decided(statement(Action="s3:PutObject")) == Decision(Outcome.IMPLICIT_DENY, (), False)
    assert decided(statement(), statement()).statements == ("#0", "#1")


def test_what_is_not_known() -> None:
    perhaps = decided(statement(Sid="A", Action=DOUBT))
    assert perhaps == Decision(Outcome.UNKNOWN, ("A",), DOUBT, DOUBT)
    assert decided(statement(), DOUBT).outcome is Outcome.UNKNOWN
    assert decided(statement(), statement(Effect="Deny"), DOUBT).outcome is Outcome.EXPLICIT_DENY
    denied = decided(statement(Effect="Deny", Action=DOUBT))
    assert denied.outcome is Outcome.UNKNOWN
    assert denied.allowed is False
    assert decided(statement(Effect=DOUBT)).allowed == DOUBT
    request = Request("anonymous", "s3:GetObject", OBJECT)
    assert simulate(DOUBT, request).outcome is Outcome.UNKNOWN
    assert simulate(parse("{"), request).outcome is Outcome.UNKNOWN
    assert applies(DOUBT, request, True) == DOUBT


@pytest.mark.parametrize(
    ("principal", "caller", "expected"),
    [
        ("*", "anonymous", "allowed"),
        ("*", SERVICE, "allowed"),
        ({"AWS": "*"}, "anonymous", "allowed"),
        ({"*": "*"}, USER, "allowed"),
        ({"AWS": USER}, USER, "allowed"),
        ({"AWS": USER}, "anonymous", "implicit_deny"),
        ({"AWS": USER}, OTHER, "implicit_deny"),
        ({"AWS": USER}, SERVICE, "implicit_deny"),
        ({"AWS": "111122223333"}, USER, "allowed"),
        ({"AWS": ROOT}, SESSION, "allowed"),
        ({"AWS": ROOT}, ROOT, "allowed"),
        ({"AWS": "111122223333"}, "111122223333", "allowed"),
        ({"AWS": ROOT}, OTHER, "implicit_deny"),
        ({"AWS": ROLE}, SESSION, "allowed"),
        ({"AWS": ROLE}, ROLE, "allowed"),
        ({"AWS": "arn:aws:iam::111122223333:role/other"}, SESSION, "implicit_deny"),
        ({"AWS": "arn:aws:iam::444455556666:role/r"}, SESSION, "implicit_deny"),
        ({"AWS": SESSION}, SESSION, "allowed"),
        ({"AWS": "AIDAEXAMPLE12345678"}, USER, "unknown"),
        ({"AWS": "arn:aws:iam::111122223333:user/*"}, USER, "unknown"),
        ({"AWS": "arn:aws:iam::111122223333:user/*"}, OTHER, "implicit_deny"),
        ({"AWS": DOUBT}, "anonymous", "unknown"),
        (
            {"AWS": Unknown(references=(Reference("aws_iam_role.r", ("arn",)),), exact=True)},
            "anonymous",
            "implicit_deny",
        ),
        ({"AWS": Unknown(references=(Reference("aws_iam_role.r", ("arn",)),), exact=True)}, USER, "unknown"),
        ({"AWS": Template(("arn:aws:iam::", DOUBT, ":root"))}, "anonymous", "implicit_deny"),
        ({"AWS": Template(("arn:aws:iam::", DOUBT, ":root"))}, USER, "unknown"),
        ({"AWS": Template(("arn:aws:iam::", DOUBT, ":role/r"))}, SESSION, "unknown"),
        ({DOUBT: USER}, USER, "unknown"),
        ({DOUBT: OTHER}, USER, "unknown"),
        ({"Service": "logging.s3.amazonaws.com"}, SERVICE, "allowed"),
        ({"Service": "logging.s3.amazonaws.com"}, "service:delivery.logs.amazonaws.com", "implicit_deny"),
        ({"Service": "logging.s3.amazonaws.com"}, USER, "implicit_deny"),
        ({"CanonicalUser": "65a011a29cdf8ec533ec3d1ccaae921c"}, "anonymous", "allowed"),
        ({"CanonicalUser": "65a011a29cdf8ec533ec3d1ccaae921c"}, USER, "implicit_deny"),
        ({"CanonicalUser": "79a59df900b949e5"}, "anonymous", "implicit_deny"),
        ({"CanonicalUser": "79a59df900b949e5"}, USER, "unknown"),
        ({"CanonicalUser": "79a59df900b949e5"}, SERVICE, "implicit_deny"),
        ({"Federated": "cognito-identity.amazonaws.com"}, USER, "implicit_deny"),
        ({"Federated": "cognito-identity.amazonaws.com"}, SESSION, "unknown"),
        ({"AWS": "not an arn"}, "not an arn", "allowed"),
        ({"AWS": []}, USER, "implicit_deny"),
    ],
)
def test_principals(principal: Value, caller: str, expected: str) -> None:
    assert outcome(statement(Principal=principal), principal=caller) == expected


@pytest.mark.parametrize(
    ("listed", "caller", "expected"),
    [
        ({"AWS": USER}, "anonymous", "allowed"),
        ({"AWS": USER}, OTHER, "allowed"),
        ({"AWS": USER}, SERVICE, "allowed"),
        ({"AWS": USER}, USER, "unknown"),
        ({"AWS": [USER, ROOT]}, USER, "implicit_deny"),
        ({"AWS": ROOT}, USER, "unknown"),
        ({"AWS": ROOT}, ROOT, "implicit_deny"),
        ({"AWS": "111122223333"}, ROOT, "implicit_deny"),
        ({"AWS": [ROLE, "111122223333"]}, SESSION, "unknown"),
        ({"AWS": [SESSION, ROLE, "111122223333"]}, SESSION, "implicit_deny"),
        ({"AWS": DOUBT}, USER, "unknown"),
        ({"Service": "logging.s3.amazonaws.com"}, SERVICE, "implicit_deny"),
        ({"Service": "logging.s3.amazonaws.com"}, USER, "allowed"),
        ("*", USER, "implicit_deny"),
    ],
)
def test_not_principal(listed: Value, caller: str, expected: str) -> None:
    assert outcome(statement("Principal", NotPrincipal=listed), principal=caller) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Action": "S3:getobject"}, "allowed"),
        ({"Action": ["s3:Put*", "s3:G?tObject"]}, "allowed"),
        ({"Action": "*"}, "allowed"),
        ({"Action": "s3:GetObject?"}, "implicit_deny"),
        ({"Action": None}, "unknown"),
        ({"Action": None, "NotAction": "s3:Put*"}, "allowed"),
        ({"Action": None, "NotAction": "s3:Get*"}, "implicit_deny"),
        ({"Resource": "arn:aws:s3:::B/*"}, "implicit_deny"),
        ({"Resource": "arn:aws-us-gov:s3:::b/*"}, "allowed"),
        ({"Resource": "arn:aws:s3:::b"}, "implicit_deny"),
        ({"Resource": "*"}, "allowed"),
        ({"Resource": Template((DOUBT, "/*"))}, "unknown"),
        ({"Resource": Template((DOUBT, "/x"))}, "implicit_deny"),
        ({"Resource": None}, "unknown"),
        ({"Resource": None, "NotResource": "arn:aws:s3:::b/private/*"}, "allowed"),
        ({"Resource": None, "NotResource": "arn:aws:s3:::b/*"}, "implicit_deny"),
        ({"Resource": None, "NotResource": "arn:aws:s3:::b/${aws:username}"}, "allowed"),
        ({"Resource": None, "NotResource": ["arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/k"]}, "implicit_deny"),
        ({"Principal": None}, "unknown"),
    ],
)
def test_actions_and_resources(changes: dict[str, Value], expected: str) -> None:
    assert outcome(statement(**changes)) == expected


MISSING = {
    "StringEquals": "implicit_deny",
    "StringNotEquals": "allowed",
    "StringEqualsIfExists": "allowed",
    "StringNotEqualsIfExists": "allowed",
    "ForAllValues:StringEquals": "allowed",
    "ForAllValues:StringNotEquals": "allowed",
    "ForAnyValue:StringEquals": "implicit_deny",
    "ForAnyValue:StringNotEquals": "implicit_deny",
    "ForAnyValue:StringEqualsIfExists": "unknown",
    "NumericLessThan": "implicit_deny",
    "Bool": "implicit_deny",
    "IpAddress": "implicit_deny",
    "NotIpAddress": "allowed",
    "ArnNotLike": "allowed",
    "StringIs": "unknown",
    "ForSome:StringEquals": "unknown",
    "NullIfExists": "unknown",
}


@pytest.mark.parametrize("operator", MISSING)
def test_missing_key(operator: str) -> None:
    assert outcome(statement(Condition={operator: {"aws:SourceVpc": "x"}})) == MISSING[operator]


@pytest.mark.parametrize(
    ("operator", "wanted", "value", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["a", "b"], "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringEqualsIgnoreCase", "aB", "Ab", True),
        ("StringNotEqualsIgnoreCase", "aB", "Ab", False),
        ("StringLike", "a*c?", "abbcd", True),
        ("StringNotLike", "a*", "abc", False),
        ("NumericEquals", 5, "5.0", True),
        ("NumericNotEquals", "5", 6, True),
        ("NumericLessThan", "1.2", "1.1", True),
        ("NumericLessThan", 1.2, 1.2, False),
        ("NumericLessThanEquals", "1.2", "1.2", True),
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThanEquals", "10", "10", True),
        ("NumericEquals", "five", "5", None),
        ("NumericEquals", "5", "five", None),
        ("NumericEquals", "NaN", "5", None),
        ("NumericEquals", DOUBT, "5", None),
        ("DateLessThan", "2024-01-01T00:00:00Z", "2023-12-31T23:59:59Z", True),
        ("DateGreaterThan", "2024-01-01", "1704067201", True),
        ("DateEquals", "2024", "2024-01-01T01:00:00+01:00", True),
        ("DateNotEquals", "2024", "2024-01-01", False),
        ("DateEquals", "someday", "2024", None),
        ("DateEquals", "9" * 40, "2024", None),
        ("Bool", True, "TRUE", True),
        ("Bool", "false", True, False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", DOUBT, "QmluYXJ5", None),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "203.0.113.1/30", "203.0.113.3", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "2001:db8::/32", "203.0.113.9", False),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.9", False),
        ("IpAddress", "everywhere", "203.0.113.9", None),
        ("IpAddress", "203.0.113.0/24", "here", None),
        ("ArnEquals", "arn:aws:s3:::*", "arn:aws:s3:::b", True),
        ("ArnLike", "arn:aws:*:b", "arn:aws:s3:::b", None),
        ("ArnLike", "arn:aws:s3:*:*:b/*", "arn:aws:s3:::b/c:d", True),
        ("ArnLike", "arn:aws:s3:*:111122223333:*", "arn:aws:s3:::111122223333:x", False),
        ("ArnLike", "arn:aws:s3:::c", "arn:aws:s3:::b", False),
        ("ArnNotLike", "arn:aws:s3:::*", "arn:aws:s3:::b", False),
        ("ArnLike", Template(("arn:aws:s3:::", DOUBT)), "arn:aws:s3:::b", None),
        ("ArnLike", Template(("arn:aws:s3:::", DOUBT)), "arn:aws:sns:::b", False),
        ("Null", "false", "x", True),
        ("Null", "true", "x", False),
        ("Null", ["true", "false"], "x", True),
        ("Null", "perhaps", "x", None),
        ("Null", DOUBT, "x", None),
        ("Null", "true", DOUBT, None),
        ("StringEquals", "x", DOUBT, None),
        ("StringEquals", "x", [DOUBT], None),
        ("StringEquals", [], "x", None),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a"], ["a", "b"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAnyValue:StringEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringEquals", ["c"], ["a", "b"], False),
        ("ForAnyValue:StringEquals", ["c"], [], False),
        ("StringEquals", ["a", "b"], ["a", "b"], True),
        ("StringEquals", ["a"], ["a", "b"], None),
        ("StringEquals", ["c"], ["a", "b"], False),
        ("StringEqualsIfExists", "a", None, True),
    ],
)
def test_operators(operator: str, wanted: Value, value: Any, expected: bool | None) -> None:
    found = decided(statement(Condition={operator: {"AWS:Key": wanted}}), aws_key=value).outcome
    assert found is {True: Outcome.ALLOWED, False: Outcome.IMPLICIT_DENY, None: Outcome.UNKNOWN}[expected]


@pytest.mark.parametrize(
    "condition", [DOUBT, {DOUBT: {"aws:x": "a"}}, {"StringEquals": {DOUBT: "a"}}, {"StringEquals": {"aws:x": DOUBT}}]
)
def test_conditions_with_holes(condition: Value) -> None:
    assert outcome(statement(Condition=condition), aws_x="a") == "unknown"


@pytest.mark.parametrize(
    ("version", "resource", "expected"),
    [
        ("2012-10-17", "${aws:username}/*", "allowed"),
        ("2008-10-17", "${aws:username}/*", "implicit_deny"),
        ("2012-10-17", "${AWS:UserName}/*", "allowed"),
        ("2012-10-17", "${aws:missing}/*", "implicit_deny"),
        ("2012-10-17", "${aws:missing, 'bob'}/*", "allowed"),
        ("2012-10-17", "${aws:username, 'carol'}/*", "allowed"),
        ("2012-10-17", "bo${*}/*", "implicit_deny"),
        ("2012-10-17", "${aws:several}/*", "unknown"),
        ("2012-10-17", "${aws:doubt}/*", "unknown"),
        ("2012-10-17", "${aws:doubt}/no", "implicit_deny"),
        ("2012-10-17", "${aws:star}/*", "implicit_deny"),
    ],
)
def test_policy_variables_in_resources(version: str, resource: str, expected: str) -> None:
    found = outcome(
        statement(Resource=f"arn:aws:s3:::b/{resource}"),
        resource="arn:aws:s3:::b/bob/k",
        version=version,
        aws_username="bob",
        aws_several=["bob", "carol"],
        aws_doubt=DOUBT,
        aws_star="*",
    )
    assert found == expected


def test_policy_variables_in_conditions() -> None:
    def found(operator: str, value: str, **context: Any) -> str:
        return outcome(statement(Condition={operator: {"s3:prefix": value}}), s3_prefix="bob/*", **context)

    assert found("StringEquals", "${aws:username}/${*}", aws_username="bob") == "allowed"
    assert found("StringLike", "${aws:username}/?", aws_username="bob") == "allowed"
    assert found("StringEqualsIgnoreCase", "${aws:username}/*", aws_username="BOB") == "allowed"
    assert found("StringEquals", "${aws:username}/*") == "implicit_deny"
    assert found("StringNotEquals", "${aws:username}/*") == "allowed"
    assert found("ArnLike", "${aws:username}") == "implicit_deny"
    assert found("Bool", "${aws:username}") == "implicit_deny"


def test_unknown_version_makes_variables_doubtful() -> None:
    policy = parse(Encoded({"Version": DOUBT, "Statement": [statement(Resource="arn:aws:s3:::b/${aws:username}")]}))
    assert simulate(policy, Request("anonymous", "s3:GetObject", OBJECT)).outcome is Outcome.UNKNOWN


def test_aws_adds_what_the_principal_tells() -> None:
    def found(key: str, value: str, principal: str, **context: Any) -> str:
        return outcome(statement(Condition={"StringEquals": {key: value}}), principal=principal, **context)

    assert found("aws:PrincipalArn", USER, USER) == "allowed"
    assert found("aws:PrincipalArn", "arn:aws:iam::111122223333:role/r", SESSION) == "allowed"
    assert found("aws:PrincipalAccount", "111122223333", SESSION) == "allowed"
    assert found("aws:PrincipalAccount", "anonymous", "anonymous") == "allowed"
    assert found("aws:PrincipalType", "AssumedRole", SESSION) == "allowed"
    assert found("aws:PrincipalIsAWSService", "true", SERVICE) == "allowed"
    assert found("aws:PrincipalServiceName", "logging.s3.amazonaws.com", SERVICE) == "allowed"
    assert found("aws:PrincipalArn", USER, USER, aws_PrincipalArn=None) == "implicit_deny"
    assert found("aws:PrincipalArn", OTHER, USER, aws_PrincipalArn=OTHER) == "allowed"
    assert found("aws:PrincipalArn", USER, "anonymous") == "implicit_deny"


def test_a_policy_variable_beside_a_hole_is_one() -> None:
    """``"home/$${aws:username}/${var.x}"``: the text is known in part, what the variable holds is the request's."""
    values = Template(("home/${aws:username}/", DOUBT))
    asked = statement(
        Action="s3:ListBucket", Resource="arn:aws:s3:::b", Condition={"StringLike": {"s3:prefix": values}}
    )
    request = {"principal": USER, "action": "s3:ListBucket", "resource": "arn:aws:s3:::b"}
    assert outcome(asked, **request, s3_prefix="home/u/x") == "unknown"
    assert outcome(asked, **request, s3_prefix="work/u/x") == "implicit_deny"
    assert outcome(asked, **request, version="2008-10-17", s3_prefix="home/u/x") == "implicit_deny"
