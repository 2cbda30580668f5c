"""What each resource or inline argument says about its bucket."""

from dataclasses import replace
from typing import Any

import pytest
from test_model_joins import LATER, reference, resource, subjects

from iacscan.core import Encoded, Origin, Template, Unknown, Value
from iacscan.inputs.configuration import Change, Kind, Resource

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
OPEN = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}]}'
BLOCK = dict.fromkeys(
    ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets"), True
)


def facts(
    slot: str, *resources: Resource, kind: Kind = Kind.PLAN, change: Change = Change.CREATED, **bucket: Value
) -> Any:
    found = subjects(resource("aws_s3_bucket.a", change=change, bucket="a", **bucket), *resources, kind=kind)
    return found["aws_s3_bucket.a"].facts[slot]


def attach(type_: str, change: Change | None = Change.CREATED, **values: Value) -> Resource:
    return resource(f"aws_s3_bucket_{type_}.x", change=change, bucket="a", **values)


def groups(acl: Any) -> list[Any]:
    return [(grant["group"], grant["permission"]) for grant in acl["grants"]]


def test_canned_acl() -> None:
    acl = facts("acl", attach("acl", acl="public-read", access_control_policy=LATER))
    assert ("everyone", "READ") in groups(acl)


def test_listed_grants() -> None:
    grant = {"permission": "WRITE", "grantee": [{"type": "Group", "uri": ALL_USERS, "id": None}]}
    acl = facts("acl", attach("acl", acl=None, access_control_policy=[{"grant": [grant]}]))
    assert groups(acl) == [("everyone", "WRITE")]


@pytest.mark.parametrize(
    ("who", "permission", "reads", "writes", "authenticated"),
    [
        (ALL_USERS, "READ_ACP", True, False, False),
        (ALL_USERS, "FULL_CONTROL", True, True, False),
        (ALL_USERS.replace("AllUsers", "AuthenticatedUsers"), LATER, False, False, True),
        (ALL_USERS, LATER, None, None, False),
        (LATER, "READ", None, False, None),
        ("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE", False, False, False),
    ],
)
def test_what_grants_give_to_public_groups(
    who: Value, permission: Value, reads: bool | None, writes: bool | None, authenticated: bool | None
) -> None:
    grant = {"permission": permission, "grantee": [{"type": "Group", "uri": who, "id": None}]}
    acl = facts("acl", attach("acl", acl=None, access_control_policy=[{"grant": [grant]}]))
    answers = [acl[name] for name in ("everyone_reads", "everyone_writes", "authenticated_users")]
    assert [None if isinstance(each, Unknown) else each for each in answers] == [reads, writes, authenticated]


def test_inline_canned_acl_and_inline_grants() -> None:
    assert ("everyone", "READ") in groups(facts("acl", acl="public-read"))
    grant: Value = {"type": "Group", "uri": ALL_USERS, "permissions": ["READ", "WRITE"]}
    assert groups(facts("acl", grant=[grant])) == [("everyone", "READ"), ("everyone", "WRITE")]


def test_inline_arguments_that_nobody_wrote_are_no_declarations() -> None:
    live = Resource(
        "aws_s3_bucket.a",
        "aws_s3_bucket",
        "a",
        {"bucket": "a", "acl": "public-read", "versioning": [{"enabled": True}], "policy": OPEN},
        declared=frozenset({"bucket"}),
        change=Change.UNCHANGED,
    )
    found = subjects(live)["aws_s3_bucket.a"].facts
    assert found["acl"]["declared"] is False
    assert found["versioning"]["declared"] is False
    assert found["policy"]["declared"] is False


def test_live_inline_values_of_a_state_count() -> None:
    live = Resource("aws_s3_bucket.a", "aws_s3_bucket", "a", {"bucket": "a", "versioning": [{"enabled": True}]})
    assert subjects(live, kind=Kind.STATE)["aws_s3_bucket.a"].facts["versioning"]["status"] == "Enabled"


