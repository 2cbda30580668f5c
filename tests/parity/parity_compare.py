"""Where readings of one configuration disagree: in their verdicts, in their values, in what there is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parity_readings import PLAN, SOURCE, Reading

from iacscan.core import Encoded, Template, Unknown, Value, Verdict, unknowns
from iacscan.findings import Finding
from iacscan.inputs.configuration import Configuration

NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One rule and address on which readings differ: what each says, and why where it does not know."""

    pair: str
    rule: str
    address: str
    said: Mapping[str, str]
    reasons: tuple[str, ...] = ()

    @property
    def decided(self) -> frozenset[str]:
        """The different answers, not knowing left out."""
        return frozenset(self.said.values()) - {Verdict.UNKNOWN.value}

    @property
    def is_contradiction(self) -> bool:
        """Whether two readings decide, and not alike; to judge and not to judge is a contradiction, too."""
        return len(self.decided) > 1

    def needless(self, reading: str) -> bool:
        """Whether ``reading`` does not know what another one decides."""
        return self.said.get(reading) == Verdict.UNKNOWN.value and bool(self.decided)

    def __str__(self) -> str:
        said = ", ".join(f"{name}: {verdict}" for name, verdict in self.said.items())
        return "\n    ".join([f"{self.pair}: {self.rule} of {self.address}: {said}", *self.reasons])


@dataclass(slots=True)
class Tally:
    """Verdicts of many pairs, counted, with everything on which readings differ."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    disagreements: list[Disagreement] = field(default_factory=list)

    def add(self, reading: Reading) -> None:
        """Count one pair."""
        for key, findings in reading.findings().items():
            said = {name: word(findings.get(name)) for name in reading.configurations}
            self.counts.update(said.items())
            if len(set(said.values())) > 1:
                self.disagreements.append(Disagreement(reading.pair.name, *key, said, reasons(findings)))

    def contradictions(self) -> list[Disagreement]:
        """Where two readings decide differently."""
        return [item for item in self.disagreements if item.is_contradiction]

    def needless(self, reading: str) -> list[Disagreement]:
        """Where ``reading`` does not know what another one decides."""
        return [item for item in self.disagreements if item.needless(reading)]

    def judged(self, reading: str) -> int:
        """How many verdicts ``reading`` gave."""
        return sum(count for (name, said), count in self.counts.items() if name == reading and said != NOT_JUDGED)

    def share(self, reading: str) -> float:
        """The share of needless unknowns among the verdicts of ``reading``."""
        return len(self.needless(reading)) / max(1, self.judged(reading))


def word(finding: Finding | None) -> str:
    """The verdict of a finding, or that there is none."""
    return NOT_JUDGED if finding is None else finding.verdict.value


def reasons(findings: Mapping[str, Finding]) -> tuple[str, ...]:
    """Why the readings that do not know say so; of a contradiction what each supports its verdict with."""
    unsure = {name: item for name, item in findings.items() if item.verdict is Verdict.UNKNOWN} or findings
    return tuple(
        f"{name}: {'; '.join(sentence.text for sentence in item.evidence[:3])}" for name, item in unsure.items()
    )


def value_differences(reading: Reading) -> tuple[list[str], list[str]]:
    """What the source gets wrong beside the plan, and what it does not know although the plan does."""
    source, plan = reading.configurations[SOURCE], reading.configurations[PLAN]
    mine, planned = addresses(source), addresses(plan)
    wrong = [f"{address} is not planned" for address in mine.keys() - planned.keys()]
    wrong += [f"{address} is missing" for address in planned.keys() - mine.keys()]
    unsure: list[str] = []
    for address in sorted(mine.keys() & planned.keys()):
        for path, left, right in differing(dict(mine[address].values), dict(planned[address].values), address):
            told = f"{path}: {left!r} is {right!r} in the plan"
            (unsure if is_open(left) else wrong).append(told)
    return sorted(wrong), unsure


def addresses(configuration: Configuration) -> Mapping[str, Any]:
    """The managed resources of AWS by address."""
    resources = configuration.resources
    return {item.address: item for item in resources if item.mode == "managed" and item.type.startswith("aws_")}


def is_open(value: Value) -> bool:
    """Whether anything in ``value`` is not known."""
    return any(True for _ in unknowns(value))


def differing(mine: Any, planned: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """The places where the plan knows a value, and ``mine`` is not that value."""
    if isinstance(planned, Unknown | Template | Encoded):
        return
    if isinstance(mine, dict) and isinstance(planned, dict):
        for key in sorted(mine.keys() | planned.keys()):
            if key in planned:
                yield from differing(mine.get(key), planned[key], f"{path}.{key}")
    elif isinstance(mine, list) and isinstance(planned, list) and len(mine) == len(planned):
        rest = list(planned)
        for position, item in enumerate(mine):
            found = [list(differing(item, other, f"{path}[{position}]")) for other in rest]
            best = min(range(len(found)), key=lambda at: len(found[at]))
            rest.pop(best)
            yield from found[best]
    elif canonical(mine) != canonical(planned) or isinstance(mine, bool) != isinstance(planned, bool):
        yield path, mine, planned


def canonical(value: Any) -> Any:
    """JSON text by its content, the lists in it as sets: policies are compared as AWS reads them."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return unordered(json.loads(value))
        except ValueError:
            return value
    return value


def unordered(value: Any) -> Any:
    """``value`` with keys and lists in one order."""
    if isinstance(value, dict):
        return {key: unordered(value[key]) for key in sorted(value)}
    return sorted(map(unordered, value), key=json.dumps) if isinstance(value, list) else value


def table(tally: Tally, names: Iterable[str]) -> str:
    """What ``tally`` counted, a line a reading."""
    heads = ("reading", "judged", "pass", "fail", "unknown", "needless", "share")
    rows: list[tuple[str, ...]] = [heads]
    for name in names:
        words = [str(tally.counts[name, said]) for said in ("pass", "fail", "unknown")]
        share = f"{tally.share(name):.2%}"
        rows.append((name, str(tally.judged(name)), *words, str(len(tally.needless(name))), share))
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)
