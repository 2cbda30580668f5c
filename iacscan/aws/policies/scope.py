"""What a statement speaks of: every S3 action or not, this bucket, its objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from iacscan.aws.kleene import disjunction, negation
from iacscan.aws.policies.arns import without_partition, without_partition_text
from iacscan.aws.policies.patterns import Leaf, Pattern, compile_pattern, contains, covers_all_from, matches, overlaps
from iacscan.aws.policies.policy import Statement
from iacscan.core import Template, Ternary, Unknown

_EVERY_ACTION = "s3:"
_SOME_ACTION = compile_pattern("s3:?*")
_SOME_KEY = compile_pattern("?*").middle


@dataclass(frozen=True, slots=True)
class Target:
    """The bucket itself, or every object in it."""

    name: str
    arn: str
    objects: bool
    pattern: Pattern


@lru_cache(maxsize=256)
def targets_of(bucket_arn: str) -> tuple[Target, Target]:
    """The bucket called ``bucket_arn`` and its objects; its partition does not matter."""
    arn = without_partition_text(bucket_arn)
    objects = Pattern(f"{arn}/", _SOME_KEY)
    return Target("the bucket", arn, False, Pattern(arn)), Target("its objects", objects.head, True, objects)


def action_pattern(leaf: Leaf) -> Pattern:
    """The pattern of an action: case does not count."""
    return compile_pattern(leaf, fold=True)


def is_s3_action(leaf: Leaf) -> Ternary:
    """Whether ``leaf`` stands for some action of S3, known today or not."""
    return overlaps(action_pattern(leaf), _SOME_ACTION)


def is_every_action(leaf: Leaf) -> Ternary:
    """Whether ``leaf`` stands for all actions of S3, those to come included."""
    return covers_all_from(action_pattern(leaf), _EVERY_ACTION, 1)


def speaks_of_action(statement: Statement, action: str) -> Ternary:
    """Whether ``statement`` speaks of ``action``, which is in lower case."""
    listed = disjunction(_is_action(leaf, action) for leaf in statement.actions or ())
    if statement.not_actions is None:
        return listed
    return disjunction([listed, negation(disjunction(_is_action(leaf, action) for leaf in statement.not_actions))])


@lru_cache(maxsize=8192)
def _is_action(leaf: Leaf, action: str) -> Ternary:
    return matches(action_pattern(leaf), action)


def speaks_of_every_action(statement: Statement) -> Ternary:
    """Whether ``statement`` speaks of all actions of S3, those to come included."""
    covers = disjunction(is_every_action(leaf) for leaf in statement.actions or ())
    if statement.not_actions is None:
        return covers
    exempt = disjunction(is_s3_action(leaf) for leaf in statement.not_actions)
    return disjunction([covers, negation(exempt)])


def covers_target(statement: Statement, target: Target, variables: Ternary) -> Ternary:
    """Whether ``statement`` speaks of all of ``target``."""
    covers = disjunction(_covers(_resource(leaf, variables), target) for leaf in statement.resources or ())
    if statement.not_resources is None:
        return covers
    exempt = disjunction(touches(leaf, target, variables) for leaf in statement.not_resources)
    return disjunction([covers, negation(exempt)])


def covers_action_of(statement: Statement, action: Leaf) -> Ternary:
    """Whether ``statement`` speaks of every action that the pattern ``action`` stands for."""
    if is_every_action(action) is True:
        return speaks_of_every_action(statement)
    wanted = action_pattern(action)
    covers = disjunction(contains(action_pattern(leaf), wanted) for leaf in statement.actions or ())
    if statement.not_actions is None:
        return covers
    exempt = disjunction(overlaps(action_pattern(leaf), wanted) for leaf in statement.not_actions)
    return disjunction([covers, negation(exempt)])


def covers_resource_of(statement: Statement, resource: Leaf, variables: Ternary) -> Ternary:
    """Whether ``statement`` speaks of every resource that the pattern ``resource`` stands for."""
    wanted = _resource(resource, variables)
    covers = disjunction(contains(_resource(leaf, variables), wanted) for leaf in statement.resources or ())
    if statement.not_resources is None:
        return covers
    exempt = disjunction(overlaps(_resource(leaf, variables), wanted) for leaf in statement.not_resources)
    return disjunction([covers, negation(exempt)])


def speaks_of_resource(statement: Statement, resource: str, variables: Ternary) -> Ternary:
    """Whether ``statement`` speaks of ``resource``; Unknown where a policy variable decides."""
    arn = without_partition_text(resource)
    met = disjunction(matches(_resource(leaf, variables), arn) for leaf in statement.resources or ())
    if statement.not_resources is None:
        return met
    spared = disjunction(matches(_resource(leaf, variables), arn) for leaf in statement.not_resources)
    return disjunction([met, negation(spared)])


def touches(resource: Leaf, target: Target, variables: Ternary) -> Ternary:
    """Whether ``resource`` stands for some of ``target``."""
    pattern = _resource(resource, variables)
    return True if target.objects and _is_below(resource, pattern, target.arn) else overlaps(pattern, target.pattern)


def _is_below(leaf: Leaf, pattern: Pattern, prefix: str) -> bool:
    """Whether ``leaf`` is the bucket's ``prefix`` and more, whatever its holes are: each key is an object's.

    A policy variable is no such hole: a request that lacks it is spoken of by nothing.
    """
    parts = leaf.parts if isinstance(leaf, Template) else ()
    fixed = all(isinstance(part, Unknown) or "${" not in part for part in parts)
    return bool(parts) and fixed and pattern.head.startswith(prefix) and len(pattern.head) > len(prefix)


def _resource(leaf: Leaf, variables: Ternary) -> Pattern:
    return compile_pattern(without_partition(leaf), variables=variables is not False)


def _covers(pattern: Pattern, target: Target) -> Ternary:
    return covers_all_from(pattern, target.arn, 1) if target.objects else matches(pattern, target.arn)
