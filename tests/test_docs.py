"""What the documents show is what the program prints."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from iacscan.cli import main

ROOT = Path(__file__).parent.parent
SHOWN = re.compile(r"<!-- output: ([^\n]*) -->\n```[a-z]*\n(.*?)```\n", re.DOTALL)


def examples() -> list[tuple[Path, str]]:
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [(path, command) for path in documents for command, _ in SHOWN.findall(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("path", "command"), examples(), ids=lambda value: getattr(value, "name", value))
def test_shown_output_is_real(
    path: Path, command: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(ROOT)
    output = CliRunner(env={"NO_COLOR": "1"}).invoke(main, shlex.split(command)).stdout
    text = path.read_text(encoding="utf-8")
    if request.config.getoption("--update-golden"):
        real = f"<!-- output: {command} -->\n```\n{output}```\n"
        path.write_text(
            SHOWN.sub(lambda match: real if match[1] == command else match[0], text), encoding="utf-8", newline="\n"
        )
    shown = dict(SHOWN.findall(path.read_text(encoding="utf-8")))
    assert shown[command] == output


def test_the_readme_shows_real_output() -> None:
    assert any(path.name == "README.md" for path, _ in examples())
