"""Wildcard patterns of policy documents: ``*`` for any text, ``?`` for one character.

Two patterns are compared by running both as automata side by side, one big integer a row, so that the
cost is a product of lengths and never exponential. A hole (an unknown part, or a policy variable whose
value only a request can tell) may stand for any text; it matches *perhaps*, never surely.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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
_WILD_CHARACTER = re.compile(r"([*?])")
_WILD: dict[str, Token] = {"*": Wild.MANY, "?": Wild.ONE}
_HOLE = "\0"
_BROKEN_VARIABLE = re.compile(r"\$(?:\{[^{}]*)?\0[^{}]*\}?")
"""``${aws:PrincipalTag/${var.tag}}``, as far as it is written: what follows a ``$`` may complete it."""
_FRESH = "\uffff"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern: plain text, what is between, plain text; a literal is all ``head``.

    ``middle`` begins and ends with something else than a plain character. ``doubt`` says what the
    holes wait for (None where there are none). Build one with :func:`pattern_of`.
    """

    head: str
    middle: tuple[Token, ...] = ()
    tail: str = ""
    doubt: Unknown | None = None

    @property
    def literal(self) -> bool:
        """Whether it matches exactly one text."""
        return not self.middle

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All of it, token by token."""
        return (*self.head, *self.middle, *self.tail)


def pattern_of(tokens: Iterable[Token], doubt: Unknown | None = None) -> Pattern:
    """The pattern of these ``tokens``."""
    listed = _tidy(tokens)
    wild = [index for index, token in enumerate(listed) if isinstance(token, Wild)]
    if not wild:
        return Pattern("".join(map(str, listed)), doubt=doubt)
    first, last = wild[0], wild[-1] + 1
    return Pattern(
        "".join(map(str, listed[:first])), tuple(listed[first:last]), "".join(map(str, listed[last:])), doubt
    )


def compile_pattern(leaf: Leaf, *, fold: bool = False, variables: bool = False, wild: bool = True) -> Pattern:
    """The pattern written as ``leaf``.

    ``fold`` ignores case (actions), ``variables`` reads policy variables and the escapes ``${*}``,
    ``${?}`` and ``${$}`` (Version 2012-10-17 only), ``wild`` reads ``*`` and ``?``.
    """
    if isinstance(leaf, str):
        return _compile_text(leaf, fold, variables, wild)
    first, *rest = _between_holes(leaf, variables)
    tokens: list[Token] = list(_compile_text(first, fold, variables, wild).tokens)
    for text in rest:
        tokens += [Wild.HOLE, *_compile_text(text, fold, variables, wild).tokens]
    return pattern_of(tokens, merge_unknown(unknowns(leaf)))


def _between_holes(leaf: Unknown | Template, variables: bool) -> list[str]:
    """The texts before, between and after the holes of ``leaf``; a variable with a hole in its name is a hole."""
    parts = leaf.parts if isinstance(leaf, Template) else (leaf,)
    whole = "".join(part if isinstance(part, str) else _HOLE for part in parts)
    return (_BROKEN_VARIABLE.sub(_HOLE, whole) if variables else whole).split(_HOLE)


@lru_cache(maxsize=4096)
def _compile_text(text: str, fold: bool, variables: bool, wild: bool) -> Pattern:
    folded = text.lower() if fold else text
    if not (wild and ("*" in text or "?" in text)) and not (variables and "${" in text):
        return Pattern(folded)
    tokens = list(_tokens(folded, variables, wild))
    if Wild.HOLE not in tokens:
        return pattern_of(tokens)
    return pattern_of(tokens, Unknown(f'the policy variable in "{text}" depends on the request'))


def _tokens(text: str, variables: bool, wild: bool) -> Iterator[Token]:
    position = 0
    for found in _VARIABLE.finditer(text) if variables else ():
        yield from _plain_tokens(text[position : found.start()], wild)
        yield _ESCAPES.get(found[1], Wild.HOLE)
        position = found.end()
    yield from _plain_tokens(text[position:], wild)


def _plain_tokens(text: str, wild: bool) -> Iterator[Token]:
    for piece in _WILD_CHARACTER.split(text) if wild else (text,):
        if wild and piece in _WILD:
            yield _WILD[piece]
        else:
            yield from piece


def _tidy(tokens: Iterable[Token]) -> list[Token]:
    """Without repeated ``*``: they match the same texts."""
    tidy: list[Token] = []
    for token in tokens:
        if not (token is Wild.MANY and tidy and tidy[-1] is Wild.MANY):
            tidy.append(token)
    return tidy


def matches(pattern: Pattern, text: str) -> Ternary:
    """Whether ``pattern`` matches ``text``; Unknown where that depends on a hole."""
    return _settle(pattern, _may_match(pattern, text))


def overlaps(pattern: Pattern, other: Pattern) -> Ternary:
    """Whether some text is matched by both; Unknown where that depends on a hole of either."""
    met = _settle(pattern, may_meet(pattern, other))
    return _settle(other, met) if isinstance(met, bool) else met


def covers_all_from(pattern: Pattern, prefix: str, least: int = 0) -> Ternary:
    """Whether ``pattern`` matches every text that starts with ``prefix`` and has ``least`` more characters.

    A character that no pattern spells is the hardest to match, so it is enough to try that one, from
    ``least`` times to once more than the pattern has ``?``: any more of them must be met by a ``*``.
    """
    if pattern.literal:
        return False
    counts = range(least, least + pattern.middle.count(Wild.ONE) + 2)
    return _settle(pattern, all(_may_match(pattern, prefix + _FRESH * count) for count in counts))


def contains(pattern: Pattern, other: Pattern) -> Ternary:
    """Whether ``pattern`` matches every text that ``other`` matches; Unknown where that depends on a hole of either.

    A character that no pattern spells stands for what is wild in ``other``: where only a ``*`` can have taken it,
    that takes anything else as well.
    """
    if pattern == other and pattern.doubt is None:
        return True
    found = matches(pattern, "".join(_FRESH if isinstance(token, Wild) else token for token in other.tokens))
    if found is False and other.doubt is not None and may_meet(pattern, other):
        return other.doubt
    if found is True and not other.literal and Wild.ONE in pattern.middle:
        return Unknown('whether a pattern with "?" covers another one is not worked out')
    return found


def _settle(pattern: Pattern, met: bool) -> Ternary:
    return pattern.doubt if met and pattern.doubt is not None else met


def _may_match(pattern: Pattern, text: str) -> bool:
    """Whether ``pattern`` may match ``text``, holes standing for any text."""
    head, middle, tail = pattern.head, pattern.middle, pattern.tail
    if not middle:
        return head == text
    end = len(text) - len(tail)
    if end < len(head) or not text.startswith(head) or not text.endswith(tail):
        return False
    return (len(middle) == 1 and middle[0] is not Wild.ONE) or _meet(middle, tuple(text[len(head) : end]))


def may_meet(pattern: Pattern, other: Pattern) -> bool:
    """Whether some text may be matched by both, holes standing for any text."""
    if other.literal:
        return _may_match(pattern, other.head)
    if pattern.literal:
        return _may_match(other, pattern.head)
    start = min(len(pattern.head), len(other.head))
    end = min(len(pattern.tail), len(other.tail))
    if pattern.head[:start] != other.head[:start]:
        return False
    if pattern.tail[len(pattern.tail) - end :] != other.tail[len(other.tail) - end :]:
        return False
    return _meet(_inner(pattern, start, end), _inner(other, start, end))


def _inner(pattern: Pattern, start: int, end: int) -> tuple[Token, ...]:
    """``pattern`` without ``start`` characters at the beginning and ``end`` at the end."""
    return (*pattern.head[start:], *pattern.middle, *pattern.tail[: len(pattern.tail) - end])


def _meet(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Both automata side by side: bit ``j`` of a row is set where ``right[:j]`` may meet ``left`` so far."""
    left, right = _loosened(left), _loosened(right)
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


def _loosened(tokens: Sequence[Token]) -> Sequence[Token]:
    """``tokens`` with holes as any text."""
    return _tidy(Wild.MANY if token is Wild.HOLE else token for token in tokens) if Wild.HOLE in tokens else tokens


def _masks(tokens: Sequence[Token]) -> tuple[int, int, dict[str, int]]:
    """Where ``tokens`` hold any text, one character, and each plain character, as bit sets."""
    many = one = 0
    characters: dict[str, int] = {}
    for index, token in enumerate(tokens):
        bit = 1 << index
        if token is Wild.ONE:
            one |= bit
        elif token is Wild.MANY:
            many |= bit
        else:
            characters[str(token)] = characters.get(str(token), 0) | bit
    return many, one, characters


def _closed(row: int, many: int) -> int:
    """``row`` with the step over a token that may be empty; no two of those stand in a row."""
    return row | (row & many) << 1
