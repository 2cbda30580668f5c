"""``iacscan rules`` and ``iacscan explain``: what is judged, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from iacscan.cli.terminal import CANNOT, line, print_text, width


def load_rules(policies: Sequence[Path]) -> tuple[Any, ...]:
    """Every rule, by id; broken rule files are reported and end the program."""
    from iacscan import scanning

    found, problems = scanning.load_rules(policies)
    for problem in problems:
        click.echo(f"error: {line(problem)}", err=True)
    if problems:
        sys.exit(CANNOT)
    return tuple(sorted(found, key=lambda rule: rule.id))


def _load_profiles(policies: Sequence[Path]) -> tuple[Any, ...]:
    """Every profile, by id; broken ones are reported and end the program."""
    from iacscan import rules

    found, problems = rules.load_profiles([rules.builtin_directory(), *policies])
    for problem in problems:
        click.echo(f"error: {line(problem)}", err=True)
    if problems:
        sys.exit(CANNOT)
    return found


@click.command("rules")
@click.option("-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--policies", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
def list_rules(format_: str, policies: tuple[Path, ...]) -> None:
    """List the rules: id, severity, whether it is on by default, title; and the profiles that choose among them."""
    found, profiles = load_rules(policies), _load_profiles(policies)
    if format_ == "json":
        keys = ("id", "title", "subject", "checklist", "why", "fix", "default")
        rows = [{key: getattr(rule, key) for key in keys} for rule in found]
        for row, rule in zip(rows, found, strict=True):
            maps = {standard: list(ids) for standard, ids in rule.maps.items()}
            row |= {"severity": rule.severity.label, "references": list(rule.references), "maps": maps}
        named = [
            {
                "id": profile.id,
                "title": profile.title,
                "description": profile.description,
                "rules": [rule.id for rule in found if profile.includes(rule)],
            }
            for profile in profiles
        ]
        print_text(json.dumps({"version": 1, "rules": rows, "profiles": named}, indent=2) + "\n")
        return
    width = max((len(rule.id) for rule in found), default=0)
    for rule in found:
        mark = "" if rule.default else " (opt-in)"
        click.echo(f"{rule.id:<{width}}  {rule.severity.label:<8}  {rule.title}{mark}")
    click.echo("\nProfiles, for --profile NAME:")
    for profile in profiles:
        count = sum(map(profile.includes, found))
        click.echo(f"{profile.id:<{width}}  {count:>2} rules  {profile.title}")


@click.command()
@click.argument("rule_id", metavar="RULE")
@click.option("--policies", multiple=True, type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
def explain(rule_id: str, policies: tuple[Path, ...]) -> None:
    """Say what RULE looks for, why it matters and how to mend it."""
    from iacscan.output.explanation import explain as text_of

    found = {rule.id: rule for rule in load_rules(policies)}
    if rule_id not in found:
        near = get_close_matches(rule_id, found, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`iacscan rules` lists them"
        raise click.UsageError(f"no rule is called {rule_id!r}; {hint}")
    print_text(text_of(found[rule_id], width()))
