"""Which Terraform resource configures which part of a bucket; one table for every join.

Since provider v4 a bucket is written as ``aws_s3_bucket`` plus stand-alone resources that name it;
the deprecated inline arguments of ``aws_s3_bucket`` say the same things. Supporting another resource
is one row here and one reader in :mod:`iacscan.model.bucket`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BUCKET = "aws_s3_bucket"
OBJECT_TYPES = ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy")
ACCOUNT_BLOCK = "aws_s3_account_public_access_block"


class Removal(StrEnum):
    """What AWS is left with when Terraform deletes the resource (facts seen in the provider's requests)."""

    GONE = "gone"
    KEPT = "kept"
    UNDOCUMENTED = "undocumented"


@dataclass(frozen=True, slots=True)
class Relation:
    """``type`` fills ``slot`` of the bucket that its ``key`` attribute names."""

    type: str
    slot: str
    removal: Removal = Removal.GONE
    key: str = "bucket"


RELATIONS: tuple[Relation, ...] = (
    Relation("aws_s3_bucket_acl", "acl", Removal.KEPT),
    Relation("aws_s3_bucket_ownership_controls", "ownership", Removal.UNDOCUMENTED),
    Relation("aws_s3_bucket_public_access_block", "public_access_block"),
    Relation("aws_s3_bucket_policy", "policy"),
    Relation("aws_s3_bucket_server_side_encryption_configuration", "encryption"),
    Relation("aws_s3_bucket_versioning", "versioning"),
    Relation("aws_s3_bucket_logging", "logging"),
    Relation("aws_s3_bucket_website_configuration", "website"),
    Relation("aws_s3_bucket_object_lock_configuration", "object_lock"),
    Relation("aws_s3_bucket_lifecycle_configuration", "lifecycle"),
    Relation("aws_s3_bucket_cors_configuration", "cors"),
    Relation("aws_s3_bucket_notification", "notification"),
    Relation("aws_s3_bucket_replication_configuration", "replication"),
)

BY_TYPE = {relation.type: relation for relation in RELATIONS}

INLINE: dict[str, tuple[str, ...]] = {
    "acl": ("acl", "grant"),
    "policy": ("policy",),
    "encryption": ("server_side_encryption_configuration",),
    "versioning": ("versioning",),
    "logging": ("logging",),
    "website": ("website",),
    "object_lock": ("object_lock_enabled", "object_lock_configuration"),
    "lifecycle": ("lifecycle_rule",),
    "cors": ("cors_rule",),
    "replication": ("replication_configuration",),
}
"""The arguments of ``aws_s3_bucket`` that say the same as the stand-alone resource of a slot."""

SLOTS: tuple[str, ...] = tuple(dict.fromkeys(relation.slot for relation in RELATIONS))
