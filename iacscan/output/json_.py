"""The report for programs: the JSON contract, version 1, described by ``docs/report.schema.json``.

Built field by field, so that a renamed class member never changes what others parse. Text is left as
it was found: JSON's own escapes make control characters harmless.
"""

from __future__ import annotations

import json
from typing import Any

from iacscan.core import Diagnostic, Evidence, Level, Location
from iacscan.findings import Finding, Report, Suppression
from iacscan.output.places import attribute
from iacscan.output.style import PLAIN, Style

VERSION = 1
"""Changes only when a key is taken away or changes its meaning; keys may be added within a version."""


def render(report: Report, style: Style = PLAIN) -> str:
    """The report as one JSON object in ASCII; ``##[`` is escaped, since it is an order in a CI log."""
    text = json.dumps(document(report, style), indent=2, ensure_ascii=True)
    return text.replace("##", "#\\u0023") + "\n"


def document(report: Report, style: Style) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "version": VERSION,
        "tool": {"name": "iacscan", "version": style.version},
        "inputs": list(report.inputs),
        "summary": _summary(report),
        "results": [_result(finding) for finding in report.findings],
        "errors": _diagnostics(report, Level.ERROR),
        "warnings": _diagnostics(report, Level.WARNING),
        "notes": [*_diagnostics(report, Level.NOTE), *(_said(note) for note in report.notes)],
    }


def _summary(report: Report) -> dict[str, Any]:
    """The counts. NOTE: Atlantis takes a key called ``failures`` for a failed policy check."""
    summary = report.summary
    return {
        "subjects": dict(summary.subjects),
        "rules": summary.rules,
        "fail": summary.failures,
        "unknown": summary.unknown,
        "pass": summary.passed,
        "suppressed": summary.suppressed,
        "worst": report.worst.label if report.worst else None,
    }


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.id,
        "title": finding.rule.title,
        "severity": finding.rule.severity.label,
        "status": finding.status,
        "resource": {"address": finding.address, "type": finding.type},
        "message": finding.message,
        "location": _location(finding.location),
        "related": [_location(location) for location in finding.related],
        "evidence": [_evidence(item) for item in finding.evidence],
        "change": finding.change,
        "introduced": finding.introduced,
        "fingerprint": finding.fingerprint,
        "suppression": _suppression(finding.suppression),
        "fix": {"text": finding.rule.fix, "snippet": finding.rule.snippet} if finding.counts else None,
        "input": finding.input,
    }


def _location(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    span = location.span
    return {
        "path": location.path,
        "line": span.start_line if span else None,
        "end_line": span.end_line if span else None,
        "column": span.start_column if span else None,
        "end_column": span.end_column if span else None,
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "text": item.text,
        "resource": item.origin.address if item.origin else None,
        "attribute": (attribute(item.origin.path) or None) if item.origin else None,
    }


def _suppression(suppression: Suppression | None) -> dict[str, Any] | None:
    if suppression is None:
        return None
    return {"reason": suppression.reason, "location": _location(suppression.location)}


def _diagnostics(report: Report, level: Level) -> list[dict[str, Any]]:
    return [_diagnostic(item) for item in report.diagnostics if item.level is level]


def _diagnostic(item: Diagnostic) -> dict[str, Any]:
    span = item.location.span if item.location else None
    return {
        "path": item.location.path if item.location else None,
        "line": span.start_line if span else None,
        "message": item.message,
    }


def _said(note: str) -> dict[str, Any]:
    return {"path": None, "line": None, "message": note}
