"""What a plan does to each resource, and how it was before."""

from pathlib import Path
from typing import Any

import pytest
from plan_maker import block, by_address, change, const, module, parts, plan, read, refs

from iacscan.core import Level, Unknown
from iacscan.inputs.configuration import Change, Kind

X = "aws_s3_bucket.x"


def listing(*resources: dict[str, Any]) -> dict[str, Any]:
    """A values representation of resources of the root module."""
    return {"format_version": "1.0", "values": {"root_module": {"resources": list(resources)}}}


def listed(address: str, **values: Any) -> dict[str, Any]:
    return {**parts(address), "values": values, "sensitive_values": {}}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("create",), Change.CREATED),
        (("update",), Change.UPDATED),
        (("delete", "create"), Change.REPLACED),
        (("create", "delete"), Change.REPLACED),
        (("create", "forget"), Change.REPLACED),
        (("no-op",), Change.UNCHANGED),
        (("read",), Change.UNCHANGED),
        (("delete",), Change.DELETED),
        (("forget",), Change.FORGOTTEN),
    ],
)
def test_actions(tmp_path: Path, actions: tuple[str, ...], expected: Change) -> None:
    before = None if actions in {("create",), ("read",)} else {"bucket": "old"}
    configuration = read(plan([change(X, {"bucket": "new"}, (), actions, before)], module(block(X))), tmp_path)
    (resource,) = configuration.resources
    assert resource.change is expected
    gone = expected in (Change.DELETED, Change.FORGOTTEN)
    assert resource.values == {"bucket": "old" if gone else "new"}
    earlier = [item.values for item in by_address(configuration.before).values()]
    assert earlier == ([before] if before else [])


def test_a_deposed_object_is_not_the_resource(tmp_path: Path) -> None:
    live = change(X, {"bucket": "live"}, (), ("no-op",), {"bucket": "live"})
    deposed = change(X, None, (), ("delete",), {"bucket": "deposed"}, deposed="abcdef01")
    for changes in ([live, deposed], [deposed, live]):
        (resource,) = read(plan(changes, module(block(X))), tmp_path).resources
        assert (resource.change, resource.values) == (Change.UNCHANGED, {"bucket": "live"})


def test_a_moved_resource_has_its_new_address_on_both_sides(tmp_path: Path) -> None:
    moved = change(
        'aws_s3_bucket.new["a"]', {"bucket": "b"}, (), ("no-op",), {"bucket": "b"}, previous_address="aws_s3_bucket.old"
    )
    root = module(block("aws_s3_bucket.new", for_each=refs("local.a"), bucket=const("b")))
    for prior in ("aws_s3_bucket.old", 'aws_s3_bucket.new["a"]'):
        content = plan([moved], root, prior_state=listing(listed(prior, bucket="b")))
        configuration = read(content, tmp_path)
        (resource,) = configuration.resources
        assert resource.previous_address == "aws_s3_bucket.old"
        assert by_address(configuration.before)['aws_s3_bucket.new["a"]'].declared == frozenset({"bucket"})


def test_an_imported_resource_was_there_before(tmp_path: Path) -> None:
    imported = change(X, {"bucket": "b"}, (), ("update",), {"bucket": "b", "tags": {}}, importing={"id": "b"})
    configuration = read(plan([imported], module(block(X))), tmp_path)
    assert by_address(configuration)[X].change is Change.UPDATED
    assert by_address(configuration.before)[X].values == {"bucket": "b", "tags": {}}


def test_prior_state_gives_what_the_change_list_lacks(tmp_path: Path) -> None:
    prior = listing(
        listed("data.aws_s3_bucket.d", bucket="d", id="d"),
        listed("aws_s3_bucket.other", bucket="o"),
        listed(X, bucket="x"),
    )
    content = plan([change(X, {"bucket": "y"}, (), ("update",), {"bucket": "x"})], module(), prior_state=prior)
    configuration = read(content, tmp_path)
    found = by_address(configuration)
    assert {address: item.change for address, item in found.items()} == {
        X: Change.UPDATED,
        "aws_s3_bucket.other": Change.UNCHANGED,
        "data.aws_s3_bucket.d": Change.UNCHANGED,
    }
    assert found[X].values == {"bucket": "y"}
    assert found["data.aws_s3_bucket.d"].mode == "data"
    assert by_address(configuration.before)[X].values == {"bucket": "x"}


