import io
import json
import stat
import sys
import time
import zipfile
from pathlib import Path

import pytest

from iacscan.core import Level
from iacscan.inputs import load
from iacscan.inputs.configuration import Kind
from iacscan.inputs.reading import parse_text, read_document

PLAN = '{"format_version":"1.2","planned_values":{"root_module":{}},"configuration":{}}'
STATE = '{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}'


def the_error(path: object) -> str:
    """The message of the only diagnostic of an input that gives nothing."""
    configurations, (diagnostic,) = load([str(path)])
    assert configurations == ()
    assert diagnostic.level is Level.ERROR
    assert diagnostic.location is not None
    assert "\n" not in diagnostic.message
    return diagnostic.message


def written(folder: Path, content: str | bytes, name: str = "plan.json") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "data",
    [
        PLAN.encode(),
        b"\xef\xbb\xbf" + PLAN.encode(),
        PLAN.encode("utf-16"),
        b"\xff\xfe" + PLAN.encode("utf-16-le"),
        b"\xfe\xff" + PLAN.encode("utf-16-be"),
        b"\r\n  " + PLAN.encode() + b"\r\n\r\n",
    ],
)
def test_every_encoding_that_shells_write_is_read(tmp_path: Path, data: bytes) -> None:
    (configuration,), diagnostics = load([str(written(tmp_path, data))])
    assert configuration.kind is Kind.PLAN
    assert diagnostics == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\ufeff", "empty"),
        (PLAN[:-5], "truncated"),
        (PLAN[:30], "truncated"),
        ('{"format_version":"1.2', "truncated"),
        ('{"format_version":"1.2",}', "not valid JSON"),
        ("resource x {", "neither JSON nor a saved plan"),
        ("null", "not an object"),
        ("[1, 2]", "not an object"),
        ("\0\0\0", "NUL"),
        ('{"format_version"\0:1}', "NUL"),
        (b"\xff\xfe\x00", "UTF-16-LE"),
        (b"\x80\x81", "UTF-8"),
        ("{}", "neither a Terraform plan nor a state"),
        ('{"format_version":"1.0","name":"something"}', "neither a Terraform plan nor a state"),
        (PLAN.replace('"1.2"', '"2.0"'), "format_version 2.0 is not supported"),
        (PLAN.replace('"1.2"', '"one"'), "format_version one is not supported"),
        (PLAN.replace('"1.2"', "[]"), "format_version [] is not supported"),
        ('{"format_version":"1.2","values":1e999}', "too large"),
        ('{"format_version":"1.2","values":-1e999}', "too large"),
        ('{"format_version":"1.2","values":' + "9" * 5000 + "}", "not usable JSON"),
        ('{"format_version":"1.2","values":NaN}', "NaN"),
        ('{"format_version":"1.2","values":"\\ud800"}', "surrogate"),
        ('{"format_version":"1.2","\\uDC00":1}', "surrogate"),
        ("[" * 10_000, "nested too deeply"),
        ('{"a":' * 10_000, "nested too deeply"),
        ('{"remote_plan_format":1,"run_id":"run-x","hostname":"h"}', "cloud plan"),
        ('{"version":4,"serial":3,"lineage":"x","resources":[]}', "raw state file"),
        ('{"serial":1,"lineage":"x","meta":{},"encrypted_data":"x","encryption_version":"v0"}', "raw state file"),
        ('{"meta":{},"encrypted_data":"x","encryption_version":"v0"}', "encrypted by OpenTofu"),
        ('{"format_version":"1.0","provider_schemas":{}}', "terraform providers schema"),
        ('{"format_version":"1.0","valid":true,"diagnostics":[]}', "terraform validate"),
        ('{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}\n', "log stream"),
    ],
)
def test_what_is_no_plan_is_named(tmp_path: Path, content: str | bytes, says: str) -> None:
    assert says in the_error(written(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        {**json.loads(PLAN), "resource_changes": 5},
        {**json.loads(PLAN), "resource_changes": [1]},
        {**json.loads(PLAN), "resource_changes": [{"address": "a.b"}]},
        {**json.loads(PLAN), "resource_changes": [{"address": "a.b", "type": "a", "name": "b", "change": None}]},
        {**json.loads(PLAN), "planned_values": [1]},
        {**json.loads(PLAN), "planned_values": {"root_module": {"resources": [{}]}}},
        {
            **json.loads(PLAN),
            "configuration": {"root_module": {"resources": [{}]}},
            "resource_changes": [{"address": "a.b", "type": "a", "name": "b", "change": {"actions": ["create"]}}],
        },
        {**json.loads(STATE), "values": {"root_module": {"resources": {"a": 1}}}},
        {**json.loads(STATE), "values": [1]},
    ],
)
def test_a_damaged_document_is_one_error(tmp_path: Path, content: object) -> None:
    assert "not in the form in which Terraform writes a" in the_error(written(tmp_path, json.dumps(content)))


