"""State JSON (``terraform show -json`` of a state) to a :class:`Configuration`."""

from __future__ import annotations

from typing import Any

from iacscan.inputs.configuration import Configuration, Kind, Resource
from iacscan.inputs.instances import Instance, listed
from iacscan.inputs.sensitive import marked, marked_texts


def read_state(content: dict[str, Any], path: str) -> Configuration:
    """The configuration that the state ``content``, read from ``path``, holds.

    Raises ``KeyError``, ``TypeError`` or ``AttributeError`` where it has not the shape of a state.
    """
    instances = list(listed(content.get("values")))
    secrets = (text for item in instances for text in marked_texts(item.values, item.sensitive))
    return Configuration(
        kind=Kind.STATE,
        path=path,
        resources=tuple(_resource(instance) for instance in instances),
        secrets=frozenset(secrets),
    )


def _resource(instance: Instance) -> Resource:
    """A state knows providers by type alone, and not what the author wrote."""
    return Resource(
        address=instance.address,
        type=instance.type,
        name=instance.name,
        values=instance.values,
        mode=instance.mode,
        module=instance.module,
        key=instance.key,
        provider=instance.provider_name.rpartition("/")[2],
        sensitive=tuple(marked(instance.sensitive)),
    )
