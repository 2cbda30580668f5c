"""The line hash by which GitHub follows an alert through edits of a file.

Code scanning reads ``partialFingerprints.primaryLocationLineHash``; the upload action computes it the
same way: a rolling hash of base 37 modulo 2**64 over the next 100 characters that are not blank,
counted apart where lines repeat.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

_WINDOW = 100
_BASE = 37
_MASK = (1 << 64) - 1
_LEAVES = pow(_BASE, _WINDOW, 1 << 64)
_END_OF_FILE = 0xFFFF
_LINE_FEED = 0x0A


def line_hashes(text: str) -> dict[int, str]:
    """The hash of every line of ``text`` by its number from 1: ``271789c17abda88f:1``."""
    units = [*_units(text), _END_OF_FILE]
    window = units + [0] * _WINDOW
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == _LINE_FEED)]
    wanted = {start + _WINDOW: number for number, start in enumerate(starts, 1)}
    hashes: dict[int, str] = {}
    seen: Counter[str] = Counter()
    value = 0
    for index, unit in enumerate(window, 1):
        leaving = window[index - 1 - _WINDOW] if index > _WINDOW else 0
        value = (value * _BASE + unit - _LEAVES * leaving) & _MASK
        if index in wanted:
            digest = f"{value:x}"
            seen[digest] += 1
            hashes[wanted[index]] = f"{digest}:{seen[digest]}"
    return hashes


def _units(text: str) -> Iterator[int]:
    """The UTF-16 units that count: no spaces or tabs, and every kind of line end as one line feed."""
    folded = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    for (unit,) in struct.iter_unpack("<H", folded.encode("utf-16-le", "surrogatepass")):
        yield unit
