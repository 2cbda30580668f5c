"""``scope: account`` in a settings file on disk: account-wide rules speak where the input has nothing of the kind."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from iacscan import model, rules
from iacscan.cli import main

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "rules"
RULES, _ = rules.load([rules.builtin_directory()], model.FIELDS)
SCOPED = [rule.id for rule in RULES if "scope" in rule.params]
BARE = 'resource "aws_s3_bucket" "data" {\n  bucket = "example-data"\n}\n'


def scan(project: Path, rule: str, source: str, settings: str) -> list[str]:
    """The verdicts of ``rule`` on ``source`` under the settings file that lies beside it."""
    (project / "main.tf").write_text(source, encoding="utf-8")
    (project / ".iacscan.yaml").write_text(f"select: [{rule}]\n{settings}", encoding="utf-8")
    result = CliRunner().invoke(main, ["scan", str(project), "--all-results", "-f", "json"])
    assert result.exit_code in (0, 1), result.stderr
    return [item["status"] for item in json.loads(result.stdout)["results"]]


def test_some_rules_have_a_scope() -> None:
    assert SCOPED == ["auto-remediation-missing", "data-events-untracked", "policy-changes-unmonitored"]


@pytest.mark.parametrize("rule", SCOPED)
def test_a_bare_bucket_is_judged_only_with_the_scope_of_an_account(rule: str, tmp_path: Path) -> None:
    assert scan(tmp_path, rule, BARE, "") == []
    assert scan(tmp_path, rule, BARE, "scope: account\n") == ["fail"]


@pytest.mark.parametrize("rule", SCOPED)
def test_the_scope_of_an_account_changes_no_verdict_on_what_is_there(rule: str, tmp_path: Path) -> None:
    for path in sorted((EXAMPLES / rule).glob("*.tf")):
        source = path.read_text(encoding="utf-8")
        assert scan(tmp_path, rule, source, "scope: account\n") == scan(tmp_path, rule, source, "") != []
