"""Directory buckets and S3 Tables: kinds of buckets with policies of their own, and no ACLs.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-setting-up.html
Block Public Access is always on for both, so a public policy is refused or cut; it still says what was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iacscan.aws.judgements.accounts import Holder
from iacscan.aws.judgements.named import named_accounts
from iacscan.aws.judgements.public import is_public
from iacscan.aws.kleene import disjunction
from iacscan.aws.policies.policy import parse
from iacscan.core import Evidence, Origin, Ternary, Unknown
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.accounts import holders, own_accounts
from iacscan.model.parts import Source, plain, shown
from iacscan.model.references import Things, means
from iacscan.model.subject import Built, Subject

DIRECTORY = "aws_s3_directory_bucket"
BUCKET_POLICY = "aws_s3_bucket_policy"
TABLE_BUCKET = "aws_s3tables_table_bucket"
TABLE_POLICIES = ("aws_s3tables_table_bucket_policy", "aws_s3tables_table_policy")

POLICY_FIELDS: dict[str, Any] = {"public": None, "accounts": None, "more_accounts": None}
"""The names of the facts of a table or directory bucket's policy."""

TABLE_BUCKET_FIELDS: dict[str, Any] = {"algorithm": None}
"""The names of the facts of a table bucket."""


def build_table_policies(configuration: Configuration) -> Built:
    """A subject for each policy of a table bucket or a table."""
    accounts = own_accounts(configuration)
    whose = holders(configuration, accounts)
    policies = Things(configuration).of(*TABLE_POLICIES)
    return Built(tuple(_policy("table-policy", item, item, "resource_policy", accounts, whose) for item in policies))


def build_directory_policies(configuration: Configuration) -> Built:
    """A subject for each directory bucket that has, or may have, a policy."""
    things = Things(configuration)
    accounts = own_accounts(configuration)
    whose = holders(configuration, accounts)
    subjects = []
    for bucket in things.of(DIRECTORY):
        judged = [
            (item, means(item.named_by("bucket"), bucket, "bucket", "id", "arn")) for item in things.of(BUCKET_POLICY)
        ]
        for item, value in judged:
            if value is True or _mentions(value, bucket):
                doubt = value if isinstance(value, Unknown) else None
                subjects.append(_policy("directory-bucket", bucket, item, "policy", accounts, whose, doubt))
    return Built(tuple(subjects))


def _mentions(value: Ternary, bucket: Resource) -> bool:
    return isinstance(value, Unknown) and any(item.address == bucket.address for item in value.references)


def _policy(
    kind: str,
    resource: Resource,
    holder: Resource,
    argument: str,
    accounts: Any,
    whose: Callable[[str], Holder],
    doubt: Unknown | None = None,
) -> Subject:
    source = Source(holder)
    policy = doubt or parse(source.get(argument))
    public = is_public(policy)
    named = named_accounts(policy, accounts.get(resource.provider), whose(resource.provider))
    place = source.origin(argument)
    facts = {
        "public": public.value,
        "accounts": [item.name for item in named if isinstance(item.name, str)],
        "more_accounts": disjunction(item.name for item in named if isinstance(item.name, Unknown)),
    }
    said = tuple(Evidence(item.text, place) for item in named)
    evidence = {
        "public": tuple(Evidence(item.text, place, item.inside) for item in public.evidence),
        "accounts": said,
        "more_accounts": said,
    }
    change = holder.change.value if holder.change else None
    own = (Origin(resource.address),)
    origins = {"": own, "public": (place,), "accounts": (place,)}
    return Subject(kind, resource.address, resource.type, facts, origins, evidence, change)


def build_table_buckets(configuration: Configuration) -> Built:
    """A subject for each table bucket: how it encrypts what has no setting of its own."""
    return Built(tuple(_table_bucket(item) for item in Things(configuration).of(TABLE_BUCKET)))


def _table_bucket(resource: Resource) -> Subject:
    value = Source(resource).optional("encryption_configuration")
    algorithm = plain(value.get("sse_algorithm") if isinstance(value, dict) else value)
    own, place = (Origin(resource.address),), Origin(resource.address, ("encryption_configuration",))
    said = (
        "no encryption is declared; AWS's default is SSE-S3"
        if algorithm is None
        else f"encryption is {shown(algorithm)}"
    )
    facts = {"algorithm": algorithm}
    change = resource.change.value if resource.change else None
    evidence = {"algorithm": (Evidence(said, place),)}
    return Subject(
        "table-bucket", resource.address, resource.type, facts, {"": own, "algorithm": (place,)}, evidence, change
    )
