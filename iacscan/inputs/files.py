"""What a path that the user names stands for: Terraform source, or files that may be plans and states."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from iacscan.inputs.reading import STDIN, ZIP_MAGIC

SOURCE_SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
_SKIPPED_FOLDERS = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules", "__pycache__"})
_VERSION_MARKS = tuple("format_version".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_HEAD = 1 << 16


def is_source(path: str) -> bool:
    """Whether ``path`` is Terraform source: a file by its name, a folder by a source file anywhere in it."""
    if path == STDIN:
        return False
    if Path(path).is_dir():
        return any(name.endswith(SOURCE_SUFFIXES) for _, names in _walk(path) for name in names)
    return path.endswith(SOURCE_SUFFIXES)


def documents(folder: str) -> Iterator[str]:
    """The files in ``folder`` and below that look like plans or states, in order of their paths."""
    for place, names in _walk(folder):
        for name in names:
            path = Path(place, name)
            if _may_be_document(path):
                yield path.as_posix()


def shown(path: str) -> str:
    """``path`` as reports show it: relative to the working directory where it is inside, with forward slashes."""
    if path == STDIN:
        return path
    given = Path(path)
    if given.is_absolute() and given.is_relative_to(Path.cwd()):
        given = given.relative_to(Path.cwd())
    return given.as_posix()


def _walk(folder: str) -> Iterator[tuple[str, list[str]]]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        yield place, sorted(names)


def _may_be_document(path: Path) -> bool:
    """Whether the beginning of a file is that of a saved plan, or a JSON file tells its format version."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if head.startswith(ZIP_MAGIC):
                return b"tfplan" in head
            if path.suffix != ".json":
                return False
            data = head + file.read()
            return any(mark in data for mark in _VERSION_MARKS)
    except OSError:
        return path.suffix == ".json"
