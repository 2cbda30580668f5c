"""What a configuration file says, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iacscan.core import Diagnostic, Location, Severity
from iacscan.triage.waivers import Waiver

INPUT, ACCOUNT = "input", "account"
SCOPES = (INPUT, ACCOUNT)
"""Whether the input is judged by what it declares, or as all that there is in its account."""

THRESHOLDS = (*(severity.label for severity in Severity), "never")
"""The words for ``fail_on``."""


class ConfigError(ValueError):
    """A configuration file that cannot be used: everything that is wrong with it.

    ``settings`` are what the rest of it says, where that much could be read.
    """

    def __init__(self, problems: tuple[Diagnostic, ...], settings: Settings | None = None) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems
        self.settings = settings


@dataclass(frozen=True, slots=True)
class Override:
    """What is changed of one rule; ``None`` and absent parameters leave it as it is. ``location`` is its key's."""

    severity: Severity | None = None
    enabled: bool | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; ``None`` and empty ones say nothing.

    ``path`` is the file they come from. ``policies`` are directories as seen from the working directory.
    ``suppress_by_tag`` is the key of a tag that lists rules. ``patterns`` are the places of the globs in
    ``select``, ``ignore`` and ``enable``, so that a wrong one can be shown.
    """

    path: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    fail_on: str | None = None
    fail_on_unknown: bool | None = None
    profile: str | None = None
    policies: tuple[str, ...] = ()
    trusted_accounts: tuple[str, ...] = ()
    scope: str | None = None
    rules: Mapping[str, Override] = field(default_factory=dict)
    suppressions: tuple[Waiver, ...] = ()
    suppress_by_tag: str | None = None
    patterns: tuple[tuple[str, Location], ...] = ()
