"""A module that is not at hand may configure the buckets that it is given: what is missing here may be there."""

from __future__ import annotations

from pathlib import Path

import pytest

import iacscan
from iacscan.core import Verdict

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "name-of-b"\n}\n'
VERSIONING = """
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = "Suspended"
  }
}
"""


def verdict(folder: Path, text: str, rule: str = "versioning-disabled") -> Verdict:
    (folder / "main.tf").write_text(BUCKET + text, encoding="utf-8")
    report = iacscan.scan([folder], select=(rule,), all_results=True)
    (finding,) = report.findings
    return finding.verdict


def call(argument: str, rest: str = "") -> str:
    return f'module "m" {{\n  source = "example/m/aws"\n{rest}\n  {argument}\n}}\n'


@pytest.mark.parametrize(
    "argument",
    [
        "bucket = aws_s3_bucket.b.id",
        "bucket = aws_s3_bucket.b.bucket",
        'bucket = "name-of-b"',
        "bucket = aws_s3_bucket.b",
        "settings = { logs = [{ name = aws_s3_bucket.b.id }] }",
        "bucket = local.name\n}\nlocals {\n  name = aws_s3_bucket.b.id",
    ],
)
def test_what_is_not_declared_here_may_be_in_a_module_that_is_given_the_bucket(tmp_path: Path, argument: str) -> None:
    assert verdict(tmp_path, call(argument)) is Verdict.UNKNOWN
    assert verdict(tmp_path, call(argument), "public-policy") is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("argument", "rest"),
    [
        ("bucket = aws_s3_bucket.b.arn", ""),
        ('bucket = "another"', ""),
        ("bucket = aws_s3_bucket.b.id", "  count = 0"),
        ("bucket = aws_s3_bucket.b.id", "  for_each = {}"),
        ("depends_on = [aws_s3_bucket.b]", ""),
    ],
)
def test_a_call_that_is_not_told_the_name_or_is_not_made_configures_nothing(
    tmp_path: Path, argument: str, rest: str
) -> None:
    assert verdict(tmp_path, call(argument, rest)) is Verdict.FAIL


def test_what_is_declared_here_counts(tmp_path: Path) -> None:
    assert verdict(tmp_path, VERSIONING + call("bucket = aws_s3_bucket.b.id")) is Verdict.FAIL


def test_it_reaches_through_modules_that_are_here(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    inner = 'variable "name" {}\nmodule "far" {\n  source = "example/m/aws"\n  bucket = var.name\n}\n'
    (tmp_path / "own" / "main.tf").write_text(inner, encoding="utf-8")
    near = 'module "own" {\n  source = "./own"\n  name = aws_s3_bucket.b.id\n}\n'
    assert verdict(tmp_path, near) is Verdict.UNKNOWN


def test_a_module_that_init_has_fetched_is_read(tmp_path: Path) -> None:
    modules = tmp_path / ".terraform" / "modules"
    (modules / "m").mkdir(parents=True)
    (modules / "modules.json").write_text(
        '{"Modules": [{"Key": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m"}]}', encoding="utf-8"
    )
    (modules / "m" / "main.tf").write_text('variable "bucket" {}\n', encoding="utf-8")
    assert verdict(tmp_path, call("bucket = aws_s3_bucket.b.id")) is Verdict.FAIL


def test_the_reason_names_the_module(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BUCKET + call("bucket = aws_s3_bucket.b.id"), encoding="utf-8")
    (finding,) = iacscan.scan([tmp_path], select=("cors-wildcard",)).findings
    assert [item.text for item in finding.evidence] == [
        "module.m is given this bucket and may configure it; its source is not in this tree"
    ]


def test_a_call_that_is_not_made_is_not_missed(tmp_path: Path) -> None:
    for rest, said in (("  count = 0", 0), ("  count = 1", 1)):
        (tmp_path / "main.tf").write_text(BUCKET + call("bucket = aws_s3_bucket.b.id", rest), encoding="utf-8")
        report = iacscan.scan([tmp_path])
        assert len([item for item in report.diagnostics if "module.m is not judged" in item.message]) == said
