"""What a bucket decides for one request: its policy, its ACL, object ownership and Block Public Access.

After https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html and
…/access-control-block-public-access.html. What the caller's own policies, access points, service and
resource control policies add or take away is not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from iacscan.aws.acl import AUTHENTICATED_USERS, EVERYONE, LOG_DELIVERY, Grant
from iacscan.aws.judgements.public import is_public
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.identity import Identity, identity_of
from iacscan.aws.policies.policy import Policy
from iacscan.aws.policies.simulate import Outcome, Request, applies, simulate
from iacscan.aws.reach.bucket import Guards
from iacscan.core import Ternary, Unknown

Answer: TypeAlias = Literal["allowed", "explicit_deny", "blocked", "implicit_deny", "unknown"]
"""``blocked``: policy or ACL would allow it, and Block Public Access or object ownership stops that."""

_LOGGING = "logging.s3.amazonaws.com"
_OF_OWNER = ("owner", "bucket owner")
_BY_PERMISSION = {
    "READ": ("s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"),
    "WRITE": ("s3:putobject",),
    "READ_ACP": ("s3:getbucketacl",),
    "WRITE_ACP": ("s3:putbucketacl",),
}
_BY_OBJECT_ACL = (
    "s3:getobject",
    "s3:getobjectversion",
    "s3:getobjectacl",
    "s3:getobjectversionacl",
    "s3:putobjectacl",
    "s3:putobjectversionacl",
)


@dataclass(frozen=True, slots=True)
class BucketDecision:
    """The answer, the labels of the statements that decide, why in sentences, and what else may matter.

    ``doubt`` is what the answer waits for, where it is not known.
    """

    answer: Answer
    statements: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    doubt: Unknown | None = None


def decide(
    policy: Policy | Unknown | None,
    grants: Sequence[Grant] | Unknown | None,
    guards: Guards,
    request: Request,
    own_account: str | None = None,
) -> BucketDecision:
    """What the bucket answers to ``request``.

    ``None`` is a policy or an ACL that does not exist; ``own_account`` the bucket's account where known.
    """
    identity = identity_of(request.principal)
    by_policy = simulate(Policy() if policy is None else policy, request)
    notes = tuple(_notes(identity, request, guards, own_account))
    if by_policy.outcome is Outcome.EXPLICIT_DENY:
        reason = f"The bucket policy denies it: {', '.join(by_policy.statements)}."
        return BucketDecision("explicit_deny", by_policy.statements, (reason,), notes)
    denied = False if policy is None else _denied(policy, request)
    restricted = _restricted(policy, guards, identity, own_account)
    granted, ignored = _by_acl(grants, guards, identity, request.action.lower())
    by_acl = conjunction([granted, negation(ignored), negation(denied)])
    total = disjunction([conjunction([by_policy.allowed, negation(restricted)]), by_acl])
    reasons = (
        *_policy_reasons(policy, by_policy.allowed, by_policy.statements, restricted),
        *_acl_reasons(granted, ignored, guards),
        *([f"A Deny may stop it: {denied}."] if isinstance(denied, Unknown) else []),
    )
    if isinstance(total, Unknown):
        return BucketDecision("unknown", by_policy.statements, reasons, notes, total)
    if total:
        return BucketDecision("allowed", by_policy.statements, reasons, notes)
    stopped = (by_policy.allowed is not False and restricted is True) or (granted is not False and ignored is True)
    return BucketDecision("blocked" if stopped else "implicit_deny", by_policy.statements, reasons, notes)


def _denied(policy: Policy | Unknown, request: Request) -> Ternary:
    """Whether some Deny speaks of the request."""
    if isinstance(policy, Unknown):
        return policy
    if not policy.readable:
        return Unknown("the document is not a policy")
    return disjunction(
        conjunction([_is_deny(statement.effect), applies(statement, request, policy.has_variables)])
        if not isinstance(statement, Unknown)
        else statement
        for statement in policy.statements
        if isinstance(statement, Unknown) or statement.effect != "Allow"
    )


def _is_deny(effect: str | Unknown) -> Ternary:
    return effect if isinstance(effect, Unknown) else effect == "Deny"


def _restricted(
    policy: Policy | Unknown | None, guards: Guards, identity: Identity, own_account: str | None
) -> Ternary:
    """Whether RestrictPublicBuckets keeps this caller out: a public policy serves only services and the own account."""
    if policy is None or identity.service is not None:
        return False
    return conjunction([guards.restrict_public_buckets, is_public(policy).value, _outsider(identity, own_account)])


def _outsider(identity: Identity, own_account: str | None) -> Ternary:
    if identity.anonymous:
        return True
    if own_account is None:
        return Unknown("the bucket's own account is not known")
    return identity.account != own_account


def _by_acl(
    grants: Sequence[Grant] | Unknown | None, guards: Guards, identity: Identity, action: str
) -> tuple[Ternary, Ternary]:
    """Whether a grant of the bucket's ACL covers the request, and whether such grants are ignored."""
    enforced = negation(guards.acls_count)
    if isinstance(grants, Unknown):
        return grants, enforced
    covered = [(grant, conjunction([_covers(grant, action), _is_grantee(grant, identity)])) for grant in grants or ()]
    granted = disjunction(term for _, term in covered)
    public = [grant.group in (EVERYONE, AUTHENTICATED_USERS) for grant, term in covered if term is not False]
    if public and all(public):
        return granted, disjunction([enforced, guards.ignore_public_acls])
    if any(public) and guards.ignore_public_acls is not False:
        private = disjunction(term for grant, term in covered if grant.group not in (EVERYONE, AUTHENTICATED_USERS))
        return disjunction([private, conjunction([granted, negation(guards.ignore_public_acls)])]), enforced
    return granted, enforced


