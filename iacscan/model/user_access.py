"""S3 access that is given to IAM users: long-lived credentials, where a role's expire by themselves.

https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iacscan.core import Evidence, Judgement, Origin, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.iam import Documents, Grant, together
from iacscan.model.parts import known_or_omitted
from iacscan.model.subject import Built, Subject

KEY = "aws_iam_access_key"
USER = "aws_iam_user"
USER_TYPES = ("aws_iam_user_policy", "aws_iam_user_policy_attachment", "aws_iam_user_policy_attachments_exclusive")
GROUP = "aws_iam_group"
_GROUP_TYPES = ("aws_iam_group_policy", "aws_iam_group_policy_attachment", "aws_iam_group_policy_attachments_exclusive")
_SEVERAL = "aws_iam_policy_attachment"
_MEMBERSHIPS = ("aws_iam_user_group_membership", "aws_iam_group_membership")

FIELDS: dict[str, Any] = {"s3": None}
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
        self._names: dict[tuple[str, str], str] = {}
        self._late: dict[str, list[Unknown]] = {}
        for item in documents.resources.values():
            if item.type in (USER, GROUP):
                self._name(item)
        self._of: dict[str, list[Resource]] = {}
        self._perhaps: list[tuple[Resource, Unknown]] = []
        for resource in documents.resources.values():
            for who in self._reached(resource) if resource.mode == "managed" else ():
                if isinstance(who, Unknown):
                    self._perhaps.append((resource, who))
                else:
                    self._of.setdefault(who, []).append(resource)

    def _name(self, item: Resource) -> None:
        name = known_or_omitted(item.values.get("name"))
        if isinstance(name, str):
            self._names[(item.type, name)] = item.address
        elif name is not None:
            self._late.setdefault(item.type, []).append(merge_unknown(unknowns(name)))

    def grants(self, resource: Resource) -> list[Grant]:
        """Every document that ``resource`` holds or attaches."""
        return [*self._documents.own(resource), *self._documents.attached(resource)]

    def of_user(self, key: Resource) -> Judgement:
        """Whether the user of an access key may use S3, by what the input gives the user."""
        who = self._address(USER, key.named_by("user"))
        user = None if isinstance(who, Unknown) else self._documents.resources.get(who)
        if isinstance(who, Unknown) or user is None or user.type != USER:
            why = who if isinstance(who, Unknown) else Unknown("the user of the access key is not in the input")
            said = Evidence(f"What the key may do is not known: {why}.", Origin(key.address, ("user",)))
            return Judgement(why, (said,))
        judged = [item.judge("s3") for resource in self._of.get(who, ()) for item in self._through(resource)]
        judged += [item for resource, why in self._perhaps if (item := self._doubt(resource, why)) is not None]
        return together(judged, f"Nothing in the input gives {who} access to S3.")

    def _doubt(self, resource: Resource, why: Unknown) -> Judgement | None:
        """What a resource may mean for any user, whose user or group is not known."""
        gives = together((item.judge("s3") for item in self.grants(resource)), "").value
        if gives is False and resource.type not in _MEMBERSHIPS:
            return None
        return Judgement(why, (Evidence(f"{resource.address} may be about the user: {why}."),))

    def _through(self, resource: Resource) -> Iterator[Grant]:
        yield from self.grants(resource)
        for group in self._groups(resource):
            if not isinstance(group, Unknown):
                for other in self._of.get(group, ()):
                    yield from self.grants(other)

    def _groups(self, resource: Resource) -> list[str | Unknown]:
        if resource.type == "aws_iam_user_group_membership":
            return self._addresses(GROUP, resource.values.get("groups"))
        if resource.type == "aws_iam_group_membership":
            return [self._address(GROUP, resource.named_by("group"))]
        return []

    def _reached(self, resource: Resource) -> list[str | Unknown]:
        """The users and groups that ``resource`` is about; an Unknown for one that cannot be told."""
        suffix = "_name" if "exclusive" in resource.type else ""
        if resource.type in USER_TYPES:
            return [self._address(USER, resource.named_by(f"user{suffix}"))]
        if resource.type in _GROUP_TYPES:
            return [self._address(GROUP, resource.named_by(f"group{suffix}"))]
        if resource.type == _SEVERAL:
            of_groups = self._addresses(GROUP, resource.values.get("groups"))
            return [*self._addresses(USER, resource.values.get("users")), *of_groups]
        if resource.type == "aws_iam_user_group_membership":
            doubts = [item for item in self._groups(resource) if isinstance(item, Unknown)]
            return [self._address(USER, resource.named_by("user")), *doubts]
        if resource.type == "aws_iam_group_membership":
            doubts = [item for item in self._groups(resource) if isinstance(item, Unknown)]
            return [*self._addresses(USER, resource.values.get("users")), *doubts]
        return []

    def _addresses(self, type_: str, values: Value) -> list[str | Unknown]:
        values = known_or_omitted(values)
        if isinstance(values, Unknown):
            return [values]
        return [self._address(type_, item) for item in values] if isinstance(values, list) else []

    def _address(self, type_: str, value: Value) -> str | Unknown:
        """The address of the user or group that ``value`` names; any text of its own where it names none."""
        if isinstance(value, str):
            found = self._names.get((type_, value))
            late = self._late.get(type_)
            return found or (late[0] if late else f"{type_}:{value}")
        reference = value.reference if isinstance(value, Unknown) else None
        if reference is not None and f"{type_}." in reference.address:
            return reference.address
        return merge_unknown(unknowns(value))


def _subject(resource: Resource, judgement: Judgement) -> Subject:
    own = (Origin(resource.address),)
    places = tuple(dict.fromkeys(item.origin for item in judgement.evidence if item.origin))
    facts: Mapping[str, Any] = {"s3": judgement.value}
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
