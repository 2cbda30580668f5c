"""Ways into a bucket through its access points."""

from __future__ import annotations

import copy
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.policies.policy import Policy, parse
from iacscan.aws.policies.simulate import Outcome, Request, simulate
from iacscan.aws.reach.bucket import Access, AccessPoint, Guards, Way, reaches, ways_by_access_points, ways_in
from iacscan.aws.reach.callers import Who
from iacscan.core import Encoded, Reference, Unknown, Value

ARN = "arn:aws:s3:::b"
POINT = "arn:aws:s3:eu-west-1:111122223333:accesspoint/door"
ROLE = "arn:aws:iam::444455556666:role/r"
DOUBT = Unknown("var.x is not set")
OWN = Unknown(references=(Reference("data.aws_caller_identity.me", ("account_id",)),), exact=True)
OTHER = Unknown(references=(Reference("data.aws_caller_identity.other", ("account_id",)),), exact=True)
ITSELF = Unknown(references=(Reference("aws_s3_access_point.door", ("arn",)),), exact=True)
OPEN = Guards(False, True, False)
ALL = {"list", "read", "write", "delete", "change permissions"}


def policy(*statements: Value) -> Policy:
    found = parse(Encoded({"Version": "2012-10-17", "Statement": list(statements)}))
    assert isinstance(found, Policy)
    return found


