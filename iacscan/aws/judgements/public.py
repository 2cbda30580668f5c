"""Whether a bucket policy is public, by S3's published definition.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The
meaning of public": a policy is public if any Allow admits everyone without a condition that limits it
to fixed values. What it allows and on which resource does not matter, and no Deny makes it less so.
"""

from __future__ import annotations

import re

from iacscan.aws.acl import ANONYMOUS_CANONICAL_ID
from iacscan.aws.judgements.limits import Limit, limit_of, shown
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Principal, Statement
from iacscan.aws.policies.references import names_principal
from iacscan.core import Evidence, Judgement, Template, Ternary, Unknown, merge_unknown, unknowns

_WILDCARD = re.compile(r"[*?]")


def is_public(policy: Policy | Unknown) -> Judgement:
    """Whether ``policy`` is public, with one sentence on the statement and condition that decide."""
    if isinstance(policy, Unknown):
        return Judgement(policy, (Evidence(f"The policy is not known: {policy}."),))
    if not policy.readable:
        why = policy.problems[0].message
        return Judgement(Unknown("the document is not a policy"), (Evidence(why),))
    judged = [statement_is_public(statement, policy.has_variables) for statement in policy.statements]
    for judgement in judged:
        if judgement.value is True:
            return judgement
    doubtful = [judgement for judgement in judged if isinstance(judgement.value, Unknown)]
    if doubtful:
        value = disjunction(judgement.value for judgement in judged)
        return Judgement(value, tuple(evidence for judgement in doubtful for evidence in judgement.evidence))
    evidence = tuple(evidence for judgement in judged for evidence in judgement.evidence)
    return Judgement(False, evidence or (Evidence("No statement of the policy allows everyone."),))


def statement_is_public(statement: Statement | Unknown, variables: Ternary) -> Judgement:
    """Whether one statement makes its policy public; ``variables``: see :attr:`Policy.has_variables`."""
    if isinstance(statement, Unknown):
        return Judgement(statement, (Evidence(f"Statements are not known: {statement}."),))
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Allow"
    if effect is False:
        return Judgement(False)
    everyone, who = admits_everyone(statement)
    if everyone is False:
        return Judgement(False)
    limits = [(condition, limit_of(condition, statement.conditions, variables)) for condition in statement.conditions]
    limited = disjunction(limit.value for _, limit in limits)
    value = conjunction([effect, everyone, negation(limited)])
    return Judgement(value, (Evidence(_sentence(statement, value, who, limits), inside=statement.place),))


def _sentence(statement: Statement, value: Ternary, who: str, limits: list[tuple[Condition, Limit]]) -> str:
    name = statement.name
    if value is False:
        condition = next(condition for condition, limit in limits if limit.value is True)
        return f"{name} allows {who}, but only with {_condition_text(condition)}."
    if isinstance(value, Unknown):
        doubt = next((_doubt_text(condition, limit) for condition, limit in limits if limit.value is not False), None)
        return f"{name} may allow {who}: {doubt or value}."
    if not limits:
        return f"{name} allows {who} without any condition."
    reasons = "; ".join(f"{_condition_text(condition)} {limit.why}" for condition, limit in limits)
    return f"{name} allows {who}, and no condition limits that: {reasons}."


def _doubt_text(condition: Condition, limit: Limit) -> str:
    return f"{_condition_text(condition)}: {limit.why}"


def _condition_text(condition: Condition) -> str:
    return f"{shown(condition.operator)} {shown(condition.key)}"


def admits_everyone(statement: Statement) -> tuple[Ternary, str]:
    """Whether the principals are not limited to fixed ones, and how a report names them."""
    if statement.not_principals is not None:
        return True, "everyone but its NotPrincipal"
    if statement.principals is None:
        return Unknown("the statement names no principal, so AWS refuses the policy"), "everyone"
    terms = [principal_is_everyone(principal) for principal in statement.principals]
    together = disjunction(terms)
    if together is False:
        return False, "named principals"
    deciding = next(index for index, term in enumerate(terms) if term is True or together is not True)
    principal = statement.principals[deciding]
    return together, _principal_text(principal) if together is True else "everyone"


def _principal_text(principal: Principal) -> str:
    if principal.kind == "*" or (principal.kind == "AWS" and principal.value == "*"):
        return "everyone"
    return f"{shown(principal.kind)} {shown(principal.value)}"


def principal_is_everyone(principal: Principal) -> Ternary:
    """Whether ``principal`` is not one fixed identity; every form of the Principal element."""
    kind = principal.kind
    if not isinstance(kind, str):
        return _doubt(kind)
    if kind == "Federated":
        return _federated_is_everyone(principal.value)
    if isinstance(principal.value, str):
        return _name_is_everyone(kind, principal.value)
    if isinstance(principal.value, Template):
        return _template_is_everyone(kind, principal.value)
    return False if names_principal(principal.value) else principal.value


def _name_is_everyone(kind: str, name: str) -> Ternary:
    if name == "*" or (kind == "CanonicalUser" and name == ANONYMOUS_CANONICAL_ID):
        return True
    if _WILDCARD.search(name):
        return Unknown(f'AWS refuses a wildcard inside a principal ("{name}")')
    return False


def _template_is_everyone(kind: str, name: Template) -> Ternary:
    """``"arn:aws:iam::${account}:root"``: text that has more than wildcards in it cannot be ``*``.

    A hole that held a wildcard would make AWS refuse the policy, so it cannot make it public.
    """
    literal = "".join(part for part in name.parts if isinstance(part, str))
    if not literal or _WILDCARD.search(literal) or kind == "CanonicalUser":
        return _doubt(name)
    return False


def _federated_is_everyone(name: Leaf) -> Ternary:
    if not isinstance(name, str):
        return _doubt(name)
    if name.startswith("arn:"):
        return Unknown("AWS does not document whether S3 takes a federated provider for a fixed principal")
    return True


def _doubt(leaf: Leaf) -> Unknown:
    return merge_unknown(unknowns(leaf))
