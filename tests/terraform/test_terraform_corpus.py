"""What real terraform parses, parses here; what it refuses is a diagnostic with a line and a column.

Point ``IACSCAN_TERRAFORM_CORPUS`` at a directory with ``.tf`` files of any projects: they are not part of
this repository. Each file is tried as it is, and with a token taken out, doubled or put elsewhere.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from iacscan.terraform.syntax import parse_file

CORPUS = os.environ.get("IACSCAN_TERRAFORM_CORPUS", "")
TOKEN = re.compile(r"\n|\$\{|[^\W\d][\w-]*|[ \t]+|.")
REFUSED = re.compile(r"^ +on \S*?(\d+)\.tf line \d+", re.MULTILINE)


def texts() -> Iterator[str]:
    """The text of each file of the corpus, and the same damaged."""
    chance = random.Random(1)
    for path in sorted(Path(CORPUS).rglob("*.tf")):
        data = path.read_bytes() if path.is_file() else b"\xff"
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        yield text
        tokens = TOKEN.findall(text)
        if tokens:
            taken, put = chance.randrange(len(tokens)), chance.randrange(len(tokens))
            tokens[put : put + chance.randrange(2)] = [tokens[taken]]
            tokens[taken : taken + chance.randrange(2)] = []
            yield "".join(tokens)


@pytest.mark.skipif(not CORPUS, reason="set IACSCAN_TERRAFORM_CORPUS to a directory with .tf files")
@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_and_this_parser_accept_the_same_files(tmp_path: Path) -> None:
    every = list(texts())
    for number, text in enumerate(every):
        (tmp_path / f"{number}.tf").write_bytes(text.encode("utf-8"))
    command = ["terraform", "fmt", "-check", "-list=false", "-no-color", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    refused = {int(number) for number in REFUSED.findall(said)}

    for number, text in enumerate(every):
        found = parse_file(text, f"{number}.tf").diagnostics
        assert bool(found) == (number in refused), (found, text)
        assert all(item.location is not None and item.location.span is not None for item in found)
    assert len(every) > 100
