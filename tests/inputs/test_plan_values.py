"""Known and unknown parts of planned values, and the policy documents that are read at apply."""

import json
from pathlib import Path
from typing import Any

import pytest
from plan_maker import block, by_address, call, change, const, module, plan, read, refs

from iacscan.core import Encoded, Reference, Unknown, Value
from iacscan.inputs.configuration import Resource

X = "aws_s3_bucket.x"
DOCUMENT = "data.aws_iam_policy_document"


def resource_at(folder: Path, address: str, changes: list[dict[str, Any]], *blocks: dict[str, Any]) -> Resource:
    return by_address(read(plan(changes, module(*blocks)), folder))[address]


def waits_for(value: Value) -> set[str]:
    assert isinstance(value, Unknown)
    return {str(reference) for reference in value.references}


def test_a_null_is_known_and_an_unknown_is_not_absent(tmp_path: Path) -> None:
    entry = change(X, {"tags": None, "website": []}, {"acl": True, "grant": False, "cors_rule": []})
    values = resource_at(tmp_path, X, [entry], block(X)).values
    assert values["tags"] is None
    assert values["acl"] == Unknown()
    assert "grant" not in values
    assert values["website"] == []


def test_unknown_places_inside_blocks_maps_and_lists(tmp_path: Path) -> None:
    after = {"rule": [{"sse": [{"algorithm": "aws:kms"}]}], "tags": {"a": "1"}, "names": ["n", None]}
    unknown = {"rule": [{"sse": [{"kms_master_key_id": True}]}], "tags": {"b": True}, "names": [False, True]}
    written = {
        "rule": [{"sse": [{"algorithm": const("aws:kms"), "kms_master_key_id": refs("aws_kms_key.k.arn")}]}],
        "tags": refs("aws_s3_bucket.x.id"),
        "names": refs("aws_s3_bucket.x.id"),
    }
    changes = [change("t.r", after, unknown), change(X), change("aws_kms_key.k", unknown=("arn",))]
    values = resource_at(tmp_path, "t.r", changes, block("t.r", **written), block(X), block("aws_kms_key.k")).values
    key = Unknown(references=(Reference("aws_kms_key.k", ("arn",)),), exact=True)
    assert values["rule"] == [{"sse": [{"algorithm": "aws:kms", "kms_master_key_id": key}]}]
    assert values["names"][0] == "n"  # type: ignore[index]
    assert waits_for(values["names"][1]) == {"aws_s3_bucket.x.id"}  # type: ignore[index]
    assert values["tags"]["a"] == "1"  # type: ignore[index,call-overload]
    assert waits_for(values["tags"]["b"]) == {"aws_s3_bucket.x.id"}  # type: ignore[index,call-overload]


def test_the_text_round_a_reference_is_said_to_be_unknown(tmp_path: Path) -> None:
    entry = change("t.r", {}, ("description",))
    value = resource_at(tmp_path, "t.r", [entry, change(X)], block("t.r", description=refs(f"{X}.arn")), block(X))
    description = value.values["description"]
    assert isinstance(description, Unknown)
    assert description.reason == "the plan does not record the text around aws_s3_bucket.x.arn; give the source"
    assert not description.exact


def test_blocks_of_a_set_are_told_apart_by_their_constants(tmp_path: Path) -> None:
    written = [
        {"permission": const("READ"), "id": refs("aws_s3_bucket.a.id")},
        {"permission": const("WRITE"), "id": refs("aws_s3_bucket.b.id")},
    ]
    after = {"grant": [{"permission": "WRITE"}, {"permission": "READ"}]}
    entry = change("t.r", after, {"grant": [{"id": True}, {"id": True}]})
    changes = [entry, change("aws_s3_bucket.a"), change("aws_s3_bucket.b")]
    blocks = (block("t.r", grant=written), block("aws_s3_bucket.a"), block("aws_s3_bucket.b"))
    grants = resource_at(tmp_path, "t.r", changes, *blocks).values["grant"]
    assert isinstance(grants, list)
    assert [waits_for(grant["id"]) for grant in grants] == [{"aws_s3_bucket.b.id"}, {"aws_s3_bucket.a.id"}]  # type: ignore[index,call-overload]


