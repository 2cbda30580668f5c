"""Outputs of the projects in fixtures equal those that terraform planned: the whole expression language."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iacscan.inputs.source import open_root
from iacscan.terraform.bodies import settle
from iacscan.terraform.values import export

PROJECTS = Path(__file__).parents[2] / "fixtures" / "projects"


def planned_outputs() -> list[Any]:
    cases = []
    for plan in sorted(PROJECTS.glob("*/plan.json")):
        outputs = json.loads(plan.read_text(encoding="utf-8"))["planned_values"].get("outputs", {})
        for name, output in outputs.items():
            if "value" in output:
                cases.append(pytest.param(plan.parent, name, output["value"], id=f"{plan.parent.name}-{name}"))
    return cases


@pytest.mark.parametrize(("project", "name", "expected"), planned_outputs())
def test_output_is_what_terraform_says(project: Path, name: str, expected: Any) -> None:
    value = export(settle(open_root(str(project)).output(name)))

    assert json.dumps(value, sort_keys=True) == json.dumps(expected, sort_keys=True)
