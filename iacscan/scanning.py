"""The whole flow, once: load, build, evaluate, choose what to show, report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from iacscan import model, rules
from iacscan.config.overrides import configured
from iacscan.config.settings import ConfigError, Settings
from iacscan.core import Diagnostic, Level, Verdict
from iacscan.engine import Before, evaluate, verdicts
from iacscan.findings import Finding, Report, redact, summarize
from iacscan.inputs import SourceOptions, load
from iacscan.inputs.configuration import Comment, Configuration, Kind, Move
from iacscan.model.subject import Subject
from iacscan.rules import Profile, Rule
from iacscan.triage import suppressions, tags
from iacscan.triage.comments import read_comments
from iacscan.triage.known import left_out
from iacscan.triage.waivers import Waiver

PLURALS = {
    "bucket": "buckets",
    "object": "objects",
    "iam-policy": "IAM documents",
    "user-access": "user grants",
    "detector": "detectors",
    "endpoint": "endpoints",
    "key": "keys",
    "table-policy": "table documents",
    "table-bucket": "table buckets",
    "directory-bucket": "directory buckets",
    "access-point": "access points",
}
UNCOUNTED = ("account", "bucket-change")
"""Kinds that say something more of what is counted already."""

FEW_INPUTS = 3
"""More inputs than this are not named one by one in the notes."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a scan may be told, beside its paths.

    ``select``, ``ignore`` and ``enable`` are rule ids or globs, ``profile`` names a choice of rules that they
    refine. ``policies`` are directories with rules of the user. ``introduced`` keeps only what the change makes
    worse; so do ``baseline``, a file of findings that are known, and ``since``, a git revision of the source.
    ``all_results`` keeps passes and suppressed findings too, ``show_suppressed`` only the latter; without
    ``suppress`` nothing is suppressed.
    ``source`` is where the source of a plan is (``"none"``: do not look for it). ``variables``, ``var_files``,
    ``workspace`` and ``environment`` (``TF_VAR_*``) are what Terraform would be told. ``settings`` are those of
    the project, ``today`` the day on which suppressions are judged.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    policies: tuple[Path, ...] = ()
    profile: str | None = None
    introduced: bool = False
    all_results: bool = False
    source: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    workspace: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    baseline: Path | None = None
    since: str | None = None
    show_suppressed: bool = False
    suppress: bool = True
    settings: Settings = field(default_factory=Settings)
    today: date | None = None


