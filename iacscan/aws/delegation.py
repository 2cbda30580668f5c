"""Ways into a bucket through its access points: their policy and the bucket's must both let a request in.

After https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html: a bucket policy may leave
to access points who gets in, by a condition on ``s3:DataAccessPointAccount``, ``s3:DataAccessPointArn`` or
``s3:AccessPointNetworkOrigin``. The public access blocks of access point, bucket and account count together
(…/access-points-bpa-settings.html), and one in a VPC admits only what comes from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from iacscan.aws.callers import Who
from iacscan.aws.context import Values
from iacscan.aws.denials import condition_text
from iacscan.aws.identity import identity_of
from iacscan.aws.kleene import conjunction
from iacscan.aws.limits import shown
from iacscan.aws.operators import operator_of
from iacscan.aws.patterns import Leaf, compile_pattern, matches
from iacscan.aws.policy import Condition, Policy, Principal, Statement
from iacscan.aws.principals import speaks_of
from iacscan.aws.public import principal_is_everyone
from iacscan.aws.references import attribute
from iacscan.aws.scope import speaks_of_action, speaks_of_resource, targets_of
from iacscan.aws.statement_ways import ACCESS_POINT_KEYS, ground_of, ways_of
from iacscan.aws.trials import resources
from iacscan.aws.ways import Access, Way, actions_of, unknown_ways
from iacscan.core import Ternary, Unknown

_ARN_KEY, _ACCOUNT_KEY, _ORIGIN_KEY = ACCESS_POINT_KEYS
_OBJECTS = re.compile(r"(.*)/object/(.*)", re.DOTALL)
_OTHERS = Unknown("their own policies say who gets in")


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One access point of a bucket.

    ``arn`` is its ARN as its policy writes it; ``named`` says whether that is known to be its ARN, ``account``
    whose it is, where that is known. ``vpc`` is the only VPC that it admits, None: it has none; ``public`` and
    ``restrict`` are of its policy and of its own public access block.
    """

    name: str
    address: str
    arn: str
    policy: Policy | Unknown | None
    public: Ternary = False
    restrict: Ternary = True
    named: bool = False
    account: str | None = None
    vpc: str | Unknown | None = None


def ways_through(point: AccessPoint, policy: Policy | Unknown | None, bucket_arn: str) -> Iterator[Way]:
    """Every way through ``point`` into the bucket whose own policy is ``policy``, public access blocks left aside."""
    source = f"access point {point.name}"
    if point.policy is None or policy is None or isinstance(policy, Unknown) or not policy.readable:
        return
    if isinstance(point.policy, Unknown) or not point.policy.readable:
        doubt = point.policy if isinstance(point.policy, Unknown) else Unknown("the document is not a policy")
        if any(_may_let_through(statement) for statement in policy.statements):
            yield from unknown_ways(doubt, "access point", source)
        return
    for inner in point.policy.statements:
        if isinstance(inner, Unknown):
            yield from unknown_ways(inner, "access point", source)
        elif inner.effect != "Deny":
            for outer in policy.statements:
                if isinstance(outer, Statement) and outer.effect != "Deny":
                    yield from _joined_ways(point, _translated(inner, point, bucket_arn), outer, policy, bucket_arn)


def _may_let_through(statement: Statement | Unknown) -> bool:
    return isinstance(statement, Unknown) or statement.effect != "Deny"


def others(policy: Policy | Unknown | None, points: Sequence[AccessPoint], bucket_arn: str) -> Iterator[Way]:
    """Who may come through access points that are not in the input, where ``policy`` leaves that to them."""
    known = {point.arn for point in points if point.named}
    for statement in policy.statements if isinstance(policy, Policy) else ():
        if not isinstance(statement, Statement) or statement.effect == "Deny":
            continue
        for condition in statement.conditions:
            if _delegates(condition) and not _names_only(condition, known, points):
                name = f"of {', '.join(map(shown, condition.values))} that are not in the input"
                for access in Access:
                    if _actions(access, statement, statement, bucket_arn):
                        yield Way(Who.DELEGATED, name, access, "policy", statement.name, _OTHERS)


