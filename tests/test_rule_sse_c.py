"""``sse-c-allowed`` on plans composed by hand.

``blocked_encryption_types`` came with AWS provider 6.22 (an optional list of texts in the rule of
aws_s3_bucket_server_side_encryption_configuration, and nowhere in aws_s3_bucket); the recorded plans are made with
5.100. So a recorded plan gets the argument here, at the places where Terraform writes arguments of that kind.
"""

import json
from pathlib import Path
from typing import Any

import iacscan

RECORDED = Path(__file__).parent.parent / "fixtures" / "rules" / "sse-disabled" / "good-fix.plan.json"
TYPE = "aws_s3_bucket_server_side_encryption_configuration"
NAME = "blocked_encryption_types"


def verdicts(tmp_path: Path, after: Any, unknown: Any, expression: Any) -> dict[str, str]:
    """What the rule says of the recorded plan with the argument in it."""
    plan = json.loads(RECORDED.read_text(encoding="utf-8"))
    (change,) = [item["change"] for item in plan["resource_changes"] if item["type"] == TYPE]
    (written,) = [item for item in plan["configuration"]["root_module"]["resources"] if item["type"] == TYPE]
    if after is not None:
        change["after"]["rule"][0][NAME] = after
    if unknown is not None:
        change["after_unknown"]["rule"][0][NAME] = unknown
    if expression is not None:
        written["expressions"]["rule"][0][NAME] = expression
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    report = iacscan.scan([path], select=("sse-c-allowed",), all_results=True, source="none")
    assert not report.errors
    return {finding.address: finding.verdict.value for finding in report.findings}


def test_none_opens_it_again(tmp_path: Path) -> None:
    found = verdicts(tmp_path, ["NONE"], [False], {"constant_value": ["NONE"]})
    assert found == {"aws_s3_bucket.data": "fail"}


def test_blocked(tmp_path: Path) -> None:
    found = verdicts(tmp_path, ["SSE-C"], [False], {"constant_value": ["SSE-C"]})
    assert found == {"aws_s3_bucket.data": "pass"}


def test_what_waits_is_not_known(tmp_path: Path) -> None:
    found = verdicts(tmp_path, None, True, {"references": ["aws_s3_bucket.data.tags_all", "aws_s3_bucket.data"]})
    assert found == {"aws_s3_bucket.data": "unknown"}


def test_what_nobody_wrote_is_not_judged(tmp_path: Path) -> None:
    assert verdicts(tmp_path, None, True, None) == {}
    assert verdicts(tmp_path, None, None, None) == {}
