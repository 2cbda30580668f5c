"""Rules tried on examples: what their authors say should fail, pass or stay unknown.

The examples of the rule in ``queues/queue-open.yaml`` are in ``queues/queue-open/``: ``bad…`` ones fail, ``good…`` ones
pass, ``unknown…`` ones are unknown; each a ``.tf`` file, a directory of them, or a plan in JSON. Every subject of the
rule in an example is expected to have that verdict; ``# expect: pass`` (fail, unknown, none) above a block or in it
says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from iacscan import model, rules
from iacscan.core import Diagnostic, Level, Location, Span
from iacscan.findings import Finding
from iacscan.rules import Rule
from iacscan.scanning import Judged, Options, judge_inputs

KINDS = {"bad": "fail", "good": "pass", "unknown": "unknown"}
"""How the name of an example begins, and the verdict that it shows."""

NEEDED = ("bad", "good")
"""The kinds without which a rule is not tested."""

SUFFIXES = (".tf", ".tofu", ".json")
_EXPECT = re.compile(r"\bexpect:\s*(fail|pass|unknown|none)\b")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example of a rule, and what was not as expected: nothing, where all is well."""

    rule: str
    path: str
    surprises: tuple[str, ...] = ()
    errors: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All examples below a directory. ``untested`` names rules with the kinds of example that they lack."""

    rules: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    untested: tuple[tuple[str, tuple[str, ...]], ...]
    errors: tuple[Diagnostic, ...]

    @property
    def exit_code(self) -> int:
        """0 all is as expected, 1 something is not or is not tested, 2 something could not be tried."""
        if self.errors or any(outcome.errors for outcome in self.outcomes):
            return 2
        return 1 if self.untested or any(outcome.surprises for outcome in self.outcomes) else 0


def rehearse(directory: Path) -> Rehearsal:
    """Try every rule below ``directory`` on its examples."""
    found, problems = rules.load([directory], model.FIELDS)
    outcomes: list[Outcome] = []
    untested: list[tuple[str, tuple[str, ...]]] = []
    for rule in sorted(found, key=lambda rule: rule.id):
        examples = list(_examples(rule))
        outcomes += (_try(rule, kind, path) for kind, path in examples)
        present = {kind for kind, _ in examples}
        lacking = tuple(kind for kind in NEEDED if kind not in present)
        if lacking:
            untested.append((rule.id, lacking))
    return Rehearsal(tuple(sorted(rule.id for rule in found)), tuple(outcomes), tuple(untested), problems)


def _examples(rule: Rule) -> Iterator[tuple[str, Path]]:
    """The examples of ``rule``, with their kinds, by name."""
    if rule.source is None:
        return
    folder = Path(rule.source.path).parent / rule.id
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        kind = next((kind for kind in KINDS if re.match(rf"{kind}\b|{kind}_", path.name)), None)
        if kind is not None and (path.is_dir() or path.suffix in SUFFIXES):
            yield kind, path


def _try(rule: Rule, kind: str, path: Path) -> Outcome:
    judged = Judged(rules=(rule,))
    judge_inputs([path], judged, Options(source="none"))
    errors = tuple(item for item in judged.diagnostics if item.level is Level.ERROR)
    usual = KINDS[kind]
    asked = [
        (comment.location, comment.covers, match[1])
        for comment in judged.comments
        if (match := _EXPECT.search(comment.text))
    ]
    surprises = [text for finding in judged.findings if (text := _surprise(finding, usual, asked))]
    surprises += _unmet(judged.findings, asked)
    if not any(finding.verdict.value == usual for finding in judged.findings):
        surprises.append(f"nothing in it is {usual}")
    return Outcome(rule.id, path.as_posix(), tuple(dict.fromkeys(surprises)), errors)


Asked = Sequence[tuple[Location, Span | None, str]]
"""What comments ask for: where they stand, the block that they speak of, the word."""


def _surprise(finding: Finding, usual: str, asked: Asked) -> str:
    words = [word for place, covers, word in asked if _is_in(finding, place, covers)]
    expected = words[0] if words else usual
    if finding.verdict.value == expected:
        return ""
    instead = "no verdict" if expected == "none" else expected
    return f"{finding.address} is {finding.verdict.value}, expected {instead}"


def _unmet(findings: Iterable[Finding], asked: Asked) -> Iterator[str]:
    """Comments that ask for a verdict where the rule gives none."""
    judged = list(findings)
    for place, covers, word in asked:
        if word != "none" and not any(_is_in(finding, place, covers) for finding in judged):
            line = place.span.start_line if place.span else 0
            yield f"line {line} expects {word}, but the rule judges nothing there"


def _is_in(finding: Finding, place: Location, covers: Span | None) -> bool:
    spans = (item.span for item in (finding.location, *finding.related) if item and item.path == place.path)
    return covers is not None and any(
        span and covers.start_line <= span.start_line <= covers.end_line for span in spans
    )
