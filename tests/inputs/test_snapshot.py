"""The configuration inside a saved plan."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from iacscan.core import Level
from iacscan.inputs import snapshot
from iacscan.inputs.configuration import Configuration, Kind
from iacscan.inputs.options import SourceOptions
from iacscan.inputs.plan_source import with_source
from iacscan.inputs.snapshot import SnapshotError, read_snapshot

MODULES = [{"Key": "", "Dir": "."}, {"Key": "a.b", "Source": "../b", "Dir": "modules/b"}]


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return buffer.getvalue()


def garbled() -> bytes:
    """An archive whose compressed data is damaged."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("tfconfig/modules.json", json.dumps(MODULES * 50))
    data = bytearray(buffer.getvalue())
    start = 30 + len("tfconfig/modules.json")
    data[start : start + 8] = b"\xff" * 8
    return bytes(data)


def test_files_are_laid_out_where_they_were_read_from() -> None:
    data = archive(
        {"tfconfig/modules.json": json.dumps(MODULES), "tfconfig/m-/main.tf": "a", "tfconfig/m-a.b/x.tf": "b"}
    )
    found = read_snapshot(data)
    assert found is not None
    assert found.files["main.tf"] == "a"
    assert found.files["modules/b/x.tf"] == "b"
    assert list(found.names("modules/b")) == ["x.tf"]
    assert json.loads(found.files[".terraform/modules/modules.json"]) == {"Modules": MODULES}


def test_a_plan_without_configuration_has_no_snapshot() -> None:
    assert read_snapshot(archive({"tfplan": ""})) is None


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 broken",
        archive({"tfconfig/modules.json": "{"}),
        archive({"tfconfig/modules.json": "[1]"}),
        garbled(),
    ],
)
def test_a_damaged_snapshot_is_an_error_that_says_so(data: bytes) -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        read_snapshot(data)


def test_a_plan_whose_snapshot_cannot_be_read_is_judged_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "tfplan"
    path.write_bytes(archive({"tfplan": "", "tfconfig/modules.json": "{"}))
    read = with_source(Configuration(Kind.PLAN, "tfplan"), str(path), None, SourceOptions())
    assert [(item.level, "it is damaged; give --source" in item.message) for item in read.diagnostics] == [
        (Level.WARNING, True)
    ]


def test_absolute_directories_and_unknown_modules_are_left_out() -> None:
    modules = [{"Key": "", "Dir": "/etc"}]
    data = archive({"tfconfig/modules.json": json.dumps(modules), "tfconfig/m-/x.tf": "", "tfconfig/m-y/z.tf": ""})
    found = read_snapshot(data)
    assert found is not None
    assert set(found.files) == {".terraform/modules/modules.json"}


def test_reading_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive({"tfconfig/modules.json": json.dumps(MODULES), "tfconfig/m-/main.tf": "x" * 1000})
    monkeypatch.setattr(snapshot, "MAX_TOTAL", 500)
    with pytest.raises(SnapshotError, match="too large"):
        read_snapshot(data)
