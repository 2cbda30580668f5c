"""From the nodes of a configuration file to :class:`~iacscan.config.settings.Settings`, or all that is wrong."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from iacscan.config.settings import SCOPES, THRESHOLDS, Override, Settings
from iacscan.core import Diagnostic, Level, Location, Severity, Span
from iacscan.rules.names import suggest
from iacscan.rules.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence, describe, plain
from iacscan.triage.waivers import Waiver

KEYS = (
    "select",
    "ignore",
    "enable",
    "fail_on",
    "fail_on_unknown",
    "profile",
    "policies",
    "trusted_accounts",
    "scope",
    "rules",
    "suppressions",
    "suppress_by_tag",
)
"""Every key at the top."""

RULE_KEYS = ("severity", "enabled", "params")
SUPPRESSION_KEYS = ("rule", "resource", "path", "until", "reason")

_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_TAG = re.compile(r"[\w .:/=+@-]{1,128}\Z")
_T = TypeVar("_T")


def check(document: Mapping, path: str, here: str = ".") -> tuple[Settings, tuple[Diagnostic, ...]]:
    """The settings in ``document``, read from ``path``, to be used only where nothing is wrong.

    ``here`` is the working directory as seen from the file's.
    """
    checker = _Checker(path, here)
    settings = checker.settings(document)
    return settings, tuple(sorted(checker.problems, key=_line))


def _line(problem: Diagnostic) -> tuple[int, int]:
    span = problem.location.span if problem.location else None
    return (span.start_line, span.start_column) if span else (0, 0)


@dataclass(slots=True)
class _Checker:
    """Reads nodes; what is wrong gathers in ``problems``."""

    path: str
    here: str
    problems: list[Diagnostic] = field(default_factory=list)
    patterns: list[tuple[str, Location]] = field(default_factory=list)

    def complain(self, message: str, span: Span) -> None:
        self.problems.append(Diagnostic(Level.ERROR, message, Location(self.path, span)))

    def settings(self, document: Mapping) -> Settings:
        self.keys(document, KEYS)
        entries = document.entries

        def read(key: str, reader: Callable[[str, Node], _T], default: _T) -> _T:
            return reader(key, entries[key].value) if key in entries else default

        return Settings(
            path=self.path,
            select=read("select", self.globs, ()),
            ignore=read("ignore", self.globs, ()),
            enable=read("enable", self.globs, ()),
            fail_on=read("fail_on", self.threshold, None),
            fail_on_unknown=read("fail_on_unknown", self.boolean, None),
            profile=read("profile", self.text, "") or None,
            policies=read("policies", self.directories, ()),
            trusted_accounts=read("trusted_accounts", self.accounts, ()),
            scope=read("scope", self.scope, None),
            rules=read("rules", self.overrides, {}),
            suppressions=read("suppressions", self.suppressions, ()),
            suppress_by_tag=read("suppress_by_tag", self.tag, None),
            patterns=tuple(self.patterns),
        )

    def keys(self, mapping: Mapping, known: Collection[str], where: str = "") -> None:
        for key, entry in mapping.entries.items():
            if key not in known:
                self.complain(f"unknown key '{key}'{where}{suggest(key, known)}", entry.span)

    def beside(self, path: str) -> str:
        """A path of the file as seen from the working directory."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(self.path), path))

    def text(self, key: str, node: Node) -> str:
        """Text that is not empty; numbers are the text that is written."""
        if isinstance(node, Scalar) and node.value is not None and not isinstance(node.value, bool):
            if node.text.strip():
                return node.text.strip()
            self.complain(f"'{key}' is empty", node.span)
        else:
            self.complain(f"'{key}' must be text, not {describe(node)}", node.span)
        return ""

    def texts(self, key: str, node: Node) -> tuple[str, ...]:
        if not isinstance(node, Sequence):
            self.complain(f"'{key}' must be a list, not {describe(node)}", node.span)
            return ()
        return tuple(self.text(f"{key}[{at}]", item) for at, item in enumerate(node.items))

    def directories(self, key: str, node: Node) -> tuple[str, ...]:
        return tuple(self.beside(item) for item in self.texts(key, node))

    def globs(self, key: str, node: Node) -> tuple[str, ...]:
        found = self.texts(key, node)
        if isinstance(node, Sequence):
            places = (Location(self.path, item.span) for item in node.items)
            self.patterns += [(glob, place) for glob, place in zip(found, places, strict=True) if glob]
        return found

    def boolean(self, key: str, node: Node) -> bool | None:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self.complain(f"'{key}' must be true or false, not {describe(node)}", node.span)
        return None

    def word(self, key: str, node: Node, known: Collection[str]) -> str | None:
        found = self.text(key, node)
        if found and found not in known:
            hint = suggest(found, known)
            self.complain(f"'{key}' must be one of {', '.join(known)}, not '{found}'{hint}", node.span)
        return found if found in known else None

    def threshold(self, key: str, node: Node) -> str | None:
        return self.word(key, node, THRESHOLDS)

    def scope(self, key: str, node: Node) -> str | None:
        return self.word(key, node, SCOPES)

    def accounts(self, key: str, node: Node) -> tuple[str, ...]:
        found = self.texts(key, node)
        for text, item in zip(found, node.items if isinstance(node, Sequence) else (), strict=True):
            if text and not _ACCOUNT.match(text):
                self.complain(f"'{key}' holds '{text}', which is no account: an account id has 12 digits", item.span)
        return found

    def tag(self, key: str, node: Node) -> str | None:
        found = self.text(key, node)
        if found and not _TAG.match(found):
            self.complain(f"'{key}' is '{found}', which cannot be the key of a tag", node.span)
        return found or None

    def overrides(self, key: str, node: Node) -> dict[str, Override]:
        return {name: self.override(f"{key}.{name}", entry) for name, entry in self.entries(key, node).items()}

    def entries(self, key: str, node: Node) -> dict[str, Entry]:
        if isinstance(node, Mapping):
            return node.entries
        self.complain(f"'{key}' must be a mapping, not {describe(node)}", node.span)
        return {}

    def override(self, key: str, entry: Entry) -> Override:
        found = self.entries(key, entry.value)
        if isinstance(entry.value, Mapping):
            self.keys(entry.value, RULE_KEYS, f" in '{key}'")
        label = None
        if "severity" in found:
            words = tuple(severity.label for severity in Severity)
            label = self.word(f"{key}.severity", found["severity"].value, words)
        enabled = self.boolean(f"{key}.enabled", found["enabled"].value) if "enabled" in found else None
        params: dict[str, Any] = {}
        if "params" in found:
            params = {
                name: plain(item.value) for name, item in self.entries(f"{key}.params", found["params"].value).items()
            }
        return Override(Severity.parse(label) if label else None, enabled, params, Location(self.path, entry.span))

    def suppressions(self, key: str, node: Node) -> tuple[Waiver, ...]:
        if not isinstance(node, Sequence):
            self.complain(f"'{key}' must be a list, not {describe(node)}", node.span)
            return ()
        read = (self.suppression(f"{key}[{at}]", item) for at, item in enumerate(node.items))
        return tuple(waiver for waiver in read if waiver is not None)

    def suppression(self, key: str, node: Node) -> Waiver | None:
        entries = self.entries(key, node)
        if not isinstance(node, Mapping):
            return None
        self.keys(node, SUPPRESSION_KEYS, f" in '{key}'")
        found = {name: self.text(f"{key}.{name}", entry.value) for name, entry in entries.items()}
        for name in ("rule", "reason"):
            if name not in found:
                self.complain(f"'{key}' has no '{name}'", node.span)
        if not found.keys() & {"resource", "path"}:
            off = "to switch a rule off, write it under 'rules' with 'enabled: false'"
            self.complain(f"'{key}' needs a 'resource' or a 'path'; {off}", node.span)
        until = self.day(f"{key}.until", entries["until"].value.span, found["until"]) if found.get("until") else None
        return Waiver(
            found.get("rule", ""),
            found.get("reason", ""),
            Location(self.path, entries["rule"].span if "rule" in entries else node.span),
            until=until,
            resource=found.get("resource") or "*",
            path=posixpath.normpath(found["path"]) if found.get("path") else "*",
            here=self.here,
        )

    def day(self, key: str, span: Span, text: str) -> date | None:
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.complain(f"'{key}' must be a date such as 2027-06-30, not '{text}'", span)
        return None
