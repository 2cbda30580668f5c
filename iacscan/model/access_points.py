"""Access points and multi-Region access points: other doors to a bucket, with policies and blocks of their own.

Their public access block is all on unless it is written otherwise, and cannot be changed later; the provider
sends a setting that is left out as true, the opposite of a bucket's block. One whose network origin is a VPC
is never public. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-bpa-settings.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from iacscan.aws.judgements.access_points import is_public_access_point
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.policy import Policy, Statement
from iacscan.aws.reach.bucket import AccessPoint, Guards
from iacscan.core import Evidence, Origin, Reference, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.access import FLAGS
from iacscan.model.accounts import holders, own_accounts
from iacscan.model.joins import Directory, is_live
from iacscan.model.parts import Part, Source, known_or_omitted, plain
from iacscan.model.policy import document
from iacscan.model.reach import FIELDS as REACH_FIELDS
from iacscan.model.reach import NO_POINTS, AccessPoints, Doors, Reach
from iacscan.model.subject import Built, Subject

FIELDS: Mapping[str, Any] = {
    "name": None,
    "bucket": None,
    "vpc": None,
    "exposed": None,
    "policy": {"declared": None, "public": None},
    "public_access_block": {**dict.fromkeys(FLAGS), "all_on": None},
    "reach": REACH_FIELDS,
}
"""The names of the facts of an access point, as a tree."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one resource type writes an access point: where its name, block and policy stand."""

    name: tuple[str | int, ...]
    block: tuple[str | int, ...]
    policy_type: str
    policy_of: tuple[str | int, ...]
    policy: tuple[str | int, ...]


FORMS: Mapping[str, Form] = {
    "aws_s3_access_point": Form(
        ("name",),
        ("public_access_block_configuration",),
        "aws_s3control_access_point_policy",
        ("access_point_arn",),
        ("policy",),
    ),
    "aws_s3control_multi_region_access_point": Form(
        ("details", 0, "name"),
        ("details", 0, "public_access_block"),
        "aws_s3control_multi_region_access_point_policy",
        ("details", 0, "name"),
        ("details", 0, "policy"),
    ),
}


def build_access_points(configuration: Configuration) -> Built:
    """A subject for each access point and multi-Region access point of ``configuration``."""
    live = [item for item in configuration.resources if item.mode == "managed" and is_live(item)]
    points = [item for item in live if item.type in FORMS]
    policies = {form.policy_type: [item for item in live if item.type == form.policy_type] for form in FORMS.values()}
    return Built(tuple(_subject(point, policies[FORMS[point.type].policy_type], points) for point in points))


def _subject(point: Resource, policies: Sequence[Resource], points: Sequence[Resource]) -> Subject:
    form, source = FORMS[point.type], Source(point)
    name = plain(source.get(*form.name))
    vpc = _vpc(source)
    arn = _placeholder(point, name)
    policy, parsed = _policy(point, form, policies, points, arn, vpc)
    block = _block(source, form)
    own = (Origin(point.address),)
    reach = _reach(policy, block, parsed, _arn_in(parsed, name) or arn)
    exposed = _exposed(policy, block, own)
    parts = {"policy": policy, "public_access_block": block, "reach": reach, "exposed": exposed}
    evidence = {
        f"{slot}.{path}" if path else slot: said for slot, part in parts.items() for path, said in part.evidence.items()
    }
    facts: dict[str, Any] = {"name": name, "bucket": plain(point.values.get("bucket")), "vpc": vpc}
    facts |= {"policy": policy.facts, "public_access_block": block.facts, "reach": reach.facts}
    facts["exposed"] = exposed.facts["value"]
    origins = {"": own, **{slot: part.origins or own for slot, part in parts.items()}}
    change = point.change.value if point.change else None
    return Subject("access-point", point.address, point.type, facts, origins, evidence, change)


