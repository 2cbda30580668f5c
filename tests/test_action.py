"""The GitHub Action and the hooks: their shell is run as a runner runs it, with environment files and all."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from iacscan.cli import main

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SHELLS = [step for step in STEPS if "run" in step]
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
OPEN = 'resource "aws_s3_bucket" "b" {\n  bucket = "h6"\n  acl    = "public-read"\n}\n'
BASH = shutil.which("bash")

needs_bash = pytest.mark.skipif(BASH is None or os.name != "posix", reason="bash is needed")


class Runner:
    """What a runner does with a ``run`` step: expressions in ``env``, a script file, environment files."""

    def __init__(self, folder: Path) -> None:
        self.temp = folder / "temp"
        self.workspace = folder / "work space"
        self.temp.mkdir()
        self.workspace.mkdir()
        self.context = {"runner.temp": str(self.temp), "github.action_path": str(ROOT)}
        self.context |= {f"inputs.{name}": str(item.get("default", "")) for name, item in ACTION["inputs"].items()}
        self.summary = folder / "summary.md"
        self.outputs: dict[str, str] = {}

    def evaluate(self, text: str) -> str:
        return EXPRESSION.sub(lambda match: self.context[match[1]], str(text))

    def run(self, id_: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        step = next(step for step in STEPS if step.get("id") == id_)
        self.context |= {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
        script, output = self.temp / f"{id_}.sh", self.temp / f"{id_}.output"
        script.write_text(step["run"], encoding="utf-8")
        output.write_text("", encoding="utf-8")
        self.summary.write_text("", encoding="utf-8")
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.summary)}
        given = {name: self.evaluate(value) for name, value in step["env"].items()}
        usual = {"PATH": os.environ["PATH"], "HOME": str(self.temp), "GITHUB_ACTIONS": "true", "CI": "true"}
        done = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace / self.evaluate(step.get("working-directory", ".")),
            env={**usual, **files, **given, "GITHUB_WORKSPACE": str(self.workspace)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.outputs = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
        self.context |= {f"steps.{id_}.outputs.{name}": value for name, value in self.outputs.items()}
        return done


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner on which the action is installed, with one open bucket in the workspace."""
    found = Runner(tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python").symlink_to(sys.executable)
    wrapper = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m iacscan "$@"\n'
    (programs / "iacscan").write_text(wrapper, encoding="utf-8")
    (programs / "iacscan").chmod(0o755)
    found.context["steps.install.outputs.bin"] = str(programs)
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


def options_of(command: str) -> set[str]:
    found = main.get_command(main.make_context("iacscan", [], resilient_parsing=True), command)
    assert found is not None, f"there is no command {command}"
    return {name for param in found.params for name in (*param.opts, *param.secondary_opts)}


def test_the_hooks_run_commands_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    for hook in hooks:
        _, command, *rest = shlex.split(hook["entry"])
        assert {word for word in rest if word.startswith("-")} <= options_of(command)
        pattern, excluded = re.compile(hook["files"]), re.compile(hook["exclude"])
        assert all(map(pattern.search, ("main.tf", "a/b.tofu", "c.tf.json", "prod.tfvars", "x.auto.tfvars.json")))
        assert not any(map(pattern.search, ("main.py", "a.tfstate", "b.json")))
        assert excluded.search("a/.terraform/modules/m/main.tf")
        assert hook["language"] == "python"


BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def steps_in(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = [node] if "uses" in node else []
        return own + [step for item in node.values() for step in steps_in(item)]
    return [step for item in node for step in steps_in(item)] if isinstance(node, list) else []


def test_examples_use_inputs_that_exist() -> None:
    documents = [yaml.safe_load(text) for kind, text in BLOCK.findall(GUIDE) if kind == "yaml"]
    steps = [step for document in documents for step in steps_in(document)]
    ours = [step for step in steps if step["uses"].partition("@")[0].endswith("/iacscan")]
    assert len(ours) >= 3
    for step in ours:
        assert set(step.get("with", {})) <= set(ACTION["inputs"])
    for step in steps:
        if step not in ours:
            assert re.search(r"@[0-9a-f]{40}$", step["uses"]), step["uses"]
    for name in re.findall(r"steps\.\w+\.outputs\.([\w-]+)", GUIDE):
        assert name in ACTION["outputs"]


def test_examples_run_commands_that_exist() -> None:
    lines = [line for _, text in BLOCK.findall(GUIDE) for line in text.replace("\\\n", " ").splitlines()]
    commands = [
        match[1] for line in lines if (match := re.search(r"\biacscan ((?:scan|init|test)\b[^&|;'\"#]*)", line))
    ]
    assert len(commands) >= 5
    for text in commands:
        command, *rest = text.split()
        assert {word.partition("=")[0] for word in rest if word.startswith("-")} <= options_of(command), text
