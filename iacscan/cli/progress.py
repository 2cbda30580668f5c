"""A sign of life on standard error, for a person who has waited for a second."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

PATIENCE = 1.0
"""Seconds before anything is said."""

_ERASE = "\r\x1b[2K"


@contextmanager
def progress(what: str, stream: IO[str] | None = None, patience: float = PATIENCE) -> Iterator[None]:
    """Say ``what`` and the seconds while the body takes longer than ``patience``, then wipe it off.

    Nothing is said unless ``stream`` (standard error) is a terminal, and nothing in CI.
    """
    target = stream or sys.stderr
    if not target.isatty() or os.environ.get("CI") or os.environ.get("TERM") == "dumb":
        yield
        return
    done = threading.Event()
    clock = threading.Thread(target=_tick, args=(what, target, done, patience), daemon=True)
    clock.start()
    try:
        yield
    finally:
        done.set()
        clock.join()


def _tick(what: str, stream: IO[str], done: threading.Event, patience: float) -> None:
    start = time.monotonic()
    said = False
    while not done.wait(patience):
        said = True
        stream.write(f"{_ERASE}{what} … {time.monotonic() - start:.0f} s")
        stream.flush()
    if said:
        stream.write(_ERASE)
        stream.flush()
