"""What the attribute that a hole refers to tells about the hole: an ARN of a resource holds no wildcard."""

from __future__ import annotations

from collections.abc import Callable

from iacscan.aws.policies.patterns import Leaf
from iacscan.core import Template, Ternary, Unknown, merge_unknown

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
_NUMBER = "000000000000"
_STAND_INS = {
    "account_id": _NUMBER,
    "arn": f"arn:aws:service:region:{_NUMBER}:resource",
    "master_account_id": _NUMBER,
    "organization_id": "o-0000000000",
    "owner_id": _NUMBER,
    "unique_id": "AROA00000000000000000",
}
_STAND_INS_BY_TYPE = {
    "aws_caller_identity.": {"id": _NUMBER},
    "aws_organizations_account.": {"id": _NUMBER},
    "aws_organizations_organization.": {"id": "o-0000000000"},
    "aws_s3_bucket.": {"arn": "arn:aws:s3:::bucket"},
}
_OWN_VARIABLES = ("${aws:resourceaccount}", "${aws:resourceorgid}")
_ACCOUNT_BY_ID = ("aws_organizations_account.", "aws_caller_identity.")
_PRINCIPAL_BY_ID = ("aws_canonical_user_id.", *_ACCOUNT_BY_ID)


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
    return attribute(hole) in _PRINCIPAL or _is_id_of(hole, _PRINCIPAL_BY_ID)


def names_account(hole: Unknown) -> bool:
    """Whether ``hole`` is certain to be the id of an account, whosever that is."""
    return attribute(hole) == "account_id" or _is_id_of(hole, _ACCOUNT_BY_ID)


def _is_id_of(hole: Unknown, kinds: tuple[str, ...]) -> bool:
    address = hole.reference.address if hole.reference else ""
    return attribute(hole) == "id" and any(kind in address for kind in kinds)


def holes_are_fixed(leaf: Leaf) -> bool:
    """Whether every hole of ``leaf`` is such a fixed attribute."""
    parts = leaf.parts if isinstance(leaf, Template) else (leaf,)
    return all(is_fixed(part) for part in parts if isinstance(part, Unknown))


def is_own_variable(text: str) -> bool:
    """Whether ``text`` is the policy variable for the account or the organization that the resource itself is of."""
    return text.lower() in _OWN_VARIABLES


def asked_of_text(leaf: Leaf, question: Callable[[str], Ternary]) -> Ternary:
    """The answer to a question about ``leaf`` as a text; holes get a text in their place.

    A hole that is a fixed attribute gets one of its form. Any other one may be a wildcard, too: what is so with a
    wildcard is so, and everything else is not known.
    """
    if isinstance(leaf, str):
        return question(leaf)
    parts = leaf.parts if isinstance(leaf, Template) else (leaf,)
    holes = [part for part in parts if isinstance(part, Unknown)]
    answer = question("".join(part if isinstance(part, str) else _stand_in(part) for part in parts))
    return answer if answer is True or all(map(is_fixed, holes)) else merge_unknown(holes)


def _stand_in(hole: Unknown) -> str:
    name, address = attribute(hole), hole.reference.address if hole.reference else ""
    if name not in _FIXED:
        return "*"
    by_type = next((texts for kind, texts in _STAND_INS_BY_TYPE.items() if f".{kind}" in f".{address}"), {})
    return by_type.get(name) or _STAND_INS.get(name, "fixed")
