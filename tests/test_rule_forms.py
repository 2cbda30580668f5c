"""Every rule has bad, good and unknown examples in every form that its facts can be written in.

``fixtures/rules/forms.yaml`` names the forms and says where there can be no example. A form counts as shown where an
example of that kind holds it in a block that is not marked with another verdict.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from iacscan import inputs, model, rules

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "rules"
RULES, _ = rules.load([rules.builtin_directory()], model.FIELDS)
LISTED: dict[str, Any] = yaml.safe_load((EXAMPLES / "forms.yaml").read_text(encoding="utf-8"))
KINDS = ("bad", "good", "unknown")
OTHERWISE = r'#\s*expect:\s*\w+[^\n]*\n(?:\s*#[^\n]*\n)*\s*resource\s+"([^"]+)"\s+"([^"]+)"'


def forms(rule: str) -> dict[str, str]:
    """The forms of a rule: their names, and the resource type or argument that tells each."""
    named = LISTED["rules"][rule]["forms"]
    found: dict[str, str] = LISTED["forms"][named] if isinstance(named, str) else named
    return found


def impossible(rule: str, kind: str, form: str) -> bool:
    without = LISTED["rules"][rule].get("without", {})
    return kind in without or f"{kind} {form}" in without


def shown(rule: str, kind: str) -> frozenset[str]:
    """The resource types and arguments in the examples of one kind, as far as they have the verdict of that kind."""
    found = set()
    for path in (EXAMPLES / rule).glob(f"{kind}-*.tf"):
        otherwise = {".".join(block) for block in re.findall(OTHERWISE, path.read_text(encoding="utf-8"))}
        configurations, _ = inputs.load([str(path)])
        for resource in configurations[0].resources:
            if re.sub(r"\[[^\]]*\]", "", resource.address) not in otherwise:
                found |= {resource.type, *(f"{resource.type}.{name}" for name in resource.declared or ())}
    return frozenset(found)


def test_every_rule_has_its_forms_listed() -> None:
    assert sorted(LISTED["rules"]) == sorted(rule.id for rule in RULES)


def test_every_form_that_cannot_be_has_a_reason() -> None:
    for rule, entry in LISTED["rules"].items():
        allowed = {*KINDS, *(f"{kind} {form}" for kind in KINDS for form in forms(rule))}
        assert set(entry.get("without", {})) <= allowed, rule
        assert all(len(reason) > 10 for reason in entry.get("without", {}).values()), rule


@pytest.mark.parametrize("rule", LISTED["rules"])
def test_every_form_has_an_example_of_each_kind(rule: str) -> None:
    missing = [
        f"a {kind} example with {told_by}"
        for kind, examples in ((kind, shown(rule, kind)) for kind in KINDS)
        for form, told_by in forms(rule).items()
        if not impossible(rule, kind, form) and told_by not in examples
    ]
    assert missing == []