def _delegates(condition: Condition) -> bool:
    """Whether ``condition`` names access points, by account or ARN."""
    operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
    key = condition.key.lower() if isinstance(condition.key, str) else ""
    return operator is not None and not operator.negated and operator.family != "null" and key in ACCESS_POINT_KEYS[:2]


def _names_only(condition: Condition, known: set[str], points: Sequence[AccessPoint]) -> bool:
    """Whether every value of ``condition`` is the ARN of one of ``points``."""
    return all(value in known or any(_is_arn_of(value, point) for point in points) for value in condition.values)


def _is_arn_of(value: Leaf, point: AccessPoint) -> bool:
    reference = value.reference if isinstance(value, Unknown) else None
    return reference is not None and reference.address == point.address and reference.path == ("arn",)


def _joined_ways(
    point: AccessPoint, inner: Statement, outer: Statement, policy: Policy, bucket_arn: str
) -> Iterator[Way]:
    """The ways that an Allow of the access point opens, where one of the bucket lets them through."""
    given, own, doubt = _settled(point, outer)
    kept = tuple(condition for condition in (*inner.conditions, *own) if _key(condition) not in given)
    met = tuple(condition for condition in own if _key(condition) in given)
    texts = [f"if {condition_text(condition)}" for condition in kept if _key(condition) not in ACCESS_POINT_KEYS]
    texts += [f"only from {shown(point.vpc)}"] if point.vpc is not None else []
    texts.append(f"let through by the bucket policy: {outer.name}")
    if point.vpc is not None:
        kept = (*kept, Condition("StringEquals", "aws:SourceVpc", (shown(point.vpc),)))
    source = f"access point {point.name}: {inner.name}"
    effects = [effect for effect in (inner.effect, outer.effect) if isinstance(effect, Unknown)]
    doubts: list[Ternary] = [*effects, *([doubt] if doubt else [])] if doubt is None else [*effects, doubt]
    for single in _callers(inner, outer):
        allow = replace(
            single,
            index=0,
            effect="Allow",
            actions=_all_actions(inner, outer, bucket_arn),
            not_actions=None,
            resources=_resources(inner, outer, policy, bucket_arn),
            not_resources=None,
            conditions=(*kept, *met),
        )
        denies = [*_denies(policy), *(_translated(deny, point, bucket_arn) for deny in _denies(point.policy))]
        ground = ground_of(replace(policy, statements=(allow, *denies)), bucket_arn, "access point", given)
        made = ground.policy.statements[0]
        for way in ways_of(made, ground, texts, source) if isinstance(made, Statement) and allow.resources else ():
            yield replace(way, granted=conjunction([way.granted, *doubts]), witness=None)


def _key(condition: Condition) -> str:
    return condition.key.lower() if isinstance(condition.key, str) else ""


def _settled(
    point: AccessPoint, outer: Statement
) -> tuple[Mapping[str, Values | None], tuple[Condition, ...], Unknown | None]:
    """What a request through ``point`` has for the keys of access points, the conditions that see it, and a doubt.

    References to the access point itself, and to the account that Terraform runs in, are what they will be.
    """
    account = point.account or "its own account"
    given: dict[str, Values | None] = {_ORIGIN_KEY: ("Internet",) if point.vpc is None else ("VPC",)}
    conditions: list[Condition] = []
    doubt: Unknown | None = None
    for condition in outer.conditions:
        key, values = _key(condition), condition.values
        if key == _ARN_KEY:
            values = tuple(point.arn if _is_arn_of(value, point) else value for value in values)
            known = point.named or point.arn in values
            given[key] = (point.arn,)
        elif key == _ACCOUNT_KEY:
            values = tuple(account if _is_own_account(value) else value for value in values)
            known = point.account is not None or account in values
            given[key] = (account,)
        else:
            known = True
        if not known:
            doubt = Unknown(f"whether the bucket policy means the access point {point.name} is not known")
            given.pop(key)
        conditions.append(replace(condition, values=values))
    return given, tuple(conditions), doubt


