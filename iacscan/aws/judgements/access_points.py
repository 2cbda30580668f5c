"""Public policies of access points: S3's test of bucket policies, with one key read more strictly.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: in the
policy of an access point a wildcard in ``s3:DataAccessPointArn`` makes it public.
"""

from __future__ import annotations

from dataclasses import replace

from iacscan.aws.judgements.public import is_public
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.core import Judgement, Unknown

_KEY = "s3:dataaccesspointarn"


def is_public_access_point(policy: Policy | Unknown) -> Judgement:
    """Whether ``policy`` of an access point is public by S3's published definition."""
    return is_public(policy) if isinstance(policy, Unknown) else is_public(_strict(policy))


def _strict(policy: Policy) -> Policy:
    """``policy`` without the conditions that do not limit an access point."""
    return replace(
        policy,
        statements=tuple(
            replace(item, conditions=tuple(one for one in item.conditions if not _is_loose(one)))
            if isinstance(item, Statement)
            else item
            for item in policy.statements
        ),
    )


def _is_loose(condition: Condition) -> bool:
    key = condition.key
    if not isinstance(key, str) or key.lower() != _KEY:
        return False
    return any(isinstance(value, str) and any(mark in value for mark in "*?") for value in condition.values)
