"""Whether a bucket policy denies every request over plain HTTP.

What counts follows "Restrict access to only HTTPS requests" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html: Deny statements that
together cover all principals, all S3 actions, the bucket and its objects whenever aws:SecureTransport
is false. An Allow restricts nothing, and what a Deny leaves out stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iacscan.aws.judgements.limits import shown
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.actions import all_actions, expand
from iacscan.aws.policies.operators import Operator, operator_of
from iacscan.aws.policies.patterns import Leaf, compile_pattern, matches
from iacscan.aws.policies.policy import Condition, Policy, Principal, Statement
from iacscan.aws.policies.references import names_principal
from iacscan.aws.policies.scope import (
    Target,
    action_pattern,
    covers_target,
    is_s3_action,
    speaks_of_every_action,
    targets_of,
)
from iacscan.core import Evidence, Judgement, Ternary, Unknown, merge_unknown, unknowns

MOST_TOGETHER = 200
"""More Deny statements of plain HTTP than AWS accepts in one policy are not put together."""
_TOO_LONG = Unknown("what the Deny statements of so long a policy cover together is not worked out")
_SECURE = "aws:securetransport"
_TLS_VERSION = "s3:tlsversion"
_BELOW = ("NumericLessThan", "NumericLessThanEquals")


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing a Deny must cover: whether it does, and how a report names what is missing."""

    value: Ternary
    missing: str


def denies_plain_http(policy: Policy | Unknown, bucket_arn: str) -> Judgement:
    """Whether ``policy`` of the bucket ``bucket_arn`` denies all requests that are not encrypted.

    References to the bucket must be bound before (see :func:`iacscan.aws.policies.holes.bind`); the partition of
    ``bucket_arn`` does not matter. The evidence names the statements, or the part that is missing.
    """
    if isinstance(policy, Unknown):
        return Judgement(policy, (Evidence(f"The policy is not known: {policy}."),))
    if not policy.readable:
        return Judgement(Unknown("the document is not a policy"), (Evidence(policy.problems[0].message),))
    targets = targets_of(bucket_arn)
    known = [statement for statement in policy.statements if isinstance(statement, Statement)]
    hidden = [statement for statement in policy.statements if isinstance(statement, Unknown)]
    covered = [_covered(known, target, policy.has_variables) for target in targets]
    value = conjunction(disjunction([term, *hidden]) for term in covered)
    return Judgement(value, _evidence(value, known, targets, policy.has_variables))


def _covered(statements: Sequence[Statement], target: Target, variables: Ternary) -> Ternary:
    """Whether the statements that fit in every other way cover all S3 actions on ``target`` together."""
    fitting = [(statement, _fits(statement, target, variables)) for statement in statements]
    candidates = [(statement, fit) for statement, fit in fitting if fit is not False]
    alone = disjunction(conjunction([fit, speaks_of_every_action(statement)]) for statement, fit in candidates)
    if alone is True:
        return True
    if len(candidates) > MOST_TOGETHER:
        return _TOO_LONG
    together = [_complemented(statement, fit, candidates) for statement, fit in candidates]
    return disjunction([alone, *together, _all_known_actions(candidates, target)])


def _all_known_actions(candidates: Sequence[tuple[Statement, Ternary]], target: Target) -> Ternary:
    """Unknown where the patterns cover every action of today, but not those to come; else False."""
    kinds = {"object"} if target.objects else {"bucket"}
    wanted = {action.name for action in all_actions().values() if action.resources & kinds}
    patterns = [leaf for statement, _ in candidates for leaf in statement.actions or () if isinstance(leaf, str)]
    covered = {action.name for pattern in patterns for action in expand(pattern)}
    if wanted <= covered:
        return Unknown("the statements list every S3 action that is known today, not those to come")
    return False


def _complemented(statement: Statement, fit: Ternary, candidates: Sequence[tuple[Statement, Ternary]]) -> Ternary:
    """Whether what ``NotAction`` leaves out of one Deny is covered by others."""
    if not statement.not_actions:
        return False
    others = [(other, other_fit) for other, other_fit in candidates if other is not statement and other.actions]
    exempt = [leaf for leaf in statement.not_actions if is_s3_action(leaf) is not False]
    return conjunction(
        [
            fit,
            *(
                disjunction(
                    conjunction([other_fit, _same_action(leaf, pattern)])
                    for other, other_fit in others
                    for pattern in other.actions or ()
                )
                for leaf in exempt
            ),
        ]
    )


def _same_action(exempt: Leaf, pattern: Leaf) -> Ternary:
    """Whether ``pattern`` covers what ``exempt`` leaves out: the same text, or one plain action inside it."""
    if isinstance(exempt, str) and isinstance(pattern, str):
        left = action_pattern(exempt)
        same = exempt.lower() == pattern.lower()
        return same or (left.literal and matches(action_pattern(pattern), exempt.lower()))
    return _doubt(exempt, pattern)


