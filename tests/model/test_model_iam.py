"""Which resources carry an IAM policy, and who gets it."""

import json
from typing import Any

from model_resources import LATER, reference, resource

from iacscan import model
from iacscan.core import Encoded, Reference, Unknown
from iacscan.inputs.configuration import Configuration, Kind, Resource

EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
MAIL = json.dumps({"Statement": [{"Effect": "Allow", "Action": "ses:*", "Resource": "*"}]})


def judged(kind: str, *resources: Resource) -> dict[str, Any]:
    built = model.build(Configuration(Kind.SOURCE, ".", resources), (kind,))
    return {subject.address: dict(subject.facts) for subject in built.subjects}


def wildcards(*resources: Resource) -> dict[str, Any]:
    return {address: facts["all_buckets"] for address, facts in judged("iam-policy", *resources).items()}


def test_every_carrier_is_a_subject() -> None:
    found = wildcards(
        resource("aws_iam_policy.a", policy=EVERYTHING),
        resource("aws_iam_role_policy.a", policy=EVERYTHING),
        resource("aws_iam_group_policy.a", policy=MAIL),
        resource("aws_iam_role.a", inline_policy=[{"name": "x", "policy": EVERYTHING}]),
        resource("aws_ssoadmin_permission_set_inline_policy.a", inline_policy=EVERYTHING),
        resource("aws_iam_role.none", name="none"),
    )
    assert found == {
        "aws_iam_policy.a": True,
        "aws_iam_role_policy.a": True,
        "aws_iam_group_policy.a": False,
        "aws_iam_role.a": True,
        "aws_ssoadmin_permission_set_inline_policy.a": True,
    }


def test_an_attachment_is_judged_only_for_what_is_written_nowhere_else() -> None:
    managed = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    found = wildcards(
        resource("aws_iam_policy.own", policy=EVERYTHING, arn="arn:aws:iam::111122223333:policy/own"),
        resource("aws_iam_role_policy_attachment.by_reference", policy_arn=reference("aws_iam_policy.own", "arn")),
        resource("aws_iam_role_policy_attachment.by_arn", policy_arn="arn:aws:iam::111122223333:policy/own"),
        resource("aws_iam_role_policy_attachment.elsewhere", policy_arn="arn:aws:iam::111122223333:policy/other"),
        resource("aws_iam_role_policy_attachment.managed", policy_arn=managed),
        resource("aws_iam_role_policy_attachments_exclusive.managed", policy_arns=[managed]),
    )
    assert found == {
        "aws_iam_policy.own": True,
        "aws_iam_role_policy_attachment.managed": True,
        "aws_iam_role_policy_attachments_exclusive.managed": True,
    }


def test_a_policy_that_is_looked_up_is_judged_by_its_text() -> None:
    found = wildcards(
        resource(
            "data.aws_iam_policy.found", name="found", policy=EVERYTHING, arn="arn:aws:iam::111122223333:policy/found"
        ),
        resource("aws_iam_role_policy_attachment.a", policy_arn=reference("data.aws_iam_policy.found", "arn")),
    )
    assert found == {"aws_iam_role_policy_attachment.a": True}


def test_a_document_is_judged_once() -> None:
    document: Any = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    carried = resource("data.aws_iam_policy_document.a", json=EVERYTHING)
    assert wildcards(carried) == {"data.aws_iam_policy_document.a": True}
    assert wildcards(carried, resource("aws_iam_policy.a", policy=EVERYTHING)) == {"aws_iam_policy.a": True}
    encoded = resource("data.aws_iam_policy_document.a", json=Encoded(document))
    assert wildcards(encoded, resource("aws_iam_policy.a", policy=Encoded(document))) == {"aws_iam_policy.a": True}
    assert wildcards(carried, resource("aws_organizations_policy.scp", content=EVERYTHING)) == {}


def test_documents_with_principals_are_no_identity_policies() -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
    assert wildcards(resource("data.aws_iam_policy_document.a", json=json.dumps(trust))) == {}


def test_a_document_that_another_takes_in_is_judged_there() -> None:
    inner = resource("data.aws_iam_policy_document.inner", json=MAIL)
    outer = resource(
        "data.aws_iam_policy_document.outer",
        source_policy_documents=[reference("data.aws_iam_policy_document.inner", "json")],
        json=EVERYTHING,
    )
    assert wildcards(inner, outer) == {"data.aws_iam_policy_document.outer": True}


def test_a_document_in_one_that_a_doubt_may_carry_is_not_judged_itself() -> None:
    inner = resource("data.aws_iam_policy_document.inner", json=EVERYTHING)
    outer = resource("data.aws_iam_policy_document.outer", source_policy_documents=[EVERYTHING], json=EVERYTHING)
    either = Unknown("one of several", (Reference(outer.address, ("json",)), Reference("aws_s3_bucket.b", ("arn",))))
    assert set(wildcards(inner, outer)) == {inner.address, outer.address}
    assert set(wildcards(inner, outer, resource("aws_iam_policy.a", policy=either))) == {"aws_iam_policy.a"}


def test_a_boundary_gives_nothing() -> None:
    policy = resource("aws_iam_policy.a", policy=EVERYTHING)
    bounded = resource("aws_iam_role.a", permissions_boundary=reference("aws_iam_policy.a", "arn"))
    attached = resource("aws_iam_role_policy_attachment.a", policy_arn=reference("aws_iam_policy.a", "arn"))
    assert wildcards(policy, bounded) == {}
    assert wildcards(policy, bounded, attached) == {"aws_iam_policy.a": True}


def test_what_is_not_known_is_a_doubt() -> None:
    found = wildcards(
        resource("aws_iam_policy.a", policy=LATER),
        resource("aws_iam_role_policy_attachment.a", policy_arn=LATER),
    )
    assert all(isinstance(value, Unknown) for value in found.values())
    assert len(found) == 2


def test_an_access_key_is_judged_by_what_its_user_may_do() -> None:
    key = resource("aws_iam_access_key.k", user=reference("aws_iam_user.u", "name"))
    user = resource("aws_iam_user.u", name="u")
    direct = resource("aws_iam_user_policy.p", user="u", policy=EVERYTHING)
    group = resource("aws_iam_group.g", name="g")
    member = resource("aws_iam_user_group_membership.m", user="u", groups=["g"])
    of_group = resource("aws_iam_group_policy.p", group=reference("aws_iam_group.g", "name"), policy=EVERYTHING)

    def access(*resources: Resource) -> Any:
        return judged("user-access", key, *resources)["aws_iam_access_key.k"]["s3"]

    assert access(user) is False
    assert access(user, direct) is True
    assert access(user, group, member, of_group) is True
    assert isinstance(access(), Unknown)


def test_attachments_to_users_only() -> None:
    arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    found = judged(
        "user-access",
        resource("aws_iam_policy_attachment.roles", roles=["r"], users=[], policy_arn=arn),
        resource("aws_iam_policy_attachment.users", users=["u"], policy_arn=arn),
        resource("aws_iam_policy_attachment.perhaps", users=LATER, policy_arn=arn),
        resource("aws_iam_group_policy_attachment.group", group="g", policy_arn=arn),
    )
    assert {address: facts["s3"] is True for address, facts in found.items()} == {
        "aws_iam_policy_attachment.users": True,
        "aws_iam_policy_attachment.perhaps": False,
    }