def _is_own_account(value: Leaf) -> bool:
    reference = value.reference if isinstance(value, Unknown) else None
    if reference is None or not isinstance(value, Unknown):
        return False
    return attribute(value) == "account_id" and "aws_caller_identity." in reference.address


def _denies(policy: Policy | Unknown | None) -> list[Statement]:
    listed = policy.statements if isinstance(policy, Policy) else ()
    return [one for one in listed if isinstance(one, Statement) and one.effect == "Deny"]


def _translated(statement: Statement, point: AccessPoint, bucket_arn: str) -> Statement:
    """``statement`` of an access point, with the bucket's ARN for that of the access point."""

    def turned(leaves: tuple[Leaf, ...] | None) -> tuple[Leaf, ...] | None:
        return None if leaves is None else tuple(_in_bucket(leaf, point.arn, bucket_arn) for leaf in leaves)

    return replace(statement, resources=turned(statement.resources), not_resources=turned(statement.not_resources))


def _in_bucket(leaf: Leaf, arn: str, bucket_arn: str) -> Leaf:
    if not isinstance(leaf, str):
        return leaf
    found = _OBJECTS.fullmatch(leaf)
    if found and matches(compile_pattern(found[1]), arn) is not False:
        return f"{bucket_arn}/{found[2]}"
    if matches(compile_pattern(leaf), arn) is True:
        return bucket_arn if matches(compile_pattern(leaf), f"{arn}/object/x") is False else f"{bucket_arn}*"
    return f"{bucket_arn}/*" if matches(compile_pattern(leaf), f"{arn}/object/x") is True else leaf


def _callers(inner: Statement, outer: Statement) -> Iterator[Statement]:
    """Whom both let in: ``inner`` with the principals that the two have in common."""
    for left in _principals(inner):
        for right in _principals(outer):
            if _is_everyone(right):
                yield left
            elif _is_everyone(left) or _includes(left, right):
                yield replace(left, principals=right.principals, not_principals=right.not_principals)
            elif _includes(right, left):
                yield left


def _principals(statement: Statement) -> Iterator[Statement]:
    if statement.not_principals is not None:
        yield statement
    yield from (replace(statement, principals=(one,)) for one in statement.principals or ())


def _is_everyone(statement: Statement) -> bool:
    return any(principal_is_everyone(one) is True for one in statement.principals or ())


def _includes(statement: Statement, named: Statement) -> bool:
    """Whether ``statement`` speaks (perhaps) of the one principal of ``named``."""
    return any(speaks_of(statement, identity_of(_caller(one))) is not False for one in named.principals or ())


def _caller(principal: Principal) -> str:
    return f"service:{shown(principal.value)}" if principal.kind == "Service" else shown(principal.value)


def _all_actions(inner: Statement, outer: Statement, bucket_arn: str) -> tuple[str, ...]:
    return tuple(action for access in Access for action in _actions(access, inner, outer, bucket_arn))


def _actions(access: Access, inner: Statement, outer: Statement, bucket_arn: str) -> list[str]:
    """The actions of ``access`` that both speak of, and that an access point takes: not those on the bucket itself."""
    return [
        action
        for target in targets_of(bucket_arn)
        for action in actions_of(access, target)
        if (target.objects or access is Access.LIST)
        and speaks_of_action(inner, action.lower()) is not False
        and speaks_of_action(outer, action.lower()) is not False
    ]


def _resources(inner: Statement, outer: Statement, policy: Policy, bucket_arn: str) -> tuple[str, ...]:
    """Resources of the bucket that both statements speak of."""
    found = dict.fromkeys(
        resource
        for target in targets_of(bucket_arn)
        for statement in (inner, outer)
        for resource in resources(statement, policy, target, bucket_arn)
    )
    both = (
        resource
        for resource in found
        if all(speaks_of_resource(one, resource, policy.has_variables) is not False for one in (inner, outer))
    )
    return tuple(both)
