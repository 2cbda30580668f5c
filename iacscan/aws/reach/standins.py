"""Policies with holes made concrete: a hole that is certain to be one fixed value gets a text that stands for it.

The ARN of a role that is not there yet is some ARN, whatever it will be: requests can be tried with a stand-in
for it. Holes that may hold anything (a wildcard, several values) stay holes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import principal_is_everyone
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Principal, Statement
from iacscan.aws.policies.references import attribute, holes_are_fixed
from iacscan.core import Template, Unknown

_ADDRESS = "198.18.0."
_MANY = 200
_MARK = "\ue200"


@dataclass(slots=True)
class StandIns:
    """What stands for which hole; the same hole has the same stand-in everywhere in a policy."""

    texts: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[str, str], str] = field(default_factory=dict)

    def shown(self, text: str) -> str:
        """``text`` as a report shows it: holes as what they wait for."""
        for standin, hole in sorted(self.texts.items(), key=lambda one: -len(one[0])):
            text = text.replace(standin, hole)
        return text

    def text(self, leaf: Leaf, form: str) -> str:
        """``leaf`` with every hole filled; ``form`` is what a whole hole looks like: a name, an ARN, an address."""
        if isinstance(leaf, str):
            return leaf
        if isinstance(leaf, Template):
            part = "address" if form == "address" else "name"
            return "".join(item if isinstance(item, str) else self._of(item, part, True) for item in leaf.parts)
        return self._of(leaf, form, False)

    def account(self, canonical: Leaf) -> str:
        """The account whose canonical user id is ``canonical``: which one that is, an id does not tell."""
        hole = canonical if isinstance(canonical, Unknown) else Unknown(shown(canonical))
        text = f"{self._of(hole, 'account', False)}:root"
        self.texts[text] = shown(canonical)
        return text

    def _of(self, hole: Unknown, form: str, inside: bool) -> str:
        key = (str(hole), form)
        if key not in self.found:
            number = len(self.found)
            made = {"arn": f"arn:aws:iam::000000000000:role/{_MARK}{number}{_MARK}", "address": f"{_ADDRESS}{number}"}
            self.found[key] = made.get(form, f"{_MARK}{number}{_MARK}")
            self.texts[self.found[key]] = f"${{{hole}}}" if inside else str(hole)
        return self.found[key]


def has_standin(text: str) -> bool:
    """Whether part of ``text`` stands for a hole, so that it may turn out to be something else."""
    return _MARK in text


def concrete(policy: Policy) -> tuple[Policy, StandIns]:
    """``policy`` with stand-ins for the holes that are one fixed value each, and what they stand for."""
    standins = StandIns()
    statements = tuple(
        _statement(item, standins) if isinstance(item, Statement) else item for item in policy.statements
    )
    return replace(policy, statements=statements), standins


def _statement(statement: Statement, standins: StandIns) -> Statement:
    return replace(
        statement,
        principals=_principals(statement.principals, standins),
        not_principals=_principals(statement.not_principals, standins),
        conditions=tuple(_condition(condition, standins) for condition in statement.conditions),
    )


def _principals(listed: tuple[Principal, ...] | None, standins: StandIns) -> tuple[Principal, ...] | None:
    return None if listed is None else tuple(_principal(item, standins) for item in listed)


def _principal(principal: Principal, standins: StandIns) -> Principal:
    """A principal is one name, so that a hole in it is one too; a canonical user is tried by its id."""
    if principal_is_everyone(principal) is not False:
        return principal
    if principal.kind == "CanonicalUser":
        return Principal("AWS", standins.account(principal.value))
    return Principal(principal.kind, standins.text(principal.value, "name"))


def _condition(condition: Condition, standins: StandIns) -> Condition:
    operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
    if operator is None or len(standins.found) >= _MANY or not any(map(_is_hole, condition.values)):
        return condition
    return replace(condition, values=tuple(_values(condition.values, operator.family, standins)))


def _values(values: Iterable[Leaf], family: str, standins: StandIns) -> Iterable[Leaf]:
    form = {"ip": "address", "arn": "arn"}.get(family, "name")
    for value in values:
        if not _is_hole(value) or not holes_are_fixed(value):
            yield value
        else:
            block = isinstance(value, Unknown) and (attribute(value) or "").endswith("cidr_block")
            yield standins.text(value, form) + ("/32" if family == "ip" and block else "")


def _is_hole(leaf: Leaf) -> bool:
    return not isinstance(leaf, str)
