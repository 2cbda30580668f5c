"""Source beside what it was at a git revision: for ``--since``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from iacscan.core import Diagnostic, Level
from iacscan.inputs.changes import changed
from iacscan.inputs.configuration import Configuration, Kind
from iacscan.inputs.options import SourceOptions
from iacscan.inputs.revision import Revision, RevisionError, revision
from iacscan.inputs.source import load_source

__all__ = ["RevisionError", "with_earlier"]


def with_earlier(
    ref: str, paths: Sequence[str], configurations: Sequence[Configuration], options: SourceOptions
) -> tuple[tuple[Configuration, ...], tuple[Diagnostic, ...]]:
    """``configurations`` with the source among them compared with what it was at the git revision ``ref``.

    ``paths`` are what the user named, ``options`` what Terraform is told. A root that was not there then is all new.
    Also says where the earlier source cannot be read in full. Raises :class:`RevisionError`.
    """
    sources = [item.path for item in configurations if item.kind is Kind.SOURCE]
    if not sources:
        raise RevisionError("it compares source; a plan knows what it changes: use --introduced")
    with revision(ref, Path(sources[0])) as then:
        were = {then.root(item.path): item for item in _read(then, paths, sources, options)}
        roots = {source: then.root(source) for source in sources}
    compared = tuple(
        changed(item, were.get(roots[item.path], Configuration(item.kind, item.path))) if item.path in roots else item
        for item in configurations
    )
    return compared, tuple(_faults(were.values(), ref))


def _read(
    then: Revision, paths: Sequence[str], sources: Sequence[str], options: SourceOptions
) -> Iterator[Configuration]:
    """The source that was at ``paths``, with the variable files as they were."""
    told = replace(options, var_files=tuple(then.file(path) for path in options.var_files))
    for path in paths:
        if any(_is_in(source, path) for source in sources) and (place := then.path(path)).exists():
            yield from load_source(str(place), told)


def _is_in(source: str, path: str) -> bool:
    return Path(os.path.realpath(source)).is_relative_to(os.path.realpath(path))


def _faults(were: Iterable[Configuration], ref: str) -> Iterator[Diagnostic]:
    for item in were:
        fault = next((each for each in item.diagnostics if each.level is Level.ERROR), None)
        if fault is not None:
            message = f"not all of {ref} could be judged, so more may look new: {fault.message}"
            yield Diagnostic(Level.NOTE, message)
