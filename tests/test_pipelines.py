"""The action, and the workflows and pipelines in the documents: valid for their readers, and the README's is tried."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from action_runner import ACTION, ROOT, Runner, needs_bash
from programs import program

from iacscan.cli import main

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
OPEN = 'resource "aws_s3_bucket" "open" {\n  acl = "public-read"\n}\n'
JOB = {"name": "x", "on": "push", "permissions": {}, "jobs": {"x": {"runs-on": "ubuntu-latest"}}}

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is needed")


def examples() -> dict[str, dict[str, Any]]:
    """The YAML in the documents by the name of its heading; a lone list is steps of a GitHub job."""
    found: dict[str, dict[str, Any]] = {}
    for document in (README, GUIDE):
        for section in re.split(r"^#+ ", document, flags=re.MULTILINE)[1:]:
            heading = section.partition("\n")[0]
            for number, (kind, text) in enumerate(BLOCK.findall(section)):
                if kind == "yaml":
                    found[f"{heading} {number}".removesuffix(" 0")] = yaml.load(text, yaml.BaseLoader)
    return {name: _workflow(item) if isinstance(item, list) else item for name, item in found.items()}


def _workflow(steps: Any) -> dict[str, Any]:
    return {**JOB, "jobs": {"x": {**JOB["jobs"]["x"], "steps": steps}}}


EXAMPLES = examples()
WORKFLOWS = {name: item for name, item in EXAMPLES.items() if "jobs" in item}


def write(folder: Path, documents: dict[str, dict[str, Any]]) -> list[str]:
    folder.mkdir(parents=True)
    paths = []
    for name, document in documents.items():
        path = folder / f"{re.sub(r'[^a-z0-9]+', '-', name.lower())}.yml"
        path.write_text(json.dumps(document), encoding="utf-8")
        paths.append(str(path))
    return paths


def tool(name: str, *arguments: str) -> None:
    """Run the program that a development dependency has installed; it must find nothing."""
    done = subprocess.run([program(name), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_documents_have_examples_of_each_kind() -> None:
    assert "On pull requests" in WORKFLOWS
    assert len(WORKFLOWS) >= 6
    assert {"GitLab CI", "Azure Pipelines", "Atlantis", "pre-commit"} <= EXAMPLES.keys() - WORKFLOWS.keys()


def test_the_action_is_valid() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml"))


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.gitlab-ci", ["GitLab CI"]),
        ("vendor.azure-pipelines", ["Azure Pipelines"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_pipelines_are_valid(schema: str, names: Any, tmp_path: Path) -> None:
    paths = write(tmp_path / "files", {name: EXAMPLES[name] for name in names})
    tool("check-jsonschema", "--builtin-schema", schema, *paths)


def test_an_audit_of_the_workflows_finds_nothing(tmp_path: Path) -> None:
    """NOTE: it reads comments, too (the versions beside the pins), so the files are as the documents have them."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    blocks = [text for document in (README, GUIDE) for kind, text in BLOCK.findall(document) if kind == "yaml"]
    for number, text in enumerate(text for text in blocks if text.startswith("name:")):
        named = text.replace("@COMMIT", f"@{'0' * 40}")
        (folder / f"{number}.yml").write_text(named, encoding="utf-8")
    tool(
        "zizmor",
        "--offline",
        "--no-progress",
        "--quiet",
        "--min-severity=medium",
        str(folder),
        str(ROOT / "action.yml"),
    )


