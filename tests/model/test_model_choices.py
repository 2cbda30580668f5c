"""Values that are one of several, and it is not known which: each is read, and where all agree that decides."""

from __future__ import annotations

from pathlib import Path

import pytest

import iacscan
from iacscan.core import Verdict

BUCKET = 'variable "on" {}\nvariable "other" {}\nresource "aws_s3_bucket" "b" {\nbucket = "example"\n%s\n}\n'
RULE = "rule {\napply_server_side_encryption_by_default {\nsse_algorithm = %s\n}\n}"
FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def verdict(folder: Path, rule: str, *blocks: str, inline: str = "", **files: str) -> str:
    for name, text in {"main": BUCKET % inline + "\n".join(blocks), **files}.items():
        path = folder / (name.replace("__", "/") + ".tf")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    report = iacscan.scan([str(folder)], select=[rule], enable=[rule], all_results=True)
    assert not report.diagnostics or all(item.level != "error" for item in report.diagnostics)
    return next(item.verdict.value for item in report.findings if item.address == "aws_s3_bucket.b")


def beside(kind: str, text: str) -> str:
    return f'resource "aws_s3_bucket_{kind}" "r" {{\nbucket = aws_s3_bucket.b.id\n{text}\n}}\n'


def policy(statement: str) -> str:
    return beside("policy", f'policy = jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})')


def allow(principal: str, action: str = '"s3:GetObject"') -> str:
    return f'{{ Effect = "Allow", Principal = {principal}, Action = {action}, Resource = "arn:aws:s3:::example/*" }}'


@pytest.mark.parametrize(
    ("rule", "block", "expected"),
    [
        ("public-acl-read", beside("acl", 'acl = var.on ? "public-read" : "public-read-write"'), "fail"),
        ("public-acl-write", beside("acl", 'acl = var.on ? "public-read" : "public-read-write"'), "unknown"),
        ("public-acl-write", beside("acl", 'acl = var.on ? "public-read" : "private"'), "pass"),
        ("public-acl-read", beside("acl", 'acl = var.on ? "private" : var.other'), "unknown"),
        (
            "public-acl-read",
            beside("acl", 'acl = var.on ? "public-read" : (var.other ? "authenticated-read" : "private")'),
            "unknown",
        ),
        (
            "public-acl-write",
            beside("acl", 'acl = var.on ? "public-read" : (var.other ? "authenticated-read" : "private")'),
            "pass",
        ),
        (
            "sse-disabled",
            beside("server_side_encryption_configuration", RULE % '(var.on ? "aws:kms" : "AES256")'),
            "pass",
        ),
        (
            "sse-not-kms",
            beside("server_side_encryption_configuration", RULE % '(var.on ? "aws:kms" : "AES256")'),
            "unknown",
        ),
        (
            "versioning-disabled",
            beside("versioning", 'versioning_configuration {\nstatus = var.on ? "Suspended" : "Disabled"\n}'),
            "fail",
        ),
        (
            "acls-enabled",
            beside(
                "ownership_controls", 'rule {\nobject_ownership = var.on ? "ObjectWriter" : "BucketOwnerPreferred"\n}'
            ),
            "fail",
        ),
        (
            "public-access-block",
            beside("public_access_block", "\n".join(f"{flag} = var.on ? true : null" for flag in FLAGS)),
            "unknown",
        ),
        (
            "public-access-block-weakened",
            beside("public_access_block", "block_public_acls = var.on ? false : null"),
            "fail",
        ),
        ("public-policy", policy(allow('var.on ? "*" : { AWS = "*" }')), "fail"),
        ("public-policy", policy(allow('{ AWS = var.on ? "111122223333" : "*" }')), "unknown"),
        ("wildcard-actions", policy(allow('"*"', 'var.on ? "s3:GetObject" : "s3:ListBucket"')), "pass"),
        (
            "public-policy",
            beside(
                "policy", f'policy = var.on ? jsonencode({{ Statement = [{allow(chr(34) + "*" + chr(34))}] }}) : "{{}}"'
            ),
            "unknown",
        ),
    ],
)
def test_what_every_option_says_is_decided(tmp_path: Path, rule: str, block: str, expected: str) -> None:
    assert verdict(tmp_path, rule, block) == expected


