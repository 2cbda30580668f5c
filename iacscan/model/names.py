"""Names of buckets that are not known in full: which texts with holes can turn out to be equal."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import takewhile

from iacscan.core import Template, Unknown, Value, join_text

ARN_PREFIX = ":s3:::"


class NamesPerhaps:
    """Things by their names, found by a text with holes. Names are looked up by how they begin, not compared each."""

    def __init__(self, named: Iterable[tuple[str, Value]]) -> None:
        self._by_head: dict[str, list[tuple[str, Value]]] = {}
        for address, name in named:
            head = name if isinstance(name, str) else ends(name)[0] if isinstance(name, Template) else ""
            self._by_head.setdefault(head, []).append((address, name))
        self._heads = sorted(self._by_head)
        self._found: dict[Template, tuple[str, ...]] = {}

    def of(self, text: Template) -> tuple[str, ...]:
        """All whose name may turn out to be ``text``."""
        if text not in self._found:
            head = ends(text)[0]
            shorter = [head[:length] for length in range(len(head)) if head[:length] in self._by_head]
            longer = takewhile(lambda other: other.startswith(head), self._heads[bisect_left(self._heads, head) :])
            near = (item for other in (*shorter, *longer) for item in self._by_head[other])
            self._found[text] = tuple(address for address, name in near if may_be(name, text))
        return self._found[text]


def may_be(one: Value, other: Value) -> bool:
    """Whether two names can be equal: their beginnings agree up to the first hole of either, their ends from the last.

    Either may be known; a value that is no text may be any.
    """
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    text, template = (one, other) if isinstance(one, str) else (other, one)
    if not isinstance(template, Template) or not isinstance(text, str | Template):
        return True
    head, tail = ends(template)
    if isinstance(text, str):
        return text.startswith(head) and text.endswith(tail) and len(head) + len(tail) <= len(text)
    first, last = ends(text)
    heads, tails = sorted((head, first), key=len), sorted((tail, last), key=len)
    return heads[1].startswith(heads[0]) and tails[1].endswith(tails[0])


def ends(text: Template) -> tuple[str, str]:
    """What stands before the first hole of ``text``, and what behind the last."""
    first, last = text.parts[0], text.parts[-1]
    return first if isinstance(first, str) else "", last if isinstance(last, str) else ""


def without_arn(text: Template) -> str | Unknown | Template:
    """The name in an ARN of a bucket that has holes; ``text`` itself where it is no ARN."""
    for index, part in enumerate(text.parts):
        if isinstance(part, str) and ARN_PREFIX in part:
            return join_text((part.partition(ARN_PREFIX)[2], *text.parts[index + 1 :]))
    return text
