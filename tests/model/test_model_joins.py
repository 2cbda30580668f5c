"""Joins: every stand-alone resource reaches its bucket, and what cannot be told is unknown, never absent."""

from dataclasses import replace

import pytest

from iacscan import model
from iacscan.core import Reference, Template, Unknown, Value
from iacscan.inputs.configuration import Change, Configuration, Kind, Resource

LATER = Unknown("known after apply")


def reference(address: str, attribute: str = "id") -> Unknown:
    return Unknown(references=(Reference(address, (attribute,)),), exact=True)


def resource(address: str, change: Change | None = Change.CREATED, provider: str = "aws", **values: Value) -> Resource:
    module, _, block = address.rpartition("aws_s3_")
    type_, _, name = ("aws_s3_" + block).partition(".")
    mode = "data" if module.endswith("data.") else "managed"
    return Resource(
        address,
        type_,
        name.partition("[")[0],
        values,
        mode=mode,
        module=module.removesuffix("data.").removesuffix("."),
        provider=provider,
        declared=frozenset(values),
        change=change,
    )


def subjects(*resources: Resource, kind: Kind = Kind.PLAN) -> dict[str, model.Subject]:
    built = model.build(Configuration(kind, "plan.json", resources))
    return {subject.address: subject for subject in built.subjects}


def versioning(address: str, bucket: Value, status: str = "Enabled", **more: object) -> Resource:
    return resource(address, bucket=bucket, versioning_configuration=[{"status": status}], **more)  # type: ignore[arg-type]


def status(subject: model.Subject) -> object:
    return subject.facts["versioning"]["status"]


@pytest.mark.parametrize("attribute", ["id", "bucket", "arn"])
def test_joins_by_reference(attribute: str) -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        versioning("aws_s3_bucket_versioning.a", reference("aws_s3_bucket.a", attribute)),
    )
    assert status(found["aws_s3_bucket.a"]) == "Enabled"


def test_joins_by_known_name_or_arn() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        resource("aws_s3_bucket.b", bucket="b"),
        versioning("aws_s3_bucket_versioning.a", "a"),
        versioning("aws_s3_bucket_versioning.b", "arn:aws:s3:::b"),
    )
    assert [status(subject) for subject in found.values()] == ["Enabled", "Enabled"]


def test_joins_through_another_split_resource() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        resource("aws_s3_bucket_public_access_block.a", bucket=reference("aws_s3_bucket.a")),
        versioning("aws_s3_bucket_versioning.a", reference("aws_s3_bucket_public_access_block.a", "bucket")),
    )
    assert status(found["aws_s3_bucket.a"]) == "Enabled"


def test_joins_by_the_same_expression() -> None:
    name = Template((reference("var.prefix"), "-logs"))
    found = subjects(resource("aws_s3_bucket.a", bucket=name), versioning("aws_s3_bucket_versioning.a", name))
    assert status(found["aws_s3_bucket.a"]) == "Enabled"


def test_a_reference_in_a_circle_ends() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        versioning("aws_s3_bucket_versioning.x", reference("aws_s3_bucket_versioning.y", "bucket")),
        versioning("aws_s3_bucket_versioning.y", reference("aws_s3_bucket_versioning.x", "bucket")),
    )
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown)


def test_an_unresolved_resource_makes_the_part_unknown_on_every_free_bucket() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        resource("aws_s3_bucket.b", bucket="b"),
        resource("aws_s3_bucket.old", change=Change.UNCHANGED, bucket="old"),
        versioning("aws_s3_bucket_versioning.b", reference("aws_s3_bucket.b")),
        versioning("aws_s3_bucket_versioning.x", Unknown("goes through local.buckets")),
    )
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown)
    assert status(found["aws_s3_bucket.b"]) == "Enabled", "its slot is taken"
    assert isinstance(status(found["aws_s3_bucket.old"]), Unknown), "a late value may name an existing bucket"


def test_an_unresolved_resource_stays_among_the_buckets_it_mentions() -> None:
    either = Unknown(references=(Reference("aws_s3_bucket.a", ("id",)), Reference("aws_s3_bucket.b", ("id",))))
    found = subjects(
        *(resource(f"aws_s3_bucket.{name}", bucket=name) for name in "abc"),
        versioning("aws_s3_bucket_versioning.x", either),
    )
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown)
    assert status(found["aws_s3_bucket.c"]) is None


def test_what_both_readings_say_is_known() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        resource("aws_s3_bucket_public_access_block.x", bucket=LATER, block_public_acls=True),
    )
    block = found["aws_s3_bucket.a"].facts["public_access_block"]
    assert block["all_on"] is False, "neither the partial block nor none at all switches on all four"
    assert isinstance(block["declared"], Unknown)


def test_many_unresolved_resources_are_not_compared() -> None:
    many = [versioning(f"aws_s3_bucket_versioning.x[{index}]", LATER) for index in range(20)]
    found = subjects(resource("aws_s3_bucket.a", bucket="a"), *many)
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown)


