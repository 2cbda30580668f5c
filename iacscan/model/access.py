"""Readers of the parts that say who may come in: ACL, object ownership, public access block.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from typing import Any

from iacscan.aws.acl import Grant, canned_grants, group_of
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.core import Encoded, Evidence, Template, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Change, Resource
from iacscan.model.parts import Part, Source, items, known_or_omitted, plain, shown

FLAGS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
AUDIENCE = {"everyone": "everyone on the internet", "authenticated-users": "every AWS account in the world"}

READS = frozenset({"READ", "READ_ACP", "FULL_CONTROL"})
WRITES = frozenset({"WRITE", "WRITE_ACP", "FULL_CONTROL"})
QUESTIONS: dict[str, tuple[str, frozenset[str] | None]] = {
    "everyone_reads": ("everyone", READS),
    "everyone_writes": ("everyone", WRITES),
    "authenticated_users": ("authenticated-users", None),
}
"""What rules ask of grants: whether one gives a public group one of these permissions, or any."""

ACL_ABSENT = Part(
    {"declared": False, "canned": None, "grants": [], **dict.fromkeys(QUESTIONS, False)},
    evidence={"": (Evidence("no ACL is declared; AWS's default is private"),)},
)
OWNERSHIP_ABSENT = Part(
    {"declared": False, "object_ownership": None},
    evidence={"": (Evidence("no object ownership is declared; AWS's default for new buckets is BucketOwnerEnforced"),)},
)


def read_acl(source: Source) -> Part:
    """The grants of an ACL, canned or listed."""
    if source.inline:
        return _inline_acl(source)
    canned = _written_acl(source)
    # A canned ACL decides what Terraform writes; where nothing is written (state, no-op), the list shows the truth.
    settled = source.resource.change in (None, Change.UNCHANGED)
    if canned is not None and not settled:
        return _canned(source, canned)
    path = ("access_control_policy", 0, "grant")
    grants = source.optional(*path)
    if canned is not None and _is_empty(grants):
        return _canned(source, canned)
    if isinstance(grants, Unknown):
        return _unknown_grants(source, "access_control_policy", grants)
    return _listed(source, items(grants), path)


def acl_of_values(source: Source) -> Part:
    """The ACL of an object: its canned ACL, or the grants of a copied object."""
    canned = _written_acl(source)
    if canned is not None:
        return _canned(source, canned)
    grants = source.optional("grant")
    if isinstance(grants, Unknown):
        return _unknown_grants(source, "grant", grants)
    return ACL_ABSENT if _is_empty(grants) else _listed(source, items(grants), ("grant",))


def _written_acl(source: Source) -> Value:
    """The canned ACL; the provider notes an empty one where there are grants instead."""
    canned = source.optional("acl")
    return None if canned == "" else canned


def _is_empty(value: Value) -> bool:
    return value is None or value == []


def _inline_acl(source: Source) -> Part:
    written = source.resource
    if written.writes("grant") and not _is_empty(source.get("grant")):
        return acl_of_values(Source(_without(written, "acl"), inline=True))
    return acl_of_values(source) if written.writes("acl") else acl_of_values(Source(_without(written, "acl")))


def _without(resource: Resource, name: str) -> Resource:
    values = {key: value for key, value in resource.values.items() if key != name}
    return Resource(resource.address, resource.type, resource.name, values, declared=resource.declared)


def _canned(source: Source, canned: Value) -> Part:
    if not isinstance(canned, str):
        return _unknown_grants(source, "acl", canned)
    grants = canned_grants(canned)
    if grants is None:
        return _unknown_grants(source, "acl", Unknown(f"{canned!r} is not a canned ACL of AWS"))
    evidence = Evidence(f'the canned ACL is "{canned}"{_audiences(grants)}', source.origin("acl"))
    facts = _facts(canned, [_fact(grant) for grant in grants])
    return Part(facts, (source.origin("acl"),), {"": (evidence,)})


def _listed(source: Source, blocks: list[Value], path: tuple[str | int, ...]) -> Part:
    grants: list[Any] = []
    evidence: list[Evidence] = []
    deciding: dict[str, list[Evidence]] = {}
    origins = []
    owner = source.get("access_control_policy", 0, "owner", 0, "id")
    for index, block in enumerate(blocks):
        found = [_of_owner(grant, owner) for grant in _grants_of(block)]
        grants.extend(found)
        wide = [grant for grant in found if isinstance(grant, dict) and grant["group"] in AUDIENCE]
        for grant in wide:
            sentence = f"a grant gives {grant['permission']} to {AUDIENCE[grant['group']]}"
            evidence.append(Evidence(sentence, source.origin(*path, index)))
            for name in (name for name in QUESTIONS if _gives(grant, *QUESTIONS[name]) is True):
                deciding.setdefault(name, []).append(evidence[-1])
        if wide:
            origins.append(source.origin(*path, index))
    evidence = evidence or [Evidence("no grant of the ACL reaches a public group", source.origin(*path))]
    said = {name: tuple(found) for name, found in deciding.items()}
    return Part(_facts(None, grants), (*origins, source.origin(*path)), {**said, "": tuple(evidence)})


def _facts(canned: Any, grants: Any) -> dict[str, Any]:
    return {
        "declared": True,
        "canned": canned,
        "grants": grants,
        **{
            name: grants if isinstance(grants, Unknown) else disjunction(_gives(grant, *wanted) for grant in grants)
            for name, wanted in QUESTIONS.items()
        },
    }


def _gives(grant: Any, group: str, permissions: frozenset[str] | None) -> Ternary:
    """Whether ``grant`` gives ``group`` one of ``permissions``."""
    if isinstance(grant, Unknown):
        return grant
    to, what = grant["group"], grant["permission"]
    is_group = to if isinstance(to, Unknown) else to == group
    if permissions is None:
        return is_group
    return conjunction([is_group, what if isinstance(what, Unknown) else isinstance(what, str) and what in permissions])


def _of_owner(grant: Any, owner: Value) -> Any:
    """``grant`` with the bucket's owner called that, as in a canned ACL."""
    own = isinstance(owner, str) and isinstance(grant, dict) and grant["grantee"] == owner
    return {**grant, "grantee": "owner"} if own else grant


