"""The rules as a project has them: shipped and its own, with its settings, and which of them run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from iacscan.cli.project import project_settings, stop
from iacscan.config.settings import Settings
from iacscan.rules import Examples, Profile, Rule


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``written`` are the rules as their files have them, ``rules`` as ``settings`` change them, both by id."""

    written: Mapping[str, Rule]
    rules: Mapping[str, Rule]
    running: frozenset[str]
    profiles: tuple[Profile, ...]
    settings: Settings

    @property
    def origin(self) -> str:
        """What decides which rules run: a file, a profile, or nothing but the rules themselves."""
        profile = f"profile {self.settings.profile}" if self.settings.profile else ""
        return " and ".join(filter(None, (self.settings.path, profile)))

    def examples(self, id_: str) -> Examples:
        """One example that fails and one that passes, of a rule that comes with iacscan."""
        from iacscan.rules import builtin_directory, load_examples

        return load_examples(builtin_directory()).get(id_, {})

    def changes(self, id_: str) -> Iterator[str]:
        """What the settings make of a rule, each difference in a few words."""
        written, rule = self.written[id_], self.rules[id_]
        if written.default != (id_ in self.running):
            yield "on here" if id_ in self.running else "off here"
        if rule.severity is not written.severity:
            yield f"severity {rule.severity.label} here, not {written.severity.label}"
        for name, value in rule.params.items():
            if value != written.params.get(name):
                yield f"{name} is {value} here, not {written.params.get(name)}"


def catalogue(config: str | None, policies: Sequence[Path], profile: str | None) -> Catalogue:
    """The rules for the settings in ``config``, else found upward from here, with more ``policies`` and a ``profile``.

    What is wrong with rule files or settings ends the program.
    """
    from iacscan import rules, scanning
    from iacscan.config.overrides import configured

    found = project_settings(config, ())
    added = (*found.policies, *(path.as_posix() for path in policies))
    settings = replace(found, policies=added, profile=profile or found.profile)
    folders = tuple(map(Path, settings.policies))
    written, problems = scanning.load_rules(folders)
    changed, wrong = configured(written, settings)
    profiles, broken = rules.load_profiles([rules.builtin_directory(), *folders])
    if problems or wrong or broken:
        stop((*problems, *wrong, *broken))
    same = {name: getattr(settings, name) for name in ("select", "ignore", "enable", "profile")}
    try:
        running = scanning.select_rules(changed, scanning.Options(settings=settings, policies=folders, **same))
    except scanning.UsageError as error:
        raise click.UsageError(str(error)) from None
    return Catalogue(_by_id(written), _by_id(changed), frozenset(rule.id for rule in running), profiles, settings)


def _by_id(found: Sequence[Rule]) -> dict[str, Rule]:
    return {rule.id: rule for rule in sorted(found, key=lambda rule: rule.id)}
