"""What values mean across resources: the same thing by one text, or by a reference to it."""

from __future__ import annotations

from collections.abc import Iterable

from iacscan.core import Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.joins import is_live
from iacscan.model.parts import Source, known_or_omitted


class Things:
    """The live resources of one configuration, found by type, reference or one of their names."""

    def __init__(self, configuration: Configuration) -> None:
        self._by_type: dict[str, list[Resource]] = {}
        for resource in configuration.resources:
            if resource.mode == "managed" and is_live(resource):
                self._by_type.setdefault(resource.type, []).append(resource)

    def of(self, *types: str) -> list[Resource]:
        """The resources of these types."""
        return [resource for type_ in types for resource in self._by_type.get(type_, ())]


def means(value: Value, target: Resource, *names: str) -> Ternary:
    """Whether ``value`` names ``target``: refers to it, or has the text of one of its attributes ``names``.

    A text made of a reference to ``target`` and nothing else that is not known counts as its name.
    """
    value = known_or_omitted(value)
    if value is None:
        return False
    holes = list(unknowns(value))
    if not holes:
        own = [target.values.get(name) for name in names]
        return True if value in [item for item in own if isinstance(item, str)] else _open(own, value)
    addresses = {reference.address for hole in holes for reference in hole.references}
    if addresses == {target.address}:
        return True
    if addresses and all(f"{target.type}." in address for address in addresses) and target.address not in addresses:
        return False
    return merge_unknown(holes)


def _open(names: Iterable[Value], value: Value) -> Ternary:
    """Whether a name that is not known yet may turn out to be ``value``."""
    doubts = [hole for name in names for hole in unknowns(name) if hole.references]
    return Unknown(f"whether {value!r} is the name that waits", doubts[0].references) if doubts else False


def flag(resource: Resource, name: str, default: bool) -> Ternary:
    """A boolean argument that has a default."""
    value = Source(resource).optional(name)
    if value is None:
        return default
    return value if isinstance(value, bool | Unknown) else merge_unknown(unknowns(value))