def test_a_drifted_acl_shows_in_its_live_grants() -> None:
    grant = {"permission": "READ", "grantee": [{"type": "Group", "uri": ALL_USERS}]}
    acl = attach("acl", change=Change.UNCHANGED, acl="private", access_control_policy=[{"grant": [grant]}])
    assert groups(facts("acl", acl)) == [("everyone", "READ")]
    stale = attach("acl", change=Change.UPDATED, acl="private", access_control_policy=[{"grant": [grant]}])
    assert ("everyone", "READ") not in groups(facts("acl", stale))


def test_deleting_the_acl_resource_leaves_the_acl() -> None:
    acl = facts("acl", attach("acl", change=Change.DELETED, acl="public-read"), change=Change.UNCHANGED)
    assert ("everyone", "READ") in groups(acl)


@pytest.mark.parametrize(
    ("grantee", "group"),
    [
        ({"type": "Group", "uri": LATER}, Unknown),
        ({"type": "Group", "uri": Unknown("late", (reference("x.y").references))}, Unknown),
        ({"type": "CanonicalUser", "id": reference("x.y")}, None),
        ({"type": "CanonicalUser", "id": "65a011a29cdf8ec533ec3d1ccaae921c"}, "everyone"),
        ({"type": "AmazonCustomerByEmail", "email_address": "a@example.com"}, None),
    ],
)
def test_grantees(grantee: dict[str, Value], group: Any) -> None:
    policy: Value = [{"grant": [{"permission": "READ", "grantee": [grantee]}]}]
    (found,) = facts("acl", attach("acl", access_control_policy=policy))["grants"]
    assert isinstance(found["group"], Unknown) if group is Unknown else found["group"] == group


def test_an_unknown_acl_is_unknown() -> None:
    acl = facts("acl", attach("acl", acl=reference("terraform_data.x", "output")))
    assert isinstance(acl["grants"], Unknown)
    assert isinstance(facts("acl", attach("acl", acl="no-such-acl"))["grants"], Unknown)


@pytest.mark.parametrize("change", [Change.DELETED, Change.FORGOTTEN])
def test_an_acl_that_goes_does_not_compete_with_the_one_that_takes_its_place(change: Change) -> None:
    old = resource("aws_s3_bucket_acl.old", change=change, bucket="a", acl="public-read")
    assert groups(facts("acl", old, attach("acl", acl="private"), change=Change.UNCHANGED)) == [(None, "FULL_CONTROL")]


def test_what_is_deleted_hides_no_setting_that_may_be_of_its_bucket() -> None:
    old = resource("aws_s3_bucket_acl.old", change=Change.DELETED, bucket="a", acl="private")
    new = resource("aws_s3_bucket_acl.new", bucket=LATER, acl="public-read")
    assert isinstance(facts("acl", old, new, change=Change.UNCHANGED)["grants"], Unknown)


def test_ownership() -> None:
    controls = attach("ownership_controls", rule=[{"object_ownership": "ObjectWriter"}])
    assert facts("ownership", controls)["object_ownership"] == "ObjectWriter"
    gone = attach("ownership_controls", change=Change.DELETED, rule=[{"object_ownership": "ObjectWriter"}])
    assert isinstance(facts("ownership", gone, change=Change.UPDATED)["object_ownership"], Unknown)
    assert facts("ownership")["object_ownership"] is None
    new = resource("aws_s3_bucket_ownership_controls.y", bucket="a", rule=[{"object_ownership": "ObjectWriter"}])
    assert isinstance(facts("ownership", gone, new, change=Change.UPDATED)["object_ownership"], Unknown)


def test_public_access_block_flags_left_out_are_false() -> None:
    block = facts("public_access_block", attach("public_access_block", block_public_acls=True))
    assert block["block_public_acls"] is True
    assert block["restrict_public_buckets"] is False
    assert block["all_on"] is False
    assert facts("public_access_block", attach("public_access_block", **BLOCK))["all_on"] is True


def test_the_account_block_of_the_same_provider_counts() -> None:
    account = resource("aws_s3_account_public_access_block.x", **BLOCK)
    assert facts("public_access_block", account)["all_on"] is True
    partial = attach("public_access_block", **{**BLOCK, "block_public_acls": False})
    assert facts("public_access_block", account, partial)["all_on"] is True


