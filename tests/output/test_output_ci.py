"""GitLab's Code Quality and JUnit, read back as CI servers read them."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import given
from output_report import CLEAN, PUBLIC_POLICY, SSE, at, finding, golden_report
from report_strategies import reports

from iacscan.core import Verdict
from iacscan.findings import Finding, Report, Summary
from iacscan.output import FORMATS, PLAIN, Style


def issues(*findings: Finding, style: Style = PLAIN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FORMATS["gitlab"](Report(findings, Summary()), style))
    return found


@given(reports())
def test_gitlab_has_what_the_reader_requires(report: Report) -> None:
    found = json.loads(FORMATS["gitlab"](report, PLAIN))
    for issue in found:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["description"]
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith("./")
    prints = [issue["fingerprint"] for issue in found]
    assert len(set(prints)) == len(prints)


def test_gitlab_holds_failures_then_what_is_unknown_and_a_clean_run_is_an_empty_array() -> None:
    assert [(issue["check_name"], issue["severity"]) for issue in issues(*golden_report().findings)] == [
        ("versioning-disabled", "major"),
        ("public-acl-read", "critical"),
        ("public-policy", "blocker"),
        ("public-policy", "info"),
    ]
    assert issues(*golden_report().findings)[-1]["description"].startswith("unknown, public-policy: whether")
    assert FORMATS["gitlab"](CLEAN, PLAIN) == "[]\n"


def test_what_was_unknown_and_fails_is_a_new_issue_to_gitlab() -> None:
    (before,) = issues(finding(SSE, verdict=Verdict.UNKNOWN))
    (after,) = issues(finding(SSE))
    assert before["fingerprint"] != after["fingerprint"]


def test_gitlab_fingerprints_survive_a_move_and_differ_for_two_inputs() -> None:
    (before,) = issues(finding(SSE, location=at("main.tf", 1)))
    (after,) = issues(finding(SSE, location=at("other.tf", 70)))
    assert before["fingerprint"] == after["fingerprint"]
    one, two = issues(finding(SSE, input="a.json"), finding(SSE, input="b.json"))
    assert one["fingerprint"] != two["fingerprint"]


def test_gitlab_paths_start_at_the_root() -> None:
    (issue,) = issues(finding(SSE, location=at("./main.tf", 4)), style=Style(workspace="envs/prod"))
    assert issue["location"] == {"path": "envs/prod/main.tf", "lines": {"begin": 4}}
    (issue,) = issues(finding(SSE, location=None, input="plan.json"))
    assert issue["location"] == {"path": "plan.json", "lines": {"begin": 1}}


def suite(report: Report) -> ET.Element:
    text = FORMATS["junit"](report, PLAIN)
    root = ET.fromstring(text.encode("utf-8"))
    assert root.tag == "testsuites"
    (found,) = root
    assert found.tag == "testsuite"
    assert root.attrib.items() <= found.attrib.items()
    return found


@given(reports())
def test_junit_parses_and_counts_its_cases(report: Report) -> None:
    found = suite(report)
    cases = list(found)
    assert cases
    assert found.get("tests") == str(len(cases))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert found.get(attribute) == str(len(found.findall(f"testcase/{tag}")))
    assert all({"classname", "name"} <= case.attrib.keys() for case in cases)
    assert all(len(case) <= 1 for case in cases)
    shown = "".join(found.itertext()) + "".join(value for item in found.iter() for value in item.attrib.values())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]", shown)


def test_junit_words_for_each_status() -> None:
    kinds = [(case.get("classname"), [child.tag for child in case]) for case in suite(golden_report())]
    assert kinds == [
        ("versioning-disabled", ["failure"]),
        ("versioning-disabled", ["failure"]),
        ("public-acl-read", ["failure"]),
        ("public-acl-read", ["failure"]),
        ("public-policy", ["skipped"]),
        ("sse-disabled", ["skipped"]),
        ("public-policy", ["failure"]),
        ("mfa-delete-disabled", []),
        ("iacscan", ["error"]),
    ]
    unknown, suppressed = (item.get("message", "") for item in suite(golden_report()).iter("skipped"))
    assert unknown.startswith("unknown: whether the policy of")
    assert suppressed == "suppressed: holds public files only"


def test_junit_is_never_empty() -> None:
    (case,) = suite(CLEAN)
    assert case.get("name") == CLEAN.summary.line


def test_junit_names_differ_for_two_inputs() -> None:
    findings = (finding(PUBLIC_POLICY, input="a.json"), finding(PUBLIC_POLICY, input="b.json"))
    report = Report(findings, Summary(), inputs=("a.json", "b.json"))
    assert [case.get("name") for case in suite(report)] == ["aws_s3_bucket.b (a.json)", "aws_s3_bucket.b (b.json)"]
