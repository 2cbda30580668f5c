"""Objects that Terraform uploads: an ACL of their own can open them, whatever the bucket says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.core import Evidence, Origin, Ternary
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.access import ACL_ABSENT, acl_of_values
from iacscan.model.by_bucket import ByBucket
from iacscan.model.exposure import public_acl
from iacscan.model.joins import Directory, is_live
from iacscan.model.parts import Part, Source, plain
from iacscan.model.relations import OBJECT_TYPES
from iacscan.model.subject import Built, Subject

FIELDS: dict[str, Any] = {"bucket": None, "key": None, "acl": dict.fromkeys(ACL_ABSENT.facts)}
"""The names of the facts of an object, as a tree."""


def build_objects(configuration: Configuration) -> Built:
    """A subject for each ``aws_s3_object``, ``aws_s3_bucket_object`` and ``aws_s3_object_copy``."""
    return Built(tuple(map(_object, _live_objects(configuration))))


def _object(resource: Resource) -> Subject:
    acl = acl_of_values(Source(resource))
    own = (Origin(resource.address),)
    facts = {"bucket": plain(resource.values.get("bucket")), "key": plain(resource.values.get("key")), "acl": acl.facts}
    evidence: dict[str, tuple[Evidence, ...]] = {"acl": acl.evidence[""]}
    change = resource.change.value if resource.change else None
    return Subject(
        "object", resource.address, resource.type, facts, {"": own, "acl": acl.origins or own}, evidence, change
    )


OBJECTS_ABSENT = Part({"declared": False, "public": False})


def contents(objects: ByBucket[Resource], address: str) -> Part:
    """The objects that Terraform uploads to the bucket at ``address``: whether there are any, and a public one."""
    found = [
        (resource, conjunction([surely, _exists(resource)]), acl_of_values(Source(resource)))
        for resource, surely in objects.of(address)
    ]
    if not found:
        return OBJECTS_ABSENT
    public = disjunction(conjunction([surely, public_acl(acl.facts["grants"])]) for _, surely, acl in found)
    declared = disjunction(surely for _, surely, _ in found)
    wide = [(resource, acl) for resource, _, acl in found if public_acl(acl.facts["grants"]) is not False]
    evidence = tuple(
        Evidence(f"{resource.address}: {item.text}", item.origin) for resource, acl in wide for item in acl.evidence[""]
    )
    return Part(
        {"declared": declared, "public": public}, tuple(Origin(item.address) for item, _ in wide), {"public": evidence}
    )


def _exists(resource: Resource) -> Ternary:
    return True if resource.existence is None else resource.existence.waits


def uploads(configuration: Configuration, book: Directory) -> ByBucket[Resource]:
    """The objects of ``configuration`` by the bucket that they are put into."""
    return ByBucket((resource, book.match(resource.named_by("bucket"))) for resource in _live_objects(configuration))


def _live_objects(configuration: Configuration) -> Iterator[Resource]:
    return (
        resource
        for resource in configuration.resources
        if resource.type in OBJECT_TYPES and resource.mode == "managed" and is_live(resource)
    )
