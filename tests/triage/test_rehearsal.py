"""``iacscan test``: users' rules on their examples, and the three that the guide works out."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iacscan.cli import main
from iacscan.rehearsal import rehearse

ROOT = Path(__file__).parent.parent.parent
POLICIES = ROOT / "fixtures" / "policies"
RULE = """\
id: {id}
title: t
severity: low
subject: aws_sqs_queue
fail_when: fifo_queue == `true`
message: "{{address}}"
why: x
fix: x
checklist: own
"""
QUEUE = 'resource "aws_sqs_queue" "{}" {{\n  fifo_queue = {}\n}}\n'


def run(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, ["test", *arguments])


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A rule with a bad and a good example."""
    (tmp_path / "no-fifo.yaml").write_text(RULE.format(id="no-fifo"), encoding="utf-8")
    example(tmp_path, "bad.tf", QUEUE.format("a", "true"))
    example(tmp_path, "good.tf", QUEUE.format("a", "false"))
    return tmp_path


def example(policies: Path, name: str, text: str) -> None:
    path = policies / "no-fifo" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_the_guides_policies_hold() -> None:
    found = rehearse(POLICIES)
    assert found.exit_code == 0
    assert len(found.rules) == 3
    kinds = {(outcome.rule, Path(outcome.path).name.partition("-")[0]) for outcome in found.outcomes}
    assert len(kinds) == 9, "each is shown failing, passing and unknown"


def test_the_guide_shows_the_files() -> None:
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"<!-- policy: ([\w-]+) -->\n```yaml\n(.*?)```", text, re.DOTALL))
    assert shown == {path.stem: path.read_text(encoding="utf-8") for path in POLICIES.glob("*.yaml")}


def test_all_as_expected(policies: Path) -> None:
    result = run(str(policies))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "1 rule, 2 examples: 0 wrong, 0 rules untested"
    assert run(str(policies), "-q").stdout == "1 rule, 2 examples: 0 wrong, 0 rules untested\n"


def test_a_surprise_is_named(policies: Path) -> None:
    example(policies, "good-two.tf", QUEUE.format("a", "false") + QUEUE.format("b", "true"))
    result = run(str(policies))
    assert result.exit_code == 1
    assert "good-two.tf: aws_sqs_queue.b is fail, expected pass" in result.stdout
    assert "aws_sqs_queue.a is" not in result.stdout


def test_comments_say_otherwise(policies: Path) -> None:
    text = "# expect: fail\n" + QUEUE.format("a", "true") + "\n" + QUEUE.format("b", "false")
    example(policies, "good-but-one.tf", text)
    assert run(str(policies)).exit_code == 0
    example(policies, "good-but-one.tf", text.replace("true", "false"))
    assert "aws_sqs_queue.a is pass, expected fail" in run(str(policies)).stdout
    example(policies, "good-but-one.tf", text.replace("expect: fail", "expect: none"))
    assert "aws_sqs_queue.a is fail, expected no verdict" in run(str(policies)).stdout
    example(
        policies, "good-but-one.tf", QUEUE.format("b", "false") + '# expect: fail\nresource "aws_sns_topic" "t" {}\n'
    )
    assert "line 4 expects fail, but the rule judges nothing there" in run(str(policies)).stdout


def test_an_example_in_which_nothing_is_judged(policies: Path) -> None:
    example(policies, "bad-empty.tf", 'resource "aws_sns_topic" "t" {}\n')
    result = run(str(policies))
    assert result.exit_code == 1
    assert "bad-empty.tf: nothing in it is fail" in result.stdout


@pytest.mark.parametrize(("gone", "said"), [("bad.tf", "no bad example"), ("good.tf", "no good example")])
def test_untested_rules_are_named(policies: Path, gone: str, said: str) -> None:
    (policies / "no-fifo" / gone).unlink()
    result = run(str(policies))
    assert result.exit_code == 1
    assert f"untested  no-fifo  has {said}" in result.stdout


def test_a_rule_without_any_example(policies: Path) -> None:
    shutil.rmtree(policies / "no-fifo")
    result = run(str(policies))
    assert result.exit_code == 1
    assert "no-fifo  has no bad and no good example" in result.stdout


def test_unknown_examples_and_suppressions(policies: Path) -> None:
    text = 'variable "fifo" {}\n# iacscan:ignore=no-fifo x\n' + QUEUE.format("a", "var.fifo")
    example(policies, "unknown-variable.tf", text)
    assert run(str(policies)).exit_code == 0, "an example is judged as it is"


def test_what_cannot_be_tried(policies: Path) -> None:
    example(policies, "bad-syntax.tf", "resource {")
    result = run(str(policies))
    assert result.exit_code == 2
    assert "bad-syntax.tf:1" in result.stderr
    (policies / "broken.yaml").write_text("id: broken\n", encoding="utf-8")
    assert "broken.yaml:1" in run(str(policies)).stderr


def test_plans_and_directories_are_examples(policies: Path) -> None:
    shutil.copytree(policies / "no-fifo", policies / "copy")
    (policies / "no-fifo" / "bad-folder").mkdir()
    shutil.move(policies / "copy" / "bad.tf", policies / "no-fifo" / "bad-folder" / "main.tf")
    shutil.rmtree(policies / "copy")
    plan = ROOT / "fixtures" / "plans" / "update" / "plan.json"
    shutil.copy(plan, policies / "no-fifo" / "good-plan.json")
    result = run(str(policies))
    assert "good-plan.json: nothing in it is pass" in result.stdout
    assert "bad-folder\n" in result.stdout