def test_values_nested_close_to_the_limit_are_one_error_or_read(tmp_path: Path) -> None:
    for depth in (100, 300, 600, 900, 3000):
        value = "[" * depth + "]" * depth
        change = (
            '{"address":"a.b","type":"a","name":"b","change":{"actions":["create"],"before":null,'
            f'"after":{{"x":{value}}},"after_unknown":{{"x":{value.replace("[]", "[true]")}}}}}}}'
        )
        path = written(tmp_path, PLAN[:-1] + f',"resource_changes":[{change}]}}')
        configurations, diagnostics = load([str(path)])
        assert len(configurations) + len(diagnostics) == 1
        assert all("nested too deeply" in item.message for item in diagnostics)


def test_a_syntax_error_has_its_place(tmp_path: Path) -> None:
    _, (diagnostic,) = load([str(written(tmp_path, '{\n  "format_version": oops\n}'))])
    assert diagnostic.location is not None
    assert diagnostic.location.span is not None
    assert (diagnostic.location.span.start_line, diagnostic.location.span.start_column) == (2, 21)


def test_text_that_a_wrapper_prints_round_the_json_is_left_out() -> None:
    noisy = f"[command]/opt/terraform-bin show -json tfplan\n{PLAN}\n::debug::Terraform exited with code 0.\n"
    document = parse_text(noisy)
    assert document.content == json.loads(PLAN)
    (warning,) = document.warnings
    assert "terraform_wrapper: false" in warning


def test_blank_lines_before_the_json_take_no_time() -> None:
    started = time.perf_counter()
    assert parse_text("noise" + "\n" * 100_000 + PLAN).content == json.loads(PLAN)
    assert time.perf_counter() - started < 1


def test_escapes_that_are_text_are_kept() -> None:
    text = PLAN[:-1] + r',"a":"\ud83d\ude00 \\ud800"}'
    assert parse_text(text).content["a"] == "\U0001f600 \\ud800"


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(STATE.encode())))
    (configuration,), diagnostics = load(["-"])
    assert (configuration.kind, configuration.path, diagnostics) == (Kind.STATE, "-", ())


def saved_plan(*members: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return buffer.getvalue()


def program(folder: Path, script: str, name: str = "terraform") -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)


@pytest.mark.parametrize("name", ["terraform", "tofu"])
def test_a_saved_plan_is_shown_where_its_providers_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    program(tmp_path / "bin", f"""[ "$1 $2 $3" = "show -json -no-color" ] && pwd > "$4.where" && echo '{PLAN}'""", name)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin") if name == "terraform" else monkeypatch.setenv(
        "PATH", str(tmp_path / "bin")
    )
    unit = tmp_path / "unit; echo"
    (unit / ".terraform").mkdir(parents=True)
    (configuration,), diagnostics = load([str(written(unit, saved_plan("tfplan", "tfstate"), "tf plan"))])
    assert (configuration.kind, diagnostics) == (Kind.PLAN, ())
    assert (unit / "tf plan.where").read_text().strip() == str(unit)


def test_a_saved_plan_on_standard_input_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"""echo '{PLAN}'""")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(saved_plan("tfplan"))))
    assert read_document("-").content == json.loads(PLAN)


def test_a_saved_plan_that_cannot_be_shown_tells_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin", "printf '\\n\\033[31m│ Error: Plugin did not respond\\033[0m\\n│ more\\n' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    message = the_error(written(tmp_path, saved_plan("tfplan"), "tfplan"))
    assert "`terraform show -json` failed: Plugin did not respond;" in message


def test_a_saved_plan_without_terraform_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = the_error(written(tmp_path, saved_plan("tfplan"), "tfplan"))
    assert "neither terraform nor tofu" in message
    assert "terraform show -json PLANFILE > plan.json" in message


@pytest.mark.parametrize(
    "data", [saved_plan("other"), saved_plan("tfplan")[:40], b"PK\x03\x04junk"], ids=["other", "cut", "junk"]
)
def test_another_archive_is_named(tmp_path: Path, data: bytes) -> None:
    message = the_error(written(tmp_path, data, "x.zip"))
    assert "zip archive" in message
