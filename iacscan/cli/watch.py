"""``--watch``: the scan again, whenever a file of its input changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click

PAUSE = 0.5
"""Seconds between looks at the files."""

SUFFIXES = (".tf", ".tofu", ".tfvars", ".json", ".yaml", ".yml", ".toml", ".tpl", ".tftpl")
_SKIPPED = frozenset({".git", ".terraform", "node_modules", "__pycache__"})


def watch(paths: Iterable[str], scan: Callable[[], int], pause: Callable[[float], None] = time.sleep) -> None:
    """Run ``scan`` now and after every change below ``paths``, until Ctrl-C; mistakes of a moment do not end it.

    ``pause`` waits for so many seconds.
    """
    watched = list(paths)
    try:
        while True:
            before = times(watched)
            _attempt(scan)
            click.echo("waiting for changes; Ctrl-C ends", err=True)
            while times(watched) == before:
                pause(PAUSE)
            click.clear()
    except KeyboardInterrupt:
        click.echo("", err=True)


def _attempt(scan: Callable[[], int]) -> None:
    try:
        scan()
    except click.UsageError as error:
        error.show()
    except SystemExit:
        pass


def times(paths: Iterable[str]) -> Mapping[str, int]:
    """When each file that may matter was last changed."""
    found: dict[str, int] = {}
    for path in paths:
        for name in _files(path):
            try:
                found[name] = Path(name).stat().st_mtime_ns
            except OSError:
                continue
    return found


def _files(path: str) -> Iterator[str]:
    if not Path(path).is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = [each for each in folders if each not in _SKIPPED]
        yield from (str(Path(folder, name)) for name in names if name.endswith(SUFFIXES))
