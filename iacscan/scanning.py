"""The whole flow, once: load, build, evaluate, choose what to show, report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from iacscan import model, rules
from iacscan.core import Diagnostic, Level, Verdict
from iacscan.engine import evaluate, verdicts
from iacscan.findings import Finding, Report, redact, summarize
from iacscan.inputs import SourceOptions, load
from iacscan.inputs.configuration import Configuration, Kind
from iacscan.model.subject import Subject
from iacscan.rules import Rule

PLURALS = {
    "bucket": "buckets",
    "object": "objects",
    "iam-policy": "IAM policies",
    "user-access": "grants to users",
    "access-point": "access points",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a scan may be told, beside its paths.

    ``select``, ``ignore`` and ``enable`` are rule ids or globs. ``policies`` are directories with
    rules of the user. ``introduced`` keeps only what the change makes worse; ``all_results`` keeps
    passes too. ``source`` is where the source of a plan is (``"none"``: do not look for it).
    ``variables``, ``var_files``, ``workspace`` and ``environment`` (``TF_VAR_*``) are what Terraform
    would be told.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    policies: tuple[Path, ...] = ()
    introduced: bool = False
    all_results: bool = False
    source: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    workspace: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Results:
    """What the inputs of one scan give, gathered input by input."""

    findings: list[Finding] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class UsageError(ValueError):
    """Options that make no sense: one sentence for the user."""


def scan(paths: Sequence[str | Path] = (".",), options: Options | None = None) -> Report:
    """Judge every input in ``paths`` and report.

    Raises ``UsageError`` for options that name no rule. Whatever is wrong with an input or a rule file
    is a diagnostic in the report, and the rest is still judged.
    """
    chosen = options or Options()
    every, problems = rules.load([rules.builtin_directory(), *chosen.policies], model.FIELDS)
    active = select_rules(every, chosen)
    given = SourceOptions(chosen.variables, chosen.var_files, chosen.workspace, chosen.environment)
    configurations, unread = load([str(path) for path in paths], given, chosen.source)
    results = _Results(diagnostics=[*problems, *unread])
    for configuration in configurations:
        _judge(configuration, active, results, chosen)
    findings = sorted(results.findings, key=lambda item: item.order)
    considered = [item for item in findings if not chosen.introduced or item.introduced is not False]
    shown = considered if chosen.all_results else [item for item in considered if item.verdict is not Verdict.PASS]
    failures = [item.rule.severity for item in considered if item.counts]
    return Report(
        findings=tuple(shown),
        summary=summarize(considered, results.subjects, len(active)),
        rules=active,
        inputs=tuple(item.path for item in configurations),
        diagnostics=tuple(dict.fromkeys(results.diagnostics)),
        notes=tuple(dict.fromkeys([*results.notes, *_not_judged(unread)])),
        worst=max(failures, default=None),
    )


def select_rules(every: Iterable[Rule], options: Options) -> tuple[Rule, ...]:
    """The rules to run, by id. A pattern that fits no rule is a ``UsageError`` that names near ones."""
    known = {rule.id: rule for rule in sorted(every, key=lambda rule: rule.id)}
    for pattern in (*options.select, *options.ignore, *options.enable):
        if not any(fnmatchcase(name, pattern) for name in known):
            near = get_close_matches(pattern, known, n=3)
            hint = f"; did you mean {', '.join(near)}?" if near else "; `iacscan rules` lists them"
            raise UsageError(f"no rule is called {pattern!r}{hint}")

    def wanted(rule: Rule) -> bool:
        by_default = rule.default or _fits(rule.id, options.enable)
        if options.select:
            by_default = rule.id in options.select or (by_default and _fits(rule.id, options.select))
        return by_default and not _fits(rule.id, options.ignore)

    return tuple(rule for rule in known.values() if wanted(rule))


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _judge(configuration: Configuration, active: tuple[Rule, ...], results: _Results, options: Options) -> None:
    kinds = ("bucket", *(rule.subject for rule in active))
    built = model.build(configuration, kinds)
    before: Mapping[tuple[str, str], Verdict] | None = None
    if configuration.before is not None:
        before = verdicts(active, model.build(configuration.before, kinds).subjects, configuration.before)
    elif options.introduced:
        message = "--introduced: this input has no state before the change, so every failure counts"
        results.diagnostics.append(Diagnostic(Level.WARNING, f"{configuration.path}: {message}"))
    findings, crashes = evaluate(active, built.subjects, configuration, before)
    if configuration.secrets:
        findings = tuple(redact(item, configuration.secrets) for item in findings)
    results.findings.extend(findings)
    results.diagnostics.extend((*configuration.diagnostics, *crashes))
    results.subjects.extend(_plurals(built.subjects))
    results.notes.extend(_coverage(configuration, built))


def _plurals(subjects: Iterable[Subject]) -> list[str]:
    return [PLURALS.get(subject.kind, f"{subject.kind} resources") for subject in subjects]


def _coverage(configuration: Configuration, built: model.Built) -> list[str]:
    """What of this input was judged, and what could not be joined."""
    words = {Kind.PLAN: "plan", Kind.STATE: "state", Kind.SOURCE: "source"}
    count = len(configuration.resources)
    notes = [f"judged {configuration.path} ({words[configuration.kind]}, {count} resource{'' if count == 1 else 's'})"]
    if built.unattached:
        named = ", ".join(built.unattached[:5]) + (", …" if len(built.unattached) > 5 else "")
        notes.append(
            f"{configuration.path}: the bucket of {len(built.unattached)} resource"
            f"{'' if len(built.unattached) == 1 else 's'} is not known, so its settings are unknown where"
            f" they may apply: {named}"
        )
    return notes


def _not_judged(unread: Iterable[Diagnostic]) -> list[str]:
    paths = (item.location.path for item in unread if item.level is Level.ERROR and item.location)
    return [f"not judged: {path}" for path in paths]
