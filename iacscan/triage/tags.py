"""Suppression by tag: where the project allows it, a resource's own tag lists the rules that are not to count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from iacscan.core import Verdict
from iacscan.findings import Finding, Suppression
from iacscan.model.subject import Subject


def apply(findings: Iterable[Finding], subjects: Iterable[Subject], key: str) -> tuple[Finding, ...]:
    """Suppress failures and unknown verdicts of rules that the tag ``key`` of their subject lists.

    Ids are separated by spaces or commas (AWS allows no comma in some tags). Tags that are not known suppress
    nothing.
    """
    listed = {(subject.kind, subject.address): _rules(subject.facts, key) for subject in subjects}

    def judged(finding: Finding) -> Finding:
        rules = listed.get((finding.rule.subject, finding.address), frozenset())
        if finding.verdict is Verdict.PASS or finding.rule.id not in rules:
            return finding
        return replace(finding, suppression=Suppression(f"its tag {key} says so", finding.location))

    return tuple(map(judged, findings))


def _rules(facts: Mapping[str, object], key: str) -> frozenset[str]:
    tags = facts.get("tags")
    value = tags.get(key) if isinstance(tags, dict) else None
    return frozenset(re.split(r"[\s,]+", value)) if isinstance(value, str) else frozenset()
