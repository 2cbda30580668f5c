"""Outputs of the projects in fixtures equal those that terraform planned: the whole expression language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terraform_tools import output

PROJECTS = Path(__file__).parents[2] / "fixtures" / "projects"


def planned_outputs() -> list[Any]:
    cases = []
    for plan in sorted(PROJECTS.glob("*/plan.json")):
        outputs = json.loads(plan.read_text(encoding="utf-8"))["planned_values"].get("outputs", {})
        for name, planned in outputs.items():
            if "value" in planned:
                cases.append(pytest.param(plan.parent, name, planned["value"], id=f"{plan.parent.name}-{name}"))
    return cases


@pytest.mark.parametrize(("project", "name", "expected"), planned_outputs())
def test_output_is_what_terraform_says(project: Path, name: str, expected: Any) -> None:
    value = output(project, name)

    assert json.dumps(value, sort_keys=True) == json.dumps(expected, sort_keys=True)
