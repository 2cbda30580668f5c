"""Three-valued logic (Kleene): a side that decides, decides; else what is not known stays not known."""

from __future__ import annotations

from collections.abc import Iterable

from iacscan.core import Ternary, Unknown, merge_unknown


def negation(term: Ternary) -> Ternary:
    """Not ``term``."""
    return term if isinstance(term, Unknown) else not term


def conjunction(terms: Iterable[Ternary]) -> Ternary:
    """All of ``terms``: False as soon as one is False, Unknown if the rest leaves a doubt."""
    doubts: list[Unknown] = []
    for term in terms:
        if isinstance(term, Unknown):
            doubts.append(term)
        elif not term:
            return False
    return merge_unknown(doubts) if doubts else True


def disjunction(terms: Iterable[Ternary]) -> Ternary:
    """Any of ``terms``: True as soon as one is True, Unknown if the rest leaves a doubt."""
    doubts: list[Unknown] = []
    for term in terms:
        if isinstance(term, Unknown):
            doubts.append(term)
        elif term:
            return True
    return merge_unknown(doubts) if doubts else False
