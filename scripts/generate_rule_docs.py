"""Write docs/rules/: a page for each rule and an index, from policies/ and the examples in fixtures/rules/.

Also policies/examples.json: the examples on the pages, for ``iacscan explain`` where no fixtures are.

    python scripts/generate_rule_docs.py            write
    python scripts/generate_rule_docs.py --check    say what is out of date, exit code 1 if anything is

``tests/test_docs.py`` keeps the pages current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from iacscan import model, rules  # noqa: E402
from iacscan.output.rule_page import GROUPS, Addresses, Code, Part, Prose, Rows, rule_page  # noqa: E402
from iacscan.rules import Example, Examples, Profile, Rule  # noqa: E402

PAGES = ROOT / "docs" / "rules"
EXAMPLES = ROOT / "fixtures" / "rules"
SHIPPED = ROOT / "policies" / rules.EXAMPLES_FILE
_MARK = re.compile(r"^# (?:expect|plan|Provider 6):.*\n", re.MULTILINE)
_INDIRECT = re.compile(r"^variable |^ *(?:count|for_each) *=|^ *dynamic ", re.MULTILINE)
_NOTICE = "<!-- Made by scripts/generate_rule_docs.py from policies/ and fixtures/rules/; do not edit. -->"


def load() -> tuple[tuple[Rule, ...], tuple[Profile, ...]]:
    """The rules and profiles that come with iacscan; SystemExit where one is broken."""
    found, problems = rules.load([rules.builtin_directory()], model.FIELDS)
    profiles, more = rules.load_profiles([rules.builtin_directory()])
    if problems or more:
        raise SystemExit("\n".join(item.message for item in (*problems, *more)))
    return tuple(sorted(found, key=lambda rule: rule.id)), profiles


def pages() -> dict[Path, str]:
    """Every file that is made here, by its path."""
    found, profiles = load()
    shown = {rule.id: examples(rule.id) for rule in found}
    made = {PAGES / f"{rule.id}.md": page(rule, profiles, shown[rule.id]) for rule in found}
    return {PAGES / "README.md": index(found, profiles), **made, SHIPPED: rules.write_examples(shown)}


def page(rule: Rule, profiles: Sequence[Profile], shown: Examples) -> str:
    """The page of one rule."""
    made = rule_page(rule, profiles, shown)
    parts = [_NOTICE, f"# {made.id}", f"{_escaped(made.title)}.", _markdown(made.facts)]
    for section in made.sections:
        parts += [f"## {section.title}", *map(_markdown, section.parts)]
    return "\n\n".join(parts) + "\n"


def _markdown(part: Part) -> str:
    match part:
        case Prose(text, more):
            return _escaped(text) + (f" ([{more[0]}](../{more[1]}))." if more else "")
        case Code(text, language):
            return f"```{language}\n{text}\n```"
        case Rows(rows, head):
            return _table(head, rows)
        case Addresses(items):
            return "\n".join(f"- <{address}>" for address in items)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """``text`` so that Markdown shows its asterisks; in backquotes it shows them anyway."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("*", "\\*") for number, part in enumerate(parts))


def examples(rule: str) -> Examples:
    """What is shown of a rule's examples, by kind."""
    return {kind: _read(path) for kind in ("bad", "good") if (path := _shown(rule, kind)) is not None}


def _shown(rule: str, kind: str) -> Path | None:
    """The example to show: the one written for it, else the one that is quickest to read."""
    folder, written = EXAMPLES / rule, {"bad": "bad-plain.tf", "good": "good-fix.tf"}[kind]
    if (folder / written).exists():
        return folder / written
    return min(folder.glob(f"{kind}-*.tf"), key=_effort, default=None)


def _effort(path: Path) -> tuple[bool, bool, int, str]:
    """How hard an example is to read: the old inline form, then values from elsewhere, then many lines."""
    text = path.read_text("utf-8")
    return "inline" in path.name, bool(_INDIRECT.search(text)), text.count("\n"), path.name


def _read(path: Path) -> Example:
    before = path.parent / "before" / path.name
    return Example(_text(path), _text(before) if before.exists() else None)


def _text(path: Path) -> str:
    return _MARK.sub("", path.read_text("utf-8")).strip("\n")


def index(found: Sequence[Rule], profiles: Sequence[Profile]) -> str:
    """The index: every rule by the item of the checklist that it belongs to, and the profiles."""
    parts = [
        _NOTICE,
        "# Rules",
        "Each rule judges each bucket (or what else it names) and says fail, pass or unknown. Rules marked *opt-in* run"
        " with `--enable RULE` or a profile. `iacscan explain RULE` prints a page in the terminal;"
        " [the checklist](../checklist.md) says which rule stands for which advice.",
        "*critical*: anybody on the internet can write, or do what a policy lets everybody do. *high*: strangers can"
        " get in, too much power is handed out, or a protection is taken away. *medium*: a protection is missing."
        " *low*: good practice, or what AWS does by itself today and nobody wrote down.",
        "## Profiles",
        _table(
            ("`--profile`", "rules", ""),
            [
                (f"`{item.id}`", str(sum(map(item.includes, found))), f"{item.title}. {item.description}")
                for item in profiles
            ],
        ),
    ]
    for group, title in GROUPS.items():
        members = sorted((rule for rule in found if rule.checklist == group), key=lambda rule: -rule.severity)
        if members:
            parts += [f"## {title}", _table(("rule", "severity", "finds"), [_row(rule) for rule in members])]
    return "\n\n".join(parts) + "\n"


def _row(rule: Rule) -> tuple[str, str, str]:
    mark = "" if rule.default else " *opt-in*"
    return f"[{rule.id}]({rule.id}.md){mark}", rule.severity.label, rule.title


def out_of_date() -> list[str]:
    """The names of files that are missing, old, or of no rule any more."""
    made = pages()
    wrong = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
    return sorted(path.name for path in {*wrong, *(set(PAGES.glob("*.md")) - set(made))})


def main(arguments: Sequence[str]) -> int:
    """Write the files, or check them; the exit code."""
    if "--check" in arguments:
        wrong = out_of_date()
        print("\n".join(wrong))
        return 1 if wrong else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in set(PAGES.glob("*.md")) - set(made):
        path.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
