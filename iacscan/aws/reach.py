"""Who can do what to a bucket, through what, and what stops them.

Joins the bucket policy, the ACL, object ownership and Block Public Access as
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html and
…/access-control-block-public-access.html tell. What identity policies, access points, service and
resource control policies add or take away is not in it: a way that is open here is an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from iacscan.aws.accounts import account_of
from iacscan.aws.acl import Grant
from iacscan.aws.callers import Who, callers_of
from iacscan.aws.identity import ANONYMOUS, identity_of
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.limits import shown
from iacscan.aws.policy import Condition, Policy, Statement
from iacscan.aws.principals import speaks_of
from iacscan.aws.public import is_public, principal_is_everyone
from iacscan.aws.scope import Target, covers_target, meets_target, speaks_of_action, targets_of
from iacscan.core import Ternary, Unknown


class Access(StrEnum):
    """What somebody may do."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    PERMISSIONS = "change permissions"


_BUCKET_ACTIONS: dict[Access, tuple[str, ...]] = {
    Access.LIST: ("s3:listbucket", "s3:listbucketversions"),
    Access.READ: (),
    Access.WRITE: (),
    Access.DELETE: ("s3:deletebucket", "s3:putlifecycleconfiguration"),
    Access.PERMISSIONS: (
        "s3:putbucketacl",
        "s3:putbucketpolicy",
        "s3:deletebucketpolicy",
        "s3:putbucketpublicaccessblock",
        "s3:putbucketownershipcontrols",
    ),
}
_OBJECT_ACTIONS: dict[Access, tuple[str, ...]] = {
    Access.LIST: (),
    Access.READ: ("s3:getobject", "s3:getobjectversion"),
    Access.WRITE: ("s3:putobject", "s3:replicateobject", "s3:restoreobject"),
    Access.DELETE: ("s3:deleteobject", "s3:deleteobjectversion"),
    Access.PERMISSIONS: ("s3:putobjectacl", "s3:putobjectversionacl"),
}
_PERMISSIONS: dict[str, tuple[Access, ...]] = {
    "READ": (Access.LIST,),
    "WRITE": (Access.WRITE,),
    "READ_ACP": (),
    "WRITE_ACP": (Access.PERMISSIONS,),
    "FULL_CONTROL": (Access.LIST, Access.WRITE, Access.PERMISSIONS),
}
_GROUPS = {
    "everyone": Who.ANYONE,
    "authenticated-users": Who.ANY_ACCOUNT,
    "log-delivery": Who.SERVICE,
}


