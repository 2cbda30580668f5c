"""Reports: order, counts, exit codes, secrets."""

from typing import Any, cast

import pytest

from iacscan.core import Diagnostic, Evidence, Level, Location, Severity, Span, Verdict
from iacscan.findings import Finding, Report, Summary, Suppression, redact, summarize
from iacscan.rules import Rule


def finding(verdict: Verdict = Verdict.FAIL, rule: str = "r", address: str = "aws_s3_bucket.a", **more: Any) -> Finding:
    known = cast("Rule", type("R", (), {"id": rule, "severity": Severity.MEDIUM})())
    return Finding(known, address, "aws_s3_bucket", verdict, "a message", "plan.json", **more)


def test_status_and_counting() -> None:
    silenced = finding(suppression=Suppression("known"))
    assert [finding().status, silenced.status] == ["fail", "suppressed"]
    assert [finding().counts, silenced.counts, finding(Verdict.UNKNOWN).counts] == [True, False, False]


def test_the_fingerprint_knows_rule_and_address_only() -> None:
    moved = finding(location=Location("other.tf", Span(9, 1, 9, 2)))
    assert finding().fingerprint == moved.fingerprint
    assert len({finding().fingerprint, finding(rule="s").fingerprint, finding(address="x.y").fingerprint}) == 3


def test_order_is_path_line_address_rule() -> None:
    late = finding(location=Location("a.tf", Span(9, 1, 9, 2)))
    early = finding(location=Location("a.tf", Span(2, 1, 2, 2)), rule="z")
    nowhere = finding()
    assert sorted([late, early, nowhere], key=lambda item: item.order) == [nowhere, early, late]


@pytest.mark.parametrize(
    ("verdicts", "subjects", "line"),
    [
        ([], [], "0 buckets, 15 rules: 0 failures, 0 unknown"),
        ([Verdict.FAIL], ["buckets"], "1 bucket, 15 rules: 1 failure, 0 unknown"),
        (
            [Verdict.FAIL, Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS],
            ["buckets", "objects", "buckets"],
            "2 buckets, 1 object, 15 rules: 2 failures, 1 unknown",
        ),
    ],
)
def test_the_summary_line(verdicts: list[Verdict], subjects: list[str], line: str) -> None:
    assert summarize(map(finding, verdicts), subjects, 15).line == line


def test_suppressed_findings_are_counted_apart() -> None:
    line = summarize([finding(suppression=Suppression("known"))], ["buckets"], 1).line
    assert line == "1 bucket, 1 rule: 0 failures, 0 unknown, 1 suppressed"


@pytest.mark.parametrize(
    ("worst", "fail_on", "code"),
    [
        (None, Severity.LOW, 0),
        (Severity.LOW, Severity.MEDIUM, 0),
        (Severity.MEDIUM, Severity.MEDIUM, 1),
        (Severity.CRITICAL, Severity.HIGH, 1),
        (Severity.CRITICAL, None, 0),
    ],
)
def test_exit_codes(worst: Severity | None, fail_on: Severity | None, code: int) -> None:
    assert Report((), Summary(), worst=worst).exit_code(fail_on) == code


def test_unknown_and_errors_in_the_exit_code() -> None:
    assert Report((), Summary(unknown=1)).exit_code(Severity.LOW) == 0
    assert Report((), Summary(unknown=1)).exit_code(Severity.LOW, fail_on_unknown=True) == 1
    broken = Report((), Summary(), diagnostics=(Diagnostic(Level.ERROR, "x"),), worst=Severity.HIGH)
    assert broken.exit_code(Severity.LOW) == 2
    warned = Report((), Summary(), diagnostics=(Diagnostic(Level.WARNING, "x"),))
    assert warned.exit_code(Severity.LOW) == 0


def test_secrets_are_replaced_longest_first() -> None:
    leaky = finding(evidence=(Evidence("the key hunter22 and hunter2"),))
    clean = redact(leaky, {"hunter2", "hunter22", ""})
    assert clean.evidence[0].text == "the key (sensitive value) and (sensitive value)"
