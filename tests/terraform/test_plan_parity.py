"""The main oracle: what is read from source equals what terraform planned from the same source.

Every configuration in fixtures that lies beside a plan made by real terraform is evaluated; for each
instance that the plan creates, a value known on both sides is the same one, a value that the plan
knows is known, and no instance is missing. Where only an argument that is left out differs, its planned
value is not in provider_schema.json: scripts/generate_provider_schema.py takes it over from the plan.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from iacscan.core import Encoded, Template, Unknown
from iacscan.inputs.configuration import Configuration
from iacscan.inputs.source import load_source

FIXTURES = Path(__file__).parents[2] / "fixtures"
PROJECTS = sorted(path.parent for path in (FIXTURES / "projects").glob("*/plan.json"))
PAIRS = [(project, project / "plan.json") for project in PROJECTS]
PAIRS += [
    (path.with_name(path.name.replace(".plan.json", ".tf")), path)
    for path in sorted((FIXTURES / "rules").glob("*/*.plan.json"))
    if (source := path.with_name(path.name.replace(".plan.json", ".tf"))).exists()
    and not (source.parent / "before" / source.name).exists()
]
READ_FROM_AWS = ("data.aws_canonical_user_id.", "data.aws_caller_identity.")
"""What a plan knows because Terraform asked AWS; source alone cannot."""

LATER = ("blocked_encryption_types",)
"""Arguments of later providers than the one whose schema is stored: where nobody writes them, source has none."""


def created(plan: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for change in plan.get("resource_changes", []):
        if change["change"]["actions"] == ["create"] and change["type"].startswith("aws_"):
            yield change["address"], change["change"]["after"], change["change"]["after_unknown"]


def loaded(source: Path) -> Configuration:
    (configuration,) = load_source(str(source))
    return configuration


def differences(mine: Any, planned: Any, unknown: Any, path: str = "") -> Iterator[str]:
    """Where a value from source contradicts the plan, or is unknown although the plan knows it."""
    if unknown is True:
        return
    if isinstance(mine, Unknown | Template | Encoded):
        if not any(name in repr(mine) for name in READ_FROM_AWS):
            yield f"{path}: {mine} is {planned!r} in the plan"
    elif isinstance(mine, dict) and isinstance(planned, dict):
        holes = unknown if isinstance(unknown, dict) else {}
        for key in sorted(planned.keys() | holes.keys() | mine.keys()):
            if key not in mine and key in LATER and planned.get(key) is None:
                continue
            if key not in mine and (planned.get(key) is not None or holes.get(key)):
                yield f"{path}.{key} is missing"
            else:
                yield from differences(mine.get(key), planned.get(key), holes.get(key, False), f"{path}.{key}")
    elif isinstance(mine, list) and isinstance(planned, list) and len(mine) == len(planned):
        holes = unknown if isinstance(unknown, list) else []
        rest = list(zip(planned, [*holes, *[False] * len(planned)], strict=False))
        for position, item in enumerate(mine):
            found = [list(differences(item, *other, f"{path}[{position}]")) for other in rest]
            best = min(range(len(found)), key=lambda at: len(found[at]))
            rest.pop(best)
            yield from found[best]
    elif canonical(mine) != canonical(planned) or isinstance(mine, bool) != isinstance(planned, bool):
        yield f"{path}: {mine!r} is {planned!r} in the plan"


def canonical(value: Any) -> Any:
    """JSON text by content, lists in it without their order: AWS policies are sets."""
    if isinstance(value, str) and value.startswith(('{"', "{\n")):
        return unordered(json.loads(value))
    return value


def unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: unordered(value[key]) for key in sorted(value)}
    return sorted(map(unordered, value), key=json.dumps) if isinstance(value, list) else value


@pytest.mark.parametrize("folder", sorted({plan.parent for _, plan in PAIRS}), ids=lambda path: path.name)
def test_source_agrees_with_the_plan(folder: Path) -> None:
    for source, plan in (pair for pair in PAIRS if pair[1].parent == folder):
        planned = {address: rest for address, *rest in created(json.loads(plan.read_text(encoding="utf-8")))}
        resources = {resource.address: resource for resource in loaded(source).resources}
        managed = {address for address, resource in resources.items() if resource.mode == "managed"}

        assert {address for address in managed if ".aws_" in f".{address}"} == planned.keys(), plan.name
        for address, (after, unknown) in planned.items():
            assert list(differences(dict(resources[address].values), after, unknown, address)) == [], plan.name


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.name)
def test_no_project_has_an_error(project: Path) -> None:
    assert [str(item.message) for item in loaded(project).diagnostics if item.level != "note"] == []


def test_there_is_something_to_compare() -> None:
    assert len(PROJECTS) >= 9
    assert len(PAIRS) >= 60