def test_unattached_resources_are_named() -> None:
    built = model.build(Configuration(Kind.PLAN, "p", (versioning("aws_s3_bucket_versioning.x", LATER),)))
    assert built.unattached == ("aws_s3_bucket_versioning.x",)


def test_a_bucket_that_is_not_declared_is_one_of_its_own() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        versioning("aws_s3_bucket_versioning.x", reference("aws_s3_bucket.elsewhere")),
        resource("aws_s3_bucket_acl.x", bucket=reference("aws_s3_bucket.elsewhere", "bucket"), acl="public-read"),
        versioning("aws_s3_bucket_versioning.y", Unknown(references=(Reference("aws_s3_bucket.many", ("b", "id")),))),
        versioning("aws_s3_bucket_versioning.z", reference("module.m.aws_s3_bucket.elsewhere"), "Suspended"),
    )
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown), "y may be of any bucket: no one attribute is named"
    assert found["aws_s3_bucket.a"].facts["acl"]["declared"] is False
    assert status(found["aws_s3_bucket_acl.x"]) == "Enabled"
    assert found["aws_s3_bucket_acl.x"].facts["acl"]["canned"] == "public-read"
    assert found["aws_s3_bucket_acl.x"].facts["managed"] is False
    assert status(found["aws_s3_bucket_versioning.z"]) == "Suspended"


def test_an_instance_that_is_not_known_is_one_of_its_block() -> None:
    found = subjects(
        resource('module.m["a"].aws_s3_bucket.b', bucket="b"),
        resource("aws_s3_bucket.c", bucket="c"),
        versioning("aws_s3_bucket_versioning.x", reference('module.m["a"].aws_s3_bucket.b[0]')),
    )
    assert isinstance(status(found['module.m["a"].aws_s3_bucket.b']), Unknown)
    assert status(found["aws_s3_bucket.c"]) is None


@pytest.mark.parametrize("given", [LATER, Template((LATER, "-logs")), reference("module.m", "bucket_id")])
def test_what_no_bucket_of_the_input_can_have_is_judged_by_itself(given: Value) -> None:
    found = subjects(
        versioning("aws_s3_bucket_versioning.x", given, "Suspended"),
        resource("aws_s3_bucket_acl.x", change=Change.DELETED, bucket=given, acl="public-read"),
    )
    assert status(found.pop("aws_s3_bucket_versioning.x")) == "Suspended"
    assert not found


def test_a_deletion_speaks_of_buckets_that_were_there() -> None:
    found = subjects(
        resource("aws_s3_bucket.new", bucket=LATER),
        resource("aws_s3_bucket.again", change=Change.REPLACED, bucket="old"),
        versioning("aws_s3_bucket_versioning.old", "old", change=Change.DELETED),
    )
    assert status(found["aws_s3_bucket.new"]) is None
    assert status(found["aws_s3_bucket.again"]) is None


def test_logs_to_a_bucket_that_is_not_declared_go_to_no_other() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        resource(
            "aws_s3_bucket_logging.x", bucket=reference("aws_s3_bucket.b"), target_bucket=reference("aws_s3_bucket.b")
        ),
        resource(
            "aws_s3_bucket_logging.y", bucket=reference("aws_s3_bucket.c"), target_bucket=reference("aws_s3_bucket.a")
        ),
    )
    assert found["aws_s3_bucket.a"].facts["logging"]["is_target"] is True
    assert found["aws_s3_bucket_logging.x"].facts["logging"]["to_itself"] is True
    assert found["aws_s3_bucket_logging.y"].facts["logging"]["to_itself"] is False


def test_two_resources_that_agree_are_one_and_two_that_differ_are_unknown() -> None:
    bucket = resource("aws_s3_bucket.a", bucket="a")
    same = subjects(
        bucket, versioning("aws_s3_bucket_versioning.x", "a"), versioning("aws_s3_bucket_versioning.y", "a")
    )
    differ = subjects(
        bucket,
        versioning("aws_s3_bucket_versioning.x", "a"),
        versioning("aws_s3_bucket_versioning.y", "a", "Suspended"),
    )
    assert status(same["aws_s3_bucket.a"]) == "Enabled"
    assert isinstance(status(differ["aws_s3_bucket.a"]), Unknown)


def test_a_bucket_known_only_by_name_is_judged_for_what_is_attached() -> None:
    found = subjects(versioning("aws_s3_bucket_versioning.x", "elsewhere"))
    subject = found["aws_s3_bucket_versioning.x"]
    assert subject.type == "aws_s3_bucket"
    assert subject.facts["name"] == "elsewhere"
    assert subject.facts["managed"] is False
    assert status(subject) == "Enabled"


def test_a_bucket_read_as_data_is_the_subject_of_what_is_attached() -> None:
    found = subjects(
        resource("data.aws_s3_bucket.shared", change=Change.UNCHANGED, bucket="shared"),
        versioning("aws_s3_bucket_versioning.x", reference("data.aws_s3_bucket.shared")),
    )
    assert list(found) == ["data.aws_s3_bucket.shared"]


