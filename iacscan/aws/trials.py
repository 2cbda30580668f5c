"""Requests that show a way in: somebody of a kind, an action, a resource, and the context that conditions ask for.

A way that no Deny leaves a request for is no way, and one that a request shows needs no other proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from iacscan.aws.accounts import account_of
from iacscan.aws.context import Request, Values, context_of
from iacscan.aws.fulfilment import fulfil
from iacscan.aws.identity import ANONYMOUS, identity_of
from iacscan.aws.patterns import Leaf, Wild, compile_pattern
from iacscan.aws.policy import Condition, Policy, Statement
from iacscan.aws.scope import Target
from iacscan.aws.simulate import Outcome, simulate
from iacscan.core import Ternary, Unknown

MOST_TRIALS = 6_000
MOST_KEYS = 40
_ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{([^{}*?$][^{},]*)\}")
_STRANGER = "arn:aws:iam::999988887777:user/anything"
_STRANGERS = (
    ANONYMOUS,
    _STRANGER,
    "arn:aws:sts::999988887777:assumed-role/anything/anything",
    "arn:aws:iam::999988887777:root",
    "service:anything.amazonaws.com",
)
_KEYS = ("an-object", "a", "a/b/c/an-object")
_OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner")
_OF_SERVICE_NAMES = ("aws:principalservicename", "aws:principalservicenameslist")
_OF_PRINCIPALS = (
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:username",
)
_IS_SERVICE, _ACCOUNT = "aws:principalisawsservice", "aws:principalaccount"
_OF_SESSIONS = ("aws:multifactorauth", "aws:tokenissuetime", "aws:federatedprovider", "aws:sourceidentity")
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
            given = {**_given(principal, trial.conditions), **trial.given}
            contexts[principal] = fulfil(trial.conditions, given, policy.has_variables)
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


def _given(principal: str, conditions: Iterable[Condition]) -> dict[str, Values | None]:
    """The keys of ``conditions`` that ``principal`` decides: what AWS puts there, or that they are missing."""
    implied = context_of(Request(principal, "", ""))
    identity = identity_of(principal)
    missing: tuple[str, ...] = () if identity.service is not None else (*_OF_SERVICES, *_OF_SERVICE_NAMES)
    if identity.anonymous or identity.service is not None:
        missing = (*missing, *_OF_PRINCIPALS, *_OF_SESSIONS, _IS_SERVICE, _ACCOUNT)
    if identity.type and identity.user is None:
        missing = (*missing, "aws:username")
    found: dict[str, Values | None] = {}
    for condition in conditions:
        key = condition.key.lower() if isinstance(condition.key, str) else ""
        if key in implied:
            found[key] = implied[key]
        elif key.startswith(missing):
            found[key] = None
    return found


def strangers(policy: Policy, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Principals that stand for everybody: of no account that is named, and those that conditions ask for."""
    found = dict.fromkeys(_STRANGERS)
    for condition in conditions:
        found.update(dict.fromkeys(_named_in(condition)))
    for statement in policy.statements:
        for principal in (statement.not_principals or ()) if isinstance(statement, Statement) else ():
            if isinstance(principal.value, str) and principal.value != "*":
                found[f"service:{principal.value}" if principal.kind == "Service" else principal.value] = None
    return tuple(found)


def members(name: str, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Principals that stand for the account ``name``: its root, a user, and those that conditions ask for."""
    account = account_of(name)
    if account is None:
        return (name,)
    partition = name.split(":")[1] if name.startswith("arn:") else "aws"
    found = {f"arn:{partition}:iam::{account}:root": None, f"arn:{partition}:iam::{account}:user/anything": None}
    for condition in conditions:
        found.update({arn: None for arn in _named_in(condition) if account_of(arn) == account})
    found[f"arn:{partition}:sts::{account}:assumed-role/anything/anything"] = None
    return tuple(found)


def _named_in(condition: Condition) -> Iterator[str]:
    """The principals that a condition on the caller names, wildcards filled."""
    key = condition.key.lower() if isinstance(condition.key, str) else ""
    for value in condition.values:
        text = _example(value) if isinstance(value, str) else ""
        if key == "aws:principalarn" and text.startswith("arn:"):
            yield text
        elif key == "aws:principalaccount" and text:
            yield from (f"arn:aws:iam::{text}:user/anything", f"arn:aws:iam::{text}:root")
        elif key in _OF_SERVICE_NAMES and text:
            yield f"service:{text}"


def _example(pattern: str) -> str:
    filled = re.sub(r"^(arn:[^:]*:[^:]*:[^:]*):\*:", r"\1:999988887777:", pattern)
    return filled.replace("*", "anything").replace("?", "x")


def needed(statement: Statement, variables: Ternary) -> tuple[Condition, ...]:
    """Conditions that give the policy variables in the resources of ``statement`` a value."""
    if variables is not True:
        return ()
    texts = [leaf for leaf in statement.resources or () if isinstance(leaf, str)]
    names = dict.fromkeys(name.strip() for text in texts for name in _VARIABLE.findall(text))
    return tuple(Condition("StringEquals", name, ("anything",)) for name in names)


def resources(statement: Statement, policy: Policy, target: Target, bucket_arn: str) -> tuple[str, ...]:
    """Resources of ``target`` that tell ``statement``, and what the Deny statements of ``policy`` spare, apart."""
    if not target.objects:
        return (bucket_arn,)
    spared = (one.not_resources for one in policy.statements if isinstance(one, Statement) and one.effect == "Deny")
    leaves = dict.fromkeys([*(statement.resources or ()), *(leaf for listed in spared for leaf in listed or ())])
    keys = dict.fromkeys(key for leaf in leaves for key in _keys(leaf, bucket_arn, policy.has_variables))
    return tuple(f"{bucket_arn}/{key}" for key in dict.fromkeys([*list(keys)[:MOST_KEYS], *_KEYS]))


def _keys(leaf: Leaf, bucket_arn: str, variables: Ternary) -> Iterator[str]:
    """Keys of objects that the resource ``leaf`` may mean."""
    if not isinstance(leaf, str):
        return
    for many in ("an-object", ""):
        filled = {Wild.ONE: "x", Wild.MANY: many, Wild.HOLE: "anything"}
        tokens = compile_pattern(leaf, variables=variables is True).tokens
        text = "".join(filled[token] if isinstance(token, Wild) else token for token in tokens)
        inside = text.startswith(f"{bucket_arn}/")
        key = text[len(bucket_arn) + 1 :] if inside else text.split(":", _ARN_PARTS - 1)[-1].partition("/")[2]
        if key:
            yield key
