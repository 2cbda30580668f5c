"""The configuration inside a saved plan."""

import io
import json
import zipfile

import pytest

from iacscan.inputs import snapshot
from iacscan.inputs.snapshot import read_snapshot

MODULES = [{"Key": "", "Dir": "."}, {"Key": "a.b", "Source": "../b", "Dir": "modules/b"}]


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    return buffer.getvalue()


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


def test_what_is_no_snapshot_is_none() -> None:
    assert read_snapshot(b"PK\x03\x04 broken") is None
    assert read_snapshot(archive({"tfplan": ""})) is None
    assert read_snapshot(archive({"tfconfig/modules.json": "{"})) is None
    assert read_snapshot(archive({"tfconfig/modules.json": "[1]"})) is None


def test_absolute_directories_and_unknown_modules_are_left_out() -> None:
    modules = [{"Key": "", "Dir": "/etc"}]
    data = archive({"tfconfig/modules.json": json.dumps(modules), "tfconfig/m-/x.tf": "", "tfconfig/m-y/z.tf": ""})
    found = read_snapshot(data)
    assert found is not None
    assert set(found.files) == {".terraform/modules/modules.json"}


def test_reading_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = archive({"tfconfig/modules.json": json.dumps(MODULES), "tfconfig/m-/main.tf": "x" * 1000})
    monkeypatch.setattr(snapshot, "MAX_TOTAL", 500)
    assert read_snapshot(data) is None
