"""Ways into a bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.acl import Grant, canned_grants
from iacscan.aws.policies.policy import parse
from iacscan.aws.reach.bucket import Access, Guards, Way, reaches, ways_in
from iacscan.aws.reach.callers import Who
from iacscan.core import Encoded, Reference, Template, Ternary, Unknown, Value

DOUBT = Unknown("var.x is not set")
ARN = "arn:aws:s3:::b"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::444455556666:role/r"
OPEN = Guards(True, False, False)
BASE = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"]}


def statement(*left_out: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**BASE, **changes}.items() if name not in left_out}


def ways(*statements: Value, guards: Guards = OPEN, grants: Any = None, own: str | None = None) -> tuple[Way, ...]:
    policy = parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)})) if statements else None
    return ways_in(policy, grants, guards, ARN, own)


def opened(found: tuple[Way, ...], who: Who) -> set[str]:
    return {way.access.value for way in found if way.who is who and way.open is True}


ALL = {access.value for access in Access}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ALL),
        ({"Action": "s3:GetObject"}, {"read"}),
        ({"Action": "s3:Get*", "Resource": ARN}, set()),
        ({"Action": "s3:List*"}, {"list"}),
        ({"Action": "s3:PutObject*"}, {"write", "change permissions"}),
        ({"Action": "s3:DeleteObject", "Resource": f"{ARN}/tmp/*"}, {"delete"}),
        ({"Action": "s3:PutLifecycleConfiguration"}, {"delete"}),
        ({"Action": ["s3:PutBucketPolicy", "s3:GetBucketPolicy"]}, {"change permissions"}),
        ({"Action": None, "NotAction": ["s3:Put*", "s3:Delete*"]}, {"list", "read", "write"}),
        ({"Resource": "arn:aws:s3:::other/*"}, set()),
        ({"Resource": None, "NotResource": f"{ARN}/*"}, {"list", "delete", "change permissions"}),
        ({"Resource": None, "NotResource": f"{ARN}/private/*"}, ALL),
        ({"Effect": "Deny"}, set()),
    ],
)
def test_what_anyone_may_do(changes: dict[str, Value], expected: set[str]) -> None:
    assert opened(ways(statement(**changes)), Who.ANYONE) == expected


@pytest.mark.parametrize(
    ("principal", "condition", "who", "name"),
    [
        ("*", None, Who.ANYONE, "everyone"),
        ("*", ("StringLike", "aws:Referer", "x*"), Who.ANYONE, "everyone"),
        ("*", ("StringEquals", "aws:PrincipalTag/team", "a"), Who.ANY_ACCOUNT, "any AWS account"),
        ("*", ("Null", "aws:PrincipalArn", "false"), Who.ANY_ACCOUNT, "any AWS account"),
        ("*", ("Null", "aws:PrincipalArn", "true"), Who.ANYONE, "everyone"),
        ("*", ("StringNotEquals", "aws:PrincipalTag/team", "a"), Who.ANYONE, "everyone"),
        ("*", ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"), Who.ORGANIZATION, "o-a1b2c3d4e5"),
        ("*", ("StringEquals", "aws:SourceVpce", ["vpce-1", "vpce-2"]), Who.NETWORK, "vpce-1, vpce-2"),
        ("*", ("IpAddress", "aws:SourceIp", "203.0.113.0/24"), Who.NETWORK, "203.0.113.0/24"),
        ("*", ("StringEquals", "aws:PrincipalAccount", "111122223333"), Who.ACCOUNT, "111122223333"),
        ("*", ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), Who.PRINCIPAL, None),
        ("*", ("ArnLike", "aws:SourceArn", "arn:aws:s3:::a"), Who.SOURCE, "arn:aws:s3:::a"),
        ({"AWS": ROOT}, None, Who.ACCOUNT, ROOT),
        ({"AWS": "111122223333"}, None, Who.ACCOUNT, "111122223333"),
        ({"CanonicalUser": "79a59df900b949e5"}, None, Who.ACCOUNT, "79a59df900b949e5"),
        ({"AWS": ROLE}, None, Who.PRINCIPAL, ROLE),
        ({"AWS": Template(("arn:aws:iam::1:role/", DOUBT))}, None, Who.PRINCIPAL, None),
        ({"AWS": Template(("arn:aws:iam::", DOUBT, ":root"))}, None, Who.ACCOUNT, None),
        ({"Service": "logging.s3.amazonaws.com"}, None, Who.SERVICE, "logging.s3.amazonaws.com"),
    ],
)
def test_who(principal: Value, condition: Any, who: Who, name: str | None) -> None:
    changes: dict[str, Any] = {"Principal": principal}
    if condition is not None:
        changes["Condition"] = {condition[0]: {condition[1]: condition[2]}}
    found = ways(statement(**changes))
    assert {way.who for way in found} == {who}
    assert opened(found, who) == ALL
    assert name is None or {way.name for way in found} == {name}


def test_not_principal_lets_everyone_else_in() -> None:
    found = ways(statement("Principal", NotPrincipal={"AWS": ROOT}))
    assert opened(found, Who.ANYONE) == ALL


def test_a_deny_without_conditions_closes() -> None:
    assert opened(ways(statement(), statement(Effect="Deny")), Who.ANYONE) == set()
    assert opened(ways(statement(), statement(Effect="Deny", Resource=f"{ARN}/*")), Who.ANYONE) == {
        "list",
        "delete",
        "change permissions",
    }
    assert opened(ways(statement(), statement(Effect="Deny", Resource=f"{ARN}/private/*")), Who.ANYONE) == ALL
    assert opened(ways(statement(), statement(Effect="Deny", Principal={"AWS": ROOT})), Who.ANYONE) == ALL
    root = statement(Principal={"AWS": ROOT})
    assert opened(ways(root, statement(Effect="Deny", Principal={"AWS": ROOT})), Who.ACCOUNT) == set()
    tagged = statement(Condition={"StringEquals": {"aws:PrincipalTag/a": "b"}})
    assert opened(ways(tagged, statement(Effect="Deny", Principal={"AWS": ROOT})), Who.ANY_ACCOUNT) == ALL
    assert opened(ways(tagged, statement(Effect="Deny")), Who.ANY_ACCOUNT) == set()


def test_conditions_are_told() -> None:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    found = ways(
        statement(Action="s3:GetObject", Condition={"StringLike": {"aws:Referer": "x*"}}),
        statement(Sid="Tls", Effect="Deny", Condition=plain),
        statement(Effect="Deny", Action="s3:PutObject", Condition=plain),
    )
    (way,) = found
    assert way.open is True
    assert way.source == "Statement #0"
    assert way.conditions == (
        "if StringLike aws:Referer x*",
        'over TLS only (Statement "Tls")',
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": DOUBT},
        {"Action": DOUBT},
        {"Resource": DOUBT},
        {"Condition": {"StringEquals": {"aws:SourceVpc": DOUBT}}},
        {"Condition": DOUBT},
    ],
)
def test_what_is_not_known_stays_so(changes: dict[str, Value]) -> None:
    found = ways(statement(**changes))
    assert opened(found, Who.ANYONE) == set()
    assert isinstance(reaches(found, Who.ANYONE), Unknown)


@pytest.mark.parametrize("value", [[statement(Principal={"AWS": DOUBT})], [DOUBT]])
def test_an_unknown_caller_may_be_anybody(value: list[Value]) -> None:
    found = ways(*value)
    assert isinstance(reaches(found, Who.ANYONE), Unknown)
    assert isinstance(reaches(found, Who.NETWORK, Access.READ), Unknown)


def test_unknown_denies_and_documents() -> None:
    assert isinstance(reaches(ways(statement(), statement(Effect=DOUBT)), Who.ANYONE), Unknown)
    assert isinstance(reaches(ways(statement(), DOUBT), Who.ANYONE), Unknown)
    for policy in (DOUBT, parse("{")):
        assert isinstance(reaches(ways_in(policy, None, OPEN, ARN), Who.ANYONE), Unknown)


@pytest.mark.parametrize(
    ("acl", "who", "expected"),
    [
        ("private", Who.ANYONE, set()),
        ("public-read", Who.ANYONE, {"list"}),
        ("public-read-write", Who.ANYONE, {"list", "write"}),
        ("authenticated-read", Who.ANY_ACCOUNT, {"list"}),
        ("authenticated-read", Who.ANYONE, set()),
        ("log-delivery-write", Who.SERVICE, {"write"}),
        ("bucket-owner-full-control", Who.ACCOUNT, set()),
        ("aws-exec-read", Who.ACCOUNT, {"list"}),
    ],
)
def test_acls(acl: str, who: Who, expected: set[str]) -> None:
    assert opened(ways(grants=canned_grants(acl)), who) == expected


def test_grants() -> None:
    full = [Grant("everyone", "uri", "FULL_CONTROL"), Grant(None, "79a59df900b949e5", "WRITE_ACP")]
    assert opened(ways(grants=full), Who.ANYONE) == {"list", "write", "change permissions"}
    assert opened(ways(grants=full), Who.ACCOUNT) == {"change permissions"}
    assert opened(ways(statement(Effect="Deny"), grants=full), Who.ANYONE) == set()
    assert isinstance(reaches(ways(grants=[Grant("everyone", "uri", DOUBT)]), Who.ANYONE, Access.LIST), Unknown)
    assert isinstance(reaches(ways(grants=[Grant(None, DOUBT, "READ")]), Who.ANYONE), Unknown)
    assert isinstance(reaches(ways(grants=DOUBT), Who.ANYONE), Unknown)
    assert reaches(ways(grants=[Grant("everyone", "uri", "NONSENSE")]), Who.ANYONE) is False


@pytest.mark.parametrize(
    ("guards", "expected", "blocked_by"),
    [
        (OPEN, True, ""),
        (Guards(False, False, False), False, "BucketOwnerEnforced"),
        (Guards(True, True, False), False, "ignore_public_acls"),
        (Guards(DOUBT, False, False), None, "BucketOwnerEnforced"),
        (Guards(True, DOUBT, False), None, "ignore_public_acls"),
        (Guards(DOUBT, True, False), False, "ignore_public_acls"),
        (Guards(True, False, True), True, ""),
    ],
)
def test_guards_of_the_acl(guards: Guards, expected: bool | None, blocked_by: str) -> None:
    found = ways(guards=guards, grants=canned_grants("public-read"))
    value = reaches(found, Who.ANYONE)
    assert (None if isinstance(value, Unknown) else value) is expected
    assert {way.blocked_by for way in found} == {blocked_by}


def test_an_unknown_grantee_may_be_a_public_group() -> None:
    grants = [Grant(None, DOUBT, "READ")]
    assert isinstance(reaches(ways(guards=Guards(True, True, False), grants=grants), Who.ACCOUNT), Unknown)
    assert reaches(ways(guards=Guards(False, True, False), grants=grants), Who.ACCOUNT) is False


def test_other_accounts_are_not_public_grants() -> None:
    found = ways(guards=Guards(True, True, True), grants=[Grant(None, "79a59df900b949e5", "READ")])
    assert opened(found, Who.ACCOUNT) == {"list"}


@pytest.mark.parametrize(
    ("restrict", "expected"),
    [(True, {Who.SERVICE, Who.ACCOUNT}), (False, {Who.ANYONE, Who.SERVICE, Who.ACCOUNT, Who.PRINCIPAL})],
)
def test_restrict_public_buckets_cuts_other_accounts(restrict: Ternary, expected: set[Who]) -> None:
    service = {"Service": "logging.s3.amazonaws.com"}
    found = ways(
        statement(),
        statement(Principal={"AWS": [ROOT, ROLE]}),
        statement(Principal=service),
        guards=Guards(False, True, restrict),
        own="111122223333",
    )
    assert {way.who for way in found if way.open is True} == expected


ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
LATE_ROLE = Unknown(references=(Reference("aws_iam_role.r", ("arn",)),), exact=True)


@pytest.mark.parametrize(
    ("changes", "own", "expected"),
    [
        ({"Principal": {"AWS": ROLE}}, None, None),
        ({"Principal": {"AWS": ROLE}}, "444455556666", False),
        ({"Principal": {"AWS": ROLE}}, "111122223333", True),
        ({"Principal": {"AWS": LATE_ROLE}}, "111122223333", None),
        ({"Condition": ORG}, None, None),
        ({"Condition": ORG}, "111122223333", None),
        ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, None, True),
        ({}, None, True),
    ],
)
def test_whom_restrict_public_buckets_cuts_depends_on_the_own_account(
    changes: dict[str, Value], own: str | None, expected: bool | None
) -> None:
    found = ways(statement(Action="s3:GetObject"), statement(**changes), guards=Guards(False, True, True), own=own)
    blocked = {way.blocked for way in found if way.source == "Statement #1"}
    assert {None if isinstance(value, Unknown) else value for value in blocked} == {expected}


def test_restrict_public_buckets_leaves_a_policy_that_is_not_public() -> None:
    found = ways(statement(Principal={"AWS": ROLE}), guards=Guards(False, True, True))
    assert opened(found, Who.PRINCIPAL) == ALL
    doubtful = ways(statement(Principal={"AWS": ROLE}), DOUBT, guards=Guards(False, True, True))
    assert isinstance(reaches(doubtful, Who.PRINCIPAL), Unknown)
    assert ways() == ()


def test_any_account_is_reached_by_what_anyone_reaches() -> None:
    assert reaches(ways(statement()), Who.ANY_ACCOUNT) is True
    assert reaches(ways(statement(Principal={"AWS": ROLE})), Who.ANY_ACCOUNT) is False
    assert reaches(ways(grants=canned_grants("authenticated-read")), Who.ANYONE) is False


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [entry for key, item in inner for entry in [(*path, key), *_paths(item, (*path, key))]]


_STATEMENTS = st.builds(
    lambda effect, principal, action, resource, condition: statement(
        Effect=effect, Principal=principal, Action=action, Resource=resource, Condition=condition
    ),
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["*", {"AWS": [ROOT]}, {"AWS": [ROLE, "111122223333"]}, {"Service": "logging.s3.amazonaws.com"}]),
    st.sampled_from(["s3:*", ["s3:GetObject", "s3:PutObject"], "s3:List*"]),
    st.sampled_from(["*", [ARN, f"{ARN}/*"], f"{ARN}/*", "arn:aws:s3:::c"]),
    st.sampled_from(
        [
            {},
            {"StringEquals": {"aws:SourceVpc": ["vpc-1"]}},
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            {"StringEquals": {"aws:PrincipalTag/team": "a"}},
            {"Bool": {"aws:SecureTransport": "false"}},
            {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
            {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}, "ArnNotEquals": {"aws:PrincipalArn": ROLE}},
        ]
    ),
)


@given(st.data(), st.lists(_STATEMENTS, min_size=1, max_size=2), st.sampled_from([True, False, DOUBT]))
def test_masking_never_flips(data: st.DataObject, statements: list[dict[str, Any]], restrict: Ternary) -> None:
    masked = json.loads(json.dumps(statements))
    path = data.draw(st.sampled_from(_paths(statements)))
    place = masked
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = DOUBT
    guards = Guards(True, False, restrict)
    before, after = ways(*statements, guards=guards), ways(*masked, guards=guards)
    for access in Access:
        first, second = reaches(before, Who.ANYONE, access), reaches(after, Who.ANYONE, access)
        assert isinstance(first, Unknown) or isinstance(second, Unknown) or first is second
