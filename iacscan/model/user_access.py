"""S3 access that is given to IAM users: long-lived credentials, where a role's expire by themselves.

https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iacscan.core import Evidence, Judgement, Origin, Unknown, Value
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.iam import Documents, Grant, together
from iacscan.model.subject import Built, Subject

KEY = "aws_iam_access_key"
USER = "aws_iam_user"
USER_TYPES = ("aws_iam_user_policy", "aws_iam_user_policy_attachment", "aws_iam_user_policy_attachments_exclusive")
_GROUP_TYPES = ("aws_iam_group_policy", "aws_iam_group_policy_attachment", "aws_iam_group_policy_attachments_exclusive")
_SEVERAL = "aws_iam_policy_attachment"

FIELDS: dict[str, Any] = {"s3": None, "user": None}
"""The names of the facts of something that gives a user access."""


def build_user_access(configuration: Configuration) -> Built:
    """A subject for each policy, attachment and access key of a user."""
    documents = Documents(configuration)
    people = _People(documents)
    subjects = []
    for resource in documents.resources.values():
        if resource.mode != "managed":
            continue
        if resource.type in USER_TYPES:
            judgement = together((item.judge("s3") for item in people.grants(resource)), "no policy is attached")
            subjects.append(_subject(resource, judgement))
        elif resource.type == _SEVERAL and (users := resource.values.get("users")) not in (None, []):
            judgement = together((item.judge("s3") for item in people.grants(resource)), "no policy is attached")
            subjects.append(_subject(resource, _if_known(judgement, users)))
        elif resource.type == KEY:
            subjects.append(_subject(resource, people.of_user(resource)))
    return Built(tuple(subjects))


def _if_known(judgement: Judgement, users: Value) -> Judgement:
    """``judgement`` of an attachment whose list of users may turn out to be empty."""
    if not isinstance(users, Unknown) or judgement.value is False:
        return judgement
    return Judgement(users, (Evidence(f"The users that it is attached to are not known: {users}."),))


class _People:
    """Which policies reach which user, directly or through a group."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._names = {
            (item.type, name): item.address
            for item in documents.resources.values()
            if isinstance(name := item.values.get("name"), str)
        }
        self._of: dict[str, list[Resource]] = {}
        for resource in documents.resources.values():
            for who in self._reached(resource):
                self._of.setdefault(who, []).append(resource)

    def grants(self, resource: Resource) -> list[Grant]:
        """Every document that ``resource`` holds or attaches."""
        return [*self._documents.own(resource), *self._documents.attached(resource)]

    def of_user(self, key: Resource) -> Judgement:
        """Whether the user of an access key may use S3, by what the input gives the user."""
        who = self._address(USER, key.named_by("user"))
        if who not in self._documents.resources:
            why = Unknown("the user of the access key is not in the input")
            return Judgement(
                why, (Evidence(f"What the key may do is not known: {why}.", Origin(key.address, ("user",))),)
            )
        found = [item for resource in self._of.get(who, ()) for item in self._through(resource)]
        return together((item.judge("s3") for item in found), f"Nothing in the input gives {who} access to S3.")

    def _through(self, resource: Resource) -> Iterator[Grant]:
        yield from self.grants(resource)
        for group in self._groups(resource):
            for other in self._of.get(group, ()):
                yield from self.grants(other)

    def _groups(self, resource: Resource) -> list[str]:
        if resource.type == "aws_iam_user_group_membership":
            return self._addresses("aws_iam_group", resource.values.get("groups"))
        if resource.type == "aws_iam_group_membership":
            return [self._address("aws_iam_group", resource.named_by("group"))]
        return []

    def _reached(self, resource: Resource) -> list[str]:
        """The users and groups that ``resource`` is about."""
        if resource.mode != "managed":
            return []
        if resource.type in (*USER_TYPES, "aws_iam_user_group_membership"):
            return [self._address(USER, resource.named_by("user" if "exclusive" not in resource.type else "user_name"))]
        if resource.type in _GROUP_TYPES:
            argument = "group" if "exclusive" not in resource.type else "group_name"
            return [self._address("aws_iam_group", resource.named_by(argument))]
        if resource.type in (_SEVERAL, "aws_iam_group_membership"):
            groups = resource.values.get("groups")
            return [*self._addresses(USER, resource.values.get("users")), *self._addresses("aws_iam_group", groups)]
        return []

    def _addresses(self, type_: str, values: Value) -> list[str]:
        return [self._address(type_, item) for item in values] if isinstance(values, list) else []

    def _address(self, type_: str, value: Value) -> str:
        """The address of the user or group that ``value`` names; any text of its own where it names none."""
        if isinstance(value, Unknown):
            return value.reference.address if value.reference else ""
        return self._names.get((type_, str(value)), f"{type_}:{value}")


def _subject(resource: Resource, judgement: Judgement) -> Subject:
    own = (Origin(resource.address),)
    places = tuple(dict.fromkeys(item.origin for item in judgement.evidence if item.origin))
    facts: Mapping[str, Any] = {"s3": judgement.value, "user": None}
    change = resource.change.value if resource.change else None
    return Subject(
        "user-access",
        resource.address,
        resource.type,
        facts,
        {"": own, "s3": places or own},
        {"s3": judgement.evidence},
        change,
    )
