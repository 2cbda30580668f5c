"""Reports against the schemas of their readers; fixtures/schemas says where those are from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
import xmlschema
from hypothesis import given
from jsonschema import Draft7Validator, Draft202012Validator
from output_report import CLEAN, golden_report, golden_style
from report_strategies import reports

from iacscan.findings import Report
from iacscan.output import FORMATS, PLAIN, Style

SCHEMAS = Path(__file__).parent.parent.parent / "fixtures" / "schemas"
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text(encoding="utf-8"))


SARIF = Draft7Validator(schema("sarif-schema-2.1.0.json"))
GITLAB = Draft202012Validator(schema("gitlab-code-quality.json"))


def faults_of_sarif(report: Report, style: Style = PLAIN) -> list[str]:
    log = json.loads(FORMATS["sarif"](report, style))
    return [f"{error.json_path}: {error.message}" for error in SARIF.iter_errors(log)]


def faults_of_gitlab(report: Report, style: Style = PLAIN) -> list[str]:
    issues = json.loads(FORMATS["gitlab"](report, style))
    return [f"{error.json_path}: {error.message}" for error in GITLAB.iter_errors(issues)]


def faults_of_junit(report: Report, style: Style = PLAIN) -> list[str]:
    root = ET.fromstring(FORMATS["junit"](report, style))
    return [f"{error.path}: {error.reason}" for error in JUNIT.iter_errors(root)]


FAULTS = {"sarif": faults_of_sarif, "gitlab": faults_of_gitlab, "junit": faults_of_junit}
EVERYTHING = Style(include_suppressed=True, category="nightly")


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("style", [PLAIN, golden_style(), EVERYTHING], ids=["plain", "golden", "everything"])
def test_goldens_and_clean_reports_are_valid(name: str, style: Style) -> None:
    assert FAULTS[name](golden_report(), style) == []
    assert FAULTS[name](CLEAN, style) == []


@given(reports())
def test_any_report_is_valid_for_every_reader(report: Report) -> None:
    for name, faults in FAULTS.items():
        assert faults(report, EVERYTHING) == [], name
    html5lib.HTMLParser(strict=True).parse(FORMATS["html"](report, EVERYTHING))


def test_the_validators_refuse_what_is_wrong() -> None:
    log = json.loads(FORMATS["sarif"](golden_report(), PLAIN))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not SARIF.is_valid(log)
    issues = json.loads(FORMATS["gitlab"](golden_report(), PLAIN))
    del issues[0]["fingerprint"]
    assert not GITLAB.is_valid(issues)
    root = ET.fromstring(FORMATS["junit"](golden_report(), PLAIN))
    root[0][0].set("colour", "red")
    assert not JUNIT.is_valid(root)
