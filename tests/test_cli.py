"""The command line as a user meets it: exit codes, streams, options and mistakes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from iacscan.cli import main

FIXTURES = Path(__file__).parent.parent / "fixtures"
FIRST = str(FIXTURES / "plans" / "first-create" / "plan.json")
UPDATE = str(FIXTURES / "plans" / "update" / "plan.json")
GOOD = str(FIXTURES / "rules" / "versioning-disabled" / "good-enabled.plan.json")


def run(*arguments: str, text: str | None = None, env: dict[str, str] | None = None) -> Result:
    clean = {"NO_COLOR": "", "FORCE_COLOR": "", "GITHUB_WORKSPACE": "", "CI_PROJECT_DIR": "", **(env or {})}
    return CliRunner(env=clean).invoke(main, arguments, input=text)


def results(*arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("scan", "-f", "json", *arguments).stdout)["results"]
    return found


def test_findings_exit_with_1_and_end_with_the_summary() -> None:
    result = run("scan", UPDATE)
    assert result.exit_code == 1
    assert re.fullmatch(r"4 buckets, \d+ rules: \d\d failures, 0 unknown", result.stdout.splitlines()[-1])
    assert result.stderr == ""


def test_nothing_above_the_threshold_exits_with_0() -> None:
    assert run("scan", FIRST, "--fail-on", "medium").exit_code == 0, "its failures are low"
    assert run("scan", FIRST, "--fail-on", "low").exit_code == 1
    assert run("scan", UPDATE, "--fail-on", "never").exit_code == 0
    assert run("scan", UPDATE, "--fail-on", "critical").exit_code == 1
    assert run("scan", UPDATE, "--fail-on", "critical", "--ignore", "public-*").exit_code == 0


def test_unknown_counts_when_asked() -> None:
    assert run("scan", FIRST, "--source", "none", "--fail-on-unknown").exit_code == 1
    assert run("scan", FIRST, "--source", "none").exit_code == 0


def test_select_ignore_and_enable_take_ids_and_globs() -> None:
    assert {item["rule"] for item in results(UPDATE, "--select", "versioning-disabled")} == {"versioning-disabled"}
    chosen = {item["rule"] for item in results(UPDATE, "--select", "public-*", "--ignore", "*-block", "--all-results")}
    assert "public-policy" in chosen
    assert "public-access-block" not in chosen
    assert all(isinstance(rule, str) and rule.startswith("public-") for rule in chosen)
    assert "sse-not-kms" not in {item["rule"] for item in results(UPDATE, "--all-results")}
    assert "sse-not-kms" in {item["rule"] for item in results(UPDATE, "--all-results", "--enable", "*")}
    assert {item["rule"] for item in results(UPDATE, "--select", "sse-not-kms", "--all-results")} == {"sse-not-kms"}


def test_all_results_shows_passes() -> None:
    assert {item["status"] for item in results(GOOD, "--select", "versioning-disabled")} == set()
    assert {item["status"] for item in results(GOOD, "--select", "versioning-disabled", "--all-results")} == {"pass"}


def test_introduced_keeps_what_the_change_makes_worse() -> None:
    every, new = results(UPDATE), results(UPDATE, "--introduced")
    assert 0 < len(new) < len(every)
    assert all(item["introduced"] for item in new)
    assert {item["fingerprint"] for item in new} < {item["fingerprint"] for item in every}


def test_introduced_says_when_there_is_no_before() -> None:
    state = str(FIXTURES / "plans" / "state" / "state.json")
    assert "no state before the change" in run("scan", state, "--introduced").stdout


def test_a_misspelt_rule_is_a_usage_error_with_a_hint() -> None:
    result = run("scan", FIRST, "--select", "public-acl-raed")
    assert result.exit_code == 2
    assert "did you mean public-acl-read" in result.stderr


def test_a_misspelt_format_is_a_usage_error_with_a_hint() -> None:
    result = run("scan", FIRST, "-f", "jsno")
    assert result.exit_code == 2
    assert "Did you mean 'json'" in result.stderr


def test_an_input_that_cannot_be_read_is_one_line_and_hides_nothing() -> None:
    result = run("scan", "no-such-plan.json", UPDATE)
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("error: no-such-plan.json: ")
    assert "public-policy" in result.stdout
    assert "not judged: no-such-plan.json" in result.stdout


def test_errors_stand_in_json_too() -> None:
    result = run("scan", "no-such-plan.json", "-f", "json")
    assert result.exit_code == 2
    (error,) = json.loads(result.stdout)["errors"]
    assert error["path"] == "no-such-plan.json"


def test_standard_input() -> None:
    result = run("scan", "-", "-f", "json", text=Path(FIRST).read_text(encoding="utf-8"))
    assert json.loads(result.stdout)["summary"]["subjects"]["buckets"] == 1


def test_several_formats_at_once(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    result = run("scan", UPDATE, "-f", "text", "-f", f"json={file}")
    assert "public-policy" in result.stdout
    assert json.loads(file.read_text(encoding="utf-8"))["version"] == 1
    assert str(file) in result.stderr
    assert run("scan", UPDATE, "-f", "text", "-f", "json").exit_code == 2


def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run(
        "scan", UPDATE, "-f", f"sarif={tmp_path / 'missing' / 'report.sarif'}", "-f", "text", "-f", f"json={report}"
    )
    assert result.exit_code == 2
    assert "report.sarif: cannot be written" in result.stderr
    assert "public-policy" in result.stdout, "it hides no other"
    assert report.is_file()
    assert run("scan", UPDATE, "--write-baseline", str(tmp_path)).exit_code == 2
    summary = {"GITHUB_STEP_SUMMARY": str(tmp_path)}
    assert run("scan", GOOD, "--fail-on", "never", "-f", "github", env=summary).exit_code == 0, "nobody asked for it"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", [("scan", FIRST), ("rules",)], ids=lambda command: command[0])
def test_a_full_disk_is_said(command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "iacscan", *command], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "error: standard output cannot be written: No space left on device\n"


def test_ctrl_c_is_not_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("iacscan.scanning.judge", stopped)
    result = run("scan", FIRST)
    assert result.exit_code == 130
    assert result.stderr == "stopped\n"


def test_a_fault_of_ours_is_not_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("no such\nthing")

    monkeypatch.setattr("iacscan.scanning.judge", broken)
    result = run("scan", FIRST)
    assert result.exit_code == 2
    assert re.fullmatch(
        r"error: a fault of iacscan, LookupError: no such thing \(test_cli\.py:\d+\); IACSCAN_DEBUG=1 .*\n",
        result.stderr,
    )
    assert isinstance(run("scan", FIRST, env={"IACSCAN_DEBUG": "1"}).exception, LookupError)


def test_colours_obey_the_option_and_the_environment() -> None:
    assert "\x1b[" in run("scan", UPDATE, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[" not in run("scan", UPDATE, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    assert "\x1b[" not in run("scan", UPDATE, "--no-color", env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[" not in run("scan", UPDATE).stdout


def test_rules_and_explain() -> None:
    assert "public-policy" in run("rules").stdout
    listed = {rule["id"]: rule for rule in json.loads(run("rules", "-f", "json").stdout)["rules"]}
    assert listed["sse-not-kms"]["default"] is False
    for rule in listed:
        assert run("explain", rule).stdout.startswith(f"{rule}: ")
    result = run("explain", "public-polic")
    assert result.exit_code == 2
    assert "did you mean public-policy" in result.stderr


def test_users_rules_are_added_and_their_mistakes_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    rule = (
        "id: queue-open\ntitle: Queue is open\nseverity: low\nsubject: aws_sqs_queue\nfail_when: '`true`'\n"
        "message: '{address} is open'\nwhy: x\nfix: x\nchecklist: own\n"
    )
    (folder / "queue-open.yaml").write_text(rule, encoding="utf-8")
    assert "queue-open" in run("rules", "--policies", str(folder)).stdout
    (folder / "broken.yaml").write_text("id: broken\nseverty: low\n", encoding="utf-8")
    result = run("scan", FIRST, "--policies", str(folder))
    assert result.exit_code == 2
    assert "broken.yaml:2" in result.stderr
    assert "did you mean 'severity'" in result.stderr


@pytest.mark.parametrize("name", ["-h", "--help"])
def test_help_names_the_exit_codes(name: str) -> None:
    assert "Exit codes: 0" in run("scan", name).stdout


def test_the_source_beside_a_plan_gives_places_and_verdicts() -> None:
    rule = ("--select", "insecure-transport", "--all-results")
    (alone,) = results(FIRST, *rule, "--source", "none")
    assert (alone["status"], alone["location"]) == ("unknown", None)
    (both,) = results(FIRST, *rule)
    assert both["status"] == "pass"
    assert both["location"]["path"].endswith("first-create/main.tf")  # type: ignore[index]


def test_a_named_source_without_terraform_is_an_error() -> None:
    result = run("scan", FIRST, "--source", str(FIXTURES / "golden"))
    assert result.exit_code == 2
    assert "no Terraform configuration" in result.stderr


def test_variables_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "acl" {}\nresource "aws_s3_bucket" "a" {\n  bucket = "a"\n  acl    = var.acl\n}\n', encoding="utf-8"
    )
    rule = ("--select", "public-acl-read", "--all-results")
    assert [item["status"] for item in results(str(tmp_path), *rule)] == ["unknown"]
    assert [item["status"] for item in results(str(tmp_path), *rule, "--var", "acl=public-read")] == ["fail"]
    result = run("scan", str(tmp_path), *rule, "-f", "json", env={"TF_VAR_acl": "private"})
    assert [item["status"] for item in json.loads(result.stdout)["results"]] == ["pass"]
    assert run("scan", str(tmp_path), "--var", "acl").exit_code == 2


def test_a_reference_counts_before_a_name_that_two_buckets_share(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        """
        resource "aws_s3_bucket" "a" { bucket = "same" }
        resource "aws_s3_bucket" "b" { bucket = "same" }
        locals { name = aws_s3_bucket.b.bucket }
        module "versioning" {
          source = "./versioning"
          bucket = local.name
        }
        """,
        encoding="utf-8",
    )
    (tmp_path / "versioning").mkdir()
    (tmp_path / "versioning" / "main.tf").write_text(
        """
        variable "bucket" {}
        resource "aws_s3_bucket_versioning" "this" {
          bucket = var.bucket
          versioning_configuration { status = "Enabled" }
        }
        """,
        encoding="utf-8",
    )
    found = results(str(tmp_path), "--select", "versioning-disabled", "--all-results")
    verdicts = {item["resource"]["address"]: item["status"] for item in found}  # type: ignore[index]
    assert verdicts == {"aws_s3_bucket.a": "fail", "aws_s3_bucket.b": "pass"}


def test_a_quiet_report_says_what_was_not_judged() -> None:
    result = run("scan", "no-such-plan.json", "--quiet")
    assert result.exit_code == 2
    assert "no-such-plan.json" in result.stdout


@pytest.mark.parametrize("option", ["--quiet", "--no-color"])
def test_an_error_is_said_once_where_a_terminal_shows_both_streams(option: str) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "iacscan", "scan", "no-such-plan.json", option]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        assert process.wait(timeout=60) == 2
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
    assert shown.count("no such file or directory") == 1
