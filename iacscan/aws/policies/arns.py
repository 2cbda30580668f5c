"""Resource patterns of S3 policies, compared without their partition.

``arn:aws:s3:::b``, ``arn:aws-us-gov:s3:::b`` and ``arn:${data.aws_partition.current.partition}:s3:::b``
name the same bucket as far as a policy of that bucket is concerned: AWS refuses any other partition.
See https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-arn-format.html.
"""

from __future__ import annotations

import re

from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.references import attribute
from iacscan.core import Template, Unknown, join_text

_PARTITION = re.compile(r"arn:aws(-[a-z]+)*:")
_ANY_PARTITION = "arn:aws:"
_ARN_PARTS = 6


def without_partition(leaf: Leaf) -> Leaf:
    """``leaf`` with a known or referenced partition replaced by ``aws``, so that all partitions compare equal."""
    if isinstance(leaf, str):
        return without_partition_text(leaf)
    if not isinstance(leaf, Template):
        return leaf
    head, second, *rest = leaf.parts
    if isinstance(head, str) and _PARTITION.match(head):
        return join_text([without_partition_text(head), second, *rest])
    if head == "arn:" and isinstance(second, Unknown) and attribute(second) == "partition":
        tail = join_text(rest)
        if isinstance(tail, str | Template) and _starts_with_colon(tail):
            return join_text(["arn:aws", tail])
    return leaf


def without_partition_text(text: str) -> str:
    """:func:`without_partition` for a text that is known."""
    return _PARTITION.sub(_ANY_PARTITION, text, count=1) if text.startswith("arn:") else text


def _starts_with_colon(text: str | Template) -> bool:
    head = text if isinstance(text, str) else text.parts[0]
    return isinstance(head, str) and head.startswith(":")


def names_owner(arn: str) -> bool:
    """Whether an ARN with wildcards still fixes the account or, where S3 has none in it, the whole name of a bucket.

    The names of buckets are global: whoever wants one that begins like another one can have it.
    """
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return False
    service, account, resource = parts[2], parts[4], parts[5]
    if account == "" and service == "s3":
        return re.match(r"[^*?/]+(/|$)", resource) is not None
    return re.fullmatch(r"\d{12}", account) is not None
