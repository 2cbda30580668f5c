"""IAM policies and what carries them: what a role, user or group may do with S3.

A document is judged once, where it is attached: the policy resource, the inline policy, or the attachment
of a policy that AWS manages. A data document that nothing carries is judged itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from iacscan.aws.iam.identity_policy import grants_all_buckets, grants_exposure, grants_s3
from iacscan.aws.iam.managed_policies import judge_managed, managed_name
from iacscan.aws.kleene import disjunction
from iacscan.aws.policies.holes import bind
from iacscan.aws.policies.policy import Policy, Statement, parse
from iacscan.core import (
    Encoded,
    Evidence,
    Judgement,
    Origin,
    PathStep,
    Template,
    Unknown,
    Value,
    merge_unknown,
    unknowns,
)
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.joins import is_live
from iacscan.model.parts import Source, items, known_or_omitted
from iacscan.model.policy import bindings
from iacscan.model.relations import BUCKET
from iacscan.model.subject import Built, Subject

DOCUMENT = "aws_iam_policy_document"
POLICY = "aws_iam_policy"
ROLE = "aws_iam_role"

CARRIERS: Mapping[str, str] = {
    POLICY: "policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_user_policy": "policy",
    "aws_iam_group_policy": "policy",
    "aws_ssoadmin_permission_set_inline_policy": "inline_policy",
}
"""Resources that hold a document of their own, and where."""

ATTACHMENTS: Mapping[str, str] = {
    "aws_iam_role_policy_attachment": "policy_arn",
    "aws_iam_user_policy_attachment": "policy_arn",
    "aws_iam_group_policy_attachment": "policy_arn",
    "aws_iam_policy_attachment": "policy_arn",
    "aws_ssoadmin_managed_policy_attachment": "managed_policy_arn",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
    "aws_iam_user_policy_attachments_exclusive": "policy_arns",
    "aws_iam_group_policy_attachments_exclusive": "policy_arns",
}
"""Resources that attach a policy by its ARN, and where they name it."""

QUESTIONS: Mapping[str, Callable[[Policy | Unknown], Judgement]] = {
    "all_buckets": grants_all_buckets,
    "exposure": grants_exposure,
    "s3": grants_s3,
}
FIELDS: dict[str, Any] = {"all_buckets": None, "exposure": None}
"""The names of the facts of an IAM policy."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One document that is carried, or the name of one that AWS manages, and where that is written."""

    policy: Policy | Unknown
    origin: Origin
    managed: str | None = None

    def judge(self, question: str) -> Judgement:
        """What the document says of one of :data:`QUESTIONS`, each sentence with its origin."""
        found = judge_managed(self.managed, question) if self.managed else QUESTIONS[question](self.policy)
        return Judgement(
            found.value, tuple(replace(item, origin=item.origin or self.origin) for item in found.evidence)
        )


def together(judgements: Iterable[Judgement], none: str) -> Judgement:
    """Whether any of ``judgements`` is true, with the sentences that decide; ``none`` where there is none."""
    every = tuple(judgements)
    value = disjunction(item.value for item in every)
    deciding = [
        item for item in every if (item.value is True if value is True else isinstance(item.value, type(value)))
    ]
    evidence = tuple(sentence for item in deciding for sentence in item.evidence)
    return Judgement(value, evidence or (Evidence(none),))


