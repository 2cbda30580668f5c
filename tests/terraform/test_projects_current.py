"""The plans committed beside fixtures/projects are what real terraform makes of them.

Runs only on demand (``IACSCAN_TERRAFORM_TESTS=1``), where terraform 1.11.4 and the AWS provider 5.100.0
can be had; with ``--update-golden`` the plans are written anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECTS = Path(__file__).parents[2] / "fixtures" / "projects"
WANTED = os.environ.get("IACSCAN_TERRAFORM_TESTS", "")


def terraform(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made(project: Path, folder: Path) -> str:
    """The plan of ``project``, made in ``folder``, in the form in which it is committed."""
    shutil.copytree(project, folder)
    (folder / "plan.json").unlink(missing_ok=True)
    terraform(folder, "init", "-no-color")
    terraform(folder, "plan", "-no-color", "-refresh=false", "-out=saved")
    plan = json.loads(terraform(folder, "show", "-json", "saved"))
    plan.pop("timestamp", None)
    if "relevant_attributes" in plan:
        plan["relevant_attributes"].sort(key=lambda item: json.dumps(item, sort_keys=True))
    return json.dumps(plan, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@pytest.mark.terraform
@pytest.mark.skipif(not WANTED, reason="slow: set IACSCAN_TERRAFORM_TESTS=1 to compare with real terraform")
@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
@pytest.mark.parametrize("project", sorted(PROJECTS.iterdir()), ids=lambda path: path.name)
def test_the_plan_is_current(project: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    text = made(project, tmp_path / "work")
    if request.config.getoption("--update-golden"):
        (project / "plan.json").write_text(text, encoding="utf-8")
    assert json.loads((project / "plan.json").read_text(encoding="utf-8")) == json.loads(text)
