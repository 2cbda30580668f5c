"""Many resources that each speak of a bucket, found by the bucket: looked up once, not searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from iacscan.core import Ternary, Unknown
from iacscan.model.joins import Match

Item = TypeVar("Item")


class ByBucket(Generic[Item]):
    """Items by the address of the bucket that they speak of, or may speak of."""

    def __init__(self, items: Iterable[tuple[Item, Match]]) -> None:
        self._certain: dict[str, list[Item]] = {}
        self._perhaps: dict[str, list[tuple[Item, Unknown]]] = {}
        self._anywhere: list[tuple[Item, Unknown]] = []
        for item, match in items:
            for address in match.certain:
                self._certain.setdefault(address, []).append(item)
            if match.why is None:
                continue
            if match.candidates is None:
                self._anywhere.append((item, match.why))
            for address in match.candidates or ():
                self._perhaps.setdefault(address, []).append((item, match.why))

    def of(self, address: str) -> Iterator[tuple[Item, Ternary]]:
        """The items of the bucket at ``address``, each with whether it surely is: True, or what that waits for."""
        yield from ((item, True) for item in self._certain.get(address, ()))
        yield from self._perhaps.get(address, ())
        yield from self._anywhere
