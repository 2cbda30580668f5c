"""Every rule against its examples: the file's name says the verdict of each subject that it judges.

A block that must not follow the name carries ``# expect: pass`` (fail, unknown, none) on the line above it.
``# plan: unknown`` there means that the plan alone, without its source, leaves the verdict open.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from iacscan import model, rules
from iacscan.core import Level
from iacscan.scanning import Options, judge

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "rules"
RULES, PROBLEMS = rules.load([rules.builtin_directory()], model.FIELDS)
PLANS = sorted(EXAMPLES.glob("*/*.plan.json"))
CASES = sorted(EXAMPLES.glob("*/*.tf"))
CHANGES = [path for path in CASES if (path.parent / "before" / path.name).exists()]
"""What changes something that was there before: judged from its plan, and from source beside the earlier source."""
MARK = r'#\s*{}:\s*(\w+)[^\n]*\n(?:\s*#[^\n]*\n)*\s*(resource|data)\s+"([^"]+)"\s+"([^"]+)"'


def marked(source: Path, word: str) -> dict[str, str]:
    """The verdicts that ``# word: verdict`` comments ask for, by block address."""
    found = re.findall(MARK.format(word), source.read_text(encoding="utf-8"))
    return {("data." if mode == "data" else "") + f"{type_}.{name}": word for word, mode, type_, name in found}


def block(address: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", address)


def verdicts(path: Path, rule: str, **options: str) -> dict[str, set[str]]:
    judged = judge([path], Options(select=(rule,), **options))
    assert not [item for item in judged.diagnostics if item.level is Level.ERROR]
    found: dict[str, set[str]] = {}
    for finding in judged.findings:
        found.setdefault(block(finding.address), set()).add(finding.verdict.value)
    return found


def check(input_: Path, source: Path, /, *words: str, **options: str) -> None:
    rule, prefix = source.parent.name, source.name.partition("-")[0]
    usual = {"bad": "fail", "good": "pass", "unknown": "unknown"}[prefix]
    asked = {address: verdict for word in words for address, verdict in marked(source, word).items()}
    found = verdicts(input_, rule, **options)
    assert {address: {asked.get(address, usual)} for address in found} == found, input_.name
    for address, word in asked.items():
        assert (word == "none") == (address not in found), f"{input_.name}: {address}: expected {word}"
    otherwise = "plan" in words and marked(source, "plan")
    assert otherwise or usual in set().union(*found.values()), f"{input_.name} never shows the verdict of its name"


def test_policies_load() -> None:
    assert not PROBLEMS
    assert RULES


of_each_rule = pytest.mark.parametrize("rule", [rule.id for rule in RULES])


def source_of(plan: Path) -> Path:
    return plan.with_name(plan.name.removesuffix(".plan.json") + ".tf")


@of_each_rule
def test_example_plans(rule: str) -> None:
    for plan in sorted((EXAMPLES / rule).glob("*.plan.json")):
        check(plan, source_of(plan), "expect", "plan", source="none")


@of_each_rule
def test_example_plans_with_their_source(rule: str) -> None:
    for plan in sorted((EXAMPLES / rule).glob("*.plan.json")):
        check(plan, source_of(plan), "expect", source=str(source_of(plan)))


@of_each_rule
def test_example_sources(rule: str) -> None:
    for source in sorted((EXAMPLES / rule).glob("*.tf")):
        if source not in CHANGES:
            check(source, source, "expect")


def test_example_sources_of_changes(tmp_path: Path) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    for source in CHANGES:
        earlier = tmp_path / source.relative_to(EXAMPLES).with_suffix("") / source.name
        earlier.parent.mkdir(parents=True)
        shutil.copy(source.parent / "before" / source.name, earlier)
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-qm", "before")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    for source in CHANGES:
        now = tmp_path / source.relative_to(EXAMPLES).with_suffix("") / source.name
        shutil.copy(source, now)
        check(now, source, "expect", since="HEAD")


@of_each_rule
def test_every_rule_has_bad_good_and_unknown_examples(rule: str) -> None:
    kinds = {path.name.partition("-")[0] for path in (EXAMPLES / rule).glob("*.tf")}
    assert kinds == {"bad", "good", "unknown"}


def test_every_example_is_of_a_rule_and_has_its_plan() -> None:
    known = {rule.id for rule in RULES}
    for source in CASES:
        assert source.parent.name in known
        assert source.with_name(f"{source.stem}.plan.json") in PLANS
