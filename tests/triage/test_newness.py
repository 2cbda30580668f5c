"""What is new: compared with a baseline file, and with the source at a git revision."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import iacscan
from iacscan.cli import main
from iacscan.core import Verdict
from iacscan.findings import Report
from iacscan.inputs.revision import revision
from iacscan.scanning import UsageError
from iacscan.triage import baseline
from iacscan.triage.known import Entry, entries

ACL = "public-acl-read"


def bucket(name: str, acl: str = "public-read", extra: str = "") -> str:
    return f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "h6-{name}"\n  acl    = {json.dumps(acl)}\n{extra}}}\n'


def scan(path: Path, **options: Any) -> Report:
    return iacscan.scan([path], select=(ACL,), **options)


def addresses(report: Report) -> set[str]:
    return {item.address for item in report.findings}


def write_baseline(path: Path, report: Report, roots: dict[str, str] | None = None) -> Path:
    path.write_text(baseline.render(entries(report.findings, roots or {})), encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "main.tf").write_text(bucket("old"), encoding="utf-8")
    return folder


def test_a_baseline_leaves_the_new(project: Path) -> None:
    file = write_baseline(project.parent / "baseline.json", scan(project))
    (project / "main.tf").write_text("# moved\n\n" + bucket("old") + bucket("new"), encoding="utf-8")
    report = scan(project, baseline=file)
    assert addresses(report) == {"aws_s3_bucket.new"}
    assert [item.introduced for item in report.findings] == [True]
    assert report.summary.failures == 1
    every = scan(project, baseline=file, all_results=True)
    assert addresses(every) == {"aws_s3_bucket.new"}, "what is not new is not shown"
    assert any("1 finding is in" in item.message for item in report.diagnostics)


def test_a_baseline_with_all_known_is_clean(project: Path) -> None:
    report = scan(project, baseline=write_baseline(project.parent / "b.json", scan(project)))
    assert not report.findings
    assert report.worst is None


MOVES = """\
moved {
  from = aws_s3_bucket.old
  to   = aws_s3_bucket.between["a"]
}
moved {
  from = aws_s3_bucket.between
  to   = module.m["x"].aws_s3_bucket.new
}
"""


def test_what_is_moved_is_not_new(project: Path) -> None:
    file = write_baseline(project.parent / "b.json", scan(project))
    module = project.parent / "module"
    module.mkdir()
    (module / "main.tf").write_text(bucket("new").replace("{\n", '{\n  for_each = toset(["a"])\n', 1), encoding="utf-8")
    call = 'module "m" {\n  source   = "../module"\n  for_each = toset(["x"])\n}\n'
    (project / "main.tf").write_text(call, encoding="utf-8")
    (address,) = addresses(scan(project, baseline=file))
    assert address == 'module.m["x"].aws_s3_bucket.new["a"]'
    (project / "moves.tf").write_text(MOVES, encoding="utf-8")
    report = scan(project, baseline=file)
    assert not report.findings
    assert not [item for item in report.diagnostics if item.level == "warning"], "its entry is met"
    middle = Entry(ACL, 'aws_s3_bucket.between["a"]', "fail")
    file.write_text(baseline.render([middle]), encoding="utf-8")
    assert not scan(project, baseline=file).findings, "a baseline written between the two moves"
    circle = [{"from": f"aws_s3_bucket.{a}", "to": f"aws_s3_bucket.{b}"} for a, b in ("xy", "yx")]
    (project / "circle.tf.json").write_text(json.dumps({"moved": circle}), encoding="utf-8")
    (project / "y.tf").write_text(bucket("y"), encoding="utf-8")
    assert addresses(scan(project, baseline=file)) == {"aws_s3_bucket.y"}


def test_entries_that_match_nothing_are_said(project: Path) -> None:
    file = write_baseline(project.parent / "b.json", scan(project))
    (project / "main.tf").write_text(bucket("old", "private"), encoding="utf-8")
    (warning,) = (item for item in scan(project, baseline=file).diagnostics if item.level == "warning")
    assert warning.message == (
        "1 entry matches no finding any more: public-acl-read of aws_s3_bucket.old; write the baseline again"
    )
    other = iacscan.scan([project], select=("versioning-disabled",), baseline=file)
    assert not [item for item in other.diagnostics if item.level == "warning"], "that rule did not run"


def test_what_was_unknown_and_fails_now_is_new(project: Path) -> None:
    (project / "main.tf").write_text(
        'variable "acl" {}\n' + bucket("old").replace('"public-read"', "var.acl"), encoding="utf-8"
    )
    report = scan(project)
    assert [item.verdict for item in report.findings] == [Verdict.UNKNOWN]
    file = write_baseline(project.parent / "b.json", report)
    assert not scan(project, baseline=file).findings
    assert addresses(scan(project, baseline=file, variables={"acl": "public-read"})) == {"aws_s3_bucket.old"}


def test_roots_with_the_same_addresses_stay_apart(tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(bucket("same"), encoding="utf-8")
    known = Entry(ACL, "aws_s3_bucket.same", "fail", "dev")
    file = tmp_path / "b.json"
    file.write_text(baseline.render([known]), encoding="utf-8")
    report = scan(tmp_path, baseline=file)
    assert [Path(item.input).name for item in report.findings] == ["prod"]


def test_suppressed_findings_are_not_listed(project: Path) -> None:
    (project / "main.tf").write_text(f"# iacscan:ignore={ACL} x\n{bucket('old')}", encoding="utf-8")
    assert entries(scan(project, all_results=True).findings, {}) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "b.json:1: not a baseline"),
        ("[]", "has no list 'findings'"),
        ('{"version": 1}', "has no list 'findings'"),
        ('{"version": 2, "findings": []}', "version 2"),
        ('{"version": 1, "findings": [1]}', "findings[0]"),
        ('{"version": 1, "findings": [{"rule": "a", "address": 1}]}', "findings[0]"),
        ("[" * 100_000, "not a baseline"),
    ],
)
def test_a_file_that_is_no_baseline(project: Path, text: str, said: str) -> None:
    file = project.parent / "b.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        scan(project, baseline=file)
    assert said in str(raised.value)


def test_a_baseline_that_is_not_there(project: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        scan(project, baseline=project / "missing.json")


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
some_entries = st.lists(st.builds(Entry, words, words, st.sampled_from(["fail", "unknown"]), st.just("") | words))


@given(some_entries)
def test_a_baseline_reads_back_and_is_in_order(found: list[Entry]) -> None:
    text = baseline.render(found)
    assert list(baseline.read(text).entries) == sorted(found)
    assert baseline.render(reversed(found)) == text
    assert text.count('"fingerprint": ') == len(found)


def git(folder: Path, *arguments: str) -> None:
    identity = {"GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com"}
    identity |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in identity.items()}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(project: Path) -> Path:
    """``infra`` committed in a repository, with a module beside it."""
    top = project.parent
    (top / "module").mkdir()
    (top / "module" / "main.tf").write_text(
        'variable "acl" {}\n' + bucket("m").replace('"public-read"', "var.acl"), encoding="utf-8"
    )
    (project / "call.tf").write_text(
        'module "m" {\n  source = "../module"\n  acl    = "public-read"\n}\n', encoding="utf-8"
    )
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    return top


def test_since_leaves_what_is_new(repository: Path) -> None:
    infra = repository / "infra"
    (infra / "main.tf").rename(infra / "renamed.tf")
    (infra / "new.tf").write_text("\n\n" + bucket("new"), encoding="utf-8")
    assert addresses(scan(infra)) == {"aws_s3_bucket.old", "aws_s3_bucket.new", "module.m.aws_s3_bucket.m"}
    report = scan(infra, since="HEAD")
    assert addresses(report) == {"aws_s3_bucket.new"}
    assert [item.introduced for item in report.findings] == [True]
    assert any("2 findings are as they were at HEAD" in item.message for item in report.diagnostics)


def test_since_touches_nothing(repository: Path) -> None:
    (repository / "infra" / "main.tf").write_text(bucket("changed"), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in repository.rglob("*")}
    scan(repository / "infra", since="HEAD")
    assert {path: path.stat().st_mtime_ns for path in repository.rglob("*")} == before


def test_since_sees_what_got_worse(repository: Path) -> None:
    (repository / "infra" / "main.tf").write_text(bucket("old", "private"), encoding="utf-8")
    git(repository, "commit", "-q", "-am", "closed")
    (repository / "infra" / "main.tf").write_text(bucket("old"), encoding="utf-8")
    assert addresses(scan(repository / "infra", since="HEAD")) == {"aws_s3_bucket.old"}
    assert addresses(scan(repository / "infra", since="HEAD~1")) == set()


def test_since_follows_a_directory_that_is_new(repository: Path) -> None:
    fresh = repository / "fresh"
    fresh.mkdir()
    (fresh / "main.tf").write_text(bucket("old"), encoding="utf-8")
    assert addresses(scan(fresh, since="HEAD")) == {"aws_s3_bucket.old"}
    assert addresses(scan(repository, since="HEAD")) == {"aws_s3_bucket.old"}


def test_since_takes_ignored_variables_and_fetched_modules_from_the_work_tree(repository: Path) -> None:
    infra = repository / "infra"
    (repository / ".gitignore").write_text(".terraform/\n*.tfvars\n", encoding="utf-8")
    (infra / "main.tf").write_text(
        'variable "acl" {}\n'
        + bucket("old").replace('"public-read"', "var.acl")
        + 'module "far" {\n  source = "x/y/aws"\n}\n',
        encoding="utf-8",
    )
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    (infra / "terraform.tfvars").write_text('acl = "public-read"\n', encoding="utf-8")
    module = infra / ".terraform" / "modules" / "far"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(bucket("far"), encoding="utf-8")
    manifest = {"Modules": [{"Key": "far", "Source": "x/y/aws", "Dir": ".terraform/modules/far"}]}
    (module.parent / "modules.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "module.far.aws_s3_bucket.far" in addresses(scan(infra))
    assert addresses(scan(infra, since="HEAD")) == set()


def test_since_reads_variable_files_as_they_were(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    infra = repository / "infra"
    text = 'variable "acl" {}\n' + bucket("old").replace('"public-read"', "var.acl")
    (infra / "main.tf").write_text(text, encoding="utf-8")
    (infra / "call.tf").unlink()
    values = repository / "prod.tfvars"
    values.write_text('acl = "private"\n', encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "closed")
    values.write_text('acl = "public-read"\n', encoding="utf-8")
    monkeypatch.chdir(repository)
    assert addresses(scan(infra, since="HEAD", var_files=("prod.tfvars",))) == {"aws_s3_bucket.old"}
    fresh = repository / "fresh.tfvars"
    fresh.write_text('acl = "public-read"\n', encoding="utf-8")
    assert addresses(scan(infra, since="HEAD", var_files=("fresh.tfvars",))) == set()


def test_since_keeps_the_workspace_that_was_selected(repository: Path) -> None:
    infra = repository / "infra"
    (infra / "main.tf").write_text(
        bucket("old").replace('"public-read"', 'terraform.workspace == "prod" ? "private" : "public-read"'),
        encoding="utf-8",
    )
    (infra / "call.tf").unlink()
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "closed in prod")
    (infra / ".terraform").mkdir()
    (infra / ".terraform" / "environment").write_text("prod", encoding="utf-8")
    (infra / "main.tf").write_text(bucket("old"), encoding="utf-8")
    assert addresses(scan(infra, since="HEAD")) == {"aws_s3_bucket.old"}


def test_since_follows_what_count_makes_of_an_address(repository: Path) -> None:
    infra = repository / "infra"
    (infra / "main.tf").write_text(bucket("old", extra="  count = 1\n"), encoding="utf-8")
    assert addresses(scan(infra)) >= {"aws_s3_bucket.old[0]"}
    assert addresses(scan(infra, since="HEAD")) == set()


def test_since_names_what_a_change_takes_away(repository: Path) -> None:
    infra = repository / "infra"
    versioning = """resource "aws_s3_bucket_versioning" "old" {
  bucket = aws_s3_bucket.old.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""
    (infra / "versioning.tf").write_text(versioning, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "versioned")
    (infra / "versioning.tf").unlink()
    report = iacscan.scan([infra], select=("protection-removed",), since="HEAD")
    (finding,) = report.findings
    assert (finding.address, finding.introduced) == ("aws_s3_bucket.old", True)
    assert finding.location is not None
    assert finding.location.path.endswith("infra/main.tf")
    assert "aws_s3_bucket_versioning.old is deleted" in finding.evidence[0].text


def test_since_runs_no_filter_and_follows_no_link_out(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.tf").write_text(bucket("outside"), encoding="utf-8")
    (repository / "infra" / "out.tf").symlink_to(outside / "secret.tf")
    (repository / "infra" / "twin.tf.json").symlink_to("../twin.json")
    twin = {"resource": {"aws_s3_bucket": {"twin": {"bucket": "h6-twin", "acl": "public-read"}}}}
    (repository / "twin.json").write_text(json.dumps(twin), encoding="utf-8")
    mark = repository / "filtered"
    (repository / ".gitattributes").write_text("*.tf filter=mark export-ignore\n", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "links")
    git(repository, "config", "filter.mark.smudge", f"touch {mark}")
    assert addresses(scan(repository / "infra", since="HEAD")) == {"aws_s3_bucket.outside"}
    assert not mark.exists()


def test_since_without_a_repository_or_revision(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(UsageError, match="there is no revision 'nowhere'"):
        scan(repository / "infra", since="nowhere")
    with pytest.raises(UsageError, match="there is no revision '--all'"):
        scan(repository / "infra", since="--all")
    alone = tmp_path_factory.mktemp("alone")
    (alone / "main.tf").write_text(bucket("a"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"--since: git rev-parse: .*not a git repository"):
        scan(alone, since="HEAD")


def test_since_sees_what_submodules_had(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    far = tmp_path_factory.mktemp("far")
    (far / "main.tf").write_text(bucket("far"), encoding="utf-8")
    git(far, "init", "-q")
    git(far, "add", ".")
    git(far, "commit", "-q", "-m", "first")
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", far.as_uri(), "far")
    (repository / "infra" / "far.tf").write_text('module "far" {\n  source = "../far"\n}\n', encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "submodule")
    assert addresses(scan(repository / "infra", since="HEAD")) == set()
    (repository / "far" / "main.tf").write_text(bucket("far") + bucket("more"), encoding="utf-8")
    assert addresses(scan(repository / "infra", since="HEAD")) == {"module.far.aws_s3_bucket.more"}


def test_since_reads_what_source_reads_and_nothing_else(repository: Path) -> None:
    policy = repository / "policies" / "acl.txt"
    program = repository / "app" / "main.py"
    for path, text in (
        (policy, "public-read"),
        (program, "x = 1"),
        (repository / "infra" / "files" / "acl.py", "private"),
    ):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    text = bucket("old").replace('"public-read"', 'file("${path.module}/../policies/acl.txt")')
    text += bucket("b").replace('"public-read"', 'file("${path.module}/files/acl.py")')
    (repository / "infra" / "main.tf").write_text(text, encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "more")
    assert addresses(scan(repository / "infra", since="HEAD")) == set()
    with revision("HEAD", repository) as then:
        assert not then.path(str(program)).exists()
    (repository / "infra" / "files" / "acl.py").write_text("public-read", encoding="utf-8")
    assert addresses(scan(repository / "infra", since="HEAD")) == {"aws_s3_bucket.b"}


def test_since_works_in_a_hook_of_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert addresses(scan(Path("infra"), since="HEAD")) == set()


def test_before_the_first_commit_all_is_new(project: Path) -> None:
    git(project, "init", "--quiet")
    assert addresses(scan(project, since="HEAD")) == {"aws_s3_bucket.old"}
    with pytest.raises(UsageError, match="no revision 'main'"):
        scan(project, since="main")


def test_since_is_for_source() -> None:
    plan = Path(__file__).parent.parent.parent / "fixtures" / "plans" / "update" / "plan.json"
    with pytest.raises(UsageError, match="use --introduced"):
        scan(plan, since="HEAD")


def test_introduced_of_a_plan_and_a_baseline_both_count(tmp_path: Path) -> None:
    plan = Path(__file__).parent.parent.parent / "fixtures" / "plans" / "update" / "plan.json"
    new = iacscan.scan([plan], introduced=True)
    first = new.findings[0]
    file = tmp_path / "b.json"
    file.write_text(baseline.render([Entry(first.rule.id, first.address, first.verdict.value)]), encoding="utf-8")
    report = iacscan.scan([plan], introduced=True, baseline=file)
    assert [item.fingerprint for item in report.findings] == [item.fingerprint for item in new.findings[1:]]
    wide = iacscan.scan([plan], baseline=file)
    assert len(wide.findings) > len(report.findings), "without --introduced only the baseline says what is old"


def run(*arguments: str) -> Result:
    return CliRunner(env={"NO_COLOR": "1", "GITHUB_STEP_SUMMARY": ""}).invoke(
        main, ["scan", "--select", ACL, *arguments]
    )


def test_the_command_writes_a_baseline_and_reads_it(project: Path) -> None:
    file = project.parent / "b.json"
    first = run(str(project), "--write-baseline", str(file))
    assert first.exit_code == 0, "what is written is accepted"
    assert f"1 finding written to {file.as_posix()}" in first.stderr
    assert "public-acl-read" in first.stdout, "and shown"
    assert run(str(project)).exit_code == 1
    assert run(str(project), "--baseline", str(file)).exit_code == 0
    (project / "main.tf").write_text(bucket("old") + bucket("new"), encoding="utf-8")
    assert run(str(project), "--baseline", str(file)).exit_code == 1
    assert run(str(project), "--baseline", str(file), "--write-baseline", str(file)).exit_code == 0
    assert len(baseline.read(file.read_text(encoding="utf-8")).entries) == 2


def test_the_command_writes_no_baseline_of_half_a_scan(project: Path) -> None:
    (project / "broken.tf").write_text("resource {", encoding="utf-8")
    result = run(str(project), "--write-baseline", str(project.parent / "b.json"))
    assert result.exit_code == 2
    assert "not written" in result.stderr
    assert not (project.parent / "b.json").exists()


def test_the_command_says_why_there_is_nothing_to_compare_with(repository: Path) -> None:
    result = run(str(repository / "infra"), "--since", "nowhere")
    assert result.exit_code == 2
    assert "there is no revision 'nowhere'" in result.stderr
    assert run(str(repository / "infra"), "--since", "HEAD").exit_code == 0


def test_fingerprints_outlive_edits_and_moves(repository: Path) -> None:
    before = {item.fingerprint for item in scan(repository / "infra").findings}
    infra = repository / "infra"
    moved = "# a comment\n\n" + (infra / "main.tf").read_text(encoding="utf-8") + bucket("other", "private")
    (infra / "main.tf").unlink()
    (infra / "elsewhere.tf").write_text(moved, encoding="utf-8")
    assert {item.fingerprint for item in scan(infra).findings} == before
