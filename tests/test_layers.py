"""The structure that DESIGN promises: imports run one way, and no module grows into a room too many."""

import ast
from functools import cache
from pathlib import Path

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
    "__init__": {"core", "findings", "scanning"},
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


@cache
def imported(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def test_every_part_has_a_layer() -> None:
    assert {layer(path) for path in MODULES} <= set(ALLOWED)


def test_imports_run_one_way() -> None:
    for path in MODULES:
        own = layer(path)
        ours = {name.split(".")[1] for name in imported(path) if name.startswith("iacscan.")}
        assert ours - {own} <= ALLOWED[own], path


def test_imports_within_aws_run_one_way() -> None:
    aws = PACKAGE / "aws"
    for path in aws.rglob("*.py"):
        own = path.parent.name if path.parent != aws else ""
        parts = {name.split(".")[2] for name in imported(path) if name.startswith("iacscan.aws.")}
        assert (parts & WITHIN_AWS.keys()) - {own} <= WITHIN_AWS[own], path


def test_packages_are_imported_in_one_place() -> None:
    for path in MODULES:
        for package in {name.split(".")[0] for name in imported(path)} & OUTSIDE.keys():
            assert layer(path) in OUTSIDE[package], f"{path} imports {package}"


def test_modules_stay_small() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 500} == {}
