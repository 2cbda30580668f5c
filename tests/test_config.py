"""The settings of a project: found, checked with lines and hints, in force, and the same to editors."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import iacscan
from iacscan.cli import main
from iacscan.config import checking, printing
from iacscan.config.discovery import find, load
from iacscan.config.settings import ConfigError, Settings
from iacscan.config.template import TEMPLATE
from iacscan.core import Location
from iacscan.rules.yaml_nodes import Mapping, plain, read_yaml
from iacscan.triage.waivers import Waiver

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "docs" / "config.schema.json").read_text(encoding="utf-8"))
PUBLIC = 'resource "aws_s3_bucket" "b" {\n  bucket = "h6"\n  acl    = "public-read"\n}\n'


def run(*arguments: str) -> Result:
    clean = {"NO_COLOR": "1", "GITHUB_STEP_SUMMARY": "", "GITHUB_WORKSPACE": "", "CI_PROJECT_DIR": ""}
    return CliRunner(env=clean).invoke(main, arguments)


def statuses(*arguments: str) -> dict[str, str]:
    result = run("scan", "-f", "json", "--all-results", *arguments)
    assert result.exit_code in (0, 1), result.stderr
    return {item["rule"]: item["status"] for item in json.loads(result.stdout)["results"]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one open bucket in ``infra``; its root is the working directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(PUBLIC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(project: Path, text: str, name: str = ".iacscan.yaml") -> Path:
    path = project / name
    path.write_text(text, encoding="utf-8")
    return path


def test_it_is_found_upward_to_the_root_of_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    configure(tmp_path, "fail_on: low\n")
    assert find(inner) == tmp_path / ".iacscan.yaml"
    (tmp_path / "repository" / ".git").mkdir()
    assert find(inner) is None
    here = configure(tmp_path / "repository", "fail_on: low\n", ".iacscan.yml")
    assert find(inner) == here
    (inner / "main.tf").touch()
    nearer = configure(inner.parent, "[tool.iacscan]\n", "pyproject.toml")
    assert find(inner / "main.tf") == nearer
    configure(inner, "[tool.other]\n", "pyproject.toml")
    assert find(inner) == nearer


def test_a_file_that_anybody_could_have_put_there_does_not_count(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "mine").mkdir(parents=True)
    shared.chmod(0o777)
    configure(shared, "ignore: ['*']\n")
    assert find(shared / "mine") is None
    (shared / "plan.json").touch()
    assert find(shared / "plan.json") is None
    assert find(shared) == shared / ".iacscan.yaml"
    (shared / ".git").mkdir()
    assert find(shared / "mine") == shared / ".iacscan.yaml", "a repository is trusted as a whole"


def test_the_file_is_in_force_and_options_win(project: Path) -> None:
    configure(
        project, "select: [public-acl-read, versioning-disabled]\nignore: [versioning-disabled]\nfail_on: critical\n"
    )
    assert statuses("infra") == {"public-acl-read": "fail"}
    assert run("scan", "infra").exit_code == 0
    assert run("scan", "infra", "--fail-on", "high").exit_code == 1
    assert statuses("infra", "--select", "versioning-disabled") == {"versioning-disabled": "fail"}
    assert len(statuses("infra", "--config", "none")) > 2
    assert statuses("infra", "--ignore", "public-*") == {}


def test_the_file_of_the_first_path_counts_before_that_of_the_working_directory(project: Path) -> None:
    configure(project, "select: [versioning-disabled]\n")
    configure(project / "infra", "select: [public-acl-read]\n")
    assert set(statuses("infra")) == {"public-acl-read"}
    assert set(statuses("infra", "--config", ".iacscan.yaml")) == {"versioning-disabled"}


def test_severity_params_and_trusted_accounts(project: Path) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::h6/*",
        },
    }
    text = (
        PUBLIC
        + 'resource "aws_s3_bucket_policy" "b" {\n  bucket = aws_s3_bucket.b.id\n'
        + f"  policy = {json.dumps(json.dumps(policy))}\n}}\n"
    )
    (project / "infra" / "main.tf").write_text(text, encoding="utf-8")
    only = ("infra", "--select", "cross-account-access", "--select", "public-acl-read")
    assert statuses(*only)["cross-account-access"] == "fail"
    configure(project, "trusted_accounts: [111122223333]\nrules:\n  public-acl-read:\n    severity: low\n")
    assert statuses(*only)["cross-account-access"] == "pass"
    assert run("scan", *only).exit_code == 0
    configure(project, "rules:\n  cross-account-access:\n    params:\n      trusted: [111122223333]\n")
    assert statuses(*only)["cross-account-access"] == "pass"
    configure(project, "rules:\n  public-acl-read:\n    enabled: false\n  sse-not-kms:\n    enabled: true\n")
    found = statuses("infra")
    assert "public-acl-read" not in found
    assert "sse-not-kms" in found
    assert "public-acl-read" in statuses("infra", "--enable", "public-acl-read"), "the command line wins"


def test_a_profile_and_what_overrides_it(project: Path) -> None:
    configure(project, "profile: cis\n")
    cis = set(statuses("infra"))
    assert cis < set(statuses("infra", "--profile", "strict"))
    assert "sse-not-kms" not in cis
    configure(project, "profile: cis\nrules:\n  sse-not-kms: {enabled: true}\n")
    assert set(statuses("infra")) == cis | {"sse-not-kms"}
    configure(project, "profile: nobody\n")
    assert "no profile is called 'nobody'" in run("scan", "infra").stderr


def test_scope_reaches_the_rules_that_ask_for_it(project: Path) -> None:
    rule = (
        "id: scoped\ntitle: t\nseverity: low\nsubject: bucket\nparams: {scope: input}\n"
        "fail_when: params.scope == 'account'\nmessage: '{address}'\nwhy: x\nfix: x\nchecklist: own\n"
    )
    (project / "policies").mkdir()
    (project / "policies" / "scoped.yaml").write_text(rule, encoding="utf-8")
    configure(project, "policies: [policies]\nselect: [scoped]\n")
    assert statuses("infra") == {"scoped": "pass"}
    configure(project, "policies: [policies]\nselect: [scoped]\nscope: account\n")
    assert statuses("infra") == {"scoped": "fail"}


SUPPRESSION = """\
suppressions:
  - rule: public-acl-*
    {which}
    reason: the web site