class Documents:
    """Every IAM document of one configuration, with the names of its buckets filled in."""

    def __init__(self, configuration: Configuration) -> None:
        self.resources = {item.address: item for item in configuration.resources if is_live(item)}
        self._bound = bindings(item for item in self.resources.values() if item.type == BUCKET)
        policies = [item for item in self.resources.values() if item.type == POLICY and item.mode == "managed"]
        self._by_arn = {arn: item for item in policies if isinstance(arn := item.values.get("arn"), str)}

    def written(self, resource: Resource, *path: PathStep) -> Grant:
        """The document at ``path`` of ``resource``."""
        source = Source(resource)
        return Grant(parse(bind(source.get(*path), self._bound)), source.origin(*path))

    def own(self, resource: Resource) -> list[Grant]:
        """The documents that ``resource`` holds itself."""
        if resource.type in CARRIERS:
            return [self.written(resource, CARRIERS[resource.type])]
        if resource.type != ROLE or not resource.writes("inline_policy"):
            return []
        blocks = Source(resource).optional("inline_policy")
        if isinstance(blocks, Unknown):
            return [Grant(blocks, Origin(resource.address, ("inline_policy",)))]
        paths = (("inline_policy", index, "policy") for index in range(len(items(blocks))))
        found = (self.written(resource, *path) for path in paths if Source(resource).optional(*path) not in (None, ""))
        return list(found)

    def named(self, resource: Resource) -> Iterator[tuple[Value, Origin]]:
        """The ARNs of policies that ``resource`` attaches, and where each is written."""
        attribute = ATTACHMENTS.get(resource.type, "managed_policy_arns" if resource.type == ROLE else "")
        if not attribute or not resource.writes(attribute):
            return
        value = known_or_omitted(resource.named_by(attribute))
        if isinstance(value, list):
            yield from ((item, Origin(resource.address, (attribute, index))) for index, item in enumerate(value))
        elif value is not None:
            yield value, Origin(resource.address, (attribute,))

    def policy_at(self, arn: Value) -> Resource | None:
        """The policy resource of the input that ``arn`` names; None: there is none."""
        if isinstance(arn, str):
            return self._by_arn.get(arn)
        reference = arn.reference if isinstance(arn, Unknown) else None
        found = self.resources.get(reference.address) if reference else None
        return found if found is not None and found.type == POLICY else None

    def managed(self, arn: Value, origin: Origin) -> Grant | None:
        """What an ARN attaches that is no policy of the input; None for a policy of somebody else's."""
        if isinstance(arn, str | Template) and (name := managed_name(arn)):
            return Grant(Unknown(), origin, name)
        if isinstance(arn, str):
            return None
        doubt = arn if isinstance(arn, Unknown) else merge_unknown(unknowns(arn))
        return Grant(doubt, origin)

    def attached(self, resource: Resource) -> Iterator[Grant]:
        """All that ``resource`` attaches: policies of the input, of AWS, and doubts for all others."""
        for arn, origin in self.named(resource):
            policy = self.policy_at(arn)
            if policy is not None and policy.mode == "managed":
                yield replace(self.own(policy)[0], origin=origin)
            elif policy is not None:
                yield self.of_data(policy, origin)
            else:
                yield self.managed(arn, origin) or Grant(Unknown(f"the policy {arn} is not in the input"), origin)

    def of_data(self, data: Resource, origin: Origin) -> Grant:
        """A policy that is looked up: AWS's by its ARN, else by the text that the lookup found."""
        found = self.managed(data.values.get("arn"), origin)
        if found is not None and found.managed:
            return found
        return replace(self.written(data, "policy"), origin=origin)


def build_policies(configuration: Configuration) -> Built:
    """A subject for everything that carries an IAM policy, and for documents that nothing carries."""
    documents = Documents(configuration)
    boundaries = _only_boundaries(documents)
    subjects = []
    for resource in documents.resources.values():
        if resource.mode == "managed" and resource.address not in boundaries:
            grants = [*documents.own(resource), *_foreign(documents, resource)]
            if grants:
                subjects.append(_subject("iam-policy", resource, grants))
    subjects += [_subject("iam-policy", resource, [grant]) for resource, grant in _loose(configuration, documents)]
    return Built(tuple(subjects))


def _foreign(documents: Documents, resource: Resource) -> Iterator[Grant]:
    """The policies that ``resource`` attaches and that are not judged where they are written."""
    for arn, origin in documents.named(resource):
        policy = documents.policy_at(arn)
        if policy is not None and policy.mode == "data":
            yield documents.of_data(policy, origin)
        elif policy is None and (grant := documents.managed(arn, origin)):
            yield grant


