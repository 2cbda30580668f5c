"""One table of what a severity is called by the readers of each format.

SARIF levels and scores follow GitHub's code scanning bands, GitLab's words its code quality report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iacscan.core import Severity


@dataclass(frozen=True, slots=True)
class Scale:
    """The words for one severity."""

    sarif: str
    score: str
    github: str
    gitlab: str


SCALES: Mapping[Severity, Scale] = {
    Severity.CRITICAL: Scale("error", "9.5", "error", "blocker"),
    Severity.HIGH: Scale("error", "8.0", "error", "critical"),
    Severity.MEDIUM: Scale("warning", "5.5", "warning", "major"),
    Severity.LOW: Scale("note", "2.0", "notice", "minor"),
}
