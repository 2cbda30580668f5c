"""What AWS would refuse in a bucket policy, and what in it can match nothing.

S3 refuses a whole policy for any of these ("MalformedPolicy") when it is put, which no plan shows. After
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import TypeAlias

from iacscan.aws.judgements.limits import shown
from iacscan.aws.kleene import disjunction
from iacscan.aws.policies.actions import PREFIX, expand, is_condition_key, kinds_of, suggestion
from iacscan.aws.policies.comparisons import is_value_of
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Principal, Problem, Statement
from iacscan.aws.policies.principals import form_of
from iacscan.aws.policies.references import holes_are_fixed, names_principal
from iacscan.aws.policies.scope import Target, targets_of, touches
from iacscan.core import Evidence, Judgement, Ternary, Unknown, merge_unknown, unknowns

VERSIONS = ("2012-10-17", "2008-10-17")
_KINDS = ("AWS", "Service", "Federated", "CanonicalUser", "*")

_Found: TypeAlias = Problem | Unknown


def problems(policy: Policy, bucket_arn: str) -> tuple[Problem, ...]:
    """Everything that is certain to be wrong with ``policy`` on the bucket ``bucket_arn``, in reading order."""
    return tuple(found for found in _findings(policy, bucket_arn) if isinstance(found, Problem))


def is_valid(policy: Policy | Unknown, bucket_arn: str) -> Judgement:
    """Whether AWS would take ``policy``; Unknown where a hole decides. The evidence says what is wrong."""
    if isinstance(policy, Unknown):
        return Judgement(policy, (Evidence(f"The policy is not known: {policy}."),))
    findings = list(_findings(policy, bucket_arn))
    wrong = tuple(Evidence(found.message, inside=found.place) for found in findings if isinstance(found, Problem))
    if wrong:
        return Judgement(False, wrong)
    doubts = [found for found in findings if isinstance(found, Unknown)]
    if doubts:
        doubt = merge_unknown(doubts)
        return Judgement(doubt, (Evidence(f"Whether AWS accepts the policy depends on {doubt}."),))
    return Judgement(True, (Evidence("AWS accepts the policy as far as it is known."),))


def _findings(policy: Policy, bucket_arn: str) -> Iterator[_Found]:
    yield from policy.problems
    if not policy.readable:
        return
    yield from _version(policy.version)
    for statement in policy.statements:
        if isinstance(statement, Unknown):
            yield statement
        else:
            yield from _statement(statement, bucket_arn, policy.has_variables)


def _version(version: Leaf | None) -> Iterator[_Found]:
    if isinstance(version, str) and version not in VERSIONS:
        yield Problem("bad-version", f'Version "{version}" does not exist; use "{VERSIONS[0]}".')
    elif version is not None and not isinstance(version, str):
        yield _doubt(version)


def _statement(statement: Statement, bucket_arn: str, variables: Ternary) -> Iterator[_Found]:
    if isinstance(statement.effect, Unknown):
        yield statement.effect
    for element, written in (
        ("Principal", (statement.principals, statement.not_principals)),
        ("Action", (statement.actions, statement.not_actions)),
        ("Resource", (statement.resources, statement.not_resources)),
    ):
        if written == (None, None):
            yield _problem(statement, f"missing-{element.lower()}", f"has no {element}")
    for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
        yield from _principal(statement, principal)
    for action in (*(statement.actions or ()), *(statement.not_actions or ())):
        yield from _action(statement, action)
    targets = targets_of(bucket_arn)
    for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
        yield from _resource(statement, resource, targets, variables)
    yield from _actions_on_resources(statement, targets, variables)
    for condition in statement.conditions:
        yield from _condition(statement, condition)


def _principal(statement: Statement, principal: Principal) -> Iterator[_Found]:
    kind, value = principal.kind, principal.value
    if not isinstance(kind, str):
        yield _doubt(kind)
    elif kind not in _KINDS:
        yield _problem(statement, "bad-principal", f'names a principal of the kind "{kind}", which does not exist')
    elif not isinstance(value, str):
        if not _is_principal_hole(value):
            yield _doubt(value)
    elif (why := form_of(kind, value)) is not None:
        yield _problem(statement, "bad-principal", f'names the principal "{value}": {why}')


def _is_principal_hole(value: Leaf) -> bool:
    """Whether what is not known is an attribute of a resource that fits into a Principal element."""
    return names_principal(value) if isinstance(value, Unknown) else holes_are_fixed(value)


def _action(statement: Statement, action: Leaf) -> Iterator[_Found]:
    if not isinstance(action, str):
        yield _doubt(action)
        return
    if expand(action):
        return
    service, colon, _ = action.partition(":")
    if action.lower().startswith(PREFIX):
        meant = suggestion(action)
        hint = f"; {meant} is meant, perhaps" if meant else ""
        yield _problem(statement, "no-such-action", f'names the action "{action}", which S3 does not have{hint}')
    elif colon:
        yield _problem(statement, "foreign-action", f'names the action "{action}" of {service}, not of S3')
    else:
        yield _problem(statement, "no-such-action", f'names the action "{action}", which has no service prefix')


def _resource(statement: Statement, resource: Leaf, targets: Sequence[Target], variables: Ternary) -> Iterator[_Found]:
    touched = disjunction(touches(resource, target, variables) for target in targets)
    if touched is False:
        text = f'names the resource "{shown(resource)}", which is neither this bucket nor objects in it'
        yield _problem(statement, "foreign-resource", text)
    elif isinstance(touched, Unknown) and not isinstance(resource, str):
        yield touched


def _actions_on_resources(statement: Statement, targets: Sequence[Target], variables: Ternary) -> Iterator[_Found]:
    """Every action must have some resource of the statement that it applies to."""
    if not statement.actions or not statement.resources:
        return
    reach = {
        "object" if target.objects else "bucket": disjunction(
            touches(leaf, target, variables) for leaf in statement.resources
        )
        for target in targets
    }
    if reach["bucket"] is False and reach["object"] is False:
        return
    for action in statement.actions:
        if isinstance(action, str) and expand(action):
            yield from _applicable(statement, action, reach)


def _applicable(statement: Statement, action: str, reach: Mapping[str, Ternary]) -> Iterator[_Found]:
    wanted = kinds_of(action) & reach.keys()
    if not wanted:
        yield _problem(
            statement, "useless-action", f'names the action "{action}", which applies to no bucket or object'
        )
        return
    met = disjunction(reach[kind] for kind in sorted(wanted))
    if met is False:
        text = f'names the action "{action}", which applies to {_needed(wanted)}, but no such resource'
        yield _problem(statement, "useless-action", text)
    elif isinstance(met, Unknown) and any(not isinstance(leaf, str) for leaf in statement.resources or ()):
        yield met


def _needed(kinds: Set[str]) -> str:
    return "the bucket itself" if kinds == {"bucket"} else "objects"


def _condition(statement: Statement, condition: Condition) -> Iterator[_Found]:
    if not isinstance(condition.operator, str):
        yield _doubt(condition.operator)
    elif (operator := operator_of(condition.operator)) is None:
        yield _problem(
            statement, "no-such-operator", f'uses the condition operator "{condition.operator}", which does not exist'
        )
    else:
        for value in condition.values:
            good = is_value_of(operator, value)
            if good is False:
                text = f'compares {shown(condition.key)} by {condition.operator} with "{shown(value)}", which cannot be'
                yield _problem(statement, "bad-value", text)
            elif isinstance(good, Unknown):
                yield good
    yield from _condition_key(statement, condition.key)


def _condition_key(statement: Statement, key: Leaf) -> Iterator[_Found]:
    if not isinstance(key, str):
        yield _doubt(key)
    elif key.lower().startswith(PREFIX) and not is_condition_key(key):
        yield _problem(statement, "no-such-key", f'uses the condition key "{key}", which S3 does not have')
    elif ":" not in key:
        yield _problem(statement, "no-such-key", f'uses the condition key "{key}", which has no prefix')


def _problem(statement: Statement, code: str, text: str) -> Problem:
    return Problem(code, f"{statement.name} {text}.", statement.index)


def _doubt(leaf: Leaf) -> Unknown:
    return merge_unknown(unknowns(leaf))
