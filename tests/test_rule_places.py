"""Where a finding points that concerns two resources: on the one that is worse off, with the line to change in view."""

from pathlib import Path

import pytest

import iacscan

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "rules"


def places(rule: str, example: str) -> dict[str, list[str]]:
    """The lines that each finding of ``rule`` shows, the first one first."""
    return shown(rule, EXAMPLES / rule / example)


def shown(rule: str, path: Path) -> dict[str, list[str]]:
    """:func:`places` of the file at ``path``."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for finding in iacscan.scan([path], select=(rule,)).findings:
        spans = [place.span for place in (finding.location, *finding.related) if place]
        found[finding.address] = [lines[span.start_line - 1].strip() for span in spans if span]
    return found


def test_a_detector_is_found_by_its_address_and_the_line_that_switches_it_off() -> None:
    found = places("guardduty-s3-off", "bad-off.tf")
    assert found["aws_guardduty_detector.feature"][0] == 'status      = "DISABLED"'
    assert found["aws_guardduty_detector.block"][0] == "enable = false"
    assert found["aws_guardduty_detector.asleep"][0] == "enable = false"


@pytest.mark.parametrize(
    ("bucket", "in_the_target"),
    [("to_kms", 'sse_algorithm = "aws:kms"'), ("to_locked", "object_lock_enabled = true")],
)
def test_the_bucket_that_logs_shows_its_target_and_what_is_wrong_there(bucket: str, in_the_target: str) -> None:
    first, *others = places("log-target-unfit", "bad-targets.tf")[f"aws_s3_bucket.{bucket}"]
    assert first.startswith("target_bucket")
    assert in_the_target in others


BUCKET = """resource "aws_s3_bucket" "a" {
  bucket = "a"
}
"""
ACL = """
resource "aws_s3_bucket_acl" "a" {
  bucket = aws_s3_bucket.a.id
  access_control_policy {
    grant { # anyone reads
      permission = "READ"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
      }
    }
    grant { # anyone writes
      permission = "WRITE"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AllUsers"
      }
    }
    grant { # any account
      permission = "READ"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
      }
    }
    owner {
      id = "0"
    }
  }
}
"""


@pytest.mark.parametrize(
    ("rule", "comment"),
    [
        ("public-acl-read", "anyone reads"),
        ("public-acl-write", "anyone writes"),
        ("authenticated-users-acl", "any account"),
    ],
)
def test_the_grant_that_a_rule_is_about_comes_first(tmp_path: Path, rule: str, comment: str) -> None:
    path = tmp_path / "main.tf"
    path.write_text(BUCKET + ACL, encoding="utf-8")
    assert shown(rule, path)["aws_s3_bucket.a"][0] == f"grant {{ # {comment}"


POLICY = """
resource "aws_s3_bucket_policy" "a" {
  bucket = aws_s3_bucket.a.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Tls", Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "arn:aws:s3:::a/*",
      Condition = { Bool = { "aws:SecureTransport" = "false" } } },
      { Sid = "Own", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/r" }, Action = "s3:*",
      Resource = "arn:aws:s3:::a" },
      { Sid = "Open", Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/*" },
      { Sid = "Service", Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "s3:GetObjekt",
      Resource = "arn:aws:s3:::a/*" },
      { Sid = "Other", Effect = "Allow", Principal = { AWS = "444455556666" }, Action = "s3:GetObject",
      Resource = "arn:aws:s3:::a/*" },
    ]
  })
}
"""


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("public-policy", '{ Sid = "Open"'),
        ("unrestricted-access", '{ Sid = "Open"'),
        ("untagged-public-bucket", '{ Sid = "Open"'),
        ("insecure-transport", '{ Sid = "Tls"'),
        ("wildcard-actions", '{ Sid = "Own"'),
        ("confused-deputy", '{ Sid = "Service"'),
        ("policy-invalid", '{ Sid = "Service"'),
        ("cross-account-access", "policy ="),
    ],
)
def test_a_policy_is_to_be_changed_at_the_statement_that_decides(tmp_path: Path, rule: str, first: str) -> None:
    path = tmp_path / "main.tf"
    path.write_text(BUCKET + POLICY, encoding="utf-8")
    found = shown(rule, path)["aws_s3_bucket.a"]
    assert found[0].startswith(first)
    assert {"policy = jsonencode({", 'resource "aws_s3_bucket" "a" {'} <= set(found)
