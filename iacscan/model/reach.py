"""Who can do what to a bucket, as facts: the policy, the ACL, object ownership and the public access block joined.

``reach.public`` is :mod:`iacscan.model.exposure`'s answer; ``reach.ways`` lists every way in, and is worked
out when somebody asks: most rules do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iacscan.aws.acl import Grant
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.context import context_of_principal
from iacscan.aws.policies.policy import Policy
from iacscan.aws.reach.bucket import AccessPoint, Guards, Way, reaches, ways_by_access_points, ways_in
from iacscan.aws.reach.callers import Who
from iacscan.aws.reach.strangers import left_by_denies
from iacscan.core import Evidence, Origin, Ternary, Unknown
from iacscan.model.exposure import acls_count, exposure, flag_off
from iacscan.model.parts import Part

WAYS = "ways"
DELEGATED = Who.DELEGATED.value
"""Who is said to get in through access points that are not in the input."""
FIELDS: Mapping[str, Any] = {"public": None, "by_policy": None, "by_acl": None, "by_access_point": None, WAYS: None}
"""The names of the facts of ``reach``."""


@dataclass(frozen=True, slots=True)
class AccessPoints:
    """The access points of one bucket, and where their policies are written."""

    points: tuple[AccessPoint, ...] = ()
    places: tuple[Origin, ...] = ()


NO_POINTS = AccessPoints()


@dataclass(frozen=True, slots=True)
class Doors:
    """What decides who gets into a bucket, ready for :mod:`iacscan.aws`.

    ``policy`` and ``grants`` are ``None`` where there is no policy or no ACL; ``account`` is the
    bucket's own where it is known. ``points`` are its access points, ``places`` where their policies are written.
    """

    arn: str
    policy: Policy | Unknown | None
    grants: tuple[Grant, ...] | Unknown | None
    guards: Guards
    account: str | None = None
    points: tuple[AccessPoint, ...] = ()
    places: tuple[Origin, ...] = ()

    def ways(self) -> tuple[Way, ...]:
        """Every way in, those that are blocked included."""
        direct = ways_in(self.policy, self.grants, self.guards, self.arn, self.account)
        return (*direct, *self.ways_by_access_points(self.points)) if self.is_bucket else direct

    def ways_by_access_points(self, points: tuple[AccessPoint, ...]) -> tuple[Way, ...]:
        """Every way through ``points``, those that are blocked included."""
        return ways_by_access_points(self.policy, points, self.guards, self.arn, self.account)

    @property
    def is_bucket(self) -> bool:
        """Whether these are the doors of a bucket, not of an access point."""
        return ":accesspoint/" not in self.arn


class Reach(Mapping[str, Any]):
    """The facts of ``reach``; ``ways`` is computed when it is read."""

    __slots__ = ("_facts", "doors")

    def __init__(self, facts: Mapping[str, Any], doors: Doors) -> None:
        self._facts = dict(facts)
        self.doors = doors

    def __getitem__(self, key: str) -> Any:
        if key == WAYS and WAYS not in self._facts:
            self._facts[WAYS] = [_fact(way) for way in self.doors.ways()]
        return self._facts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


def read_reach(
    acl: Part,
    ownership: Part,
    block: Part,
    policy: Part,
    arn: str,
    account: str | None,
    attached: AccessPoints = NO_POINTS,
) -> Part:
    """The part ``reach`` of a bucket called ``arn``, from the four parts that decide it and its access points."""
    part = exposure(acl, ownership, block, policy)
    document, guards = policy.facts["document"], _guards(ownership, block)
    doors = Doors(arn, document, _grants(acl), guards, account, attached.points, attached.places)
    return _with_access_points(_despite_denies(part, doors), doors)


def _despite_denies(part: Part, doors: Doors) -> Part:
    """``part`` without what the Deny statements of the policy keep strangers from."""
    if part.facts["by_policy"] is False and part.facts["by_acl"] is False:
        return part
    left = left_by_denies(doors.policy, doors.grants, doors.arn)
    by_policy = conjunction([part.facts["by_policy"], left.by_policy])
    by_acl = conjunction([part.facts["by_acl"], left.by_acl])
    if (by_policy, by_acl) == (part.facts["by_policy"], part.facts["by_acl"]):
        return part
    public = disjunction([by_policy, by_acl])
    said = (
        "Deny statements of its policy leave strangers no way in"
        if public is False
        else f"a Deny may stop them: {public}"
    )
    evidence = (*(part.evidence[""] if public is not False else ()), *([Evidence(said)] if public is not True else []))
    facts = {**part.facts, "public": public, "by_policy": by_policy, "by_acl": by_acl}
    return Part(facts, part.origins if public is not False else (), {**part.evidence, "": evidence})


def _with_access_points(part: Part, doors: Doors) -> Part:
    """``part`` with whether strangers get in through an access point; one whose policy is not public lets none in."""
    open_: dict[str, Ternary] = {}
    for point in doors.points:
        if point.public is not False:
            value = reaches(doors.ways_by_access_points((point,)), Who.ANY_ACCOUNT)
            open_.update({point.name: value} if value is not False else {})
    by_access_point = disjunction(open_.values())
    said = tuple(Evidence(_sentence(name, value)) for name, value in open_.items())
    kept = part.evidence[""] if part.facts["public"] is not False or not said else ()
    facts = {**part.facts, "by_access_point": by_access_point}
    facts["public"] = disjunction([part.facts["public"], by_access_point])
    origins = (*part.origins, *(doors.places if said else ()))
    return Part(Reach(facts, doors), origins, {**part.evidence, "": (*kept, *said)})


def _sentence(name: str, value: Ternary) -> str:
    if isinstance(value, Unknown):
        return f"strangers may reach it through its access point {name}: {value}"
    return f"reachable through its access point {name}"


def _guards(ownership: Part, block: Part) -> Guards:
    return Guards(
        acls_count(ownership.facts["object_ownership"]),
        negation(flag_off(block.facts["ignore_public_acls"], "ignore_public_acls")),
        negation(flag_off(block.facts["restrict_public_buckets"], "restrict_public_buckets")),
    )


def _grants(acl: Part) -> tuple[Grant, ...] | Unknown | None:
    grants = acl.facts["grants"]
    if isinstance(grants, Unknown):
        return grants
    return tuple(map(_grant, grants)) if acl.facts["declared"] is not False else None


def _grant(fact: Any) -> Grant:
    """A grant of the ACL's facts; one whose group is not known has a grantee that is not known."""
    if not isinstance(fact, Mapping):
        return Grant(None, fact, fact)
    group = fact["group"]
    if isinstance(group, Unknown):
        return Grant(None, group, _text(fact["permission"]))
    return Grant(group, _text(fact["grantee"]), _text(fact["permission"]))


def _text(value: Any) -> str | Unknown:
    return value if isinstance(value, str | Unknown) else Unknown("it is not given")


def _fact(way: Way) -> dict[str, Any]:
    return {
        "who": way.who.value,
        "name": way.name,
        "access": way.access.value,
        "through": way.through,
        "source": way.source,
        "conditions": list(way.conditions),
        "open": way.open,
        "granted": way.granted,
        "blocked": way.blocked,
        "blocked_by": way.blocked_by or None,
        "example": _example(way),
    }


def _example(way: Way) -> dict[str, Any] | None:
    """The request that shows ``way``, as ``iacscan simulate`` reads requests."""
    found = way.witness
    if found is None:
        return None
    context = {key: value for key, value in found.context.items() if key not in context_of_principal(found.principal)}
    return {"principal": found.principal, "action": found.action, "resource": found.resource, "context": context}
