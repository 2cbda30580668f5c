"""Who can do what to a bucket, through what, and what stops them.

Joins the bucket policy, the ACL, object ownership and Block Public Access as
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html and
…/access-control-block-public-access.html tell, and the policies of access points where they are given. What
identity policies, service and resource control policies add or take away is not in it: a way that is open
here is an upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from iacscan.aws.acl import Grant
from iacscan.aws.judgements.accounts import account_of
from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import is_public
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.inversion import present
from iacscan.aws.policies.policy import Policy, Principal, Statement
from iacscan.aws.policies.scope import targets_of
from iacscan.aws.reach.callers import Who
from iacscan.aws.reach.delegation import AccessPoint, others, ways_through
from iacscan.aws.reach.statement_ways import ground_of, texts_of, ways_of
from iacscan.aws.reach.ways import Access, Way, actions_of, unknown_ways
from iacscan.core import Ternary, Unknown

__all__ = ["Access", "AccessPoint", "Guards", "Way", "reaches", "ways_by_access_points", "ways_in"]

_PERMISSIONS: dict[str, tuple[Access, ...]] = {
    "READ": (Access.LIST,),
    "WRITE": (Access.WRITE,),
    "READ_ACP": (),
    "WRITE_ACP": (Access.PERMISSIONS,),
    "FULL_CONTROL": (Access.LIST, Access.WRITE, Access.PERMISSIONS),
}
_GROUPS = {
    "everyone": (Who.ANYONE, Principal("*", "*")),
    "authenticated-users": (Who.ANY_ACCOUNT, Principal("AWS", "*")),
    "log-delivery": (Who.SERVICE, Principal("Service", "logging.s3.amazonaws.com")),
}
MOST_STATEMENTS = 200
"""More than fit into the 20 KB of a bucket policy that AWS accepts."""
_TOO_LONG = Unknown(f"the policy has more than {MOST_STATEMENTS} statements, which AWS would hardly accept")
_SIGNED = (present("aws:PrincipalArn"),)


@dataclass(frozen=True, slots=True)
class Guards:
    """What stands before policy and ACL, for the bucket and its account together.

    ``acls_count``: object ownership lets ACLs count. The other two are flags of Block Public Access.
    """

    acls_count: Ternary
    ignore_public_acls: Ternary
    restrict_public_buckets: Ternary


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
    cut = False if policy is None else conjunction([guards.restrict_public_buckets, is_public(policy).value])
    by_policy = [_restricted(way, cut, own_account) for way in policy_ways(policy, bucket_arn)]
    by_acl = [_ignored(way, guards) for way in acl_ways(grants, policy, bucket_arn)]
    return (*by_policy, *by_acl)


def ways_by_access_points(
    policy: Policy | Unknown | None,
    points: Sequence[AccessPoint],
    guards: Guards,
    bucket_arn: str,
    own_account: str | None = None,
) -> tuple[Way, ...]:
    """Every way into the bucket through ``points``, and through others where ``policy`` leaves it to them."""
    public = False if policy is None else is_public(policy).value
    found: list[Way] = []
    for point in points:
        own = conjunction([point.restrict, point.public])
        cut = disjunction([own, conjunction([guards.restrict_public_buckets, disjunction([point.public, public])])])
        name = f"restrict_public_buckets of {point.name}" if own is not False else "restrict_public_buckets"
        for way in ways_through(point, policy, bucket_arn):
            found.append(_restricted(way, cut, own_account, name))
    return (*found, *others(policy, points, bucket_arn))


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


def policy_ways(policy: Policy | Unknown | None, bucket_arn: str) -> Iterator[Way]:
    """The ways that ``policy`` opens, public access blocks left aside."""
    if policy is None:
        return
    doubt = beyond(policy)
    if doubt is not None:
        yield from unknown_ways(doubt, "policy", "the policy")
    if doubt is not None or isinstance(policy, Unknown):
        return
    ground = ground_of(policy, bucket_arn, "policy")
    for statement, original in zip(ground.policy.statements, policy.statements, strict=True):
        if isinstance(statement, Unknown) or isinstance(original, Unknown):
            yield from unknown_ways(original, "policy", "a statement") if isinstance(original, Unknown) else ()
        elif statement.effect != "Deny":
            yield from ways_of(statement, ground, texts_of(statement), statement.name)


def beyond(policy: Policy | Unknown | None) -> Unknown | None:
    """Why ``policy`` cannot be worked out; None: it can."""
    if policy is None or isinstance(policy, Unknown):
        return policy
    if not policy.readable:
        return Unknown("the document is not a policy")
    return _TOO_LONG if len(policy.statements) > MOST_STATEMENTS else None


def _restricted(way: Way, cut: Ternary, own_account: str | None, name: str = "restrict_public_buckets") -> Way:
    """A public policy under RestrictPublicBuckets (``cut``) serves only AWS services and the own account."""
    if way.who in (Who.SERVICE, Who.SOURCE):
        return way
    blocked = conjunction([cut, _outside(way, own_account)])
    return way if blocked is False else replace(way, blocked=blocked, blocked_by=name)


def _outside(way: Way, own_account: str | None) -> Ternary:
    """Whether the callers of ``way`` are outside of the bucket's own account, as those are who need no name."""
    if way.who in (Who.ANYONE, Who.ANY_ACCOUNT, Who.NETWORK):
        return True
    account = account_of(way.name)
    if own_account is None or account is None:
        return Unknown("whether they are of the bucket's own account is not known")
    return account != own_account


