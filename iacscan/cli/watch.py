"""``--watch``: the scan again, whenever a file of its input changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

import click

PAUSE = 0.5
"""Seconds between looks at the files."""

SUFFIXES = (".tf", ".tofu", ".tfvars", ".json", ".yaml", ".yml", ".toml", ".tpl", ".tftpl")
_SKIPPED = frozenset({".git", ".terraform", "node_modules", "__pycache__"})


def watch(
    paths: Iterable[str],
    scan: Callable[[], Iterable[str]],
    own: Collection[str] = (),
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Run ``scan`` now and after every change below ``paths``, until Ctrl-C; mistakes of a moment do not end it.

    ``scan`` tells where else it read, which is watched too. ``own`` are the files that it writes, whose changes
    mean nothing. ``pause`` waits for so many seconds.
    """
    watched = list(paths)
    elsewhere: list[str] = []
    try:
        while True:
            before = times([*watched, *elsewhere], own)
            elsewhere = _attempt(scan, elsewhere)
            before = {**times(elsewhere, own), **before}
            click.echo("waiting for changes; Ctrl-C ends", err=True)
            while times([*watched, *elsewhere], own) == before:
                pause(PAUSE)
            click.clear()
    except KeyboardInterrupt:
        click.echo("", err=True)


def _attempt(scan: Callable[[], Iterable[str]], before: list[str]) -> list[str]:
    """What ``scan`` read, or where it fails what it read ``before``."""
    try:
        return list(scan())
    except click.UsageError as error:
        error.show()
    except SystemExit:
        pass
    return before


def times(paths: Iterable[str], own: Collection[str] = ()) -> Mapping[str, int]:
    """When each file that may matter, and is not one of ``own``, was last changed."""
    skipped = set(map(os.path.realpath, own))
    found: dict[str, int] = {}
    for path in paths:
        for name in _files(path):
            try:
                found[os.path.normpath(name)] = Path(name).stat().st_mtime_ns
            except OSError:
                continue
    return {name: time for name, time in found.items() if not skipped or os.path.realpath(name) not in skipped}


def _files(path: str) -> Iterator[str]:
    if not Path(path).is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [each for each in folders if each not in _SKIPPED]
        yield from (str(Path(folder, name)) for name in names if name.endswith(SUFFIXES))
