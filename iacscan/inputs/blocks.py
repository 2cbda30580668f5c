"""The ``configuration`` part of a plan: what the author wrote, block by block, without instances.

See https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from iacscan.inputs.addresses import parse_module

Expression = Mapping[str, Any]
"""One argument: ``{"constant_value": …}`` or ``{"references": […]}``; empty where it has neither."""

_EXPRESSION_KEYS = frozenset({"constant_value", "references"})


def is_expression(node: Any) -> bool:
    """Whether ``node`` of a configuration is an argument, not a nested block."""
    return isinstance(node, dict) and node.keys() <= _EXPRESSION_KEYS


def _mapping(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    child = parent.get(name)
    return child if isinstance(child, dict) else {}


class Block:
    """A resource, data source or module call as written."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.expressions = _mapping(raw, "expressions")
        self.provider_key = str(raw.get("provider_config_key", ""))
        self._raw = raw

    @property
    def is_counted(self) -> bool:
        """Whether it has ``count``."""
        return "count_expression" in self._raw

    @property
    def is_repeated(self) -> bool:
        """Whether it has ``count`` or ``for_each``, so that its instances have keys."""
        return self.is_counted or "for_each_expression" in self._raw

    @property
    def for_each(self) -> Expression:
        """The ``for_each`` argument, empty where there is none."""
        return _mapping(self._raw, "for_each_expression")


class Module:
    """One module as written: its blocks by local address, its calls, outputs and variables."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self.outputs = _mapping(raw, "outputs")
        self.variables = _mapping(raw, "variables")
        self._calls = _mapping(raw, "module_calls")
        self._children: dict[str, Module] = {}

    @cached_property
    def blocks(self) -> Mapping[str, Block]:
        """Resources and data sources by their address inside the module."""
        return {block["address"]: Block(block) for block in self._raw.get("resources", ())}

    @cached_property
    def calls(self) -> Mapping[str, Block]:
        """Module calls by name."""
        return {name: Block(call) for name, call in self._calls.items()}

    def child(self, name: str) -> Module:
        """The module called ``name`` in this one; an empty module where there is none."""
        if name not in self._children:
            self._children[name] = Module(_mapping(_mapping(self._calls, name), "module"))
        return self._children[name]

    def walk(self) -> Iterator[Module]:
        """This module and all below it."""
        pending = [self]
        while pending:
            module = pending.pop()
            yield module
            pending.extend(module.child(name) for name in module._calls)


class Written:
    """The whole configuration, looked up by the address of a module instance."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.root = Module(_mapping(raw, "root_module"))
        self._given = "root_module" in raw
        self._providers = _mapping(raw, "provider_config")
        self._modules: dict[str, Module] = {"": self.root}

    @property
    def is_missing(self) -> bool:
        """Whether the plan has no such part, as one has that somebody cut."""
        return not self._given

    def module(self, address: str) -> Module:
        """The module whose instance is at ``address``; an empty one where nothing is written."""
        found = self._modules.get(address)
        if found is None:
            found = self.root
            for name, _ in parse_module(address):
                found = found.child(name)
            self._modules[address] = found
        return found

    @property
    def providers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The provider configurations by key, with their expressions; of ``dynamic`` blocks a plan says nothing."""
        for key, raw in self._providers.items():
            yield key, _mapping(raw if isinstance(raw, dict) else {}, "expressions")

    def provider(self, block: Block | None, provider_name: str) -> str:
        """The provider configuration of a block: ``aws``, ``aws.west``, or ``module.m:aws`` for a module's own.

        A key that is not configured itself is inherited from the root module.
        """
        short = provider_name.rpartition("/")[2]
        key = block.provider_key if block else ""
        if key in self._providers:
            return key
        inherited = key.rpartition(":")[2]
        return inherited if inherited in self._providers else key or short