def _only_boundaries(documents: Documents) -> set[str]:
    """Policies that only bound what others allow: used as a permissions boundary, attached nowhere."""
    bounds, attached = set(), set()
    for resource in documents.resources.values():
        bound = resource.named_by("permissions_boundary")
        named = documents.policy_at(bound)
        bounds.update([named.address] if named else [])
        bounds.update(item.address for hole in unknowns(bound) for item in hole.references)
        for arn, _ in documents.named(resource):
            policy = documents.policy_at(arn)
            attached.update([policy.address] if policy else [])
    return bounds - attached


def _loose(configuration: Configuration, documents: Documents) -> Iterator[tuple[Resource, Grant]]:
    """Data documents without principals whose statements stand in nothing else of the input."""
    data = [item for item in configuration.resources if item.type == DOCUMENT and item.mode == "data"]
    likely = [item for item in data if _may_be_document(item.values.get("json"))]
    loose = [(item, grant) for item in likely if _names_nobody((grant := documents.written(item, "json")).policy)]
    if not loose:
        return
    carried = _merged(data) | _mentioned(configuration)
    whole = [documents.written(item, "json").policy for item in data if item.address in carried]
    used = {statement for policy in (*_policies_elsewhere(documents), *whole) for statement in _alike(policy)}
    for item, grant in loose:
        if item.address not in carried and not any(statement in used for statement in _alike(grant.policy)):
            yield item, grant


def _mentioned(configuration: Configuration) -> set[str]:
    """Documents that an argument which is not known waits for: it may carry them."""
    values = (value for item in configuration.resources if item.mode == "managed" for value in item.values.values())
    holes = (hole for value in values for hole in unknowns(value))
    return {item.address for hole in holes for item in hole.references if f".{DOCUMENT}." in f".{item.address}"}


def _names_nobody(policy: Policy | Unknown) -> bool:
    """Whether every statement is known to be one of an identity policy."""
    statements = () if isinstance(policy, Unknown) else policy.statements
    return bool(statements) and all(
        isinstance(item, Statement) and item.principals is None and item.not_principals is None for item in statements
    )


def _policies_elsewhere(documents: Documents) -> Iterator[Policy | Unknown]:
    """The documents in the arguments of all resources."""
    for resource in documents.resources.values():
        if resource.mode == "managed":
            yield from (grant.policy for grant in documents.own(resource))
            for name, value in resource.values.items():
                if name not in CARRIERS.values() and _may_be_document(value):
                    yield documents.written(resource, name).policy


def _may_be_document(value: Value) -> bool:
    """Whether ``value`` may be a document without principals: only those are looked for."""
    if isinstance(value, str):
        return value.lstrip().startswith("{") and "Statement" in value and '"Principal"' not in value
    if isinstance(value, Template):
        return not any('"Principal"' in part for part in value.parts if isinstance(part, str))
    return isinstance(value, Encoded)


def _alike(policy: Policy | Unknown) -> set[Statement]:
    """The statements of ``policy``, wherever they stand in it."""
    found = () if isinstance(policy, Unknown) else policy.statements
    return {replace(item, index=0) for item in found if isinstance(item, Statement)}


def _merged(data: Iterable[Resource]) -> set[str]:
    """Documents that another document takes in, as far as references tell."""
    names = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
    values = (item.values.get(name) for item in data for name in names)
    return {reference.address for value in values for hole in unknowns(value) for reference in hole.references}


def _subject(kind: str, resource: Resource, grants: list[Grant]) -> Subject:
    judged = {name: together((grant.judge(name) for grant in grants), "no policy") for name in FIELDS}
    origins = tuple(grant.origin for grant in grants)
    return Subject(
        kind,
        resource.address,
        resource.type,
        {name: item.value for name, item in judged.items()},
        {"": (Origin(resource.address),), **{name: _deciding(item) or origins for name, item in judged.items()}},
        {name: item.evidence for name, item in judged.items()},
        resource.change.value if resource.change else None,
    )


def _deciding(judgement: Judgement) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(item.origin for item in judgement.evidence if item.origin))