def acl_ways(
    grants: Sequence[Grant] | Unknown | None, policy: Policy | Unknown | None, bucket_arn: str
) -> Iterator[Way]:
    """The ways that the ACL opens, object ownership and public access blocks left aside."""
    if isinstance(grants, Unknown):
        yield from unknown_ways(grants, "acl", "the ACL")
        return
    for grant in grants or ():
        if grant.grantee != "owner" and grant.grantee != "bucket owner":
            yield from _grant_ways(grant, policy, bucket_arn)


def _grant_ways(grant: Grant, policy: Policy | Unknown | None, bucket_arn: str) -> Iterator[Way]:
    """A grant is an Allow beside the policy: the Deny statements of the policy stop it as well."""
    who = _GROUPS[grant.group][0] if grant.group else Who.UNKNOWN if isinstance(grant.grantee, Unknown) else Who.ACCOUNT
    name = grant.group or shown(grant.grantee)
    source = f"grant of {shown(grant.permission)}"
    known = _PERMISSIONS.get(grant.permission, ()) if isinstance(grant.permission, str) else tuple(Access)
    doubt = grant.permission if isinstance(grant.permission, Unknown) else _of_denies(policy)
    if doubt is not None or isinstance(policy, Unknown) or who is Who.UNKNOWN:
        granted: Ternary = True if doubt is None else doubt
        yield from (Way(who, name, access, "acl", source, granted) for access in known)
        return
    beside = policy if policy is not None and policy.readable else Policy()
    allow = _as_statement(grant, known, len(beside.statements), bucket_arn)
    ground = ground_of(replace(beside, statements=(*beside.statements, allow)), bucket_arn, "acl")
    made = ground.policy.statements[-1]
    for way in ways_of(made, ground, (), source) if isinstance(made, Statement) else ():
        if way.access in known:
            yield replace(way, name=name if way.who is who else way.name)


def _of_denies(policy: Policy | Unknown | None) -> Unknown | None:
    """Why it is not known what ``policy`` denies; a document that is no policy denies nothing."""
    return None if isinstance(policy, Policy) and not policy.readable else beyond(policy)


def _as_statement(grant: Grant, known: Iterable[Access], index: int, bucket_arn: str) -> Statement:
    """``grant`` as the Allow that would let in the same callers."""
    actions = tuple(
        name for access in known for target in targets_of(bucket_arn) for name in actions_of(access, target)
    )
    principal = _GROUPS[grant.group][1] if grant.group else Principal("CanonicalUser", grant.grantee)
    conditions = _SIGNED if grant.group == "authenticated-users" else ()
    resources = (bucket_arn, f"{bucket_arn}/*")
    return Statement(index, None, "Allow", (principal,), actions=actions, resources=resources, conditions=conditions)


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
