"""Write docs/rules/: a page for each rule and an index, from policies/ and the examples in fixtures/rules/.

    python scripts/generate_rule_docs.py            write
    python scripts/generate_rule_docs.py --check    say what is out of date, exit code 1 if anything is

``tests/test_docs.py`` keeps the pages current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from iacscan import model, rules  # noqa: E402
from iacscan.rules import Profile, Rule  # noqa: E402

PAGES = ROOT / "docs" / "rules"
EXAMPLES = ROOT / "fixtures" / "rules"
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
"""The groups of the index, in its order."""

STANDARDS = {
    "security-hub": "AWS Security Hub",
    "cis": "CIS AWS Foundations Benchmark",
    "checkov": "checkov",
    "trivy": "trivy",
    "kics": "KICS",
    "terrascan": "terrascan",
    "semgrep": "semgrep",
    "regula": "regula",
}
JUDGED = {
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

_MARK = re.compile(r"^# (?:expect|plan|Provider 6):.*\n", re.MULTILINE)
_NOTICE = "<!-- Made by scripts/generate_rule_docs.py from policies/ and fixtures/rules/; do not edit. -->"


def load() -> tuple[tuple[Rule, ...], tuple[Profile, ...]]:
    """The rules and profiles that come with iacscan; SystemExit where one is broken."""
    found, problems = rules.load([rules.builtin_directory()], model.FIELDS)
    profiles, more = rules.load_profiles([rules.builtin_directory()])
    if problems or more:
        raise SystemExit("\n".join(item.message for item in (*problems, *more)))
    return tuple(sorted(found, key=lambda rule: rule.id)), profiles


def pages() -> dict[str, str]:
    """Every page by its name in docs/rules/."""
    found, profiles = load()
    made = {f"{rule.id}.md": page(rule, profiles) for rule in found}
    return {"README.md": index(found, profiles), **made}


def page(rule: Rule, profiles: Sequence[Profile]) -> str:
    """The page of one rule."""
    named = ", ".join(f"`{profile.id}`" for profile in profiles if profile.includes(rule))
    facts = [
        ("Severity", rule.severity.label),
        ("On by default", "yes" if rule.default else f"no: `--enable {rule.id}`"),
        ("Judges", JUDGED.get(rule.subject, f"`{rule.subject}`")),
        ("Checklist", GROUPS[rule.checklist]),
        ("Profiles", named or "none"),
    ]
    parts = [
        _NOTICE,
        f"# {rule.id}",
        f"{rule.title}.",
        _table(("", ""), facts),
        "## Why",
        rule.why,
        "## What to do",
        _escaped(rule.fix),
        f"If it is meant so: `# iacscan:ignore={rule.id} reason` above the block ([more ways](../suppressions.md)).",
        *_examples(rule),
        "## Exactly",
        _condition(rule),
        *_parameters(rule),
        *_elsewhere(rule),
        *_references(rule),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """``text`` so that Markdown shows its asterisks."""
    return text.replace("*", "\\*")


def _condition(rule: Rule) -> str:
    parts = []
    if rule.applies_when:
        parts.append(f"It applies where\n\n```\n{rule.applies_when.text.strip()}\n```")
        if "managed" in rule.applies_when.text:
            parts.append("`managed` says that the input makes the bucket, and does not only name it.")
    parts.append(f"It fails where\n\n```\n{rule.fail_when.text.strip()}\n```")
    parts.append(
        "What cannot be known before apply is `unknown`, with the reason; it is never a silent pass."
        " [Writing rules](../writing-rules.md) explains the expressions."
    )
    return "\n\n".join(parts)


def _parameters(rule: Rule) -> Iterator[str]:
    if rule.params:
        yield "## Parameters"
        yield _table(("name", "default"), [(f"`{name}`", f"`{value}`") for name, value in rule.params.items()])


def _elsewhere(rule: Rule) -> Iterator[str]:
    if rule.maps:
        yield "## Known elsewhere as"
        yield _table(("", ""), [(STANDARDS.get(name, name), ", ".join(ids)) for name, ids in rule.maps.items()])
        yield "These look for the same thing, not always in the same way: the verdict here is the one above."


def _references(rule: Rule) -> Iterator[str]:
    if rule.references:
        yield "## Read more"
        yield "\n".join(f"- <{address}>" for address in rule.references)


def _examples(rule: Rule) -> Iterator[str]:
    for kind, title in (("bad", "Fails"), ("good", "Passes")):
        first = _shown(rule, kind)
        if first is None:
            continue
        before = first.parent / "before" / first.name
        if before.exists():
            yield f"## {title}\n\nApplied already:\n\n{_code(before)}\n\nThe change:\n\n{_code(first)}"
        else:
            yield f"## {title}\n\n{_code(first)}"


def _shown(rule: Rule, kind: str) -> Path | None:
    """The example for the page: the one written for it, else the shortest that is not in the old inline form."""
    folder, written = EXAMPLES / rule.id, {"bad": "bad-plain.tf", "good": "good-fix.tf"}[kind]
    if (folder / written).exists():
        return folder / written
    others = folder.glob(f"{kind}-*.tf")
    return min(others, key=lambda path: ("inline" in path.name, path.stat().st_size, path.name), default=None)


def _code(path: Path) -> str:
    text = _MARK.sub("", path.read_text("utf-8")).strip("\n")
    return f"```terraform\n{text}\n```"


def index(found: Sequence[Rule], profiles: Sequence[Profile]) -> str:
    """The index: every rule by the item of the checklist that it belongs to, and the profiles."""
    parts = [
        _NOTICE,
        "# Rules",
        "Each rule judges each bucket (or what else it names) and says fail, pass or unknown. Rules marked *opt-in* run"
        " with `--enable RULE` or a profile. `iacscan explain RULE` prints a page in the terminal;"
        " [the checklist](../checklist.md) says which rule stands for which advice.",
        "*critical*: anybody on the internet can write, or do what a policy lets everybody do. *high*: strangers can"
        " get in, too much power is handed out, or a protection is taken away. *medium*: a protection is missing."
        " *low*: good practice, or what AWS does by itself today and nobody wrote down.",
        "## Profiles",
        _table(
            ("`--profile`", "rules", ""),
            [
                (f"`{item.id}`", str(sum(map(item.includes, found))), f"{item.title}. {item.description}")
                for item in profiles
            ],
        ),
    ]
    for group, title in GROUPS.items():
        members = sorted((rule for rule in found if rule.checklist == group), key=lambda rule: -rule.severity)
        if members:
            parts += [f"## {title}", _table(("rule", "severity", "finds"), [_row(rule) for rule in members])]
    return "\n\n".join(parts) + "\n"


def _row(rule: Rule) -> tuple[str, str, str]:
    mark = "" if rule.default else " *opt-in*"
    return f"[{rule.id}]({rule.id}.md){mark}", rule.severity.label, rule.title


def out_of_date() -> list[str]:
    """The names of pages that are missing, old, or of no rule any more."""
    made = pages()
    there = {path.name for path in PAGES.glob("*.md")}
    wrong = [name for name, text in made.items() if name not in there or (PAGES / name).read_text("utf-8") != text]
    return sorted([*wrong, *(there - set(made))])


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them; the exit code."""
    if "--check" in arguments:
        wrong = out_of_date()
        print("\n".join(wrong))
        return 1 if wrong else 0
    PAGES.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in PAGES.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (PAGES / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
