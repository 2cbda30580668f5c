"""A rule: metadata for people and compiled expressions for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iacscan.core import Location, Severity
from iacscan.rules.expression import Expression


@dataclass(frozen=True, slots=True)
class Rule:
    """One file of ``policies/``, read and checked.

    ``subject`` is the kind of subject that it judges (``bucket``, ``object``, or a Terraform resource
    type). ``fix`` says in a sentence or three what to write instead, ``snippet`` is Terraform text to paste or
    adapt. ``fail_when`` and ``applies_when`` are three-valued JMESPath over the subject's facts;
    ``locate`` names the fact group whose origin is shown. ``params`` are defaults that the user's
    configuration may override, seen by expressions as ``params.*``. ``default`` is false for opt-in
    rules. ``source`` is where the rule was read.
    """

    id: str
    title: str
    severity: Severity
    subject: str
    fail_when: Expression
    message: str
    why: str
    fix: str
    checklist: str
    snippet: str | None = None
    locate: str | None = None
    applies_when: Expression | None = None
    references: tuple[str, ...] = ()
    maps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    default: bool = True
    source: Location | None = None