"""


@pytest.mark.parametrize(
    ("which", "status"),
    [
        ("resource: aws_s3_bucket.b", "suppressed"),
        ("resource: aws_s3_bucket.*", "suppressed"),
        ("resource: aws_s3_bucket.other", "fail"),
        ("path: infra/main.tf", "suppressed"),
        ("path: infra", "suppressed"),
        ("path: '**/*.tf'", "suppressed"),
        ("path: '*.tf'", "fail"),
        ("path: infra/**", "suppressed"),
        ("path: inf", "fail"),
        ("resource: '*'", "suppressed"),
        ("until: 2020-01-01\n    resource: '*'", "fail"),
        ("until: 2999-01-01\n    resource: '*'", "suppressed"),
    ],
)
def test_suppressions(project: Path, which: str, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project, SUPPRESSION.format(which=which))
    assert statuses("infra", "--select", "public-acl-read") == {"public-acl-read": status}
    monkeypatch.chdir(project / "infra")
    assert statuses("--select", "public-acl-read") == {"public-acl-read": status}, "paths are as seen from the file"


def test_instances_fit_the_address_of_their_block(project: Path) -> None:
    (project / "infra" / "main.tf").write_text(
        PUBLIC.replace("{\n", '{\n  for_each = toset(["x.y"])\n', 1), encoding="utf-8"
    )
    for resource in ("aws_s3_bucket.b", "aws_s3_bucket.b[*]", "'aws_s3_bucket.b[\"x.y\"]'"):
        configure(project, SUPPRESSION.format(which=f"resource: {resource}"))
        assert statuses("infra", "--select", "public-acl-read") == {"public-acl-read": "suppressed"}
    configure(project, SUPPRESSION.format(which="resource: '*[\"y\"]'"))
    assert statuses("infra", "--select", "public-acl-read") == {"public-acl-read": "fail"}


@pytest.mark.parametrize(
    ("which", "level", "said"),
    [
        (
            "resource: aws_s3_bucket.b\n    until: 2020-01-01",
            "warning",
            "ended on 2020-01-01, and what it covers counts again",
        ),
        ("resource: aws_s3_bucket.gone", "note", "is not needed"),
    ],
)
def test_suppressions_that_are_over_or_unused_are_said(project: Path, which: str, level: str, said: str) -> None:
    configure(project, SUPPRESSION.format(which=which))
    settings = load(project / ".iacscan.yaml")
    report = iacscan.scan(["infra"], select=("public-acl-read",), settings=settings, today=date(2026, 11, 21))
    (found,) = (item for item in report.diagnostics if "suppression" in item.message)
    assert found.level == level
    assert said in found.message
    assert found.location is not None
    assert found.location.path == ".iacscan.yaml"
    assert found.location.span is not None
    assert found.location.span.start_line == 2


def test_one_for_what_passes_is_a_warning(project: Path) -> None:
    (project / "infra" / "main.tf").write_text(PUBLIC.replace("public-read", "private"), encoding="utf-8")
    configure(project, SUPPRESSION.format(which="resource: aws_s3_bucket.b"))
    report = json.loads(run("scan", "infra", "-f", "json").stdout)
    assert any("is not needed" in item["message"] for item in report["warnings"])


def test_tags_suppress_where_they_may(project: Path) -> None:
    tags = '  tags   = { "iacscan-ignore" = "versioning-disabled public-acl-read" }\n}\n'
    (project / "infra" / "main.tf").write_text(PUBLIC.replace("}\n", tags), encoding="utf-8")
    only = ("infra", "--select", "public-acl-read", "--select", "versioning-disabled", "--select", "acls-enabled")
    assert set(statuses(*only).values()) <= {"fail", "pass"}
    configure(project, "suppress_by_tag: iacscan-ignore\n")
    found = statuses(*only)
    assert (found["public-acl-read"], found["versioning-disabled"]) == ("suppressed", "suppressed")
    assert found.get("acls-enabled") != "suppressed"
    assert statuses(*only, "--no-suppressions")["public-acl-read"] == "fail"


PROBLEMS = [
    ("selct: [a]\n", 1, "unknown key 'selct'; did you mean 'select'?"),
    ("\nselect: public-*\n", 2, "'select' must be a list, not text"),
    ("select: [public-acl-raed]\n", 1, "no rule is called 'public-acl-raed'; did you mean 'public-acl-read'?"),
    (
        "fail_on: hihg\n",
        1,
        "'fail_on' must be one of low, medium, high, critical, never, not 'hihg'; did you mean 'high'?",
    ),
    ("fail_on_unknown: maybe\n", 1, "'fail_on_unknown' must be true or false, not text"),
    ("scope: world\n", 1, "'scope' must be one of input, account, not 'world'"),
    ("trusted_accounts:\n  - 111122223333\n  - 42\n", 3, "'trusted_accounts' holds '42'"),
    ("rules:\n  public-acl-raed: {enabled: false}\n", 2, "no rule is called 'public-acl-raed'; did you mean"),
    (
        "rules:\n  public-acl-read:\n    severty: low\n",
        3,
        "unknown key 'severty' in 'rules.public-acl-read'; did you mean 'severity'?",
    ),
    ("rules:\n  public-acl-read:\n    severity: bad\n", 3, "'rules.public-acl-read.severity' must be one of low"),
    ("rules:\n  public-acl-read:\n    params: {a: b}\n", 2, "has no parameter 'a'; it has none"),
    ("rules:\n  untagged-public-bucket:\n    params: {kee: b}\n", 2, "has no parameter 'kee'; did you mean 'key'?"),
    (
        "rules:\n  cross-account-access:\n    params: {trusted: b}\n",
        2,
        "'trusted' of 'cross-account-access' must be a list",
    ),
    ("rules: [a]\n", 1, "'rules' must be a mapping, not a list"),
    ("suppressions:\n  - rule: a\n    resource: b\n", 2, "'suppressions[0]' has no 'reason'"),
    ("suppressions:\n  - reason: a\n    resource: b\n", 2, "'suppressions[0]' has no 'rule'"),
    ("suppressions:\n  - {rule: a, reason: b}\n", 2, "needs a 'resource' or a 'path'"),
    (
        "suppressions:\n  - {rule: a, reason: b, path: c,\n     until: 2026-13-01}\n",
        3,
        "must be a date such as 2027-06-30",
    ),
    ("suppressions:\n  - {rule: a, reason: '', path: c}\n", 2, "'suppressions[0].reason' is empty"),
    (
        "suppressions:\n  - {rule: a, reason: b, pth: c}\n",
        2,
        "unknown key 'pth' in 'suppressions[0]'; did you mean 'path'?",
    ),
    ("fail_on: low\npolicies:\n  - infra\n  - gone\n", 4, "'policies' names gone, which is no directory"),
    ("suppress_by_tag: 'a#b'\n", 1, "cannot be the key of a tag"),
    ("select: [a]\nselect: [b]\n", 2, "key 'select' is already on line 1"),
    ("- a\n", 1, "a configuration file is a mapping, not a list"),
    ("a: [\n", 2, "not YAML"),
    ("a: &b c\nd: *b\n", 1, "anchors and aliases are not supported"),
]


@pytest.mark.parametrize(("text", "line", "said"), PROBLEMS)
def test_mistakes_are_said_with_their_line(project: Path, text: str, line: int, said: str) -> None:
    configure(project, text)
    result = run("scan", "infra")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"error: .iacscan.yaml:{line}" in result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_all_mistakes_are_said_at_once(project: Path) -> None:
    configure(project, "fail_on: x\nselct: []\nscope: y\nrules:\n  no-such-rule:\n    enabled: true\n")
    places = [line.split(": ")[1] for line in run("scan", "infra").stderr.splitlines()]
    assert [place.split(":")[1] for place in places] == ["1", "2", "3", "5"]


def test_a_file_that_is_not_there(project: Path) -> None:
    result = run("scan", "infra", "--config", "missing.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: missing.yaml: cannot be read")


TOML = """\
[project]
name = "x"

