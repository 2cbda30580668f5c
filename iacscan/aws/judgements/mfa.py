"""Conditions that mean to require multi-factor authentication, and do not.

``aws:MultiFactorAuthAge`` is in a request only if MFA was used, ``aws:MultiFactorAuthPresent`` only with
temporary credentials (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
So a statement is tried on the requests that it should stop: one signed with a long-term key, which has
neither key, and one of a session without MFA.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.conditions import holds
from iacscan.aws.policies.context import Values
from iacscan.aws.policies.patterns import Leaf, compile_pattern, matches
from iacscan.aws.policies.policy import Condition, Policy, PolicyStatement, Principal, Statement
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Ternary, Unknown, merge_unknown, unknowns

MOST_TWINS = 200
MOST_PAIRS = 10_000
"""More Deny statements, and more pairs of their elements, than AWS accepts in one policy."""
_TOO_LONG = Unknown("what the Deny statements of so long a policy stop together is not worked out")
_AGE = "aws:multifactorauthage"
_PRESENT = "aws:multifactorauthpresent"
_WITHOUT: Mapping[str, Mapping[str, Values]] = {
    "requests signed with a long-term key, or not signed": {},
    "sessions that began without MFA": {_PRESENT: ("false",)},
}
_WITH_MFA: Mapping[str, Values] = {_PRESENT: ("true",), _AGE: ("1",)}


def has_ineffective_mfa_condition(policy: Policy | Unknown) -> Judgement:
    """Whether a statement of ``policy`` that means to require MFA lets requests without it through."""
    statements = () if isinstance(policy, Unknown) else policy.statements
    twins = {who: tuple(_twins(statements, context)) for who, context in _WITHOUT.items()}
    return judge(policy, lambda statement: _of_statement(statement, twins), "No condition on MFA is without effect.")


_Twins: TypeAlias = Mapping[str, Sequence[tuple[PolicyStatement, Ternary]]]
"""By who calls without MFA: the Deny statements that stop such callers for that alone, and whether they do."""


def _of_statement(statement: Statement, twins: _Twins) -> Iterator[Found]:
    about_mfa = [condition for condition in statement.conditions if _is_about_mfa(condition)]
    if any(not isinstance(condition.key, str) for condition in statement.conditions):
        yield merge_unknown(hole for condition in statement.conditions for hole in unknowns(condition.key))
    if not about_mfa:
        return
    if isinstance(statement.effect, Unknown):
        yield statement.effect
    elif statement.effect == "Deny":
        yield from _of_deny(statement, about_mfa, twins)
    else:
        yield from _of_allow(statement, about_mfa)


def _of_deny(statement: Statement, about_mfa: Sequence[Condition], twins: _Twins) -> Iterator[Found]:
    """A Deny must hold for every request without MFA, alone or together with another of its scope."""
    for who, context in _WITHOUT.items():
        stopped = _hold(about_mfa, context)
        if stopped is not True:
            stopped = disjunction([stopped, *(_stops(twin, certain, statement) for twin, certain in twins[who])])
        if isinstance(stopped, Unknown):
            yield stopped
        elif not stopped:
            yield f"{statement.name} means to deny access without MFA, but {_texts(about_mfa)} does not stop {who}."


def _of_allow(statement: Statement, about_mfa: Sequence[Condition]) -> Iterator[Found]:
    """An Allow that admits requests with MFA must not admit those without."""
    meant = _hold(about_mfa, _WITH_MFA)
    if meant is False:
        return
    for who, context in _WITHOUT.items():
        admitted = conjunction([meant, _hold(about_mfa, context)])
        if isinstance(admitted, Unknown):
            yield admitted
        elif admitted:
            yield f"{statement.name} means to allow access with MFA only, but {_texts(about_mfa)} also admits {who}."


def _is_about_mfa(condition: Condition) -> bool:
    return isinstance(condition.key, str) and condition.key.lower() in (_AGE, _PRESENT)


def _hold(conditions: Sequence[Condition], context: Mapping[str, Values]) -> Ternary:
    return conjunction(holds(condition, context, False) for condition in conditions)


def _twins(
    statements: Sequence[PolicyStatement], context: Mapping[str, Values]
) -> Iterator[tuple[PolicyStatement, Ternary]]:
    """Each Deny that may stop requests with ``context``; other conditions than on MFA make it no substitute."""
    found = 0
    for twin in statements:
        if isinstance(twin, Unknown):
            yield twin, twin
            continue
        denies = twin.effect if isinstance(twin.effect, Unknown) else twin.effect == "Deny"
        alike = (_about_mfa_or_doubt(condition) for condition in twin.conditions)
        certain = conjunction([denies, *alike, _hold(twin.conditions, context)])
        if certain is not False:
            found += 1
            if found > MOST_TWINS:
                yield _TOO_LONG, _TOO_LONG
                return
            yield twin, certain


def _stops(twin: PolicyStatement, certain: Ternary, statement: Statement) -> Ternary:
    """Whether another Deny stops such requests as ``statement`` means to."""
    if isinstance(twin, Unknown) or twin is statement:
        return twin if isinstance(twin, Unknown) else False
    return conjunction([certain, _covers(twin, statement)])


def _about_mfa_or_doubt(condition: Condition) -> Ternary:
    return _is_about_mfa(condition) if isinstance(condition.key, str) else merge_unknown(unknowns(condition.key))


def _covers(twin: Statement, statement: Statement) -> Ternary:
    """Whether ``twin`` speaks of all that ``statement`` speaks of, as far as a comparison of texts shows."""
    names, other_names = _names(twin.principals), _names(statement.principals)
    return conjunction(
        [
            disjunction([_equal(names, other_names), *(_same(name, "*", fold=False) for name in names)]),
            _equal(_names(twin.not_principals), _names(statement.not_principals)),
            _equal(twin.not_actions or (), statement.not_actions or ()),
            _equal(twin.not_resources or (), statement.not_resources or ()),
            _includes(twin.actions, statement.actions, fold=True),
            _includes(twin.resources, statement.resources, fold=False),
        ]
    )


def _names(principals: Sequence[Principal] | None) -> Sequence[Leaf]:
    return [principal.value for principal in principals or ()]


def _equal(one: Sequence[Leaf], other: Sequence[Leaf]) -> Ternary:
    """Whether two lists are the same, holes compared by what they wait for."""
    holes = [hole for leaf in (*one, *other) for hole in unknowns(leaf)]
    return True if one == other else merge_unknown(holes) if holes else False


def _includes(outer: Sequence[Leaf] | None, inner: Sequence[Leaf] | None, fold: bool) -> Ternary:
    """Whether each of ``inner`` stands in ``outer``, or is matched by a pattern there."""
    if len(outer or ()) * len(inner or ()) > MOST_PAIRS:
        return _TOO_LONG
    return conjunction(disjunction(_same(one, leaf, fold) for one in outer or ()) for leaf in inner or ())


def _same(pattern: Leaf, leaf: Leaf, fold: bool) -> Ternary:
    if pattern == leaf or pattern == "*":
        return True
    if not isinstance(leaf, str):
        return merge_unknown(unknowns(leaf))
    return matches(compile_pattern(pattern, fold=fold), leaf.lower() if fold else leaf)


def _texts(conditions: Sequence[Condition]) -> str:
    return " and ".join(f"{condition.operator} {condition.key}" for condition in conditions)
