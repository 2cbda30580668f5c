"""Ways into a bucket through its access points: their policy and the bucket's must both let a request in.

After https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html: a bucket policy may leave
to access points who gets in, by a condition on ``s3:DataAccessPointAccount``, ``s3:DataAccessPointArn`` or
``s3:AccessPointNetworkOrigin``. The public access blocks of access point, bucket and account count together
(…/access-points-bpa-settings.html), and one in a VPC admits only what comes from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from iacscan.aws.judgements.accounts import Holder, held_by_somebody
from iacscan.aws.judgements.limits import shown
from iacscan.aws.kleene import conjunction
from iacscan.aws.policies.conditions import holds
from iacscan.aws.policies.context import Request, Values
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf, compile_pattern, matches
from iacscan.aws.policies.policy import Condition, Policy, PolicyStatement, Statement
from iacscan.aws.policies.references import names_account
from iacscan.aws.reach.callers import Who
from iacscan.aws.reach.denials import condition_text
from iacscan.aws.reach.intersection import common_actions, common_callers, common_resources
from iacscan.aws.reach.statement_ways import ACCESS_POINT_KEYS, ground_of, ways_of
from iacscan.aws.reach.trials import Budget
from iacscan.aws.reach.ways import Access, Way, unknown_ways
from iacscan.core import Ternary, Unknown

_ARN_KEY, _ACCOUNT_KEY, _ORIGIN_KEY = ACCESS_POINT_KEYS
MOST_PAIRS = 1_000
"""More statements of an access point and its bucket together than fit into what AWS accepts."""
_OBJECTS = re.compile(r"(.*)/object/(.*)", re.DOTALL)
_OWN = "its own account"
_TOO_LONG = Unknown("its policy and the bucket's have too many statements to be worked out together")
_OTHERS = Unknown("their own policies say who gets in")


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """One access point of a bucket.

    ``arn`` is its ARN as its policy writes it; ``named`` says whether that is known to be its ARN, ``account``
    whose it is, where that is known, ``holder`` what tells of a reference to an account that it is the same.
    ``vpc`` is the only VPC that it admits, None: it has none; ``public`` and ``restrict`` are of its policy and of
    its own public access block.
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
    holder: Holder = held_by_somebody


def ways_through(point: AccessPoint, policy: Policy | Unknown | None, bucket_arn: str) -> Iterator[Way]:
    """Every way through ``point`` into the bucket whose own policy is ``policy``, public access blocks left aside."""
    source = f"access point {point.name}"
    if point.policy is None or policy is None or not (_may_let_in(point.policy) and _may_let_in(policy)):
        return
    read = [side for side in (point.policy, policy) if isinstance(side, Policy) and side.readable]
    for doubt in _doubts(point.policy, policy):
        yield from unknown_ways(doubt, "access point", source)
    if len(read) < 2 or len(read[0].statements) * len(read[1].statements) > MOST_PAIRS:
        return
    budget = Budget()
    for inner, outer in product(_allows(read[0]), _allows(read[1])):
        yield from _joined_ways(point, _translated(inner, point, bucket_arn), outer, read[1], bucket_arn, budget)


def _may_let_in(policy: Policy | Unknown) -> bool:
    if isinstance(policy, Unknown) or not policy.readable:
        return True
    return any(isinstance(one, Unknown) or one.effect != "Deny" for one in policy.statements)


def _allows(policy: Policy) -> list[Statement]:
    """The statements of ``policy`` that allow, or may."""
    return [one for one in policy.statements if isinstance(one, Statement) and one.effect != "Deny"]


def _doubts(*policies: Policy | Unknown) -> Iterator[Unknown]:
    """What is not known of ``policies``, so that anything may be let in."""
    lengths = 1
    for policy in policies:
        if isinstance(policy, Unknown):
            yield policy
        elif not policy.readable:
            yield Unknown("the document is not a policy")
        else:
            lengths *= len(policy.statements)
            yield from (one for one in policy.statements if isinstance(one, Unknown))
    if lengths > MOST_PAIRS:
        yield _TOO_LONG


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
                    if common_actions(access, statement, statement, bucket_arn):
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
    point: AccessPoint, inner: Statement, outer: Statement, policy: Policy, bucket_arn: str, budget: Budget
) -> Iterator[Way]:
    """The ways that an Allow of the access point opens, where one of the bucket lets them through."""
    outer = _spelled(outer, point)
    denies = [one if isinstance(one, Unknown) else _spelled(one, point) for one in _may_deny(policy)]
    denies += [
        one if isinstance(one, Unknown) else _translated(one, point, bucket_arn) for one in _may_deny(point.policy)
    ]
    given, doubts = _settled(point, (outer, *denies))
    meant = _means(outer, given, policy.has_variables)
    doubts += [term for term in (inner.effect, outer.effect, meant) if isinstance(term, Unknown)]
    if meant is False:
        return
    source = f"access point {point.name}: {inner.name}"
    for allow, common in common_callers(inner, outer):
        joined, doubt = _joined(allow, outer, point, bucket_arn, policy)
        ground = ground_of(replace(policy, statements=(joined, *denies)), bucket_arn, "access point", given, budget)
        made = ground.policy.statements[0]
        if isinstance(made, Statement) and joined.resources:
            for way in ways_of(made, ground, _texts(inner, outer, point), source):
                witness = _through(way.witness, point, bucket_arn)
                granted = conjunction([way.granted, common, doubt, *doubts])
                yield replace(way, granted=granted, witness=witness if granted is True else None)


