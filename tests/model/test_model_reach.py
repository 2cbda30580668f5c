"""Who reaches a bucket: the facts of group I, the ways in, and the laws that they keep."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_model_joins import reference, resource, subjects

from iacscan import model
from iacscan.core import Encoded, Unknown, Value
from iacscan.inputs.configuration import Change, Configuration, Kind, Resource

ADDRESS = "aws_s3_bucket.a"
ARN = "arn:aws:s3:::kitchen"
OPEN = dict.fromkeys(
    ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), False
)
HIDDEN = reference("terraform_data.late", "output")
ACCESSES = ("list", "read", "write", "delete", "change permissions")


def bucket(policy: Value, *more: Resource, **values: Value) -> model.Subject:
    values = {"bucket": "kitchen", **values}
    attached = resource("aws_s3_bucket_policy.a", bucket=reference(ADDRESS), policy=policy)
    return subjects(resource(ADDRESS, **values), attached, *more)[ADDRESS]


def text(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*", **elements}


def block(**flags: Value) -> Resource:
    return resource("aws_s3_bucket_public_access_block.a", bucket="kitchen", **{**OPEN, **flags})


def said(subject: model.Subject, fact: str) -> str:
    return " ".join(item.text for item in subject.evidence[f"policy.{fact}"])


def test_a_policy_for_an_office_as_tutorials_write_it() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.20.30.0/24"}, "NotIpAddress": {"aws:SourceIp": "10.20.30.1/30"}}
    found = bucket(text(allow(Sid="Office", Action="s3:*", Condition=condition), version="2017-12-12"))
    facts = found.facts["policy"]
    assert facts["valid"] is False
    assert facts["problem"] == 'Version "2017-12-12" does not exist; use "2012-10-17"'
    assert facts["source_ip_ineffective"] is True
    assert "10.20.30.0/24 never matches: private addresses" in said(found, "source_ip_ineffective")
    assert "10.20.30.1/30 (which means 10.20.30.0/30)" in said(found, "source_ip_ineffective")
    assert facts["wildcard_actions"] is True
    assert 'Statement "Office" allows every S3 action' in said(found, "wildcard_actions")
    assert facts["denies_plain_http"] is False
    assert facts["public"] is False, "S3 leaves private ranges out of its test of width"


def test_a_policy_that_guards_a_folder_by_mfa() -> None:
    condition = {"Null": {"aws:MultiFactorAuthAge": True}}
    deny = allow(Sid="Mfa", Effect="Deny", Action="s3:*", Resource=f"{ARN}/recipes", Condition=condition)
    found = bucket(text(deny))
    assert found.facts["policy"]["mfa_ineffective"] is True
    assert 'the one object called "recipes", not on what lies under it: that is "recipes/*"' in said(
        found, "mfa_ineffective"
    )
    for resources in (f"{ARN}/recipes/*", [f"{ARN}/recipes", f"{ARN}/recipes/*"], f"{ARN}/recipes/cake.txt"):
        mended = bucket(text({**deny, "Resource": resources}))
        assert mended.facts["policy"]["mfa_ineffective"] is False
    late = bucket(Encoded({"Statement": [{**deny, "Resource": [f"{ARN}/recipes", HIDDEN]}]}))
    assert isinstance(late.facts["policy"]["mfa_ineffective"], Unknown)


def test_accounts_are_listed_once_and_without_the_own_one() -> None:
    identity = Resource(
        "data.aws_caller_identity.a", "aws_caller_identity", "a", {"account_id": "444455556666"}, "data", provider="aws"
    )
    names = ["111122223333", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::444455556666:root"]
    policy = text(allow(Principal={"AWS": names}), allow(Effect="Deny", Principal={"AWS": "777788889999"}))
    assert bucket(policy).facts["policy"]["accounts"] == ["111122223333", "444455556666"]
    facts = bucket(policy, identity).facts["policy"]
    assert facts["accounts"] == ["111122223333"]
    assert facts["more_accounts"] is False


def test_the_own_account_is_told_by_the_arn_of_a_managed_role() -> None:
    role = Resource("aws_iam_role.a", "aws_iam_role", "a", {"arn": "arn:aws:iam::111122223333:role/a"}, provider="aws")
    policy = text(allow(Principal={"AWS": "111122223333"}))
    assert bucket(policy, role).facts["policy"]["accounts"] == []
    other = Resource("aws_iam_role.b", "aws_iam_role", "b", {"arn": "arn:aws:iam::444455556666:role/b"}, provider="aws")
    assert bucket(policy, role, other).facts["policy"]["accounts"] == ["111122223333"], "they disagree"


def test_an_account_that_waits_is_a_doubt_beside_the_list() -> None:
    facts = bucket(Encoded({"Statement": [allow(Principal={"AWS": HIDDEN})]})).facts["policy"]
    assert facts["accounts"] == []
    assert isinstance(facts["more_accounts"], Unknown)


def test_the_policy_of_the_bucket_next_door_is_invalid_though_no_name_is_known() -> None:
    other = resource("aws_s3_bucket.b", bucket=Unknown("chosen by AWS"))
    statement = allow(Principal={"AWS": "111122223333"})
    mixed = Encoded({"Statement": [{**statement, "Resource": reference("aws_s3_bucket.b", "arn")}]})
    own = Encoded({"Statement": [{**statement, "Action": "s3:ListBucket", "Resource": reference(ADDRESS, "arn")}]})
    late = Unknown("chosen by AWS")
    assert bucket(mixed, other, bucket=late).facts["policy"]["valid"] is False
    assert bucket(own, other, bucket=late).facts["policy"]["valid"] is True
    assert isinstance(bucket(text(statement), other, bucket=late).facts["policy"]["valid"], Unknown)
    assert bucket(text({**statement, "Action": "s3:Nothing"}), bucket=late).facts["policy"]["valid"] is False


def cells(subject: model.Subject, who: str) -> dict[str, Any]:
    return {way["access"]: way["open"] for way in subject.facts["reach"]["ways"] if way["who"] == who}


def test_ways_in_through_the_policy() -> None:
    found = bucket(text(allow(Action=["s3:GetObject", "s3:PutObject"])), block())
    assert cells(found, "anyone on the internet") == {"read": True, "write": True}
    closed = bucket(text(allow()), block(restrict_public_buckets=True))
    assert cells(closed, "anyone on the internet") == {"read": False}
    assert [way["blocked_by"] for way in closed.facts["reach"]["ways"]] == ["restrict_public_buckets"]
    undeclared = bucket(text(allow()))
    assert isinstance(cells(undeclared, "anyone on the internet")["read"], Unknown)


def test_ways_in_through_the_acl() -> None:
    ownership = resource(
        "aws_s3_bucket_ownership_controls.a", bucket="kitchen", rule=[{"object_ownership": "ObjectWriter"}]
    )
    acl = resource("aws_s3_bucket_acl.a", bucket="kitchen", acl="public-read-write")
    found = subjects(resource(ADDRESS, bucket="kitchen"), acl, ownership, block())[ADDRESS]
    assert cells(found, "anyone on the internet") == {"list": True, "write": True}
    ignored = subjects(resource(ADDRESS, bucket="kitchen"), acl, ownership, block(ignore_public_acls=True))[ADDRESS]
    assert cells(ignored, "anyone on the internet") == {"list": False, "write": False}
    late = resource("aws_s3_bucket_acl.a", bucket="kitchen", acl=HIDDEN)
    doubt = subjects(resource(ADDRESS, bucket="kitchen"), late, ownership, block())[ADDRESS]
    assert all(isinstance(way["open"], Unknown) for way in doubt.facts["reach"]["ways"])
    assert doubt.facts["reach"]["ways"]


def test_the_owner_in_its_own_acl_is_nobody_else() -> None:
    def grant(identity: str) -> Value:
        return {"permission": "FULL_CONTROL", "grantee": [{"type": "CanonicalUser", "id": identity}]}

    written: Value = [{"owner": [{"id": "75aa57f0"}], "grant": [grant("75aa57f0"), grant("9c2b11aa")]}]
    acl = resource("aws_s3_bucket_acl.a", bucket="kitchen", access_control_policy=written)
    found = subjects(resource(ADDRESS, bucket="kitchen"), acl, block())[ADDRESS]
    assert {way["name"] for way in found.facts["reach"]["ways"]} == {"9c2b11aa"}


def test_the_facts_of_reach_are_those_that_rules_may_name() -> None:
    found = bucket(text(allow()))
    assert set(found.facts["reach"]) == set(model.FIELDS["bucket"]["reach"])
    assert len(found.facts["reach"]) == len(model.FIELDS["bucket"]["reach"])


def point(*more: Resource, **values: Value) -> model.Subject:
    own = resource("aws_s3_access_point.p", name="door", bucket="kitchen", **values)
    built = model.build(Configuration(Kind.PLAN, "plan.json", (own, *more)), ("access-point",))
    return built.subjects[0]


DOOR = "arn:aws:s3:eu-west-1:111122223333:accesspoint/door"
PUBLIC = text(allow(Resource=f"{DOOR}/object/*"))


@pytest.mark.parametrize(
    ("values", "exposed"),
    [
        ({}, False),
        ({"policy": PUBLIC}, True),
        ({"policy": "{}"}, False),
        ({"policy": PUBLIC, "vpc_configuration": [{"vpc_id": "vpc-1"}]}, False),
        ({"policy": text(allow(Principal={"AWS": "111122223333"}, Resource=DOOR))}, False),
        ({"public_access_block_configuration": [{"ignore_public_acls": True}]}, False),
        ({"public_access_block_configuration": [{"ignore_public_acls": False}]}, True),
        ({"public_access_block_configuration": [{"ignore_public_acls": HIDDEN}]}, None),
        ({"public_access_block_configuration": HIDDEN}, None),
        ({"policy": HIDDEN}, None),
        ({"policy": PUBLIC, "vpc_configuration": HIDDEN}, None),
    ],
)
def test_access_points(values: dict[str, Value], exposed: bool | None) -> None:
    found = point(**values).facts["exposed"]
    assert isinstance(found, Unknown) if exposed is None else found is exposed


def test_a_wildcard_in_the_arn_of_the_access_point_limits_a_bucket_and_not_an_access_point() -> None:
    condition = {"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/*"}}
    assert bucket(text(allow(Condition=condition))).facts["policy"]["public"] is False
    assert point(policy=text(allow(Resource=f"{DOOR}/object/*", Condition=condition))).facts["policy"]["public"] is True


@pytest.mark.parametrize(
    ("named", "exposed"),
    [
        (reference("aws_s3_access_point.p", "arn"), True),
        (DOOR, True),
        ("111122223333:door", True),
        ("arn:aws:s3:eu-west-1:111122223333:accesspoint/other", False),
        (HIDDEN, None),
    ],
)
def test_a_policy_of_its_own_finds_its_access_point(named: Value, exposed: bool | None) -> None:
    policy = Resource(
        "aws_s3control_access_point_policy.p",
        "aws_s3control_access_point_policy",
        "p",
        {"access_point_arn": named, "policy": PUBLIC},
    )
    found = point(policy).facts["exposed"]
    assert isinstance(found, Unknown) if exposed is None else found is exposed


def test_ways_in_through_an_access_point() -> None:
    found = point(policy=PUBLIC, public_access_block_configuration=[{"restrict_public_buckets": False}])
    assert cells(found, "anyone on the internet") == {"read": True}
    assert cells(point(policy=PUBLIC), "anyone on the internet") == {"read": False}


def test_a_deleted_access_point_is_not_judged() -> None:
    gone = resource("aws_s3_access_point.p", change=Change.DELETED, name="door", bucket="kitchen")
    assert model.build(Configuration(Kind.PLAN, "plan.json", (gone,)), ("access-point",)).subjects == ()


_CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}},
    {"Bool": {"aws:SecureTransport": "false"}},
    {"StringLike": {"aws:Referer": "https://example.com/*"}},
)
_ELEMENTS = {
    "Principal": ["*", {"AWS": "111122223333"}, {"AWS": ["*"]}, {"Service": "logging.s3.amazonaws.com"}],
    "Action": ["s3:*", "s3:GetObject", ["s3:PutObject", "s3:Delete*"], "s3:PutBucketPolicy", "s3:ListBucket"],
    "Resource": [f"{ARN}/*", ARN, [ARN, f"{ARN}/*"], f"{ARN}/public/*", "*"],
    "Condition": list(_CONDITIONS),
}
_STATEMENTS = st.fixed_dictionaries({key: st.sampled_from(values) for key, values in _ELEMENTS.items()})
_ALLOWS = _STATEMENTS.map(lambda found: {"Effect": "Allow", **found})
_DENIES = _STATEMENTS.map(lambda found: {"Effect": "Deny", **found})
_POLICIES = st.lists(st.one_of(_ALLOWS, _DENIES), max_size=3)


def table(statements: list[dict[str, Any]], **flags: Value) -> dict[tuple[str, str], int]:
    """For each kind of caller and each access the widest way: 0 closed, 1 not known, 2 open."""
    found: dict[tuple[str, str], int] = {}
    for way in bucket(text(*statements), block(**flags)).facts["reach"]["ways"]:
        key = way["who"], way["access"]
        width = 1 if isinstance(way["open"], Unknown) else 2 if way["open"] else 0
        found[key] = max(found.get(key, 0), width)
    return found


@given(_POLICIES, _DENIES, st.booleans())
def test_adding_a_deny_never_widens(policy: list[dict[str, Any]], deny: dict[str, Any], restrict: bool) -> None:
    before = table(policy, restrict_public_buckets=restrict)
    after = table([*policy, deny], restrict_public_buckets=restrict)
    assert all(width <= before.get(key, 0) for key, width in after.items())


@given(_POLICIES, _ALLOWS)
def test_adding_an_allow_never_narrows(policy: list[dict[str, Any]], extra: dict[str, Any]) -> None:
    """Without RestrictPublicBuckets, which a public statement turns against all other accounts."""
    before, after = table(policy), table([*policy, extra])
    assert all(width <= after.get(key, 0) for key, width in before.items())


_JUDGED = (
    "public",
    "denies_plain_http",
    "unrestricted",
    "wildcard_actions",
    "source_ip_ineffective",
    "confused_deputy",
    "mfa_ineffective",
    "valid",
)


@given(_POLICIES.filter(bool), st.data())
def test_hiding_an_element_never_flips_a_fact(policy: list[dict[str, Any]], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(policy) - 1))
    element = data.draw(st.sampled_from([*_ELEMENTS, "Effect"]))
    masked = [{**item, element: HIDDEN} if number == index else item for number, item in enumerate(policy)]
    known = bucket(Encoded({"Version": "2012-10-17", "Statement": policy}), block()).facts
    hidden = bucket(Encoded({"Version": "2012-10-17", "Statement": masked}), block()).facts
    for fact in _JUDGED:
        after = hidden["policy"][fact]
        assert isinstance(after, Unknown) or after is known["policy"][fact], f"{element}: {fact}"
    assert isinstance(hidden["reach"]["public"], Unknown) or hidden["reach"]["public"] is known["reach"]["public"]
    lost = set(known["policy"]["accounts"]) - set(hidden["policy"]["accounts"])
    assert not lost or isinstance(hidden["policy"]["more_accounts"], Unknown)
