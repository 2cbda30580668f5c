"""Origins back to lines: the attribute that decides, then the argument of each caller."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terraform_tools import load_one, write

from iacscan.core import Origin, PathStep

MAIN = """locals {
  name = "x"
}

module "outer" {
  source = "./outer"
  acl    = "public-read"
}

resource "aws_s3_bucket" "this" {
  bucket = local.name
  tags = {
    Public = "no"
  }

  dynamic "logging" {
    for_each = ["a"]
    content {
      target_bucket = logging.value
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Statement = [
      { Effect = "Deny" },
      {
        Effect = "Allow"
      },
    ]
  })
}
"""
OUTER = """variable "acl" {}

locals {
  chosen = var.acl
}

module "inner" {
  source = "../inner"
  count  = 1
  acl    = local.chosen
}
"""
INNER = """variable "acl" {}

resource "aws_s3_bucket_acl" "this" {
  bucket = "b"
  acl    = var.acl
}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("p"), main_tf=MAIN, outer__main_tf=OUTER, inner__main_tf=INNER)


def places(project: Path, address: str, *path: PathStep) -> list[tuple[str, int]]:
    found = load_one(project).locate(Origin(address, path))
    return [(item.path.rsplit("/", 2)[-2], item.span.start_line if item.span else 0) for item in found]


@pytest.mark.parametrize(
    ("address", "path", "line"),
    [
        ("aws_s3_bucket.this", (), 10),
        ("aws_s3_bucket.this", ("bucket",), 11),
        ("aws_s3_bucket.this", ("acl",), 10),
        ("aws_s3_bucket.this", ("tags",), 12),
        ("aws_s3_bucket.this", ("tags", "Public"), 13),
        ("aws_s3_bucket.this", ("tags", "Other"), 12),
        ("aws_s3_bucket.this", ("logging",), 18),
        ("aws_s3_bucket.this", ("logging", 0, "target_bucket"), 19),
        ("aws_s3_bucket.this", ("logging", 5, "target_bucket"), 10),
        ("aws_s3_bucket_server_side_encryption_configuration.this", ("rule", 0), 26),
        (
            "aws_s3_bucket_server_side_encryption_configuration.this",
            ("rule", 0, "apply_server_side_encryption_by_default", 0, "sse_algorithm"),
            28,
        ),
        (
            "aws_s3_bucket_server_side_encryption_configuration.this",
            ("rule", 0, "apply_server_side_encryption_by_default", 0, "kms_master_key_id"),
            27,
        ),
        ("aws_s3_bucket_policy.this", ("policy",), 35),
        ("aws_s3_bucket_policy.this", ("policy", "Statement", 1), 38),
        ("aws_s3_bucket_policy.this", ("policy", "Statement", 1, "Effect"), 39),
    ],
)
def test_the_deepest_written_place(project: Path, address: str, path: tuple[PathStep, ...], line: int) -> None:
    assert places(project, address, *path) == [(project.name, line)]


def test_the_argument_that_the_value_comes_from_comes_first(project: Path) -> None:
    address = "module.outer.module.inner[0].aws_s3_bucket_acl.this"

    assert places(project, address, "acl") == [(project.name, 7), ("inner", 5), ("outer", 10)]


def test_of_a_third_party_module_the_call_comes_first(tmp_path: Path) -> None:
    module = tmp_path / ".terraform" / "modules" / "logs"
    module.mkdir(parents=True)
    module.joinpath("main.tf").write_text('resource "aws_s3_bucket" "this" {\n  bucket = "logs"\n}\n', encoding="utf-8")
    manifest = {"Modules": [{"Key": "logs", "Source": "example/logs/aws", "Dir": ".terraform/modules/logs"}]}
    (tmp_path / ".terraform/modules/modules.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "main.tf").write_text('module "logs" {\n  source = "example/logs/aws"\n}\n', encoding="utf-8")
    assert places(tmp_path, "module.logs.aws_s3_bucket.this") == [(tmp_path.name, 1), ("logs", 1)]


def test_callers_without_the_value_give_their_block(project: Path) -> None:
    address = "module.outer.module.inner[0].aws_s3_bucket_acl.this"

    assert places(project, address, "bucket") == [("inner", 4), ("outer", 7), (project.name, 5)]
    assert places(project, address) == [("inner", 3), ("outer", 7), (project.name, 5)]


def test_an_address_that_is_not_there_has_no_place(project: Path) -> None:
    assert places(project, "aws_s3_bucket.other") == []


def test_paths_are_relative_to_the_working_directory(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "outer")
    (place,) = load_one(project).locate(Origin("aws_s3_bucket.this"))

    assert place.path == "../main.tf"
