"""The Terraform text that each rule gives to paste: it can be read, the rule accepts it, and so does Terraform."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from iacscan import model, rules
from iacscan.core import Level, Severity
from iacscan.rules import Rule
from iacscan.scanning import Options, judge

RULES = {rule.id: rule for rule in rules.load([rules.builtin_directory()], model.FIELDS)[0]}
WANTED = os.environ.get("IACSCAN_TERRAFORM_TESTS", "")

BUCKET = 'resource "aws_s3_bucket" "this" {\n  bucket = "example"\n}\n'
KEYED = """\
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}
"""
LOGGED = """\
resource "aws_s3_bucket_logging" "this" {
  bucket        = aws_s3_bucket.this.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "example/"
}
"""
BESIDE = {"kms-key-public": KEYED, "kms-key-rotation": KEYED, "log-target-unfit": LOGGED}
"""What has to stand beside a snippet for its rule to have anything to judge."""

NOT_JUDGED = {
    "iam-user-access": "a role is not a subject: only what gives a user access is",
    "protection-removed": "it judges what a change takes away, and a snippet alone changes nothing",
}
"""Rules that find nothing to judge in their snippet."""

NEWER = {"sse-c-allowed": "blocked_encryption_types came with AWS provider 6.22"}
"""Snippets that provider 5.100 refuses."""

VERSIONS = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
"""
MODULE = 'module "{0}" {{\n  source = "./{0}"\n}}\n'


def configuration(rule: str) -> str:
    """The snippet of a rule, and what has to stand beside it."""
    snippet = RULES[rule].snippet or ""
    parts = [snippet, BESIDE.get(rule, ""), "" if '"aws_s3_bucket" "this"' in snippet else BUCKET]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_accepts_its_snippet(rule: str, tmp_path: Path) -> None:
    assert RULES[rule].snippet
    (tmp_path / "main.tf").write_text(configuration(rule), encoding="utf-8")
    judged = judge([tmp_path], Options(enable=("*",)))
    assert [item.message for item in judged.diagnostics if item.level is not Level.NOTE] == []
    found = {finding.status for finding in judged.findings if finding.rule.id == rule}
    assert found == (set() if rule in NOT_JUDGED else {"pass"})
    assert [item.rule.id for item in judged.findings if item.status == "fail" and weighty(item.rule)] == []


def weighty(rule: Rule) -> bool:
    """Whether nothing that we give to paste may fail the rule: it finds what is wrong, not what is missing."""
    return (
        rule.severity >= Severity.HIGH or rule.checklist == "limit-access" or rule.id.endswith(("-foreign", "-unfit"))
    )


def test_the_note_on_protection_holds(tmp_path: Path) -> None:
    """A protection that leaves by the snippet is not taken away; the same without it is."""
    block = RULES["public-access-block"].snippet or ""
    repository(tmp_path, f"{BUCKET}\n{block}\n")
    for text, verdicts in ((configuration("protection-removed"), ["pass"]), (BUCKET, ["fail"])):
        (tmp_path / "main.tf").write_text(text, encoding="utf-8")
        judged = judge([tmp_path], Options(select=("protection-removed",), since="HEAD"))
        assert [finding.verdict.value for finding in judged.findings] == verdicts


def repository(folder: Path, text: str) -> None:
    """A repository in ``folder`` with one commit: ``text`` as main.tf."""
    (folder / "main.tf").write_text(text, encoding="utf-8")
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "before")):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)


def terraform(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.terraform
@pytest.mark.skipif(not WANTED, reason="slow: set IACSCAN_TERRAFORM_TESTS=1 to ask real terraform")
@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_accepts_the_snippets_and_would_write_them_so(tmp_path: Path) -> None:
    known = [rule for rule in RULES if rule not in NEWER]
    for rule in RULES:
        (tmp_path / rule).mkdir()
        (tmp_path / rule / "main.tf").write_text(configuration(rule), encoding="utf-8")
    (tmp_path / "main.tf").write_text(VERSIONS + "".join(MODULE.format(rule) for rule in known), encoding="utf-8")
    terraform(tmp_path, "fmt", "-check", "-diff", "-recursive")
    terraform(tmp_path, "init", "-no-color", "-backend=false")
    terraform(tmp_path, "validate", "-no-color")