def test_the_account_block_of_another_provider_is_unknown() -> None:
    account = resource("aws_s3_account_public_access_block.x", provider="aws.other", **BLOCK)
    assert isinstance(facts("public_access_block", account)["all_on"], Unknown)
    weak = resource("aws_s3_account_public_access_block.x", provider="aws.other", block_public_acls=True)
    assert facts("public_access_block", weak)["all_on"] is False
    assert facts("public_access_block", weak, attach("public_access_block", **BLOCK))["all_on"] is True


@pytest.mark.parametrize(("provider", "all_on"), [("aws", True), ("aws.other", None)])
def test_the_account_block_counts_for_a_bucket_only_named_by_what_is_of_its_provider(
    provider: str, all_on: bool | None
) -> None:
    account = resource("aws_s3_account_public_access_block.x", **BLOCK)
    off: dict[str, Value] = dict.fromkeys(BLOCK, False)
    block = resource("aws_s3_bucket_public_access_block.b", provider=provider, bucket="elsewhere", **off)
    holds = subjects(account, block)[block.address].facts["public_access_block"]["all_on"]
    assert holds is True if all_on else isinstance(holds, Unknown)


def test_encryption() -> None:
    default: Value = [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms"}]}]
    assert facts("encryption", attach("server_side_encryption_configuration", rule=default))["algorithm"] == "aws:kms"
    assert facts("encryption", server_side_encryption_configuration=[{"rule": default}])["algorithm"] == "aws:kms"
    no_algorithm: Value = [{"bucket_key_enabled": True, "apply_server_side_encryption_by_default": []}]
    part = facts("encryption", attach("server_side_encryption_configuration", rule=no_algorithm))
    assert part["declared"] is False
    no_such: Value = [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "rot13"}]}]
    assert facts("encryption", attach("server_side_encryption_configuration", rule=no_such))["declared"] is False
    late = attach("server_side_encryption_configuration", rule=reference("x.y"))
    assert isinstance(facts("encryption", late)["algorithm"], Unknown)


@pytest.mark.parametrize(
    ("inline", "status", "mfa"),
    [
        ({"enabled": True, "mfa_delete": True}, "Enabled", "Enabled"),
        ({"enabled": True, "mfa_delete": False}, "Enabled", "Disabled"),
        ({"enabled": False}, "Suspended", None),
        ({}, "Suspended", None),
    ],
)
def test_inline_versioning(inline: dict[str, Value], status: str, mfa: str | None) -> None:
    part = facts("versioning", versioning=[inline])
    assert (part["status"], part["mfa_delete"]) == (status, mfa)


def test_logging_to_no_bucket_is_none() -> None:
    assert facts("logging", attach("logging", target_bucket="", target_prefix=""))["declared"] is False
    assert facts("logging", logging=[{"target_bucket": "", "target_prefix": ""}])["declared"] is False


def test_versioning() -> None:
    part = facts(
        "versioning", attach("versioning", versioning_configuration=[{"status": "Enabled", "mfa_delete": LATER}])
    )
    assert (part["status"], part["mfa_delete"]) == ("Enabled", None), "an omitted computed argument is not a value"
    gone = attach("versioning", change=Change.DELETED, versioning_configuration=[{"status": "Enabled"}])
    assert facts("versioning", gone, change=Change.UNCHANGED)["status"] == "Suspended"


def test_object_lock_switches_versioning_on() -> None:
    assert facts("versioning", object_lock_enabled=True)["status"] == "Enabled"
    assert facts("versioning", object_lock_enabled=False)["status"] is None
    assert facts("versioning", object_lock_configuration=[{"object_lock_enabled": "Enabled"}])["status"] == "Enabled"
    assert facts("object_lock", attach("object_lock_configuration", rule=[]))["enabled"] is True


