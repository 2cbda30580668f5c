"""What a person at a terminal sees: a rescan on save, and a sign of life."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from iacscan.cli import main
from iacscan.cli.progress import progress
from iacscan.cli.watch import times, watch


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def touch(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime + len(text) + 1
    os.utime(path, (later, later))


def test_it_scans_again_when_a_file_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "main.tf"
    file.write_text("", encoding="utf-8")
    seen: list[str] = []
    edits = iter(["a", None, "bb"])

    def scan() -> list[str]:
        seen.append(file.read_text(encoding="utf-8"))
        if len(seen) == 2:
            raise click.UsageError("a mistake")
        raise SystemExit(2)

    def pause(_: float) -> None:
        edit = next(edits, "end")
        if edit == "end":
            raise KeyboardInterrupt
        if edit:
            touch(file, edit)

    watch([str(tmp_path)], scan, pause=pause)
    assert seen == ["", "a", "bb"]
    assert "a mistake" in capsys.readouterr().err


def test_it_watches_what_a_scan_has_read_and_not_what_it_has_written(tmp_path: Path) -> None:
    here, module, report = tmp_path / "here", tmp_path / "module", tmp_path / "here" / "report.json"
    for folder in (here, module):
        folder.mkdir()
        (folder / "main.tf").touch()
    scans: list[int] = []
    edits = iter([None, module / "main.tf", report, None])

    def scan() -> list[str]:
        scans.append(1)
        touch(report, str(len(scans)))
        return [str(module)]

    def pause(_: float) -> None:
        edit = next(edits, "end")
        if edit == "end":
            raise KeyboardInterrupt
        if isinstance(edit, Path):
            touch(edit, "changed")

    watch([str(here)], scan, [str(report)], pause)
    assert len(scans) == 2


def test_a_scan_says_what_it_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[set[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("iacscan.cli.watch.watch", lambda paths, scan, own: found.append(set(scan())))
    for name, text in (
        ("module/main.tf", 'resource "aws_s3_bucket" "b" {}\n'),
        ("infra/main.tf", 'module "m" {\n  source = "../module"\n}\n'),
        ("infra/.iacscan.yaml", "fail_on: low\n"),
        ("more.tfvars", ""),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    CliRunner().invoke(main, ["scan", "infra", "--watch", "--var-file", "more.tfvars"])
    assert found == [{"module", "infra", "infra/.iacscan.yaml", "more.tfvars"}]
    assert CliRunner().invoke(main, ["scan", "-", "--watch"]).exit_code == 2


def test_what_is_watched(tmp_path: Path) -> None:
    for name in ("main.tf", "x.auto.tfvars", "readme.md", ".terraform/modules/m.tf", "sub/y.tf.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert {Path(name).name for name in times([str(tmp_path)])} == {"main.tf", "x.auto.tfvars", "y.tf.json"}
    assert len(times([str(tmp_path / "main.tf"), str(tmp_path / "gone.tf")])) == 1


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("at_home")
def test_progress_is_said_and_wiped_off() -> None:
    stream = Terminal()
    with progress("judging", stream, patience=0.001):
        while "judging" not in stream.getvalue():
            time.sleep(0.001)
    assert stream.getvalue().startswith("\r\x1b[2Kjudging … 0 s")
    assert stream.getvalue().endswith("\r\x1b[2K")


@pytest.mark.usefixtures("at_home")
def test_nothing_is_said_of_what_is_quick_or_to_a_file() -> None:
    quick, file = Terminal(), io.StringIO()
    with progress("judging", quick, patience=60):
        pass
    with progress("judging", file, patience=0):
        pass
    assert (quick.getvalue(), file.getvalue()) == ("", "")


def test_nothing_is_said_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    stream = Terminal()
    with progress("judging", stream, patience=0):
        pass
    assert stream.getvalue() == ""