[tool.iacscan]
select = ["public-acl-read"]
{}
[tool.iacscan.rules.public-acl-read]
severity = "low"

[[tool.iacscan.suppressions]]
rule = "public-acl-read"
path = "infra"
until = 2999-01-01
reason = "a"
"""


def test_pyproject(project: Path) -> None:
    configure(project, TOML.format("fail_on = 'low'"), "pyproject.toml")
    assert statuses("infra") == {"public-acl-read": "suppressed"}
    assert run("scan", "infra", "--no-suppressions").exit_code == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (TOML.format("fail_no = 'low'"), 6, "unknown key 'fail_no'; did you mean 'fail_on'?"),
        (TOML.format("").replace('"low"', '"lov"'), 8, "must be one of low"),
        (TOML.format("").replace("reason", "raeson"), 14, "unknown key 'raeson'"),
        (
            TOML.format("") + '[[tool.iacscan.suppressions]]\nrule = "a"\nreason = "b"\n',
            15,
            "needs a 'resource' or a 'path'",
        ),
        ("[tool.iacscan]\nselect = [\n", None, "not TOML"),
    ],
)
def test_mistakes_in_pyproject_have_lines_too(project: Path, text: str, line: int | None, said: str) -> None:
    configure(project, text, "pyproject.toml")
    result = run("scan", "infra")
    assert result.exit_code == 2
    assert said in result.stderr
    assert (f"pyproject.toml:{line}:" if line else "pyproject.toml:") in result.stderr


def test_the_same_table_in_toml_and_yaml_is_the_same(project: Path) -> None:
    toml = load(configure(project, TOML.format(""), "pyproject.toml"))
    yaml = load(
        configure(
            project,
            "select: [public-acl-read]\nrules: {public-acl-read: {severity: low}}\n"
            "suppressions: [{rule: public-acl-read, path: infra, until: 2999-01-01, reason: a}]\n",
        )
    )
    assert printing.render(toml) == printing.render(yaml)


def test_init_writes_a_file_that_says_nothing_yet(project: Path) -> None:
    result = run("init")
    assert result.exit_code == 0
    assert load(project / ".iacscan.yaml") == Settings(path=".iacscan.yaml")
    again = run("init")
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert run("init", "--force").exit_code == 0
    assert run("init", "missing").exit_code == 2


def test_init_says_what_it_takes_the_place_of(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.iacscan]\nfail_on = "low"\n', encoding="utf-8")
    assert "[tool.iacscan] in pyproject.toml beside it does not count any more" in run("init").stderr
    assert "[tool.iacscan]" not in run("init", "--force").stderr, "it did not count before"


def test_every_example_of_the_template_is_valid(project: Path) -> None:
    (project / "policies").mkdir()
    """Uncommented, each setting of the template is one that the checks take, and every key is there."""
    settings = re.findall(r"^# ((?: +|[a-z_]+:).*)$", TEMPLATE, re.MULTILINE)
    path = configure(project, "\n".join(settings) + "\n")
    document, _ = read_yaml(path.read_text(encoding="utf-8"))
    assert isinstance(document, Mapping)
    assert set(document.entries) == set(checking.KEYS)
    assert load(path).suppressions


def test_print_config_shows_what_is_in_force(project: Path) -> None:
    configure(project, TEMPLATE + "fail_on: high\nignore: [sse-disabled]\n")
    result = run("scan", "infra", "--print-config", "--ignore", "website-endpoint", "--fail-on-unknown")
    assert result.exit_code == 0
    assert result.stdout == (
        "# in force, from .iacscan.yaml and the command line\n"
        "ignore:\n  - sse-disabled\n  - website-endpoint\nfail_on: high\nfail_on_unknown: true\n"
    )


DOCUMENTS: list[tuple[Any, bool]] = [
    ({}, True),
    ({"select": ["a"], "ignore": [], "enable": ["*"]}, True),
    ({"select": "a"}, False),
    ({"select": [None]}, False),
    ({"select": [""]}, False),
    ({"select": [True]}, False),
    ({"fail_on": "never"}, True),
    ({"fail_on": "none"}, False),
    ({"fail_on": 1}, False),
    ({"fail_on_unknown": True}, True),
    ({"fail_on_unknown": "true"}, False),
    ({"profile": "a"}, True),
    ({"profile": []}, False),
    ({"policies": ["a", "b"]}, True),
    ({"policies": {"a": 1}}, False),
    ({"trusted_accounts": ["000000000001", 111122223333]}, True),
    ({"trusted_accounts": ["1"]}, False),
    ({"trusted_accounts": [1]}, False),
    ({"scope": "account"}, True),
    ({"scope": "input"}, True),
    ({"scope": "other"}, False),
    ({"rules": {"a": {}}}, True),
    ({"rules": {"a": {"severity": "low", "enabled": False, "params": {"b": [1, "c"]}}}}, True),
    ({"rules": {"a": {"severity": "worst"}}}, False),
    ({"rules": {"a": {"enabled": "yes"}}}, False),
    ({"rules": {"a": {"params": []}}}, False),
    ({"rules": {"a": {"other": 1}}}, False),
    ({"rules": {"a": None}}, False),
    ({"rules": ["a"]}, False),
    ({"suppressions": [{"rule": "a", "reason": "b", "path": "c"}]}, True),
    ({"suppressions": [{"rule": "a", "reason": "b", "resource": "c", "until": "2026-01-31"}]}, True),
    ({"suppressions": [{"rule": "a", "reason": "b"}]}, False),
    ({"suppressions": [{"rule": "a", "path": "c"}]}, False),
    ({"suppressions": [{"reason": "a", "path": "c"}]}, False),
    ({"suppressions": [{"rule": "a", "reason": "b", "path": "c", "until": "soon"}]}, False),
    ({"suppressions": [{"rule": "a", "reason": " ", "path": "c"}]}, False),
    ({"suppressions": [{"rule": "a", "reason": "b", "path": "c", "extra": "d"}]}, False),
    ({"suppressions": ["a"]}, False),
    ({"suppressions": {}}, False),
    ({"suppress_by_tag": "a:b"}, True),
    ({"suppress_by_tag": "a#b"}, False),
    ({"unknown": 1}, False),
]


def checked(document: Any) -> tuple[Settings, tuple[Any, ...]]:
    node, _ = read_yaml(json.dumps(document))
    assert isinstance(node, Mapping)
    return checking.check(node, "x.yaml")


@pytest.mark.parametrize(("document", "valid"), DOCUMENTS, ids=lambda value: json.dumps(value)[:60])
def test_the_schema_for_editors_agrees_with_the_checks(document: Any, valid: bool) -> None:
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is valid
    assert (not checked(document)[1]) is valid


def test_the_schema_has_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert tuple(SCHEMA["properties"]) == checking.KEYS
    assert tuple(SCHEMA["properties"]["rules"]["additionalProperties"]["properties"]) == checking.RULE_KEYS
    assert tuple(SCHEMA["properties"]["suppressions"]["items"]["properties"]) == checking.SUPPRESSION_KEYS


line_ = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
waivers = st.builds(
    Waiver,
    line_,
    line_,
    st.just(Location("x.yaml")),
    until=st.none() | st.dates(date(1900, 1, 1)),
    resource=line_,
)


@given(
    st.builds(
        Settings,
        select=st.lists(line_, max_size=3).map(tuple),
        fail_on=st.sampled_from([None, "low", "never"]),
        fail_on_unknown=st.sampled_from([None, True, False]),
        profile=st.none() | line_,
        trusted_accounts=st.lists(st.from_regex(r"[0-9]{12}", fullmatch=True), max_size=2).map(tuple),
        suppressions=st.lists(waivers, max_size=3).map(tuple),
    )
)
def test_what_is_printed_reads_back(settings: Settings) -> None:
    text = printing.render(settings)
    document, duplicates = read_yaml(text)
    assert isinstance(document, Mapping)
    assert not duplicates
    read, problems = checking.check(document, "")
    assert not problems
    assert printing.render(read) == text
    assert read.select == settings.select
    assert [(item.id, item.reason, item.resource, item.until) for item in read.suppressions] == [
        (item.id, item.reason, item.resource, item.until) for item in settings.suppressions
    ]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda x: (
            st.lists(x, max_size=3) | st.dictionaries(st.sampled_from([*checking.KEYS, "rule", "a"]), x, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_anything_gives_settings_or_problems(document: Any) -> None:
    try:
        node, _ = read_yaml(json.dumps(document))
    except ValueError:
        return
    if isinstance(node, Mapping):
        checking.check(node, "x.yaml")
        assert plain(node) is not None


def test_config_errors_carry_all_problems(project: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(configure(project, "a: 1\nb: 2\n"))
    assert len(raised.value.problems) == 2


GUIDES = ("configuration.md", "suppressions.md", "policies.md")


def blocks(kind: str) -> list[str]:
    texts = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in GUIDES]
    return [block for text in texts for block in re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)]


def test_the_guides_show_settings_that_are_valid(project: Path) -> None:
    shown = [block for block in blocks("yaml") if not block.startswith("id: ")]
    assert len(shown) >= 3
    for block in shown:
        assert load(configure(project, block))
    for block in blocks("toml"):
        assert load(configure(project, block, "pyproject.toml")).suppressions


def test_the_guide_shows_mistakes_as_they_are_said(project: Path) -> None:
    configure(project, "selct: []\nfail_on: hihg\n")
    assert run("scan", "infra").stderr in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_the_guide_shows_comments_that_work(project: Path) -> None:
    (block,) = blocks("hcl")
    (project / "infra" / "main.tf").write_text(block, encoding="utf-8")
    result = json.loads(run("scan", "infra", "-f", "json", "--select", "public-acl-read", "--show-suppressed").stdout)
    assert [item["status"] for item in result["results"]] == ["suppressed"]


def test_suppressed_findings_in_formats(project: Path) -> None:
    configure(project, SUPPRESSION.format(which="resource: aws_s3_bucket.b"))
    only = ("scan", "infra", "--select", "public-acl-read")
    assert "1 suppressed" in run(*only).stdout
    assert "the web site" not in run(*only).stdout
    assert "the web site" in run(*only, "--show-suppressed").stdout
    for option, count in (("--show-suppressed", 0), ("--sarif-suppressed", 1)):
        sarif = json.loads(run(*only, "-f", "sarif", option).stdout)
        assert len(sarif["runs"][0]["results"]) == count


def test_a_limit_for_markdown(project: Path) -> None:
    text = run("scan", "infra", "-f", "markdown", "--markdown-limit", "1000").stdout
    assert 0 < len(text.encode()) <= 1000
    assert len(run("scan", "infra", "-f", "markdown").stdout) > 1000