def _fits(statement: Statement, target: Target, variables: Ternary) -> Ternary:
    if statement.effect == "Allow":
        return False
    return conjunction(part.value for part in _parts(statement, target, variables))


def _parts(statement: Statement, target: Target, variables: Ternary) -> list[_Part]:
    """What a Deny needs besides its actions."""
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Deny"
    return [
        _Part(effect, "it is an Allow, which denies nothing"),
        _Part(applies_to_everyone(statement), "it does not apply to all principals"),
        *(_condition_part(condition) for condition in statement.conditions),
        _Part(covers_target(statement, target, variables), f"it leaves out {target.name}"),
    ]


def applies_to_everyone(statement: Statement) -> Ternary:
    """Whether ``"*"`` is among the principals of ``statement``."""
    return disjunction(_is_everyone(principal) for principal in statement.principals or ())


def _is_everyone(principal: Principal) -> Ternary:
    """``"*"`` or ``{"AWS": "*"}``, which S3 documents as the same."""
    kind, value = principal.kind, principal.value
    if isinstance(kind, str) and kind not in ("*", "AWS"):
        return False
    if isinstance(value, Unknown) and names_principal(value):
        return False
    star = matches(compile_pattern(value, wild=False), "*")
    return star if isinstance(kind, str) or star is False else _doubt(kind)


def _condition_part(condition: Condition) -> _Part:
    text = f"{shown(condition.operator)} {shown(condition.key)}"
    if not isinstance(condition.operator, str) or not isinstance(condition.key, str):
        return _Part(_doubt(condition.operator, condition.key), f"its condition {text} narrows it")
    operator = operator_of(condition.operator)
    if operator is None:
        return _Part(Unknown(f'"{condition.operator}" is no condition operator'), f"its condition {text} is not valid")
    key = condition.key.lower()
    if key == _SECURE:
        return _secure_transport(operator, condition, text)
    if key == _TLS_VERSION:
        return _tls_version(operator, text)
    return _Part(False, f"its condition {text} limits it further")


def _secure_transport(operator: Operator, condition: Condition, text: str) -> _Part:
    """True for every plain request: the key is in every request, and it is false there."""
    has_false = disjunction(_says(leaf, "false") for leaf in condition.values)
    missing = f'its condition {text} is not "false"'
    if has_false is False and operator.family == "bool":
        missing = f"its condition {text} = {', '.join(map(shown, condition.values))} denies HTTPS, not plain HTTP"
    if operator.family in ("null", "bool"):
        return _Part(has_false, missing)
    return _Part(Unknown(f"AWS does not document {operator.base} on aws:SecureTransport"), missing)


def _tls_version(operator: Operator, text: str) -> _Part:
    """A floor on the TLS version meets plain HTTP, which has none, only in an IfExists form."""
    if operator.base not in _BELOW:
        return _Part(Unknown(f"AWS does not document {operator.base} on s3:TlsVersion for plain HTTP"), text)
    return _Part(operator.if_exists, f"a plain HTTP request has no TLS version, so {text} does not match it")


def _says(leaf: Leaf, word: str) -> Ternary:
    return matches(compile_pattern(leaf, fold=True, wild=False), word)


def _evidence(
    value: Ternary,
    known: Sequence[Statement],
    targets: Sequence[Target],
    variables: Ternary,
) -> tuple[Evidence, ...]:
    denies = [item for item in known if item.effect != "Allow"]
    if value is True:
        names = [item.name for item in denies if any(_fits(item, target, variables) is True for target in targets)]
        verb = "denies" if len(names) == 1 else "together deny"
        return (Evidence(f"{' and '.join(names)} {verb} every request over plain HTTP."),)
    if isinstance(value, Unknown):
        return (Evidence(f"Whether plain HTTP is denied depends on {value}."),)
    related = [item for item in known if _mentions_transport(item)] or denies
    if not related:
        return (Evidence("No statement denies requests over plain HTTP."),)
    return tuple(
        Evidence(f"{item.name} does not deny all plain HTTP: {_gap(item, targets, variables)}.", inside=item.place)
        for item in related
    )


def _mentions_transport(statement: Statement) -> bool:
    keys = [condition.key for condition in statement.conditions]
    return any(isinstance(key, str) and key.lower() in (_SECURE, _TLS_VERSION) for key in keys)


def _gap(statement: Statement, targets: Sequence[Target], variables: Ternary) -> str:
    gaps = [part.missing for target in targets for part in _parts(statement, target, variables) if part.value is False]
    if speaks_of_every_action(statement) is False:
        gaps.append("it does not cover all s3 actions")
    return "; ".join(dict.fromkeys(gaps)) or "together with the others it leaves a part open"


def _doubt(*leaves: Leaf) -> Unknown:
    return merge_unknown([item for leaf in leaves for item in unknowns(leaf)])
