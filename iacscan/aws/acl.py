"""Grants of S3 access control lists.

After https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html: canned ACLs, the three
predefined groups, and the permissions of a grant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from iacscan.core import Unknown

Group: TypeAlias = Literal["everyone", "authenticated-users", "log-delivery"]

EVERYONE: Group = "everyone"
AUTHENTICATED_USERS: Group = "authenticated-users"
LOG_DELIVERY: Group = "log-delivery"

ANONYMOUS_CANONICAL_ID = "65a011a29cdf8ec533ec3d1ccaae921c"
"""The canonical user id of whoever sends an unsigned request."""

_GROUP_URIS: dict[str, Group] = {
    "http://acs.amazonaws.com/groups/global/AllUsers": EVERYONE,
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": AUTHENTICATED_USERS,
    "http://acs.amazonaws.com/groups/s3/LogDelivery": LOG_DELIVERY,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant: a permission for a grantee, and the predefined group where the grantee is one.

    ``grantee`` is a group URI, a canonical user id, an e-mail address or a word such as ``owner``.
    """

    group: Group | None
    grantee: str | Unknown
    permission: str | Unknown


def _group_grant(group: Group, permission: str) -> Grant:
    uri = next(uri for uri, name in _GROUP_URIS.items() if name == group)
    return Grant(group, uri, permission)


_OWNER = Grant(None, "owner", "FULL_CONTROL")
_BUCKET_OWNER = "bucket owner"

_CANNED: dict[str, tuple[Grant, ...]] = {
    "private": (_OWNER,),
    "public-read": (_OWNER, _group_grant(EVERYONE, "READ")),
    "public-read-write": (_OWNER, _group_grant(EVERYONE, "READ"), _group_grant(EVERYONE, "WRITE")),
    "authenticated-read": (_OWNER, _group_grant(AUTHENTICATED_USERS, "READ")),
    "aws-exec-read": (_OWNER, Grant(None, "Amazon EC2", "READ")),
    "bucket-owner-read": (_OWNER, Grant(None, _BUCKET_OWNER, "READ")),
    "bucket-owner-full-control": (_OWNER, Grant(None, _BUCKET_OWNER, "FULL_CONTROL")),
    "log-delivery-write": (_OWNER, _group_grant(LOG_DELIVERY, "WRITE"), _group_grant(LOG_DELIVERY, "READ_ACP")),
}


def canned_grants(acl: str) -> tuple[Grant, ...] | None:
    """The grants that the canned ACL called ``acl`` stands for, the owner's first; None: there is no such ACL."""
    return _CANNED.get(acl)


def group_of(uri: str) -> Group | None:
    """The predefined group that a grantee names, by group URI or by canonical id; None: no group.

    The canonical id of the anonymous user counts as everyone: an unsigned request carries it.
    """
    return EVERYONE if uri == ANONYMOUS_CANONICAL_ID else _GROUP_URIS.get(uri)
