"""Profiles: data that names a choice of rules, and what is said of faults in it."""

from pathlib import Path

import pytest

import iacscan
from iacscan import model, rules
from iacscan.scanning import Options, UsageError, select_rules

RULES, _ = rules.load([rules.builtin_directory()], model.FIELDS)
PROFILES = {profile.id: profile for profile in rules.load_profiles([rules.builtin_directory()])[0]}


def chosen(**options: object) -> set[str]:
    return {rule.id for rule in select_rules(RULES, Options(**options))}  # type: ignore[arg-type]


def written(folder: Path, text: str, name: str = "own") -> Path:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_builtin_profiles() -> None:
    assert set(PROFILES) == {"checklist", "strict", "cis", "security-hub"}
    assert chosen(profile="checklist") == chosen() == {rule.id for rule in RULES if rule.default}
    assert chosen(profile="strict") == {rule.id for rule in RULES}
    assert {rule.id for rule in RULES if "cis" in rule.maps} == chosen(profile="cis") != set()


def test_a_profile_is_refined_by_the_other_options() -> None:
    assert "sse-not-kms" not in chosen(profile="cis")
    assert "sse-not-kms" in chosen(profile="cis", enable=("sse-not-kms",))
    assert chosen(profile="strict", select=("iam-*",)) == {"iam-acl-write", "iam-s3-wildcard", "iam-user-access"}
    assert "public-policy" not in chosen(profile="strict", ignore=("public-*",))


def test_an_unknown_profile_is_an_error_that_names_the_others() -> None:
    with pytest.raises(UsageError, match="there are checklist, cis, security-hub, strict"):
        chosen(profile="csi")


def test_a_profile_of_the_user(tmp_path: Path) -> None:
    written(tmp_path, "id: own\ntitle: Own\ndescription: Ours.\nrules: [public-*]\n")
    assert chosen(profile="own", policies=(tmp_path,)) == {rule.id for rule in RULES if rule.id.startswith("public-")}


def test_profiles_are_no_rules(tmp_path: Path) -> None:
    source = next(path for path in rules.builtin_directory().rglob("public-policy.yaml"))
    (tmp_path / "mine.yaml").write_text(
        source.read_text(encoding="utf-8").replace("id: public-policy", "id: mine"), encoding="utf-8"
    )
    written(tmp_path, "id: own\ntitle: Own\ndescription: Ours.\ndefaults: true\n")
    found, problems = rules.load([tmp_path], model.FIELDS)
    assert [rule.id for rule in found] == ["mine"]
    assert not problems


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "a profile is a mapping, not a list"),
        ("id: own\ntitle: Own\ndescription: x\n", "one of defaults, rules, standard is needed"),
        ("id: own\ntitle: Own\ndescription: x\ndefaults: true\nstandard: cis\n", "only one"),
        ("id: own\ntitle: Own\ndescription: x\ndefaults: false\n", "'defaults' can only be true"),
        ("id: own\ntitle: Own\ndescription: x\nrules: cis\n", "'rules' must be a list"),
        ("id: other\ntitle: Own\ndescription: x\ndefaults: true\n", "is not the file's name"),
        ("id: own\ndescription: x\ndefaults: true\n", "'title' must be text"),
        ("id: own\ntitle: Own\ndescription: x\nrule: [a]\n", "unknown key 'rule'; did you mean 'rules'?"),
        ("id: [", "expected"),
    ],
)
def test_faults_are_said(tmp_path: Path, text: str, message: str) -> None:
    found, problems = rules.load_profiles([written(tmp_path, text)])
    assert found == ()
    assert any(message in problem.message for problem in problems), [item.message for item in problems]


def test_scanning_with_a_profile(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n', encoding="utf-8")
    report = iacscan.scan([tmp_path], profile="cis", all_results=True)
    assert {finding.rule.id for finding in report.findings} <= chosen(profile="cis")
    assert report.findings
