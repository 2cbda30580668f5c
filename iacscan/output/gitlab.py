"""GitLab's Code Quality report: one JSON array, shown in the merge request.

Follows https://docs.gitlab.com/ci/testing/code_quality/: description, check_name, fingerprint,
severity, location; a clean run is ``[]``. Unknown verdicts are of severity ``info``, and their text says so.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from iacscan.core import Verdict
from iacscan.findings import Report
from iacscan.output.characters import exact
from iacscan.output.instances import Problem, alerts, block, full_message, listed
from iacscan.output.places import repository_path
from iacscan.output.scales import SCALES
from iacscan.output.style import PLAIN, Style

UNKNOWN = "info"
"""The severity of what cannot be known before apply."""


def render(report: Report, style: Style = PLAIN) -> str:
    """Failures and unknown verdicts as Code Quality issues with paths from the root of the repository."""
    seen: set[str] = set()
    shown = (item for item in report.findings if item.verdict is not Verdict.PASS and not item.suppression)
    problems = sorted(alerts(shown), key=_is_unknown)
    return json.dumps([_issue(problem, style, seen) for problem in problems], indent=2) + "\n"


def _issue(problem: Problem, style: Style, seen: set[str]) -> dict[str, Any]:
    finding = problem.finding
    path = finding.location.path if finding.location else finding.input
    span = finding.location.span if finding.location else None
    return {
        "description": _description(problem),
        "check_name": exact(finding.rule.id),
        "fingerprint": _fingerprint(problem, seen),
        "severity": UNKNOWN if _is_unknown(problem) else SCALES[finding.rule.severity].gitlab,
        "location": {
            "path": exact(repository_path(path, style.workspace) or path),
            "lines": {"begin": span.start_line if span else 1},
        },
    }


def _description(problem: Problem) -> str:
    """NOTE: the widget hides check_name, so the text starts with it."""
    others = f" (the same for {listed(map(exact, problem.addresses[1:]))})" if len(problem.addresses) > 1 else ""
    status = "unknown, " if _is_unknown(problem) else ""
    return f"{status}{exact(problem.finding.rule.id)}: {full_message(problem)}{others}"


def _is_unknown(problem: Problem) -> bool:
    return problem.finding.verdict is Verdict.UNKNOWN


def _fingerprint(problem: Problem, seen: set[str]) -> str:
    """Rule and block, so that a moved line stays the same issue; GitLab drops equal ones, so hashed again.

    What was unknown and fails now is another issue, which a merge request shows as new.
    """
    text = f"{problem.finding.rule.id}\0{block(problem.finding.address)}"
    text += "\0unknown" if _is_unknown(problem) else ""
    while True:
        text = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        if text not in seen:
            seen.add(text)
            return text
