"""What GitHub's runner does with the steps of this repository's action: enough of it to try them here."""

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

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
BASH = shutil.which("bash")

needs_bash = pytest.mark.skipif(BASH is None or os.name != "posix", reason="bash is needed")


class Runner:
    """What a runner does with a ``run`` step: expressions in ``env``, a script file, environment files."""

    def __init__(self, folder: Path, action: Path = ROOT) -> None:
        self.temp = folder / "temp"
        self.workspace = folder / "work space"
        self.temp.mkdir()
        self.workspace.mkdir()
        self.context = {"runner.temp": str(self.temp), "github.action_path": str(action)}
        self.context |= {f"inputs.{name}": str(item.get("default", "")) for name, item in ACTION["inputs"].items()}
        self.environment: dict[str, str] = {}
        self.summary = folder / "summary.md"
        self.outputs: dict[str, str] = {}

    def install(self) -> None:
        """Put this checkout where the step ``install`` would have put it, without a package index."""
        programs = self.temp / "bin"
        programs.mkdir()
        (programs / "python").symlink_to(sys.executable)
        wrapper = f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m iacscan "$@"\n'
        (programs / "iacscan").write_text(wrapper, encoding="utf-8")
        (programs / "iacscan").chmod(0o755)
        self.context["steps.install.outputs.bin"] = str(programs)

    def pull_request(self, base: str, head: str) -> None:
        """The event that a workflow ``on: pull_request`` runs for, and what the runner says of it."""
        event = self.temp / "event.json"
        event.write_text(json.dumps({"pull_request": {"base": {"ref": base}, "head": {"ref": head}}}), encoding="utf-8")
        self.environment |= {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_BASE_REF": base,
            "GITHUB_HEAD_REF": head,
            "GITHUB_REF": "refs/pull/1/merge",
        }

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
            env={**usual, **self.environment, **files, **given, "GITHUB_WORKSPACE": str(self.workspace)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.outputs = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
        self.context |= {f"steps.{id_}.outputs.{name}": value for name, value in self.outputs.items()}
        return done
