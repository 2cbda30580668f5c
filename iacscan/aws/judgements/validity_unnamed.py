"""Validity of a policy whose bucket has no name yet: what depends on the name is not judged.

A resource written as ``arn:aws:s3:::logs/*`` may be this bucket, if that is the name that it gets.
"""

from __future__ import annotations

from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.validity import is_valid, problems
from iacscan.aws.policies.policy import Policy, Problem, Statement
from iacscan.core import Evidence, Judgement, Unknown

_BY_NAME = frozenset({"foreign-resource", "useless-action"})


def is_valid_somewhere(policy: Policy | Unknown, bucket_arn: str) -> Judgement:
    """What :func:`~iacscan.aws.judgements.validity.is_valid` says where ``bucket_arn`` holds a stand-in for a name.

    References to the bucket must have been bound to that stand-in, those to other buckets without a
    name to theirs; a stand-in begins with ``<``, as no name does.
    """
    judged = is_valid(policy, bucket_arn)
    if judged.value is not False or isinstance(policy, Unknown):
        return judged
    certain = [problem for problem in problems(policy, bucket_arn) if not _depends(problem, policy)]
    if certain:
        return Judgement(False, tuple(Evidence(problem.message, inside=problem.place) for problem in certain))
    text = "Whether AWS accepts the policy cannot be told: the name of the bucket is not known."
    return Judgement(Unknown("the name of the bucket is not known"), (Evidence(text),))


def _depends(problem: Problem, policy: Policy) -> bool:
    """Whether another name of the bucket could undo ``problem``: some resource spells a bucket's name."""
    if problem.code not in _BY_NAME:
        return False
    return any(
        ":s3:::" in (text := shown(leaf)) and ":s3:::<" not in text
        for statement in policy.statements
        if isinstance(statement, Statement) and statement.index == problem.statement
        for leaf in (*(statement.resources or ()), *(statement.not_resources or ()))
    )
