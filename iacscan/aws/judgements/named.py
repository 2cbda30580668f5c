"""Which accounts the Allows of a policy name, as a list that a rule can compare with its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iacscan.aws.judgements.accounts import Holder, accounts_in
from iacscan.aws.policies.policy import Policy, Statement
from iacscan.core import PathStep, Unknown


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account id, or an Unknown for one or more that cannot be told; ``text`` says where it is named.

    ``place`` leads to the statement in the document.
    """

    name: str | Unknown
    text: str
    place: tuple[PathStep, ...] = ()


def named_accounts(policy: Policy | Unknown, own: str | None, holder: Holder) -> tuple[NamedAccount, ...]:
    """The accounts that ``policy`` lets in by name, each once and without the bucket's ``own`` account.

    ``holder`` tells whose the resources are that the policy refers to.
    """
    if isinstance(policy, Unknown):
        return (NamedAccount(policy, f"The policy is not known: {policy}."),)
    if not policy.readable:
        return (NamedAccount(Unknown("the document is not a policy"), policy.problems[0].message),)
    found: dict[str | Unknown, NamedAccount] = {}
    for statement in policy.statements:
        for named in _of_statement(statement, holder):
            if named.name != own:
                found.setdefault(named.name, named)
    return tuple(found.values())


def _of_statement(statement: Statement | Unknown, holder: Holder) -> Iterator[NamedAccount]:
    if isinstance(statement, Unknown):
        yield NamedAccount(statement, f"Statements are not known: {statement}.")
        return
    if statement.effect == "Deny":
        return
    for found in accounts_in(statement, holder):
        if isinstance(found, Unknown):
            yield NamedAccount(found, f"{statement.name} may name another account: {found}.", statement.place)
        elif isinstance(statement.effect, Unknown):
            text = f"{statement.name} may allow the account {found}: {statement.effect}."
            yield NamedAccount(statement.effect, text, statement.place)
        else:
            yield NamedAccount(found, f"{statement.name} allows the account {found}.", statement.place)
