"""The ways that one Allow of a policy opens, once every Deny of that policy is counted.

For every caller, action and resource that the Allow speaks of, the Deny statements that speak of them as well
say what more a request must fulfil; a request that fulfils it is tried on the whole policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from iacscan.aws.judgements.public import principal_is_everyone
from iacscan.aws.kleene import conjunction
from iacscan.aws.policies.context import Request, Values
from iacscan.aws.policies.identity import ANONYMOUS
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.scope import Target, speaks_of_action, speaks_of_resource, targets_of
from iacscan.aws.reach.callers import ANY_SERVICE, Caller, Who, callers_of
from iacscan.aws.reach.denials import Branch, Denial, branches, condition_text
from iacscan.aws.reach.examples import members, needed, resources, strangers
from iacscan.aws.reach.standins import StandIns, concrete, has_standin
from iacscan.aws.reach.trials import Budget, Trial, show
from iacscan.aws.reach.ways import Access, Through, Way, actions_of
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

    def denies(self, action: str, resource: str) -> tuple[Denial, ...]:
        """The Deny statements that speak, or may speak, of ``action`` on ``resource``."""
        found = []
        for statement in self.policy.statements:
            if isinstance(statement, Statement) and statement.effect == "Deny":
                of_action = speaks_of_action(statement, action.lower())
                spoken = False if of_action is False else conjunction([of_action, self._is_on(statement, resource)])
                if spoken is not False:
                    found.append(Denial(statement, spoken is True))
        return tuple(found)

    def _is_on(self, statement: Statement, resource: str) -> Ternary:
        return speaks_of_resource(statement, resource, self.policy.has_variables)


def ground_of(
    policy: Policy,
    bucket_arn: str,
    through: Through,
    given: Mapping[str, Values | None] | None = None,
    budget: Budget | None = None,
) -> Ground:
    """The ground of ``policy``; ``given``: keys that every request has, or has not (None).

    Who calls a bucket by its own name comes through no access point.
    """
    made, standins = concrete(policy)
    direct = {} if _ACCESS_POINT in bucket_arn else dict.fromkeys(ACCESS_POINT_KEYS)
    return Ground(
        made,
        standins,
        targets_of(bucket_arn),
        bucket_arn,
        budget or Budget(),
        through,
        direct if given is None else given,
    )


def ways_of(statement: Statement, ground: Ground, texts: Sequence[str], source: str) -> Iterator[Way]:
    """Every way that ``statement``, an Allow of the policy of ``ground``, opens; ``texts`` tell its conditions."""
    for access in Access:
        found: list[tuple[Way, frozenset[Condition]]] = []
        pairs = list(ground.pairs(statement, access))
        for single in _singly(statement):
            found += _of_caller(_Opening(single, ground, access, tuple(texts), source), pairs)
        yield from _widest(found)


@dataclass(frozen=True, slots=True)
class _Opening:
    """An Allow of one principal, and what it is asked for."""

    allow: Statement
    ground: Ground
    access: Access
    texts: tuple[str, ...]
    source: str

    def caller(self, conditions: Iterable[Condition]) -> Caller:
        """Whom it lets in under ``conditions``; those on keys that every request has tell nothing."""
        free = tuple(one for one in conditions if str(one.key).lower() not in self.ground.given)
        return next(callers_of(replace(self.allow, conditions=free), self.ground.policy.has_variables))

    def way(self, caller: Caller, granted: Ternary, texts: Sequence[str] = (), witness: Request | None = None) -> Way:
        """A way of ``caller``, holes shown as what they are."""
        shown = self.ground.standins.shown
        told = tuple(map(shown, (*self.texts, *texts)))
        value = conjunction([caller.certain, granted])
        through = self.ground.through
        return Way(caller.who, shown(caller.name), self.access, through, self.source, value, told, witness=witness)


def _singly(statement: Statement) -> Iterator[Statement]:
    """``statement`` once for each of its principals."""
    if statement.not_principals is not None:
        yield replace(statement, principals=None)
    for principal in statement.principals or ():
        yield replace(statement, principals=(principal,), not_principals=None)


def _of_caller(opening: _Opening, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[Way, frozenset[Condition]]]:
    """The ways of one principal: pairs that the same Deny statements touch are tried together."""
    groups: dict[tuple[Denial, ...], list[tuple[str, str]]] = {}
    for pair in pairs:
        groups.setdefault(opening.ground.denies(*pair), []).append(pair)
    own = opening.caller(opening.allow.conditions)
    named = None if own.example == ANONYMOUS else own.example
    for denies in sorted(groups, key=len):
        left, whole = branches(opening.allow, denies, named)
        for branch in left:
            yield from _of_branch(opening, groups[denies], denies, branch)
        if not whole:
            yield opening.way(own, _TOO_MANY), frozenset(opening.allow.conditions)


def _of_branch(
    opening: _Opening, pairs: Sequence[tuple[str, str]], denies: Sequence[Denial], branch: Branch
) -> Iterator[tuple[Way, frozenset[Condition]]]:
    """The way of one branch, if a request shows it or none can be ruled out."""
    ground, allow = opening.ground, opening.allow
    conditions = tuple(dict.fromkeys((*allow.conditions, *branch.conditions)))
    caller = opening.caller(conditions)
    asked = (*conditions, *needed(allow, ground.policy.has_variables))
    principals = _principals(caller, ground.policy, asked)
    found = show(ground.policy, Trial(principals, tuple(pairs[:_SHOWN_PAIRS]), asked, ground.given, ground.budget))
    if isinstance(found, Request):
        witness = None if ground.standins.texts else found
        yield opening.way(_as_shown(caller, found), True, branch.texts, witness), frozenset(conditions)
    elif found is not None:
        yield opening.way(caller, found, branch.texts), frozenset(conditions)
    elif not branch.certain or (asked and any(map(has_standin, principals))) or _hinges(ground, denies, asked):
        yield opening.way(caller, _HELD_OPEN, branch.texts), frozenset(conditions)


def _hinges(ground: Ground, denies: Iterable[Denial], asked: Iterable[Condition]) -> bool:
    """Whether it matters what holes will be: a Deny names callers, or a condition on a key that is there has a hole."""
    texts = ground.standins.texts
    if not texts:
        return False
    open_ = [one for one in asked if ground.given.get(str(one.key).lower(), ()) is not None]
    if any(standin in str(value) for standin in texts for one in open_ for value in one.values):
        return True
    return any(
        deny.statement.not_principals is not None
        or any(principal_is_everyone(one) is not True for one in deny.statement.principals or ())
        for deny in denies
    )


def _principals(caller: Caller, policy: Policy, asked: Sequence[Condition]) -> tuple[str, ...]:
    """Who is tried: whoever stands for everybody, for an account, or the one that is named."""
    if caller.example is None or caller.example == ANONYMOUS:
        return strangers(policy, asked)
    return members(caller.example, asked) if caller.who is Who.ACCOUNT else (caller.example,)


def _as_shown(caller: Caller, shown: Request) -> Caller:
    """Where only signed requests, or only AWS services, get in, not anyone on the internet does."""
    if caller.who is not Who.ANYONE or shown.principal == ANONYMOUS:
        return caller
    if shown.principal.startswith("service:"):
        return replace(caller, who=Who.SERVICE, name=ANY_SERVICE)
    return replace(caller, who=Who.ANY_ACCOUNT, name="any AWS account")


def _widest(found: Sequence[tuple[Way, frozenset[Condition]]]) -> Iterator[Way]:
    """Without the ways that another one, open for the same caller under fewer conditions, includes."""
    kept: list[tuple[Way, frozenset[Condition]]] = []
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
