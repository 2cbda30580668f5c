"""What Python callers are promised."""

from pathlib import Path

import pytest

import iacscan


def test_every_name_is_there() -> None:
    assert all(getattr(iacscan, name) for name in iacscan.__all__)
    assert not hasattr(iacscan, "anything_else")


def test_one_path_or_many(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n  acl = "public-read"\n}\n', encoding="utf-8")
    reports = [iacscan.scan(paths, select=("public-acl-read",)) for paths in (tmp_path, str(tmp_path), [tmp_path])]
    assert [[finding.verdict for finding in report.findings] for report in reports] == [[iacscan.Verdict.FAIL]] * 3


def test_options_that_make_no_sense_are_refused() -> None:
    with pytest.raises(iacscan.UsageError, match="no rule is called"):
        iacscan.scan(select=("none-such",))
