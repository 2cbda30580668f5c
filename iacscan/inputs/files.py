"""What a path that the user names stands for: Terraform source, or files that may be plans and states."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from iacscan.inputs.reading import STDIN, ZIP_MAGIC
from iacscan.terraform.file_names import SUFFIXES, is_module_file

SKIPPED = frozenset({".git", ".terraform", ".terragrunt-cache", "node_modules", "__pycache__"})
_VERSION_MARKS = tuple("format_version".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_HEAD = 1 << 16

Report = Callable[[OSError], None]
"""Takes the error of a directory that cannot be read; its ``filename`` says which."""


def is_source(path: str) -> bool:
    """Whether ``path`` is Terraform source: a file by its name, a folder by a module anywhere in it."""
    if path == STDIN:
        return False
    if Path(path).is_dir():
        return any(True for _ in module_directories(path))
    return path.endswith(SUFFIXES)


def module_directories(folder: str, report: Report | None = None) -> Iterator[str]:
    """The directories with Terraform files at or below ``folder``, hidden ones left out, links not followed.

    ``report`` is told of the directories that cannot be read.
    """
    for place, names in _walk(folder, report, hidden=False):
        if any(map(is_module_file, names)):
            yield place


def documents(folder: str, report: Report | None = None) -> Iterator[str]:
    """The files in ``folder`` and below that look like plans or states, in order of their paths.

    Hidden directories count: Terragrunt writes the plans of a stack below one. ``report`` is told of the
    directories that cannot be read.
    """
    for place, names in _walk(folder, report, hidden=True):
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


def _walk(folder: str, report: Report | None, hidden: bool) -> Iterator[tuple[str, list[str]]]:
    for place, folders, names in os.walk(folder, onerror=report):
        kept = (name for name in folders if name not in SKIPPED and (hidden or not name.startswith(".")))
        folders[:] = sorted(kept)
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
