"""Completion: the scripts for the shells, and what is offered where."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

from iacscan.cli import main
from iacscan.output import FORMATS


def offered(*words: str) -> list[str]:
    *before, last = words
    found = BashComplete(main, {}, "iacscan", "_IACSCAN_COMPLETE").get_completions(before, last)
    return [item.value if item.type == "plain" else item.type for item in found]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sc",), ["scan"]),
        (("scan", "--sel"), ["--select"]),
        (("scan", "--select", "public-p"), ["public-policy"]),
        (("explain", "public-acl-w"), ["public-acl-write"]),
        (("scan", "--profile", "c"), ["checklist", "cis"]),
        (("rules", "--profile", "s"), ["security-hub", "strict"]),
        (("scan", "--fail-on", "h"), ["high"]),
        (("scan", "-f", ""), list(FORMATS)),
        (("scan", "inf"), ["file"]),
        (("scan", "--source", "inf"), ["file"]),
        (("scan", "--config", ""), ["file"]),
        (("scan", "--policies", ""), ["dir"]),
        (("completion", "z"), ["zsh"]),
    ],
    ids=" ".join,
)
def test_what_is_offered(words: tuple[str, ...], expected: list[str]) -> None:
    assert offered(*words) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_scripts_are_for_their_shells(shell: str, tmp_path: Path) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert f"_IACSCAN_COMPLETE={shell}_complete" in script
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not here to read it")
    path = tmp_path / "script"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run([program, "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("bash") is None or os.name != "posix", reason="bash is needed")
def test_bash_completes(tmp_path: Path) -> None:
    program = tmp_path / "iacscan"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m iacscan "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = CliRunner().invoke(main, ["completion", "bash"]).stdout
    ask = (
        'COMP_WORDS=(iacscan scan --select public-p) COMP_CWORD=3; _iacscan_completion iacscan; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}"],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "public-policy\n", done.stderr
