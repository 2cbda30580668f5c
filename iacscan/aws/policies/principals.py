"""Whether a statement speaks of the principal of a request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from iacscan.aws.acl import ANONYMOUS_CANONICAL_ID
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.identity import Identity
from iacscan.aws.policies.patterns import Leaf, compile_pattern, matches
from iacscan.aws.policies.policy import Principal, Statement
from iacscan.aws.policies.references import names_principal
from iacscan.core import Ternary, Unknown, merge_unknown, unknowns

_WILDCARD = re.compile(r"[*?]")
_ACCOUNT = re.compile(r"\d{12}")
_PRINCIPAL_ARN = re.compile(r"arn:[^:]+:(?:iam|sts)::(?:\d{12}|cloudfront):(.+)", re.DOTALL)
_PRINCIPAL_RESOURCE = re.compile(r"root|(?:user|role|assumed-role|federated-user)/.+", re.DOTALL)
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_ROLE_ARN = re.compile(r"arn:([^:]*):iam::([^:]*):role/(?:.*/)?([^/]+)", re.DOTALL)


def speaks_of(statement: Statement, identity: Identity) -> Ternary:
    """Whether the Principal or NotPrincipal element of ``statement`` includes ``identity``."""
    if statement.principals is None and statement.not_principals is None:
        return Unknown("the statement names no principal, so AWS refuses the policy")
    named = disjunction(_names(principal, identity) for principal in statement.principals or ())
    if statement.not_principals is None:
        return named
    exempt = _exempt(statement.not_principals, identity)
    return disjunction([named, exempt if isinstance(exempt, Unknown) else not exempt])


def form_of(kind: str, name: str) -> str | None:
    """Why AWS refuses the principal ``name`` of this ``kind``, for its form alone; None: it does not."""
    if kind == "*":
        return None if name == "*" else 'only "*" can stand for everyone'
    if kind == "Service":
        return None if "." in name and not _WILDCARD.search(name) else "that is not the name of a service"
    if kind != "AWS" or name == "*" or _ACCOUNT.fullmatch(name) or _UNIQUE_ID.fullmatch(name):
        return None
    if _WILDCARD.search(name):
        return "a wildcard cannot stand for a part of a principal"
    found = _PRINCIPAL_ARN.fullmatch(name)
    if found is None:
        return "that is neither an account nor the ARN of a user, role or session"
    if _PRINCIPAL_RESOURCE.fullmatch(found[1]):
        return None
    return f'"{found[1].partition("/")[0]}" is no kind of principal: only root, user, role and their sessions are'


def _exempt(listed: Sequence[Principal], identity: Identity) -> Ternary:
    """Whether ``NotPrincipal`` spares ``identity``: surely only if all that it is stands in the list.

    AWS asks for the account beside a user, and for account and role beside a session; what happens
    where one of them is missing depends on the service.
    """
    if identity.anonymous or identity.service is not None:
        return disjunction(_names_directly(principal, identity) for principal in listed)
    asked = [
        disjunction(_of_kind(principal, "AWS", _equal(principal.value, identity.arn)) for principal in listed),
        disjunction(_names_account(principal, identity) for principal in listed),
    ]
    if identity.session:
        asked.append(disjunction(_of_kind(p, "AWS", _is_role(p.value, identity)) for p in listed))
    every, some = conjunction(asked), disjunction(asked)
    if every is True or (identity.is_account and some is True):
        return True
    if some is False:
        return disjunction(_names_directly(principal, identity) for principal in listed)
    if isinstance(some, Unknown):
        return some
    return Unknown("AWS leaves open whom NotPrincipal spares if it does not list a principal and its account together")


def _names(principal: Principal, identity: Identity) -> Ternary:
    return disjunction([_names_directly(principal, identity), _names_account(principal, identity)])


def _names_account(principal: Principal, identity: Identity) -> Ternary:
    """Whether ``principal`` is the account of ``identity``, which stands for everybody in it."""
    if not identity.account:
        return False
    return _of_kind(principal, "AWS", disjunction(_equal(principal.value, name) for name in identity.account_names))


def _names_directly(principal: Principal, identity: Identity) -> Ternary:
    """Whether ``principal`` is ``identity`` itself, its role, or everybody."""
    kind = principal.kind
    if not isinstance(kind, str):
        return _doubt(kind)
    everybody = _is_star(principal.value) if kind in ("*", "AWS") else False
    if everybody is True:
        return True
    own: Ternary = False
    if kind == "AWS" and identity.service is None and not identity.anonymous:
        own = _is_identity(principal.value, identity)
    elif kind == "Service" and identity.service is not None:
        own = _equal(principal.value, identity.service)
    elif kind == "CanonicalUser":
        own = _is_canonical(principal.value, identity)
    elif kind == "Federated" and identity.session:
        own = Unknown("whether the session was federated is not known")
    return disjunction([everybody, own])


def _is_star(value: Leaf) -> Ternary:
    return False if isinstance(value, Unknown) and names_principal(value) else _equal(value, "*")


def _is_identity(value: Leaf, identity: Identity) -> Ternary:
    same = disjunction([_equal(value, identity.arn), _is_role(value, identity)])
    if same is not False or not isinstance(value, str):
        return same
    if _UNIQUE_ID.fullmatch(value):
        return Unknown(f"whose unique id {value} is, is not known")
    if value != "*" and _WILDCARD.search(value) and matches(compile_pattern(value), identity.arn):
        return Unknown(f'AWS refuses a wildcard inside a principal ("{value}")')
    return False


def _is_role(value: Leaf, identity: Identity) -> Ternary:
    """Whether ``value`` is the role of a session; the role's path is not part of a session's ARN."""
    if not identity.session:
        return False
    if not isinstance(value, str):
        return matches(compile_pattern(value, wild=False), identity.principal_arn)
    found = _ROLE_ARN.fullmatch(value)
    return found is not None and found.groups() == (identity.partition, identity.account, identity.role)


def _is_canonical(value: Leaf, identity: Identity) -> Ternary:
    if identity.service is not None:
        return False
    anonymous = _equal(value, ANONYMOUS_CANONICAL_ID)
    if identity.anonymous or anonymous is True:
        return anonymous if identity.anonymous else False
    return Unknown("which account has this canonical user id is not known")


def _of_kind(principal: Principal, kind: str, value: Ternary) -> Ternary:
    if isinstance(principal.kind, str):
        return value if principal.kind == kind else False
    return _doubt(principal.kind) if value is not False else False


def _equal(value: Leaf, text: str) -> Ternary:
    return value == text if isinstance(value, str) else matches(compile_pattern(value, wild=False), text)


def _doubt(leaf: Leaf) -> Unknown:
    return merge_unknown(unknowns(leaf))
