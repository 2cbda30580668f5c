"""Reader of the bucket policy: the document, bound to its bucket, judged as AWS would."""

from __future__ import annotations

import re
from collections.abc import Mapping

from iacscan.aws.holes import bind
from iacscan.aws.policy import Policy, parse
from iacscan.aws.public import is_public
from iacscan.aws.transport import denies_plain_http
from iacscan.core import Encoded, Evidence, Judgement, Origin, Reference, Template, Unknown
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import Part, Source

POLICY_ABSENT = Part(
    {"declared": False, "public": False, "denies_plain_http": False, "problems": []},
    evidence={"": (Evidence("no bucket policy is declared"),)},
)


def bindings(bucket: Resource) -> tuple[str, Mapping[Reference, str]]:
    """The bucket's ARN, and what its attributes stand for in texts.

    A bucket whose name is not known gets a name that no other bucket can have: policies are only
    compared with it, never shown.
    """
    name = bucket.values.get("bucket")
    known = name if isinstance(name, str) else "<" + re.sub(r"[^\w.-]", "_", bucket.address) + ">"
    arn_value = bucket.values.get("arn")
    arn = arn_value if isinstance(arn_value, str) and arn_value else f"arn:aws:s3:::{known}"
    bound = {Reference(bucket.address, (key,)): known for key in ("id", "bucket")}
    bound[Reference(bucket.address, ("arn",))] = arn
    if isinstance(name, Unknown) and name.reference is not None:
        bound[name.reference] = known
    return arn, bound


def read_policy(source: Source, arn: str, bound: Mapping[Reference, str]) -> Part:
    """The facts of a policy attached to the bucket called ``arn``."""
    text = source.get("policy")
    if text is None or text == "":
        return POLICY_ABSENT
    if isinstance(text, Unknown | Template | Encoded):
        text = bind(text, bound)
    policy = parse(text)
    origin = source.origin("policy")
    judgements = {"public": is_public(policy), "denies_plain_http": denies_plain_http(policy, arn)}
    problems = [problem.message for problem in policy.problems] if isinstance(policy, Policy) else []
    facts = {"declared": True, "problems": problems, **{key: item.value for key, item in judgements.items()}}
    evidence = {key: _located(item, origin) for key, item in judgements.items()}
    return Part(facts, (origin,), evidence)


def _located(judgement: Judgement, origin: Origin) -> tuple[Evidence, ...]:
    return tuple(Evidence(item.text, item.origin or origin) for item in judgement.evidence)
