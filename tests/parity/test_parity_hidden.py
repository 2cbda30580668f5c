"""What is decided although variables have no value holds whatever value they have.

``IACSCAN_PARITY_SEED`` chooses other configurations; terraform is not needed: that values lead to the verdicts of
the real plan is for the other tests here.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from parity_hidden import turned, write_both

SEED = os.environ.get("IACSCAN_PARITY_SEED", "")
NUMBERS = [0, 1, 2, 3, 5, 8, 13, 487] if not SEED else range(60)


@pytest.mark.parametrize("number", NUMBERS)
def test_hiding_values_turns_no_verdict(tmp_path: Path, number: int) -> None:
    whole, some = write_both(tmp_path, f"hidden-{SEED}{number}")
    assert list(turned(whole, some)) == []


def test_hiding_values_that_decide_leaves_doubts(tmp_path: Path) -> None:
    for folder, text in (("whole", 'default = "public-read"'), ("some", "")):
        (tmp_path / folder).mkdir()
        bucket = 'resource "aws_s3_bucket" "b" {\nbucket = "example"\nacl = var.acl\n}\n'
        (tmp_path / folder / "main.tf").write_text(f'variable "acl" {{\n{text}\n}}\n{bucket}')
    assert list(turned(tmp_path / "whole", tmp_path / "some")) == []
    (tmp_path / "some/main.tf").write_text(bucket.replace("var.acl", '"private"'))
    assert any(
        line.startswith("public-acl-read of aws_s3_bucket.b is fail")
        for line in turned(tmp_path / "whole", tmp_path / "some")
    )
