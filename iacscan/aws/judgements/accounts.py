"""Which accounts a statement names.

An account id may stand in a principal (by itself or inside an ARN), or in a condition on the account of the caller
or of what it comes through: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from iacscan.aws.acl import ANONYMOUS_CANONICAL_ID
from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import admits_everyone
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Principal, Statement
from iacscan.aws.policies.references import attribute, names_account, names_principal
from iacscan.core import Template, Unknown, merge_unknown, unknowns

_ACCOUNT = re.compile(r"(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::.*)?", re.DOTALL)
_CALLER_KEYS = frozenset({"aws:principalaccount", "aws:principalarn"})
_DOOR_KEYS = frozenset({"aws:vpceaccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn"})
"""Whose endpoint or access point a request comes through: who may, its owner says, unless principals are named."""
_ACCOUNT_FIELD = 4
_HOLE = "\0"
_OF_NO_ACCOUNT = ("iam_arn", "s3_canonical_user_id")
"""Attributes of an origin access identity of CloudFront, which is of no account."""

Holder: TypeAlias = Callable[[Unknown], str | Unknown | None]
"""Whose resource a hole refers to: None is the bucket's own account, else the account's id, or a doubt."""


def held_by_somebody(hole: Unknown) -> Unknown:
    """The :data:`Holder` where nothing tells whose a resource is."""
    return hole


def account_of(name: str) -> str | None:
    """The account id in a principal's name: ``111122223333``, or the account of an ARN; None: there is none."""
    found = _ACCOUNT.fullmatch(name)
    return found[1] if found else None


def accounts_in(statement: Statement, holder: Holder) -> Iterator[str | Unknown]:
    """The account ids that ``statement`` names in principals and conditions, or doubts about them.

    A role, user or account that is not known by name counts as what ``holder`` says; the own account is left out.
    """
    for principal in statement.principals or ():
        yield from _of_principal(principal, holder)
    everyone, _ = admits_everyone(statement)
    keys = _CALLER_KEYS if everyone is False else _CALLER_KEYS | _DOOR_KEYS
    for condition in statement.conditions:
        yield from _of_condition(condition, keys, holder)


def _of_principal(principal: Principal, holder: Holder) -> Iterator[str | Unknown]:
    """Account ids, or doubts, in one principal."""
    if not isinstance(principal.kind, str):
        yield merge_unknown(unknowns(principal.kind))
    elif principal.kind in ("AWS", "Federated"):
        yield from _of_name(principal.value, holder)
    elif principal.kind == "CanonicalUser" and principal.value != ANONYMOUS_CANONICAL_ID:
        yield from _of_canonical(principal.value, holder)


def _of_canonical(value: Leaf, holder: Holder) -> Iterator[str | Unknown]:
    if isinstance(value, Unknown) and names_principal(value):
        yield from _of_hole(value, holder)
    else:
        yield Unknown(f"whose canonical user id {shown(value)} is, is not known")


def _of_name(value: Leaf, holder: Holder) -> Iterator[str | Unknown]:
    if isinstance(value, str):
        account = account_of(value)
        if account is not None:
            yield account
        elif value.startswith("A") and value.isalnum():
            yield Unknown(f"whose unique id {value} is, is not known")
    elif isinstance(value, Template):
        yield from _of_template(value, holder)
    elif names_principal(value):
        yield from _of_hole(value, holder)
    else:
        yield value


def _of_hole(hole: Unknown, holder: Holder) -> Iterator[str | Unknown]:
    owner = None if attribute(hole) in _OF_NO_ACCOUNT else holder(hole)
    if owner is not None:
        yield owner


def _of_template(value: Template, holder: Holder) -> Iterator[str | Unknown]:
    """The account field of an ARN with holes: written out, or a hole that is an account, or a doubt."""
    text = "".join(part if isinstance(part, str) else _HOLE for part in value.parts)
    fields = text.split(":")
    account = fields[_ACCOUNT_FIELD] if len(fields) > _ACCOUNT_FIELD + 1 else ""
    if _ACCOUNT.fullmatch(account):
        yield account
        return
    holes = [part for part in value.parts if isinstance(part, Unknown)]
    number = ":".join(fields[:_ACCOUNT_FIELD]).count(_HOLE)
    if account == _HOLE and names_account(holes[number]):
        yield from _of_hole(holes[number], holder)
    else:
        yield merge_unknown(holes)


def _of_condition(condition: Condition, keys: frozenset[str], holder: Holder) -> Iterator[str | Unknown]:
    if not isinstance(condition.key, str):
        yield merge_unknown(unknowns(condition.key))
        return
    if condition.key.lower() not in keys:
        return
    if not isinstance(condition.operator, str):
        yield merge_unknown(unknowns(condition.operator))
        return
    operator = operator_of(condition.operator)
    if operator is not None and not operator.negated and operator.family in ("string", "arn"):
        for value in condition.values:
            yield from _of_name(value, holder)
