"""The hooks for pre-commit: valid by its own schema, and run for real where that is asked for."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from programs import program

from iacscan.cli import main

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
GOOD = "locals {\n  a = 1\n}\n"
BAD = 'resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n'

asked_for = pytest.mark.skipif(
    not os.environ.get("IACSCAN_PRE_COMMIT_TESTS"),
    reason="pre-commit installs packages: set IACSCAN_PRE_COMMIT_TESTS=1",
)


def run(*command: str | Path, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)


def git(at: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments, at=at)


def test_the_hooks_are_valid() -> None:
    done = run(program("pre-commit"), "validate-manifest", MANIFEST)
    assert done.returncode == 0, done.stdout


def test_the_guides_configuration_is_valid(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"^```yaml\n(repos:.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(text, encoding="utf-8")
    done = run(program("pre-commit"), "validate-config", path)
    assert done.returncode == 0, done.stdout
    (repository,) = yaml.safe_load(text)["repos"]
    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in HOOKS}


def test_the_hooks_run_commands_that_exist() -> None:
    for hook in HOOKS:
        _, command, *rest = shlex.split(hook["entry"])
        found = main.get_command(main.make_context("iacscan", [], resilient_parsing=True), command)
        assert found is not None
        assert {word for word in rest if word.startswith("-")} <= {name for each in found.params for name in each.opts}


def test_the_hooks_see_files_of_terraform_only() -> None:
    for hook in HOOKS:
        pattern, excluded = re.compile(hook["files"]), re.compile(hook["exclude"])
        assert all(map(pattern.search, ("main.tf", "a/b.tofu", "c.tf.json", "prod.tfvars", "x.auto.tfvars.json")))
        assert not any(map(pattern.search, ("main.py", "a.tfstate", "b.json")))
        assert excluded.search("a/.terraform/modules/m/main.tf")


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """This checkout as a repository that pre-commit can clone."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    for name in ("iacscan", "policies"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (MANIFEST.name, "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=x")
    return folder


@pytest.fixture
def user(tmp_path: Path, hooks: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose commits go through the hook ``iacscan-changed``."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    folder = tmp_path / "user"
    folder.mkdir()
    commit = git(hooks, "rev-parse", "HEAD").stdout.strip()
    config = {"repos": [{"repo": hooks.as_uri(), "rev": commit, "hooks": [{"id": "iacscan-changed"}]}]}
    git(folder, "init", "--quiet")
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert run(program("pre-commit"), "install", at=folder).returncode == 0
    return folder


@asked_for
def test_what_is_staged_is_judged(user: Path) -> None:
    file = user / "main.tf"
    file.write_text(GOOD, encoding="utf-8")
    git(user, "add", ".")
    first = git(user, "commit", "--message=first")
    assert first.returncode == 0, first.stdout + first.stderr
    file.write_text(GOOD.replace("1", "2"), encoding="utf-8")
    git(user, "add", "main.tf")
    file.write_text(GOOD + BAD, encoding="utf-8")
    assert git(user, "commit", "--message=staged is good").returncode == 0
    assert file.read_text(encoding="utf-8") == GOOD + BAD
    git(user, "add", "main.tf")
    file.write_text(GOOD, encoding="utf-8")
    done = git(user, "commit", "--message=staged is bad")
    assert done.returncode == 1
    assert "public-acl-read" in done.stdout + done.stderr
