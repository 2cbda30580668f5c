"""Grants that reach too far: callers that nothing limits, and actions without a limit.

Other than "public" (:mod:`iacscan.aws.judgements.public`), which is S3's own test, this asks what a grant admits in
effect: a role of one account named by a pattern is somebody, though S3 would call the grant public.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from iacscan.aws.judgements.limits import limit_of, requires, shown
from iacscan.aws.judgements.public import admits_everyone, principal_is_everyone
from iacscan.aws.judgements.refusals import Refusals, refusals_of
from iacscan.aws.judgements.transport import applies_to_everyone
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.arns import names_owner
from iacscan.aws.policies.operators import Operator, operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Principal, Statement
from iacscan.aws.policies.references import asked_of_text, attribute, is_own_variable
from iacscan.aws.policies.scope import speaks_of_every_action
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Template, Ternary, Unknown, merge_unknown, unknowns

_FIXED_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "s3:dataaccesspointaccount",
    }
)
_ARN_KEYS = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"})
_PATH_KEYS = frozenset({"aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"})
_USER_ID = "aws:userid"
_ALWAYS_PRESENT = frozenset({"aws:principalaccount", _USER_ID})
_RESOURCE_FIELD = 5
_HOLE = "\0"
_WILDCARD_OR_VARIABLE = re.compile(r"[*?]|\$\{")


def has_unrestricted_access(policy: Policy | Unknown) -> Judgement:
    """Whether an Allow of ``policy`` admits callers without fixing their account, organization, network or source."""
    variables = False if isinstance(policy, Unknown) else policy.has_variables
    refusals = refusals_of(policy, lambda condition, companions: restricts(condition, companions, variables))
    return judge(
        policy,
        lambda statement: _unrestricted(statement, variables, refusals),
        "Every grant is limited to fixed principals, accounts, organizations, networks or sources.",
    )


def _unrestricted(statement: Statement, variables: Ternary, refusals: Refusals) -> Iterator[Found]:
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Allow"
    everyone, who = admits_everyone(_without_providers(statement))
    restricted = disjunction(
        restricts(condition, statement.conditions, variables) for condition in statement.conditions
    )
    found = conjunction([effect, everyone, negation(restricted)])
    if found is not False:
        found = conjunction([found, negation(refusals.close(statement, spares_only_fixed))])
    if isinstance(found, Unknown):
        yield found
    elif found:
        yield f"{statement.name} admits {who}, and no condition fixes an account, organization, network or source."


def _without_providers(statement: Statement) -> Statement:
    """``statement`` without the identity providers among its principals whose ARN fixes the account."""
    others = (one for one in statement.principals or () if not (one.kind == "Federated" and _is_arn(one.value)))
    return statement if statement.principals is None else replace(statement, principals=tuple(others))


def _is_arn(value: Leaf) -> bool:
    if isinstance(value, Unknown):
        return attribute(value) == "arn"
    return asked_of_text(value, lambda text: text.startswith("arn:") and names_owner(text)) is True


def spares_only_fixed(deny: Statement) -> Ternary:
    """Whether a Deny speaks of everyone, or of everyone but fixed principals."""
    spared = disjunction(principal_is_everyone(principal) for principal in deny.not_principals or ())
    if deny.not_principals is not None:
        return negation(spared)
    return applies_to_everyone(deny)


def restricts(condition: Condition, companions: tuple[Condition, ...], variables: Ternary) -> Ternary:
    """Whether ``condition`` in effect fixes account, organization, network or source of a caller.

    ``companions`` and ``variables``: see :func:`iacscan.aws.judgements.limits.limit_of`.
    """
    limit = limit_of(condition, companions, variables).value
    if limit is True or not isinstance(condition.operator, str) or not isinstance(condition.key, str):
        return limit
    operator, key = operator_of(condition.operator), condition.key.lower()
    if operator is None:
        return limit
    if key not in _FIXED_KEYS | _ARN_KEYS | _PATH_KEYS | {_USER_ID}:
        return limit
    if operator.negated or operator.family not in ("string", "arn", "bool") or not condition.values:
        return limit
    present = _present(operator, key, companions)
    return conjunction([present, *(asked_of_text(value, partial(_fixed_in_effect, key)) for value in condition.values)])


def _present(operator: Operator, key: str, companions: tuple[Condition, ...]) -> Ternary:
    """Whether a request without the key cannot get through."""
    if not operator.if_exists and operator.quantifier != "ForAllValues":
        return True
    if key in _ALWAYS_PRESENT:
        return True
    return disjunction(requires(companion, key) for companion in companions)


def _fixed_in_effect(key: str, value: str) -> bool:
    if key == "aws:principalisawsservice":
        return value.lower() == "true"
    if is_own_variable(value) or not _WILDCARD_OR_VARIABLE.search(value):
        return True
    if key == _USER_ID:
        return re.match(r"A[A-Z0-9]{15,}:", value) is not None
    if key in _ARN_KEYS:
        return names_owner(value)
    return key in _PATH_KEYS and re.match(r"o-[a-z0-9]{10,32}/", value) is not None


def has_wildcard_actions(policy: Policy | Unknown) -> Judgement:
    """Whether an Allow of ``policy`` grants every S3 action to another principal than an account's root."""
    return judge(policy, _wildcard_actions, "No grant is of every S3 action, save to an account as a whole.")


def _wildcard_actions(statement: Statement) -> Iterator[Found]:
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Allow"
    others = [statement.not_principals is not None, *(negation(_is_root(p)) for p in statement.principals or ())]
    found = conjunction([effect, speaks_of_every_action(statement), disjunction(others)])
    if isinstance(found, Unknown):
        yield found
    elif found:
        written = ", ".join(shown(leaf) for leaf in statement.actions or ()) or "NotAction"
        yield f"{statement.name} allows every S3 action ({written})."


def _is_root(principal: Principal) -> Ternary:
    """Whether ``principal`` is an account as a whole, by its id or its root ARN."""
    if not isinstance(principal.kind, str):
        return merge_unknown(unknowns(principal.kind))
    if principal.kind != "AWS":
        return False
    value = principal.value
    if isinstance(value, str):
        return re.fullmatch(r"\d{12}|arn:[^:]*:iam::\d{12}:root", value) is not None
    if isinstance(value, Template):
        return _template_is_root(value)
    return True if attribute(value) == "account_id" else False if attribute(value) in ("arn", "iam_arn") else value


def _template_is_root(value: Template) -> Ternary:
    """By the last field of the ARN: ``root``, or what begins in another way."""
    text = "".join(part if isinstance(part, str) else _HOLE for part in value.parts)
    fields = text.split(":", _RESOURCE_FIELD)
    head, hole, _ = fields[_RESOURCE_FIELD].partition(_HOLE) if len(fields) > _RESOURCE_FIELD else ("", _HOLE, "")
    if not hole:
        return head == "root"
    return merge_unknown(unknowns(value)) if "root".startswith(head) else False
