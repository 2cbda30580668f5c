"""What the AWS provider's schema says of a resource type: attribute types, nested blocks, what is computed.

``provider_schema.json`` is the part of ``terraform providers schema -json`` (hashicorp/aws 5.100.0)
that concerns storage, access and monitoring: for each type its attributes (``a``: type and flags
``c``omputed, ``o``ptional, ``r``equired, ``s``ensitive) and blocks (``b``: nesting and content). Two
things that the schema does not tell were taken from real plans: what is planned for an argument that
is left out (``d``), and blocks that the provider reads back when they are not written (``l``). Types
that are not in it are evaluated as they are written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from iacscan.core import Unknown
from iacscan.terraform.types import ANY, STRING, Collection, Object, Optional, Primitive, Type


@dataclass(frozen=True, slots=True)
class AttributeSchema:
    """An argument or exported attribute."""

    type: Type
    computed: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class BlockSchema:
    """The content of a resource or nested block, and how often the block may stand."""

    attributes: Mapping[str, AttributeSchema] = field(default_factory=dict)
    blocks: Mapping[str, BlockSchema] = field(default_factory=dict)
    nesting: str = "list"


@dataclass(frozen=True, slots=True)
class Defaults:
    """The values of left-out arguments at one level of a resource.

    Inside a block that is an element of a set, the provider's framework writes empty text and empty
    collections where nothing is given (``zero``).
    """

    known: Mapping[str, Any] = field(default_factory=dict)
    zero: bool = False

    def inside(self, block: str) -> Defaults:
        """The defaults inside the nested block ``block``."""
        known = self.known.get(block)
        return Defaults(known if isinstance(known, Mapping) else {}, self.zero)

    def zeroed(self) -> Defaults:
        """The defaults inside an element of a set."""
        return Defaults(self.known, True)

    def of(self, name: str, attribute: AttributeSchema) -> Any:
        """The value of the argument ``name`` that is not written; unknown where only AWS tells it."""
        if name in self.known:
            return self.known[name]
        if attribute.computed:
            return Unknown()
        if self.zero and attribute.type == STRING:
            return ""
        return [] if self.zero and isinstance(attribute.type, Collection) and attribute.type.kind != "map" else None


NO_DEFAULTS = Defaults()


@lru_cache(maxsize=1)
def _tables() -> Mapping[str, Any]:
    text = files("iacscan.terraform").joinpath("provider_schema.json").read_text(encoding="utf-8")
    tables: Mapping[str, Any] = json.loads(text)
    return tables


@cache
def schema_of(kind: str, mode: str = "managed") -> BlockSchema | None:
    """The schema of the resource or data source type ``kind``, where it is one of those known here."""
    table = _tables().get(f"data.{kind}" if mode == "data" else kind)
    return None if table is None else _block(table, "single")


def _block(table: Mapping[str, Any], nesting: str) -> BlockSchema:
    attributes = {name: _attribute(*entry) for name, entry in table.get("a", {}).items()}
    blocks = {name: _block(inner, nested) for name, (nested, inner) in table.get("b", {}).items()}
    return BlockSchema(attributes, blocks, nesting)


def _attribute(kind: Any, flags: str) -> AttributeSchema:
    return AttributeSchema(_type(kind), "c" in flags, "s" in flags)


def _type(kind: Any) -> Type:
    if isinstance(kind, str):
        return Primitive(kind) if kind in ("string", "number", "bool") else ANY
    name, inner = kind
    if name == "object":
        return Object({attribute: Optional(_type(each)) for attribute, each in inner.items()})
    return Collection(name, _type(inner))


@cache
def defaults_of(kind: str) -> Defaults:
    """The planned values of left-out arguments of ``kind``."""
    return Defaults(_tables().get(kind, {}).get("d", {}))


@cache
def computed_blocks_of(kind: str) -> frozenset[str]:
    """The blocks of ``kind`` that are unknown, not absent, where they are not written."""
    return frozenset(_tables().get(kind, {}).get("l", ()))