def attached_points(configuration: Configuration, book: Directory) -> Callable[[str | Reference], AccessPoints]:
    """The access points of each bucket: by its address, or by its name or reference where it is not in the input."""
    live = [item for item in configuration.resources if item.mode == "managed" and is_live(item)]
    points = [item for item in live if item.type in FORMS]
    policies = {form.policy_type: [item for item in live if item.type == form.policy_type] for form in FORMS.values()}
    if not points:
        return lambda _: NO_POINTS
    accounts = own_accounts(configuration)
    whose = holders(configuration, accounts)
    found: dict[str | Reference, list[tuple[AccessPoint, tuple[Origin, ...]]]] = {}
    for item in points:
        point, places = _attached(item, policies[FORMS[item.type].policy_type], points, accounts.get(item.provider))
        made = replace(point, holder=whose(item.provider)), places
        for match in map(book.match, _buckets(item)):
            elsewhere = [key for key in (match.name, match.elsewhere) if key is not None and match.why is None]
            for key in (*match.certain, *elsewhere):
                found.setdefault(key, []).append(made)
    whole = {
        key: AccessPoints(tuple(point for point, _ in made), tuple(place for _, places in made for place in places))
        for key, made in found.items()
    }
    return lambda key: whole.get(key, NO_POINTS)


def _attached(
    point: Resource, policies: Sequence[Resource], points: Sequence[Resource], account: str | None
) -> tuple[AccessPoint, tuple[Origin, ...]]:
    """What ``point`` is to its bucket; ``account``: that of its provider."""
    form, source = FORMS[point.type], Source(point)
    name, vpc = plain(source.get(*form.name)), _vpc(source)
    account = _account_of(source, account)
    arn = _placeholder(point, name).replace("<account>", account or "<account>")
    policy, parsed = _policy(point, form, policies, points, arn, vpc)
    restrict = _block(source, form).facts["restrict_public_buckets"]
    label = name if isinstance(name, str) else point.address
    known = isinstance(point.values.get("arn"), str)
    written = arn if known else _arn_in(parsed, name) or arn
    made = AccessPoint(
        label, point.address, written, parsed, policy.facts["public"], restrict, known, account, _vpc_id(source, vpc)
    )
    return made, policy.origins


def _account_of(source: Source, account: str | None) -> str | None:
    """Whose it is: another account may own it, where one is written."""
    written = source.optional("account_id")
    if isinstance(written, str):
        return written
    return account


def _vpc_id(source: Source, vpc: Ternary) -> str | Unknown | None:
    if vpc is False:
        return None
    found = plain(source.get("vpc_configuration", 0, "vpc_id")) if vpc is True else vpc
    return found if isinstance(found, str | Unknown) else Unknown("its VPC is not known")


def _buckets(point: Resource) -> Iterable[Value]:
    """What names its bucket, or the buckets of a multi-Region access point."""
    if point.type == "aws_s3_access_point":
        return [point.named_by("bucket")]
    regions = Source(point).get("details", 0, "region")
    return [item.get("bucket") for item in regions if isinstance(item, dict)] if isinstance(regions, list) else []


def _vpc(source: Source) -> Ternary:
    """Whether the network origin is a VPC; multi-Region access points are never that."""
    written = source.optional("vpc_configuration")
    if isinstance(written, Unknown):
        return written
    return bool(written)


def _placeholder(point: Resource, name: Any) -> str:
    """The ARN, or one that nothing else has."""
    arn = point.values.get("arn")
    stand_in = name if isinstance(name, str) else "<" + re.sub(r"[^\w.-]", "_", point.address) + ">"
    return arn if isinstance(arn, str) and arn else f"arn:aws:s3:<region>:<account>:accesspoint/{stand_in}"


def _arn_in(policy: Policy | Unknown | None, name: Any) -> str | None:
    """The ARN as the policy writes it: region, account and alias are not known before the access point is there."""
    if not isinstance(policy, Policy):
        return None
    called = rf"{re.escape(name)}|" if isinstance(name, str) else ""
    pattern = re.compile(rf"arn:[^:]*:s3:[^:]*:[^:]*:accesspoint/({called}\w+\.mrap)(?=/|$)")
    for statement in policy.statements:
        for leaf in (statement.resources or ()) if isinstance(statement, Statement) else ():
            found = pattern.match(leaf) if isinstance(leaf, str) else None
            if found:
                return found[0]
    return None


