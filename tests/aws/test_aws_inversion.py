"""What must hold where a condition does not, and what Deny statements leave of an Allow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.acl import canned_grants
from iacscan.aws.kleene import conjunction, negation
from iacscan.aws.policies.conditions import holds
from iacscan.aws.policies.inversion import opposite
from iacscan.aws.policies.policy import Condition, Policy, parse
from iacscan.aws.reach.bucket import Guards, Way, ways_in
from iacscan.aws.reach.callers import Who
from iacscan.aws.reach.strangers import Left, left_by_denies
from iacscan.core import Encoded, Reference, Unknown, Value

ARN = "arn:aws:s3:::b"
ROLE = "arn:aws:iam::444455556666:role/r"
ROOT = "arn:aws:iam::444455556666:root"
OPEN = Guards(True, False, False)
VALUES: dict[str, list[str]] = {
    "String": ["a", "b", "A", "a*"],
    "Numeric": ["1", "2", "3.5"],
    "Date": ["2024-01-01", "2025-06-01T00:00:00Z"],
    "Arn": ["arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:sns:x:1:t"],
    "IpAddress": ["198.51.100.0/24", "203.0.113.7", "2001:db8::/32"],
    "Bool": ["true", "false"],
    "Null": ["true", "false"],
}
BASES = {
    "String": ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"],
    "Numeric": ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
    "Date": ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
    "Arn": ["Equals", "NotEquals", "Like", "NotLike"],
    "IpAddress": ["", "Not"],
    "Bool": [""],
    "Null": [""],
}


@given(st.data(), st.sampled_from(list(BASES)))
def test_the_opposite_holds_exactly_where_a_condition_does_not(data: st.DataObject, family: str) -> None:
    base = data.draw(st.sampled_from(BASES[family]))
    name = base + family if family == "IpAddress" else family + base
    if family != "Null":
        name += data.draw(st.sampled_from(["", "IfExists"]))
    if family in ("String", "Arn"):
        name = data.draw(st.sampled_from(["", "ForAllValues:", "ForAnyValue:"])) + name
    values = data.draw(st.lists(st.sampled_from(VALUES[family]), min_size=1, max_size=2))
    condition = Condition(name, "aws:x", tuple(values))
    there = {"IpAddress": ["198.51.100.9", "203.0.113.7", "8.8.8.8", "2001:db8::1"], "Null": ["a"]}
    held = data.draw(
        st.sampled_from([None, *there.get(family, [value for value in VALUES[family] if "*" not in value])])
    )
    context: dict[str, Any] = {} if held is None else {"aws:x": (held,)}
    turned = opposite(condition)
    if turned is not None:
        assert conjunction(holds(one, context, True) for one in turned) == negation(holds(condition, context, True))
    else:
        assert ":" in name or family in ("Bool", "Null")


@pytest.mark.parametrize("operator", ["StringIs", "BinaryEquals", Unknown("var.x")])
def test_some_conditions_have_no_opposite(operator: Any) -> None:
    assert opposite(Condition(operator, "aws:x", ("a",))) is None
    assert opposite(Condition("Bool", "aws:x", ("true", "false"))) is None


def statement(*left_out: str, **changes: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}
    return {name: value for name, value in {**base, **changes}.items() if name not in left_out}


def deny(*left_out: str, **changes: Any) -> dict[str, Any]:
    return statement(*left_out, **{"Sid": "D", "Effect": "Deny", "Action": "*", "Resource": "*", **changes})


def policy(*statements: Value) -> Policy:
    found = parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)}))
    assert isinstance(found, Policy)
    return found


def ways(*statements: Value) -> list[Way]:
    return [way for way in ways_in(policy(*statements), None, OPEN, ARN) if way.granted is not False]


VPCE = {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}
ORG = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
OFFICE = {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
TLS = {"Bool": {"aws:SecureTransport": "false"}}
MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
VIA = {"Bool": {"aws:ViaAWSService": "false"}}
SIGNED = {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}
PEOPLE = {"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}


@pytest.mark.parametrize(
    ("denies", "expected"),
    [
        ([deny(Condition=VPCE)], {(Who.NETWORK, "vpce-1")}),
        ([deny(Condition=ORG)], {(Who.ORGANIZATION, "o-a1b2c3d4e5")}),
        ([deny(Condition=OFFICE)], {(Who.NETWORK, "198.51.100.0/24")}),
        ([deny(Condition=TLS)], {(Who.ANYONE, "everyone")}),
        ([deny(Condition=VPCE), deny(Condition=OFFICE)], set()),
        ([deny(Condition=MFA)], {(Who.ANY_ACCOUNT, "any AWS account")}),
        ([deny(Condition=VIA)], {(Who.ANY_ACCOUNT, "any AWS account")}),
        ([deny(Condition=SIGNED)], {(Who.ANY_ACCOUNT, "any AWS account")}),
        ([deny(Condition=PEOPLE)], {(Who.SERVICE, "any AWS service")}),
        ([deny(Condition={**VPCE, **ORG})], {(Who.NETWORK, "vpce-1"), (Who.ORGANIZATION, "o-a1b2c3d4e5")}),
        ([deny(Condition={**VPCE, **OFFICE}), deny(Condition=OFFICE)], {(Who.NETWORK, "198.51.100.0/24")}),
        ([deny(Condition={"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}), deny(Condition=VPCE)], None),
        ([deny(Condition=VPCE), deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-2"}})], set()),
        ([deny(Condition={"Null": {"aws:PrincipalArn": "true"}})], {(Who.ANY_ACCOUNT, "any AWS account")}),
        (
            [deny(Condition={"StringEquals": {"aws:PrincipalType": "Anonymous"}})],
            {(Who.ANY_ACCOUNT, "any AWS account")},
        ),
        (
            [deny("Principal", NotPrincipal={"AWS": [ROLE, ROOT]})],
            {(Who.PRINCIPAL, ROLE), (Who.ACCOUNT, "444455556666")},
        ),
        ([deny("Principal", NotPrincipal={"Service": "a.b.com"})], {(Who.SERVICE, "a.b.com")}),
        ([deny("Principal", NotPrincipal="*")], {(Who.ANYONE, "everyone")}),
        ([deny(Principal={"AWS": ROLE})], {(Who.ANYONE, "everyone")}),
        ([deny(Resource=f"{ARN}/private/*")], {(Who.ANYONE, "everyone")}),
        ([deny("Resource", NotResource=f"{ARN}/public/*")], {(Who.ANYONE, "everyone")}),
        ([deny("Resource", NotResource=ARN)], set()),
        ([deny(Action="s3:Put*")], {(Who.ANYONE, "everyone")}),
    ],
)
def test_who_remains(denies: list[Value], expected: set[tuple[Who, str]] | None) -> None:
    found = {(way.who, way.name) for way in ways(statement(), *denies) if way.open is True}
    assert found == (
        {(Who.NETWORK, "vpce-1, vpce-2"), (Who.NETWORK, "vpce-1")} & found if expected is None else expected
    )
    assert found or expected == set()


def test_a_deny_of_a_part_closes_an_allow_of_that_part() -> None:
    private = statement(Resource=f"{ARN}/private/*")
    assert ways(private, deny(Resource=f"{ARN}/private/*")) == []
    assert ways(private, deny(Resource=f"{ARN}/*/a"))[0].open is True


def test_texts_say_who_remains_and_by_which_deny() -> None:
    (way,) = ways(statement(Condition={"StringLike": {"aws:Referer": "x*"}}), deny(Condition=VPCE), deny(Condition=TLS))
    assert way.conditions == (
        "if StringLike aws:Referer x*",
        'only if StringEquals aws:SourceVpce vpce-1 (Statement "D")',
        'over TLS only (Statement "D")',
    )
    (way,) = ways(statement(), deny(Condition={"StringLike": {"aws:UserAgent": "curl*"}}))
    assert way.conditions == ('unless StringLike aws:UserAgent curl* (Statement "D")',)


def test_what_a_named_caller_is_by_its_name_is_no_condition() -> None:
    cdn = statement(Principal={"Service": "cloudfront.amazonaws.com"})
    (way,) = ways(cdn, deny(Condition={**VPCE, **PEOPLE}))
    assert (way.open, way.conditions) == (True, ())
    assert ways(cdn, deny(Condition=ORG)) == []
    role = statement(Principal={"AWS": ROLE})
    (way,) = ways(role, deny(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}))
    assert (way.open, way.conditions) == (True, ())
    assert ways(role, deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}})) == []
    account = statement(Principal={"AWS": ROOT})
    (way,) = ways(account, deny(Condition={"ArnNotLike": {"aws:PrincipalArn": ROLE}}))
    assert (way.open, way.conditions) == (True, (f'only if ArnLike aws:PrincipalArn {ROLE} (Statement "D")',))
    assert ways(account, deny(Condition={"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}})) == []


def test_who_a_hole_is_decides_later() -> None:
    role = Unknown(references=(Reference("aws_iam_role.r", ("arn",)),), exact=True)
    unless = {"StringNotEquals": {"aws:PrincipalArn": ROLE}}
    (way,) = ways(statement(Principal={"AWS": role}), deny(Condition=unless))
    assert isinstance(way.open, Unknown)
    (way,) = ways(statement(Principal={"AWS": ROLE}), deny(Condition={"StringNotEquals": {"aws:PrincipalArn": role}}))
    assert isinstance(way.open, Unknown)
    (way,) = ways(statement(Principal={"AWS": role}), deny(Condition={"StringNotEquals": {"aws:PrincipalArn": role}}))
    assert way.open is True


def test_holes_are_tried_by_stand_ins_and_leave_a_doubt_where_they_decide() -> None:
    late = Unknown("var.x is not set")
    assert [way.open for way in ways(statement(), deny(Condition={"StringEquals": {"aws:x": late}}))] == [True]
    hidden = {"StringNotEquals": {"aws:SourceVpce": late}}
    assert all(isinstance(way.open, Unknown) for way in ways(statement(), deny(Condition=hidden)))


def test_more_statements_than_aws_accepts_are_not_worked_out() -> None:
    many = [statement(Resource=f"{ARN}/{index}/*") for index in range(300)]
    assert all(isinstance(way.open, Unknown) and way.who is Who.UNKNOWN for way in ways(*many))


def test_what_denies_leave_strangers() -> None:
    grants = canned_grants("public-read")
    assert left_by_denies(policy(statement()), None, ARN) == Left()
    assert left_by_denies(policy(statement(), deny(Condition=TLS)), grants, ARN) == Left(True, True)
    assert left_by_denies(policy(statement(), deny(Condition=VPCE)), grants, ARN) == Left(False, False)
    assert left_by_denies(policy(statement(), deny(Action="s3:GetObject*")), grants, ARN) == Left(False, True)
    late = Unknown("var.x is not set")
    assert left_by_denies(late, grants, ARN) == Left(True, late)
    assert left_by_denies(parse("{"), grants, ARN) == Left()
    assert isinstance(left_by_denies(policy(statement(), late), None, ARN).by_policy, Unknown)
    elsewhere = statement(Action="s3:GetBucketLocation", Resource=ARN)
    assert left_by_denies(policy(elsewhere, deny(Condition=VPCE)), None, ARN) == Left()
