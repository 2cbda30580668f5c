"""What CloudTrail trails record: calls that change buckets, and reads and writes of objects.

Data events are never recorded unless a selector asks for them:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html .
Values of basic selectors are prefixes of object ARNs; a trail of one Region records that Region only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.arns import without_partition
from iacscan.aws.policies.holes import bind, spelled
from iacscan.aws.policies.patterns import Leaf, Pattern, Wild, compile_pattern, matches, pattern_of
from iacscan.core import Evidence, Reference, Template, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.accounts import ANOTHER_PROVIDER, Accounts
from iacscan.model.parts import Part, Source, items, known_or_omitted
from iacscan.model.references import Things, flag

TRAIL = "aws_cloudtrail"
STORE = "aws_cloudtrail_event_data_store"
OBJECTS = "AWS::S3::Object"
_S3 = "s3.amazonaws.com"
_OF_DATA = {"eventCategory": "Data", "resources.type": OBJECTS, "eventSource": _S3, "eventType": "AwsApiCall"}
_OF_MANAGEMENT = {"eventCategory": "Management", "readOnly": "false", "eventSource": _S3}
"""What every event of a call on an object has, and of one that changes a bucket."""
_READ_TYPES = ("All", "ReadOnly")
_WRITE_TYPES = ("All", "WriteOnly")

TRACKING_ABSENT = Part(
    {"present": False, "reads": False, "writes": False},
    evidence={"": (Evidence("no trail is in the input"),)},
)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The arguments by which a kind of trail records all Regions, and all accounts of the organization."""

    anywhere: str
    everyone: str


_BY_TYPE = {
    TRAIL: _Scope("is_multi_region_trail", "is_organization_trail"),
    STORE: _Scope("multi_region_enabled", "organization_enabled"),
}


@dataclass(frozen=True, slots=True)
class Tracked:
    """The bucket that is asked about: its ARN, what references stand for, and the accounts of provider configurations.

    ``late`` is what its name waits for, where another text may turn out to be that name; ``spelling`` is the name
    as it is written, where that has holes that each are one attribute.
    """

    resource: Resource
    arn: str
    bound: Mapping[Reference, str]
    accounts: Accounts
    late: Unknown | None = None
    spelling: Template | None = None

    def read(self, value: Value) -> Value:
        """``value`` with the bucket's name where it refers to the bucket, or spells its name as it does."""
        name = self.arn.partition(":::")[2]
        return bind(value if self.spelling is None else spelled(value, self.spelling, name), self.bound)


def has_trails(things: Things) -> bool:
    """Whether the input holds anything that records events."""
    return bool(things.of(TRAIL, STORE))


def tracking(things: Things, bucket: Tracked) -> Part:
    """Whether some trail records reads, and some trail writes, of every object in ``bucket``."""
    trails = things.of(TRAIL, STORE)
    if not trails:
        return TRACKING_ABSENT
    judged = [(trail, _records(trail, bucket, False), _records(trail, bucket, True)) for trail in trails]
    facts = {
        "present": True,
        "reads": disjunction(reads for _, reads, _ in judged),
        "writes": disjunction(writes for _, _, writes in judged),
    }
    sentences = tuple(
        Evidence(f"{trail.address} {_said(reads, writes)}", Source(trail).origin()) for trail, reads, writes in judged
    )
    return Part(facts, tuple(item.origin for item in sentences if item.origin), {"": sentences})


def _said(reads: Ternary, writes: Ternary) -> str:
    if reads is False and writes is False:
        return "does not record reads or writes of its objects"
    if isinstance(reads, Unknown) or isinstance(writes, Unknown):
        return f"may record its objects: {reads if isinstance(reads, Unknown) else writes}"
    recorded = "reads and writes" if reads and writes else "reads only" if reads else "writes only"
    return f"records {recorded} of its objects"


def _records(trail: Resource, bucket: Tracked, writes: bool) -> Ternary:
    source = Source(trail)
    on = flag(trail, "enable_logging", True) if trail.type == TRAIL else negation(flag(trail, "suspend", False))
    chosen: list[Ternary] = []
    for name, judge in (("event_selector", _basic), ("advanced_event_selector", _advanced)):
        blocks = source.optional(name)
        if isinstance(blocks, Unknown):
            chosen.append(blocks)
        chosen += [judge(block, bucket, writes) for block in items(blocks)]
    return conjunction([on, disjunction(chosen), _in_account(trail, bucket), _in_region(trail, bucket.resource)])


