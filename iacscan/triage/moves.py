"""Addresses that a resource had before it was moved, so that a finding on it is not taken for a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from iacscan.inputs.configuration import Move


def earlier(address: str, moves: Sequence[Move]) -> Iterator[str]:
    """The addresses before ``address``, the latest first; each move is followed once, so that a circle ends."""
    left = list(moves)
    while step := next((move for move in left if _is_below(address, move[1])), None):
        left.remove(step)
        address = step[0] + address[len(step[1]) :]
        yield address


def _is_below(address: str, above: str) -> bool:
    return address.startswith(above) and address[len(above) : len(above) + 1] in ("", ".", "[")
