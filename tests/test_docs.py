"""What the documents show is what the program prints."""

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from iacscan.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
SHOWN = re.compile(r"<!-- output: ([^\n]*) -->\n```[a-z]*\n(.*?)```\n", re.DOTALL)

COMMAND = re.compile(rf"\biacscan ({'|'.join(COMMANDS)})\b([^\n`|&>#<]*)")
SEVERAL_FORMATS = re.compile(r"(?:(?:-f|--format) [\w=.-]+ ?){2,}")
PROSE = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


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


@pytest.mark.parametrize("page", PROSE, ids=lambda path: path.name)
def test_commands_have_the_options_that_are_shown(page: Path) -> None:
    for name, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        known = {option for param in command.params for option in param.opts} | {"--help"}
        shown = {word.partition("=")[0].rstrip(").,;") for word in rest.split() if word.startswith("-") and word != "-"}
        assert shown <= known, f"iacscan {name}{rest}"


@pytest.mark.parametrize("page", PROSE, ids=lambda path: path.name)
def test_at_most_one_of_several_formats_goes_to_standard_output(page: Path) -> None:
    for formats in SEVERAL_FORMATS.findall(page.read_text(encoding="utf-8")):
        assert sum("=" not in word for word in formats.split()[1::2]) <= 1, formats


def test_the_readme_shows_real_output() -> None:
    assert any(path.name == "README.md" for path, _ in examples())


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_rule_docs", ROOT / "scripts" / "generate_rule_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rule_pages_are_current(generator: ModuleType) -> None:
    assert generator.out_of_date() == [], "run scripts/generate_rule_docs.py"


def test_every_rule_has_a_group_in_the_index(generator: ModuleType) -> None:
    rules, _ = generator.load()
    listed = generator.pages()[ROOT / "docs" / "rules" / "README.md"]
    assert [rule.id for rule in rules if f"({rule.id}.md)" not in listed] == []


def test_the_checklist_names_every_rule(generator: ModuleType) -> None:
    rules, _ = generator.load()
    text = (ROOT / "docs" / "checklist.md").read_text(encoding="utf-8")
    assert [rule.id for rule in rules if f"(rules/{rule.id}.md)" not in text] == []


def test_the_readme_leads_to_every_document() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Read on")[2]
    assert [page.name for page in sorted((ROOT / "docs").glob("*.md")) if f"(docs/{page.name})" not in text] == []


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
