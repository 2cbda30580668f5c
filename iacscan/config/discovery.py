"""Where the settings of a project are: the nearest file upward, not beyond the repository."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from iacscan.config.checking import check
from iacscan.config.settings import ConfigError, Settings
from iacscan.core import Diagnostic, Level, Location, Span
from iacscan.rules.yaml_nodes import Mapping, Scalar, Sequence, YamlError, describe, read_yaml

NAMES = (".iacscan.yaml", ".iacscan.yml")
PYPROJECT = "pyproject.toml"


def find(start: Path) -> Path | None:
    """The configuration file for ``start``: in it or above it, up to the root of its repository.

    Outside of a repository the search goes on upward, but beside and above ``start`` no file counts in a directory
    that everybody may write to.
    """
    start = start.absolute()
    upward = (start, *start.parents) if start.is_dir() else tuple(start.parents)
    root = next((at for at, each in enumerate(upward) if (each / ".git").exists()), None)
    if root is None:
        upward = tuple(each for each in upward if each == start or not _is_shared(each))
    else:
        upward = upward[: root + 1]
    return next((found for each in upward if (found := beside(each))), None)


def beside(directory: Path) -> Path | None:
    """The configuration file in ``directory`` itself; of two the first of :data:`NAMES`, then the table."""
    for name in NAMES:
        if (directory / name).is_file():
            return directory / name
    return directory / PYPROJECT if _has_table(directory / PYPROJECT) else None


def _is_shared(directory: Path) -> bool:
    return os.name == "posix" and bool(directory.stat().st_mode & stat.S_IWOTH)


def _has_table(path: Path) -> bool:
    """Whether ``path`` speaks of us, even in a file that is broken: then that is said when it is loaded."""
    try:
        return path.is_file() and "[tool.iacscan" in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def load(path: Path) -> Settings:
    """The settings in the file at ``path``; raises :class:`ConfigError`."""
    shown = os.path.relpath(path).replace(os.sep, "/")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _error(f"cannot be read: {error.strerror or error}", shown) from None
    except UnicodeDecodeError:
        raise _error("not UTF-8 text", shown) from None
    document = _toml(text, shown) if path.suffix == ".toml" else _yaml(text, shown)
    here = os.path.relpath(Path.cwd(), path.absolute().parent).replace(os.sep, "/")
    settings, problems = check(document, shown, here)
    problems = problems or tuple(_missing(document, settings.policies, shown))
    if problems:
        raise ConfigError(problems, settings)
    return settings


def _missing(document: Mapping, folders: tuple[str, ...], shown: str) -> Iterator[Diagnostic]:
    """The directories of ``policies`` that are not there."""
    listed = document.entries["policies"].value if "policies" in document.entries else None
    for folder, item in zip(folders, listed.items if isinstance(listed, Sequence) else (), strict=True):
        if not Path(folder).is_dir():
            yield _problem(f"'policies' names {folder}, which is no directory", shown, item.span)


def _yaml(text: str, shown: str) -> Mapping:
    empty = Span(1, 1, 1, 1)
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return Mapping({}, empty)
    try:
        document, duplicates = read_yaml(text)
    except YamlError as error:
        raise _error(error.message, shown, error.span) from None
    if duplicates:
        raise ConfigError(tuple(_problem(item.message, shown, item.span) for item in duplicates))
    if isinstance(document, Scalar) and document.value is None:
        return Mapping({}, empty)
    if not isinstance(document, Mapping):
        raise _error(f"a configuration file is a mapping, not {describe(document)}", shown, document.span)
    return document


def _toml(text: str, shown: str) -> Mapping:
    from iacscan.config.toml_nodes import TomlError, read_table

    try:
        table = read_table(text, "tool", "iacscan") if Path(shown).name == PYPROJECT else read_table(text)
    except TomlError as error:
        raise _error(f"not TOML: {error}", shown) from None
    return table or Mapping({}, Span(1, 1, 1, 1))


def _problem(message: str, shown: str, span: Span | None = None) -> Diagnostic:
    return Diagnostic(Level.ERROR, message, Location(shown, span))


def _error(message: str, shown: str, span: Span | None = None) -> ConfigError:
    return ConfigError((_problem(message, shown, span),))
