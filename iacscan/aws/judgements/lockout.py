"""Whether a bucket policy shuts everybody out, those included who would have to change it back.

Only the root user of the bucket's account can still read and delete such a policy, see PutBucketPolicy in
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from iacscan.aws.judgements.transport import applies_to_everyone
from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.policy import Policy, Statement
from iacscan.aws.policies.scope import Target, covers_target, speaks_of_action, targets_of
from iacscan.core import Evidence, Judgement, Ternary, Unknown

_WAYS_BACK = ("s3:putbucketpolicy", "s3:deletebucketpolicy")


def locks_out(policy: Policy | Unknown, bucket_arn: str) -> Judgement:
    """Whether ``policy`` of the bucket ``bucket_arn`` denies everybody to replace it and to delete it.

    A Deny with a condition leaves somebody who does not meet it, so it does not count.
    """
    if isinstance(policy, Unknown):
        return Judgement(policy, (Evidence(f"The policy is not known: {policy}."),))
    if not policy.readable:
        return Judgement(Unknown("the document is not a policy"), (Evidence(policy.problems[0].message),))
    bucket, _ = targets_of(bucket_arn)
    hidden = [item for item in policy.statements if isinstance(item, Unknown)]
    known = [item for item in policy.statements if isinstance(item, Statement)]
    shut = [(item, _shuts(item, bucket, policy.has_variables)) for item in known]
    value = conjunction(
        disjunction([*hidden, *(conjunction([fits, speaks_of_action(item, way)]) for item, fits in shut)])
        for way in _WAYS_BACK
    )
    return Judgement(value, _evidence(value, shut))


def _shuts(statement: Statement, bucket: Target, variables: Ternary) -> Ternary:
    """Whether the statement denies everybody, always, what it lists, on the bucket itself."""
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Deny"
    whole = covers_target(statement, bucket, variables)
    return conjunction([effect, not statement.conditions, applies_to_everyone(statement), whole])


def _evidence(value: Ternary, shut: Sequence[tuple[Statement, Ternary]]) -> tuple[Evidence, ...]:
    if value is False:
        return (Evidence("Somebody is left who may change the policy."),)
    found = [
        statement
        for statement, fits in shut
        if conjunction([fits, disjunction(speaks_of_action(statement, way) for way in _WAYS_BACK)]) is not False
    ]
    if value is True:
        verb = "denies" if len(found) == 1 else "deny"
        names = " and ".join(statement.name for statement in found)
        return (Evidence(f"{names} {verb} everybody to replace or delete the policy.", inside=found[0].place),)
    return (Evidence(f"Whether anybody is left who may change the policy depends on {value}."),)
