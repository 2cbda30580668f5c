"""Folders of rule files to rules; every fault becomes a diagnostic, and good rules load beside bad ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from iacscan.core import Diagnostic, Level, Location
from iacscan.rules.names import FactTree
from iacscan.rules.profiles import FOLDER
from iacscan.rules.rule import Rule
from iacscan.rules.rule_file import read_rule
from iacscan.rules.yaml_nodes import MAX_LENGTH

SUFFIXES = frozenset({".yaml", ".yml"})
"""How the name of a rule file ends."""


def builtin_directory() -> Path:
    """Where the policies that come with iacscan are: inside the installed package, else beside it."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies"
    return installed if installed.is_dir() else package.parent / "policies"


def load(
    directories: Iterable[Path], fields: Mapping[str, FactTree]
) -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    """The rules in every ``*.yaml`` and ``*.yml`` file below ``directories``, and what is wrong with others.

    ``fields`` maps each kind of subject to the tree of its fact names: a mapping or a collection of
    names, None for a leaf. A directory may also be a single file. Rules come in the order of
    ``directories`` and, in each, of their paths.
    """
    rules: dict[str, Rule] = {}
    diagnostics: list[Diagnostic] = []
    for path in _files(directories, diagnostics):
        text = _read(path, diagnostics)
        if text is None:
            continue
        rule, problems = read_rule(text, path, fields)
        diagnostics += problems
        if rule and rule.id in rules:
            diagnostics.append(_duplicate(rule, rules[rule.id]))
        elif rule:
            rules[rule.id] = rule
    return tuple(rules.values()), tuple(diagnostics)


def _files(directories: Iterable[Path], diagnostics: list[Diagnostic]) -> Iterator[Path]:
    seen: set[Path] = set()
    for directory in directories:
        if directory.is_file():
            found = [directory]
        elif not directory.is_dir():
            diagnostics.append(_error("no such directory of rules", directory))
            continue
        else:
            found = sorted(path for path in directory.rglob("*") if _is_rule_file(path, directory))
            if not found:
                diagnostics.append(_error("no rule file (*.yaml, *.yml) in this directory", directory))
        for path in found:
            if (real := path.resolve()) not in seen:
                seen.add(real)
                yield path


def _is_rule_file(path: Path, directory: Path) -> bool:
    """Whether rules are read from ``path``: a YAML file outside the folder of profiles."""
    inside = path.relative_to(directory).parts
    return path.suffix in SUFFIXES and inside[0] != FOLDER and path.is_file()


def _read(path: Path, diagnostics: list[Diagnostic]) -> str | None:
    try:
        if path.stat().st_size > 4 * MAX_LENGTH:
            diagnostics.append(_error(f"the file is longer than {MAX_LENGTH} characters", path))
            return None
        return path.read_text("utf-8-sig")
    except OSError as error:
        diagnostics.append(_error(f"cannot be read: {error.strerror or error}", path))
    except UnicodeDecodeError:
        diagnostics.append(_error("not UTF-8 text", path))
    return None


def _error(message: str, path: Path) -> Diagnostic:
    return Diagnostic(Level.ERROR, message, Location(path.as_posix()))


def _duplicate(rule: Rule, first: Rule) -> Diagnostic:
    place = first.source
    line = f":{place.span.start_line}" if place and place.span else ""
    where = f"{place.path}{line}" if place else "elsewhere"
    return Diagnostic(Level.ERROR, f"rule '{rule.id}' is already defined in {where}", rule.source)
