"""Module calls whose source is not at hand: what they are given may name a bucket, which they may configure."""

from __future__ import annotations

from collections.abc import Iterator

from iacscan.core import Location, Unknown, Value
from iacscan.inputs.configuration import UnseenModule
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.values import export

_OF_TERRAFORM = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_NAMING = ((), ("id",), ("bucket",))
"""The attribute paths by which a bucket is named; an empty one is the bucket as a whole."""


def unseen_modules(root: ModuleInstance) -> Iterator[UnseenModule]:
    """Every call at or below ``root`` of a module that is not at hand."""
    for module in root.modules():
        for name, block in module.module.calls.items():
            if not module.call_instances(name) and module.expansion(block, ("module", name)).scopes:
                given = tuple(dict.fromkeys(_given(module, name)))
                yield UnseenModule(f"{module.prefix}module.{name}", given)


def _given(module: ModuleInstance, name: str) -> Iterator[str | Unknown]:
    block = module.module.calls[name]
    for scope in module.expansion(block, ("module", name)).scopes.values():
        for argument, attribute in block.body.attributes.items():
            if argument not in _OF_TERRAFORM:
                where = Location(attribute.path, attribute.span)
                yield from _names(module.evaluate(attribute.value, scope, where, export))


def _names(value: Value) -> Iterator[str | Unknown]:
    """The texts in ``value``, and the references to what names a bucket: an ARN is for policies of others."""
    match value:
        case dict():
            for item in value.values():
                yield from _names(item)
        case list():
            for item in value:
                yield from _names(item)
        case str() if not value.startswith("arn:"):
            yield value
        case Unknown(reference=reference) if reference is not None and reference.path in _NAMING:
            yield value
