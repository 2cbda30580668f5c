"""One configuration judged three ways: from its source, from its plan alone, and from the plan with its source."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from iacscan import model, rules
from iacscan.engine import evaluate
from iacscan.findings import Finding
from iacscan.inputs import SourceOptions, load
from iacscan.inputs.changes import changed
from iacscan.inputs.configuration import Configuration
from iacscan.rules import Rule

FIXTURES = Path(__file__).parents[2] / "fixtures"
SOURCE, PLAN, BOTH = READINGS = ("source", "plan", "plan+source")

OTHER_SUBJECT = {
    "plans/destroy": "the plan removes what the source declares",
    "plans/drift": "the plan shows an ACL that somebody set by hand",
    "plans/errored": "the plan ends at an error",
    "plans/refresh-only": "the plan shows what is, not what the source declares",
    "plans/target": "the plan covers a part of the source",
}
"""Plans that do not lead to what their source says: for them only the two readings of the plan are compared."""

Key = tuple[str, str]
"""A rule id and the address that it judges."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A configuration and the plan that terraform made of it.

    ``before`` is the source that was applied first, where there was one. ``part`` is the module instance to look at,
    everything where it is empty; ``only`` are the readings to compare.
    """

    name: str
    source: Path
    plan: Path
    before: Path | None = None
    part: str = ""
    only: tuple[str, ...] = READINGS


@dataclass(frozen=True, slots=True)
class Reading:
    """One pair, read: a configuration for each of its readings."""

    pair: Pair
    configurations: Mapping[str, Configuration]

    def findings(self) -> dict[Key, dict[str, Finding]]:
        """For each rule and address that any reading judges: the finding of each that does."""
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
    return found


def judge(configuration: Configuration) -> tuple[Finding, ...]:
    """Every verdict on ``configuration``."""
    kinds = ("bucket", *(rule.subject for rule in every_rule()))
    findings, crashes = evaluate(every_rule(), model.build(configuration, kinds).subjects, configuration)
    assert not crashes
    return findings


def read(pair: Pair, options: SourceOptions | None = None) -> Reading:
    """Read ``pair`` in each of its ways."""
    return next(read_parts([pair], options))


def read_parts(pairs: list[Pair], options: SourceOptions | None = None) -> Iterator[Reading]:
    """Read pairs that differ only in their ``part``: source and plan are read once."""
    whole = pairs[0]
    given = options or SourceOptions()
    ways = {
        SOURCE: lambda: load_source_of(whole, given),
        PLAN: lambda: load_one(whole.plan, given, "none"),
        BOTH: lambda: load_one(whole.plan, given, str(whole.source)),
    }
    loaded = {name: ways[name]() for name in whole.only}
    for pair in pairs:
        yield Reading(pair, {name: part_of(configuration, pair.part) for name, configuration in loaded.items()})


def load_source_of(pair: Pair, options: SourceOptions) -> Configuration:
    """The source of ``pair``, beside that which was applied first where there was one, as ``--since`` reads it."""
    now = load_one(pair.source, options, None)
    return changed(now, load_one(pair.before, options, None)) if pair.before else now


def load_one(path: Path, options: SourceOptions, source: str | None) -> Configuration:
    """The configuration at ``path`` itself, whatever other roots lie below it."""
    configurations, unread = load([str(path)], options, source)
    assert not unread, unread
    shown = os.path.relpath(path).replace(os.sep, "/")
    return next(item for item in configurations if item.path in (shown, str(path)) or len(configurations) == 1)


def part_of(configuration: Configuration, module: str) -> Configuration:
    """``configuration`` with the resources at and below the module instance ``module`` only."""
    if not module:
        return configuration
    kept = (item for item in configuration.resources if f"{item.address}.".startswith(f"{module}."))
    return replace(configuration, resources=tuple(kept))


def generated() -> list[list[Pair]]:
    """The random configurations in fixtures/parity, grouped by plan."""
    return [pairs(path.parent) for path in sorted((FIXTURES / "parity").glob("*/plan.json"))]


def committed() -> list[Pair]:
    """Every configuration in fixtures/ that lies beside its plan, generated ones left out."""
    found = []
    for path in sorted([*FIXTURES.glob("plans/*/plan.json"), *FIXTURES.glob("projects/*/plan.json")]):
        name = path.parent.relative_to(FIXTURES).as_posix()
        only = (PLAN, BOTH) if name in OTHER_SUBJECT else READINGS
        if any(path.parent.glob("*.tf*")):
            found.append(Pair(name, path.parent, path, applied_before(path.parent), only=only))
    for path in sorted(FIXTURES.glob("rules/*/*.plan.json")):
        source = path.with_name(path.name.replace(".plan.json", ".tf"))
        before = source.parent / "before" / source.name
        name = source.relative_to(FIXTURES).as_posix()
        found.append(Pair(name, source, path, before if before.exists() else None))
    return found


def applied_before(scenario: Path) -> Path | None:
    """The source that was applied before the one in ``scenario``, as its ``scenario.json`` says."""
    file = scenario / "scenario.json"
    folder = json.loads(file.read_text(encoding="utf-8")).get("before") if file.exists() else None
    return (scenario / folder).resolve() if folder else None


def pairs(directory: Path) -> list[Pair]:
    """One pair for each case of the root in ``directory``, or for the root where it has none."""
    plan, before = directory / "plan.json", directory / "before"
    before = before if before.exists() else None
    if not (directory / "cases").exists():
        return [Pair(directory.name, directory, plan, before)]
    names = sorted(path.name for path in (directory / "cases").iterdir())
    return [Pair(f"{directory.name}/{name}", directory, plan, before, f"module.{name}") for name in names]