def test_a_refresh_only_plan_shows_the_live_state_and_what_it_was(tmp_path: Path) -> None:
    prior = listing(listed(X, bucket="x", acl="public-read"), listed("aws_s3_bucket.same", bucket="same"))
    drift = [
        change(X, {"bucket": "x", "acl": "public-read"}, (), ("update",), {"bucket": "x", "acl": "private"}),
        change("aws_s3_bucket.lost", None, (), ("delete",), {"bucket": "lost"}),
    ]
    content = plan([], module(block(X, acl=const("private"))), prior_state=prior, resource_drift=drift)
    del content["resource_changes"]
    configuration = read(content, tmp_path)
    after, before = by_address(configuration), by_address(configuration.before)
    assert set(after) == {X, "aws_s3_bucket.same"}
    assert after[X].values["acl"] == "public-read"
    assert before[X].values["acl"] == "private"
    assert set(before) == {X, "aws_s3_bucket.same", "aws_s3_bucket.lost"}


def test_drift_beside_planned_changes_is_not_the_plans_doing(tmp_path: Path) -> None:
    live = {"bucket": "x", "acl": "public-read"}
    drift = [change(X, live, (), ("update",), {"bucket": "x", "acl": "private"})]
    content = plan([change(X, live, (), ("no-op",), live)], module(), prior_state=listing(), resource_drift=drift)
    configuration = read(content, tmp_path)
    assert by_address(configuration.before)[X].values["acl"] == "public-read"


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        ({"errored": True, "complete": False}, "error"),
        ({"complete": False}, "-target"),
        ({"complete": True, "deferred_changes": [{"reason": "x"}]}, "later plan"),
        ({"complete": True, "errored": False}, None),
        ({}, None),
    ],
)
def test_a_partial_plan_says_so(tmp_path: Path, marks: dict[str, Any], says: str | None) -> None:
    diagnostics = read(plan([], **marks), tmp_path).diagnostics
    assert [item.level for item in diagnostics] == ([Level.WARNING] if says else [])
    assert all(says in item.message and "partial" in item.message for item in diagnostics if says)


def test_what_the_author_wrote(tmp_path: Path) -> None:
    root = module(
        block(X, bucket=const("x"), versioning=[{"enabled": const(True)}]),
        block("aws_s3_bucket.bare"),
    )
    changes = [
        change(X, {"bucket": "x", "versioning": [{"enabled": True}], "force_destroy": False, "tags": None}, ("acl",)),
        change("aws_s3_bucket.bare", {"website": [{"index_document": "i"}], "grant": []}),
        change("aws_s3_bucket.unwritten", None, (), ("delete",), {"acl": "private"}),
    ]
    found = by_address(read(plan(changes, root), tmp_path))
    assert found[X].declared == {"bucket", "versioning"}
    assert found["aws_s3_bucket.bare"].declared == {"website"}  # a dynamic block: only a new resource tells
    assert found["aws_s3_bucket.unwritten"].declared is None
    assert found[X].values["acl"] == Unknown()


def test_a_live_value_of_an_existing_resource_is_not_declared(tmp_path: Path) -> None:
    live = {"bucket": "x", "versioning": [{"enabled": True}]}
    content = plan([change(X, live, (), ("no-op",), live)], module(block(X, bucket=const("x"))))
    (resource,) = read(content, tmp_path).resources
    assert resource.declared == {"bucket"}
    assert resource.writes("bucket")
    assert not resource.writes("versioning")


@pytest.mark.parametrize(
    ("key", "expected"),
    [("aws", "aws"), ("aws.west", "aws.west"), ("module.m:aws", "aws"), ("module.own:aws", "module.own:aws")],
)
def test_the_provider_configuration(tmp_path: Path, key: str, expected: str) -> None:
    providers = {"aws": {}, "aws.west": {}, "module.own:aws": {}}
    content = plan([change(X)], module(block(X, provider=key)), providers=providers)
    assert by_address(read(content, tmp_path))[X].provider == expected


def test_a_resource_that_is_no_longer_written_has_the_default_provider(tmp_path: Path) -> None:
    gone = change(X, None, (), ("delete",), {}, provider_name="registry.opentofu.org/hashicorp/aws")
    assert by_address(read(plan([gone]), tmp_path))[X].provider == "aws"


