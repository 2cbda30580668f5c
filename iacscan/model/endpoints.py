"""VPC endpoints for S3: the way out of a network that has no other, for whoever steals data.

The default policy lets everything through
(https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html). Limits on *who* calls do
not help: the thief's own bucket is reached with a stolen role as well. What helps are limits on *where to*:
named buckets, or a condition on the account or organization that owns them. Names of buckets are global: where
one is given with a wildcard, a thief may create a bucket that fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from iacscan.aws.iam.identity_policy import covers_every_bucket
from iacscan.aws.judgements.limits import shown
from iacscan.aws.judgements.public import admits_everyone
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.arns import without_partition
from iacscan.aws.policies.holes import bind
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Statement, parse
from iacscan.aws.policies.references import holes_are_fixed
from iacscan.aws.policies.scope import is_s3_action, speaks_of_every_action
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Evidence, Judgement, Origin, Template, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.joins import is_live
from iacscan.model.parts import Source
from iacscan.model.policy import bindings
from iacscan.model.references import Things, means
from iacscan.model.relations import BUCKET
from iacscan.model.subject import Built, Subject

ENDPOINT = "aws_vpc_endpoint"
POLICY = "aws_vpc_endpoint_policy"
_BUCKETS = "arn:aws:s3:::"
_OF_AWS = ".amazonaws.com"
"""How names of buckets end from which AWS serves packages."""
_HOLE = "\0"
_OWNER_KEYS = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"})

FIELDS: dict[str, Any] = {"s3": None, "policy": {"declared": None, "open": None}}
"""The names of the facts of a VPC endpoint."""


def build_endpoints(configuration: Configuration) -> Built:
    """A subject for each VPC endpoint that is, or may be, one for S3."""
    things = Things(configuration)
    services = {item.address: item for item in configuration.resources if item.type == "aws_vpc_endpoint_service"}
    buckets = [item for item in configuration.resources if item.type == BUCKET and is_live(item)]
    bound = bindings(buckets)
    subjects = []
    for endpoint in things.of(ENDPOINT):
        s3 = _is_s3(endpoint.values.get("service_name"), services)
        if s3 is not False:
            subjects.append(_subject(endpoint, s3, things.of(POLICY), bound))
    return Built(tuple(subjects))


def _is_s3(name: Value, services: dict[str, Resource]) -> Ternary:
    """Whether a service is S3, by the last part of its name."""
    if isinstance(name, Template) and isinstance(name.parts[-1], str):
        name = name.parts[-1]
    if isinstance(name, str):
        return name.rsplit(".", 1)[-1] in ("s3", "s3-accesspoint", "accesspoint")
    for hole in unknowns(name):
        found = [services[item.address] for item in hole.references if item.address in services]
        if found and isinstance(service := found[0].values.get("service"), str):
            return service == "s3"
    return merge_unknown(unknowns(name))


def _subject(endpoint: Resource, s3: Ternary, policies: list[Resource], bound: Any) -> Subject:
    """The policy of its own resource counts; where that may be of another endpoint, the answer is open."""
    matched = [(item, means(item.named_by("vpc_endpoint_id"), endpoint, "id")) for item in policies]
    certain = [Source(item) for item, value in matched if value is True]
    perhaps = [value for _, value in matched if isinstance(value, Unknown)]
    source = certain[0] if certain else Source(endpoint)
    written = source.resource.writes("policy") and source.get("policy") not in (None, "")
    if perhaps and not certain:
        judged = Judgement(perhaps[0], (Evidence(f"another resource may set its policy: {perhaps[0]}"),))
    elif written:
        judged = lets_any_bucket_through(parse(bind(source.get("policy"), bound)))
    else:
        judged = Judgement(True, (Evidence("no policy is declared; AWS's default lets everything through"),))
    place = source.origin("policy") if written else Origin(endpoint.address)
    evidence = tuple(Evidence(item.text, item.origin or place, item.inside) for item in judged.evidence)
    facts = {"s3": s3, "policy": {"declared": bool(written), "open": judged.value}}
    own = (Origin(endpoint.address),)
    said = {"policy": evidence, "s3": _service_evidence(s3)}
    change = endpoint.change.value if endpoint.change else None
    return Subject("endpoint", endpoint.address, endpoint.type, facts, {"": own, "policy": (place,)}, said, change)


def _service_evidence(s3: Ternary) -> tuple[Evidence, ...]:
    return (Evidence(f"whether it is an endpoint for S3 is not known: {s3}"),) if isinstance(s3, Unknown) else ()


def lets_any_bucket_through(policy: Policy | Unknown) -> Judgement:
    """Whether an endpoint policy lets some caller reach buckets of any owner."""
    return judge(
        policy,
        lambda statement: _statement(statement, policy),
        "Every statement names the buckets, or the account or organization that owns them.",
    )


def _statement(statement: Statement, policy: Policy | Unknown) -> Iterator[Found]:
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Allow"
    actions = disjunction(is_s3_action(leaf) for leaf in statement.actions or ())
    if statement.not_actions is not None:
        actions = disjunction([actions, negation(disjunction(_all_s3(leaf) for leaf in statement.not_actions))])
    owned = disjunction(_fixes_owner(condition, False) for condition in statement.conditions)
    others = () if isinstance(policy, Unknown) else policy.statements
    shut = disjunction(_shuts(other) for other in others)
    foreign = disjunction([covers_every_bucket(statement), *map(_fits_strangers, statement.resources or ())])
    value = conjunction([effect, actions, foreign, negation(owned), negation(shut)])
    if isinstance(value, Unknown):
        yield value
    elif value:
        listed = ", ".join(shown(leaf) for leaf in (statement.resources or ())[:3]) or "NotResource"
        yield f"{statement.name} lets requests through to buckets of any owner ({listed})."


def _fits_strangers(leaf: Leaf) -> Ternary:
    """Whether the name of a bucket has a wildcard, so that anybody may create one that fits."""
    plain = without_partition(leaf)
    parts = plain.parts if isinstance(plain, Template) else (plain,)
    text = "".join(part if isinstance(part, str) else _HOLE for part in parts)
    name = text.removeprefix(_BUCKETS).partition("/")[0]
    if not text.startswith(_BUCKETS) or not _has_wildcard(name):
        return False
    return Unknown(f"whether only AWS may name buckets {name}") if name.endswith(_OF_AWS) else True


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def _all_s3(leaf: Leaf) -> Ternary:
    return leaf in ("s3:*", "*") if isinstance(leaf, str) else merge_unknown(unknowns(leaf))


def _shuts(statement: Statement | Unknown) -> Ternary:
    """Whether a Deny refuses every bucket but those of fixed owners, or but those that it names."""
    if isinstance(statement, Unknown):
        return statement
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Deny"
    everyone, _ = admits_everyone(statement)
    if statement.conditions:
        limits = [_fixes_owner(condition, True) for condition in statement.conditions]
        aside = [Unknown("the Deny has more conditions")] if len(limits) > 1 else []
        only: Ternary = conjunction([disjunction(limits), *aside])
    else:
        only = True
    named = negation(disjunction(map(_fits_strangers, statement.not_resources or ())))
    every = conjunction([covers_every_bucket(statement), named])
    return conjunction([effect, everyone, speaks_of_every_action(statement), every, only])


def _fixes_owner(condition: Condition, negated: bool) -> Ternary:
    """Whether a condition holds for buckets of fixed owners only (``negated``: for all others)."""
    if not isinstance(condition.key, str) or not isinstance(condition.operator, str):
        return merge_unknown([*unknowns(condition.key), *unknowns(condition.operator)])
    operator = operator_of(condition.operator)
    if condition.key.lower() not in _OWNER_KEYS or operator is None or operator.negated is not negated:
        return False
    if operator.family != "string" or (not negated and (operator.if_exists or operator.quantifier == "ForAllValues")):
        return False
    wild = operator.base in ("StringLike", "StringNotLike")
    paths = condition.key.lower() == "aws:resourceorgpaths"
    return conjunction(_is_fixed(value, wild, paths) for value in condition.values) if condition.values else False


def _is_fixed(value: Leaf, wild: bool, paths: bool) -> Ternary:
    """Whether a value is one account or organization; below the id of an organization a path may have wildcards."""
    parts = value.parts if isinstance(value, Template) else (value,)
    text = "".join(part if isinstance(part, str) else _HOLE for part in parts)
    owner, slash, _ = text.partition("/") if paths else (text, "", "")
    if not owner or (wild and (_has_wildcard(owner) or (paths and not slash))):
        return False
    if "${" in text:
        return Unknown(f"whose buckets are meant by {shown(value)} depends on who calls")
    return True if holes_are_fixed(value) else merge_unknown(unknowns(value))
