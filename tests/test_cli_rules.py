"""``iacscan rules`` and ``iacscan explain``: the rules as the settings of the project have them."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from iacscan.cli import main

SETTINGS = """\
ignore: [mfa-delete-*]
enable: [sse-not-kms]
policies: [own]
rules:
  access-logging-disabled:
    severity: low
  untagged-public-bucket:
    params:
      key: exposure
"""
OWN = """\
id: queue-open
title: Queue is open
severity: low
subject: aws_sqs_queue
fail_when: fifo_queue == `true`
message: "{address} is open"
why: x
fix: x
snippet: |
  resource "aws_sqs_queue" "this" {
    fifo_queue = false
  }
checklist: own
"""


EXPLAINED = """\
queue-open: Queue is open

  Severity       low
  On by default  yes
  Judges         each aws_sqs_queue
  Checklist      own
  Profiles       checklist, strict

In this project:
  as it is written (../.iacscan.yaml)

Why:
  x

What to do:
  x

    resource "aws_sqs_queue" "this" {
      fifo_queue = false
    }

  If it is meant so: `# iacscan:ignore=queue-open reason` above the block (more ways:
  docs/suppressions.md)

Exactly:
  It fails where

    fifo_queue == `true`

  What cannot be known before apply is `unknown`, with the reason; it is never a silent pass (how
  expressions work: docs/writing-rules.md)
"""


def run(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1"}).invoke(main, arguments)


def listed(*arguments: str) -> dict[str, Any]:
    return {rule["id"]: rule for rule in json.loads(run("rules", "-f", "json", *arguments).stdout)["rules"]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with settings at its root; the working directory is below."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".iacscan.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "queue-open.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")
    return tmp_path


@pytest.mark.usefixtures("project")
def test_the_list_shows_what_is_in_force() -> None:
    lines = {line.split()[0]: line for line in run("rules").stdout.splitlines() if line.strip()}
    assert lines["access-logging-disabled"].endswith("(severity low here, not medium)")
    assert lines["access-logging-disabled"].split()[1] == "low"
    assert lines["mfa-delete-disabled"].endswith("(off here)")
    assert lines["sse-not-kms"].endswith("(opt-in, on here)")
    assert lines["untagged-public-bucket"].endswith("(key is exposure here, not Public)")
    assert lines["queue-open"].endswith("Queue is open")
    assert "rules run, by ../.iacscan.yaml." in run("rules").stdout


@pytest.mark.usefixtures("project")
def test_programs_see_it_too() -> None:
    rules = listed()
    assert rules["sse-not-kms"]["default"] is False
    assert rules["sse-not-kms"]["enabled"] is True
    assert rules["mfa-delete-disabled"]["default"] is True
    assert rules["mfa-delete-disabled"]["enabled"] is False
    assert rules["access-logging-disabled"]["severity"] == "low"


@pytest.mark.usefixtures("project")
def test_settings_can_be_named_or_left_out(tmp_path: Path) -> None:
    assert "here" not in run("rules", "--config", "none").stdout
    assert listed("--config", "none").keys() == listed().keys() - {"queue-open"}
    other = tmp_path / "other.yaml"
    other.write_text("select: [public-*]\n", encoding="utf-8")
    assert {id_ for id_, rule in listed("--config", str(other)).items() if rule["enabled"]} == {
        id_ for id_ in listed() if id_.startswith("public-")
    }


@pytest.mark.usefixtures("project")
def test_a_profile_shows_what_it_would_run() -> None:
    rules = listed("--config", "none", "--profile", "cis")
    profiles = json.loads(run("rules", "-f", "json").stdout)["profiles"]
    (cis,) = (profile for profile in profiles if profile["id"] == "cis")
    assert sorted(cis["rules"]) == [id_ for id_, rule in rules.items() if rule["enabled"]]
    assert run("rules", "--profile", "nope").exit_code == 2


@pytest.mark.usefixtures("project")
def test_a_rule_is_explained_with_what_the_settings_make_of_it() -> None:
    shown = run("explain", "access-logging-disabled").stdout
    assert re.search(r"^  Severity +medium$", shown, re.MULTILINE)
    assert "In this project:\n  severity low here, not medium (../.iacscan.yaml)\n" in shown
    assert "In this project:\n  off here (../.iacscan.yaml)\n" in run("explain", "mfa-delete-disabled").stdout
    assert "In this project:\n  as it is written (" in run("explain", "public-policy").stdout
    assert "In this project" not in run("explain", "public-policy", "--config", "none").stdout
    assert run("explain", "queue-open").stdout == EXPLAINED


PAGES = Path(__file__).parent.parent / "docs" / "rules"


def words(page: str) -> list[str]:
    """The words of a page in Markdown, or of what is printed."""
    page = re.sub(r"<!--.*?-->|^```[a-z]*$", "", page, flags=re.MULTILINE)
    return re.findall(r"\w+", page.replace("](../", " docs/"))


@pytest.mark.parametrize(
    "page", [path for path in sorted(PAGES.glob("*.md")) if path.stem != "README"], ids=lambda path: path.stem
)
def test_what_is_printed_of_a_rule_is_its_page(page: Path) -> None:
    text, printed = page.read_text(encoding="utf-8"), run("explain", page.stem, "--config", "none").stdout
    assert words(printed) == words(text)
    for code in re.findall(r"^```[a-z]*\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL):
        assert textwrap.indent(code, "    ") in printed


def test_mistakes_of_the_settings_are_said(project: Path) -> None:
    (project / ".iacscan.yaml").write_text("ignore: [mfa-delet]\n", encoding="utf-8")
    for command in (("rules",), ("explain", "public-policy")):
        result = run(*command)
        assert result.exit_code == 2
        assert "../.iacscan.yaml:1:10: no rule is called 'mfa-delet'" in result.stderr