def _covers(grant: Grant, action: str) -> Ternary:
    """Whether the permission of ``grant`` on a bucket includes ``action``."""
    permission = grant.permission
    actions = {name for names in _BY_PERMISSION.values() for name in names}
    if isinstance(permission, Unknown):
        return permission if action in actions else False
    return action in (actions if permission == "FULL_CONTROL" else _BY_PERMISSION.get(permission, ()))


def _is_grantee(grant: Grant, identity: Identity) -> Ternary:
    if grant.group == EVERYONE:
        return True
    if grant.group == AUTHENTICATED_USERS:
        return not identity.anonymous and identity.service is None
    if grant.group == LOG_DELIVERY:
        return identity.service == _LOGGING
    if isinstance(grant.grantee, Unknown):
        return grant.grantee
    if grant.grantee in _OF_OWNER or identity.anonymous or identity.service is not None:
        return False
    return Unknown(f"which account the grantee {grant.grantee} is, is not known")


def _policy_reasons(
    policy: Policy | Unknown | None, allowed: Ternary, statements: Sequence[str], restricted: Ternary
) -> Iterator[str]:
    if policy is None:
        yield "There is no bucket policy."
        return
    named = f": {', '.join(statements)}" if statements else ""
    if allowed is False:
        yield "No statement of the bucket policy allows it."
        return
    if isinstance(allowed, Unknown):
        yield f"Whether the bucket policy allows it depends on {allowed}{named}."
    else:
        yield f"The bucket policy allows it{named}."
    if restricted is True:
        yield "The policy is public, and restrict_public_buckets keeps all callers outside the bucket's account out."
    elif isinstance(restricted, Unknown):
        yield f"restrict_public_buckets may keep the caller out: {restricted}."


def _acl_reasons(granted: Ternary, ignored: Ternary, guards: Guards) -> Iterator[str]:
    if granted is False:
        return
    if isinstance(granted, Unknown):
        yield f"Whether the bucket's ACL allows it depends on {granted}."
    else:
        yield "The bucket's ACL allows it."
    if ignored is True:
        name = "BucketOwnerEnforced: ACLs do not count" if guards.acls_count is False else "ignore_public_acls"
        yield f"The ACL has no effect ({name})."
    elif isinstance(ignored, Unknown):
        yield f"The ACL may have no effect: {ignored}."


def _notes(identity: Identity, request: Request, guards: Guards, own_account: str | None) -> Iterator[str]:
    """What is not decided by the bucket, and can change the answer."""
    if not identity.anonymous and identity.service is None:
        if own_account is None:
            yield (
                "The caller's own policies count as well: in the bucket's account they alone can allow it,"
                " in another account they must."
            )
        elif identity.account == own_account:
            yield "The caller is of the bucket's account: its own policies alone can allow it."
        else:
            yield "The caller is of another account: its own policies must allow it too."
    unsigned_ignored = identity.anonymous and guards.ignore_public_acls is True
    if request.action.lower() in _BY_OBJECT_ACL and guards.acls_count is not False and not unsigned_ignored:
        yield f"If ACLs count, the object's own ACL can allow {request.action}."
