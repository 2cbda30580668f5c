"""Every format of one report, byte for byte; and what holds for all formats alike."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import cache

import pytest
from output_report import CLEAN, RULES, at, finding, golden_report, golden_style

from iacscan.findings import Report, Summary
from iacscan.output import FORMATS, PLAIN

FILES = {
    "text": "report.txt",
    "json": "report.json",
    "github": "report.github",
    "sarif": "report.sarif",
    "gitlab": "report.gitlab.json",
    "junit": "report.junit.xml",
    "markdown": "report.md",
    "html": "report.html",
}


def test_every_format_has_a_golden() -> None:
    assert FILES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name: str, golden: Callable[[str, str], None]) -> None:
    golden(FILES[name], FORMATS[name](golden_report(), golden_style()))


@pytest.mark.parametrize("name", FORMATS)
def test_a_clean_report_is_not_empty_and_ends_with_a_line_feed(name: str) -> None:
    text = FORMATS[name](CLEAN, PLAIN)
    assert text.strip()
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    assert FORMATS[name](golden_report(), PLAIN) == FORMATS[name](golden_report(), PLAIN)


@cache
def large_report(count: int) -> Report:
    findings = tuple(
        finding(
            RULES[number % len(RULES)],
            f"module.m{number % 7}.aws_s3_bucket.b{number // 5}",
            location=at(f"m{number % 7}/main.tf", 1 + number),
        )
        for number in range(count)
    )
    return Report(findings, Summary((("buckets", count // 5),), 5, count, 0, 0, 0), RULES, ("plan.json",))


@pytest.mark.parametrize("name", FORMATS)
def test_ten_thousand_findings_stay_bounded(name: str) -> None:
    text = FORMATS[name](large_report(10_000), PLAIN)
    assert len(text.encode()) < 16_000_000


def test_a_format_imports_only_itself() -> None:
    code = "import sys, iacscan.output as o; print([m for m in sys.modules if m.startswith('iacscan.output.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['iacscan.output.style']"
