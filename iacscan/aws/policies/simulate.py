"""What a bucket policy alone decides for one request.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: a
matching Deny decides, else a matching Allow, else nothing is allowed. Identity policies, ACLs, Block
Public Access and organization policies are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.arns import without_partition, without_partition_text
from iacscan.aws.policies.conditions import holds
from iacscan.aws.policies.context import Request, Values, context_of
from iacscan.aws.policies.identity import Identity, identity_of
from iacscan.aws.policies.patterns import Leaf, matches
from iacscan.aws.policies.policy import Policy, PolicyStatement, Statement
from iacscan.aws.policies.principals import speaks_of
from iacscan.aws.policies.scope import speaks_of_action
from iacscan.aws.policies.variables import fill
from iacscan.core import Ternary, Unknown

__all__ = ["Decision", "Outcome", "Request", "applies", "simulate"]


class Outcome(StrEnum):
    """What a policy says of a request."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit_deny"
    IMPLICIT_DENY = "implicit_deny"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome and the labels of the statements that decide it.

    ``allowed`` may be known where the outcome is not: a request may be certain to be denied though not
    known whether by a Deny or for want of an Allow. ``reason`` says what the outcome waits for.
    """

    outcome: Outcome
    statements: tuple[str, ...] = ()
    allowed: Ternary = False
    reason: Unknown | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """A request made ready for many statements."""

    identity: Identity
    action: str
    resource: str
    context: Mapping[str, Values]


def simulate(policy: Policy | Unknown, request: Request) -> Decision:
    """What ``policy`` decides for ``request``, and which statements do."""
    if isinstance(policy, Unknown):
        return Decision(Outcome.UNKNOWN, (), policy, policy)
    if not policy.readable:
        doubt = Unknown("the document is not a policy")
        return Decision(Outcome.UNKNOWN, (), doubt, doubt)
    call = _call(request)
    judged = [(statement, _applies(statement, call, policy.has_variables)) for statement in policy.statements]
    denies = [(statement, conjunction([_has_effect(statement, "Deny"), term])) for statement, term in judged]
    allows = [(statement, conjunction([_has_effect(statement, "Allow"), term])) for statement, term in judged]
    denied, allowed = disjunction(term for _, term in denies), disjunction(term for _, term in allows)
    together = conjunction([allowed, negation(denied)])
    if denied is True:
        return Decision(Outcome.EXPLICIT_DENY, _labels(denies, True), False)
    if isinstance(denied, Unknown):
        return Decision(Outcome.UNKNOWN, _labels(denies, None), together, denied)
    if allowed is True:
        return Decision(Outcome.ALLOWED, _labels(allows, True), True)
    if isinstance(allowed, Unknown):
        return Decision(Outcome.UNKNOWN, _labels(allows, None), together, allowed)
    return Decision(Outcome.IMPLICIT_DENY)


def applies(statement: PolicyStatement, request: Request, variables: Ternary) -> Ternary:
    """Whether ``statement`` speaks of ``request``, whatever its effect."""
    return _applies(statement, _call(request), variables)


def _call(request: Request) -> _Call:
    resource = without_partition_text(request.resource)
    return _Call(identity_of(request.principal), request.action.lower(), resource, context_of(request))


def _applies(statement: PolicyStatement, call: _Call, variables: Ternary) -> Ternary:
    if isinstance(statement, Unknown):
        return statement
    return conjunction(_terms(statement, call, variables))


def _terms(statement: Statement, call: _Call, variables: Ternary) -> Iterator[Ternary]:
    """What must hold for ``statement`` to speak of a request, worked out as far as it is asked for."""
    yield speaks_of(statement, call.identity)
    yield _on_action(statement, call.action)
    yield _on_resource(statement, call, variables)
    yield from (holds(condition, call.context, variables) for condition in statement.conditions)


def _on_action(statement: Statement, action: str) -> Ternary:
    if statement.actions is None and statement.not_actions is None:
        return _incomplete("Action")
    return speaks_of_action(statement, action)


def _incomplete(element: str) -> Unknown:
    return Unknown(f"the statement has no {element}, so AWS refuses the policy")


def _on_resource(statement: Statement, call: _Call, variables: Ternary) -> Ternary:
    if statement.resources is None and statement.not_resources is None:
        return _incomplete("Resource")

    def meets(leaf: Leaf) -> Ternary:
        """A variable without a value keeps ``leaf`` from matching any resource, in NotResource as well."""
        pattern = fill(without_partition(leaf), call.context, variables)
        return False if pattern is None else matches(pattern, call.resource)

    met = disjunction(map(meets, statement.resources or ()))
    if statement.not_resources is None:
        return met
    return disjunction([met, negation(disjunction(map(meets, statement.not_resources)))])


def _has_effect(statement: PolicyStatement, effect: str) -> Ternary:
    if isinstance(statement, Unknown):
        return statement
    return statement.effect if isinstance(statement.effect, Unknown) else statement.effect == effect


def _labels(judged: Sequence[tuple[PolicyStatement, Ternary]], wanted: bool | None) -> tuple[str, ...]:
    """Of the statements that apply (``wanted``), or that may (None)."""
    return tuple(
        statement.label
        for statement, term in judged
        if isinstance(statement, Statement) and (term is wanted if wanted else isinstance(term, Unknown))
    )
