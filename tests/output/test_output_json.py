"""The JSON contract: its schema, its keys, its values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from jsonschema import Draft202012Validator
from output_report import CLEAN, golden_report, golden_style
from report_strategies import reports

from iacscan.findings import Report
from iacscan.output import FORMATS, PLAIN

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def document(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FORMATS["json"](report, golden_style()))
    return found


def test_the_schema_is_one_and_is_strict() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for broken in ({"version": 2}, {"surprise": 1}, {"results": [{}]}, {"errors": [{"message": 1}]}):
        assert not VALIDATOR.is_valid(document(CLEAN) | broken)


@given(reports())
def test_any_report_is_valid(report: Report) -> None:
    VALIDATOR.validate(document(report))


def test_the_keys_of_the_contract() -> None:
    found = document(golden_report())
    assert {"version", "tool", "inputs", "summary", "results", "errors"} <= found.keys()
    contract = {"rule", "severity", "status", "resource", "message", "location", "related", "evidence", "change"}
    contract |= {"introduced", "fingerprint", "suppression", "fix"}
    assert all(contract <= result.keys() for result in found["results"])
    assert found["tool"] == {"name": "iacscan", "version": "1.2.3"}
    assert [result["status"] for result in found["results"]] == ["fail"] * 4 + ["unknown", "suppressed", "fail", "pass"]


def test_a_result_says_where_and_why() -> None:
    result = document(golden_report())["results"][2]
    assert result["location"] == {
        "path": "infra/storage.tf",
        "line": 9,
        "end_line": 9,
        "column": 3,
        "end_column": 27,
    }
    assert result["evidence"] == [
        {"text": 'the canned ACL is "public-read"', "resource": 'aws_s3_bucket_acl.logs["eu"]', "attribute": "acl"}
    ]
    assert result["fix"]["text"].startswith("Remove the grant")


def test_only_an_open_failure_has_a_fix() -> None:
    results = document(golden_report())["results"]
    assert [bool(result["fix"]) for result in results] == [result["status"] == "fail" for result in results]
    assert results[6]["location"] is None
    assert results[5]["suppression"]["reason"] == "holds public files only"


def test_errors_are_apart_from_warnings_and_notes() -> None:
    found = document(golden_report())
    assert found["errors"] == [{"path": "broken.tf", "line": 7, "message": "a brace is not closed"}]
    assert len(found["warnings"]) == 1
    assert [note["message"][:7] for note in found["notes"]] == ["2 bucke", "account"]


@given(reports())
def test_text_survives_in_plain_ascii_without_log_commands(report: Report) -> None:
    text = FORMATS["json"](report, PLAIN)
    assert all(" " <= letter <= "~" or letter == "\n" for letter in text)
    assert "##" not in text
    # Atlantis would take such a key for a failed policy check.
    assert 'failures": [' not in text
    messages = [result["message"] for result in json.loads(text)["results"]]
    assert messages == [json.loads(json.dumps(finding.message)) for finding in report.findings]
