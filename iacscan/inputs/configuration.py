"""What every input becomes: resources as plain values, and a way back to their source.

After this nothing knows whether a value came from HCL, a plan or a state; see
https://developer.hashicorp.com/terraform/internals/json-format for the shapes that are read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from iacscan.core import Diagnostic, Location, Origin, PathStep, Reference, Span, Unknown, Value


class Change(StrEnum):
    """What a plan does to a resource instance."""

    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    DELETED = "deleted"
    FORGOTTEN = "forgotten"


class Kind(StrEnum):
    """Which input a configuration was read from."""

    SOURCE = "source"
    PLAN = "plan"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Existence:
    """That an instance may not exist: what that waits for, and what it depends on.

    Instances with an equal ``condition`` are there together.
    """

    waits: Unknown
    condition: Hashable

    def with_each_of(self, address: str) -> bool:
        """Whether there is one of these for each instance at ``address``."""
        match self.condition:
            case (_, ("each of", (Reference(address=of, path=()),))):
                return bool(of == address)
        return False


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource instance or data source instance.

    ``values`` holds the attributes as they will be after apply (for a DELETED or FORGOTTEN
    instance: as they were before); nested blocks are lists. ``declared`` names the top-level
    arguments that the author wrote, ``None`` where the input cannot tell (state): Optional+Computed
    arguments outside it are live or unknown values, not declarations. ``references`` tells which
    attribute of another resource an argument is, where its value is known all the same: two buckets
    may share a name. ``sensitive`` lists the attribute paths that must never be shown. ``existence`` says
    that the instance may not exist; its values are those where it does.
    """

    address: str
    type: str
    name: str
    values: Mapping[str, Value]
    mode: str = "managed"
    module: str = ""
    key: str | int | None = None
    provider: str = ""
    declared: frozenset[str] | None = None
    references: Mapping[str, Reference] = field(default_factory=dict)
    sensitive: tuple[tuple[PathStep, ...], ...] = ()
    change: Change | None = None
    previous_address: str | None = None
    existence: Existence | None = None

    def writes(self, argument: str) -> bool:
        """Whether ``argument`` counts as declared: written by the author, or present in a state."""
        return self.declared is None or argument in self.declared

    def named_by(self, argument: str) -> Value:
        """The value of an argument that names another resource: the reference where one is written."""
        reference = self.references.get(argument)
        return self.values.get(argument) if reference is None else Unknown(references=(reference,), exact=True)

    def is_sensitive(self, path: tuple[PathStep, ...]) -> bool:
        """Whether the value at ``path`` is marked sensitive, or holds or lies inside one
        that is; the resource as a whole is not a value."""
        return bool(path) and any(path[: len(mark)] == mark or mark[: len(path)] == path for mark in self.sensitive)


def nowhere(_: Origin) -> tuple[Location, ...]:
    """The ``locate`` of an input that has no source: a plan or a state alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of the source, markers included, and the text that it speaks of.

    ``covers`` is the block around it or right below it, or the argument of a module call at whose end it
    stands; ``None`` where it stands alone.
    """

    text: str
    location: Location
    covers: Span | None = None


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """What a provider configuration says of the account that it works in.

    ``account`` is the id, where it is written. ``credentials`` stands for the credentials that are used, and is a
    digest: equal ones are of one account. ``None``: not known.
    """

    account: str | None = None
    credentials: str | None = None


@dataclass(frozen=True, slots=True)
class UnseenModule:
    """The call of a module whose source is not at hand. ``given`` is what it is told that may name a bucket."""

    address: str
    given: tuple[Value, ...]


Move: TypeAlias = tuple[str, str]
"""The address that a resource, a block or a module call had before, and the one that it has now."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One input, read. ``path`` is what the user named, relative and with forward slashes.

    ``before`` is the same configuration as it was before the change: of a plan, and of source that is compared
    with an earlier revision; there its resources have their earlier addresses. ``secrets`` are the texts that no report
    may show: those of sensitive values with the account numbers in them, and in source what variables are given from
    outside; very short ones, which occur everywhere, are not among them. ``variables`` are the values of the root
    module's variables, where a plan tells them. ``comments`` are those of its source, ``moves`` what its ``moved``
    blocks say, ``forgotten`` what its ``removed`` blocks leave in AWS, ``imported`` what its ``import`` blocks find
    there, ``unseen`` the calls of modules that are not at hand, ``providers`` the provider configurations by name.
    ``locate`` turns an origin into locations, the deciding one first.
    """

    kind: Kind
    path: str
    resources: tuple[Resource, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    before: Configuration | None = None
    secrets: frozenset[str] = frozenset()
    variables: Mapping[str, Value] = field(default_factory=dict, repr=False)
    comments: tuple[Comment, ...] = field(default=(), repr=False)
    moves: tuple[Move, ...] = field(default=(), repr=False)
    forgotten: tuple[str, ...] = field(default=(), repr=False)
    imported: tuple[str, ...] = field(default=(), repr=False)
    unseen: tuple[UnseenModule, ...] = field(default=(), repr=False)
    providers: Mapping[str, ProviderAccount] = field(default_factory=dict, repr=False)
    locate: Callable[[Origin], tuple[Location, ...]] = field(default=nowhere, repr=False, compare=False)

    def continued(self) -> Mapping[str, str]:
        """The addresses that resources have in ``before``, and those at which they go on now."""
        stay = (item for item in self.resources if item.change is not Change.CREATED)
        moved = self.kind is Kind.SOURCE
        return {(item.previous_address if moved else None) or item.address: item.address for item in stay}
