"""Findings of one block said once: ``count`` and ``for_each`` repeat a mistake, not its cause.

Formats for people gather instances only where they say the same, and unknown verdicts where they wait
for the same (:func:`groups`); formats that mark
a line take one alert a line, rule and block (:func:`alerts`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from iacscan.core import Evidence, Origin, Verdict
from iacscan.findings import Finding
from iacscan.output.characters import exact, sentence
from iacscan.output.places import origin
from iacscan.rules.rule import Rule

_STATUSES = ("fail", "unknown", "suppressed", "pass")
"""The worst first."""

_KEY = re.compile(r'\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]')
_KEYED = re.compile(rf"(\b(?:module|[a-z0-9]+_[a-z0-9_]+)\.[\w-]+){_KEY.pattern}")


@dataclass(frozen=True, slots=True)
class Problem:
    """The same verdict of one rule on the instances of one block; ``finding`` is the first of them.

    ``others`` are rules whose verdicts are unknown for the same reason, at the same place.
    """

    finding: Finding
    addresses: tuple[str, ...]
    others: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Everything that a report says of one block: ``findings`` in their order, ``problems`` the worst first."""

    block: str
    addresses: tuple[str, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


def block(address: str) -> str:
    """``address`` without instance keys: where the code is, ``module.m.aws_s3_bucket.b``."""
    return _KEY.sub("", address)


def key(address: str) -> str:
    """The instance keys of ``address`` alone: ``["eu"]``; empty for a single instance."""
    return "".join(_KEY.findall(address))


def listed(names: Iterable[str], most: int = 5) -> str:
    """``a, b, c and 4 more``: no list in a report grows with the input."""
    names = list(names)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def tally(findings: Iterable[Finding]) -> dict[str, int]:
    """How many failures there are of each severity, the worst first, then how many unknown verdicts."""
    open_ones = [finding for finding in findings if not finding.suppression]
    failed = Counter(finding.rule.severity for finding in open_ones if finding.verdict is Verdict.FAIL)
    counted = {severity.label: failed[severity] for severity in sorted(failed, reverse=True)}
    unknown = sum(finding.verdict is Verdict.UNKNOWN for finding in open_ones)
    return counted | ({"unknown": unknown} if unknown else {})


def alerts(findings: Iterable[Finding]) -> list[Problem]:
    """One problem for each rule, block and place, in the order of the first finding of each."""
    return _merge(findings, _same_place)


def groups(findings: Iterable[Finding]) -> list[Group]:
    """Findings by input and block, in the order of the first finding of each block."""
    blocks: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        blocks.setdefault((finding.input, block(finding.address)), []).append(finding)
    return [_group(name, tuple(items)) for (_, name), items in blocks.items()]


def _group(name: str, findings: tuple[Finding, ...]) -> Group:
    addresses = _addresses(findings)
    title = name if len(addresses) > 1 else addresses[0]
    problems = _one_doubt_each(_merge(findings, _same_words))
    return Group(title, addresses, findings, tuple(sorted(problems, key=badness)))


def badness(problem: Problem) -> tuple[int, int]:
    """The key that puts the worst first; what is equally bad stays in the order of the report."""
    return _STATUSES.index(problem.finding.status), -problem.finding.rule.severity


def _one_doubt_each(problems: Iterable[Problem]) -> list[Problem]:
    """``problems`` with those that wait for the same as one: that of the worst rule, which names the others."""
    doubts: dict[Hashable, list[Problem]] = {}
    for at, problem in enumerate(problems):
        doubts.setdefault(_doubt(problem) or at, []).append(problem)
    return [_worst(alike) for alike in doubts.values()]


def _doubt(problem: Problem) -> Hashable:
    """What ``problem`` waits for, and where; None where it is decided."""
    finding = problem.finding
    if finding.status != Verdict.UNKNOWN.value or not finding.evidence:
        return None
    return finding.location, problem.addresses, tuple(proofs(problem)), finding.introduced


def _worst(alike: Sequence[Problem]) -> Problem:
    first, *rest = sorted(alike, key=lambda problem: -problem.finding.rule.severity)
    return replace(first, others=tuple(problem.finding.rule for problem in rest))


def _merge(findings: Iterable[Finding], alike: Callable[[Finding], Hashable]) -> list[Problem]:
    problems: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        problems.setdefault(alike(finding), []).append(finding)
    return [Problem(items[0], _addresses(items)) for items in problems.values()]


def _addresses(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.address for finding in findings))


def _same_place(finding: Finding) -> Hashable:
    return finding.input, finding.rule.id, finding.status, finding.location, block(finding.address)


def _same_words(finding: Finding) -> Hashable:
    """What a report for people says of ``finding``, without instance keys."""
    words = _general(finding.message), tuple(_proofs(finding, general=True))
    return _same_place(finding), words, finding.introduced, finding.suppression


def _general(text: str) -> str:
    """``text`` with the addresses of blocks in place of instances."""
    return _KEYED.sub(r"\1", text)


def others(problem: Problem) -> str:
    """The rules that wait for the same as ``problem``, in words; empty where there are none."""
    labels = dict.fromkeys(rule.severity.label for rule in problem.others)
    named = [
        f"{', '.join(exact(rule.id) for rule in problem.others if rule.severity.label == label)} ({label})"
        for label in labels
    ]
    return "; ".join(named)


def full_message(problem: Problem) -> str:
    """The message of the first instance, which names it."""
    finding = problem.finding
    message = sentence(finding.message)
    return message if sentence(finding.address) in message else f"{exact(finding.address)}: {message}"


def short_message(problem: Problem) -> str:
    """The message as it reads under a heading that names the block: without it at the start."""
    finding = problem.finding
    many = len(problem.addresses) > 1
    message = sentence(_general(finding.message) if many else finding.message)
    rest = message.removeprefix(sentence(_general(finding.address) if many else finding.address))
    return rest.lstrip(" :,") if rest[:1] in (" ", ":", ",") else message


def proofs(problem: Problem) -> list[str]:
    """The evidence of a problem as sentences, each with the attribute where it was read."""
    return _proofs(problem.finding, general=len(problem.addresses) > 1)


def main_proofs(problem: Problem, most: int) -> tuple[list[str], int]:
    """At most ``most`` sentences of evidence and how many are left out; what a verdict waits for comes last."""
    evidence = proofs(problem)
    shown = evidence[-most:] if problem.finding.status == "unknown" else evidence[:most]
    return shown, len(evidence) - len(shown)


def _proofs(finding: Finding, general: bool) -> list[str]:
    address = block(finding.address) if general else finding.address
    found = (_proof(item, address, general) for item in finding.evidence)
    return [proof for proof in dict.fromkeys(found) if proof]


def _proof(evidence: Evidence, address: str, general: bool) -> str:
    text, source = evidence.text, evidence.origin
    if general:
        text = _general(text)
        source = source and Origin(block(source.address), source.path)
    where = origin(source, address) if source else ""
    text = sentence(text)
    return f"{text} ({where})" if where and where not in text else text


def since(finding: Finding) -> str:
    """Whether a failure is this change's doing, where that is known and not plain from the change."""
    if finding.introduced is None or finding.change == "created" or not finding.counts:
        return ""
    return "introduced by this change" if finding.introduced else "so before this change"
