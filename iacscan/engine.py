"""Rules times subjects gives findings: one verdict for each rule that applies to a subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from iacscan.core import Diagnostic, Evidence, Level, Location, Origin, Ternary, Unknown, Verdict
from iacscan.findings import Finding
from iacscan.inputs.configuration import Configuration
from iacscan.model.subject import Subject
from iacscan.rules import Expression, Rule, RuleError, format_message, judge

Before = Mapping[tuple[str, str], Verdict]
"""The verdicts before the change, by rule id and address."""


def evaluate(
    rules: Iterable[Rule], subjects: Iterable[Subject], configuration: Configuration, before: Before | None = None
) -> tuple[tuple[Finding, ...], tuple[Diagnostic, ...]]:
    """Judge every subject by every rule of its kind.

    A rule that cannot be evaluated gives ``unknown`` and a diagnostic, never a pass. With ``before``
    each finding says whether the change introduced it.
    """
    by_kind: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject)
    sensitive = {item.address: item for item in configuration.resources if item.sensitive}
    findings: list[Finding] = []
    diagnostics: dict[Diagnostic, None] = {}
    for rule in rules:
        for subject in by_kind.get(rule.subject, ()):
            try:
                answer = _answer(rule, subject)
            except RuleError as error:
                answer = Unknown(error.message)
                diagnostics[Diagnostic(Level.ERROR, error.message, error.location or rule.source)] = None
            if answer is None:
                continue
            finding = _finding(rule, subject, answer, configuration, before)
            findings.append(_without_secrets(finding, sensitive) if sensitive else finding)
    return tuple(findings), tuple(diagnostics)


def verdicts(rules: Iterable[Rule], subjects: Iterable[Subject], configuration: Configuration) -> Before:
    """Only the verdicts, keyed by rule and address: what ``before`` of :func:`evaluate` wants."""
    findings, _ = evaluate(rules, subjects, configuration)
    return {(item.rule.id, item.address): item.verdict for item in findings}


def _answer(rule: Rule, subject: Subject) -> Ternary | None:
    """Whether the rule fails; ``None`` where it does not apply.

    Where that is not known, and all that a part may turn out to be give one answer, it is that answer.
    """
    facts = _facts(rule, subject)
    answer = _judged(rule, facts)
    if not isinstance(answer, Unknown):
        return answer
    for name, options in subject.options.items():
        each = {_judged(rule, {**facts, name: {**facts[name], **option}}) for option in options}
        if len(each) == 1 and not isinstance(only := each.pop(), Unknown):
            return only
    return answer


def _judged(rule: Rule, facts: Mapping[str, Any]) -> Ternary | None:
    if rule.applies_when is not None:
        applies = judge(rule.applies_when, facts)
        if applies is False:
            return None
        if isinstance(applies, Unknown):
            return applies
    return judge(rule.fail_when, facts)


def _facts(rule: Rule, subject: Subject) -> Mapping[str, Any]:
    return {**subject.facts, "params": rule.params} if rule.params else subject.facts


def _finding(
    rule: Rule, subject: Subject, answer: Ternary, configuration: Configuration, before: Before | None
) -> Finding:
    verdict = Verdict.UNKNOWN if isinstance(answer, Unknown) else Verdict.FAIL if answer else Verdict.PASS
    evidence = _evidence(rule, subject)
    if isinstance(answer, Unknown) and not any(str(answer) in item.text for item in evidence):
        evidence = (*evidence, Evidence(_waits_for(answer)))
    located = _locate(rule, subject, () if verdict is Verdict.PASS else evidence, configuration)
    introduced = None
    if before is not None:
        was = before.get((rule.id, subject.address))
        introduced = verdict is not Verdict.PASS and was not in (verdict, Verdict.FAIL)
    return Finding(
        rule,
        subject.address,
        subject.type,
        verdict,
        _message(rule, subject, verdict),
        configuration.path,
        located[0] if located else None,
        located[1:],
        evidence,
        subject.change,
        introduced,
    )


def _waits_for(answer: Unknown) -> str:
    return f"waits for {answer}" if answer.references else f"not decided: {answer}"


def _message(rule: Rule, subject: Subject, verdict: Verdict) -> str:
    if verdict is Verdict.FAIL:
        return format_message(rule.message, subject.address, _facts(rule, subject))
    if verdict is Verdict.UNKNOWN:
        return f"{subject.address}: cannot tell whether {_inside_a_sentence(rule.title)}"
    return f"{subject.address} passes {rule.id}"


def _inside_a_sentence(title: str) -> str:
    """``title`` without its capital, unless the first word has it everywhere: ``S3``, ``IAM``, ``GuardDuty``."""
    first = title.partition(" ")[0]
    return title[:1].lower() + title[1:] if first[1:].islower() else title


def _evidence(rule: Rule, subject: Subject) -> tuple[Evidence, ...]:
    """The sentences that support the facts which the rule reads, each once."""
    found: dict[Evidence, None] = {}
    for path in _paths(rule.fail_when, rule.applies_when):
        for key in _keys_about(path, tuple(subject.evidence)):
            found.update(dict.fromkeys(subject.evidence[key]))
    return tuple(found)


@lru_cache(maxsize=4096)
def _keys_about(path: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``keys`` that are ``path``, lie inside it or hold it. Subjects of one kind share their keys."""
    return tuple(key for key in keys if key == path or path.startswith(f"{key}.") or key.startswith(f"{path}."))


def _paths(*expressions: Expression | None) -> list[str]:
    return [path for expression in expressions if expression is not None for path in expression.paths]


def _locate(
    rule: Rule, subject: Subject, evidence: Iterable[Evidence], configuration: Configuration
) -> tuple[Location, ...]:
    """The place to change first, then the subject itself; each place once.

    Of several places the one that ``evidence`` speaks of first decides; where it speaks of a part of the
    document that stands there, it is that part.
    """
    own = subject.origins.get("", ())
    wanted = subject.origins.get(rule.locate or "", own)
    parts = (
        Origin(item.origin.address, (*item.origin.path, *item.inside)) for item in evidence if item.origin in wanted
    )
    found = (location for origin in (*parts, *wanted, *own) for location in configuration.locate(origin))
    return tuple(dict.fromkeys(found))


def _without_secrets(finding: Finding, sensitive: Mapping[str, Any]) -> Finding:
    """``finding`` with each sentence that was read from a sensitive attribute withheld."""

    def clean(item: Evidence) -> Evidence:
        origin = item.origin
        resource = sensitive.get(origin.address) if origin else None
        if origin is None or resource is None or not resource.is_sensitive(origin.path):
            return item
        where = ".".join(map(str, origin.path))
        return Evidence(f"{origin.address}.{where} is marked sensitive: its value is not shown", origin)

    return replace(finding, evidence=tuple(dict.fromkeys(map(clean, finding.evidence))))
