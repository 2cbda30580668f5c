"""``iacscan rules`` and ``iacscan explain``: what is judged, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click

from iacscan.cli.catalogue import Catalogue, catalogue
from iacscan.cli.scan_options import ProfileType, RuleType
from iacscan.cli.terminal import print_text, width

_Command = TypeVar("_Command", bound=Callable[..., Any])

_FORMATS = click.Choice(["text", "json"])
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _project_options(command: _Command) -> _Command:
    for option in (
        click.option(
            "--profile", type=ProfileType(), metavar="NAME", help="Which rules would run with this choice of rules."
        ),
        click.option("--policies", multiple=True, type=_FOLDER, metavar="DIR", help="Rules of your own, too."),
        click.option(
            "--config",
            type=click.Path(),
            metavar="FILE",
            help="The project's settings; none reads none. [default: as in scan]",
        ),
    ):
        command = option(command)
    return command


@click.command("rules")
@click.option("-f", "--format", "format_", type=_FORMATS, default="text", show_default=True)
@_project_options
def list_rules(format_: str, config: str | None, policies: tuple[Path, ...], profile: str | None) -> None:
    """List the rules with what the project's settings make of them, and the profiles that choose among them.

    Each with its severity and title; the settings are found upward from here, as `iacscan scan` finds them.
    """
    found = catalogue(config, policies, profile)
    print_text(_json(found) if format_ == "json" else _text(found))


def _text(found: Catalogue) -> str:
    width = max(map(len, found.rules), default=0)
    lines = []
    for id_, rule in found.rules.items():
        marks = ", ".join([*([] if found.written[id_].default else ["opt-in"]), *found.changes(id_)])
        lines.append(f"{id_:<{width}}  {rule.severity.label:<8}  {rule.title}" + (f" ({marks})" if marks else ""))
    by = f", by {found.origin}" if found.origin else ""
    lines += [f"\n{len(found.running)} of {len(found.rules)} rules run{by}.", "\nProfiles, for --profile NAME:"]
    for profile in found.profiles:
        count = sum(map(profile.includes, found.written.values()))
        lines.append(f"{profile.id:<{width}}  {count:>2} rules  {profile.title}")
    return "\n".join(lines) + "\n"


def _json(found: Catalogue) -> str:
    """NOTE: ``default`` is the rule's own, ``enabled`` and ``severity`` are what is in force."""
    rows = []
    for id_, rule in found.rules.items():
        row = {key: getattr(rule, key) for key in ("id", "title", "subject", "checklist", "why", "fix", "snippet")}
        maps = {standard: list(ids) for standard, ids in rule.maps.items()}
        row |= {"default": found.written[id_].default, "enabled": id_ in found.running}
        rows.append(row | {"severity": rule.severity.label, "references": list(rule.references), "maps": maps})
    named = [
        {
            "id": profile.id,
            "title": profile.title,
            "description": profile.description,
            "rules": [id_ for id_, rule in found.written.items() if profile.includes(rule)],
        }
        for profile in found.profiles
    ]
    return json.dumps({"version": 1, "rules": rows, "profiles": named}, indent=2) + "\n"


@click.command()
@click.argument("rule_id", metavar="RULE", type=RuleType())
@_project_options
def explain(rule_id: str, config: str | None, policies: tuple[Path, ...], profile: str | None) -> None:
    """Say what RULE looks for and why, how to mend it, with examples, and what the project's settings make of it."""
    from iacscan.output.explanation import explain as text_of
    from iacscan.output.rule_page import rule_page

    found = catalogue(config, policies, profile)
    if rule_id not in found.rules:
        near = get_close_matches(rule_id, found.rules, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`iacscan rules` lists them"
        raise click.UsageError(f"no rule is called {rule_id!r}; {hint}")
    here = "; ".join(found.changes(rule_id)) or "as it is written"
    page = rule_page(found.written[rule_id], found.profiles, found.examples(rule_id))
    print_text(text_of(page, width(), f"{here} ({found.origin})" if found.origin else ""))