@dataclass(slots=True)
class Judged:
    """What the inputs of one scan give, before anything is left out.

    ``inputs`` are those that were read, with their kinds; ``sizes`` how many resources each has. ``moves`` say what
    had another address before, by input.
    """

    rules: tuple[Rule, ...] = ()
    known: tuple[str, ...] = ()
    inputs: dict[str, Kind] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    moves: dict[str, tuple[Move, ...]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def sources(self) -> list[str]:
        """The inputs that are Terraform source."""
        return [path for path, kind in self.inputs.items() if kind is Kind.SOURCE]


class UsageError(ValueError):
    """Options that make no sense: one sentence for the user."""


def scan(paths: Sequence[str | Path] = (".",), options: Options | None = None) -> Report:
    """Judge every input in ``paths`` and report.

    Raises ``UsageError`` for options that name no rule, or nothing to compare with, and ``ConfigError`` for
    such settings. Whatever is wrong with an input or a rule file is a diagnostic in the report, and the rest is
    still judged.
    """
    chosen = options or Options()
    return report(judge(paths, chosen), chosen)


def judge(paths: Sequence[str | Path], options: Options) -> Judged:
    """Every verdict on the inputs in ``paths``, each with its suppression and whether it is new.

    Raises ``UsageError`` as :func:`scan` does, and ``ConfigError`` for settings that name no rule or parameter.
    """
    judged = Judged()
    every, problems = load_rules(options.policies)
    every, wrong = configured(every, options.settings)
    if wrong:
        raise ConfigError((*problems, *wrong))
    judged.rules, judged.known = select_rules(every, options), tuple(rule.id for rule in every)
    judged.diagnostics += problems
    judge_inputs(paths, judged, options)
    if options.suppress:
        _suppress(judged, options)
    if options.baseline is not None:
        _compare(options.baseline, judged, options)
    judged.findings.sort(key=lambda item: item.order)
    return judged


def load_rules(policies: Sequence[Path] = ()) -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    """The shipped rules and those in ``policies``; the shipped ones alone are read once in a process."""
    if not policies:
        return _shipped_rules()
    return rules.load([rules.builtin_directory(), *policies], model.FIELDS)


@lru_cache(maxsize=1)
def _shipped_rules() -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    return rules.load([rules.builtin_directory()], model.FIELDS)


def report(judged: Judged, options: Options) -> Report:
    """What ``options`` want to see of what was judged."""
    only_new = options.introduced or options.since is not None or options.baseline is not None
    considered = [item for item in judged.findings if not only_new or item.introduced is not False]
    failures = [item.rule.severity for item in considered if item.counts]
    return Report(
        findings=tuple(item for item in considered if _is_shown(item, options)),
        summary=summarize(considered, judged.subjects, len(judged.rules)),
        rules=judged.rules,
        inputs=tuple(judged.inputs),
        diagnostics=tuple(dict.fromkeys(judged.diagnostics)),
        notes=tuple(dict.fromkeys((*_coverage(judged), *judged.notes))),
        worst=max(failures, default=None),
    )


def _is_shown(finding: Finding, options: Options) -> bool:
    if finding.suppression is not None:
        return options.all_results or options.show_suppressed
    return options.all_results or finding.verdict is not Verdict.PASS


def judge_inputs(paths: Sequence[str | Path], judged: Judged, options: Options) -> None:
    """Add to ``judged`` the verdicts of its rules on the inputs in ``paths``, and what is to be said of these.

    Raises ``UsageError`` where there is no source, or no earlier source, to compare.
    """
    given = SourceOptions(options.variables, options.var_files, options.workspace, options.environment)
    named = [str(path) for path in paths]
    configurations, unread = load(named, given, options.source)
    judged.diagnostics += unread
    judged.sizes |= {item.path: len(item.resources) for item in configurations}
    if options.since is not None:
        configurations, said = _with_earlier(options.since, named, configurations, given)
        judged.diagnostics += said
    for configuration in configurations:
        judged.inputs[configuration.path] = configuration.kind
        _judge(configuration, judged, options)
    if options.since is not None:
        judged.diagnostics.append(_as_they_were(judged, options.since))
    judged.notes += _not_judged(unread)


def _with_earlier(
    ref: str, paths: Sequence[str], configurations: Sequence[Configuration], given: SourceOptions
) -> tuple[tuple[Configuration, ...], tuple[Diagnostic, ...]]:
    from iacscan.inputs.earlier import RevisionError, with_earlier  # git is reached only where it is asked for

    try:
        return with_earlier(ref, paths, configurations, given)
    except RevisionError as error:
        raise UsageError(f"--since: {error}") from None


def _as_they_were(judged: Judged, ref: str) -> Diagnostic:
    sources = set(judged.sources)
    old = (item for item in judged.findings if item.introduced is False and item.verdict is not Verdict.PASS)
    return left_out(sum(item.input in sources for item in old), f"as they were at {ref}")


def _suppress(judged: Judged, options: Options) -> None:
    """Apply the waivers in comments and settings; those in tags were applied where the tags were at hand."""
    workspace = options.workspace or options.environment.get("TF_WORKSPACE") or "default"
    written, problems = read_comments(dict.fromkeys(judged.comments), workspace)
    waivers: list[Waiver] = [*written, *options.settings.suppressions]
    day = options.today or date.today()
    ruling = suppressions.apply(judged.findings, waivers, judged.known, judged.rules, day)
    judged.findings = list(ruling.findings)
    judged.diagnostics += [*problems, *ruling.diagnostics]


def _compare(baseline: Path, judged: Judged, options: Options) -> None:
    """Say which findings are new beside ``baseline``. Raises ``UsageError`` where it cannot be read."""
    from iacscan.triage import newness  # its files are reached only where they are asked for

    try:
        compare = newness.baseline(baseline, judged.sources, judged.known, judged.rules)
    except newness.NewnessError as error:
        raise UsageError(str(error)) from None
    strict = options.introduced or options.since is not None
    found, said = compare(judged.findings, judged.moves, strict)
    judged.findings = list(found)
    judged.diagnostics += said


def select_rules(every: Iterable[Rule], options: Options) -> tuple[Rule, ...]:
    """The rules to run, by id. A pattern that fits no rule is a ``UsageError`` that names near ones."""
    known = {rule.id: rule for rule in sorted(every, key=lambda rule: rule.id)}
    for pattern in (*options.select, *options.ignore, *options.enable):
        if not any(fnmatchcase(name, pattern) for name in known):
            near = get_close_matches(pattern, known, n=3)
            hint = f"; did you mean {', '.join(near)}?" if near else "; `iacscan rules` lists them"
            raise UsageError(f"no rule is called {pattern!r}{hint}")

    profile = _profile(options)

    def wanted(rule: Rule) -> bool:
        said = options.settings.rules.get(rule.id)
        overridden = said is not None and said.enabled is not None
        chosen = rule.default if profile is None or overridden else profile.includes(rule)
        by_default = chosen or _fits(rule.id, options.enable)
        if options.select:
            by_default = rule.id in options.select or (by_default and _fits(rule.id, options.select))
        return by_default and not _fits(rule.id, options.ignore)

    return tuple(rule for rule in known.values() if wanted(rule))


def _profile(options: Options) -> Profile | None:
    """The profile that ``options`` name; None for none. An unknown name is a ``UsageError``."""
    if options.profile is None:
        return None
    every, _ = rules.load_profiles([rules.builtin_directory(), *options.policies])
    known = {profile.id: profile for profile in every}
    if options.profile not in known:
        raise UsageError(f"no profile is called {options.profile!r}; there are {', '.join(known)}")
    return known[options.profile]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _judge(configuration: Configuration, judged: Judged, options: Options) -> None:
    kinds = ("bucket", *(rule.subject for rule in judged.rules))
    built = model.build(configuration, kinds)
    before: Before | None = None
    if configuration.before is not None:
        was = verdicts(judged.rules, model.build(configuration.before, kinds).subjects, configuration.before)
        before = _at_new_addresses(was, configuration)
    elif options.introduced and options.since is None and options.baseline is None:
        message = "--introduced: this input has no state before the change, so every failure counts"
        judged.diagnostics.append(Diagnostic(Level.WARNING, f"{configuration.path}: {message}"))
    findings, crashes = evaluate(judged.rules, built.subjects, configuration, before)
    if configuration.secrets:
        findings = tuple(redact(item, configuration.secrets) for item in findings)
    if options.suppress and options.settings.suppress_by_tag:
        findings = tags.apply(findings, built.subjects, options.settings.suppress_by_tag)
    judged.findings.extend(findings)
    judged.comments.extend(configuration.comments)
    planned = ((item.previous_address, item.address) for item in configuration.resources if item.previous_address)
    judged.moves[configuration.path] = (*planned, *configuration.moves)
    judged.diagnostics.extend((*configuration.diagnostics, *crashes))
    judged.subjects.extend(_plurals(built.subjects))
    judged.notes.extend(_unattached(configuration, built))


def _at_new_addresses(was: Before, configuration: Configuration) -> Before:
    """Earlier verdicts by the addresses of now."""
    now = configuration.continued()
    return {(rule, now.get(address, address)): verdict for (rule, address), verdict in was.items()}


def _plurals(subjects: Iterable[Subject]) -> list[str]:
    counted = (subject for subject in subjects if subject.kind not in UNCOUNTED)
    return [PLURALS.get(subject.kind, f"{subject.kind} resources") for subject in counted]


def _coverage(judged: Judged) -> Iterator[str]:
    """What was judged: a note for each input, one for all where they are many."""
    if len(judged.inputs) > FEW_INPUTS:
        kinds = ", ".join(sorted({kind.value for kind in judged.inputs.values()}))
        yield f"judged {len(judged.inputs)} inputs ({kinds}, {_resources(sum(judged.sizes.values()))})"
        return
    for path, kind in judged.inputs.items():
        yield f"judged {path} ({kind.value}, {_resources(judged.sizes[path])})"


def _resources(count: int) -> str:
    return f"{count} resource{'' if count == 1 else 's'}"


def _unattached(configuration: Configuration, built: model.Built) -> Iterator[str]:
    """What of this input could not be joined."""
    if built.unattached:
        named = ", ".join(built.unattached[:5]) + (", …" if len(built.unattached) > 5 else "")
        yield (
            f"{configuration.path}: the bucket of {_resources(len(built.unattached))} is not known, so its settings"
            f" are unknown where they may apply: {named}"
        )


def _not_judged(unread: Iterable[Diagnostic]) -> list[str]:
    paths = (item.location.path for item in unread if item.level is Level.ERROR and item.location)
    return [f"not judged: {path}" for path in paths]
