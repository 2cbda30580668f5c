"""``sse-c-allowed`` where nobody writes ``blocked_encryption_types``, by what provider and state make of it.

The recorded plans show provider 6.40, where the argument is optional and computed. Before, from 6.22, it was only
optional: what is left out is null. What a state has stays in the plan although the configuration does not say it.
Both are made here of recorded plans.
"""

import json
from pathlib import Path
from typing import Any

import pytest

import iacscan

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "rules" / "sse-c-allowed"
TYPE = "aws_s3_bucket_server_side_encryption_configuration"
NAME = "blocked_encryption_types"


def recorded(example: str, name: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A recorded plan, and in it the change and the expressions of one encryption configuration."""
    plan = json.loads((EXAMPLES / f"{example}.plan.json").read_text(encoding="utf-8"))
    address = f"{TYPE}.{name}"
    (change,) = [item["change"] for item in plan["resource_changes"] if item["address"] == address]
    written = plan["configuration"]["root_module"]["resources"]
    (expressions,) = [item["expressions"] for item in written if item["address"] == address]
    return plan, change, expressions


def verdict(tmp_path: Path, plan: dict[str, Any], address: str) -> str | None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan), encoding="utf-8")
    report = iacscan.scan([path], select=("sse-c-allowed",), all_results=True, source="none")
    assert not report.errors
    return {finding.address: finding.verdict.value for finding in report.findings}.get(address)


def test_what_provider_6_22_plans_for_nothing_is_not_judged(tmp_path: Path) -> None:
    plan, change, _ = recorded("good-blocked", "silent")
    assert change["after_unknown"]["rule"][0].pop(NAME) is True
    change["after"]["rule"][0][NAME] = None
    assert verdict(tmp_path, plan, "aws_s3_bucket.silent") is None


@pytest.mark.parametrize(("kept", "expected"), [("NONE", "fail"), ("SSE-C", "pass")])
def test_what_the_state_keeps_is_judged(tmp_path: Path, kept: str, expected: str) -> None:
    plan, change, expressions = recorded("bad-reopened", "reopened")
    del expressions["rule"][0][NAME]
    change["before"]["rule"][0][NAME] = change["after"]["rule"][0][NAME] = [kept]
    change["actions"] = ["no-op"]
    assert verdict(tmp_path, plan, "aws_s3_bucket.reopened") == expected
