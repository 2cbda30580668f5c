"""Grants to AWS services that anybody's resources can make use of (the "confused deputy").

After https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html: a service acts for many
accounts, so a grant to it should name the account, organization or resource that it may act for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iacscan.aws.judgements.limits import shown
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.arns import names_owner
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.references import holes_are_fixed
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Template, Ternary, Unknown, merge_unknown, unknowns

_SOURCE_KEYS = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_WILDCARD = re.compile(r"[*?]")


def has_confused_deputy(policy: Policy | Unknown) -> Judgement:
    """Whether an Allow of ``policy`` to a service does not say on whose behalf the service may act."""
    return judge(
        policy, _of_statement, "Every grant to a service names the source that it may act for, or there is none."
    )


def _of_statement(statement: Statement) -> Iterator[Found]:
    services = [principal for principal in statement.principals or () if principal.kind == "Service"]
    hidden = [principal.kind for principal in statement.principals or () if not isinstance(principal.kind, str)]
    if statement.effect == "Deny" or not (services or hidden):
        return
    doubts = [*unknowns(statement.effect), *(hole for kind in hidden for hole in unknowns(kind))]
    named = disjunction(_names_source(condition) for condition in statement.conditions)
    if named is True:
        return
    if isinstance(named, Unknown) or doubts:
        yield merge_unknown([*doubts, *([named] if isinstance(named, Unknown) else [])])
        return
    names = ", ".join(shown(principal.value) for principal in services)
    yield f"{statement.name} allows the service {names} whoever it acts for: no condition names the source."


def _names_source(condition: Condition) -> Ternary:
    """Whether ``condition`` limits the source to fixed accounts, organizations or resources."""
    if not isinstance(condition.key, str) or not isinstance(condition.operator, str):
        return merge_unknown([*unknowns(condition.key), *unknowns(condition.operator)])
    operator = operator_of(condition.operator)
    key = condition.key.lower()
    if key not in _SOURCE_KEYS or operator is None or operator.negated or operator.family not in ("string", "arn"):
        return False
    if operator.if_exists or operator.quantifier == "ForAllValues":
        return Unknown(f"whether {condition.key} is in every request of that service is not documented")
    return conjunction(_is_fixed(key, value) for value in condition.values) if condition.values else False


def _is_fixed(key: str, value: Leaf) -> Ternary:
    if not isinstance(value, str):
        return _hole_is_fixed(value)
    if not _WILDCARD.search(value):
        return True
    if key == "aws:sourceorgpaths":
        return value.startswith("o-") and not _WILDCARD.search(value.partition("/")[0])
    return key == "aws:sourcearn" and names_owner(value)


def _hole_is_fixed(value: Leaf) -> Ternary:
    """A text with holes is fixed if all its holes are: its wildcards then stand beside something fixed."""
    if holes_are_fixed(value):
        return True
    parts = value.parts if isinstance(value, Template) else ()
    return merge_unknown(unknowns(value)) if parts or isinstance(value, Unknown) else False
