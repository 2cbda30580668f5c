"""An ACL resource with grants has an empty canned ACL once it is applied."""

import pytest

from iacscan.inputs.configuration import Change, Resource
from iacscan.model.access import read_acl
from iacscan.model.parts import Source

EVERYONE = {"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}


@pytest.mark.parametrize("change", [None, Change.UNCHANGED, Change.UPDATED])
def test_an_empty_canned_acl_is_none(change: Change | None) -> None:
    policy = [{"grant": [{"grantee": [dict(EVERYONE)], "permission": "READ"}], "owner": [{"id": "a"}]}]
    values = {"acl": "", "access_control_policy": policy}
    acl = read_acl(Source(Resource("aws_s3_bucket_acl.a", "aws_s3_bucket_acl", "a", values, change=change)))
    assert [grant["group"] for grant in acl.facts["grants"]] == ["everyone"]
