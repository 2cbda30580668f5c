"""The GitHub Action: its shell is run as a runner runs it, with environment files and all."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from action_runner import ACTION, ROOT, STEPS, Runner, needs_bash

SHELLS = [step for step in STEPS if "run" in step]
OPEN = 'resource "aws_s3_bucket" "b" {\n  bucket = "h6"\n  acl    = "public-read"\n}\n'


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner on which the action is installed, with one open bucket in the workspace."""
    found = Runner(tmp_path)
    found.install()
    (found.workspace / "main.tf").write_text(OPEN, encoding="utf-8")
    return found


def test_no_expression_reaches_a_shell() -> None:
    assert SHELLS
    for step in SHELLS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_other_actions_are_pinned_by_commit() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) for name in used)


def test_every_input_is_used_and_described() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, item in ACTION["inputs"].items():
        assert f"${{{{ inputs.{name} }}}}" in text
        assert item["description"]
        assert isinstance(item["default"], str)


@needs_bash
def test_every_output_is_written(runner: Runner) -> None:
    runner.run("scan")
    assert set(runner.outputs) == set(ACTION["outputs"])
    for name, item in ACTION["outputs"].items():
        assert item["value"] == f"${{{{ steps.scan.outputs.{name} }}}}"


@needs_bash
def test_findings_are_annotated_summarised_and_written(runner: Runner) -> None:
    done = runner.run("scan")
    assert done.returncode == 1, done.stderr
    assert re.search(r"^::error file=main\.tf,line=3,", done.stdout, re.MULTILINE)
    assert "public-acl-read" in runner.summary.read_text(encoding="utf-8")
    sarif = json.loads((runner.workspace / "iacscan.sarif").read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    assert runner.outputs["exit-code"] == "1"
    assert int(runner.outputs["failures"]) > 1
    assert runner.outputs["unknown"].isdigit()
    assert runner.outputs["sarif-file"] == "iacscan.sarif"


@needs_bash
def test_a_working_directory_keeps_paths_from_the_root(runner: Runner) -> None:
    folder = runner.workspace / "infra prod"
    folder.mkdir()
    (runner.workspace / "main.tf").rename(folder / "main.tf")
    done = runner.run("scan", working_directory="infra prod")
    assert "::error file=infra prod/main.tf,line=3," in done.stdout
    assert runner.outputs["sarif-file"] == "infra prod/iacscan.sarif"


@needs_bash
def test_a_clean_run_passes(runner: Runner) -> None:
    done = runner.run("scan", fail_on="never", sarif_file="", format="text\nmarkdown=report.md\n")
    assert done.returncode == 0, done.stderr
    assert "public-acl-read" in done.stdout
    assert (runner.workspace / "report.md").is_file()
    assert runner.summary.read_text(encoding="utf-8")
    assert runner.outputs["sarif-file"] == ""
    assert runner.outputs["exit-code"] == "0"


@needs_bash
def test_a_plan_takes_the_place_of_the_path(runner: Runner) -> None:
    folder = ROOT / "fixtures" / "plans" / "update"
    plan = runner.workspace / "the plan.json"
    shutil.copy(folder / "plan.json", plan)
    runner.run("scan", plan="the plan.json", introduced="false", source="none")
    every = int(runner.outputs["failures"])
    done = runner.run("scan", plan="the plan.json", introduced="true", source=str(folder))
    assert done.returncode == 1
    assert 0 < int(runner.outputs["failures"]) < every


@needs_bash
def test_several_paths_and_arguments(runner: Runner) -> None:
    for name in ("a b", "c"):
        (runner.workspace / name).mkdir()
        (runner.workspace / name / "main.tf").write_text(OPEN, encoding="utf-8")
    done = runner.run("scan", path="a b\r\n\nc\n", args="--select\npublic-acl-read\n", sarif_category="two")
    assert runner.outputs["failures"] == "2", done.stderr
    sarif = json.loads((runner.workspace / "iacscan.sarif").read_text(encoding="utf-8"))
    assert sarif["runs"][0]["automationDetails"]["id"] == "iacscan/two/"


@needs_bash
def test_an_input_is_never_a_command_or_an_option(runner: Runner) -> None:
    mark = runner.workspace / "mark"
    runner.run(
        "scan", path=f'$(touch "{mark}"); touch "{mark}"\n--help', since=f"`touch '{mark}'`", config=f"; touch '{mark}'"
    )
    assert not mark.exists()
    assert runner.outputs["exit-code"] == "2"
    runner.run("scan", path="--help", since="", config="", sarif_file="x\nexit-code=0")
    assert runner.outputs["exit-code"] == "2"


@needs_bash
def test_what_cannot_be_judged_fails_the_step(runner: Runner) -> None:
    (runner.workspace / "broken.tf").write_text("resource {", encoding="utf-8")
    done = runner.run("scan", fail_on="never")
    assert done.returncode == 2
    assert runner.outputs["exit-code"] == "2"
    assert "broken.tf" in done.stderr


@needs_bash
def test_what_is_cached_depends_on_the_dependencies(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.context["steps.python.outputs.python-path"] = sys.executable
    checkout = tmp_path / "the action"
    checkout.mkdir()
    runner.context["github.action_path"] = str(checkout)
    found = []
    for text in ("a", "b", "a"):
        (checkout / "pyproject.toml").write_text(text, encoding="utf-8")
        done = runner.run("dependencies")
        assert done.returncode == 0, done.stderr
        found.append(runner.outputs["hash"])
    assert found[0] == found[2] != found[1]
    (cache,) = (step for step in STEPS if step.get("uses", "").startswith("actions/cache@"))
    assert "${{ steps.dependencies.outputs.hash }}" in cache["with"]["key"]


@needs_bash
def test_it_installs_from_its_own_checkout(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    log = tmp_path / "log"
    stub = tmp_path / "python"
    inner = f'#!/bin/sh\necho "$PIP_CACHE_DIR|$@" >> {shlex.quote(str(log))}\n'
    stub.write_text(
        f'#!/bin/sh\n[ "$1 $2" = "-m venv" ] || exit 3\nmkdir -p "$3/bin"\ncat > "$3/bin/python" <<\'X\'\n{inner}X\n'
        'chmod +x "$3/bin/python"\n',
        encoding="utf-8",
    )
    stub.chmod(0o755)
    runner.context["steps.python.outputs.python-path"] = str(stub)
    done = runner.run("install")
    assert done.returncode == 0, done.stderr
    assert runner.outputs == {"bin": f"{runner.temp}/iacscan-venv/bin"}
    assert log.read_text(encoding="utf-8") == f"{runner.temp}/iacscan-pip|-m pip install --quiet {ROOT}\n"
