"""Grants to AWS services that anybody's resources can make use of (the "confused deputy").

After https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html: a service acts for many
accounts, so a grant to it should name the account, organization or resource that it may act for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import admits_everyone
from iacscan.aws.judgements.refusals import Refusals, refusals_of
from iacscan.aws.judgements.transport import applies_to_everyone
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.arns import names_owner
from iacscan.aws.policies.identity import identity_of
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Principal, Statement
from iacscan.aws.policies.principals import speaks_of
from iacscan.aws.policies.references import asked_of_text, is_own_variable
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Ternary, Unknown, merge_unknown, unknowns

_SOURCE_KEYS = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"})
_IS_SERVICE = "aws:principalisawsservice"
_SERVICE_NAMES = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
_WILDCARD_OR_VARIABLE = re.compile(r"[*?]|\$\{")


def has_confused_deputy(policy: Policy | Unknown) -> Judgement:
    """Whether an Allow of ``policy`` to a service does not say on whose behalf the service may act."""
    refusals = refusals_of(policy, _escapes_with_source)
    return judge(
        policy,
        lambda statement: _of_statement(statement, refusals),
        "Every grant to a service names the source that it may act for, or there is none.",
    )


def _of_statement(statement: Statement, refusals: Refusals) -> Iterator[Found]:
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Allow"
    services = tuple(principal for principal in statement.principals or () if principal.kind == "Service")
    hidden = [principal.kind for principal in statement.principals or () if not isinstance(principal.kind, str)]
    everyone, _ = admits_everyone(statement)
    by_condition = [_asks_for_service(condition) for condition in statement.conditions]
    granted = disjunction(
        [bool(services), *map(_doubt, hidden), conjunction([everyone, disjunction(by_condition)])],
    )
    named = disjunction(_names_source(condition) for condition in statement.conditions)
    found = conjunction([effect, granted, negation(named)])
    if found is not False:
        found = conjunction([found, negation(refusals.close(statement, partial(_speaks_of, services=services)))])
    if isinstance(found, Unknown):
        yield found
    elif found:
        names = ", ".join(shown(principal.value) for principal in services)
        who = f"the service {names}" if names else "AWS services by its condition,"
        yield f"{statement.name} allows {who} whoever it acts for: no condition names the source."


def _asks_for_service(condition: Condition) -> Ternary:
    """Whether only AWS services fulfil ``condition``."""
    if not isinstance(condition.key, str) or not isinstance(condition.operator, str):
        return merge_unknown([*unknowns(condition.key), *unknowns(condition.operator)])
    operator, key = operator_of(condition.operator), condition.key.lower()
    if operator is None or operator.negated or operator.if_exists or operator.quantifier == "ForAllValues":
        return False
    if key in _SERVICE_NAMES:
        return operator.family == "string"
    if key != _IS_SERVICE or operator.family not in ("bool", "string"):
        return False
    return conjunction(asked_of_text(value, lambda text: text.lower() == "true") for value in condition.values)


def _speaks_of(deny: Statement, services: tuple[Principal, ...]) -> Ternary:
    """Whether a Deny speaks of all ``services``; of none, where the grant is to everyone."""
    everyone = applies_to_everyone(deny)
    if everyone is True or not services:
        return everyone
    return conjunction(
        speaks_of(deny, identity_of(f"service:{service.value}"))
        if isinstance(service.value, str)
        else merge_unknown(unknowns(service.value))
        for service in services
    )


def _escapes_with_source(condition: Condition, _: tuple[Condition, ...]) -> Ternary:
    """Whether a service that fulfils ``condition``, and so escapes a Deny, acts for a fixed source or for nobody.

    "For nobody" is how AWS's own guard leaves calls alone that are not made for somebody's resource: it asks for
    ``Null aws:SourceAccount false`` beside the organization.
    """
    if not isinstance(condition.key, str) or not isinstance(condition.operator, str):
        return merge_unknown([*unknowns(condition.key), *unknowns(condition.operator)])
    operator, key = operator_of(condition.operator), condition.key.lower()
    words = [value.lower() if isinstance(value, str) else "" for value in condition.values]
    if operator is not None and operator.family == "null" and key in _SOURCE_KEYS:
        return words == ["true"]
    if operator is not None and operator.family == "bool" and key == _IS_SERVICE:
        return words == ["false"]
    return _names_source(condition)


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
    if not condition.values:
        return False
    return conjunction(asked_of_text(value, partial(_is_fixed, key)) for value in condition.values)


def _is_fixed(key: str, value: str) -> bool:
    if is_own_variable(value) or not _WILDCARD_OR_VARIABLE.search(value):
        return True
    if key == "aws:sourceorgpaths":
        return value.startswith("o-") and not _WILDCARD_OR_VARIABLE.search(value.partition("/")[0])
    return key == "aws:sourcearn" and names_owner(value)


def _doubt(kind: Leaf) -> Unknown:
    return merge_unknown(unknowns(kind))
