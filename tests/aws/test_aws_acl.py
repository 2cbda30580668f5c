"""Canned ACLs and predefined groups."""

from __future__ import annotations

import pytest

from iacscan.aws.acl import canned_grants, group_of

GROUPS = {
    "private": set(),
    "public-read": {("everyone", "READ")},
    "public-read-write": {("everyone", "READ"), ("everyone", "WRITE")},
    "authenticated-read": {("authenticated-users", "READ")},
    "aws-exec-read": set(),
    "bucket-owner-read": set(),
    "bucket-owner-full-control": set(),
    "log-delivery-write": {("log-delivery", "WRITE"), ("log-delivery", "READ_ACP")},
}


@pytest.mark.parametrize("acl", GROUPS)
def test_canned(acl: str) -> None:
    grants = canned_grants(acl)
    assert grants is not None
    assert grants[0].grantee == "owner"
    assert {(grant.group, grant.permission) for grant in grants if grant.group} == GROUPS[acl]
    assert all(group_of(str(grant.grantee)) == grant.group for grant in grants)


@pytest.mark.parametrize("acl", ["", "Public-Read", "public_read"])
def test_no_such_canned_acl(acl: str) -> None:
    assert canned_grants(acl) is None


def test_groups() -> None:
    assert group_of("http://acs.amazonaws.com/groups/global/AllUsers") == "everyone"
    assert group_of("http://acs.amazonaws.com/groups/global/AuthenticatedUsers") == "authenticated-users"
    assert group_of("http://acs.amazonaws.com/groups/s3/LogDelivery") == "log-delivery"
    assert group_of("65a011a29cdf8ec533ec3d1ccaae921c") == "everyone"
    assert group_of("https://acs.amazonaws.com/groups/global/AllUsers") is None