def test_format_version_zero_and_a_lack_of_parts_are_read(tmp_path: Path) -> None:
    entry = change(X, {"bucket": "x"}, ("id",))
    del entry["change"]["after_sensitive"], entry["change"]["before_sensitive"]
    content = {"format_version": "0.1", "resource_changes": [entry]}
    configuration = read(content, tmp_path)
    (resource,) = configuration.resources
    assert configuration.kind is Kind.PLAN
    assert resource.values["bucket"] == "x"
    assert isinstance(resource.values["id"], Unknown)


def test_without_a_configuration_nothing_unknown_is_the_providers_own(tmp_path: Path) -> None:
    late = {"id": True, "rule": [{"type": True}]}
    changes = [change("aws_s3_bucket_acl.a", {"acl": "public-read", "rule": [{}]}, {"bucket": True, **late})]
    (cut,) = read({"format_version": "1.2", "resource_changes": changes}, tmp_path).resources
    waits = cut.values["bucket"]
    assert isinstance(waits, Unknown)
    assert "configuration" in waits.reason
    assert cut.values["rule"] == [{"type": waits}]
    (whole,) = read(plan(changes, module(block("aws_s3_bucket_acl.a"))), tmp_path).resources
    assert whole.values["bucket"] == Unknown()


def test_an_instance_that_only_planned_values_lists_is_kept(tmp_path: Path) -> None:
    content = plan(
        [],
        planned_values={
            "root_module": {
                "child_modules": [
                    {"address": "module.m", "resources": [listed("module.m.aws_s3_bucket.x", bucket="x")]}
                ]
            }
        },
    )
    (resource,) = read(content, tmp_path).resources
    assert (resource.address, resource.module, resource.values) == (
        "module.m.aws_s3_bucket.x",
        "module.m",
        {"bucket": "x"},
    )


def test_a_written_argument_that_planned_values_leaves_out_is_unknown(tmp_path: Path) -> None:
    root = module(block(X), block("aws_s3_bucket_acl.a", bucket=refs(f"{X}.id"), acl=const("private")))
    listing_only = {"root_module": {"resources": [listed(X), listed("aws_s3_bucket_acl.a", acl="private")]}}
    values = by_address(read(plan([], root, planned_values=listing_only), tmp_path))["aws_s3_bucket_acl.a"].values
    assert values["acl"] == "private"
    assert isinstance(values["bucket"], Unknown)
    assert [item.address for item in values["bucket"].references] == [X]


def test_a_nested_argument_that_planned_values_leaves_out_is_unknown(tmp_path: Path) -> None:
    logging = [{"target_bucket": refs("aws_s3_bucket.logs.id"), "target_prefix": const("x/")}]
    root = module(block(X, bucket=const("x"), logging=logging, tags=const({"a": "b"})), block("aws_s3_bucket.logs"))
    values = {"bucket": "x", "logging": [{"target_prefix": "x/"}], "tags": {"a": "b"}, "website": []}
    listing_only = {"root_module": {"resources": [listed(X, **values), listed("aws_s3_bucket.logs", bucket="logs")]}}
    found = by_address(read(plan([], root, planned_values=listing_only), tmp_path))[X].values
    (block_,) = found["logging"]
    assert [item.address for item in block_["target_bucket"].references] == ["aws_s3_bucket.logs"]
    assert {**found, "logging": [{"target_prefix": block_["target_prefix"]}]} == values


def test_a_block_that_an_update_brings_is_declared(tmp_path: Path) -> None:
    before = {"bucket": "x", "versioning": [{"enabled": True}], "logging": []}
    after = before | {"logging": [{"target_bucket": "logs"}]}
    content = plan([change(X, after, (), ("update",), before)], module(block(X, bucket=const("x"))))
    assert by_address(read(content, tmp_path))[X].declared == {"bucket", "logging"}


def test_the_parts_of_an_address(tmp_path: Path) -> None:
    address = 'module.m["a.b"].module.n[1].aws_s3_bucket.x["k"]'
    (resource,) = read(plan([change(address)]), tmp_path).resources
    assert (resource.module, resource.key, resource.type, resource.name, resource.mode) == (
        'module.m["a.b"].module.n[1]',
        "k",
        "aws_s3_bucket",
        "x",
        "managed",
    )
