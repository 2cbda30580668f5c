"""``regex``, ``regexall`` and regular expressions in ``replace``: RE2 syntax and Go's matching rules.

The pattern is translated by :mod:`iacscan.terraform.functions.re2`; matching time is limited. Follows
https://developer.hashicorp.com/terraform/language/functions/regex.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from iacscan.terraform.functions.re2 import translate
from iacscan.terraform.functions.registry import STRING, Function, FunctionContext, too_large
from iacscan.terraform.kinds import ListValue, ObjectValue, TupleValue
from iacscan.terraform.values import EvaluationError


class Matcher:
    """A compiled pattern whose searches are limited in time; ``names`` are its group names by number."""

    def __init__(self, pattern: str, context: FunctionContext) -> None:
        import regex  # type: ignore[import-untyped]

        self._limits, self._clock = context.limits, context.clock
        try:
            translated, self.names = translate(pattern)
            self._compiled = regex.compile(translated, regex.VERSION0)
        except (regex.error, RecursionError, OverflowError) as error:
            raise EvaluationError(f"invalid regular expression: {error}") from None

    @property
    def groups(self) -> int:
        """How many groups capture."""
        return int(self._compiled.groups)

    def find_all(self, text: str) -> Iterator[Any]:
        """Every match, left to right; an empty one right after another match does not count."""
        position, previous, found = 0, -1, 0
        while position <= len(text):
            match = self.search(text, position)
            if match is None:
                return
            start, end = match.span()
            if not (start == end == previous):
                found += 1
                if found > self._limits.items:
                    raise too_large("the list of matches")
                yield match
            previous = end
            position = end if end > start else end + 1

    def search(self, text: str, position: int = 0) -> Any:
        """The first match at or after ``position``, or None."""
        if self.groups * len(text) > 10 * self._limits.text:
            raise too_large("the search for a regular expression")
        left, started = self._limits.regex_seconds - self._clock.spent, time.monotonic()
        try:
            return self._compiled.search(text, position, timeout=max(left, 0.0001))
        except (TimeoutError, RecursionError, MemoryError):
            raise too_large("the search for a regular expression") from None
        finally:
            self._clock.spent += time.monotonic() - started

    def result(self, match: Any) -> Any:
        """What Terraform makes of a match: the text, a list of its groups, or an object of the named ones."""
        if not self.groups:
            return match[0]
        if not self.names:
            return TupleValue(match.groups())
        if len(self.names) != self.groups:
            raise EvaluationError("invalid regexp pattern: cannot mix both named and unnamed capture groups")
        return ObjectValue((name, match[number]) for number, name in self.names.items())


def _regex(context: FunctionContext, pattern: str, text: str) -> Any:
    matcher = Matcher(pattern, context)
    match = matcher.search(text)
    if match is None:
        raise EvaluationError("pattern did not match any part of the given string")
    return matcher.result(match)


def _regexall(context: FunctionContext, pattern: str, text: str) -> list[Any]:
    matcher = Matcher(pattern, context)
    return [matcher.result(match) for match in matcher.find_all(text)]


_PLACE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def replace_all(pattern: str, text: str, replacement: str, context: FunctionContext) -> str:
    """``text`` with every match replaced; ``$1``, ``$name`` and ``${name}`` stand for groups."""
    matcher = Matcher(pattern, context)
    numbers = {name: number for number, name in matcher.names.items()}
    result: list[str] = []
    position = size = 0
    for match in matcher.find_all(text):
        pieces = (text[position : match.start()], _expand(replacement, match, numbers, matcher.groups))
        size += sum(map(len, pieces))
        if size > context.limits.text:
            raise too_large("the resulting text")
        result.extend(pieces)
        position = match.end()
    return "".join(result) + text[position:]


def _expand(replacement: str, match: Any, numbers: dict[str, int], groups: int) -> str:
    def fill(place: re.Match[str]) -> str:
        if place[1]:
            return "$"
        name = place[2] or place[3]
        number = int(name) if name.isdecimal() and len(name) < 9 else numbers.get(name, groups + 1)
        return str(match[number] or "") if number <= groups else ""

    return _PLACE.sub(fill, replacement)


FUNCTIONS = (
    Function("regex", _regex, (STRING, STRING), contextual=True),
    Function("regexall", _regexall, (STRING, STRING), contextual=True, result=ListValue),
)
