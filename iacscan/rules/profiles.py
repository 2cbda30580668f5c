"""Profiles: named choices of rules, as data in ``profiles/*.yaml`` of a directory of policies.

A profile has ``id``, ``title``, ``description``, and one of ``defaults: true`` (the rules that are on by
default), ``rules`` (ids or globs) and ``standard`` (the rules that map to it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from iacscan.core import Diagnostic, Level, Location, Span
from iacscan.rules.names import suggest
from iacscan.rules.rule import Rule
from iacscan.rules.yaml_nodes import Mapping, YamlError, describe, plain, read_yaml

FOLDER = "profiles"
"""Where a directory of policies keeps its profiles; no rules are read from there."""

_TEXTS = ("id", "title", "description")
_CHOICES = ("defaults", "rules", "standard")


@dataclass(frozen=True, slots=True)
class Profile:
    """A choice of rules; of the last three fields one says which."""

    id: str
    title: str
    description: str
    defaults: bool = False
    rules: tuple[str, ...] = ()
    standard: str | None = None

    def includes(self, rule: Rule) -> bool:
        """Whether ``rule`` is part of the profile."""
        if self.defaults:
            return rule.default
        if self.standard is not None:
            return self.standard in rule.maps
        return any(fnmatchcase(rule.id, pattern) for pattern in self.rules)


def load_profiles(directories: Iterable[Path]) -> tuple[tuple[Profile, ...], tuple[Diagnostic, ...]]:
    """The profiles in ``profiles/`` of each of ``directories``, by id, and what is wrong with others."""
    found: dict[str, Profile] = {}
    diagnostics: list[Diagnostic] = []
    for directory in directories:
        for path in sorted((directory / FOLDER).glob("*.y*ml")):
            profile = _read(path, diagnostics)
            if profile is not None and profile.id in found:
                diagnostics.append(_error(f"profile '{profile.id}' is already defined", path))
            elif profile is not None:
                found[profile.id] = profile
    return tuple(found[name] for name in sorted(found)), tuple(diagnostics)


def _read(path: Path, diagnostics: list[Diagnostic]) -> Profile | None:
    try:
        document, duplicates = read_yaml(path.read_text("utf-8-sig"))
    except YamlError as error:
        diagnostics.append(_error(error.message, path, error.span))
        return None
    except (OSError, UnicodeDecodeError) as error:
        diagnostics.append(_error(f"cannot be read: {error}", path))
        return None
    wrong = [_error(item.message, path, item.span) for item in duplicates]
    if not isinstance(document, Mapping):
        diagnostics.append(_error(f"a profile is a mapping, not {describe(document)}", path, document.span))
        return None
    wrong += [_error(text, path, span) for text, span in _faults(document, path.stem)]
    diagnostics += wrong
    values: dict[str, Any] = {key: plain(entry.value) for key, entry in document.entries.items()}
    return None if wrong else Profile(**{**values, "rules": tuple(values.get("rules", ()))})


def _faults(document: Mapping, name: str) -> list[tuple[str, Span]]:
    """What is wrong with the mapping of a profile, and where."""
    keys = (*_TEXTS, *_CHOICES)
    found = [
        (f"unknown key '{key}'{suggest(key, keys)}", entry.span)
        for key, entry in document.entries.items()
        if key not in keys
    ]
    values = {key: plain(entry.value) for key, entry in document.entries.items()}
    for key in _TEXTS:
        if not isinstance(values.get(key), str):
            found.append((f"'{key}' must be text", document.span))
    if sum(key in values for key in _CHOICES) != 1:
        found.append((f"one of {', '.join(_CHOICES)} is needed, and only one", document.span))
    rules = values.get("rules", [])
    if not isinstance(rules, list) or not all(isinstance(item, str) for item in rules):
        found.append(("'rules' must be a list of rule ids or globs", document.span))
    if values.get("defaults", True) is not True:
        found.append(("'defaults' can only be true", document.span))
    if not isinstance(values.get("standard", ""), str):
        found.append(("'standard' must be text", document.span))
    if isinstance(values.get("id"), str) and values["id"] != name:
        found.append((f"id '{values['id']}' is not the file's name, '{name}'", document.span))
    return found


def _error(message: str, path: Path, span: Span | None = None) -> Diagnostic:
    return Diagnostic(Level.ERROR, message, Location(path.as_posix(), span))
