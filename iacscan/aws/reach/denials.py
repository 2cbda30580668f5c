"""What the Deny statements of a policy leave of an Allow: each is something more that a request must fulfil.

A Deny on ``StringNotEquals aws:SourceVpce vpce-1`` leaves who comes through that endpoint. One with several
conditions leaves whoever escapes any of them, so that an Allow splits into branches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iacscan.aws.judgements.accounts import account_of
from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import principal_is_everyone
from iacscan.aws.kleene import conjunction
from iacscan.aws.policies.conditions import holds
from iacscan.aws.policies.identity import identity_of
from iacscan.aws.policies.inversion import opposite
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.policy import Condition, Principal, Statement
from iacscan.aws.policies.principals import speaks_of
from iacscan.aws.reach.request_keys import decided_keys
from iacscan.aws.reach.standins import has_standin
from iacscan.core import Ternary

MOST_BRANCHES = 32
_OF_WHOLE_ACCOUNTS = ("aws:principalaccount", "aws:principalisawsservice")


@dataclass(frozen=True, slots=True)
class Denial:
    """A Deny of an action on a resource; not ``certain`` where it is not known whether it speaks of them."""

    statement: Statement
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Escape:
    """One way past a Deny: conditions that a request must fulfil, and how a report tells of it.

    Not ``certain``: what would have to hold cannot be said in conditions, a request must be tried.
    """

    conditions: tuple[Condition, ...] = ()
    text: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Branch:
    """One combination of escapes from all Deny statements that matter."""

    conditions: tuple[Condition, ...] = ()
    texts: tuple[str, ...] = ()
    certain: bool = True


def branches(allow: Statement, denies: Sequence[Denial], caller: str | None) -> tuple[tuple[Branch, ...], bool]:
    """The branches of ``allow`` that ``denies`` leave, and whether these are all of them.

    ``denies`` speak of the action and the resource in question; ``caller`` is the principal that ``allow``
    names, None for everybody.
    """
    made = [Branch()]
    for deny in denies:
        escapes = tuple(_escapes(deny, caller))
        if not any(_is_given(escape, allow.conditions) for escape in escapes):
            made = _narrowest_out([_and(branch, escape) for branch in made for escape in escapes])
        if len(made) > MOST_BRANCHES:
            return tuple(made[:MOST_BRANCHES]), False
    return tuple(made), True


def _and(branch: Branch, escape: Escape) -> Branch:
    if escape.certain and all(condition in branch.conditions for condition in escape.conditions):
        return branch
    texts = (*branch.texts, escape.text) if escape.text else branch.texts
    conditions = dict.fromkeys((*branch.conditions, *escape.conditions))
    return Branch(tuple(conditions), tuple(dict.fromkeys(texts)), branch.certain and escape.certain)


def _narrowest_out(made: Sequence[Branch]) -> list[Branch]:
    """Without the branches that ask for all that another one asks for, and more."""
    kept: list[Branch] = []
    for branch in sorted(made, key=lambda one: len(one.conditions)):
        if not any(other.certain and set(other.conditions) <= set(branch.conditions) for other in kept):
            kept.append(branch)
    return kept


def _is_given(escape: Escape, conditions: Sequence[Condition]) -> bool:
    """Whether an escape asks for nothing that the Allow does not ask for itself."""
    return escape.certain and all(condition in conditions for condition in escape.conditions)


def _escapes(denial: Denial, caller: str | None) -> Iterator[Escape]:
    """The ways past a Deny: by who calls, by one of its conditions, or because it may not speak of the request."""
    deny = denial.statement
    if not denial.certain:
        yield Escape(certain=False)
    yield from _by_caller(deny) if caller is None else _by_name(deny, caller)
    for condition in deny.conditions:
        turned = opposite(condition)
        if turned is None:
            yield Escape(certain=False)
        elif (met := _is_met(turned, caller)) is not False:
            yield Escape() if met is True else Escape(turned, _text(condition, turned, deny))


def _is_met(turned: Sequence[Condition], caller: str | None) -> Ternary | None:
    """Whether the named ``caller`` fulfils conditions by who it is; None: that is not for its name to say."""
    if caller is None or has_standin(caller) or any(has_standin(str(v)) for one in turned for v in one.values):
        return None
    keys = decided_keys(caller, turned)
    if _whole_account(caller) is not None:
        keys = {key: values for key, values in keys.items() if key in _OF_WHOLE_ACCOUNTS}
    if any(str(one.key).lower() not in keys for one in turned):
        return None
    context = {key: values for key, values in keys.items() if values is not None}
    return conjunction(holds(one, context, True) for one in turned)


def _by_name(deny: Statement, caller: str) -> Iterator[Escape]:
    spoken = speaks_of(deny, identity_of(caller))
    if spoken is False:
        yield Escape()
    elif spoken is not True:
        yield Escape(certain=False)


def _by_caller(deny: Statement) -> Iterator[Escape]:
    if deny.not_principals is not None:
        yield from _as_listed(deny.not_principals, deny)
    elif not any(principal_is_everyone(principal) is not False for principal in deny.principals or ()):
        yield Escape()
    elif not any(principal_is_everyone(principal) is True for principal in deny.principals or ()):
        yield Escape(certain=False)


def _as_listed(listed: Sequence[Principal], deny: Statement) -> Iterator[Escape]:
    """To be one of those that NotPrincipal spares."""
    names = [principal.value for principal in listed if principal.kind == "AWS" and isinstance(principal.value, str)]
    accounts = tuple(dict.fromkeys(account for name in names if (account := _whole_account(name)) is not None))
    arns = tuple(name for name in names if _whole_account(name) is None and name.startswith("arn:"))
    services = tuple(principal.value for principal in listed if principal.kind == "Service")
    for key, operator, values in (
        ("aws:PrincipalArn", "ArnEquals", arns),
        ("aws:PrincipalAccount", "StringEquals", accounts),
        ("aws:PrincipalServiceName", "StringEquals", services),
    ):
        if values:
            yield Escape((Condition(operator, key, values),), f"only as {', '.join(map(shown, values))} ({deny.name})")
    if len(accounts) + len(arns) + len(services) < len(listed):
        yield Escape(certain=False)


def _whole_account(name: str) -> str | None:
    return account_of(name) if name.isdigit() or name.endswith(":root") else None


def condition_text(condition: Condition) -> str:
    """``condition`` on one line."""
    return f"{shown(condition.operator)} {shown(condition.key)} {', '.join(map(shown, condition.values))}"


def _text(condition: Condition, turned: Sequence[Condition], deny: Statement) -> str:
    operator = operator_of(str(condition.operator))
    if str(condition.key).lower() == "aws:securetransport" and turned[0].values == ("true",):
        return f"over TLS only ({deny.name})"
    if operator is not None and operator.negated:
        return f"only if {' and '.join(map(condition_text, turned))} ({deny.name})"
    return f"unless {condition_text(condition)} ({deny.name})"