@needs_bash
def test_shell_in_the_documents_and_workflows_is_shell() -> None:
    scripts = [text for document in (README, GUIDE) for kind, text in BLOCK.findall(document) if kind == "sh"]
    runs = [
        step["run"]
        for item in WORKFLOWS.values()
        for job in item["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    assert len(scripts) >= 4
    assert len(runs) >= 4
    for text in (*scripts, *(re.sub(r"\$\{\{.*?\}\}", "x", run) for run in runs)):
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{text}\n{done.stderr}"


def steps_in(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, dict):
        own = [node] if "uses" in node else []
        return own + [step for item in node.values() for step in steps_in(item)]
    return [step for item in node for step in steps_in(item)] if isinstance(node, list) else []


def test_examples_use_inputs_that_exist() -> None:
    steps = steps_in(EXAMPLES)
    ours = [step for step in steps if step["uses"].partition("@")[0].endswith("iacscan")]
    assert len(ours) >= 4
    for step in ours:
        assert set(step.get("with", {})) <= set(ACTION["inputs"])
    for step in steps:
        if step not in ours:
            assert re.search(r"@[0-9a-f]{40}$", step["uses"]), step["uses"]
    for name in re.findall(r"steps\.\w+\.outputs\.([\w-]+)", GUIDE):
        assert name in ACTION["outputs"]


def options_of(command: str) -> set[str]:
    found = main.get_command(main.make_context("iacscan", [], resilient_parsing=True), command)
    assert found is not None, f"there is no command {command}"
    return {name for param in found.params for name in (*param.opts, *param.secondary_opts)}


def test_examples_run_commands_that_exist() -> None:
    lines = [line for _, text in BLOCK.findall(GUIDE) for line in text.replace("\\\n", " ").splitlines()]
    commands = [
        match[1] for line in lines if (match := re.search(r"\biacscan ((?:scan|init|test)\b[^&|;'\"#]*)", line))
    ]
    assert len(commands) >= 5
    for text in commands:
        command, *rest = text.split()
        assert {word.partition("=")[0] for word in rest if word.startswith("-")} <= options_of(command), text


class PullRequest:
    """A repository with a merged pull request, as the checkout step of the README's workflow leaves it."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.origin = folder / "origin"
        self.origin.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("infra/old.tf", OPEN.replace("open", "old"))
        self.git("checkout", "--quiet", "-b", "change")
        self.commit("infra/new.tf", "# new\n" + OPEN)
        self.git("checkout", "--quiet", "main")
        self.commit("README.md", "meanwhile")
        self.git("merge", "--quiet", "--no-ff", "--message=merge", "change")
        shutil.rmtree(runner.workspace)
        self.git("clone", "--quiet", "--depth=2", self.origin.as_uri(), str(runner.workspace))
        runner.pull_request("main", "change")

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=self.origin, check=True, capture_output=True)

    def commit(self, name: str, text: str) -> None:
        path = self.origin / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.git("add", name)
        self.git("commit", "--quiet", "--message=x")


@needs_bash
@needs_git
def test_the_readmes_workflow_annotates_what_a_pull_request_adds(tmp_path: Path) -> None:
    (job,) = WORKFLOWS["On pull requests"]["jobs"].values()
    code, tool, action = job["steps"]
    assert code["with"]["fetch-depth"] == "2"
    assert action["uses"] == f"./{tool['with']['path']}"
    runner = Runner(tmp_path)
    PullRequest(runner, tmp_path)
    checkout = runner.workspace / tool["with"]["path"]
    checkout.mkdir()
    for part in ("action.yml", "fixtures/rules/public-policy", "fixtures/plans/update"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (checkout / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, checkout / part)
    runner.install()

    done = runner.run("scan", **action["with"])

    assert done.returncode == 1, done.stderr
    annotated = re.findall(r"^::error file=([^,]+),line=(\d+),", done.stdout, re.MULTILINE)
    assert ("infra/new.tf", "3") in annotated
    assert {file for file, _ in re.findall(r"^::\w+ file=([^,]+),(line)", done.stdout, re.MULTILINE)} == {
        "infra/new.tf"
    }
    assert "public-acl-read" in runner.summary.read_text(encoding="utf-8")
    sarif = json.loads((runner.workspace / "iacscan.sarif").read_text(encoding="utf-8"))
    assert "public-acl-read" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