def _in_account(trail: Resource, bucket: Tracked) -> Ternary:
    """Whether the trail is one of the bucket's account, or of its organization: it records nobody else's events."""
    same = bucket.accounts.same(bucket.resource.provider, trail.provider)
    if isinstance(same, Unknown):
        same = Unknown(f"whether {trail.address} is in the account of the bucket: {same}")
    return disjunction([same, flag(trail, _BY_TYPE[trail.type].everyone, False)])


def _in_region(trail: Resource, bucket: Resource) -> Ternary:
    """Whether the trail records the bucket's Region; provider 6 lets each resource name its own."""
    anywhere = flag(trail, _BY_TYPE[trail.type].anywhere, trail.type == STORE)
    ours, theirs = _region(bucket), _region(trail)
    if isinstance(ours, str) and isinstance(theirs, str):
        same: Ternary = ours == theirs
    elif _names_region(bucket) or _names_region(trail):
        same = ours == theirs and isinstance(ours, Unknown) and ours.reference is not None
        same = same or Unknown(f"whether {trail.address} records the Region of the bucket: not both say their own")
    else:
        same = trail.provider == bucket.provider
        same = same or Unknown(f"whether {trail.address} records the Region of the bucket: {ANOTHER_PROVIDER}")
    return disjunction([anywhere, same])


def _region(resource: Resource) -> Value:
    """The Region of a bucket or trail where it says one; what exists has it in its ARN, too."""
    written = resource.values.get("region")
    arn = resource.values.get("arn")
    by_arn = arn.split(":")[3] if isinstance(arn, str) and arn.count(":") > 3 else ""
    return written if isinstance(written, str) else by_arn or written


def _names_region(resource: Resource) -> bool:
    return resource.writes("region") and known_or_omitted(resource.values.get("region")) is not None


def _basic(selector: Value, bucket: Tracked, writes: bool) -> Ternary:
    if not isinstance(selector, dict):
        return merge_unknown(unknowns(selector))
    kind = selector.get("read_write_type")
    wanted: Ternary = True
    if isinstance(kind, Unknown):
        wanted = kind if kind.references else True
    elif isinstance(kind, str):
        wanted = kind in (_WRITE_TYPES if writes else _READ_TYPES)
    blocks = selector.get("data_resource")
    if isinstance(blocks, Unknown):
        return conjunction([wanted, blocks])
    return conjunction([wanted, disjunction(_data_resource(block, bucket) for block in items(blocks))])


def _data_resource(block: Value, bucket: Tracked) -> Ternary:
    if not isinstance(block, dict):
        return merge_unknown(unknowns(block))
    kind, values = block.get("type"), block.get("values")
    typed = kind if isinstance(kind, Unknown) else kind == OBJECTS
    listed = values if isinstance(values, Unknown) else disjunction(_begins(item, bucket) for item in items(values))
    return conjunction([typed, listed])


def _begins(value: Value, bucket: Tracked) -> Ternary:
    """Whether every object of the bucket has an ARN that begins with ``value``."""
    leaf: Any = bucket.read(value)
    if not isinstance(leaf, str | Unknown | Template):
        return False
    holes = [reference for hole in unknowns(leaf) for reference in hole.references]
    if (
        holes
        and all("aws_s3_bucket." in item.address for item in holes)
        and bucket.resource.address not in _addresses(holes)
    ):
        return False
    found = matches(_prefix(without_partition(leaf)), f"{bucket.arn}/")
    # The name that is not known yet may turn out to be the one that is written here.
    return bucket.late if found is False and not holes and bucket.late is not None else found


def _addresses(references: Iterable[Reference]) -> set[str]:
    return {item.address for item in references}


def _prefix(leaf: Leaf) -> Pattern:
    found = compile_pattern(leaf, wild=False)
    return pattern_of((*found.tokens, Wild.MANY), found.doubt)


