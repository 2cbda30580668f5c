"""One configuration judged three ways: from its source, from its plan alone, and from the plan with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from iacscan import model, rules
from iacscan.core import Level, Verdict
from iacscan.engine import evaluate
from iacscan.findings import Finding
from iacscan.inputs import SourceOptions, load
from iacscan.inputs.configuration import Configuration
from iacscan.rules import Rule

FIXTURES = Path(__file__).parents[2] / "fixtures"
SOURCE, PLAN, BOTH = "source", "plan", "plan+source"

Key = tuple[str, str]
"""A rule id and the address that it judges."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A configuration and the plan that terraform made of it. ``part`` is the module instance to judge, all if empty."""

    name: str
    source: Path
    plan: Path
    part: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """The three configurations read from one pair, by :data:`SOURCE`, :data:`PLAN`, :data:`BOTH`."""

    pair: Pair
    configurations: Mapping[str, Configuration]

    def findings(self) -> dict[Key, dict[str, Finding]]:
        """For each rule and address judged by any reading, what each reading says that judges it."""
        found: dict[Key, dict[str, Finding]] = {}
        for name, configuration in self.configurations.items():
            for finding in judge(configuration):
                found.setdefault((finding.rule.id, finding.address), {})[name] = finding
        return dict(sorted(found.items()))


@cache
def every_rule() -> tuple[Rule, ...]:
    """All rules that iacscan ships, opt-in ones too."""
    found, problems = rules.load([rules.builtin_directory()], model.FIELDS)
    assert not problems
    return tuple(found)


def judge(configuration: Configuration) -> tuple[Finding, ...]:
    """Every verdict on ``configuration``."""
    kinds = ("bucket", *(rule.subject for rule in every_rule()))
    findings, crashes = evaluate(every_rule(), model.build(configuration, kinds).subjects, configuration)
    assert not crashes
    return findings


def read(pair: Pair, options: SourceOptions | None = None) -> Readings:
    """Read ``pair`` three ways."""
    given = options or SourceOptions()
    source = load_one(pair.source, given, None)
    plan = load_one(pair.plan, given, "none")
    both = load_one(pair.plan, given, str(pair.source))
    return Readings(pair, {SOURCE: source, PLAN: plan, BOTH: both}).of(pair.part) if False else _cut(pair, source, plan, both)


def committed() -> Iterator[Pair]:
    """Every configuration in fixtures/ with a plan of it, generated ones left out."""
    for path in sorted(FIXTURES.glob("p[lr]*/*/plan.json")):
        folder = path.parent
        if any(folder.glob("*.tf*")):
            yield Pair(folder.relative_to(FIXTURES).as_posix(), folder, path)
    for path in sorted(FIXTURES.glob("rules/*/*.plan.json")):
        source = path.with_name(path.name.replace(".plan.json", ".tf"))
        yield Pair(source.relative_to(FIXTURES).as_posix(), source, path)