def _policy(
    point: Resource, form: Form, policies: Sequence[Resource], points: Sequence[Resource], arn: str, vpc: Ternary
) -> tuple[Part, Policy | Unknown | None]:
    """The facts of the policy, and the policy: inline or of a resource of its own."""
    source, path, doubt = _written(point, form, policies, points)
    if doubt is not None:
        sentence = Evidence(f"whether it has a policy is not known: {doubt}")
        return Part({"declared": doubt, "public": doubt}, (), {"": (sentence,)}), doubt
    text = source.optional(*path) if source is not None else None
    bound = {Reference(point.address, ("arn",)): arn, Reference(point.address, ("id",)): arn}
    parsed = document(text, bound)
    if source is None or parsed is None or text == "{}":
        return Part({"declared": False, "public": False}, (), {"": (Evidence("it has no policy"),)}), None
    origin = source.origin(*path)
    judged = is_public_access_point(parsed)
    public = conjunction([judged.value, negation(vpc)])
    said = [Evidence(item.text, item.origin or origin, item.inside) for item in judged.evidence]
    if vpc is True:
        said.append(Evidence("its network origin is a VPC: such an access point is never public", origin))
    return Part({"declared": True, "public": public}, (origin,), {"public": tuple(said)}), parsed


def _written(
    point: Resource, form: Form, policies: Sequence[Resource], points: Sequence[Resource]
) -> tuple[Source | None, tuple[str | int, ...], Unknown | None]:
    """Which resource writes the policy, and where in it; or why that is not known."""
    meant = [(item, _means(Source(item).get(*form.policy_of), item, form, point, points)) for item in policies]
    certain = [item for item, term in meant if term is True]
    if certain:
        return Source(certain[0]), form.policy, None
    doubts = [term for _, term in meant if isinstance(term, Unknown)]
    if doubts:
        return None, (), merge_unknown(doubts)
    inline = Source(point, inline=True) if point.type == "aws_s3_access_point" and point.writes("policy") else None
    return inline, ("policy",), None


def _means(value: Value, policy: Resource, form: Form, point: Resource, points: Iterable[Resource]) -> Ternary:
    """Whether what a policy resource names is ``point``."""
    if len(form.policy_of) == 1:
        value = policy.named_by(str(form.policy_of[0]))
    if isinstance(value, str):
        name = Source(point).get(*form.name)
        if isinstance(name, str):
            return value == name or value.endswith((f"accesspoint/{name}", f":{name}"))
        return merge_unknown(unknowns(name))
    named = {reference.address for unknown in unknowns(value) for reference in unknown.references}
    mine = [other.address for other in points if other.address in named]
    if mine:
        return (
            mine == [point.address] if len(mine) == 1 or point.address not in mine else merge_unknown(unknowns(value))
        )
    return merge_unknown(unknowns(value)) if value is not None else False


def _block(source: Source, form: Form) -> Part:
    """The four settings: on unless they are written off."""
    origin = source.origin(*form.block)
    written = source.optional(*form.block)
    block = written[0] if isinstance(written, list) and written else written
    flags: dict[str, Any] = dict.fromkeys(FLAGS, True)
    if isinstance(block, Unknown):
        flags = dict.fromkeys(FLAGS, block)
    elif isinstance(block, dict):
        for flag in FLAGS:
            value = known_or_omitted(block.get(flag))
            flags[flag] = True if value is None else plain(value)
    said = [Evidence(f"{flag} is false", source.origin(*form.block, 0, flag)) for flag in FLAGS if flags[flag] is False]
    said += [
        Evidence(f"{flag} is not known: {value}", origin) for flag, value in flags.items() if isinstance(value, Unknown)
    ]
    said = said or [Evidence("all four settings are on", source.origin())]
    places = tuple(item.origin for item in said if item.origin is not None)
    return Part({**flags, "all_on": conjunction(flags.values())}, places, {"": tuple(said)})


def _reach(policy: Part, block: Part, parsed: Policy | Unknown | None, arn: str) -> Part:
    restrict = block.facts["restrict_public_buckets"]
    public = conjunction([policy.facts["public"], negation(restrict)])
    facts = {"public": public, "by_policy": public, "by_acl": False, "by_access_point": False}
    doors = Doors(arn, parsed, None, Guards(False, True, restrict))
    said = policy.evidence.get("public", policy.evidence.get("", ()))
    return Part(Reach(facts, doors), policy.origins, {"": said})


def _exposed(policy: Part, block: Part, own: tuple[Origin, ...]) -> Part:
    """Whether the policy is public or the block has a setting off, with the place that decides first."""
    public, off = policy.facts["public"], negation(block.facts["all_on"])
    value = disjunction([public, off])
    first = (policy, block) if public is True or (off is not True and isinstance(public, Unknown)) else (block, policy)
    origins = tuple(place for part in first for place in part.origins) or own
    said = tuple(
        item for part in (policy, block) for item in (*part.evidence.get("", ()), *part.evidence.get("public", ()))
    )
    return Part({"value": value}, origins, {"": said})
