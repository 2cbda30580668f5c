"""Whom a statement lets in, in the words of a reviewer: anyone, an account, a service, a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from iacscan.aws.judgements.breadth import restricts
from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import principal_is_everyone
from iacscan.aws.kleene import negation
from iacscan.aws.policies.identity import ANONYMOUS
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.policy import Condition, Principal, Statement
from iacscan.core import Ternary, Unknown


class Who(StrEnum):
    """Kinds of callers."""

    ANYONE = "anyone on the internet"
    ANY_ACCOUNT = "any AWS account"
    ORGANIZATION = "organization"
    ACCOUNT = "account"
    PRINCIPAL = "role or user"
    SERVICE = "AWS service"
    NETWORK = "network"
    SOURCE = "resource of an AWS service"
    DELEGATED = "whoever is let in by access points"
    UNKNOWN = "not known"


_BY_KEY = {
    "aws:principalorgid": Who.ORGANIZATION,
    "aws:principalorgpaths": Who.ORGANIZATION,
    "aws:vpceorgid": Who.ORGANIZATION,
    "aws:vpceorgpaths": Who.ORGANIZATION,
    "aws:principalaccount": Who.ACCOUNT,
    "aws:vpceaccount": Who.ACCOUNT,
    "s3:dataaccesspointaccount": Who.ACCOUNT,
    "aws:principalarn": Who.PRINCIPAL,
    "aws:userid": Who.PRINCIPAL,
    "aws:sourceip": Who.NETWORK,
    "aws:sourcevpc": Who.NETWORK,
    "aws:sourcevpce": Who.NETWORK,
    "aws:sourcevpcarn": Who.NETWORK,
    "aws:principalisawsservice": Who.SERVICE,
    "aws:principalservicename": Who.SERVICE,
    "aws:principalservicenameslist": Who.SERVICE,
}
_SIGNED_ONLY = ("aws:principalarn", "aws:principalorgid", "aws:principaltag/", "aws:username", "aws:principalorgpaths")

ANY_SERVICE = "any AWS service"


@dataclass(frozen=True, slots=True)
class Caller:
    """One kind of caller of a statement, by name, and whether it is certain to be let in.

    ``example`` is a principal that stands for it in a simulation, where there is one.
    """

    who: Who
    name: str
    certain: Ternary = True
    example: str | None = None


def callers_of(statement: Statement, variables: Ternary) -> Iterator[Caller]:
    """Whom ``statement`` speaks of: one entry for everybody, or one for each principal that it names.

    ``variables``: see :attr:`Policy.has_variables`.
    """
    if statement.not_principals is not None:
        yield _everyone(statement, variables, "everyone but its NotPrincipal", None)
    for principal in statement.principals or ():
        everyone = principal_is_everyone(principal)
        if everyone is True:
            yield _everyone(statement, variables, "everyone", ANONYMOUS)
        else:
            yield _named(principal, everyone)


def _named(principal: Principal, everyone: Ternary) -> Caller:
    name = shown(principal.value)
    if isinstance(everyone, Unknown):
        return Caller(Who.UNKNOWN, name)
    if principal.kind == "Service":
        return Caller(Who.SERVICE, name, example=f"service:{name}")
    if principal.kind == "CanonicalUser" or name.endswith(":root") or name.isdigit():
        return Caller(Who.ACCOUNT, name, example=name if isinstance(principal.value, str) else None)
    return Caller(Who.PRINCIPAL, name, example=principal.value if isinstance(principal.value, str) else None)


def _everyone(statement: Statement, variables: Ternary, name: str, example: str | None) -> Caller:
    """Everybody, as far as the conditions do not narrow that down to somebody."""
    doubt: Ternary = False
    for condition in statement.conditions:
        narrow = restricts(condition, statement.conditions, variables)
        if narrow is True:
            key = str(condition.key).lower()
            name = ANY_SERVICE if key == "aws:principalisawsservice" else ", ".join(map(shown, condition.values))
            return Caller(_BY_KEY.get(key, Who.SOURCE), name)
        if isinstance(narrow, Unknown):
            doubt = narrow
    if any(_needs_signature(condition) for condition in statement.conditions):
        return Caller(Who.ANY_ACCOUNT, "any AWS account", negation(doubt))
    return Caller(Who.ANYONE, name, negation(doubt), example)


def _needs_signature(condition: Condition) -> bool:
    """Whether an unsigned request cannot fulfil ``condition``: its key is never there."""
    if not isinstance(condition.operator, str) or not isinstance(condition.key, str):
        return False
    operator = operator_of(condition.operator)
    if operator is None or operator.negated or operator.if_exists or operator.quantifier == "ForAllValues":
        return False
    if operator.family == "null":
        return condition.values == ("false",) and condition.key.lower().startswith(_SIGNED_ONLY)
    return condition.key.lower().startswith(_SIGNED_ONLY)
