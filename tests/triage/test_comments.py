"""Suppressions written in source: what each place covers, and what is said of those that do not work."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import iacscan
from iacscan.core import Location, Span
from iacscan.findings import Report
from iacscan.inputs.configuration import Comment
from iacscan.triage.comments import read_comments

FIXTURES = Path(__file__).parent.parent.parent / "fixtures" / "triage"
TODAY = date(2026, 11, 21)


def scan(path: Path, *rules: str, **options: Any) -> Report:
    return iacscan.scan([path], select=rules or ("public-acl-read",), all_results=True, today=TODAY, **options)


def statuses(report: Report, rule: str = "public-acl-read") -> dict[str, str]:
    return {item.address: item.status for item in report.findings if item.rule.id == rule}


def warnings(report: Report) -> list[str]:
    return [item.message for item in report.diagnostics if item.level != "note"]


def written(tmp_path: Path, text: str, *rules: str, **options: Any) -> Report:
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    return scan(tmp_path, *rules, **options)


def test_each_place_covers_its_block() -> None:
    report = scan(FIXTURES / "comments.tf", "public-acl-read", "versioning-disabled")
    found = statuses(report)
    assert {address for address, status in found.items() if status == "fail"} == {"aws_s3_bucket.apart"}
    assert set(found.values()) == {"fail", "suppressed"}
    versioning = statuses(report, "versioning-disabled")
    assert {address for address, status in versioning.items() if status == "suppressed"} == {
        "aws_s3_bucket.above_attribute",
        "aws_s3_bucket.several",
    }


POLICY = """
%sdata "aws_iam_policy_document" "a" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.a.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
%sresource "aws_s3_bucket_policy" "a" {
  bucket = aws_s3_bucket.a.id
  policy = data.aws_iam_policy_document.a.json
}
%sresource "aws_s3_bucket" "a" {
  bucket = "a"
}
"""


@pytest.mark.parametrize("position", range(3))
def test_the_statement_the_policy_and_the_bucket_each_cover(tmp_path: Path, position: int) -> None:
    comments = ["# iacscan:ignore=public-policy meant\n" if index == position else "" for index in range(3)]
    report = written(tmp_path, POLICY % tuple(comments), "public-policy")
    assert statuses(report, "public-policy") == {"aws_s3_bucket.a": "suppressed"}


def test_the_reason_and_the_place_are_kept() -> None:
    found = {item.address: item for item in scan(FIXTURES / "comments.tf").findings}
    suppression = found["aws_s3_bucket.inside"].suppression
    assert suppression is not None
    assert suppression.reason == "the web site"
    assert suppression.location is not None
    assert suppression.location.span is not None
    assert suppression.location.span.start_line == 26


def test_a_comment_apart_is_said_to_cover_nothing() -> None:
    (message,) = warnings(scan(FIXTURES / "comments.tf", "public-acl-read", "versioning-disabled"))
    assert "neither in a block nor right above one" in message


def test_a_module_call_covers_all_in_it_and_an_argument_what_it_decides() -> None:
    report = scan(FIXTURES / "modules")
    failing = {address for address, status in statuses(report).items() if status == "fail"}
    assert failing == {"module.one.aws_s3_bucket.second[0]", "module.one.aws_s3_bucket.second[1]"}
    assert not warnings(report), "a comment in a module is used if one call of it needs it"


def test_peers_comments_count_through_the_maps() -> None:
    report = scan(FIXTURES / "peers.tf", "public-acl-read", "versioning-disabled", "access-logging-disabled")
    failing = {address for address, status in statuses(report).items() if status == "fail"}
    assert failing == {"aws_s3_bucket.loud"}
    assert statuses(report, "versioning-disabled")["aws_s3_bucket.trivy_short"] == "suppressed"
    assert statuses(report, "access-logging-disabled")["aws_s3_bucket.checkov_list"] == "suppressed"
    assert warnings(report) == [
        "the suppression of AVD-AWS-0092 ended on 2020-01-01, and what it covers counts again"
    ], "nothing else is ours to complain of"


@pytest.mark.parametrize(
    ("id_", "rule"),
    [
        ("AWS001", "public-acl-read"),
        ("AWS002", "access-logging-disabled"),
        ("AWS017", "sse-disabled"),
        ("AWS073", "public-access-block"),
        ("AWS077", "versioning-disabled"),
        ("AWS098", "public-access-block"),
        ("s3-bucket-logging", "access-logging-disabled"),
    ],
)
def test_early_numbers_and_short_names_count(tmp_path: Path, id_: str, rule: str) -> None:
    assert statuses(written(tmp_path, f"#tfsec:ignore:{id_}\n{PUBLIC}", rule), rule) == {
        "aws_s3_bucket.b": "suppressed"
    }


def test_a_workspace_of_trivy() -> None:
    report = scan(FIXTURES / "peers.tf", workspace="production")
    assert set(statuses(report).values()) == {"suppressed"}


def test_nothing_is_suppressed_if_that_is_asked() -> None:
    report = scan(FIXTURES / "comments.tf", suppress=False)
    assert set(statuses(report).values()) == {"fail"}
    assert not warnings(report)


BUCKET = 'resource "aws_s3_bucket" "b" {{\n  bucket = "h6"\n  acl = {}\n}}\n'
PUBLIC = BUCKET.format('"public-read"')


@pytest.mark.parametrize(("day", "status"), [("2026-11-20", "fail"), ("2026-11-21", "suppressed")])
def test_until_is_the_last_day(tmp_path: Path, day: str, status: str) -> None:
    report = written(tmp_path, f"# iacscan:ignore=public-acl-read until={day} moving\n{PUBLIC}")
    assert statuses(report) == {"aws_s3_bucket.b": status}
    ended = [f"the suppression of public-acl-read ended on {day}, and what it covers counts again"]
    assert warnings(report) == ([] if status == "suppressed" else ended)


def test_one_that_ended_and_is_not_needed_is_to_be_removed(tmp_path: Path) -> None:
    report = written(tmp_path, "# iacscan:ignore=public-acl-read until=2020-01-01 x\n" + BUCKET.format('"private"'))
    assert warnings(report) == ["the suppression of public-acl-read ended on 2020-01-01; remove it"]


def test_one_that_ended_where_another_holds_counts_nothing_again(tmp_path: Path) -> None:
    comments = "# iacscan:ignore=public-acl-read until=2020-01-01 x\n# iacscan:ignore=public-* y\n"
    report = written(tmp_path, comments + PUBLIC)
    assert statuses(report) == {"aws_s3_bucket.b": "suppressed"}
    assert warnings(report) == ["the suppression of public-acl-read ended on 2020-01-01; remove it"]


def test_an_unused_one_is_said(tmp_path: Path) -> None:
    report = written(tmp_path, "# iacscan:ignore=public-acl-read x\n" + BUCKET.format('"private"'))
    assert statuses(report) == {"aws_s3_bucket.b": "pass"}
    assert warnings(report) == [
        "the suppression of public-acl-read is not needed: nothing that it covers fails; remove it"
    ]
    (diagnostic,) = (item for item in report.diagnostics if item.level == "warning")
    assert diagnostic.location is not None
    assert diagnostic.location.path.endswith("main.tf")


def test_one_of_a_rule_that_did_not_run_is_not_unused(tmp_path: Path) -> None:
    assert not warnings(written(tmp_path, f"# iacscan:ignore=public-acl-read x\n{PUBLIC}", "versioning-disabled"))


def test_an_unknown_verdict_can_be_suppressed(tmp_path: Path) -> None:
    text = 'variable "acl" {}\n# iacscan:ignore=public-acl-read x\n' + BUCKET.format("var.acl")
    report = written(tmp_path, text)
    assert statuses(report) == {"aws_s3_bucket.b": "suppressed"}
    assert report.summary.unknown == 0


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("iacscan:ignore=public-acl-raed x", "no rule is called 'public-acl-raed'; did you mean 'public-acl-read'?"),
        ("iacscan:ignore public-acl-read", "no rule is named"),
        ("iacscan:ignore=", "no rule is named"),
        ("iacscan:skip=public-acl-read", "no directive is called 'skip'"),
        ("iacscan:ignore=public-acl-read until=tomorrow x", "'tomorrow' is not a date"),
        ("iacscan:ignore=public-acl-read until=2026-02-30 x", "'2026-02-30' is not a date"),
    ],
)
def test_one_that_cannot_work_is_said_and_hides_nothing(tmp_path: Path, comment: str, said: str) -> None:
    report = written(tmp_path, f"# {comment}\n{PUBLIC}")
    assert statuses(report) == {"aws_s3_bucket.b": "fail"}
    (message,) = warnings(report)
    assert said in message


def test_globs_and_several_in_one_comment(tmp_path: Path) -> None:
    report = written(
        tmp_path,
        f"# iacscan:ignore=public-acl-* a iacscan:ignore=versioning-* b\n{PUBLIC}",
        "*-read",
        "versioning-disabled",
    )
    reasons = {item.rule.id: item.suppression.reason for item in report.findings if item.suppression}
    assert reasons == {"public-acl-read": "a", "versioning-disabled": "b"}


def test_prose_is_left_alone(tmp_path: Path) -> None:
    assert not warnings(written(tmp_path, f"# iacscan: see the docs\n# iacscan says so\n{PUBLIC}"))


def test_a_plan_takes_the_comments_of_its_source(tmp_path: Path) -> None:
    folder = FIXTURES.parent / "plans" / "update"
    block = 'resource "aws_s3_bucket" "uploads"'
    text = (folder / "main.tf").read_text(encoding="utf-8")
    assert block in text
    source = tmp_path / "main.tf"
    source.write_text(
        text.replace(block, f"# iacscan:ignore=versioning-disabled short-lived\n{block}"), encoding="utf-8"
    )
    plain = iacscan.scan([folder / "plan.json"], select=("versioning-disabled",), source=str(folder))
    assert {item.address: item.status for item in plain.findings}["aws_s3_bucket.uploads"] == "fail"
    report = iacscan.scan([folder / "plan.json"], select=("versioning-disabled",), source=str(tmp_path))
    assert "aws_s3_bucket.uploads" not in {item.address for item in report.findings}
    assert report.summary.suppressed == 1


def test_downloaded_modules_are_not_nagged_about(tmp_path: Path) -> None:
    module = tmp_path / ".terraform" / "modules" / "m"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(
        "# iacscan:ignore=public-acl-read x\n" + BUCKET.format('"private"'), encoding="utf-8"
    )
    manifest = '{"Modules": [{"Key": "m", "Source": "x/m/aws", "Dir": ".terraform/modules/m"}]}'
    (module.parent / "modules.json").write_text(manifest, encoding="utf-8")
    assert not warnings(written(tmp_path, 'module "m" {\n  source = "x/m/aws"\n}\n'))


def comment(text: str) -> Comment:
    return Comment(text, Location("main.tf", Span(1, 1, 1, len(text) + 1)), Span(2, 1, 4, 2))


@pytest.mark.parametrize(
    ("text", "ids", "reason"),
    [
        ("# iacscan:ignore=a,b because", ("a", "b"), "because"),
        ("//iacscan:ignore=a, b because", ("a", "b"), "because"),
        ("# iacscan:ignore=a:because of this", ("a",), "because of this"),
        ("# iacscan:ignore=a -- because", ("a",), "because"),
        ("# iacscan: ignore = a", ("a",), "no reason given"),
        ("/* iacscan:ignore=a why */", ("a",), "why"),
        ("# checkov:skip=CKV_AWS_1", ("CKV_AWS_1",), "no reason given"),
        ("# bridgecrew:skip=CKV_AWS_1: why: so", ("CKV_AWS_1",), "why: so"),
        ("# tfsec:ignore:aws-s3-* tfsec:ignore:aws-2 why", ("aws-s3-*", "aws-2"), "why"),
        ("#trivy:ignore:avd-aws-0086 - not yet", ("avd-aws-0086",), "not yet"),
    ],
)
def test_reading(text: str, ids: tuple[str, ...], reason: str) -> None:
    waivers, problems = read_comments([comment(text)])
    assert not problems
    assert tuple(waiver.id for waiver in waivers) == ids
    assert {waiver.reason for waiver in waivers} == {reason}


JSON = """\
{"//": "iacscan:ignore=public-acl-read too far out",
 "resource": {"aws_s3_bucket": {
   "a": {"//": "iacscan:ignore=public-acl-read the web site", "bucket": "a", "acl": "public-read"},
   "b": {"//": {"metadata": "x"}, "bucket": "b", "acl": "public-read"},
   "c": {"bucket": "c", "acl": "public-read", "tags": {"k": "v"}, "//": "iacscan:ignore=public-acl-read late"}}}}
"""


@pytest.mark.parametrize("text", [JSON, JSON.replace("\n", " ")], ids=["lines", "one line"])
def test_comments_in_json_are_for_their_object(tmp_path: Path, text: str) -> None:
    (tmp_path / "main.tf.json").write_text(text, encoding="utf-8")
    report = scan(tmp_path)
    assert statuses(report) == {
        "aws_s3_bucket.a": "suppressed",
        "aws_s3_bucket.b": "fail",
        "aws_s3_bucket.c": "suppressed",
    }
    assert [message.partition(";")[0] for message in warnings(report)] == [
        "this suppresses nothing, it stands neither in a block nor right above one"
    ]
