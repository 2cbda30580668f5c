"""Whether a CloudWatch metric filter counts a kind of event, whoever causes it.

The pattern language for JSON log events is that of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html:
comparisons of selectors, joined by ``&&``, ``||`` and parentheses between braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.patterns import compile_pattern, matches
from iacscan.core import Ternary, Unknown

MAX_LENGTH = 1024
"""AWS refuses longer patterns."""

_MAX_DEPTH = 40
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<mark>&&|\|\||[(){}])
      | (?P<operator>!=|<=|>=|[=<>]|IS\b|NOT\s+EXISTS\b|EXISTS\b)
      | (?P<text>"[^"]*"|%[^%]*%|[^\s(){}=<>!&|"]+)
    )""",
    re.VERBOSE,
)

Event = Mapping[str, str | bool | None]
"""Fields of an event by selector without ``$.``: what they hold, None for one that is absent; others may hold
anything."""

_OWN = ("awsRegion", "recipientAccountId", "eventVersion")
"""Fields that a pattern may name for good measure: what they hold is not known, but usually the same for all."""


class _NotAPatternError(Exception):
    """The text is not a pattern that can be read here."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def fires(pattern: str, event: Event) -> Ternary:
    """Whether ``pattern`` counts every event that has the fields of ``event``, whatever its other fields hold.

    A comparison that asks for one value of another field limits the pattern: False. One that excepts
    values may let all events pass that matter: Unknown. So is a text that cannot be read.
    """
    try:
        tokens = _tokens(pattern)
        if len(tokens) < 2 or tokens[0].text != "{" or tokens[-1].text != "}":
            raise _NotAPatternError
        reader = _Reader(tokens[1:-1], event)
        value = reader.either(0)
        if not reader.done:
            raise _NotAPatternError
    except _NotAPatternError:
        return Unknown(f"the filter pattern {pattern[:60]!r} is not one that can be read here")
    return value


def _tokens(pattern: str) -> list[_Token]:
    if len(pattern) > MAX_LENGTH:
        raise _NotAPatternError
    found: list[_Token] = []
    position = 0
    text = pattern.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise _NotAPatternError
        position = match.end()
        kind = str(match.lastgroup)
        found.append(_Token(kind, match[kind]))
    return found


class _Reader:
    """Evaluates while it reads: ``||`` binds less than ``&&``."""

    def __init__(self, tokens: list[_Token], event: Event) -> None:
        self._tokens = tokens
        self._position = 0
        self._event = event

    @property
    def done(self) -> bool:
        return self._position == len(self._tokens)

    def either(self, depth: int) -> Ternary:
        terms = [self._both(depth)]
        while self._take("||"):
            terms.append(self._both(depth))
        return disjunction(terms)

    def _both(self, depth: int) -> Ternary:
        terms = [self._one(depth)]
        while self._take("&&"):
            terms.append(self._one(depth))
        return conjunction(terms)

    def _one(self, depth: int) -> Ternary:
        if depth > _MAX_DEPTH:
            raise _NotAPatternError
        if not self._take("("):
            return self._comparison()
        value = self.either(depth + 1)
        if not self._take(")"):
            raise _NotAPatternError
        return value

    def _comparison(self) -> Ternary:
        selector, operator = self._next("text"), self._next("operator")
        name = selector.removeprefix("$.")
        if name == selector:
            raise _NotAPatternError
        if operator.endswith("EXISTS"):
            return self._exists(name, operator == "EXISTS")
        return self._compare(name, operator, self._next("text"))

    def _exists(self, name: str, wanted: bool) -> Ternary:
        if name not in self._event:
            return Unknown(f"whether $.{name} exists")
        return (self._event[name] is not None) is wanted

    def _compare(self, name: str, operator: str, value: str) -> Ternary:
        if name not in self._event:
            open_ = operator == "!=" or value == "*" or name in _OWN
            return Unknown(f"the pattern limits $.{name}") if open_ else False
        actual = self._event[name]
        if operator == "IS" and value in ("TRUE", "FALSE"):
            return actual is (value == "TRUE")
        if operator not in ("=", "!=") or value.startswith("%") or isinstance(actual, bool):
            return Unknown(f"how $.{name} {operator} {value} compares")
        same = actual is not None and matches(compile_pattern(value.strip('"')), actual)
        return same if operator == "=" or isinstance(same, Unknown) else not same

    def _take(self, mark: str) -> bool:
        if self._position < len(self._tokens) and self._tokens[self._position] == _Token("mark", mark):
            self._position += 1
            return True
        return False

    def _next(self, kind: str) -> str:
        if self._position >= len(self._tokens) or self._tokens[self._position].kind != kind:
            raise _NotAPatternError
        self._position += 1
        return re.sub(r"\s+", " ", self._tokens[self._position - 1].text)
