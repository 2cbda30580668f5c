"""Objects that Terraform uploads: an ACL of their own can open them, whatever the bucket says."""

from __future__ import annotations

from typing import Any

from iacscan.core import Evidence, Origin
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.access import ACL_ABSENT, acl_of_values
from iacscan.model.joins import is_live
from iacscan.model.parts import Source, plain
from iacscan.model.relations import OBJECT_TYPES
from iacscan.model.subject import Built, Subject

FIELDS: dict[str, Any] = {"bucket": None, "key": None, "acl": dict.fromkeys(ACL_ABSENT.facts)}
"""The names of the facts of an object, as a tree."""


def build_objects(configuration: Configuration) -> Built:
    """A subject for each ``aws_s3_object``, ``aws_s3_bucket_object`` and ``aws_s3_object_copy``."""
    return Built(
        tuple(
            _object(resource)
            for resource in configuration.resources
            if resource.type in OBJECT_TYPES and resource.mode == "managed" and is_live(resource)
        )
    )


def _object(resource: Resource) -> Subject:
    acl = acl_of_values(Source(resource))
    own = (Origin(resource.address),)
    facts = {"bucket": plain(resource.values.get("bucket")), "key": plain(resource.values.get("key")), "acl": acl.facts}
    evidence: dict[str, tuple[Evidence, ...]] = {"acl": acl.evidence[""]}
    change = resource.change.value if resource.change else None
    return Subject(
        "object", resource.address, resource.type, facts, {"": own, "acl": acl.origins or own}, evidence, change
    )
