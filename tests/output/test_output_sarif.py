"""SARIF 2.1.0 as code scanning takes it: required properties, narrow regions, fingerprints, limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from output_report import (
    CLEAN,
    PUBLIC_POLICY,
    PUBLIC_READ,
    RULES,
    SSE,
    STORAGE,
    at,
    finding,
    golden_report,
    golden_style,
    rule,
)
from report_strategies import reports

from iacscan.core import Evidence, Severity, Verdict
from iacscan.findings import Finding, Report, Summary
from iacscan.output import FORMATS, PLAIN, Style, sarif
from iacscan.output.rolling import line_hashes

LEVELS = {"none", "note", "warning", "error"}
SCORES = {"low": "2.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}


def run(report: Report, style: Style = PLAIN) -> dict[str, Any]:
    log = json.loads(FORMATS["sarif"](report, style))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (only,) = log["runs"]
    found: dict[str, Any] = only
    return found


def results(*findings: Finding, style: Style = PLAIN) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(Report(findings, Summary(), RULES), style)["results"]
    return found


def check_text(message: dict[str, Any]) -> None:
    assert message["text"].strip()


def check_location(location: dict[str, Any]) -> None:
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    assert re.fullmatch(r"(file://)?[A-Za-z0-9._~/%-]*", uri)
    assert not re.search(r"%(?![0-9A-F]{2})", uri)
    region = physical["region"]
    assert all(isinstance(value, int) and value >= 1 for value in region.values())
    assert region.get("endLine", region["startLine"]) == region["startLine"]
    assert region.get("endColumn", 10**9) > region.get("startColumn", 1)


def check(found: dict[str, Any]) -> None:
    """What the standard and code scanning ask of a run."""
    rules = found["tool"]["driver"]["rules"]
    assert found["tool"]["driver"]["name"] == "iacscan"
    assert found["columnKind"] == "unicodeCodePoints"
    for entry in rules:
        assert len(entry["id"]) > 0
        assert len(entry["name"]) <= 255
        for key in ("shortDescription", "fullDescription", "help"):
            check_text(entry[key])
        assert len(entry["fullDescription"]["text"]) <= 1_024
        assert entry["properties"]["security-severity"] in SCORES.values()
        assert "security" in entry["properties"]["tags"]
        assert len(entry["properties"]["tags"]) == len(set(entry["properties"]["tags"])) <= 20
    for result in found["results"]:
        check_text(result["message"])
        assert result["level"] in LEVELS - {"none"}
        assert len(result["locations"]) == 1
        check_location(result["locations"][0])
        assert result["partialFingerprints"]
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        related = result.get("relatedLocations", [])
        links = re.findall(r"\]\(([0-9]+)\)", result["message"]["text"])
        assert [str(place["id"]) for place in related] == links
        for place in related:
            check_location(place)
    (invocation,) = found["invocations"]
    for notification in invocation["toolExecutionNotifications"]:
        assert notification["level"] in LEVELS
        check_text(notification["message"])
        for location in notification.get("locations", []):
            check_location(location)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(item)


@given(reports())
def test_any_report_is_sound(report: Report) -> None:
    found = run(report, Style(include_suppressed=True))
    check(found)
    shown = "".join(strings(found))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)


def test_the_golden_is_sound_and_holds_failures_only() -> None:
    found = run(golden_report(), golden_style())
    check(found)
    assert [result["ruleId"] for result in found["results"]] == [
        "versioning-disabled",
        "public-acl-read",
        "public-policy",
    ]


def test_rules_are_those_that_ran_in_their_order() -> None:
    for report in (golden_report(), CLEAN):
        assert [entry["id"] for entry in run(report)["tool"]["driver"]["rules"]] == [rule.id for rule in RULES]


def test_only_a_uri_is_a_help_uri() -> None:
    def uri(*references: str) -> str | None:
        one = rule("r", references=references)
        found: str | None = run(Report((), Summary(), (one,)))["tool"]["driver"]["rules"][0].get("helpUri")
        return found

    assert uri("CIS 2.1.1", "https://x.test/a?b=c#d", "https://y.test") == "https://x.test/a?b=c#d"
    assert uri("CIS 2.1.1", "https://x.test/a b", "https://x.test/%zz") is None


@pytest.mark.parametrize("severity", Severity)
def test_severities(severity: Severity) -> None:
    one = rule("r", severity)
    found = run(Report((finding(one),), Summary(), (one,)))
    properties = found["tool"]["driver"]["rules"][0]["properties"]
    assert properties["security-severity"] == SCORES[severity.label]
    assert found["results"][0]["level"] == {1: "note", 2: "warning", 3: "error", 4: "error"}[severity]


def test_instances_of_a_block_are_one_result() -> None:
    (result,) = results(*(finding(SSE, f'aws_s3_bucket.b["{name}"]') for name in "abc"))
    text = result["message"]["text"]
    assert text.startswith('aws_s3_bucket.b["a"] is wrong. The same for aws_s3_bucket.b["b"], aws_s3_bucket.b["c"].')


def test_regions_are_one_line() -> None:
    (attribute,) = results(finding(SSE, location=at("a b.tf", 4)))
    region = attribute["locations"][0]["physicalLocation"]
    assert region["region"] == {"startLine": 4, "startColumn": 3, "endLine": 4, "endColumn": 27}
    assert region["artifactLocation"] == {"uri": "a%20b.tf", "uriBaseId": "%SRCROOT%"}
    (block,) = results(finding(SSE, location=at("a.tf", 4, 1, 30)))
    assert block["locations"][0]["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 1, "endLine": 4}


def test_paths_start_at_the_root_and_others_are_absolute() -> None:
    def uri(path: str, style: Style = PLAIN) -> dict[str, str]:
        (result,) = results(finding(SSE, location=at(path, 1)), style=style)
        found: dict[str, str] = result["locations"][0]["physicalLocation"]["artifactLocation"]
        return found

    assert uri("main.tf", Style(workspace="envs"))["uri"] == "envs/main.tf"
    assert uri("/srv/ü.tf") == {"uri": "file:///srv/%C3%BC.tf"}
    assert uri("../x.tf") == {"uri": "../x.tf"}


def test_without_source_the_input_stands_for_the_place() -> None:
    (result,) = results(finding(SSE, location=None, input="plan.json"))
    location = result["locations"][0]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "plan.json"
    assert location["physicalLocation"]["region"] == {"startLine": 1}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "aws_s3_bucket.b", "kind": "resource"}]


def test_the_line_hash_is_that_of_the_source() -> None:
    style = Style(read_lines={"main.tf": STORAGE}.get)
    (result,) = results(finding(SSE, location=at("main.tf", 9)), style=style)
    assert result["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(STORAGE)[9]
    (without,) = results(finding(SSE, location=at("main.tf", 9)))
    assert without["partialFingerprints"].keys() == {"iacscan/v1"}


def test_our_fingerprint_follows_rule_and_block_only() -> None:
    def ours(item: Finding) -> str:
        (result,) = results(item)
        found: str = result["partialFingerprints"]["iacscan/v1"]
        return found

    first = ours(finding(SSE, "aws_s3_bucket.b[0]"))
    assert ours(finding(SSE, "aws_s3_bucket.b[7]", location=at("moved.tf", 99), message="other words")) == first
    assert ours(finding(PUBLIC_READ, "aws_s3_bucket.b[0]")) != first
    assert ours(finding(SSE, "module.m.aws_s3_bucket.b[0]")) != first


def test_unknowns_and_remarks_are_notifications() -> None:
    found = run(golden_report(), golden_style())
    (invocation,) = found["invocations"]
    assert invocation["executionSuccessful"] is False
    notifications = invocation["toolExecutionNotifications"]
    assert [item["level"] for item in notifications] == ["error", "warning", "note", "note", "note"]
    unknown = notifications[-1]
    assert unknown["associatedRule"] == {"id": "public-policy", "index": 2}
    assert "waits for aws_iam_role.reader.arn" in unknown["message"]["text"]
    assert run(CLEAN)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_suppressed_results_only_where_asked() -> None:
    shown = run(golden_report(), Style(include_suppressed=True))["results"]
    suppressions = [result["suppressions"] for result in shown if "suppressions" in result]
    assert suppressions == [[{"kind": "inSource", "justification": "holds public files only"}]]
    assert not any("suppressions" in result for result in run(golden_report())["results"])


def test_a_category_ends_with_a_slash() -> None:
    assert run(CLEAN, Style(category="plan"))["automationDetails"] == {"id": "iacscan/plan/"}
    assert "automationDetails" not in run(CLEAN)


def test_a_name_writes_no_link() -> None:
    (result,) = results(finding(SSE, 'x["a](http://evil)"]', message="[y](http://evil)", related=(at("a[1].tf", 2),)))
    assert re.findall(r"\]\((.*?)\)", result["message"]["text"]) == ["1"]


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "RESULTS", 2)
    monkeypatch.setattr(sarif, "NOTIFICATIONS", 3)
    findings = [finding(SSE, "aws_s3_bucket.a"), finding(PUBLIC_READ, "aws_s3_bucket.b")]
    findings += [finding(SSE, "aws_s3_bucket.c"), finding(PUBLIC_POLICY, "aws_s3_bucket.d")]
    findings += [finding(SSE, f"aws_s3_bucket.u{number}", Verdict.UNKNOWN) for number in range(8)]
    found = run(Report(tuple(findings), Summary(), RULES))
    assert [result["ruleId"] for result in found["results"]] == ["public-acl-read", "public-policy"]
    notifications = found["invocations"][0]["toolExecutionNotifications"]
    assert [item["message"]["text"] for item in notifications[3:]] == [
        "5 more notifications are left out.",
        "2 more results are left out: a run holds 2, the worst are kept.",
    ]


def test_a_long_message_is_cut_before_its_links() -> None:
    evidence = tuple(Evidence(f"{number}" + "x" * 500) for number in range(20))
    (result,) = results(finding(SSE, evidence=evidence, related=(at("b.tf", 2),)))
    assert len(result["message"]["text"]) <= 4_000
    assert result["message"]["text"].endswith("… See [b.tf:2:3](1).")
