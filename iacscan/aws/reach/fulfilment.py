"""A request context in which conditions hold together, or the certainty that there is none.

Conditions on different keys do not touch each other, so each key is settled by itself: a few values are enough
to tell all conditions on it apart (what they name, what lies between and beyond it, something else, no value).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from iacscan.aws.kleene import conjunction
from iacscan.aws.policies.comparisons import date_of, number_of
from iacscan.aws.policies.conditions import holds
from iacscan.aws.policies.context import Values
from iacscan.aws.policies.networks import network_of
from iacscan.aws.policies.operators import Operator, operator_of
from iacscan.aws.policies.patterns import Pattern, Wild
from iacscan.aws.policies.policy import Condition
from iacscan.aws.policies.variables import fill
from iacscan.core import Ternary, Unknown

_ANYTHING = "anything"
_MOST = 60
_ALWAYS = frozenset({"aws:securetransport", "aws:viaawsservice", "aws:currenttime", "aws:epochtime"})
_LARGEST = 10**15
_YEARS = range(2, 9999)
_ORDINARY_DATE = "2030-01-01T00:00:00+00:00"
_NOT_FOUND = Unknown("whether the conditions can hold together is not worked out")
Context = dict[str, Values]


def fulfil(
    conditions: Sequence[Condition], given: Mapping[str, Values | None], variables: Ternary
) -> Context | Unknown | None:
    """Keys and values with which all of ``conditions`` hold.

    ``given`` holds the keys that cannot be chosen, with None for one that is certain to be missing. None as
    the answer: there is no such context; Unknown: none was found, and none can be ruled out.
    """
    chosen: Context = {key: values for key, values in given.items() if values is not None}
    doubts: list[Unknown] = []
    for key, together in _by_key(conditions).items():
        if key is None:
            doubts.append(_NOT_FOUND)
            continue
        tried = [given[key]] if key in given else list(_candidates(key, together, chosen, variables))
        found = _first(key, together, tried, chosen, variables)
        if isinstance(found, Unknown):
            doubts.append(found)
        elif found is False:
            if key in given or (len(tried) < _MOST and _told_apart(together, variables)):
                return None
            doubts.append(_NOT_FOUND)
    return doubts[0] if doubts else chosen


def _by_key(conditions: Iterable[Condition]) -> dict[str | None, list[Condition]]:
    """Conditions by key; what needs no variable comes first, so that variables can be filled."""
    found: dict[str | None, list[Condition]] = {}
    for condition in sorted(conditions, key=lambda one: any("${" in str(value) for value in one.values)):
        found.setdefault(condition.key.lower() if isinstance(condition.key, str) else None, []).append(condition)
    return found


def _first(
    key: str, together: Sequence[Condition], tried: Iterable[Values | None], chosen: Context, variables: Ternary
) -> Ternary:
    """Put the first value that fulfils all into ``chosen``; False: none does."""
    doubt: Unknown | None = None
    for values in tried:
        context = {name: held for name, held in chosen.items() if name != key}
        if values is not None:
            context[key] = values
        met = conjunction(holds(condition, context, variables) for condition in together)
        if met is True:
            chosen.pop(key, None)
            chosen.update(context)
            return True
        if isinstance(met, Unknown):
            doubt = met
    return doubt if doubt is not None else False


def _told_apart(together: Iterable[Condition], variables: Ternary) -> bool:
    """Whether the candidates tell all requests apart, so that what none of them fulfils nothing does."""
    wild = 0
    for condition in together:
        operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
        if operator is None or operator.quantifier is not None:
            return False
        if not all(isinstance(value, str) and _is_tried(operator, value) for value in condition.values):
            return False
        wild += sum(any(mark in str(value) for mark in "*?") for value in condition.values)
        if variables is not False and any("${" in str(value) for value in condition.values):
            return False
    return wild <= 1


def _candidates(
    key: str, together: Sequence[Condition], chosen: Context, variables: Ternary
) -> Iterator[Values | None]:
    """Values that tell the conditions on ``key`` apart; no value first, where that can be."""
    if key not in _ALWAYS:
        yield None
    texts: dict[str, None] = {}
    several, free = False, True
    for condition in together:
        operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
        if operator is not None:
            several = several or operator.quantifier is not None
            free = free and operator.family in ("string", "arn", "binary", "null")
            texts.update(dict.fromkeys(_texts(operator, condition, chosen, variables)))
    if free:
        texts[_ANYTHING] = None
    for text in list(texts)[:_MOST]:
        yield (text,)
    if several:
        yield tuple(list(texts)[:_MOST])


def _texts(operator: Operator, condition: Condition, chosen: Context, variables: Ternary) -> Iterator[str]:
    values = [value for value in condition.values if isinstance(value, str) and _is_tried(operator, value)]
    if operator.family in ("string", "arn"):
        fold = operator.base.endswith("IgnoreCase")
        for value in values:
            pattern = fill(value, chosen, variables, wild=operator.base.endswith("Like") or operator.family == "arn")
            if pattern is not None:
                yield from (text.swapcase() if turn else text for text in _examples(pattern) for turn in (False, fold))
    elif operator.family == "bool":
        yield from ("true", "false")
    elif operator.family == "ip":
        yield from _addresses(values)
    elif operator.family == "numeric":
        yield from _numbers(values)
    elif operator.family == "date":
        yield from _dates(values)
    elif operator.family == "binary":
        yield from values


def _is_tried(operator: Operator, value: str) -> bool:
    """Whether ``value`` is no number or date so far out that what lies beyond it cannot be computed."""
    if operator.family == "numeric":
        number = number_of(value)
        return number is None or -_LARGEST < number < _LARGEST
    moment = date_of(value) if operator.family == "date" else None
    return moment is None or moment.year in _YEARS


def _examples(pattern: Pattern) -> tuple[str, ...]:
    """Texts that ``pattern`` matches: one with something for every wildcard."""
    filled = {Wild.ONE: "x", Wild.MANY: _ANYTHING, Wild.HOLE: _ANYTHING}
    return ("".join(filled[token] if isinstance(token, Wild) else token for token in pattern.tokens),)


def _addresses(values: Iterable[str]) -> Iterator[str]:
    """The ends of every range, and what lies just outside of them."""
    for network in (found for value in values if (found := network_of(value)) is not None):
        kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        first, last = int(network.network_address), int(network.broadcast_address)
        inside = first + 7 if first + 7 <= last else first
        for number in (inside, first, last, first - 1, last + 1):
            if 0 <= number < 2**network.max_prefixlen:
                yield str(kind(number))
    yield "203.0.113.7"
    yield "2001:db8::7"


def _numbers(values: Iterable[str]) -> Iterator[str]:
    """Every limit, what lies between two of them, and what lies beyond."""
    limits = sorted(number for value in values if (number := number_of(value)) is not None)
    for index, limit in enumerate(limits):
        yield from (str(limit), str((limit + limits[max(index - 1, 0)]) / 2))
    if limits:
        yield from (str(limits[0] - 1), str(limits[-1] + 1))
    yield "0"


def _dates(values: Iterable[str]) -> Iterator[str]:
    limits = sorted(moment for value in values if (moment := date_of(value)) is not None)
    for index, limit in enumerate(limits):
        previous = limits[max(index - 1, 0)]
        yield from (limit.isoformat(), (previous + (limit - previous) / 2).isoformat())
    if limits:
        yield from ((limits[0] - timedelta(days=1)).isoformat(), (limits[-1] + timedelta(days=1)).isoformat())
    yield _ORDINARY_DATE