def _advanced(selector: Value, bucket: Tracked, writes: bool) -> Ternary:
    """All conditions of one advanced selector have to hold."""
    fields = selector.get("field_selector") if isinstance(selector, dict) else selector
    if isinstance(fields, Unknown):
        return fields
    listed = [item if isinstance(item, dict) else {"field": item} for item in items(fields)]
    of_objects = disjunction(_is_type(item.get("field")) for item in listed)
    return conjunction([of_objects, *(_field(item, bucket, writes) for item in listed)])


def _is_type(field: Value) -> Ternary:
    return merge_unknown(unknowns(field)) if isinstance(field, Unknown | Template) else field == "resources.type"


def _field(item: Mapping[str, Value], bucket: Tracked, writes: bool) -> Ternary:
    field, equals = item.get("field"), item.get("equals")
    if not isinstance(field, str):
        return merge_unknown(unknowns(field))
    if field == "resources.ARN":
        return _arn_field(item, bucket)
    wanted = (_OF_DATA | {"readOnly": "false" if writes else "true"}).get(field)
    if wanted is not None and _listed(equals):
        return _lists(equals, wanted)
    if any(_listed(item.get(name)) for name in ("equals", "starts_with", "ends_with")):
        return False
    return Unknown(f"the selector leaves out some {field}")


def _lists(equals: Value, wanted: str) -> Ternary:
    return disjunction(value if isinstance(value, Unknown) else value == wanted for value in _listed(equals))


def _listed(value: Value) -> list[Value]:
    """The values of a condition: one that is not known, where the list as a whole waits for the apply."""
    return [value] if isinstance(value, Unknown) else items(value)


def _arn_field(item: Mapping[str, Value], bucket: Tracked) -> Ternary:
    """``resources.ARN``: the objects whose ARN begins so; what is left out may be of this bucket."""
    if items(item.get("equals")) or items(item.get("ends_with")):
        return False
    if late := [value for name in ("equals", "ends_with") if isinstance(value := item.get(name), Unknown)]:
        return merge_unknown(late)
    begins = _listed(item.get("starts_with"))
    inside: Ternary = disjunction(_begins(value, bucket) for value in begins) if begins else True
    spared = disjunction(_touches(value, bucket) for value in _listed(item.get("not_starts_with")))
    others = any(_listed(item.get(name)) for name in ("not_equals", "not_ends_with"))
    doubt: Ternary = Unknown("the selector leaves out some objects") if others else True
    return conjunction([inside, negation(spared), doubt])


def _touches(value: Value, bucket: Tracked) -> Ternary:
    leaf: Any = bucket.read(value)
    if isinstance(leaf, str) and str(without_partition(leaf)).startswith(f"{bucket.arn}/"):
        return True
    return _begins(value, bucket)


def records_management(trail: Resource) -> Ternary:
    """Whether a trail is switched on and records calls that change buckets."""
    source = Source(trail)
    basic, advanced = source.optional("event_selector"), source.optional("advanced_event_selector")
    doubts = [value for value in (basic, advanced) if isinstance(value, Unknown)]
    if doubts:
        return conjunction([flag(trail, "enable_logging", True), merge_unknown(doubts)])
    selectors = [item for item in items(basic) if isinstance(item, dict)]
    chosen: Ternary = not items(advanced)
    if selectors:
        chosen = disjunction(_basic_management(item) for item in selectors)
    elif items(advanced):
        chosen = disjunction(_advanced_management(item) for item in items(advanced))
    return conjunction([flag(trail, "enable_logging", True), chosen])


def _basic_management(selector: Mapping[str, Value]) -> Ternary:
    included, kind = selector.get("include_management_events"), selector.get("read_write_type")
    return conjunction(
        [
            item if isinstance(item, Unknown) else not isinstance(item, str) or item in ("All", "WriteOnly")
            for item in (kind,)
        ]
        + [included if isinstance(included, Unknown) else included is not False]
    )


def _advanced_management(selector: Value) -> Ternary:
    fields = selector.get("field_selector") if isinstance(selector, dict) else selector
    if isinstance(fields, Unknown):
        return fields
    equal = {item.get("field"): item.get("equals") for item in items(fields) if isinstance(item, dict)}
    asked = {
        name: value for name, value in _OF_MANAGEMENT.items() if name == "eventCategory" or _listed(equal.get(name))
    }
    return conjunction(_lists(equal.get(name), value) for name, value in asked.items())
