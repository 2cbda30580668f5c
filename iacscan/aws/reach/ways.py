"""What somebody may do to a bucket, and the actions that let him: the words of the reach table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from iacscan.aws.kleene import conjunction, negation
from iacscan.aws.policies.context import Request
from iacscan.aws.policies.scope import Target
from iacscan.aws.reach.callers import Who
from iacscan.core import Ternary, Unknown

Through: TypeAlias = Literal["policy", "acl", "access point"]


class Access(StrEnum):
    """What somebody may do."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    PERMISSIONS = "change permissions"


_BUCKET_ACTIONS: Mapping[Access, tuple[str, ...]] = {
    Access.LIST: ("s3:ListBucket", "s3:ListBucketVersions"),
    Access.READ: (),
    Access.WRITE: (),
    Access.DELETE: ("s3:DeleteBucket", "s3:PutLifecycleConfiguration"),
    Access.PERMISSIONS: (
        "s3:PutBucketAcl",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketOwnershipControls",
    ),
}
_OBJECT_ACTIONS: Mapping[Access, tuple[str, ...]] = {
    Access.LIST: (),
    Access.READ: ("s3:GetObject", "s3:GetObjectVersion"),
    Access.WRITE: ("s3:PutObject", "s3:ReplicateObject", "s3:RestoreObject"),
    Access.DELETE: ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    Access.PERMISSIONS: ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}


def actions_of(access: Access, target: Target) -> tuple[str, ...]:
    """The actions on ``target`` that give ``access``."""
    return _OBJECT_ACTIONS[access] if target.objects else _BUCKET_ACTIONS[access]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: who may do what, through which statement or grant, under which conditions.

    ``granted`` is what the policy or the ACL says, ``blocked`` whether a guard stops it, and
    ``blocked_by`` names the guard. ``witness`` is a request that gets in, where one can be written down.
    """

    who: Who
    name: str
    access: Access
    through: Through
    source: str
    granted: Ternary
    conditions: tuple[str, ...] = ()
    blocked: Ternary = False
    blocked_by: str = ""
    witness: Request | None = None

    @property
    def open(self) -> Ternary:
        """Whether it leads in: granted, and not blocked."""
        return conjunction([self.granted, negation(self.blocked)])


def unknown_ways(doubt: Unknown, through: Through, source: str) -> Iterator[Way]:
    """Ways of which nothing is known: anybody may do anything."""
    for access in Access:
        yield Way(Who.UNKNOWN, source, access, through, source, doubt)
