"""What two Allow statements let in together: the callers, actions and resources that both speak of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import principal_is_everyone
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.identity import identity_of
from iacscan.aws.policies.policy import Policy, Principal, Statement
from iacscan.aws.policies.principals import speaks_of
from iacscan.aws.policies.scope import speaks_of_action, speaks_of_resource, targets_of
from iacscan.aws.reach.examples import resources
from iacscan.aws.reach.ways import Access, actions_of
from iacscan.core import Ternary, merge_unknown, unknowns


def common_callers(inner: Statement, outer: Statement) -> Iterator[tuple[Statement, Ternary]]:
    """Whom both let in: ``inner`` with the principals that the two have in common, and whether they certainly are."""
    for left in _principals(inner):
        for right in _principals(outer):
            if _is_everyone(right):
                yield left, True
            elif _is_everyone(left):
                yield _as(left, right), True
            else:
                yield from _common(left, right)


def _common(left: Statement, right: Statement) -> Iterator[tuple[Statement, Ternary]]:
    """Of two principals the narrower one, where the other includes it."""
    wide, narrow = _includes(left, right), _includes(right, left)
    if wide is True or (wide is not False and narrow is False):
        yield _as(left, right), wide
    elif narrow is not False:
        yield left, narrow


def _as(statement: Statement, other: Statement) -> Statement:
    return replace(statement, principals=other.principals, not_principals=other.not_principals)


def _principals(statement: Statement) -> Iterator[Statement]:
    if statement.not_principals is not None:
        yield statement
    yield from (replace(statement, principals=(one,)) for one in statement.principals or ())


def _is_everyone(statement: Statement) -> bool:
    return any(principal_is_everyone(one) is True for one in statement.principals or ())


def _includes(statement: Statement, named: Statement) -> Ternary:
    """Whether ``statement`` speaks of the one principal of ``named``."""
    return disjunction(
        speaks_of(statement, identity_of(_caller(one)))
        if isinstance(one.value, str)
        else merge_unknown([*unknowns(one.kind), *unknowns(one.value)])
        for one in named.principals or ()
    )


def _caller(principal: Principal) -> str:
    return f"service:{shown(principal.value)}" if principal.kind == "Service" else shown(principal.value)


def common_actions(access: Access, inner: Statement, outer: Statement, bucket_arn: str) -> dict[str, Ternary]:
    """The actions of ``access`` that both (perhaps) speak of, and that access points take: none on a bucket itself."""
    found = {
        action: conjunction(speaks_of_action(one, action.lower()) for one in (inner, outer))
        for target in targets_of(bucket_arn)
        for action in actions_of(access, target)
        if target.objects or access is Access.LIST
    }
    return {action: term for action, term in found.items() if term is not False}


def common_resources(inner: Statement, outer: Statement, policy: Policy, bucket_arn: str) -> dict[str, Ternary]:
    """Resources of the bucket that both statements (perhaps) speak of."""
    tried = dict.fromkeys(
        resource
        for target in targets_of(bucket_arn)
        for statement in (inner, outer)
        for resource in resources(statement, policy, target, bucket_arn)
    )
    found = {
        resource: conjunction(speaks_of_resource(one, resource, policy.has_variables) for one in (inner, outer))
        for resource in tried
    }
    return {resource: term for resource, term in found.items() if term is not False}
