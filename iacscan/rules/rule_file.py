"""One rule file: from YAML text to a checked :class:`~iacscan.rules.rule.Rule`, or all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from iacscan.core import Diagnostic, Level, Location, Severity, Span
from iacscan.rules import yaml_nodes
from iacscan.rules.expression import Expression, ExpressionError, compile_expression
from iacscan.rules.message import ADDRESS, MessageError, placeholders
from iacscan.rules.names import FactTree, suggest, unknown_fact, unknown_subject
from iacscan.rules.rule import Rule
from iacscan.rules.yaml_nodes import Entry, Node, Scalar, Sequence, YamlError, describe, plain, read_yaml

REQUIRED = ("id", "title", "severity", "subject", "fail_when", "message", "why", "fix", "checklist")
OPTIONAL = ("snippet", "locate", "applies_when", "references", "maps", "params", "default")
KEYS = (*REQUIRED, *OPTIONAL)
"""Every key of a rule file."""

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def read_rule(text: str, path: PurePath, fields: Mapping[str, FactTree]) -> tuple[Rule | None, list[Diagnostic]]:
    """The rule in ``text``, read from ``path``, or None with at least one error.

    ``fields`` maps each kind of subject to the tree of its facts.
    """
    try:
        document, duplicates = read_yaml(text)
    except YamlError as error:
        return None, [_error(error.message, path, error.span)]
    if not isinstance(document, yaml_nodes.Mapping):
        return None, [_error(f"a rule file is a mapping, not {describe(document)}", path, document.span)]
    file = _File(path, document, fields, [_error(item.message, path, item.span) for item in duplicates])
    rule = file.rule()
    file.problems.sort(
        key=lambda item: item.location.span if item.location and item.location.span else Span(0, 0, 0, 0)
    )
    return (None if file.problems else rule), file.problems


def _error(message: str, path: PurePath, span: Span) -> Diagnostic:
    return Diagnostic(Level.ERROR, message, Location(path.as_posix(), span))


@dataclass(slots=True)
class _File:
    """The mapping of one file while it is checked; what is wrong with it gathers in ``problems``."""

    path: PurePath
    document: yaml_nodes.Mapping
    fields: Mapping[str, FactTree]
    problems: list[Diagnostic] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)

    def complain(self, message: str, span: Span) -> None:
        self.problems.append(_error(message, self.path, span))

    def rule(self) -> Rule:
        """The rule, to be thrown away if there are problems."""
        self.check_keys()
        self.params = self.read_params()
        tree = self.facts()
        return Rule(
            id=self.id(),
            title=self.text("title"),
            severity=self.severity(),
            subject=self.text("subject"),
            fail_when=self.expression("fail_when", tree) or compile_expression("`false`"),
            message=self.message(tree),
            why=self.text("why"),
            fix=self.text("fix"),
            checklist=self.text("checklist"),
            snippet=self.text("snippet") or None,
            locate=self.locate(tree),
            applies_when=self.expression("applies_when", tree),
            references=self.references(),
            maps=self.maps(),
            params=self.params,
            default=self.default(),
            source=Location(self.path.as_posix(), self.document.span),
        )

    def check_keys(self) -> None:
        for key, entry in self.document.entries.items():
            if key not in KEYS:
                self.complain(f"unknown key '{key}'{suggest(key, KEYS)}", entry.span)
        for key in REQUIRED:
            if key not in self.document.entries:
                self.complain(f"missing key '{key}'", self.document.span)

    def entry(self, key: str) -> Entry | None:
        return self.document.entries.get(key)

    def text(self, key: str) -> str:
        """The text at ``key``, without space around it; empty where there is none."""
        entry = self.entry(key)
        return self.as_text(f"'{key}'", entry.value, entry.span) if entry else ""

    def as_text(self, what: str, node: Node, span: Span) -> str:
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.complain(f"{what} must be text, not {describe(node)}", span)
            return ""
        if not node.text.strip():
            self.complain(f"{what} is empty", span)
        return node.text.strip()

    def id(self) -> str:
        name, entry = self.text("id"), self.entry("id")
        if entry and name and not _KEBAB.match(name):
            self.complain(f"id '{name}' is not kebab-case: small letters and digits, words joined by '-'", entry.span)
        elif entry and name and name != self.path.stem:
            self.complain(f"id '{name}' is not the file's name, '{self.path.stem}'", entry.span)
        return name

    def severity(self) -> Severity:
        label, entry = self.text("severity"), self.entry("severity")
        try:
            return Severity.parse(label)
        except ValueError:
            if entry and label:
                words = ", ".join(item.label for item in Severity)
                self.complain(f"'severity' must be one of {words}, not '{label}'", entry.span)
            return Severity.LOW

    def facts(self) -> FactTree:
        """The tree of names that expressions may use; None where any name will do but ``params.*``."""
        subject, entry = self.text("subject"), self.entry("subject")
        if entry and subject and (wrong := unknown_subject(subject, self.fields)):
            self.complain(wrong, entry.span)
        tree = self.fields.get(subject)
        names = tree if isinstance(tree, Mapping) else dict.fromkeys(tree) if tree is not None else None
        return None if names is None else {**names, "params": dict.fromkeys(self.params)}

    def check_paths(self, what: str, paths: tuple[str, ...], tree: FactTree, span: Span) -> None:
        for path in paths:
            known = tree
            if tree is None and path.startswith("params."):
                known = {"params": dict.fromkeys(self.params)}
            if wrong := unknown_fact(path, known):
                self.complain(f"{what}: {wrong}", span)

    def expression(self, key: str, tree: FactTree) -> Expression | None:
        text, entry = self.text(key), self.entry(key)
        if not entry or not text or not isinstance(entry.value, Scalar):
            return None
        try:
            found = compile_expression(text, Location(self.path.as_posix(), entry.value.span))
        except ExpressionError as error:
            self.complain(f"{key}: {error.message} (column {error.column})", _inside(entry.value, error.column))
            return None
        self.check_paths(key, found.paths, tree, entry.span)
        return found

    def message(self, tree: FactTree) -> str:
        text, entry = self.text("message"), self.entry("message")
        if entry and text:
            try:
                paths = tuple(path for path in placeholders(text) if path != ADDRESS)
                self.check_paths("message", paths, tree, entry.span)
            except MessageError as error:
                self.complain(f"message: {error}", entry.span)
        return text

    def locate(self, tree: FactTree) -> str | None:
        text, entry = self.text("locate"), self.entry("locate")
        if entry and text:
            self.check_paths("locate", (text,), tree, entry.span)
        return text or None

    def references(self) -> tuple[str, ...]:
        entry = self.entry("references")
        return self.texts("'references'", entry.value, entry.span, url=True) if entry else ()

    def texts(self, what: str, node: Node, span: Span, url: bool = False) -> tuple[str, ...]:
        if not isinstance(node, Sequence):
            self.complain(f"{what} must be a list, not {describe(node)}", span)
            return ()
        found = []
        for item in node.items:
            text = item.text if isinstance(item, Scalar) and item.plain and item.value is not None else None
            text = text or self.as_text(f"each item of {what}", item, item.span)
            if url and text and not _is_https(text):
                self.complain(f"each item of {what} must be an https address, not '{text}'", item.span)
            found.append(text)
        return tuple(found)

    def maps(self) -> dict[str, tuple[str, ...]]:
        entries = self.entries("maps")
        return {key: self.texts(f"'maps.{key}'", item.value, item.span) for key, item in entries.items()}

    def read_params(self) -> dict[str, Any]:
        for key, entry in (entries := self.entries("params")).items():
            if not _IDENTIFIER.match(key):
                self.complain(f"'params.{key}' is not a name: letters, digits and '_'", entry.span)
        return {key: plain(entry.value) for key, entry in entries.items()}

    def entries(self, key: str) -> dict[str, Entry]:
        entry = self.entry(key)
        if entry is None:
            return {}
        if isinstance(entry.value, yaml_nodes.Mapping):
            return entry.value.entries
        self.complain(f"'{key}' must be a mapping, not {describe(entry.value)}", entry.span)
        return {}

    def default(self) -> bool:
        entry = self.entry("default")
        if entry is None:
            return True
        if isinstance(entry.value, Scalar) and isinstance(entry.value.value, bool):
            return entry.value.value
        self.complain(f"'default' must be true or false, not {describe(entry.value)}", entry.span)
        return True


def _is_https(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not any(map(str.isspace, text))


def _inside(scalar: Scalar, column: int) -> Span:
    """The place of ``column`` of the text, where the scalar is one unbroken stretch; else the scalar."""
    span = scalar.span
    quote = (span.end_column - span.start_column - len(scalar.text)) // 2
    if span.start_line != span.end_line or quote not in (0, 1):
        return span
    return Span(span.start_line, span.start_column + quote + column - 1, span.end_line, span.end_column)
