"""Which attribute an argument can be, where a plan names a resource but not the text around it.

A plan records for ``bucket = aws_s3_bucket.x.id`` and for ``"${aws_s3_bucket.x.id}/*"`` the same
reference. Arguments that identify another object take such a value whole; texts do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iacscan.core import Reference

DOCUMENT = "aws_iam_policy_document"
DOCUMENT_TEXTS = ("json", "minified_json")


@dataclass(frozen=True, slots=True)
class Fit:
    """What an identifying argument accepts: attributes, the usual one first, of types that begin so.

    ``whole`` are the types of which it is taken to be that attribute where the plan names none.
    """

    attributes: tuple[str, ...]
    types: tuple[str, ...] = ("",)
    whole: tuple[str, ...] = ("",)

    def accepts(self, resource_type: str, attribute: str | None = None) -> bool:
        """Whether the attribute (``None``: whichever) of that type can be the value."""
        if attribute is None:
            return resource_type.startswith(self.types) and resource_type.startswith(self.whole)
        return resource_type.startswith(self.types) and attribute in self.attributes

    def rank(self, reference: Reference) -> int:
        """How usual the attribute is for the argument; 0 is the most usual, and stands for a lost one."""
        return self.attributes.index(str(reference.path[0])) if reference.path else 0


_BUCKET = Fit(("id", "bucket", "arn"), ("aws_s3",))
_KEY = Fit(
    ("arn", "key_id", "id", "target_key_arn", "target_key_id", "name"),
    ("aws_kms_key", "aws_kms_alias", "aws_kms_replica_key", "aws_kms_external_key"),
)
POLICY = Fit((*DOCUMENT_TEXTS, "policy", "access_policy"), whole=(DOCUMENT,))
"""Of any other type it is more likely an ARN inside a text that the plan lost."""

_LOG_GROUP = Fit(("name", "id"), ("aws_cloudwatch_log_group",))

_FITS: Mapping[str, Fit] = {
    **dict.fromkeys(
        ("bucket", "target_bucket", "s3_bucket_name", "s3_bucket_id", "s3_bucket", "bucket_name", "bucket_id"), _BUCKET
    ),
    **dict.fromkeys(("bucket_arn", "s3_bucket_arn"), Fit(("arn",), ("aws_s3",))),
    **dict.fromkeys(
        ("kms_master_key_id", "kms_key_id", "kms_key_arn", "kms_key", "key_id", "target_key_id", "replica_kms_key_id"),
        _KEY,
    ),
    **dict.fromkeys(
        (
            "policy",
            "policy_document",
            "source_policy_documents",
            "override_policy_documents",
            "source_json",
            "override_json",
            "assume_role_policy",
            "access_policy",
            "resource_policy",
        ),
        POLICY,
    ),
    "identifiers": Fit(("arn", "iam_arn", "unique_id")),
    "role": Fit(("name", "id", "arn"), ("aws_iam_role",)),
    "user": Fit(("name", "id"), ("aws_iam_user",)),
    "group": Fit(("name", "id"), ("aws_iam_group",)),
    "domain_name": Fit(("bucket_regional_domain_name", "bucket_domain_name", "website_endpoint"), ("aws_s3_bucket",)),
    "log_group_name": _LOG_GROUP,
    "metric_name": Fit(("id", "name"), ("aws_cloudwatch_log_metric_filter",)),
    "rule": Fit(("name", "id"), ("aws_cloudwatch_event_rule",)),
    "config_rule_name": Fit(("name", "id"), ("aws_config_config_rule",)),
    "alarm_actions": Fit(("arn", "id"), ("aws_sns_topic",)),
    "arn": Fit(("arn",)),
}
_SUFFIXES: tuple[tuple[str, Fit], ...] = (("_arn", Fit(("arn", "id"))), ("_id", Fit(("id",))))
PLURAL = frozenset({"source_policy_documents", "override_policy_documents", "identifiers", "alarm_actions"})
"""Lists of identifiers: it is their elements that can be an attribute."""

_TEXTS = frozenset({"cloud_watch_logs_group_arn", "origin_id", "policy_id", "target_id"})
"""Arguments whose names look like identifiers, but that are written with text around one, or freely."""

_BUCKET_ATTRIBUTES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "data.aws_s3_bucket",
            "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_policy",
            "aws_s3_bucket_public_access_block",
        ),
        "bucket",
    )
}


def fit_of(resource_type: str, mode: str, argument: str) -> Fit | None:
    """What ``argument`` of a resource type accepts; ``None`` where it is a text like any other."""
    if argument == "bucket" and resource_type == "aws_s3_bucket" and mode == "managed":
        return None
    if argument in _TEXTS:
        return None
    found = _FITS.get(argument)
    if found is not None:
        return found
    return next((fit for suffix, fit in _SUFFIXES if argument.endswith(suffix)), None)


def same_as(resource_type: str, mode: str, attribute: str) -> str:
    """The argument that a computed ``attribute`` repeats (a policy's ``id`` is its bucket), or itself."""
    kind = f"data.{resource_type}" if mode == "data" else resource_type
    return _BUCKET_ATTRIBUTES.get(kind, attribute) if attribute == "id" else attribute
