"""GitLab's Code Quality report: one JSON array, shown in the merge request.

Follows https://docs.gitlab.com/ci/testing/code_quality/: description, check_name, fingerprint,
severity, location; a clean run is ``[]``. Unknown verdicts have no word there and are left out.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from iacscan.findings import Report
from iacscan.output.characters import exact
from iacscan.output.instances import Problem, alerts, block, full_message, listed
from iacscan.output.places import repository_path
from iacscan.output.scales import SCALES
from iacscan.output.style import PLAIN, Style


def render(report: Report, style: Style = PLAIN) -> str:
    """Failures as Code Quality issues with paths from the root of the repository."""
    seen: set[str] = set()
    problems = alerts(finding for finding in report.findings if finding.counts)
    return json.dumps([_issue(problem, style, seen) for problem in problems], indent=2) + "\n"


def _issue(problem: Problem, style: Style, seen: set[str]) -> dict[str, Any]:
    finding = problem.finding
    path = finding.location.path if finding.location else finding.input
    span = finding.location.span if finding.location else None
    return {
        "description": _description(problem),
        "check_name": exact(finding.rule.id),
        "fingerprint": _fingerprint(problem, seen),
        "severity": SCALES[finding.rule.severity].gitlab,
        "location": {
            "path": exact(repository_path(path, style.workspace) or path),
            "lines": {"begin": span.start_line if span else 1},
        },
    }


def _description(problem: Problem) -> str:
    """NOTE: the widget hides check_name, so the text starts with it."""
    others = f" (the same for {listed(map(exact, problem.addresses[1:]))})" if len(problem.addresses) > 1 else ""
    return f"{exact(problem.finding.rule.id)}: {full_message(problem)}{others}"


def _fingerprint(problem: Problem, seen: set[str]) -> str:
    """Rule and block, so that a moved line stays the same issue; GitLab drops equal ones, so hashed again."""
    text = f"{problem.finding.rule.id}\0{block(problem.finding.address)}"
    while True:
        text = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if text not in seen:
            seen.add(text)
            return text
