"""Wildcard patterns of policy documents: ``*`` for any text, ``?`` for one character.

Two patterns are compared by running both as automata side by side, one big integer a row, so that the
cost is a product of lengths and never exponential. A hole (an unknown part, or a policy variable whose
value only a request can tell) may stand for any text; it matches *perhaps*, never surely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from iacscan.core import Template, Ternary, Unknown, merge_unknown, unknowns

Leaf: TypeAlias = str | Unknown | Template
"""A text of a policy document, as far as it is known."""


class Wild(Enum):
    """A token of a pattern that is not a plain character."""

    ONE = "?"
    MANY = "*"
    HOLE = "${}"


Token: TypeAlias = str | Wild

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_ESCAPES = {"*": "*", "?": "?", "$": "$"}
_FRESH = "\uffff"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern; ``doubt`` says what its holes wait for (None where it has none)."""

    tokens: tuple[Token, ...]
    doubt: Unknown | None = None

    @property
    def literal(self) -> bool:
        """Whether it matches exactly one text, and that is known."""
        return all(isinstance(token, str) for token in self.tokens)


def compile_pattern(leaf: Leaf, *, fold: bool = False, variables: bool = False, wild: bool = True) -> Pattern:
    """The pattern written as ``leaf``.

    ``fold`` ignores case (actions), ``variables`` reads policy variables and the escapes ``${*}``,
    ``${?}`` and ``${$}`` (Version 2012-10-17 only), ``wild`` reads ``*`` and ``?``.
    """
    if isinstance(leaf, str):
        return _compile_text(leaf, fold, variables, wild)
    tokens: list[Token] = []
    for part in leaf.parts if isinstance(leaf, Template) else (leaf,):
        if isinstance(part, Unknown):
            tokens.append(Wild.HOLE)
        else:
            tokens.extend(_compile_text(part, fold, variables, wild).tokens)
    return Pattern(_tidy(tokens), merge_unknown(unknowns(leaf)))


@lru_cache(maxsize=4096)
def _compile_text(text: str, fold: bool, variables: bool, wild: bool) -> Pattern:
    tokens = _tidy(_tokens(text.lower() if fold else text, variables, wild))
    if Wild.HOLE not in tokens:
        return Pattern(tokens)
    return Pattern(tokens, Unknown(f'the policy variable in "{text}" depends on the request'))


def _tokens(text: str, variables: bool, wild: bool) -> Iterator[Token]:
    position = 0
    for found in _VARIABLE.finditer(text) if variables else ():
        yield from _plain_tokens(text[position : found.start()], wild)
        yield _ESCAPES.get(found[1], Wild.HOLE)
        position = found.end()
    yield from _plain_tokens(text[position:], wild)


def _plain_tokens(text: str, wild: bool) -> Iterator[Token]:
    for character in text:
        yield Wild(character) if wild and character in "*?" else character


def _tidy(tokens: Iterator[Token] | list[Token]) -> tuple[Token, ...]:
    """Without repeated ``*``: they match the same texts."""
    tidy: list[Token] = []
    for token in tokens:
        if not (token is Wild.MANY and tidy and tidy[-1] is Wild.MANY):
            tidy.append(token)
    return tuple(tidy)


def matches(pattern: Pattern, text: str) -> Ternary:
    """Whether ``pattern`` matches ``text``; Unknown where that depends on a hole."""
    return _settle(pattern, may_meet(pattern, Pattern(tuple(text))))


def overlaps(pattern: Pattern, other: Pattern) -> Ternary:
    """Whether some text is matched by both; Unknown where that depends on a hole of either."""
    met = _settle(pattern, may_meet(pattern, other))
    return _settle(other, met) if isinstance(met, bool) else met


def covers_all_from(pattern: Pattern, prefix: str, least: int = 0) -> Ternary:
    """Whether ``pattern`` matches every text that starts with ``prefix`` and has ``least`` more characters.

    A character that no pattern spells is the hardest to match, so it is enough to try that one, as
    often as the pattern has tokens and once more.
    """
    if pattern.doubt is None:
        return all(_covers(pattern.tokens, prefix, count) for count in _lengths(pattern, least))
    hopeful = Pattern(_loosened(pattern.tokens))
    return pattern.doubt if covers_all_from(hopeful, prefix, least) else False


def _lengths(pattern: Pattern, least: int) -> range:
    singles = sum(token is Wild.ONE for token in pattern.tokens)
    return range(least, least + singles + 2)


def _covers(tokens: tuple[Token, ...], prefix: str, count: int) -> bool:
    return may_meet(Pattern(tokens), Pattern((*prefix, *(_FRESH * count))))


def _settle(pattern: Pattern, met: bool) -> Ternary:
    return pattern.doubt if met and pattern.doubt is not None else met


def may_meet(pattern: Pattern, other: Pattern) -> bool:
    """Whether some text may be matched by both, holes standing for any text."""
    if pattern.literal and other.literal:
        return pattern.tokens == other.tokens
    left, right = _loosened(pattern.tokens), _loosened(other.tokens)
    many, one, characters = _masks(right)
    everything = (1 << (len(right) + 1)) - 1
    row = _closed(1, many)
    for token in left:
        if token is Wild.MANY:
            row = everything & -(row & -row)
        else:
            compatible = everything & ~many if token is Wild.ONE else one | characters.get(str(token), 0)
            row = _closed((row & compatible) << 1 & everything | row & many, many)
        if not row:
            return False
    return bool(row >> len(right) & 1)


def _loosened(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """``tokens`` with holes as any text."""
    return _tidy([Wild.MANY if token is Wild.HOLE else token for token in tokens])


def _masks(tokens: tuple[Token, ...]) -> tuple[int, int, dict[str, int]]:
    """Where ``tokens`` hold any text, one character, and each plain character, as bit sets."""
    many = one = 0
    characters: dict[str, int] = {}
    for index, token in enumerate(tokens):
        bit = 1 << index
        if token is Wild.ONE:
            one |= bit
        elif isinstance(token, str):
            characters[token] = characters.get(token, 0) | bit
        else:
            many |= bit
    return many, one, characters


def _closed(row: int, many: int) -> int:
    """``row`` with the step over a token that may be empty; no two of those stand in a row."""
    return row | (row & many) << 1
