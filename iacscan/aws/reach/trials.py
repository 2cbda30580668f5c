"""Requests that show a way in: somebody of a kind, an action, a resource, and the context that conditions ask for.

A way that no Deny leaves a request for is no way, and one that a request shows needs no other proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from iacscan.aws.policies.context import Request, Values
from iacscan.aws.policies.policy import Condition, Policy
from iacscan.aws.policies.simulate import Outcome, simulate
from iacscan.aws.reach.fulfilment import fulfil
from iacscan.aws.reach.request_keys import comes_two_ways, decided_keys
from iacscan.core import Unknown

MOST_TRIALS = 6_000
_EXHAUSTED = Unknown("there are too many statements and conditions to work it out")


@dataclass(slots=True)
class Budget:
    """How many requests may still be tried: hostile policies are not worked out to the end."""

    left: int = MOST_TRIALS


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be shown: that some of ``principals`` gets at some of ``pairs`` of action and resource."""

    principals: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    conditions: tuple[Condition, ...]
    given: Mapping[str, Values | None] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)


def show(policy: Policy, trial: Trial) -> Request | Unknown | None:
    """A request of ``trial`` that ``policy`` allows; None: there is none; Unknown: that cannot be told."""
    doubts: list[Unknown] = []
    contexts: dict[str, Mapping[str, Values] | Unknown | None] = {}
    for principal, (action, resource) in product(trial.principals, trial.pairs):
        if trial.budget.left <= 0:
            return _EXHAUSTED
        if principal not in contexts:
            given = {**decided_keys(principal, trial.conditions), **trial.given}
            found = fulfil(trial.conditions, given, policy.has_variables)
            contexts[principal] = None if isinstance(found, dict) and comes_two_ways(found) else found
        context = contexts[principal]
        if context is None or isinstance(context, Unknown):
            doubts += [] if context is None else [context]
            continue
        trial.budget.left -= 1
        request = Request(principal, action, resource, {key: _plain(values) for key, values in context.items()})
        decision = simulate(policy, request)
        if decision.outcome is Outcome.ALLOWED:
            return request
        if isinstance(decision.allowed, Unknown):
            doubts.append(decision.allowed)
    return doubts[0] if doubts else None


def _plain(values: Values) -> Sequence[str | Unknown] | str | Unknown:
    if isinstance(values, Unknown):
        return values
    return values[0] if len(values) == 1 else list(values)