def _through(witness: Request | None, point: AccessPoint, bucket_arn: str) -> Request | None:
    """``witness`` as it calls the access point, whose ARN must be known for that."""
    if witness is None or not point.named:
        return None
    return replace(
        witness,
        resource=witness.resource.replace(f"{bucket_arn}/", f"{bucket_arn}/object/", 1).replace(
            bucket_arn, point.arn, 1
        ),
    )


def _means(outer: Statement, given: Mapping[str, Values | None], variables: Ternary) -> Ternary:
    """Whether the conditions of ``outer`` on access points hold for this one, as far as its keys are known."""
    context = {key: values for key, values in given.items() if values is not None}
    settled = (one for one in outer.conditions if _key(one) in context)
    return conjunction(holds(one, context, variables) for one in settled)


def _joined(
    allow: Statement, outer: Statement, point: AccessPoint, bucket_arn: str, policy: Policy
) -> tuple[Statement, Ternary]:
    """What ``allow`` and ``outer`` let in together, and whether both certainly speak of it."""
    vpc = (Condition("StringEquals", "aws:SourceVpc", (shown(point.vpc),)),) if point.vpc is not None else ()
    listed = [common_actions(access, allow, outer, bucket_arn) for access in Access]
    actions = {action: term for found in listed for action, term in found.items()}
    resources = common_resources(allow, outer, policy, bucket_arn)
    joined = replace(
        allow,
        index=0,
        effect="Allow",
        actions=tuple(actions),
        not_actions=None,
        resources=tuple(resources),
        not_resources=None,
        conditions=(*allow.conditions, *(one for one in outer.conditions if _key(one) not in ACCESS_POINT_KEYS), *vpc),
    )
    return joined, conjunction([*actions.values(), *resources.values()])


def _texts(inner: Statement, outer: Statement, point: AccessPoint) -> list[str]:
    """What a report tells of the conditions: those on access points are met."""
    asked = (*inner.conditions, *outer.conditions)
    texts = [f"if {condition_text(one)}" for one in asked if _key(one) not in ACCESS_POINT_KEYS]
    texts += [f"only from {shown(point.vpc)}"] if point.vpc is not None else []
    return [*texts, f"let through by the bucket policy: {outer.name}"]


def _key(condition: Condition) -> str:
    return condition.key.lower() if isinstance(condition.key, str) else ""


def _spelled(statement: Statement, point: AccessPoint) -> Statement:
    """``statement`` with references to the access point and to the account that Terraform runs in as they will be."""

    def spelled(value: Leaf) -> Leaf:
        if _is_arn_of(value, point):
            return point.arn
        own = isinstance(value, Unknown) and names_account(value) and point.holder(value) is None
        return point.account or _OWN if own else value

    conditions = (replace(one, values=tuple(map(spelled, one.values))) for one in statement.conditions)
    return replace(statement, conditions=tuple(conditions))


def _settled(
    point: AccessPoint, statements: Iterable[PolicyStatement]
) -> tuple[dict[str, Values | None], list[Unknown]]:
    """What a request through ``point`` has for the keys of access points, and doubts about what is not known."""
    given: dict[str, Values | None] = {_ORIGIN_KEY: ("Internet",) if point.vpc is None else ("VPC",)}
    doubts: list[Unknown] = []
    conditions = [item for one in statements if isinstance(one, Statement) for item in one.conditions]
    known = {_ARN_KEY: (point.arn, point.named), _ACCOUNT_KEY: (point.account or _OWN, point.account is not None)}
    for key, (text, certain) in known.items():
        values = [value for item in conditions if _key(item) == key for value in item.values]
        if certain or all(matches(compile_pattern(value), text) is True for value in values):
            given[key] = (text,)
        else:
            doubts.append(Unknown(f"whether the bucket policy means the access point {point.name} is not known"))
    return given, doubts


def _may_deny(policy: Policy | Unknown | None) -> list[PolicyStatement]:
    """The statements of ``policy`` that deny, and those of which that is not known."""
    listed = policy.statements if isinstance(policy, Policy) else ()
    return [one for one in listed if isinstance(one, Unknown) or one.effect != "Allow"]


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