@dataclass(frozen=True, slots=True)
class Guards:
    """What stands before policy and ACL, for the bucket and its account together.

    ``acls_count``: object ownership lets ACLs count. The other two are flags of Block Public Access.
    """

    acls_count: Ternary
    ignore_public_acls: Ternary
    restrict_public_buckets: Ternary


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: who may do what, through which statement or grant, under which conditions.

    ``granted`` is what the policy or the ACL says, ``blocked`` whether a guard stops it, and
    ``blocked_by`` names the guard.
    """

    who: Who
    name: str
    access: Access
    through: Literal["policy", "acl"]
    source: str
    granted: Ternary
    conditions: tuple[str, ...] = ()
    blocked: Ternary = False
    blocked_by: str = ""

    @property
    def open(self) -> Ternary:
        """Whether it leads in: granted, and not blocked."""
        return conjunction([self.granted, negation(self.blocked)])


def ways_in(
    policy: Policy | Unknown | None,
    grants: Sequence[Grant] | Unknown | None,
    guards: Guards,
    bucket_arn: str,
    own_account: str | None = None,
) -> tuple[Way, ...]:
    """Every way into the bucket called ``bucket_arn``, those that are blocked included.

    ``None`` is a policy or an ACL that does not exist; ``own_account`` the bucket's account where known.
    """
    targets = targets_of(bucket_arn)
    by_policy = [_restricted(way, policy, guards, own_account) for way in _policy_ways(policy, targets)]
    by_acl = [_ignored(way, guards) for way in _acl_ways(grants, policy, targets)]
    return (*by_policy, *by_acl)


def reaches(ways: Iterable[Way], who: Who, access: Access | None = None) -> Ternary:
    """Whether some of ``ways`` is open to ``who`` (for ``access``, or for anything).

    Anyone on the internet includes any AWS account; a caller that is not known may be anybody.
    """
    wanted = {who, Who.ANYONE} if who is Who.ANY_ACCOUNT else {who}
    return disjunction(
        way.open if way.who in wanted else _perhaps(way)
        for way in ways
        if access in (None, way.access) and (way.who in wanted or way.who is Who.UNKNOWN)
    )


def _perhaps(way: Way) -> Ternary:
    return Unknown(f"who is meant by {way.name} is not known") if way.open is True else way.open


def _policy_ways(policy: Policy | Unknown | None, targets: Sequence[Target]) -> Iterator[Way]:
    if policy is None:
        return
    if isinstance(policy, Unknown) or not policy.readable:
        doubt = policy if isinstance(policy, Unknown) else Unknown("the document is not a policy")
        yield from _unknown_ways(doubt, "policy", "the policy")
        return
    for statement in policy.statements:
        if isinstance(statement, Unknown):
            yield from _unknown_ways(statement, "policy", "a statement")
        elif statement.effect != "Deny":
            yield from _statement_ways(statement, policy, targets)


def _unknown_ways(doubt: Unknown, through: Literal["policy", "acl"], source: str) -> Iterator[Way]:
    for access in Access:
        yield Way(Who.UNKNOWN, source, access, through, source, doubt)


def _statement_ways(statement: Statement, policy: Policy, targets: Sequence[Target]) -> Iterator[Way]:
    effect = statement.effect if isinstance(statement.effect, Unknown) else True
    for access in Access:
        scope = _granted(statement, access, policy, targets)
        if scope is False:
            continue
        unless = tuple(_unless(policy, access))
        conditions = (*(f"if {_text(condition)}" for condition in statement.conditions), *unless)
        for caller in callers_of(statement, policy.has_variables):
            stopped = _denied(policy, access, targets, caller.example)
            granted = conjunction([effect, caller.certain, scope, negation(stopped)])
            if granted is not False:
                yield Way(caller.who, caller.name, access, "policy", statement.name, granted, conditions)


def _granted(statement: Statement, access: Access, policy: Policy, targets: Sequence[Target]) -> Ternary:
    """Whether ``statement`` speaks of some action that gives ``access``, on something that it works on."""
    terms: list[Ternary] = []
    for target in targets:
        spoken = disjunction(speaks_of_action(statement, action) for action in _actions(access, target))
        if spoken is not False:
            terms.append(conjunction([spoken, meets_target(statement, target, policy.has_variables)]))
    return disjunction(terms)


def _actions(access: Access, target: Target) -> tuple[str, ...]:
    return _OBJECT_ACTIONS[access] if target.objects else _BUCKET_ACTIONS[access]


def _denied(policy: Policy, access: Access, targets: Sequence[Target], example: str | None) -> Ternary:
    """Whether Deny statements without conditions take away every action that gives ``access``."""
    return conjunction(
        disjunction(_denies(statement, action, target, policy, example) for statement in policy.statements)
        for target in targets
        for action in _actions(access, target)
    )


def _denies(
    statement: Statement | Unknown, action: str, target: Target, policy: Policy, example: str | None
) -> Ternary:
    if isinstance(statement, Unknown):
        return statement
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Deny"
    if statement.conditions or effect is False:
        return False
    return conjunction(
        [
            effect,
            _stops_caller(statement, example),
            speaks_of_action(statement, action),
            covers_target(statement, target, policy.has_variables),
        ]
    )


def _stops_caller(statement: Statement, example: str | None) -> Ternary:
    """Whether a Deny speaks of the caller; one that nobody stands for is only met by a Deny for all."""
    if example is not None:
        return speaks_of(statement, identity_of(example))
    return disjunction(principal_is_everyone(principal) for principal in statement.principals or ())


def _unless(policy: Policy, access: Access) -> Iterator[str]:
    """The conditions under which some Deny may stop ``access``."""
    wanted = {*_BUCKET_ACTIONS[access], *_OBJECT_ACTIONS[access]}
    for statement in policy.statements:
        if isinstance(statement, Unknown) or statement.effect != "Deny" or not statement.conditions:
            continue
        if any(speaks_of_action(statement, action) is not False for action in wanted):
            yield f"unless {' and '.join(map(_text, statement.conditions))} ({statement.name})"


def _text(condition: Condition) -> str:
    return f"{shown(condition.operator)} {shown(condition.key)} {', '.join(map(shown, condition.values))}"


def _restricted(way: Way, policy: Policy | Unknown | None, guards: Guards, own_account: str | None) -> Way:
    """A public policy under RestrictPublicBuckets serves only AWS services and the own account."""
    if (
        policy is None
        or way.who in (Who.SERVICE, Who.SOURCE)
        or (own_account is not None and account_of(way.name) == own_account)
    ):
        return way
    blocked = conjunction([guards.restrict_public_buckets, is_public(policy).value])
    return replace(way, blocked=blocked, blocked_by="" if blocked is False else "restrict_public_buckets")


def _acl_ways(
    grants: Sequence[Grant] | Unknown | None, policy: Policy | Unknown | None, targets: Sequence[Target]
) -> Iterator[Way]:
    if isinstance(grants, Unknown):
        yield from _unknown_ways(grants, "acl", "the ACL")
        return
    for grant in grants or ():
        if grant.grantee != "owner" and grant.grantee != "bucket owner":
            yield from _grant_ways(grant, policy, targets)


def _grant_ways(grant: Grant, policy: Policy | Unknown | None, targets: Sequence[Target]) -> Iterator[Way]:
    who = _GROUPS[grant.group] if grant.group else Who.UNKNOWN if isinstance(grant.grantee, Unknown) else Who.ACCOUNT
    known = _PERMISSIONS.get(grant.permission, ()) if isinstance(grant.permission, str) else tuple(Access)
    granted = grant.permission if isinstance(grant.permission, Unknown) else True
    example = ANONYMOUS if who is Who.ANYONE else None
    for access in known:
        stopped = _denied(policy, access, targets, example) if isinstance(policy, Policy) else False
        allowed = conjunction([granted, negation(stopped)])
        if allowed is not False:
            yield Way(
                who, grant.group or shown(grant.grantee), access, "acl", f"grant of {shown(grant.permission)}", allowed
            )


def _ignored(way: Way, guards: Guards) -> Way:
    """An ACL counts unless object ownership or, for the public groups, IgnorePublicAcls says otherwise."""
    public = way.who in (Who.ANYONE, Who.ANY_ACCOUNT)
    enforced = negation(guards.acls_count)
    ignored = guards.ignore_public_acls if public else False
    if way.who is Who.UNKNOWN and guards.ignore_public_acls is not False:
        ignored = Unknown("whether a public grant is meant is not known")
    names = (("BucketOwnerEnforced", enforced), ("ignore_public_acls", ignored))
    guard = next((name for name, value in names if value is True), None)
    maybe = next((name for name, value in names if isinstance(value, Unknown)), "")
    return replace(way, blocked=disjunction([enforced, ignored]), blocked_by=guard or maybe)