@pytest.mark.parametrize(
    ("lock", "bucket", "status"),
    [
        (Change.CREATED, Change.CREATED, "None"),
        (Change.CREATED, Change.UNCHANGED, "unknown"),
        (Change.UNCHANGED, Change.UNCHANGED, "Enabled"),
        (Change.UPDATED, Change.UPDATED, "Enabled"),
        (None, None, "unknown"),
    ],
)
def test_a_lock_of_its_own_needs_versioning_and_does_not_switch_it_on(
    lock: Change | None, bucket: Change | None, status: str
) -> None:
    change: Any = bucket
    part = facts("versioning", attach("object_lock_configuration", lock, rule=[]), change=change)
    assert ("unknown" if isinstance(part["status"], Unknown) else str(part["status"])) == status
    written = attach("versioning", versioning_configuration=[{"status": "Suspended"}])
    both = facts("versioning", attach("object_lock_configuration", lock, rule=[]), written, change=change)
    assert both["status"] == "Suspended"


def test_a_state_that_has_a_lock_has_versioning() -> None:
    lock = replace(attach("object_lock_configuration", None, rule=[]), declared=None)
    assert facts("versioning", lock)["status"] == "Enabled"


@pytest.mark.parametrize(
    ("arguments", "dotted"),
    [
        ({"bucket": "my.app"}, True),
        ({"bucket": "my-app"}, False),
        ({"bucket": Template((LATER, ".app"))}, True),
        ({"bucket": Template((LATER, "-app"))}, None),
        ({"bucket": LATER}, None),
        ({"bucket": Unknown()}, None),
        ({"bucket": None}, False),
        ({}, False),
        ({"bucket": None, "bucket_prefix": "my.app-"}, True),
        ({"bucket_prefix": "my-app-"}, False),
        ({"bucket_prefix": LATER}, None),
    ],
)
def test_a_name_that_has_a_dot(arguments: dict[str, Value], dotted: bool | None) -> None:
    found = subjects(resource("aws_s3_bucket.a", **arguments))["aws_s3_bucket.a"].facts["naming"]["dotted"]
    assert isinstance(found, Unknown) if dotted is None else found is dotted


def test_what_the_provider_names_has_no_dot() -> None:
    named = replace(resource("aws_s3_bucket.a", bucket=Unknown(), bucket_prefix=Unknown()), declared=frozenset())
    assert subjects(named)["aws_s3_bucket.a"].facts["naming"]["dotted"] is False


def test_replication_that_is_switched_off_is_found_at_its_rule() -> None:
    rules: Value = [{"status": "Disabled", "destination": [{"bucket": "b"}]}]
    off = attach("replication_configuration", rule=rules)
    found = subjects(resource("aws_s3_bucket.a", bucket="a"), off)["aws_s3_bucket.a"]
    assert found.facts["replication"]["declared"] is False
    assert found.origins["replication"] == (Origin(off.address, ("rule", 0, "status")),)
    assert [item.text for item in found.evidence["replication"]] == [
        "a replication rule is declared, and it is disabled"
    ]


@pytest.mark.parametrize("odd", [["*"], {"a": "*"}, 1, None])
def test_values_of_a_type_that_no_provider_writes_are_no_origins(odd: Value) -> None:
    rules: Value = [{"allowed_origins": [odd], "allowed_methods": ["PUT"]}]
    assert facts("cors", attach("cors_configuration", cors_rule=rules))["open_writes"] is False
    assert facts("versioning", versioning=[{"enabled": odd, "mfa_delete": odd}])["status"] == "Suspended"


def test_logging_targets() -> None:
    logs = resource("aws_s3_bucket.logs", bucket="logs")
    part = facts("logging", attach("logging", target_bucket=reference("aws_s3_bucket.logs")), logs)
    assert (part["declared"], part["to_itself"], part["is_target"]) == (True, False, False)
    found = subjects(resource("aws_s3_bucket.a", bucket="a"), attach("logging", target_bucket="logs"), logs)
    assert found["aws_s3_bucket.logs"].facts["logging"]["is_target"] is True
    assert facts("logging", attach("logging", target_bucket="a"))["to_itself"] is True
    assert (
        facts("logging", attach("logging", target_bucket=reference("aws_s3_bucket.a", "bucket")))["to_itself"] is True
    )
    assert isinstance(facts("logging", attach("logging", target_bucket=reference("x.y")))["to_itself"], Unknown)
    assert facts("logging", logging=[{"target_bucket": "a"}])["to_itself"] is True