def test_deleted_and_forgotten_buckets_are_not_judged() -> None:
    assert not subjects(
        resource("aws_s3_bucket.a", change=Change.DELETED, bucket="a"),
        resource("aws_s3_bucket.b", change=Change.FORGOTTEN, bucket="b"),
    )


def test_a_part_that_changes_makes_the_bucket_updated() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", change=Change.UNCHANGED, bucket="a"),
        resource("aws_s3_bucket.b", change=Change.UNCHANGED, bucket="b"),
        versioning("aws_s3_bucket_versioning.a", "a", change=Change.UPDATED),
        versioning("aws_s3_bucket_versioning.b", "b", change=Change.UNCHANGED),
    )
    assert [subject.change for subject in found.values()] == ["updated", "unchanged"]


def test_a_literal_name_may_be_that_of_a_bucket_whose_name_is_not_known() -> None:
    late = reference("var.name")
    suffix = Template((reference("var.prefix"), "-logs"))
    found = subjects(
        resource("aws_s3_bucket.a", bucket=late),
        resource("aws_s3_bucket.logs", bucket=suffix),
        resource("aws_s3_bucket.generated", bucket=LATER),
        versioning("aws_s3_bucket_versioning.x", "prod-data"),
    )
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown)
    assert status(found["aws_s3_bucket.logs"]) is None, "its name ends otherwise"
    assert status(found["aws_s3_bucket.generated"]) is None, "a generated name is nobody's literal"
    assert status(found["aws_s3_bucket_versioning.x"]) == "Enabled"


def test_a_reference_counts_before_a_name_that_two_buckets_share() -> None:
    named = versioning("aws_s3_bucket_versioning.b", "same")
    named = replace(named, references={"bucket": Reference("aws_s3_bucket.b", ("bucket",))})
    found = subjects(resource("aws_s3_bucket.a", bucket="same"), resource("aws_s3_bucket.b", bucket="same"), named)
    assert [status(subject) for subject in found.values()] == [None, "Enabled"]


HOLE = reference("data.aws_caller_identity.current", "account_id")


@pytest.mark.parametrize(
    ("name", "given", "may_be"),
    [
        ("acme-data", Template(("acme-logs-", HOLE)), False),
        ("acme-logs-1", Template(("acme-logs-", HOLE)), True),
        ("acme-logs", Template(("acme-logs-", HOLE)), False),
        ("acme-logs-1", Template((HOLE, "-data")), False),
        ("ab-ab", Template(("ab-", HOLE, "b-ab")), False),
        ("acme-data", Template((HOLE, "-", HOLE)), True),
        (Template(("acme-data-", HOLE)), Template(("acme-logs-", HOLE)), False),
        (Template(("acme-", HOLE)), Template(("acme-logs-", HOLE)), True),
        (Template(("acme-logs-", HOLE)), Template(("acme-", HOLE)), True),
        (Template((HOLE, "-data")), Template((HOLE, "-logs")), False),
        (Template((HOLE, "-data")), Template(("acme-", HOLE)), True),
        (Template(("acme-data-", HOLE)), Template(("arn:aws:s3:::acme-logs-", HOLE)), False),
        (Template(("acme-logs-", HOLE, "-x")), Template(("arn:", HOLE, ":s3:::acme-logs-", HOLE)), True),
        ("acme-logs", Template(("arn:", HOLE, HOLE)), True),
        (HOLE, Template(("acme-logs-", HOLE)), True),
        (LATER, Template(("acme-logs-", HOLE)), True),
    ],
)
def test_texts_with_holes_are_equal_only_where_their_ends_agree(name: Value, given: Value, may_be: bool) -> None:
    bucket = resource("aws_s3_bucket.a", bucket=name)
    found = subjects(bucket, versioning("aws_s3_bucket_versioning.x", given))
    assert isinstance(status(found["aws_s3_bucket.a"]), Unknown) is may_be
    assert ("aws_s3_bucket_versioning.x" in found) is not may_be, "what belongs to no bucket is one of its own"


def test_a_text_that_may_only_name_a_taken_bucket_is_one_of_its_own() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="acme-logs-1"),
        versioning("aws_s3_bucket_versioning.a", "acme-logs-1"),
        versioning("aws_s3_bucket_versioning.x", Template(("acme-logs-", HOLE)), "Suspended"),
    )
    assert status(found["aws_s3_bucket.a"]) == "Enabled"
    assert status(found["aws_s3_bucket_versioning.x"]) == "Suspended"


def test_an_arn_with_holes_before_the_name_only_names_a_bucket() -> None:
    found = subjects(
        resource("aws_s3_bucket.a", bucket="a"),
        resource("aws_s3_bucket.b"),
        versioning("aws_s3_bucket_versioning.a", Template(("arn:", HOLE, ":s3:::a"))),
        versioning("aws_s3_bucket_versioning.b", Template(("arn:aws:s3:::", reference("aws_s3_bucket.b")))),
    )
    assert [status(subject) for subject in found.values()] == ["Enabled", "Enabled"]
