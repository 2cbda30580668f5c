"""Who can do what to a bucket, as facts: the policy, the ACL, object ownership and the public access block joined.

``reach.public`` is :mod:`iacscan.model.exposure`'s answer; ``reach.ways`` lists every way in, and is worked
out when somebody asks: most rules do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iacscan.aws.acl import Grant
from iacscan.aws.kleene import negation
from iacscan.aws.policy import Policy
from iacscan.aws.reach import Guards, Way, ways_in
from iacscan.core import Unknown
from iacscan.model.exposure import acls_count, exposure, flag_off
from iacscan.model.parts import Part

WAYS = "ways"
FIELDS: Mapping[str, Any] = {"public": None, "by_policy": None, "by_acl": None, WAYS: None}
"""The names of the facts of ``reach``."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What decides who gets into a bucket, ready for :mod:`iacscan.aws`.

    ``policy`` and ``grants`` are ``None`` where there is no policy or no ACL; ``account`` is the
    bucket's own where it is known.
    """

    arn: str
    policy: Policy | Unknown | None
    grants: tuple[Grant, ...] | Unknown | None
    guards: Guards
    account: str | None = None

    def ways(self) -> tuple[Way, ...]:
        """Every way in, those that are blocked included."""
        return ways_in(self.policy, self.grants, self.guards, self.arn, self.account)


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


def read_reach(acl: Part, ownership: Part, block: Part, policy: Part, arn: str, account: str | None) -> Part:
    """The part ``reach`` of a bucket called ``arn``, from the four parts that decide it."""
    part = exposure(acl, ownership, block, policy)
    doors = Doors(arn, policy.facts["document"], _grants(acl), _guards(ownership, block), account)
    return Part(Reach(part.facts, doors), part.origins, part.evidence)


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
    }