def test_other_parts() -> None:
    assert facts("website", attach("website_configuration", index_document=[{"suffix": "i"}]))["declared"] is True
    assert facts("website", website=[{"index_document": "i"}])["declared"] is True
    assert facts("website")["declared"] is False
    assert facts("lifecycle", attach("lifecycle_configuration", rule=[{"id": "x"}]))["rules"] == 1
    assert facts("lifecycle", lifecycle_rule=[{"id": "x"}, {"id": "y"}])["rules"] == 2


def test_a_policy_with_the_buckets_own_arn_as_a_hole() -> None:
    arn = reference("aws_s3_bucket.a", "arn")
    document = Encoded(
        {
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, Template((arn, "/*"))],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ]
        }
    )
    policy = facts("policy", attach("policy", policy=document))
    assert (policy["public"], policy["denies_plain_http"]) == (False, True)


def test_a_policy_that_is_not_known() -> None:
    policy = facts("policy", attach("policy", policy=reference("x.y", "json")))
    assert isinstance(policy["public"], Unknown)
    assert isinstance(policy["denies_plain_http"], Unknown)
    assert facts("policy", attach("policy", policy=""))["declared"] is False


@pytest.mark.parametrize(
    ("resources", "public"),
    [
        ([attach("policy", policy=OPEN), attach("public_access_block")], True),
        ([attach("policy", policy=OPEN), attach("public_access_block", **BLOCK)], False),
        ([attach("policy", policy=OPEN)], Unknown),
        ([attach("acl", acl="public-read"), attach("public_access_block")], Unknown),
        (
            [
                attach("acl", acl="public-read"),
                attach("public_access_block"),
                attach("ownership_controls", rule=[{"object_ownership": "ObjectWriter"}]),
            ],
            True,
        ),
        (
            [
                attach("acl", acl="public-read"),
                attach("public_access_block"),
                attach("ownership_controls", rule=[{"object_ownership": "BucketOwnerEnforced"}]),
            ],
            False,
        ),
        ([attach("acl", acl=reference("x.y")), attach("public_access_block", ignore_public_acls=True)], False),
        ([], False),
    ],
)
def test_reach(resources: list[Resource], public: Any) -> None:
    reach = facts("reach", *resources)["public"]
    assert isinstance(reach, Unknown) if public is Unknown else reach is public


def test_tags() -> None:
    assert facts("tags", tags={"a": "1"}, tags_all={"a": "1", "b": "2"}) == {"a": "1", "b": "2"}
    assert facts("tags_pending", tags={"a": "1"}, tags_all={"a": "1"}) is None
    assert facts("tags", tags={"a": "1"}, tags_all=LATER) == {"a": "1"}
    assert isinstance(facts("tags_pending", tags={"a": "1"}, tags_all=LATER), Unknown)


def test_a_literal_arn_may_be_that_of_a_bucket_whose_name_is_not_known() -> None:
    deny = (
        '{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::prod","arn:aws:s3:::prod/*"],'
        '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
    )
    policy = resource("aws_s3_bucket_policy.x", bucket=reference("aws_s3_bucket.a"), policy=deny)
    late = subjects(resource("aws_s3_bucket.a", bucket=reference("var.name")), policy)
    assert isinstance(late["aws_s3_bucket.a"].facts["policy"]["denies_plain_http"], Unknown)
    generated = subjects(resource("aws_s3_bucket.a", bucket=LATER), policy)
    assert generated["aws_s3_bucket.a"].facts["policy"]["denies_plain_http"] is False
    other = subjects(resource("aws_s3_bucket.a", bucket="dev"), policy)
    assert other["aws_s3_bucket.a"].facts["policy"]["denies_plain_http"] is False


def test_objects_of_a_bucket() -> None:
    public = resource("aws_s3_object.x", bucket=reference("aws_s3_bucket.a"), key="k", acl="public-read")
    private = resource("aws_s3_object.x", bucket="a", key="k", acl="private")
    late = resource(
        "aws_s3_object.x", bucket=Unknown("a local", reference("x.y").references), key="k", acl="public-read"
    )
    assert facts("objects", public) == {"declared": True, "public": True}
    assert facts("objects", private) == {"declared": True, "public": False}
    assert facts("objects") == {"declared": False, "public": False}
    assert isinstance(facts("objects", late)["public"], Unknown)
