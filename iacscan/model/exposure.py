"""Whether strangers get in, once ownership and the public access block are counted.

A public policy works unless RestrictPublicBuckets is on; a public ACL works where ACLs count and
IgnorePublicAcls is off. The two ``block_*`` settings only refuse new writes:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html .
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iacscan.core import Evidence, Ternary, Unknown
from iacscan.model.access import AUDIENCE
from iacscan.model.parts import Part

ENFORCED = "BucketOwnerEnforced"


def exposure(acl: Part, ownership: Part, block: Part, policy: Part) -> Part:
    """``reach.public`` and the ways in, from the four parts that decide it."""
    by_policy = _both(
        policy.facts["public"], flag_off(block.facts["restrict_public_buckets"], "restrict_public_buckets")
    )
    by_acl = _both(public_acl(acl.facts["grants"]), acls_count(ownership.facts["object_ownership"]))
    by_acl = _both(by_acl, flag_off(block.facts["ignore_public_acls"], "ignore_public_acls"))
    evidence: list[Evidence] = []
    for way, value, part in (("bucket policy", by_policy, policy), ("ACL", by_acl, acl)):
        if value is True:
            evidence.append(Evidence(f"reachable through its {way}"))
        elif isinstance(value, Unknown):
            evidence.append(Evidence(f"whether its {way} lets strangers in is not known: {value}"))
        if value is not False:
            evidence.extend(part.evidence.get("public", part.evidence.get("", ())))
    evidence = evidence or [Evidence("neither its policy nor its ACL lets strangers in")]
    origins = (*(policy.origins if by_policy is not False else ()), *(acl.origins if by_acl is not False else ()))
    facts = {"public": _either(by_policy, by_acl), "by_policy": by_policy, "by_acl": by_acl}
    return Part(facts, origins, {"": tuple(evidence)})


def public_acl(grants: Any) -> Ternary:
    """Whether one of ``grants`` is to everyone or to every AWS account."""
    if isinstance(grants, Unknown):
        return grants
    doubt: Ternary = False
    for grant in grants:
        group = grant["group"] if isinstance(grant, Mapping) else grant
        if isinstance(group, Unknown):
            doubt = group
        elif group in AUDIENCE:
            return True
    return doubt


def acls_count(ownership: Any) -> Ternary:
    """Whether ACLs count under this object ownership; ``None`` is none declared."""
    if isinstance(ownership, Unknown):
        return ownership
    if ownership is None:
        return Unknown(f"no object ownership is declared ({ENFORCED} on new buckets, older ones may lack it)")
    return bool(ownership != ENFORCED)


def flag_off(flag: Any, name: str) -> Ternary:
    """Whether the setting ``name`` of the public access block is off; ``None`` is none declared."""
    if flag is None:
        return Unknown(f"no public access block is declared ({name} is on for new buckets, older ones may lack it)")
    return flag if isinstance(flag, Unknown) else not flag


def _both(left: Ternary, right: Ternary) -> Ternary:
    if left is False or right is False:
        return False
    return left if isinstance(left, Unknown) else right


def _either(left: Ternary, right: Ternary) -> Ternary:
    if left is True or right is True:
        return True
    return left if isinstance(left, Unknown) else right
