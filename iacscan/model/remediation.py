"""What a remediation of AWS Config does to a bucket that became public.

It runs a Systems Manager document on what its rule finds:
https://docs.aws.amazon.com/config/latest/developerguide/remediation.html . Which documents AWS owns for S3 is told by
https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-ref-s3.html .
"""

from __future__ import annotations

from iacscan.core import Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import Source, plain

PUBLIC_RULES = frozenset(
    {
        "S3_BUCKET_PUBLIC_READ_PROHIBITED",
        "S3_BUCKET_PUBLIC_WRITE_PROHIBITED",
        "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED",
        "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS",
        "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
    }
)
"""The managed rules of AWS Config that find public buckets."""

CLOSING_DOCUMENTS = frozenset(
    {
        "AWS-DisableS3BucketPublicReadWrite",
        "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock",
        "AWSConfigRemediation-ConfigureS3PublicAccessBlock",
        "AWSConfigRemediation-RemovePrincipalStarFromS3BucketPolicy",
    }
)
"""The documents of AWS that take public access away."""

_OF_AWS = ("AWS-", "AWSConfigRemediation-")


def looks_for_public(rule: Resource) -> Ternary:
    """Whether an ``aws_config_config_rule`` is a managed rule that finds public buckets."""
    name = plain(Source(rule).get("source", 0, "source_identifier"))
    return name if isinstance(name, Unknown) else isinstance(name, str) and name in PUBLIC_RULES


def document_name(remediation: Resource) -> str:
    """How a report calls the document that it runs."""
    name = _document(remediation)
    return name if isinstance(name, str) and name else "its document"


def closes_bucket(remediation: Resource) -> Ternary:
    """Whether the document that it runs takes public access away; unknown for one that AWS does not describe."""
    name = _document(remediation)
    if name is None or name == "":
        return False
    if not isinstance(name, str):
        return merge_unknown(unknowns(name))
    if name in CLOSING_DOCUMENTS:
        return True
    return False if name.startswith(_OF_AWS) else Unknown(f"what the document {name} does is not in the input")


def _document(remediation: Resource) -> Value:
    """The document, given by name or ARN; ``None`` where none is named."""
    target = Source(remediation).optional("target_id")
    return target.rpartition("/")[2] if isinstance(target, str) else target
