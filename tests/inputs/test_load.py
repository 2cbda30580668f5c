import json
from pathlib import Path

import pytest
from plan_maker import change, plan

from iacscan.core import Level
from iacscan.inputs import load
from iacscan.inputs.configuration import Kind

STATE = {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}}


def put(path: Path, content: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_several_inputs_are_read_in_their_order(tmp_path: Path) -> None:
    paths = [put(tmp_path / "b.json", STATE), put(tmp_path / "a.json", plan([]))]
    configurations, diagnostics = load([*paths, paths[0]])
    assert [configuration.kind for configuration in configurations] == [Kind.STATE, Kind.PLAN]
    assert diagnostics == ()


def test_a_bad_input_does_not_hide_the_others(tmp_path: Path) -> None:
    good = put(tmp_path / "good.json", plan([change("aws_s3_bucket.x")]))
    bad = put(tmp_path / "bad.json", "{")
    missing = str(tmp_path / "missing.json")
    configurations, diagnostics = load([bad, missing, good, ""])
    assert [configuration.path for configuration in configurations] == [Path(good).as_posix()]
    assert [item.level for item in diagnostics] == [Level.ERROR] * 3
    assert [item.location.path for item in diagnostics if item.location][:2] == [
        Path(bad).as_posix(),
        Path(missing).as_posix(),
    ]
    assert "no such file" in diagnostics[1].message


def test_a_folder_of_plans_is_read_by_content(tmp_path: Path) -> None:
    put(tmp_path / "plans" / "unit-b" / "tfplan.json", plan([]))
    put(tmp_path / "plans" / "unit-a" / "anything.json", STATE)
    put(tmp_path / "plans" / "package.json", {"name": "no plan"})
    put(tmp_path / "plans" / "broken.json", "{")
    put(tmp_path / "plans" / "schemas.json", {"format_version": "1.0", "provider_schemas": {}})
    put(tmp_path / "plans" / ".terraform" / "old.json", plan([]))
    put(tmp_path / "plans" / "notes.txt", "format_version")
    configurations, diagnostics = load([str(tmp_path / "plans")])
    assert [Path(configuration.path).name for configuration in configurations] == ["anything.json", "tfplan.json"]
    assert diagnostics == ()


def test_a_truncated_plan_in_a_folder_is_an_error(tmp_path: Path) -> None:
    put(tmp_path / "a.json", json.dumps(plan([]))[:-9])
    put(tmp_path / "b.json", plan([]))
    configurations, (diagnostic,) = load([str(tmp_path)])
    assert len(configurations) == 1
    assert diagnostic.location is not None
    assert diagnostic.location.path.endswith("a.json")
    assert "too early" in diagnostic.message


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "no Terraform source, plan or state"),
        ({"terragrunt.hcl": ""}, "--json-out-dir"),
        ({"x.json": "{}"}, "no T"),
    ],
)
def test_a_folder_without_anything_is_an_error(tmp_path: Path, files: dict[str, str], says: str) -> None:
    for name, content in files.items():
        put(tmp_path / name, content)
    configurations, (diagnostic,) = load([str(tmp_path)])
    assert configurations == ()
    assert diagnostic.level is Level.ERROR
    assert says in diagnostic.message


def test_a_missing_source_file_is_an_error(tmp_path: Path) -> None:
    _, (diagnostic,) = load([str(tmp_path / "main.tf")])
    assert "no such file" in diagnostic.message


def test_paths_are_shown_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    absolute = put(tmp_path / "deep" / "plan.json", plan([]))
    monkeypatch.chdir(tmp_path)
    (configuration,), _ = load([absolute])
    assert configuration.path == "deep/plan.json"
    (configuration,), _ = load(["./deep/plan.json"])
    assert configuration.path == "deep/plan.json"


def test_noise_round_a_plan_is_a_warning(tmp_path: Path) -> None:
    (configuration,), (diagnostic,) = load([put(tmp_path / "p.json", "noise\n" + json.dumps(plan([])) + "\nmore")])
    assert configuration.kind is Kind.PLAN
    assert diagnostic.level is Level.WARNING
