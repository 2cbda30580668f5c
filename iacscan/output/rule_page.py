"""What is to be said of a rule, part by part: the pages in ``docs/rules`` and ``iacscan explain`` both show this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from iacscan.rules.examples import Example, Examples
from iacscan.rules.profiles import Profile
from iacscan.rules.rule import Rule

GROUPS = {
    "audit-open-buckets": "Audit for open buckets",
    "access-groups": "Know what the access groups mean",
    "encrypt-data": "Encrypt the data",
    "encrypt-in-transit": "Encrypt the data in transit",
    "enable-versioning": "Enable versioning",
    "enable-mfa-delete": "Enable MFA delete",
    "enable-logging": "Enable logging",
    "monitor-policy-changes": "Monitor policy changes",
    "track-applications": "Track the applications that use S3",
    "limit-access": "Limit access",
    "close-in-real-time": "Close buckets in real time",
    "iam-roles": "IAM: roles, and no power to open buckets",
    "beyond-the-checklist": "Beyond the checklist",
}
"""The items of the checklist, in its order."""

_STANDARDS = {
    "security-hub": "AWS Security Hub",
    "cis": "CIS AWS Foundations Benchmark",
    "checkov": "checkov",
    "trivy": "trivy",
    "kics": "KICS",
}
_JUDGED = {
    "bucket": "each bucket",
    "bucket-change": "what a plan, or source beside the source of `--since`, does to each bucket that is there already",
    "object": "each object and copy of an object",
    "access-point": "each access point, multi-Region ones too",
    "directory-bucket": "each directory bucket",
    "table-bucket": "each table bucket",
    "table-policy": "each policy of a table bucket or table",
    "key": "each KMS key that a bucket uses",
    "account": "the account, as far as the input shows it",
    "detector": "each GuardDuty detector",
    "endpoint": "each VPC endpoint for S3",
    "iam-policy": "each IAM policy, and what attaches one that AWS manages",
    "user-access": "each policy, attachment and access key of an IAM user",
}
"""The kinds of subject in words."""

_NONE: Examples = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, code in backquotes; ``more`` is a document in ``docs/`` that says more, and a word for it."""

    text: str
    more: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be shown as they are; ``language`` is empty for expressions."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A small table of two columns."""

    rows: tuple[tuple[str, str], ...]
    head: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where to read more on the web."""

    items: tuple[str, ...]


Part: TypeAlias = Prose | Code | Rows | Addresses


@dataclass(frozen=True, slots=True)
class Section:
    """Parts under a title."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class RulePage:
    """All that is said of the rule ``id``: its title, what it is, and sections."""

    id: str
    title: str
    facts: Rows
    sections: tuple[Section, ...]


def rule_page(rule: Rule, profiles: Iterable[Profile] = (), examples: Examples = _NONE) -> RulePage:
    """The page of ``rule``, with the ``profiles`` that include it and its ``examples`` by kind."""
    named = ", ".join(f"`{profile.id}`" for profile in profiles if profile.includes(rule))
    facts = (
        ("Severity", rule.severity.label),
        ("On by default", "yes" if rule.default else f"no: `--enable {rule.id}`"),
        ("Judges", _JUDGED.get(rule.subject, f"each `{rule.subject}`")),
        ("Checklist", GROUPS.get(rule.checklist, rule.checklist)),
        ("Profiles", named or "none"),
    )
    return RulePage(rule.id, rule.title, Rows(facts), tuple(_sections(rule, examples)))


def _sections(rule: Rule, examples: Examples) -> Iterator[Section]:
    yield Section("Why", (Prose(rule.why),))
    yield Section("What to do", tuple(_remedy(rule)))
    yield from _shown(examples)
    yield Section("Exactly", tuple(_condition(rule)))
    if rule.params:
        rows = tuple((f"`{name}`", f"`{value}`") for name, value in rule.params.items())
        yield Section("Parameters", (Rows(rows, ("name", "default")),))
    if rule.maps:
        known = Rows(tuple((_STANDARDS.get(name, name), ", ".join(ids)) for name, ids in rule.maps.items()))
        note = "These look for the same thing, not always in the same way: the verdict here is the one above."
        yield Section("Known elsewhere as", (known, Prose(note)))
    if rule.references:
        yield Section("Read more", (Addresses(rule.references),))


def _remedy(rule: Rule) -> Iterator[Part]:
    yield Prose(rule.fix)
    if rule.snippet:
        yield Code(rule.snippet, "terraform")
    silenced = f"If it is meant so: `# iacscan:ignore={rule.id} reason` above the block"
    yield Prose(silenced, ("more ways", "suppressions.md"))


def _shown(examples: Mapping[str, Example]) -> Iterator[Section]:
    for kind, title in (("bad", "Fails"), ("good", "Passes")):
        if example := examples.get(kind):
            text = Code(example.text, "terraform")
            if example.before is None:
                yield Section(title, (text,))
            else:
                before = Code(example.before, "terraform")
                yield Section(title, (Prose("Applied already:"), before, Prose("The change:"), text))


def _condition(rule: Rule) -> Iterator[Part]:
    if rule.applies_when:
        yield Prose("It applies where")
        yield Code(rule.applies_when.text.strip())
        if "managed" in rule.applies_when.text:
            yield Prose("`managed` says that the input makes the bucket, and does not only name it.")
    yield Prose("It fails where")
    yield Code(rule.fail_when.text.strip())
    waiting = "What cannot be known before apply is `unknown`, with the reason; it is never a silent pass"
    yield Prose(waiting, ("how expressions work", "writing-rules.md"))
