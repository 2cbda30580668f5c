"""Whether the Deny statements of a bucket policy leave strangers a way in.

S3 calls a policy public whatever it denies; who gets in is another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from iacscan.aws.acl import Grant
from iacscan.aws.policies.policy import Policy, Statement
from iacscan.aws.reach.bucket import acl_ways, policy_ways, reaches
from iacscan.aws.reach.callers import Who
from iacscan.aws.reach.ways import Way
from iacscan.core import Ternary, Unknown


@dataclass(frozen=True, slots=True)
class Left:
    """Whether strangers get past the Deny statements, by the policy and by the ACL; True where nothing denies."""

    by_policy: Ternary = True
    by_acl: Ternary = True


def left_by_denies(policy: Policy | Unknown | None, grants: Sequence[Grant] | Unknown | None, bucket_arn: str) -> Left:
    """What the Deny statements of ``policy`` leave of what it, and the ACL, let strangers do."""
    if isinstance(policy, Unknown):
        return Left(by_acl=policy)
    if policy is None or all(map(_is_allow, policy.statements)):
        return Left()
    allows = replace(policy, statements=tuple(filter(_is_allow, policy.statements)))
    return Left(
        _left(policy_ways(allows, bucket_arn), policy_ways(policy, bucket_arn)),
        _left(acl_ways(grants, allows, bucket_arn), acl_ways(grants, policy, bucket_arn)),
    )


def _is_allow(statement: Statement | Unknown) -> bool:
    """Whether it certainly is one: what is not known may be a Deny."""
    return isinstance(statement, Statement) and statement.effect == "Allow"


def _left(before: Iterable[Way], after: Iterable[Way]) -> Ternary:
    """Where nothing that is asked about is let in to begin with, nothing is told of the Deny statements.

    Ways are worked out one by one, and no more of them than decide.
    """
    let_in = reaches(before, Who.ANY_ACCOUNT)
    if let_in is False:
        return True
    left = reaches(after, Who.ANY_ACCOUNT)
    return let_in if left is False and isinstance(let_in, Unknown) else left