def inner(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": [POINT, f"{POINT}/object/*"], **changes}


def outer(key: str = "s3:DataAccessPointAccount", value: Value = "111122223333", **changes: Any) -> dict[str, Any]:
    delegated = {"Condition": {"StringLike": {key: value}}}
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*", **delegated, **changes}


def door(*statements: Value, **changes: Any) -> AccessPoint:
    point = AccessPoint(
        "door",
        "aws_s3_access_point.door",
        POINT,
        policy(*statements),
        True,
        False,
        True,
        "111122223333",
        holder=lambda hole: hole if "other" in str(hole) else None,
    )
    return replace(point, **changes)


def through(point: AccessPoint, *statements: Value, guards: Guards = OPEN, own: str | None = None) -> list[Way]:
    found = ways_by_access_points(policy(*statements), (point,), guards, ARN, own)
    return [way for way in found if way.who is not Who.DELEGATED]


def opened(ways: list[Way], who: Who = Who.ANYONE) -> set[str]:
    return {way.access.value for way in ways if way.who is who and way.open is True}


def test_a_delegated_bucket_is_reached_through_its_access_point_alone() -> None:
    delegate = outer(Sid="Delegate")
    assert not [way for way in ways_in(policy(delegate), None, OPEN, ARN) if way.open is True]
    found = through(door(inner(Sid="All")), delegate)
    assert opened(found) == {"list", "read", "write", "delete", "change permissions"}
    assert {(way.through, way.source) for way in found} == {("access point", 'access point door: Statement "All"')}
    assert found[0].conditions == ('let through by the bucket policy: Statement "Delegate"',)


@pytest.mark.parametrize(
    ("left", "right", "who", "expected"),
    [
        ({"Action": "s3:GetObject"}, {}, Who.ANYONE, {"read"}),
        ({}, {"Action": "s3:GetObject"}, Who.ANYONE, {"read"}),
        ({"Action": "s3:GetObject"}, {"Action": "s3:PutObject"}, Who.ANYONE, set()),
        ({"Action": "s3:PutBucketPolicy", "Resource": POINT}, {}, Who.ANYONE, set()),
        ({"Principal": {"AWS": ROLE}, "Action": "s3:GetObject"}, {}, Who.PRINCIPAL, {"read"}),
        ({"Action": "s3:GetObject"}, {"Principal": {"AWS": ROLE}}, Who.PRINCIPAL, {"read"}),
        ({"Principal": {"AWS": ROLE}, "Action": "s3:GetObject"}, {"Principal": {"AWS": ROLE}}, Who.PRINCIPAL, {"read"}),
        (
            {"Principal": {"AWS": "444455556666"}, "Action": "s3:GetObject"},
            {"Principal": {"AWS": ROLE}},
            Who.PRINCIPAL,
            {"read"},
        ),
        ({"Principal": {"AWS": ROLE}}, {"Principal": {"AWS": "111122223333"}}, Who.PRINCIPAL, set()),
        ({"Action": "s3:Get*", "Resource": f"{POINT}/object/a/*"}, {"Resource": f"{ARN}/a/b/*"}, Who.ANYONE, {"read"}),
        ({"Action": "s3:Get*", "Resource": f"{POINT}/object/a/*"}, {"Resource": f"{ARN}/c/*"}, Who.ANYONE, set()),
        ({"Action": "s3:List*", "Resource": POINT}, {}, Who.ANYONE, {"list"}),
        ({"Action": "s3:List*", "Resource": f"{POINT}/*"}, {}, Who.ANYONE, set()),
        ({"Action": "s3:Get*", "Resource": f"{POINT}/*"}, {}, Who.ANYONE, {"read"}),
        (
            {"Action": "s3:Get*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
            {},
            Who.ORGANIZATION,
            {"read"},
        ),
    ],
)
def test_both_policies_must_let_in(left: Any, right: Any, who: Who, expected: set[str]) -> None:
    assert opened(through(door(inner(**left)), outer(**right)), who) == expected


@pytest.mark.parametrize(
    ("key", "value", "changes", "expected"),
    [
        ("s3:DataAccessPointAccount", "111122223333", {}, True),
        ("s3:DataAccessPointAccount", "444455556666", {}, False),
        ("s3:DataAccessPointAccount", OWN, {}, True),
        ("s3:DataAccessPointAccount", OWN, {"account": None}, True),
        ("s3:DataAccessPointAccount", OTHER, {}, None),
        ("s3:DataAccessPointAccount", "111122223333", {"account": None}, None),
        ("s3:DataAccessPointAccount", DOUBT, {}, None),
        ("s3:DataAccessPointArn", POINT, {}, True),
        ("s3:DataAccessPointArn", ITSELF, {"named": False}, True),
        ("s3:DataAccessPointArn", "arn:aws:s3:*:111122223333:accesspoint/*", {"named": False}, True),
        ("s3:DataAccessPointArn", "arn:aws:s3:*:111122223333:accesspoint/other", {}, False),
        ("s3:DataAccessPointArn", "arn:aws:s3:eu-west-1:111122223333:accesspoint/other", {"named": False}, None),
        ("s3:AccessPointNetworkOrigin", "Internet", {}, True),
        ("s3:AccessPointNetworkOrigin", "VPC", {}, False),
    ],
)
def test_which_access_points_a_bucket_means(key: str, value: Value, changes: Any, expected: bool | None) -> None:
    found = through(door(inner(Action="s3:GetObject"), **changes), outer(key, value))
    open_ = [way.open for way in found if way.who is Who.ANYONE]
    if expected is None:
        assert open_
        assert all(isinstance(value, Unknown) for value in open_)
    else:
        assert open_ == ([True] if expected else [])


def test_a_deny_of_either_policy_stops() -> None:
    get = inner(Action="s3:GetObject")
    assert through(door(get, inner(Effect="Deny")), outer()) == []
    assert through(door(get), outer(), outer(Effect="Deny", Condition={})) == []
    assert through(door(get, inner(Effect="Deny", Resource=f"{POINT}/object/*")), outer()) == []
    unless = outer(Effect="Deny", Condition={"StringNotEquals": {"s3:DataAccessPointAccount": OWN}})
    assert opened(through(door(get), outer(), unless)) == {"read"}
    tls = outer(Sid="Tls", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    (way,) = through(door(get), outer(), tls)
    assert way.open is True
    assert way.conditions[-1] == 'over TLS only (Statement "Tls")'


def test_every_public_access_block_counts() -> None:
    get = inner(Action="s3:GetObject")
    role = inner(Action="s3:GetObject", Principal={"AWS": ROLE})
    assert opened(through(door(get), outer())) == {"read"}
    (way,) = through(door(get, restrict=True), outer())
    assert (way.open, way.blocked_by) == (False, "restrict_public_buckets of door")
    (way,) = through(door(get), outer(), guards=Guards(False, True, True))
    assert (way.open, way.blocked_by) == (False, "restrict_public_buckets")
    (way,) = through(door(get), outer(), guards=Guards(False, True, DOUBT))
    assert isinstance(way.open, Unknown)
    closed = door(role, public=False, restrict=True)
    assert opened(through(closed, outer(), guards=Guards(False, True, True)), Who.PRINCIPAL) == {"read"}


def test_one_in_a_vpc_admits_only_from_there() -> None:
    get = inner(Action="s3:GetObject")
    (way,) = through(door(get, vpc="vpc-1", public=False), outer())
    assert (way.who, way.name, way.open) == (Who.NETWORK, "vpc-1", True)
    assert "only from vpc-1" in way.conditions
    (way,) = through(door(get, vpc="vpc-1", public=False), outer("s3:AccessPointNetworkOrigin", "VPC"))
    assert way.open is True
    elsewhere = inner(Action="s3:GetObject", Condition={"StringEquals": {"aws:SourceVpc": "vpc-2"}})
    assert through(door(elsewhere, vpc="vpc-1"), outer()) == []


@pytest.mark.parametrize("unread", [DOUBT, parse("{")])
def test_a_bucket_policy_that_is_not_known_may_let_everything_through(unread: Policy | Unknown) -> None:
    ways = ways_by_access_points(unread, (door(inner()), door(inner(Effect="Deny")), door(policy=None)), OPEN, ARN)
    assert len(ways) == len(Access)
    assert all(isinstance(way.open, Unknown) for way in ways)


def test_more_statements_than_aws_accepts_are_not_worked_out() -> None:
    many = [inner(Resource=f"{POINT}/object/{index}/*") for index in range(100)]
    ways = through(door(*many), *(outer(Resource=f"{ARN}/{index}/*") for index in range(100)))
    assert {way.who for way in ways} == {Who.UNKNOWN}


def test_what_is_not_known_stays_so() -> None:
    assert through(door(policy=None), outer()) == []
    for point in (door(policy=DOUBT), door(DOUBT)):
        ways = through(point, outer())
        assert {way.who for way in ways} == {Who.UNKNOWN}
        assert all(isinstance(way.open, Unknown) for way in ways)
    ways = through(door(inner(Effect=DOUBT, Action="s3:GetObject")), outer())
    assert ways
    assert all(isinstance(way.open, Unknown) for way in ways)


@pytest.mark.parametrize("where", [0, 1])
def test_a_statement_that_is_not_known_may_deny(where: int) -> None:
    more: list[list[Value]] = [[], []]
    more[where] = [DOUBT]
    ways = [way for way in through(door(inner(), *more[0]), outer(), *more[1]) if way.who is not Who.UNKNOWN]
    assert ways
    assert all(isinstance(way.open, Unknown) for way in ways)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"Action": DOUBT}, {}),
        ({}, {"Action": DOUBT}),
        ({"Action": "s3:Get*", "Resource": DOUBT}, {}),
        ({"Action": "s3:Get*"}, {"Resource": DOUBT}),
        ({"Principal": {"AWS": DOUBT}}, {"Principal": {"AWS": ROLE}}),
        ({"Principal": {"AWS": ROLE}}, {"Principal": {"AWS": DOUBT}}),
        ({"Principal": {"AWS": DOUBT}}, {}),
        ({"Action": "s3:Get*"}, {"Condition": {"StringEquals": {"aws:SourceVpce": DOUBT}}}),
        ({"Action": "s3:Get*", "Condition": DOUBT}, {}),
    ],
)
def test_what_either_policy_leaves_open_stays_so(left: Any, right: Any) -> None:
    ways = through(door(inner(**left)), outer(**right))
    assert ways
    assert all(isinstance(way.open, Unknown) and way.witness is None for way in ways)


def test_access_points_that_are_not_in_the_input_are_told_of() -> None:
    def told(*statements: Value) -> list[Way]:
        found = ways_by_access_points(policy(*statements), (door(inner()),), OPEN, ARN)
        return [way for way in found if way.who is Who.DELEGATED]

    ways = told(outer(Action="s3:GetObject"))
    assert [(way.access.value, way.name) for way in ways] == [("read", "of 111122223333 that are not in the input")]
    assert all(isinstance(way.open, Unknown) for way in ways)
    assert told(outer("s3:DataAccessPointArn", "arn:aws:s3:*:111122223333:accesspoint/*"))
    assert told(outer("s3:DataAccessPointArn", POINT)) == []
    assert told(outer("s3:DataAccessPointArn", ITSELF)) == []
    assert told(outer(Effect="Deny")) == []


def _statements(resources: list[Value], key: str | None) -> st.SearchStrategy[dict[str, Any]]:
    conditions: list[dict[str, Any]] = [
        {},
        {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        *([{"StringEquals": {key: "111122223333"}}, {"StringNotEquals": {key: "111122223333"}}] if key else []),
    ]
    return st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
            "Principal": st.sampled_from(["*", {"AWS": ROLE}, {"AWS": "444455556666"}]),
            "Action": st.sampled_from(["s3:*", "s3:GetObject", "s3:PutObject"]),
            "Resource": st.sampled_from(resources),
            "Condition": st.sampled_from(conditions),
        }
    )


@given(
    st.lists(_statements([f"{POINT}/object/*", f"{POINT}/object/a/*", "*"], None), min_size=1, max_size=3),
    st.lists(_statements([f"{ARN}/*", f"{ARN}/a/*", "*"], "s3:DataAccessPointAccount"), min_size=1, max_size=3),
)
def test_a_request_through_the_access_point_gets_in_where_both_policies_allow_it(
    left: list[dict[str, Any]], right: list[dict[str, Any]]
) -> None:
    point, ways = policy(*left), through(door(*left), *right)
    keys = {
        "s3:DataAccessPointAccount": "111122223333",
        "s3:DataAccessPointArn": POINT,
        "s3:AccessPointNetworkOrigin": "Internet",
    }

    def allowed(caller: str, action: str, resource: str, context: dict[str, Any]) -> bool:
        whole = {**context, **keys}
        of_bucket = resource.replace(f"{POINT}/object", ARN).replace(POINT, ARN)
        return all(
            simulate(document, Request(caller, action, asked, whole)).outcome is Outcome.ALLOWED
            for document, asked in ((point, resource), (policy(*right), of_bucket))
        )

    for way in ways:
        assert way.witness is not None
        found = way.witness
        assert allowed(found.principal, found.action, found.resource, dict(found.context))
    for caller, action, target, org, vpce, tls in product(
        ("anonymous", ROLE),
        ("s3:GetObject", "s3:PutObject"),
        (f"{POINT}/object/a/k", f"{POINT}/object/b"),
        (None, "o-a1b2c3d4e5"),
        (None, "vpce-1"),
        (True, False),
    ):
        org_of = None if caller == "anonymous" else org
        if allowed(
            caller, action, target, {"aws:PrincipalOrgID": org_of, "aws:SourceVpce": vpce, "aws:SecureTransport": tls}
        ):
            access = "read" if action == "s3:GetObject" else "write"
            assert any(way.access.value == access and way.open is True for way in ways)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [entry for key, item in inside for entry in [(*path, key), *_paths(item, (*path, key))]]


@given(
    st.data(),
    st.lists(_statements([f"{POINT}/object/*", f"{POINT}/object/a/*", "*"], None), min_size=1, max_size=2),
    st.lists(_statements([f"{ARN}/*", f"{ARN}/a/*", "*"], "s3:DataAccessPointAccount"), min_size=1, max_size=2),
)
def test_masking_never_flips(data: st.DataObject, left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    masked = copy.deepcopy([left, right])
    path = data.draw(st.sampled_from([path for path in _paths(masked) if len(path) > 1]))
    place: Any = masked
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = DOUBT
    before, after = through(door(*left), *right), through(door(*masked[0]), *masked[1])
    for access in Access:
        first, second = reaches(before, Who.ANYONE, access), reaches(after, Who.ANYONE, access)
        assert isinstance(first, Unknown) or isinstance(second, Unknown) or first is second
