"""The structure that DESIGN promises: imports run one way, and no module grows into a room too many."""

import ast
from pathlib import Path

import pytest

import iacscan

PACKAGE = Path(iacscan.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

ALLOWED = {
    "core": set(),
    "aws": {"core"},
    "terraform": {"core"},
    "rules": {"core"},
    "findings": {"core", "rules"},
    "inputs": {"core", "aws", "terraform"},
    "model": {"core", "aws", "inputs"},
    "engine": {"core", "findings", "inputs", "model", "rules"},
    "output": {"core", "findings", "rules"},
    "triage": {"core", "findings", "inputs", "model", "rules"},
    "config": {"core", "rules", "triage"},
    "scanning": {"config", "core", "engine", "findings", "inputs", "model", "rules", "triage"},
    "rehearsal": {"core", "findings", "model", "rules", "scanning"},
    "access": {"core", "inputs", "model", "output", "scanning"},
    "simulation": {"access", "aws", "core"},
    "cli": {
        "access",
        "config",
        "core",
        "findings",
        "model",
        "output",
        "rehearsal",
        "rules",
        "scanning",
        "simulation",
        "triage",
    },
    "__init__": {"findings", "scanning"},
    "__main__": {"cli"},
}
WITHIN_AWS = {
    "": set(),
    "policies": set(),
    "judgements": {"policies"},
    "iam": {"policies", "judgements"},
    "monitoring": {"policies"},
    "reach": {"policies", "judgements"},
}
"""The parts of ``aws``: which others each may use, beside the modules that stand outside of any."""
OUTSIDE = {
    "hcl2": {"terraform"},
    "lark": {"terraform"},
    "jmespath": {"rules"},
    "yaml": {"rules", "terraform"},
    "click": {"cli"},
    "rich": {"output"},
}


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_every_part_has_a_layer() -> None:
    assert {layer(path) for path in MODULES} <= set(ALLOWED)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = layer(path)
    ours = {name.split(".")[1] for name in imported(path) if name.startswith("iacscan.")}
    assert ours - {own} <= ALLOWED[own]


AWS = PACKAGE / "aws"


@pytest.mark.parametrize("path", sorted(AWS.rglob("*.py")), ids=lambda path: str(path.relative_to(AWS)))
def test_imports_within_aws_run_one_way(path: Path) -> None:
    own = path.parent.name if path.parent != AWS else ""
    parts = {name.split(".")[2] for name in imported(path) if name.startswith("iacscan.aws.")}
    assert (parts & WITHIN_AWS.keys()) - {own} <= WITHIN_AWS[own]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_packages_are_imported_in_one_place(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    for package, layers in OUTSIDE.items():
        if package in tops:
            assert layer(path) in layers


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
