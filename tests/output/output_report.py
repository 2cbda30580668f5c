"""The one report that every format's golden shows, and the parts that tests build reports from."""

from __future__ import annotations

from typing import Any

from iacscan.core import Diagnostic, Evidence, Level, Location, Origin, Severity, Span, Verdict
from iacscan.findings import Finding, Report, Summary, Suppression
from iacscan.output.style import Style
from iacscan.rules.rule import Rule

NO_EXPRESSION: Any = None
"""Outputs never look at a rule's expressions."""

STORAGE = """\
resource "aws_s3_bucket" "logs" {
  for_each = toset(["eu", "us"])
  bucket   = "logs-${each.key}"
}

resource "aws_s3_bucket_acl" "logs" {
  for_each = aws_s3_bucket.logs
  bucket   = each.value.id
  acl      = "public-read"
}
"""


ENFORCED = """\
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}"""


def rule(id: str, severity: Severity = Severity.MEDIUM, **fields: Any) -> Rule:
    given: dict[str, Any] = {
        "title": f"Title of {id}",
        "subject": "bucket",
        "message": "{address} is wrong",
        "why": f"Why {id} matters.",
        "fix": f"Mend {id}.",
        "checklist": "audit-open-buckets",
    }
    return Rule(id=id, severity=severity, fail_when=NO_EXPRESSION, **(given | fields))


PUBLIC_READ = rule(
    "public-acl-read",
    Severity.HIGH,
    title="Bucket ACL lets anyone on the internet read",
    why="Anyone on the internet can list or read the bucket.",
    fix="Remove the grant, or set object ownership to BucketOwnerEnforced so that ACLs no longer count.",
    snippet=ENFORCED,
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html",),
    maps={"security-hub": ("S3.2",), "checkov": ("CKV_AWS_20",)},
)
PUBLIC_POLICY = rule("public-policy", Severity.CRITICAL, title="Bucket policy is public")
VERSIONING = rule(
    "versioning-disabled",
    title="Bucket versioning is not enabled",
    checklist="enable-versioning",
    fix='Add:\n\n    resource "aws_s3_bucket_versioning" "x" {\n      ...\n    }',
)
SSE = rule("sse-disabled", Severity.LOW, title="No default encryption is declared", checklist="encrypt-at-rest")
MFA = rule("mfa-delete-disabled", Severity.LOW, title="MFA delete is off", checklist="mfa-delete")
RULES = (MFA, PUBLIC_READ, PUBLIC_POLICY, SSE, VERSIONING)


def at(path: str, line: int, column: int = 3, end_line: int | None = None, end_column: int = 27) -> Location:
    return Location(path, Span(line, column, end_line or line, end_column))


def finding(rule: Rule, address: str = "aws_s3_bucket.b", verdict: Verdict = Verdict.FAIL, **fields: Any) -> Finding:
    given: dict[str, Any] = {
        "type": "aws_s3_bucket",
        "message": f"{address} is wrong",
        "input": "plan.json",
        "location": at("main.tf", 12),
    }
    return Finding(rule=rule, address=address, verdict=verdict, **(given | fields))


def _public(region: str) -> Finding:
    address = f'aws_s3_bucket.logs["{region}"]'
    acl = f'aws_s3_bucket_acl.logs["{region}"]'
    return finding(
        PUBLIC_READ,
        address,
        message=f"{address} grants read access to everyone",
        location=at("infra/storage.tf", 9),
        related=(at("infra/storage.tf", 1, 1, end_column=32),),
        evidence=(Evidence('the canned ACL is "public-read"', Origin(acl, ("acl",))),),
        change="created",
        introduced=True,
    )


def _missing(region: str) -> Finding:
    address = f'aws_s3_bucket.logs["{region}"]'
    message = f"{address} does not keep old versions of its objects"
    location = at("infra/storage.tf", 1, 1, end_column=32)
    return finding(VERSIONING, address, message=message, location=location, change="created", introduced=True)


def _others() -> tuple[Finding, ...]:
    data = 'module.data["a | b"].aws_s3_bucket.this[0]'
    waits = Evidence(
        "waits for aws_iam_role.reader.arn (known after apply)",
        Origin("aws_s3_bucket_policy.data", ("policy", "Statement", 0, "Principal")),
    )
    unknown = finding(
        PUBLIC_POLICY,
        data,
        Verdict.UNKNOWN,
        message=f"whether the policy of {data} is public is not known before apply",
        location=at("modules/data/main.tf", 20, 3, 34, 4),
        evidence=(waits,),
        change="updated",
    )
    suppressed = finding(
        SSE,
        "aws_s3_bucket.web",
        message="aws_s3_bucket.web declares no default encryption",
        location=at("web.tf", 1),
        suppression=Suppression("holds public files only", at("web.tf", 2)),
    )
    no_source = finding(
        PUBLIC_POLICY,
        "aws_s3_bucket.web",
        message="aws_s3_bucket.web has a policy that lets everyone do s3:GetObject: 100% public, says <AWS> & co.",
        location=None,
        evidence=tuple(Evidence(f"statement {number} allows it") for number in range(6)),
        change="updated",
        introduced=False,
    )
    passed = finding(MFA, "aws_s3_bucket.web", Verdict.PASS, message="aws_s3_bucket.web needs MFA to delete")
    return unknown, suppressed, no_source, passed


def golden_report() -> Report:
    """Every status, with and without source, with instances, hostile names, and each kind of diagnostic."""
    return Report(
        findings=(_missing("eu"), _missing("us"), _public("eu"), _public("us"), *_others()),
        summary=Summary((("buckets", 4),), 5, 5, 1, 9, 1),
        rules=RULES,
        inputs=("plan.json",),
        diagnostics=(
            Diagnostic(Level.ERROR, "a brace is not closed", at("broken.tf", 7)),
            Diagnostic(Level.WARNING, "the plan is partial: it was made with -target"),
            Diagnostic(Level.NOTE, "2 buckets are judged by what the plan attaches to them"),
        ),
        notes=("account-wide settings are not part of this input",),
        worst=Severity.CRITICAL,
    )


CLEAN = Report((), Summary((("buckets", 3),), 5, 0, 0, 15, 0), RULES, ("plan.json",))
"""A scan that found nothing."""


def golden_style() -> Style:
    """A style in which every option that changes a golden is set."""
    sources = {"infra/storage.tf": STORAGE}
    return Style(workspace="envs/prod", version="1.2.3", read_lines=sources.get)
