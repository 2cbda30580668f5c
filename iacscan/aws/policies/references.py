"""What the attribute that a hole refers to tells about the hole: an ARN of a resource holds no wildcard."""

from __future__ import annotations

from iacscan.aws.policies.patterns import Leaf
from iacscan.core import Template, Unknown

_FIXED = frozenset(
    {
        "account_id",
        "arn",
        "cidr_block",
        "iam_arn",
        "id",
        "invoke_arn",
        "ipv6_cidr_block",
        "master_account_id",
        "organization_id",
        "owner_id",
        "private_ip",
        "public_ip",
        "s3_canonical_user_id",
        "unique_id",
        "vpc_id",
    }
)
_PRINCIPAL = frozenset({"account_id", "arn", "iam_arn", "s3_canonical_user_id", "unique_id"})
_PRINCIPAL_BY_ID = ("aws_canonical_user_id.", "aws_organizations_account.", "aws_caller_identity.")


def attribute(hole: Unknown) -> str | None:
    """The name of the AWS resource attribute that ``hole`` is, where it is exactly one."""
    reference = hole.reference
    if reference is None or not reference.path or ".aws_" not in f".{reference.address}":
        return None
    last = reference.path[-1]
    return last if isinstance(last, str) else None


def is_fixed(hole: Unknown) -> bool:
    """Whether ``hole`` is an attribute of a resource that is one value without wildcard or variable."""
    return attribute(hole) in _FIXED


def names_principal(hole: Unknown) -> bool:
    """Whether ``hole`` is certain to name one principal: an ARN or account id of some resource."""
    name = attribute(hole)
    address = hole.reference.address if hole.reference else ""
    return name in _PRINCIPAL or (name == "id" and any(kind in address for kind in _PRINCIPAL_BY_ID))


def holes_are_fixed(leaf: Leaf) -> bool:
    """Whether every hole of ``leaf`` is such a fixed attribute."""
    parts = leaf.parts if isinstance(leaf, Template) else (leaf,)
    return all(is_fixed(part) for part in parts if isinstance(part, Unknown))
