"""JSON syntax: which members are blocks, and what is in them; each case says what native syntax says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terraform_tools import load_one, output, resources

from iacscan.terraform.json_syntax import parse_json_file
from iacscan.terraform.nodes import Block

ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"


def load_json(folder: Path, content: Any, **native: str) -> Any:
    (folder / "main.tf.json").write_text(json.dumps(content), encoding="utf-8")
    for name, text in native.items():
        (folder / f"{name}.tf").write_text(text, encoding="utf-8")
    return load_one(folder)


def tree(block: Block) -> Any:
    return [block.type, *block.labels, *sorted(block.body.attributes), *map(tree, block.body.blocks)]


def read(kind: str, content: Any) -> Any:
    (block,) = parse_json_file(json.dumps({kind: content}), "x").body.blocks
    return tree(block)


DEFAULT = {"for_each": ["aws:kms"], "content": {"sse_algorithm": "${apply_server_side_encryption_by_default.value}"}}


@pytest.mark.parametrize(
    "rule",
    [
        {"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "//": "why"}},
        {"dynamic": {"apply_server_side_encryption_by_default": DEFAULT}},
        [{"//": "why", "dynamic": {"//": "why", "apply_server_side_encryption_by_default": [DEFAULT]}}],
    ],
)
def test_a_dynamic_block_is_expanded_at_any_depth(tmp_path: Path, rule: Any) -> None:
    found = load_json(tmp_path, {"resource": {ENCRYPTION: {"x": {"bucket": "b", "rule": rule}}}})

    values = resources(found)[f"{ENCRYPTION}.x"].values
    (inner,) = values["rule"][0]["apply_server_side_encryption_by_default"]  # type: ignore[index,call-overload]
    assert inner["sse_algorithm"] == "aws:kms"  # type: ignore[index,call-overload]
    assert "//" not in values["rule"][0]  # type: ignore[operator,index]


def test_a_dynamic_block_inside_the_content_of_one() -> None:
    inner = {"for_each": [1], "content": {"c": 1}}
    outer = {"for_each": [1], "iterator": "it", "content": {"dynamic": {"b": inner}}}

    assert read("resource", {"a_b": {"x": {"dynamic": {"a": outer}}}}) == [
        "resource",
        "a_b",
        "x",
        ["dynamic", "a", "for_each", "iterator", ["content", ["dynamic", "b", "for_each", ["content", "c"]]]],
    ]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({"dynamic": {"b": {"for_each": [1], "content": {}}}}, ["a", ["dynamic", "b", "for_each", ["content"]]]),
        ([{"c": {"dynamic": {"b": {"for_each": []}}}}], ["a", ["c", ["dynamic", "b", "for_each"]]]),
        ({"dynamic": "a map may have such a key"}, "a"),
        ({"dynamic": {"or": "such an object"}}, "a"),
        ({"b": 1}, "a"),
    ],
)
def test_of_a_type_that_is_not_known_what_holds_dynamic_blocks_is_a_block(argument: Any, expected: Any) -> None:
    assert read("resource", {"a_b": {"x": {"a": argument}}}) == ["resource", "a_b", "x", expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"enabled": True}, [["versioning", "enabled"]]),
        ([{"enabled": True}, {"enabled": False}], [["versioning", "enabled"], ["versioning", "enabled"]]),
        ([], []),
        (None, ["versioning"]),
        ("${local.v}", ["versioning"]),
        ([{"enabled": True}, 1], ["versioning"]),
    ],
)
def test_what_is_not_written_as_objects_is_no_block(value: Any, expected: Any) -> None:
    assert read("resource", {"aws_s3_bucket": {"x": {"versioning": value}}}) == [
        "resource",
        "aws_s3_bucket",
        "x",
        *expected,
    ]


def test_an_override_replaces_nested_blocks_in_either_syntax(tmp_path: Path) -> None:
    found = load_json(
        tmp_path,
        {"resource": {"aws_s3_bucket": {"x": {"versioning": {"enabled": False}}}}},
        x_override='resource "aws_s3_bucket" "x" {\n  versioning {\n    enabled = true\n  }\n}\n',
    )
    assert resources(found)["aws_s3_bucket.x"].values["versioning"] == [{"enabled": True, "mfa_delete": False}]


@pytest.mark.parametrize(
    "settings",
    [
        {"tags": {"Public": "yes"}},
        [{"tags": {"Public": "yes"}}],
        {"dynamic": {"default_tags": {"for_each": ["yes"], "content": {"tags": {"Public": "${default_tags.value}"}}}}},
    ],
)
def test_the_default_tags_of_a_provider(tmp_path: Path, settings: Any) -> None:
    written = settings if "dynamic" in settings else {"default_tags": settings}
    bucket = 'resource "aws_s3_bucket" "x" {\n  bucket = "x"\n}\n'
    found = load_json(tmp_path, {"provider": {"aws": {"region": "eu-west-1", **written}}}, bucket=bucket)

    assert resources(found)["aws_s3_bucket.x"].values["tags_all"] == {"Public": "yes"}


def test_what_a_removed_block_leaves_in_aws(tmp_path: Path) -> None:
    kept = {"from": "aws_s3_bucket.kept", "lifecycle": {"destroy": False}}
    gone = {"from": "aws_s3_bucket.gone", "lifecycle": {"destroy": True}}

    assert load_json(tmp_path, {"removed": [kept, gone]}).forgotten == ("aws_s3_bucket.kept",)


def test_a_comment_key_is_one_in_bodies_only(tmp_path: Path) -> None:
    content = {"//": "c", "locals": {"//": "c", "t": {"//": "x", "a": "b"}}, "output": {"x": {"value": "${local.t}"}}}
    load_json(tmp_path, content)

    assert output(tmp_path, "x") == {"//": "x", "a": "b"}


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    text = r'{"output": {"x": {"value": ["a\ud800b", "\ud83d\ude00", {"\udc00": 1}]}}}'
    (tmp_path / "main.tf.json").write_text(text)

    assert output(tmp_path, "x") == ["a\ufffdb", "\U0001f600", {"\ufffd": 1}]
