"""Directories that cannot be read are said, wherever they are; hidden ones hold no source."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plan_maker import change, plan

from iacscan.core import Diagnostic, Level
from iacscan.inputs import load
from iacscan.inputs.configuration import Kind

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "example"\n}\n'
Lock = Callable[[Path], None]


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> Lock:
    """Takes the right to list a directory away, also from root."""
    scandir, locked = os.scandir, set[str]()

    def refusing(path: Any = ".") -> Any:
        if os.fspath(path) in locked:
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return lambda path: locked.add(str(path))


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def said(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[Level, str, str]]:
    return [(item.level, item.location.path if item.location else "", item.message) for item in diagnostics]


MESSAGE = "cannot be read: Permission denied; check its permissions"


def test_below_source(tmp_path: Path, lock: Lock) -> None:
    put(tmp_path / "main.tf", BUCKET)
    put(tmp_path / "prod" / "main.tf", BUCKET)
    lock(tmp_path / "prod")
    (configuration,), diagnostics = load([str(tmp_path)])

    assert [item.address for item in configuration.resources] == ["aws_s3_bucket.b"]
    assert said(diagnostics) == [(Level.ERROR, (tmp_path / "prod").as_posix(), MESSAGE)]


def test_below_a_folder_of_plans(tmp_path: Path, lock: Lock) -> None:
    put(tmp_path / "a.json", json.dumps(plan([])))
    (tmp_path / "units").mkdir()
    lock(tmp_path / "units")
    _, diagnostics = load([str(tmp_path)])

    assert (Level.ERROR, (tmp_path / "units").as_posix(), MESSAGE) in said(diagnostics)


def test_below_a_folder_with_nothing_else(tmp_path: Path, lock: Lock) -> None:
    (tmp_path / "units").mkdir()
    lock(tmp_path / "units")
    configurations, diagnostics = load([str(tmp_path)])

    assert configurations == ()
    assert said(diagnostics) == [(Level.ERROR, (tmp_path / "units").as_posix(), MESSAGE)]


def test_the_source_of_a_module(tmp_path: Path, lock: Lock) -> None:
    put(tmp_path / "main.tf", 'module "m" {\n  source = "./m"\n}\n')
    put(tmp_path / "m" / "main.tf", BUCKET)
    lock(tmp_path / "m")
    (configuration,), _ = load([str(tmp_path)])
    (diagnostic,) = configuration.diagnostics

    assert diagnostic.level is Level.ERROR
    assert diagnostic.message.startswith("module.m is not judged: ")
    assert diagnostic.message.endswith("/m cannot be read: Permission denied")


def test_modules_may_be_called_from_where_nothing_can_be_read(tmp_path: Path, lock: Lock) -> None:
    put(tmp_path / "prod" / "main.tf", 'module "m" {\n  source = "../m"\n  acl = "private"\n}\n')
    put(tmp_path / "m" / "main.tf", 'variable "acl" {\n  default = "public-read"\n}\n' + BUCKET)
    lock(tmp_path / "prod")
    (configuration,), _ = load([str(tmp_path)])

    assert [item.message for item in configuration.diagnostics if "what calls this module" in item.message]


@pytest.mark.parametrize("hidden", [".hidden/main.tf", "unit/.mods/main.tf", "node_modules/x/main.tf", ".main.tf"])
def test_plans_beside_hidden_source_are_plans(tmp_path: Path, hidden: str) -> None:
    put(tmp_path / hidden, BUCKET)
    content = plan([change("aws_s3_bucket.x")])
    put(tmp_path / ".terragrunt-stack" / "unit" / "tfplan.json", json.dumps(content))
    (configuration,), diagnostics = load([str(tmp_path)], source="none")

    assert configuration.kind is Kind.PLAN
    assert diagnostics == ()


def test_a_name_that_begins_with_a_hash_is_source(tmp_path: Path) -> None:
    put(tmp_path / "#main.tf", BUCKET)
    (configuration,), _ = load([str(tmp_path)])

    assert [item.address for item in configuration.resources] == ["aws_s3_bucket.b"]
