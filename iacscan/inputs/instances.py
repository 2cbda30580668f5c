"""The resource instances that a plan or a state lists, with the raw data of each.

A plan says the same in several places: ``resource_changes`` holds most, ``planned_values`` repeats
it, ``prior_state`` alone has the data sources that were read and what a targeted plan leaves out,
and a refresh-only plan has nothing else than ``prior_state`` and ``resource_drift``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from iacscan.inputs.addresses import Key, block_of, parent_module, parse_module
from iacscan.inputs.configuration import Change

_DATA = "data"


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance as an input lists it: its address taken apart, values, and marks beside them.

    ``unknown`` and ``sensitive`` have the shape of ``values``, with ``True`` at the marked places.
    """

    address: str
    module: str
    mode: str
    type: str
    name: str
    key: Key
    provider_name: str
    values: Mapping[str, Any]
    unknown: Mapping[str, Any]
    sensitive: Any
    change: Change | None = None
    previous_address: str | None = None

    @property
    def block(self) -> str:
        """The address of its block inside the module."""
        return f"data.{self.type}.{self.name}" if self.mode == _DATA else f"{self.type}.{self.name}"

    @property
    def stays(self) -> bool:
        """Whether it is part of the configuration after apply."""
        return self.change not in (Change.DELETED, Change.FORGOTTEN)


def change_of(actions: list[str]) -> Change | None:
    """What the ``actions`` of a change amount to; ``None`` for a combination not known here."""
    match sorted(actions):
        case ["no-op"] | ["read"] | []:
            return Change.UNCHANGED
        case ["create"]:
            return Change.CREATED
        case ["update"]:
            return Change.UPDATED
        case ["create", "delete"] | ["create", "forget"]:
            return Change.REPLACED
        case ["delete"]:
            return Change.DELETED
        case ["forget"]:
            return Change.FORGOTTEN
    return None


def _record(item: Mapping[str, Any], module: str, values: Any, unknown: Any, sensitive: Any) -> dict[str, Any]:
    key = item.get("index")
    record = {
        "address": item["address"],
        "module": module,
        "mode": item.get("mode", "managed"),
        "type": item["type"],
        "name": item["name"],
        "key": int(key) if isinstance(key, float) else key,
        "provider_name": item.get("provider_name", ""),
    }
    for name, value in record.items():
        if not isinstance(value, str) and not (name == "key" and (value is None or isinstance(value, int))):
            raise TypeError(f"the {name} of a resource is {type(value).__name__}")
    record["values"] = values if isinstance(values, dict) else {}
    record["unknown"] = unknown if isinstance(unknown, dict) else {}
    record["sensitive"] = sensitive
    return record


def changed(changes: list[Mapping[str, Any]]) -> Iterator[tuple[Instance, Instance | None]]:
    """Every live object in ``resource_changes`` or ``resource_drift``: as it will be, and as it was.

    A deleted or forgotten instance has its old values on both sides; a created one has no old side.
    """
    for item in changes:
        if "deposed" in item:
            continue
        body = item["change"]
        change = change_of(body["actions"])
        module = item.get("module_address", "")
        before = None
        if body.get("before") is not None:
            marks = body.get("before_sensitive")
            before = Instance(**_record(item, module, body["before"], None, marks))
        if change in (Change.DELETED, Change.FORGOTTEN):
            marks, values, unknown = body.get("before_sensitive"), body.get("before"), None
        else:
            marks, values, unknown = body.get("after_sensitive"), body.get("after"), body.get("after_unknown")
        record = _record(item, module, values, unknown, marks)
        yield Instance(**record, change=change, previous_address=item.get("previous_address")), before


def listed(values: Mapping[str, Any] | None) -> Iterator[Instance]:
    """Every live object in a values representation (``planned_values``, the ``values`` of a state)."""
    pending = [(values or {}).get("root_module") or {}]
    while pending:
        module = pending.pop()
        address = module.get("address", "")
        for item in module.get("resources", ()):
            if "deposed_key" not in item and "deposed" not in item:
                record = _record(item, address, item.get("values"), None, item.get("sensitive_values"))
                yield Instance(**record)
        pending.extend(reversed(module.get("child_modules", ())))


class Instances:
    """The instances that stay, looked up by address, by block, and by module call."""

    def __init__(self, instances: Mapping[str, Instance]) -> None:
        self._by_address = instances
        self._alike: dict[str, bool] = {}

    def get(self, address: str) -> Instance | None:
        """The instance at ``address``, if it stays."""
        found = self._by_address.get(address)
        return found if found is not None and found.stays else None

    def of(self, module: str, block: str) -> Mapping[Key, str]:
        """The addresses of the instances of a block in a module instance, by instance key."""
        return self._blocks.get((module, block), {})

    def of_call(self, module: str, name: str) -> Mapping[Key, str]:
        """The addresses of the instances of a module call, by instance key."""
        return self._modules.get((module, name), {})

    def siblings(self, address: str) -> Sequence[Instance]:
        """All instances of the block at ``address``, in whichever instance of its module."""
        return self._siblings.get(block_of(address), ())

    def alike(self, address: str) -> bool:
        """Whether all instances of the block at ``address`` are planned with the same values."""
        block = block_of(address)
        if block not in self._alike:
            first, *others = self._siblings[block]
            same = (each.values == first.values and each.unknown == first.unknown for each in others)
            self._alike[block] = all(same)
        return self._alike[block]

    @cached_property
    def _siblings(self) -> Mapping[str, list[Instance]]:
        found: dict[str, list[Instance]] = {}
        for address in sorted(self._by_address):
            if self._by_address[address].stays:
                found.setdefault(block_of(address), []).append(self._by_address[address])
        return found

    @cached_property
    def _blocks(self) -> Mapping[tuple[str, str], dict[Key, str]]:
        found: dict[tuple[str, str], dict[Key, str]] = {}
        for instance in self._by_address.values():
            if instance.stays:
                found.setdefault((instance.module, instance.block), {})[instance.key] = instance.address
        return found

    @cached_property
    def _modules(self) -> Mapping[tuple[str, str], dict[Key, str]]:
        found: dict[tuple[str, str], dict[Key, str]] = {}
        seen = set()
        for module, _ in self._blocks:
            while module and module not in seen:
                seen.add(module)
                name, key = parse_module(module)[-1]
                parent = parent_module(module)
                found.setdefault((parent, name), {})[key] = module
                module = parent
        return found