def test_blocks_that_nothing_tells_apart_keep_all_references(tmp_path: Path) -> None:
    written = [{"id": refs("aws_s3_bucket.a.id")}, {"id": refs("aws_s3_bucket.b.id")}]
    entry = change("t.r", {"grant": [{}, {}]}, {"grant": [{"id": True}, {"id": True}]})
    changes = [entry, change("aws_s3_bucket.a"), change("aws_s3_bucket.b")]
    blocks = (block("t.r", grant=written), block("aws_s3_bucket.a"), block("aws_s3_bucket.b"))
    grants = resource_at(tmp_path, "t.r", changes, *blocks).values["grant"]
    assert isinstance(grants, list)
    for grant in grants:
        assert waits_for(grant["id"]) == {"aws_s3_bucket.a.id", "aws_s3_bucket.b.id"}  # type: ignore[index,call-overload]


@pytest.mark.parametrize("static", [0, 1])
def test_a_dynamic_block_is_named_as_the_reason(tmp_path: Path, static: int) -> None:
    written = {"grant": [{"permission": const("READ"), "id": refs(f"{X}.id")}]} if static else {}
    after = {"grant": [{"permission": "WRITE"}, {"permission": "READ"}]}
    entry = change("t.r", after, {"grant": [{"id": True}, {"id": True}]})
    grants = resource_at(tmp_path, "t.r", [entry, change(X)], block("t.r", **written), block(X)).values["grant"]
    assert isinstance(grants, list)
    for grant in grants:
        value = grant["id"]  # type: ignore[index,call-overload]
        assert isinstance(value, Unknown)
        assert "dynamic" in value.reason
        assert not value.exact
    assert waits_for(grants[1]["id"]) == ({"aws_s3_bucket.x.id"} if static else set())  # type: ignore[index,call-overload]


# Deferred policy documents


def statement(resources: list[str | None], **more: Any) -> dict[str, Any]:
    return {
        "actions": ["s3:GetObject"],
        "condition": [],
        "effect": None,
        "not_actions": None,
        "not_principals": [],
        "not_resources": None,
        "principals": [{"identifiers": ["*"], "type": "*"}],
        "resources": resources,
        "sid": None,
        **more,
    }


