"""One part of a bucket (its ACL, its versioning …) as facts, with evidence and origins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from iacscan.core import Choice, Encoded, Evidence, Origin, PathStep, Template, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource

OMITTED = Unknown()
"""What a plan shows for a computed argument that nobody wrote: unknown, and waiting for nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """Facts of one slot. ``evidence`` is keyed by fact path inside the slot, "" for the whole.

    ``options`` are the facts of all that it may be, where that is not known.
    """

    facts: Mapping[str, Any]
    origins: tuple[Origin, ...] = ()
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    options: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A resource that fills a slot: a stand-alone one, or the bucket's own inline arguments."""

    resource: Resource
    inline: bool = False

    def origin(self, *path: PathStep) -> Origin:
        """The origin of an attribute of this resource."""
        return Origin(self.resource.address, path)

    def get(self, *path: PathStep) -> Value:
        """The value at ``path``: ``None`` where absent, unknown where anything above it is."""
        value: Value = dict(self.resource.values)
        for step in path:
            if isinstance(value, Unknown | Template | Encoded):
                return merge_unknown(unknowns(value))
            if isinstance(value, list) and isinstance(step, int):
                value = value[step] if step < len(value) else None
            elif isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            else:
                return None
        return merge_unknown([value]) if isinstance(value, Choice) else value

    def optional(self, *path: PathStep) -> Value:
        """:meth:`get` for a computed argument: ``None`` where nobody wrote it, too."""
        return known_or_omitted(self.get(*path))


def known_or_omitted(value: Value) -> Value:
    """``value``, or ``None`` for a computed argument that nobody wrote."""
    return None if value == OMITTED else value


def plain(value: Value) -> Any:
    """``value`` as a fact: texts with holes become unknown, since rules compare whole values."""
    if isinstance(value, Template | Encoded | Choice):
        return merge_unknown(unknowns(value))
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def shown(value: Any) -> str:
    """``value`` in the words of a report; an unknown reads as what it is or waits for."""
    if isinstance(value, Unknown):
        return str(value.reference) if value.reference is not None else f"not known ({value})"
    return str(value)


def items(value: Value) -> list[Value]:
    """The blocks of a nested block list; none where it is absent."""
    return value if isinstance(value, list) else []


def agree(options: Sequence[Any], why: Unknown) -> Any:
    """What all ``options`` say, key by key; unknown, for the reason ``why``, where they differ."""
    first = options[0]
    if all(isinstance(option, Mapping) for option in options):
        return {key: agree([option.get(key) for option in options], why) for key in first}
    return first if all(_same(first, option) for option in options[1:]) else why


def _same(left: Any, right: Any) -> bool:
    if any(True for value in (left, right) for _ in unknowns(value)):
        return False
    return bool(left == right) and type(left) is type(right)


def agreed(parts: Sequence[Part], why: Unknown, *sentences: Evidence) -> Part:
    """One part out of several that may each be the real one; differing facts are unknown."""
    if len(parts) == 1:
        return parts[0]
    origins = tuple(dict.fromkeys(origin for part in parts for origin in part.origins))
    evidence: dict[str, dict[Evidence, None]] = {}
    for path, said in (item for part in parts for item in part.evidence.items()):
        evidence.setdefault(path, {}).update(dict.fromkeys(said))
    evidence.setdefault("", {}).update(dict.fromkeys(sentences))
    options = tuple(part.facts for part in parts)
    return Part(agree(options, why), origins, {path: tuple(said) for path, said in evidence.items()}, options)
