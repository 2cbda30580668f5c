"""Buckets that are set up well give nothing to act on."""

from pathlib import Path

import iacscan
from iacscan.core import Severity

ROOT = Path(__file__).parent.parent / "fixtures" / "well-configured"


def test_no_rule_fires_on_well_configured_buckets() -> None:
    report = iacscan.scan(ROOT)
    assert not report.errors
    assert [item.message for item in report.findings if item.rule.severity >= Severity.MEDIUM] == []
    assert report.summary.unknown == 0
    assert dict(report.summary.subjects)["buckets"] == 2
