"""The committed plans and states are complete, clean, and what real Terraform makes of the configurations beside them.

The comparison with real Terraform takes minutes, so it runs only on demand:
``IACSCAN_TERRAFORM_TESTS=1`` compares a sample, ``IACSCAN_TERRAFORM_TESTS=all`` everything.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "fixtures"
SCRIPT = ROOT / "scripts/regenerate_fixtures.py"
MADE_WITH = "1.11.4"
SAMPLE = ("plans/update", "plans/ten-buckets", "plans/moved-import-removed", "plans/errored", "rules/*/*document*")
WANTED = os.environ.get("IACSCAN_TERRAFORM_TESTS", "")
PLANS = sorted(FIXTURES.glob("plans/*/plan.json")) + sorted(FIXTURES.glob("rules/*/*.plan.json"))


def lacking() -> str | None:
    """Return why real Terraform cannot be asked here, None when it can."""
    if WANTED not in ("1", "all"):
        return "slow: set IACSCAN_TERRAFORM_TESTS=1 (a sample) or =all to compare with real Terraform"
    if shutil.which("terraform") is None:
        return "terraform is not on PATH"
    if importlib.util.find_spec("moto") is None:
        return "moto[server] is not installed in this Python"
    if WANTED == "all" and importlib.util.find_spec("grpc") is None:
        return "what scripts/newer_provider.py needs is not installed in this Python"
    done = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True)
    version = json.loads(done.stdout)["terraform_version"]
    return None if version == MADE_WITH else f"terraform is {version}, the fixtures are made with {MADE_WITH}"


@pytest.fixture(scope="module")
def terraform() -> None:
    if reason := lacking():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regenerate_fixtures", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def assert_same(made: Path) -> None:
    files = [path for path in made.rglob("*") if path.is_file()]
    assert files
    changed = [path.relative_to(made).as_posix() for path in files if not same(path, made)]
    assert changed == [], "run scripts/regenerate_fixtures.py and look at the difference"


def same(path: Path, made: Path) -> bool:
    committed = FIXTURES / path.relative_to(made)
    return committed.is_file() and committed.read_bytes() == path.read_bytes()


@pytest.mark.terraform
@pytest.mark.usefixtures("terraform")
def test_plans_are_what_terraform_makes(tmp_path: Path) -> None:
    patterns = SAMPLE if WANTED == "1" else ("*",)
    command = [sys.executable, str(SCRIPT), "--into", str(tmp_path), *patterns]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert_same(tmp_path)


@pytest.mark.terraform
@pytest.mark.usefixtures("terraform")
@pytest.mark.parametrize("folder", ["plans", "rules"])
def test_configurations_are_formatted(folder: str) -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", str(FIXTURES / folder)], capture_output=True, text=True
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


def test_derived_files_are_current(tmp_path: Path, script: ModuleType) -> None:
    script.derive(lambda name: True, tmp_path)
    assert_same(tmp_path)


def test_every_scenario_has_its_outputs(script: ModuleType) -> None:
    scenarios = [script.Scenario.read(folder) for folder in sorted((FIXTURES / "plans").iterdir())]
    assert scenarios
    for scenario in scenarios:
        made = {path.name for path in scenario.folder.glob("*.json")} - {"scenario.json"}
        assert made == {f"{output}.json" for output in scenario.outputs}, scenario.folder.name


def test_every_case_has_its_plan_and_every_plan_its_case() -> None:
    cases = {path.with_suffix("").as_posix() for path in FIXTURES.glob("rules/*/*.tf")}
    plans = {path.as_posix().removesuffix(".plan.json") for path in FIXTURES.glob("rules/*/*.plan.json")}
    assert cases
    assert cases == plans


def test_no_plan_tells_of_the_machine_it_was_made_on() -> None:
    telling = re.compile(r"127\.0\.0\.1|localhost|/home/|/root/|/tmp/|/Users/|(?<!aws_iam_)access_key|secret_key")
    told = {path: telling.findall(path.read_text(encoding="utf-8")) for path in PLANS}
    assert {path: found for path, found in told.items() if found} == {}
