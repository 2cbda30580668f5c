"""Annotations, read back as GitHub's runner reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from hypothesis import given
from output_report import CLEAN, PUBLIC_POLICY, PUBLIC_READ, SSE, VERSIONING, at, finding, golden_report
from report_strategies import reports

from iacscan.core import Diagnostic, Evidence, Level, Location, Span, Verdict
from iacscan.findings import Finding, Report, Summary
from iacscan.output import FORMATS, PLAIN, Style

SUMMARY = Summary((("buckets", 1),), 5, 1)


@dataclass
class Command:
    name: str
    properties: dict[str, str]
    message: str


def decode(line: str) -> Command | None:
    """A line as the runner takes it: split at the first ``::`` after the name, ``%25`` undone last."""
    found = re.fullmatch(r"\s*::([a-z-]+)(?: (.*?))?::(.*)", line, re.DOTALL)
    if not found:
        return None
    name, properties, message = found.groups()

    def undo(text: str, table: tuple[tuple[str, str], ...]) -> str:
        for escaped, plain in table:
            text = text.replace(escaped, plain)
        return text

    data = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
    pairs = (pair.split("=", 1) for pair in (properties or "").split(",") if pair)
    props = {key: undo(value, (("%3A", ":"), ("%2C", ","), *data)) for key, value in pairs}
    return Command(name, props, undo(message, data))


def commands(*findings: Finding, style: Style = PLAIN) -> list[Command]:
    lines = FORMATS["github"](Report(findings, SUMMARY), style).splitlines()
    return [found for found in map(decode, lines) if found]


def test_a_finding_on_one_line_has_columns() -> None:
    (command,) = commands(finding(PUBLIC_READ))
    assert command.name == "error"
    assert command.properties == {
        "file": "main.tf",
        "line": "12",
        "endLine": "12",
        "col": "3",
        "endColumn": "27",
        "title": "high: public-acl-read",
    }
    assert command.message.splitlines() == ["aws_s3_bucket.b is wrong", f"Fix: {PUBLIC_READ.fix}"]


def test_a_finding_on_several_lines_has_none() -> None:
    (command,) = commands(finding(SSE, location=at("main.tf", 3, 1, 9)))
    assert command.properties.keys() == {"file", "line", "endLine", "title"}


def test_severities_and_unknown() -> None:
    found = commands(
        finding(VERSIONING),
        finding(SSE),
        finding(PUBLIC_READ),
        finding(PUBLIC_POLICY, verdict=Verdict.UNKNOWN),
        finding(PUBLIC_POLICY),
    )
    assert [(command.name, command.properties["title"].split(":")[0]) for command in found] == [
        ("error", "critical"),
        ("error", "high"),
        ("warning", "medium"),
        ("notice", "low"),
        ("notice", "unknown"),
    ]
    assert "Fix" not in found[-1].message


def test_ten_of_a_type_worst_first_then_how_many_more() -> None:
    findings = [finding(PUBLIC_READ, f"aws_s3_bucket.b{number}") for number in range(14)]
    findings += [finding(PUBLIC_POLICY, "aws_s3_bucket.worst"), finding(SSE)]
    lines = FORMATS["github"](Report(tuple(findings), SUMMARY), PLAIN).splitlines()
    assert [line.split()[0] for line in lines[:11]] == ["::error"] * 10 + ["::notice"]
    assert "worst" in lines[0]
    assert lines[11:] == ["5 more not annotated: GitHub shows 10 of each kind for a step.", SUMMARY.line]


def test_instances_of_a_block_are_one_annotation() -> None:
    (command,) = commands(*(finding(SSE, f"aws_s3_bucket.b[{number}]") for number in range(3)))
    assert "The same for aws_s3_bucket.b[1], aws_s3_bucket.b[2]." in command.message


def test_paths_start_at_the_root_of_the_repository() -> None:
    (command,) = commands(finding(SSE, location=at("./a/../main.tf", 1)), style=Style(workspace="envs/prod"))
    assert command.properties["file"] == "envs/prod/main.tf"
    (command,) = commands(finding(SSE, location=at("../common/main.tf", 1)), style=Style(workspace="envs"))
    assert command.properties["file"] == "common/main.tf"


def test_a_place_outside_the_repository_is_said_in_words() -> None:
    for path in ("/etc/main.tf", "../main.tf"):
        (command,) = commands(finding(SSE, location=at(path, 4)))
        assert command.properties.keys() == {"title"}
        assert command.message.startswith(f"{path}:4:3: ")


def test_without_source_there_is_an_address_and_an_input() -> None:
    (command,) = commands(finding(SSE, message="it is wrong", location=None, input="plan.json"))
    assert command.properties.keys() == {"title"}
    assert "aws_s3_bucket.b: it is wrong" in command.message
    assert "Found in plan.json." in command.message


def test_escapes_are_exact() -> None:
    (command,) = commands(finding(SSE, message="100% of\n%0A, a:b ::x", location=at("a,b:c%.tf", 1)))
    assert command.properties["file"] == "a,b:c%.tf"
    assert command.message.startswith("aws_s3_bucket.b: 100% of %0A, a:b ::x\n")
    line = FORMATS["github"](Report((finding(SSE, message="100%"),), SUMMARY), PLAIN).splitlines()[0]
    assert "100%25%0AFix" in line


def test_a_long_message_is_cut_between_escapes() -> None:
    for extra in range(4):
        evidence = (Evidence("a" * extra + "%" * 9_000 + "\U0001f600" * 3_000),)
        line = FORMATS["github"](Report((finding(SSE, evidence=evidence),), SUMMARY), PLAIN).splitlines()[0]
        message = line.split("::", 2)[2]
        assert len(message.encode("utf-16-le")) <= 2 * 4_096
        assert re.fullmatch(r"(?:[^%]|%25|%0A)*", message)
        assert message.endswith("…")


def test_suppressed_and_passed_findings_are_no_annotations() -> None:
    statuses = {command.properties["title"] for command in commands(*golden_report().findings)}
    assert statuses == {
        "high: public-acl-read",
        "medium: versioning-disabled",
        "critical: public-policy",
        "unknown: public-policy",
    }


def test_scan_errors_stand_behind_critical_findings_only() -> None:
    broken = Diagnostic(Level.ERROR, "no brace", Location("x.tf", Span(7, 1, 7, 1)))
    report = Report((finding(PUBLIC_READ), finding(PUBLIC_POLICY)), SUMMARY, diagnostics=(broken,))
    found = [decode(line) for line in FORMATS["github"](report, PLAIN).splitlines()]
    assert [command.message[:8] for command in found if command] == ["aws_s3_b", "no brace", "aws_s3_b"]
    assert found[1] is not None
    assert found[1].properties["line"] == "7"
    assert "col" not in found[1].properties


def test_a_clean_report_is_its_summary() -> None:
    assert FORMATS["github"](CLEAN, PLAIN) == f"{CLEAN.summary.line}\n"


@given(reports())
def test_every_line_is_one_of_ours(report: Report) -> None:
    lines = FORMATS["github"](report, PLAIN).split("\n")
    assert lines.pop() == ""
    assert lines.pop() == report.summary.line
    assert not any("##[" in line or "##vso[" in line for line in lines)
    assert not any(re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", line) for line in lines)
    found = [decode(line) for line in lines]
    names = [command.name if command else "more" for command in found]
    assert set(names) <= {"error", "warning", "notice", "more"}
    assert names.count("more") <= 1
    for command in found:
        if command:
            assert command.properties.keys() <= {"file", "line", "endLine", "col", "endColumn", "title"}
            assert not re.search("[1-9] failure", command.message)
