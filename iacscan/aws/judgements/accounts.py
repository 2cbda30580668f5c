"""Which accounts a statement names.

An account id may stand in a principal (by itself or inside an ARN) or in a condition on the caller's
account: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iacscan.aws.acl import ANONYMOUS_CANONICAL_ID
from iacscan.aws.judgements.limits import shown
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Principal, Statement
from iacscan.aws.policies.references import attribute, names_principal
from iacscan.core import Template, Unknown, merge_unknown, unknowns

_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?", re.DOTALL)
_ACCOUNT_KEYS = frozenset({"aws:principalaccount", "aws:principalarn"})
_ACCOUNT_FIELD = 4
_HOLE = "\0"
_OTHER = "aws_organizations_account"


def account_of(name: str) -> str | None:
    """The account id in a principal's name: ``111122223333``, or the account of an ARN; None: there is none."""
    found = _ACCOUNT.fullmatch(name)
    return found[1] if found else None


def accounts_in(statement: Statement) -> Iterator[str | Unknown]:
    """The account ids that ``statement`` names in principals and conditions, or doubts about them.

    A role or user of this configuration, and the account that Terraform runs in, count as own and are left out.
    """
    for principal in statement.principals or ():
        yield from _of_principal(principal)
    for condition in statement.conditions:
        yield from _of_condition(condition)


def _of_principal(principal: Principal) -> Iterator[str | Unknown]:
    """Account ids, or doubts, in one principal."""
    if not isinstance(principal.kind, str):
        yield merge_unknown(unknowns(principal.kind))
    elif principal.kind == "AWS":
        yield from _of_name(principal.value)
    elif principal.kind == "CanonicalUser" and principal.value != ANONYMOUS_CANONICAL_ID:
        yield from _of_canonical(principal.value)


def _of_canonical(value: Leaf) -> Iterator[str | Unknown]:
    if isinstance(value, Unknown) and names_principal(value):
        return
    yield Unknown(f"whose canonical user id {shown(value)} is, is not known")


def _of_name(value: Leaf) -> Iterator[str | Unknown]:
    if isinstance(value, str):
        account = account_of(value)
        if account is not None:
            yield account
        elif value.startswith("A") and value.isalnum():
            yield Unknown(f"whose unique id {value} is, is not known")
    elif isinstance(value, Template):
        yield from _of_template(value)
    elif not names_principal(value) or _OTHER in str(value):
        yield value


def _of_template(value: Template) -> Iterator[str | Unknown]:
    """The account field of an ARN with holes: written out, or a hole that is the own account, or a doubt."""
    text = "".join(part if isinstance(part, str) else _HOLE for part in value.parts)
    fields = text.split(":")
    account = fields[_ACCOUNT_FIELD] if len(fields) > _ACCOUNT_FIELD + 1 else ""
    if _ACCOUNT.fullmatch(account):
        yield account
        return
    holes = [part for part in value.parts if isinstance(part, Unknown)]
    number = ":".join(fields[:_ACCOUNT_FIELD]).count(_HOLE)
    if account != _HOLE or not _is_own(holes[number]):
        yield merge_unknown(holes)


def _is_own(hole: Unknown) -> bool:
    return attribute(hole) == "account_id" and _OTHER not in str(hole)


def _of_condition(condition: Condition) -> Iterator[str | Unknown]:
    if not isinstance(condition.key, str):
        yield merge_unknown(unknowns(condition.key))
        return
    if condition.key.lower() not in _ACCOUNT_KEYS:
        return
    if not isinstance(condition.operator, str):
        yield merge_unknown(unknowns(condition.operator))
        return
    operator = operator_of(condition.operator)
    if operator is not None and not operator.negated and operator.family in ("string", "arn"):
        for value in condition.values:
            yield from _of_name(value)
