"""What an identity policy (of a role, user or group) gives away in S3.

Such a policy names no principal: whoever carries it may do what it allows. Which actions change who gets
in follows the access level "Permissions management" of
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html. A Deny of the same
policy without conditions takes back what it covers; conditions of an Allow narrow when, not what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from iacscan.aws.judgements.limits import shown
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.actions import all_actions
from iacscan.aws.policies.arns import without_partition
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf, Pattern, compile_pattern, covers_all_from, matches, overlaps
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.scope import action_pattern, is_s3_action, speaks_of_every_action
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Template, Ternary, Unknown, merge_unknown, unknowns

EXPOSING = (
    "PutObjectAcl",
    "PutObjectVersionAcl",
    "PutBucketAcl",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutAccountPublicAccessBlock",
    "PutBucketOwnershipControls",
    "PutAccessPointPolicy",
    "PutAccessPointPublicAccessBlock",
    "PutMultiRegionAccessPointPolicy",
)
"""The S3 actions with which a principal can open what it reaches."""

_BUCKETS = "arn:aws:s3:::"
_S3 = compile_pattern("arn:aws:s3:*")
_ACCESS_POINTS = compile_pattern("arn:aws:s3:*:accesspoint/*")
_OBJECTS = compile_pattern(f"{_BUCKETS}*/*")
_BUCKET_KEYS = ("aws:resourcetag/", "s3:existingobjecttag/", "s3:dataaccesspoint", "s3:buckettag/")
_NAMES = ("arn", "bucket", "id")


def _meets(leaf: Leaf, kinds: frozenset[str]) -> Ternary:
    """Whether the resource pattern ``leaf`` stands for something of these kinds; none: for the account itself."""
    pattern = compile_pattern(without_partition(leaf))
    return disjunction(_met(pattern, kind) for kind in sorted(kinds)) if kinds else matches(pattern, "*")


def _met(pattern: Pattern, kind: str) -> Ternary:
    if kind == "bucket":
        # A bucket's ARN has no slash; one in the pattern says that it means objects.
        return False if "/" in pattern.tokens else overlaps(pattern, compile_pattern(f"{_BUCKETS}?*"))
    if kind == "object":
        return overlaps(pattern, _OBJECTS)
    # Between the colons of an access point's ARN stands an account, of a bucket's nothing.
    return False if pattern.head.startswith(_BUCKETS) else overlaps(pattern, _ACCESS_POINTS)


def grants_all_buckets(policy: Policy | Unknown) -> Judgement:
    """Whether ``policy`` allows every S3 action on every bucket."""
    return judge(
        policy, lambda statement: _all_buckets(statement, policy), "No statement allows every S3 action on all buckets."
    )


def _all_buckets(statement: Statement, policy: Policy | Unknown) -> Iterator[Found]:
    denied = disjunction(_denies_most(other) for other in _statements(policy))
    limited = disjunction(_limits_buckets(condition) for condition in statement.conditions)
    value = conjunction(
        [
            _has_effect(statement, "Allow"),
            speaks_of_every_action(statement),
            covers_every_bucket(statement),
            negation(denied),
            negation(limited),
        ]
    )
    yield from _found(value, f"{statement.name} allows {_actions(statement)} on {_resources(statement)}.")


def _denies_most(statement: Statement | Unknown) -> Ternary:
    """Whether a Deny takes S3 away on all buckets, or on all but those that it names."""
    if isinstance(statement, Unknown):
        return statement
    if statement.conditions:
        return False
    return conjunction(
        [_has_effect(statement, "Deny"), speaks_of_every_action(statement), covers_every_bucket(statement)]
    )


def covers_every_bucket(statement: Statement) -> Ternary:
    """Whether the resources of ``statement`` include every bucket, or the objects of every bucket."""
    listed = disjunction(_every_bucket(leaf) for leaf in statement.resources or ())
    if statement.not_resources is None:
        return listed
    return disjunction([listed, negation(disjunction(_every_bucket(leaf) for leaf in statement.not_resources))])


def _every_bucket(leaf: Leaf) -> Ternary:
    if isinstance(leaf, Unknown | Template) and _of_named_buckets(leaf):
        return False
    pattern = compile_pattern(without_partition(leaf))
    return disjunction([covers_all_from(pattern, _BUCKETS, 1), _names_all_objects(pattern)])


def _names_all_objects(pattern: Pattern) -> Ternary:
    """``arn:aws:s3:::*/*``: the objects of every bucket."""
    return pattern.tokens == _OBJECTS.tokens


def _of_named_buckets(leaf: Leaf) -> bool:
    """Whether all holes are names of S3 buckets: text round such a name cannot stand for every bucket."""
    references = [reference for hole in unknowns(leaf) for reference in hole.references]
    return bool(references) and all(
        "aws_s3_" in reference.address and (not reference.path or reference.path[-1] in _NAMES)
        for reference in references
    )


def _limits_buckets(condition: Condition) -> Ternary:
    """Whether a condition may leave only some buckets; tags on buckets and access points can."""
    if not isinstance(condition.key, str):
        return merge_unknown(unknowns(condition.key))
    if condition.key.lower().startswith(_BUCKET_KEYS):
        operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
        if operator is None or not operator.negated:
            return Unknown(f"which buckets the condition on {condition.key} leaves")
    return False


def grants_exposure(policy: Policy | Unknown) -> Judgement:
    """Whether ``policy`` allows an action that can open a bucket, an object or an access point."""
    return judge(
        policy,
        lambda statement: _exposure(statement, policy),
        "No statement allows an action that changes who gets in.",
    )


def _exposure(statement: Statement, policy: Policy | Unknown) -> Iterator[Found]:
    values = {name: _grants(statement, name, policy) for name in EXPOSING}
    granted = [f"s3:{name}" for name, value in values.items() if value is True]
    doubts = [value for value in values.values() if isinstance(value, Unknown)]
    allows_only = all(isinstance(other, Statement) and other.effect == "Allow" for other in _statements(policy))
    if not granted and allows_only and _of_bucket_or_objects(statement, values):
        granted = ["s3:PutBucketPolicy or s3:PutObjectAcl"]
    if granted:
        more = f" and {len(granted) - 3} more" if len(granted) > 3 else ""
        named = ", ".join(granted[:3])
        yield f"{statement.name} allows {_actions(statement)}, which includes {named}{more}."
    elif doubts:
        yield merge_unknown(doubts)


def _of_bucket_or_objects(statement: Statement, values: Mapping[str, Ternary]) -> bool:
    """Whether only this is open: if a resource is a bucket, or objects of one.

    One of the two it is where it is made from a bucket's name, and where nothing but S3 is allowed on it.
    """
    both = all(isinstance(values[name], Unknown) for name in ("PutBucketPolicy", "PutObjectAcl"))
    sure = _has_effect(statement, "Allow") is True and speaks_of_every_action(statement) is True
    only_s3 = all(isinstance(leaf, str) and leaf.lower().startswith("s3:") for leaf in statement.actions or ("",))
    holed = [leaf for leaf in statement.resources or () if not isinstance(leaf, str)]
    return both and sure and any(only_s3 or _of_named_buckets(leaf) for leaf in holed)


def _grants(statement: Statement, name: str, policy: Policy | Unknown) -> Ternary:
    allowed = conjunction([_has_effect(statement, "Allow"), _on_action(statement, name)])
    if allowed is False:
        return False
    allowed = conjunction([allowed, _on_places(statement, name)])
    if allowed is False:
        return False
    return conjunction(
        [allowed, negation(disjunction(_denies(other, statement, name) for other in _statements(policy)))]
    )


def _denies(statement: Statement | Unknown, allow: Statement, name: str) -> Ternary:
    """Whether ``statement`` denies the action wherever ``allow`` allows it."""
    if isinstance(statement, Unknown):
        return statement
    if statement.conditions or statement.resources is None:
        return False
    wide = covers_every_bucket(statement)
    same = allow.resources is not None and set(allow.resources) <= set(statement.resources)
    return conjunction([_has_effect(statement, "Deny"), _on_action(statement, name), True if same else wide])


def _on_action(statement: Statement, name: str) -> Ternary:
    action = f"s3:{name}".lower()
    listed = disjunction(matches(action_pattern(leaf), action) for leaf in statement.actions or ())
    if statement.not_actions is None:
        return listed
    spared = disjunction(matches(action_pattern(leaf), action) for leaf in statement.not_actions)
    return disjunction([listed, negation(spared)])


def _on_places(statement: Statement, name: str) -> Ternary:
    """Whether the resources include one that the action applies to; NotResource always leaves some."""
    if statement.not_resources is not None:
        return negation(disjunction(matches(compile_pattern(leaf), "*") for leaf in statement.not_resources))
    kinds = all_actions()[f"s3:{name}".lower()].resources
    met = disjunction(_meets(leaf, kinds) for leaf in statement.resources or ())
    return True if isinstance(met, Unknown) and _means_s3(statement, name, kinds) else met


def _means_s3(statement: Statement, name: str, kinds: frozenset[str]) -> bool:
    """Whether resources that are not known are of S3 by what is written round them.

    Whoever writes s3:PutBucketPolicy means a bucket; s3:* on ``${…}/*`` means objects.
    """
    actions = [leaf.lower() for leaf in statement.actions or () if isinstance(leaf, str)]
    if f"s3:{name}".lower() in actions:
        return True
    below = any(
        isinstance(leaf, Template) and "/" in compile_pattern(leaf).tokens for leaf in statement.resources or ()
    )
    return below and "object" in kinds and all(action.startswith("s3:") for action in actions)


def grants_s3(policy: Policy | Unknown) -> Judgement:
    """Whether ``policy`` allows anything at all in S3."""
    return judge(policy, _any_s3, "No statement allows anything in S3.")


def _any_s3(statement: Statement) -> Iterator[Found]:
    listed = disjunction(is_s3_action(leaf) for leaf in statement.actions or ())
    if statement.not_actions is not None:
        listed = disjunction([listed, speaks_of_every_action(statement)])
    spelled = any(isinstance(leaf, str) and leaf.lower().startswith("s3:") for leaf in statement.actions or ())
    on_s3 = disjunction(overlaps(compile_pattern(without_partition(leaf)), _S3) for leaf in statement.resources or ())
    # Whoever writes s3:GetObject means a bucket, whatever its name turns out to be.
    sure = statement.not_resources is not None or (spelled and isinstance(on_s3, Unknown))
    somewhere = True if sure else on_s3
    value = conjunction([_has_effect(statement, "Allow"), listed, somewhere])
    yield from _found(value, f"{statement.name} allows {_actions(statement)} on {_resources(statement)}.")


def _found(value: Ternary, sentence: str) -> Iterator[Found]:
    if isinstance(value, Unknown):
        yield value
    elif value:
        yield sentence


def _statements(policy: Policy | Unknown) -> tuple[Statement | Unknown, ...]:
    return () if isinstance(policy, Unknown) else policy.statements


def _has_effect(statement: Statement, effect: str) -> Ternary:
    return statement.effect if isinstance(statement.effect, Unknown) else statement.effect == effect


def _actions(statement: Statement) -> str:
    if statement.not_actions is not None:
        return f"everything but {_listed(statement.not_actions)}"
    return _listed(statement.actions or ())


def _resources(statement: Statement) -> str:
    if statement.not_resources is not None:
        return f"everything but {_listed(statement.not_resources)}"
    return _listed(statement.resources or ())


def _listed(leaves: tuple[Leaf, ...]) -> str:
    more = f" and {len(leaves) - 3} more" if len(leaves) > 3 else ""
    return ", ".join(shown(leaf) for leaf in leaves[:3]) + more