@pytest.mark.parametrize(
    ("rule", "inline", "expected"),
    [
        ("public-acl-write", 'acl = var.on ? "public-read" : null', "pass"),
        ("public-acl-read", 'acl = var.on ? "public-read" : null', "unknown"),
        ("versioning-disabled", "versioning {\nenabled = var.on ? false : null\n}", "fail"),
        ("versioning-disabled", 'versioning {\nenabled = var.on ? "false" : "true"\n}', "unknown"),
    ],
)
def test_inline_arguments_and_null_which_is_not_written(tmp_path: Path, rule: str, inline: str, expected: str) -> None:
    assert verdict(tmp_path, rule, inline=inline) == expected


def test_a_choice_goes_through_locals_modules_types_and_defaults(tmp_path: Path) -> None:
    call = 'module "m" {\nsource = "./m"\nbucket = aws_s3_bucket.b.id\nacl = var.on ? null : local.wide\n}\n'
    inner = 'variable "bucket" {}\nvariable "acl" {\ntype = string\nnullable = false\ndefault = "public-read"\n}\n'
    inner += 'resource "aws_s3_bucket_acl" "a" {\nbucket = var.bucket\nacl = var.acl\n}\n'
    given = 'locals {\nwide = var.other ? "public-read" : "public-read-write"\n}\n'
    assert verdict(tmp_path, "public-acl-read", call, given, m__main=inner) == "fail"


def test_a_data_document_says_what_each_option_makes_of_it(tmp_path: Path) -> None:
    inner = 'statement {\nactions = var.on ? ["s3:GetObject"] : ["s3:GetObject", "s3:PutObject"]\nresources = ["*"]\n'
    inner += 'effect = var.other ? "Allow" : null\nprincipals {\ntype = "*"\nidentifiers = ["*"]\n}\n}\n'
    data = f'data "aws_iam_policy_document" "d" {{\n{inner}}}\n'
    attached = beside("policy", "policy = data.aws_iam_policy_document.d.json")
    assert verdict(tmp_path, "public-policy", data, attached) == Verdict.FAIL
    assert verdict(tmp_path, "wildcard-actions", data, attached) == Verdict.PASS


def test_principals_that_may_be_several_lists_are_not_mixed_up(tmp_path: Path) -> None:
    inner = 'statement {\nactions = ["s3:GetObject"]\nresources = ["*"]\nprincipals {\ntype = "AWS"\n%s\n}\n}\n'
    for identifiers in (
        'identifiers = var.on ? ["*"] : ["111122223333"]',
        'identifiers = [var.on ? "*" : "111122223333"]',
    ):
        data = f'data "aws_iam_policy_document" "d" {{\n{inner % identifiers}}}\n'
        attached = beside("policy", "policy = data.aws_iam_policy_document.d.json")
        assert verdict(tmp_path, "public-policy", data, attached) == Verdict.UNKNOWN


def test_a_dynamic_block_over_one_element_or_none_has_its_values(tmp_path: Path) -> None:
    inner = "content {\nstatus = versioning_configuration.value\n}"
    over = f'dynamic "versioning_configuration" {{\nfor_each = %s\n{inner}\n}}'
    for collection, expected in (
        ('var.on ? ["Suspended"] : []', "fail"),
        ('var.on ? ["Enabled"] : []', "unknown"),
        ('var.on ? ["Suspended"] : ["Enabled"]', "unknown"),
        ('var.on ? ["Suspended"] : var.other', "unknown"),
    ):
        assert verdict(tmp_path, "versioning-disabled", beside("versioning", over % collection)) == expected


@pytest.mark.parametrize(("lock", "expected"), [("true", "pass"), ("false", "fail"), ("var.on", "unknown")])
def test_object_lock_that_may_be_on_may_switch_versioning_on(tmp_path: Path, lock: str, expected: str) -> None:
    assert verdict(tmp_path, "versioning-disabled", inline=f"object_lock_enabled = {lock}") == expected


def test_too_many_options_are_not_known(tmp_path: Path) -> None:
    flags = "\n".join(f"{flag} = var.on ? (var.other ? true : false) : false" for flag in FLAGS)
    assert verdict(tmp_path, "public-access-block", beside("public_access_block", flags)) == "unknown"