def _grants_of(block: Value) -> list[Any]:
    """The grants of one block: ``grantee`` nested (stand-alone) or flat with several permissions (inline)."""
    if not isinstance(block, dict):
        return [merge_unknown(unknowns(block))]
    nested = block.get("grantee")
    inner = nested[0] if isinstance(nested, list) and nested else nested
    if isinstance(inner, Unknown | Template | Encoded):
        return [plain(inner)]
    grantee = inner if isinstance(inner, dict) else block
    permissions = block.get("permissions", block.get("permission"))
    each = permissions if isinstance(permissions, list) else [permissions]
    group, who = _grantee(grantee)
    return [{"group": group, "grantee": who, "permission": plain(permission)} for permission in each]


def _grantee(grantee: dict[str, Value]) -> tuple[Any, Any]:
    """The public group of a grantee (None for one principal, unknown where it cannot be told), and who it is."""
    uri, identity = (known_or_omitted(grantee.get(key)) for key in ("uri", "id"))
    if grantee.get("type") == "Group" and not isinstance(uri, str):
        given = plain(grantee.get("uri"))
        who = given if isinstance(given, Unknown) else Unknown("the grantee's group is not given")
        return who, who
    if grantee.get("type") == "CanonicalUser" and isinstance(identity, Unknown | Template | Encoded):
        return None, plain(identity)
    for value in (uri, identity):
        if isinstance(value, Unknown | Template | Encoded):
            return plain(value), plain(value)
    if isinstance(uri, str) and uri:
        return group_of(uri), uri
    if isinstance(identity, str) and identity:
        return group_of(identity), identity
    return None, plain(grantee.get("email_address"))


def _unknown_grants(source: Source, attribute: str, value: Value) -> Part:
    unknown = merge_unknown(unknowns(value)) if not isinstance(value, Unknown) else value
    sentence = Evidence(f"{source.resource.address}.{attribute} is not known: {unknown}", source.origin(attribute))
    return Part(_facts(unknown, unknown), (source.origin(attribute),), {"": (sentence,)})


def _fact(grant: Grant) -> dict[str, Any]:
    return {"group": grant.group, "grantee": grant.grantee, "permission": grant.permission}


def _audiences(grants: tuple[Grant, ...]) -> str:
    wide = [f"{grant.permission} to {AUDIENCE[grant.group]}" for grant in grants if grant.group in AUDIENCE]
    return f": {', '.join(wide)}" if wide else ""


def read_ownership(source: Source) -> Part:
    """Object ownership; deleting the controls leaves a state that AWS does not document."""
    if source.resource.change is Change.DELETED:
        why = Unknown(f"{source.resource.address} is deleted; AWS does not document what then applies")
        sentence = Evidence(str(why), source.origin())
        return Part({"declared": why, "object_ownership": why}, (source.origin(),), {"": (sentence,)})
    value = plain(source.get("rule", 0, "object_ownership"))
    origin = source.origin("rule", 0, "object_ownership")
    sentence = Evidence(f"object ownership is {shown(value)}", origin)
    return Part({"declared": value is not None, "object_ownership": value}, (origin,), {"": (sentence,)})


def read_flags(resource: Resource) -> dict[str, Any]:
    """The four settings of a public access block, bucket or account; one left out is sent as false."""
    source = Source(resource)
    return {flag: False if (value := plain(source.get(flag))) is None else value for flag in FLAGS}
