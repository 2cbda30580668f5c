"""The ways that one Allow of a policy opens, once every Deny of that policy is counted.

For every caller, action and resource that the Allow speaks of, the Deny statements that speak of them as well
say what more a request must fulfil; a request that fulfils it is tried on the whole policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from iacscan.aws.callers import ANY_SERVICE, Caller, Who, callers_of
from iacscan.aws.context import Request, Values
from iacscan.aws.denials import Branch, branches, condition_text
from iacscan.aws.identity import ANONYMOUS
from iacscan.aws.kleene import conjunction
from iacscan.aws.policy import Condition, Policy, Statement
from iacscan.aws.public import principal_is_everyone
from iacscan.aws.scope import Target, speaks_of_action, speaks_of_resource, targets_of
from iacscan.aws.standins import StandIns, concrete
from iacscan.aws.trials import Budget, Trial, members, needed, resources, show, strangers
from iacscan.aws.ways import Access, Through, Way, actions_of
from iacscan.core import Ternary, Unknown

_SHOWN_PAIRS = 12
_ACCESS_POINT = ":accesspoint/"
ACCESS_POINT_KEYS = ("s3:dataaccesspointarn", "s3:dataaccesspointaccount", "s3:accesspointnetworkorigin")
"""Keys, in lower case, of requests that come through an access point."""
_TOO_MANY = Unknown("there are too many Deny statements with several conditions to work it out")
_HELD_OPEN = Unknown("whether a Deny stops it depends on values that are not known")


@dataclass(frozen=True, slots=True)
class Ground:
    """What the ways of all statements share: the concrete policy, its holes, the bucket, the budget of trials."""

    policy: Policy
    standins: StandIns
    targets: tuple[Target, ...]
    bucket_arn: str
    budget: Budget
    through: Through = "policy"
    given: Mapping[str, Values | None] = field(default_factory=dict)

    def pairs(self, statement: Statement, access: Access) -> Iterator[tuple[str, str]]:
        """Actions that give ``access``, with resources, of which ``statement`` speaks."""
        for target in self.targets:
            for action in actions_of(access, target):
                if speaks_of_action(statement, action.lower()) is not False:
                    for resource in resources(statement, self.policy, target, self.bucket_arn):
                        if self._is_on(statement, resource) is not False:
                            yield action, resource

    def denies(self, action: str, resource: str) -> tuple[Statement, ...]:
        """The Deny statements that speak of ``action`` on ``resource``."""
        return tuple(
            statement
            for statement in self.policy.statements
            if isinstance(statement, Statement)
            and statement.effect == "Deny"
            and speaks_of_action(statement, action.lower()) is not False
            and self._is_on(statement, resource) is not False
        )

    def _is_on(self, statement: Statement, resource: str) -> Ternary:
        return speaks_of_resource(statement, resource, self.policy.has_variables)


def ground_of(
    policy: Policy, bucket_arn: str, through: Through, given: Mapping[str, Values | None] | None = None
) -> Ground:
    """The ground of ``policy``; ``given``: keys that every request has, or has not (None).

    Who calls a bucket by its own name comes through no access point.
    """
    made, standins = concrete(policy)
    direct = {} if _ACCESS_POINT in bucket_arn else dict.fromkeys(ACCESS_POINT_KEYS)
    return Ground(
        made, standins, targets_of(bucket_arn), bucket_arn, Budget(), through, direct if given is None else given
    )


def ways_of(statement: Statement, ground: Ground, texts: Sequence[str], source: str) -> Iterator[Way]:
    """Every way that ``statement``, an Allow of the policy of ``ground``, opens; ``texts`` tell its conditions."""
    for access in Access:
        found: list[tuple[Way, frozenset[object]]] = []
        pairs = list(ground.pairs(statement, access))
        for single in _singly(statement):
            found += _of_caller(single, ground, access, pairs, texts, source)
        yield from _widest(found)


def _singly(statement: Statement) -> Iterator[Statement]:
    """``statement`` once for each of its principals."""
    if statement.not_principals is not None:
        yield replace(statement, principals=None)
    for principal in statement.principals or ():
        yield replace(statement, principals=(principal,), not_principals=None)


def _of_caller(
    single: Statement,
    ground: Ground,
    access: Access,
    pairs: Iterable[tuple[str, str]],
    texts: Sequence[str],
    source: str,
) -> Iterator[tuple[Way, frozenset[object]]]:
    """The ways of one principal: pairs that the same Deny statements touch are tried together."""
    groups: dict[tuple[Statement, ...], list[tuple[str, str]]] = {}
    for pair in pairs:
        groups.setdefault(ground.denies(*pair), []).append(pair)
    for denies in sorted(groups, key=len):
        own = next(iter(callers_of(single, ground.policy.has_variables)))
        named = None if own.example is None or own.example == ANONYMOUS else own.example
        left, whole = branches(single, denies, named)
        for branch in left:
            yield from _of_branch(single, ground, access, groups[denies], denies, branch, texts, source)
        if not whole:
            yield Way(own.who, own.name, access, ground.through, source, _TOO_MANY, tuple(texts)), frozenset([denies])


def _of_branch(
    single: Statement,
    ground: Ground,
    access: Access,
    pairs: Sequence[tuple[str, str]],
    denies: Sequence[Statement],
    branch: Branch,
    texts: Sequence[str],
    source: str,
) -> Iterator[tuple[Way, frozenset[object]]]:
    conditions = tuple(dict.fromkeys((*single.conditions, *branch.conditions)))
    narrowed = replace(single, conditions=conditions)
    caller = next(iter(callers_of(narrowed, ground.policy.has_variables)))
    asked = (*conditions, *needed(single, ground.policy.has_variables))
    principals = _principals(caller, ground.policy, asked)
    shown = show(ground.policy, Trial(principals, tuple(pairs[:_SHOWN_PAIRS]), asked, ground.given, ground.budget))
    if shown is None and branch.certain and not _hinges(ground.standins, denies, asked):
        return
    granted: Ternary = True if isinstance(shown, Request) else _HELD_OPEN if shown is None else shown
    caller = _as_shown(caller, shown)
    told = tuple(map(ground.standins.shown, (*texts, *branch.texts)))
    witness = shown if isinstance(shown, Request) and not ground.standins.texts else None
    name = ground.standins.shown(caller.name)
    value = conjunction([caller.certain, granted])
    yield (
        Way(caller.who, name, access, ground.through, source, value, told, witness=witness),
        frozenset(conditions),
    )


def _hinges(standins: StandIns, denies: Iterable[Statement], asked: Iterable[Condition]) -> bool:
    """Whether it matters what holes will be: a Deny names callers, or a condition has a hole."""
    if not standins.texts:
        return False
    if any(standin in str(value) for standin in standins.texts for one in asked for value in one.values):
        return True
    return any(
        deny.not_principals is not None or any(principal_is_everyone(one) is not True for one in deny.principals or ())
        for deny in denies
    )


def _principals(caller: Caller, policy: Policy, asked: Sequence[Condition]) -> tuple[str, ...]:
    """Who is tried: whoever stands for everybody, for an account, or the one that is named."""
    if caller.example is None or caller.example == ANONYMOUS:
        return strangers(policy, asked)
    return members(caller.example, asked) if caller.who is Who.ACCOUNT else (caller.example,)


def _as_shown(caller: Caller, shown: Request | Unknown | None) -> Caller:
    """Where only signed requests, or only AWS services, get in, not anyone on the internet does."""
    if caller.who is not Who.ANYONE or not isinstance(shown, Request) or shown.principal == ANONYMOUS:
        return caller
    if shown.principal.startswith("service:"):
        return replace(caller, who=Who.SERVICE, name=ANY_SERVICE)
    return replace(caller, who=Who.ANY_ACCOUNT, name="any AWS account")


def _widest(found: Sequence[tuple[Way, frozenset[object]]]) -> Iterator[Way]:
    """Without the ways that another one, open for the same caller under fewer conditions, includes."""
    kept: list[tuple[Way, frozenset[object]]] = []
    for way, conditions in sorted(found, key=lambda one: len(one[1])):
        included = any(
            (other.who, other.name) == (way.who, way.name) and fewer <= conditions and other.granted is True
            for other, fewer in kept
        )
        if not included:
            kept.append((way, conditions))
    yield from (way for way, _ in kept)


def texts_of(statement: Statement) -> tuple[str, ...]:
    """The conditions of ``statement``, as a report tells them."""
    return tuple(f"if {condition_text(condition)}" for condition in statement.conditions)
