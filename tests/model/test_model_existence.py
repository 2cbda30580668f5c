"""Buckets and settings whose number is not known before apply: judged as they are where they exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from iacscan import model
from iacscan.core import Unknown
from iacscan.inputs import load
from iacscan.inputs.source import JUDGED_IF_THERE
from iacscan.model.distributions import DISTRIBUTION
from iacscan.model.relations import BUCKET, BY_TYPE, OBJECT_TYPES

GIVEN = 'variable "on" {}\nvariable "other" {}\nvariable "names" {}\n'


def subjects(folder: Path, text: str, **files: str) -> dict[str, model.Subject]:
    for name, content in {"main": GIVEN + text, **files}.items():
        path = folder / (name.replace("__", "/") + ".tf")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    ((configuration,), _) = load([str(folder)])
    return {item.address: item for item in model.build(configuration, ("bucket", "object")).subjects}


def bucket(name: str, argument: str = "") -> str:
    return f'resource "aws_s3_bucket" "{name}" {{\n{argument}\nbucket = "{name}"\n}}\n'


def versioning(of: str, argument: str, status: str = "Enabled") -> str:
    inner = f'versioning_configuration {{\nstatus = "{status}"\n}}'
    return f'resource "aws_s3_bucket_versioning" "v" {{\n{argument}\nbucket = {of}\n{inner}\n}}\n'


@pytest.mark.parametrize(
    ("argument", "of"),
    [
        ("count = var.on ? 1 : 0", "aws_s3_bucket.b[0].id"),
        ("count = var.on ? 1 : 0", "aws_s3_bucket.b[count.index].id"),
        ("for_each = toset(var.names)", "aws_s3_bucket.b[each.key].id"),
    ],
)
def test_what_depends_on_the_same_is_there_together(tmp_path: Path, argument: str, of: str) -> None:
    found = subjects(tmp_path, bucket("b", argument) + versioning(of, argument))
    assert found["aws_s3_bucket.b"].facts["versioning"]["status"] == "Enabled"


@pytest.mark.parametrize("of", ["each.value.id", "aws_s3_bucket.b[each.key].id"])
def test_one_for_each_bucket_is_there_with_it(tmp_path: Path, of: str) -> None:
    text = bucket("b", "for_each = var.names") + versioning(of, "for_each = aws_s3_bucket.b")
    assert subjects(tmp_path, text)["aws_s3_bucket.b"].facts["versioning"]["status"] == "Enabled"


@pytest.mark.parametrize(
    "argument", ["count = var.on ? 0 : 1", "count = var.other ? 1 : 0", "for_each = var.on ? var.names : {}"]
)
def test_what_depends_on_something_else_may_be_missing(tmp_path: Path, argument: str) -> None:
    found = subjects(tmp_path, bucket("b", "count = var.on ? 1 : 0") + versioning("aws_s3_bucket.b[0].id", argument))
    status = found["aws_s3_bucket.b"].facts["versioning"]["status"]
    assert isinstance(status, Unknown)
    assert "whether it exists is not known" in status.reason


@pytest.mark.parametrize(
    ("argument", "index", "known"),
    [
        ("count = var.on ? 1 : 0", "0", True),
        ("count = var.on ? 2 : 0", "0", False),
        ("count = var.on", "0", False),
        ("count = var.on", "1", False),
        ("count = var.on", "count.index", True),
        ("for_each = var.names", '"logs"', False),
        ("for_each = var.names", "each.key", True),
    ],
)
def test_one_of_several_is_not_all_of_them(tmp_path: Path, argument: str, index: str, known: bool) -> None:
    repeated = argument if "." in index or known else ""
    found = subjects(tmp_path, bucket("b", argument) + versioning(f"aws_s3_bucket.b[{index}].id", repeated))
    status = found["aws_s3_bucket.b"].facts["versioning"]["status"]
    assert status == "Enabled" if known else isinstance(status, Unknown)


def test_a_setting_that_may_be_missing_beside_a_bucket_that_is_there(tmp_path: Path) -> None:
    found = subjects(tmp_path, bucket("b") + versioning("aws_s3_bucket.b.id", "count = var.on ? 1 : 0"))
    assert isinstance(found["aws_s3_bucket.b"].facts["versioning"]["status"], Unknown)
    assert found["aws_s3_bucket.b"].facts["acl"]["declared"] is False


def test_the_values_of_a_bucket_that_may_be_missing_count(tmp_path: Path) -> None:
    found = subjects(tmp_path, bucket("b", 'count = var.on ? 1 : 0\nacl = "public-read"'))
    assert found["aws_s3_bucket.b"].facts["acl"]["canned"] == "public-read"


def test_what_a_setting_may_be_is_told_apart_from_object_lock(tmp_path: Path) -> None:
    perhaps = versioning("aws_s3_bucket.b.id", "count = var.on ? 1 : 0", "Suspended")
    options = subjects(tmp_path, bucket("b") + perhaps)["aws_s3_bucket.b"].options
    assert [option["status"] for option in options["versioning"]] == [None, "Suspended"]
    locked = subjects(tmp_path, bucket("b", "object_lock_enabled = true") + perhaps)["aws_s3_bucket.b"]
    assert "versioning" not in locked.options, "object lock switches it on where it is not written"


@pytest.mark.parametrize("on", ["", "ignore_public_acls = true"])
def test_the_block_of_the_account_counts_with_each_that_may_be(tmp_path: Path, on: str) -> None:
    flags = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    account = "".join(f"{flag} = true\n" for flag in flags)
    text = f'resource "aws_s3_account_public_access_block" "a" {{\n{account}}}\n' + bucket("b")
    text += (
        f'resource "aws_s3_bucket_public_access_block" "p" {{\ncount = var.on\nbucket = aws_s3_bucket.b.id\n{on}\n}}\n'
    )
    found = subjects(tmp_path, text)["aws_s3_bucket.b"]
    assert found.facts["public_access_block"]["all_on"] is True
    assert "public_access_block" not in found.options


@pytest.mark.parametrize(("count", "known"), [("", True), ("count = 1", True), ("count = var.more ? 1 : 0", False)])
def test_what_stands_in_one_module_is_there_together(tmp_path: Path, count: str, known: bool) -> None:
    call = 'module "m" {\nsource = "./m"\nfor_each = var.names\nmore = var.on\n}\n'
    inner = bucket("b") + versioning("aws_s3_bucket.b.id", count)
    found = subjects(tmp_path, call, m__main='variable "more" {}\n' + inner)
    status = found["module.m.aws_s3_bucket.b"].facts["versioning"]["status"]
    assert (status == "Enabled") if known else isinstance(status, Unknown)


def test_logging_that_may_be_missing_makes_a_target_perhaps(tmp_path: Path) -> None:
    logging = 'resource "aws_s3_bucket_logging" "l" {\ncount = var.on ? 1 : 0\nbucket = aws_s3_bucket.b.id\n'
    logging += 'target_bucket = aws_s3_bucket.logs.id\ntarget_prefix = ""\n}\n'
    found = subjects(tmp_path, bucket("b") + bucket("logs") + logging)
    assert isinstance(found["aws_s3_bucket.b"].facts["logging"]["declared"], Unknown)
    assert isinstance(found["aws_s3_bucket.logs"].facts["logging"]["is_target"], Unknown)


def test_the_types_are_those_that_are_joined() -> None:
    assert {BUCKET, *BY_TYPE, *OBJECT_TYPES, DISTRIBUTION} == JUDGED_IF_THERE


ORIGIN = 'origin_id = "x"\ndomain_name = aws_s3_bucket.b%s.bucket_regional_domain_name\n'


@pytest.mark.parametrize(
    ("argument", "inner", "certain"),
    [
        ("", f"origin {{\n{ORIGIN % ''}}}", True),
        ("", f'dynamic "origin" {{\nfor_each = var.on ? [1] : []\ncontent {{\n{ORIGIN % ""}}}\n}}', False),
        ("", f'dynamic "origin" {{\nfor_each = var.names\ncontent {{\n{ORIGIN % ""}}}\n}}', False),
        ("", f"count = var.on ? 1 : 0\norigin {{\n{ORIGIN % ''}}}", False),
        ("count = var.on ? 1 : 0", f"count = var.on ? 1 : 0\norigin {{\n{ORIGIN % '[0]'}}}", True),
        ("count = var.on ? 1 : 0", f"count = var.other ? 1 : 0\norigin {{\n{ORIGIN % '[0]'}}}", False),
    ],
)
def test_a_distribution_that_may_not_read_makes_a_bucket_perhaps_an_origin(
    tmp_path: Path, argument: str, inner: str, certain: bool
) -> None:
    text = f'resource "aws_cloudfront_distribution" "d" {{\n{inner}\n}}\n'
    found = subjects(tmp_path, bucket("b", argument) + bucket("bystander") + text)
    assert found["aws_s3_bucket.bystander"].facts["cdn"]["is_origin"] is False
    is_origin = found["aws_s3_bucket.b"].facts["cdn"]["is_origin"]
    assert is_origin is True if certain else isinstance(is_origin, Unknown)


def test_an_object_that_may_be_missing_is_judged_as_where_it_exists(tmp_path: Path) -> None:
    inner = 'for_each = var.names\nbucket = aws_s3_bucket.b.id\nkey = each.key\nacl = "public-read"\n'
    found = subjects(tmp_path, bucket("b") + f'resource "aws_s3_object" "o" {{\n{inner}}}\n')
    assert "everyone" in [grant["group"] for grant in found["aws_s3_object.o"].facts["acl"]["grants"]]
    objects = found["aws_s3_bucket.b"].facts["objects"]
    assert isinstance(objects["declared"], Unknown)
    assert isinstance(objects["public"], Unknown)


def encryption(algorithm: str) -> str:
    inner = f'rule {{\napply_server_side_encryption_by_default {{\nsse_algorithm = "{algorithm}"\n}}\n}}\n'
    name = "server_side_encryption_configuration"
    return f'dynamic "{name}" {{\nfor_each = var.on ? [1] : []\ncontent {{\n{inner}}}\n}}'


def test_a_block_that_may_be_missing_is_decided_where_either_way_is_the_same(tmp_path: Path) -> None:
    encrypted = subjects(tmp_path, bucket("b", encryption("rot13")))["aws_s3_bucket.b"].facts["encryption"]
    assert encrypted["declared"] is False
    assert encrypted["algorithm"] is None


def test_a_block_that_may_be_missing_is_unknown_where_it_decides(tmp_path: Path) -> None:
    found = subjects(tmp_path, bucket("b", encryption("aws:kms")))["aws_s3_bucket.b"]
    assert type(found.facts["encryption"]["declared"]) is Unknown
    assert "variable on" in str(found.facts["encryption"]["algorithm"])
    assert any("is there is not known" in item.text for item in found.evidence["encryption"])


def test_a_rule_that_may_be_missing_from_a_setting(tmp_path: Path) -> None:
    rule = encryption("aws:kms").replace("rule {\n", "").replace("}\n}\n}", "}\n}")
    rule = rule.replace('dynamic "server_side_encryption_configuration"', 'dynamic "rule"')
    split = f'resource "aws_s3_bucket_server_side_encryption_configuration" "e" {{\nbucket = "b"\n{rule}\n}}\n'
    for algorithm, known in (("rot13", True), ("aws:kms", False)):
        text = bucket("b") + split.replace("aws:kms", algorithm)
        fact = subjects(tmp_path, text)["aws_s3_bucket.b"].facts["encryption"]["algorithm"]
        assert (fact is None) if known else isinstance(fact, Unknown)


def test_several_blocks_that_may_be_missing_are_unknown(tmp_path: Path) -> None:
    one = 'dynamic "grant" {\nfor_each = var.on\ncontent {\ntype = "Group"\npermissions = ["READ"]\n}\n}\n'
    found = subjects(tmp_path, bucket("b", one + one.replace("var.on", "var.other")))
    assert isinstance(found["aws_s3_bucket.b"].facts["acl"]["grants"], Unknown)