def document(name: str, *statements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A policy document that is read at apply; null resources are unknown."""
    unknown: dict[str, Any] = {"id": True, "json": True, "minified_json": True}
    unknown["statement"] = [{"resources": [item is None for item in each["resources"]]} for each in statements]
    for argument in ("source_policy_documents", "override_policy_documents"):
        if isinstance(more.get(argument), list):
            unknown[argument] = [item is None for item in more[argument]]
        elif argument in more:
            unknown[argument] = more.pop(argument)
    after = {"statement": list(statements), "version": None, "policy_id": None, **more}
    return change(f"{DOCUMENT}.{name}", after, unknown, ("read",), action_reason="read_because_config_unknown")


def written_statement(**expressions: Any) -> dict[str, Any]:
    return {"actions": const(["s3:GetObject"]), **expressions}


def policy_of(folder: Path, changes: list[dict[str, Any]], *blocks: dict[str, Any]) -> Any:
    changes = [*changes, change(X), change("aws_s3_bucket_policy.p", unknown=("policy", "bucket"))]
    blocks = (
        *blocks,
        block(X),
        block("aws_s3_bucket_policy.p", policy=refs(f"{DOCUMENT}.d.json"), bucket=refs(f"{X}.id")),
    )
    return resource_at(folder, "aws_s3_bucket_policy.p", changes, *blocks).values["policy"]


def test_a_deferred_document_is_rendered_into_the_policy(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        [document("d", statement([None, "arn:aws:s3:::other"]))],
        block(f"{DOCUMENT}.d", statement=[written_statement(resources=refs(f"{X}.arn"))]),
    )
    assert isinstance(policy, Encoded)
    assert isinstance(policy.value, dict)
    (only,) = policy.value["Statement"]  # type: ignore[misc]
    assert (only["Effect"], only["Action"], only["Principal"]) == ("Allow", "s3:GetObject", "*")
    hole = next(item for item in only["Resource"] if isinstance(item, Unknown))
    assert waits_for(hole) == {"aws_s3_bucket.x.arn"}
    assert not hole.exact  # it may be "${aws_s3_bucket.x.arn}/*"


def test_statements_that_differ_in_references_alone_keep_their_order(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    policy = policy_of(
        tmp_path,
        [document("d", *(statement([None]) for _ in names)), *(change(f"aws_s3_bucket.{name}") for name in names)],
        *(block(f"aws_s3_bucket.{name}") for name in names),
        block(f"{DOCUMENT}.d", statement=[written_statement(resources=refs(f"aws_s3_bucket.{n}.arn")) for n in names]),
    )
    assert [waits_for(item["Resource"]) for item in policy.value["Statement"]] == [
        {f"aws_s3_bucket.{name}.arn"} for name in names
    ]


def test_source_documents_are_merged_in_their_order(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        [
            document("d", statement([None], sid="d"), source_policy_documents=[None, None]),
            document("one", statement([None], sid="one")),
            document("two", statement([None], sid="two")),
        ],
        block(
            f"{DOCUMENT}.d",
            source_policy_documents=refs(f"{DOCUMENT}.one.json", f"{DOCUMENT}.two.minified_json"),
            statement=[written_statement(sid=const("d"), resources=refs(f"{X}.arn"))],
        ),
        *(
            block(f"{DOCUMENT}.{name}", statement=[written_statement(sid=const(name), resources=refs(f"{X}.arn"))])
            for name in ("one", "two")
        ),
    )
    assert [item["Sid"] for item in policy.value["Statement"]] == ["one", "two", "d"]


def test_source_documents_that_are_unknown_as_a_whole_may_be_any_statements(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        [
            document("d", statement(["arn:aws:s3:::x"]), source_policy_documents=True),
            document("one", statement([None])),
        ],
        block(f"{DOCUMENT}.d", source_policy_documents=refs(f"{DOCUMENT}.one.json", "local.more")),
        block(f"{DOCUMENT}.one", statement=[written_statement(resources=refs(f"{X}.arn"))]),
    )
    assert isinstance(policy, Encoded)
    assert any(isinstance(item, Unknown) for item in policy.value["Statement"])  # type: ignore[index,call-overload,union-attr]


def test_documents_of_all_instances_are_merged_in_the_order_of_their_keys(tmp_path: Path) -> None:
    keys = ["b", "a", "c"]
    changes = []
    for key in keys:
        entry = document("each", statement([None], sid=key))
        changes.append({**entry, "address": f'{DOCUMENT}.each["{key}"]', "index": key})
    policy = policy_of(
        tmp_path,
        [*changes, document("d", statement(["r"], sid="own"), source_policy_documents=[None, None, None])],
        block(
            f"{DOCUMENT}.each", for_each=refs("local.names"), statement=[written_statement(resources=refs(f"{X}.arn"))]
        ),
        block(f"{DOCUMENT}.d", source_policy_documents=refs(f"{DOCUMENT}.each")),
    )
    assert [item["Sid"] for item in policy.value["Statement"]] == ["a", "b", "c", "own"]


def test_a_list_of_documents_that_is_unknown_as_a_whole_is_not_one_of_them(tmp_path: Path) -> None:
    entries = [document("d", statement(["r"]), override_policy_documents=True), document("one", statement([None]))]
    blocks = (
        block(f"{DOCUMENT}.d", override_policy_documents=refs(f"{DOCUMENT}.one.json")),
        block(f"{DOCUMENT}.one", statement=[written_statement(resources=refs(f"{X}.arn"))]),
    )
    found = resource_at(tmp_path, f"{DOCUMENT}.d", [*entries, change(X)], *blocks, block(X)).values
    assert isinstance(found["override_policy_documents"], Unknown)
    assert not found["override_policy_documents"].exact


def test_documents_that_include_each_other_end(tmp_path: Path) -> None:
    changes = [document(name, statement(["r"]), source_policy_documents=[None]) for name in ("d", "e")]
    policy = policy_of(
        tmp_path,
        changes,
        block(f"{DOCUMENT}.d", source_policy_documents=refs(f"{DOCUMENT}.e.json")),
        block(f"{DOCUMENT}.e", source_policy_documents=refs(f"{DOCUMENT}.d.json")),
    )
    assert isinstance(policy, Encoded)


def test_a_long_chain_of_documents_ends(tmp_path: Path) -> None:
    count = 400
    changes = [document("d", statement(["r"]), source_policy_documents=[None])]
    blocks = [block(f"{DOCUMENT}.d", source_policy_documents=refs(f"{DOCUMENT}.d0.json"))]
    for index in range(count):
        changes.append(document(f"d{index}", statement(["r"]), source_policy_documents=[None]))
        blocks.append(block(f"{DOCUMENT}.d{index}", source_policy_documents=refs(f"{DOCUMENT}.d{index + 1}.json")))
    assert isinstance(policy_of(tmp_path, changes, *blocks), Encoded)


def test_a_document_passed_into_a_module_reaches_the_policy(tmp_path: Path) -> None:
    policy = "module.m.aws_s3_bucket_policy.p"
    inner = module(block("aws_s3_bucket_policy.p", policy=refs("var.policy")), variables={"policy": {}})
    root = module(
        block(X),
        block(f"{DOCUMENT}.d", statement=[written_statement(resources=refs(f"{X}.arn"))]),
        calls={"m": call(inner, policy=refs(f"{DOCUMENT}.d.json"))},
    )
    changes = [document("d", statement([None])), change(X), change(policy, unknown=("policy", "bucket"))]
    assert isinstance(by_address(read(plan(changes, root), tmp_path))[policy].values["policy"], Encoded)


def test_a_policy_made_by_jsonencode_stays_unknown_and_says_why(tmp_path: Path) -> None:
    changes = [change(X), change("aws_s3_bucket_policy.p", unknown=("policy",))]
    blocks = (block(X), block("aws_s3_bucket_policy.p", policy=refs(f"{X}.arn")))
    policy = resource_at(tmp_path, "aws_s3_bucket_policy.p", changes, *blocks).values["policy"]
    assert isinstance(policy, Unknown)
    assert waits_for(policy) == {"aws_s3_bucket.x.arn"}
    assert not policy.exact
    assert "give the source" in policy.reason


# Secrets


def test_sensitive_values_are_marked_and_collected(tmp_path: Path) -> None:
    entry = change(
        X,
        {"bucket": "b", "tags": {"token": "hunter2-token", "short": "ab", "flag": "true"}, "grant": [{"id": "canon"}]},
        (),
        ("update",),
        {"bucket": "b", "tags": {"token": "old-token"}},
        after_sensitive={"tags": {"token": True, "short": True, "flag": True}, "grant": [{"id": True}], "acl": False},
        before_sensitive={"tags": {"token": True}},
    )
    configuration = read(plan([entry], module(block(X))), tmp_path)
    resource = by_address(configuration)[X]
    assert set(resource.sensitive) == {("tags", "token"), ("tags", "short"), ("tags", "flag"), ("grant", 0, "id")}
    assert configuration.secrets == {"hunter2-token", "canon", "old-token"}
    assert configuration.before is not None
    assert configuration.before.secrets == configuration.secrets


def test_sensitive_variables_are_collected_wherever_they_are_set(tmp_path: Path) -> None:
    inner = module(
        variables={"given": {"sensitive": True, "default": "by-default"}, "open": {"default": "open-default"}}
    )
    root = module(
        variables={"token": {"sensitive": True}, "name": {"default": "name-default"}},
        calls={"m": call(inner, given=const({"a": ["by-the-caller"]}), open=const("open-argument"))},
    )
    given = {"token": {"value": {"deep": ["from-outside", 5, "x"]}}, "name": {"value": "open-name"}}
    configuration = read(plan([], root, variables=given), tmp_path)
    assert configuration.secrets == {"from-outside", "by-the-caller", "by-default"}


def test_no_secret_is_in_the_text_of_an_unknown(tmp_path: Path) -> None:
    entry = change("t.r", {}, ("description",))
    root = module(
        block(X), block("t.r", description=refs(f"{X}.id", "var.token")), variables={"token": {"sensitive": True}}
    )
    content = plan([entry, change(X)], root, variables={"token": {"value": "hunter2-token"}})
    configuration = read(content, tmp_path)
    assert "hunter2-token" not in json.dumps([str(item.values) for item in configuration.resources])
