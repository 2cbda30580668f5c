"""The source of a plan: named by the user, carried by the saved plan, or found beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from iacscan.core import Diagnostic, Level, Location
from iacscan.inputs.combined import belongs, combine
from iacscan.inputs.configuration import Configuration
from iacscan.inputs.files import is_source
from iacscan.inputs.options import SourceOptions
from iacscan.inputs.reading import STDIN, ZIP_MAGIC
from iacscan.inputs.snapshot import Snapshot, SnapshotError, exists_below, read_snapshot

NONE = "none"
"""The choice that switches the search for a source off."""


def with_source(plan: Configuration, path: str, choice: str | None, options: SourceOptions) -> Configuration:
    """``plan``, read from ``path``, with the holes and places that its source gives.

    ``choice`` is the directory or file that the user named, ``"none"``, or ``None``: then the snapshot inside a
    saved plan counts, else the working directory, else the plan's own, where its blocks are the plan's.
    """
    if choice == NONE:
        return plan
    if choice is not None:
        source = _load(Path(choice), plan, options)
        if source is not None:
            return combine(plan, source, said=True)
        message = "no Terraform configuration; give --source the directory that the plan was made in"
        return _with(plan, Level.ERROR, message, choice)
    try:
        snapshot = _snapshot(path)
    except SnapshotError as fault:
        message = f"the configuration inside the saved plan is not used: {fault}; give --source the directory"
        plan = _with(plan, Level.WARNING, message, path)
        snapshot = None
    if snapshot is not None:
        source = _load_snapshot(snapshot, _base(snapshot, path), plan, options)
        return plan if source is None else combine(plan, source)
    for directory in _near(path):
        source = _load(directory, plan, options)
        if source is not None and belongs(plan, source):
            return combine(plan, source)
    return plan


def _with(plan: Configuration, level: Level, message: str, path: str) -> Configuration:
    problem = Diagnostic(level, message, Location(path.replace(os.sep, "/")))
    return replace(plan, diagnostics=(*plan.diagnostics, problem))


def _near(path: str) -> Iterator[Path]:
    """Directories that may hold the source: the working directory, then the plan's own."""
    places = [Path.cwd()] if path == STDIN else [Path.cwd(), Path(path).absolute().parent]
    yield from (directory for directory in dict.fromkeys(places) if _has_source(directory))


def _has_source(directory: Path) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(is_source(entry.path) for entry in entries if entry.is_file())
    except OSError:
        return False


def _snapshot(path: str) -> Snapshot | None:
    """The configuration inside the saved plan at ``path``, if that is what it is; raises ``SnapshotError``."""
    if path == STDIN:
        return None
    try:
        with Path(path).open("rb") as file:
            return read_snapshot(file.read()) if file.read(len(ZIP_MAGIC)) == ZIP_MAGIC and not file.seek(0) else None
    except OSError:
        return None


def _base(snapshot: Snapshot, path: str) -> Path:
    """Where terraform ran: the plan's directory or the working directory, whichever has the files."""
    beside = Path(path).absolute().parent
    return next((base for base in (beside, Path.cwd()) if exists_below(snapshot, base)), Path.cwd())


def _load(directory: Path, plan: Configuration, options: SourceOptions) -> Configuration | None:
    from iacscan.inputs.source import load_root  # the front end is imported only where there is source to read

    return load_root(directory, options, plan.variables)


def _load_snapshot(snapshot: Snapshot, base: Path, plan: Configuration, options: SourceOptions) -> Configuration | None:
    from iacscan.inputs.source import load_root, show_path
    from iacscan.terraform.modules import Files

    start = Path(os.path.normpath(base))
    texts = {Path(os.path.normpath(start / name)): text for name, text in snapshot.files.items()}
    names: dict[Path, list[str]] = {}
    for file in texts:
        names.setdefault(file.parent, []).append(file.name)

    def read(file: Path) -> str:
        if file not in texts:
            raise FileNotFoundError(file.name)
        return texts[file]

    return load_root(
        start,
        options,
        plan.variables,
        Files(lambda directory: names.get(directory, []), read, show_path),
    )
