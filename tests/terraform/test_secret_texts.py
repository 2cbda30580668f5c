"""Secrets: by which texts a sensitive value is recognised in a report."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from terraform_tools import load_one, write

from iacscan import scan
from iacscan.core import Choice, Encoded, Template, Unknown
from iacscan.inputs.source import SourceOptions
from iacscan.terraform.secret_texts import secret_texts
from iacscan.terraform.values import SetValue

LATE = Unknown()
ROLE = "arn:aws:iam::123456789012:role/hush"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hush", {"hush"}),
        ("ab", set()),
        ("Allow", set()),
        ("123456789012", {"123456789012"}),
        (123456789012, {"123456789012"}),
        (Decimal("12345.5"), {"12345.5"}),
        (30, set()),
        (True, set()),
        (ROLE, {ROLE, "123456789012"}),
        ("1234567890123", {"1234567890123"}),
        ({"key": ["hush", None]}, {"hush"}),
        (SetValue.of(["hush", "123456789012"]), {"hush", "123456789012"}),
        (Choice(options=("one", SetValue.of(["two"]))), {"one", "two"}),
        (Encoded({"Principal": ["hush", LATE]}), {"hush"}),
        (Template(("hush-", LATE)), {"hush-"}),
        (Template(("arn:aws:iam::", LATE, ":role/hush")), {":role/hush"}),
        (Template(("arn:aws:iam::123456789012:role/", LATE)), {"123456789012:role/", "123456789012"}),
        (Template(("arn:aws:iam::", LATE, ":root")), set()),
    ],
)
def test_the_texts_of_a_secret(value: Any, expected: set[str]) -> None:
    assert set(secret_texts(value)) == expected


SHARED = """
variable "accounts" {
  type      = set(string)
  sensitive = true
  default   = ["123456789012"]
}
variable "role" {
  sensitive = true
  default   = "arn:aws:iam::210987654321:role/hushhush"
}
resource "aws_s3_bucket" "b" {
  bucket = "example"
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = concat(tolist(var.accounts), [var.role]) }
      Action    = "s3:GetObject"
      Resource  = "*"
    }]
  })
}
"""


def test_no_account_of_a_secret_is_printed(tmp_path: Path) -> None:
    write(tmp_path, main_tf=SHARED)
    report = scan([tmp_path])
    said = [text for item in report.findings for text in (item.message, *(each.text for each in item.evidence))]

    assert any("cross-account-access" in item.rule.id for item in report.findings)
    assert not [text for text in said if "123456789012" in text or "210987654321" in text or "hush" in text]


def test_numbers_from_outside_that_nobody_marked_are_no_secrets(tmp_path: Path) -> None:
    write(tmp_path, main_tf='variable "account" {}\nvariable "token" {}\n')
    given = SourceOptions(variables={"account": "123456789012", "token": "hush-123456789012"})

    assert load_one(tmp_path, given).secrets == {"hush-123456789012"}
