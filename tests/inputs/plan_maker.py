"""Plans in the shape that Terraform writes, built from a few words, for the tests in this folder."""

import json
import re
from typing import Any

from iacscan.inputs import load
from iacscan.inputs.configuration import Configuration, Resource

_ADDRESS = re.compile(
    r'(?P<module>(?:module\.[^.\[]+(?:\[(?:\d+|"[^"]*")\])?\.)*)'
    r"(?P<data>data\.)?(?P<type>\w+)\.(?P<name>\w+)(?:\[(?P<key>.*)\])?\Z"
)
ALL_UNKNOWN = ("id", "arn", "bucket")


def chain(traversal: str) -> list[str]:
    """A traversal and its prefixes, as the plan lists them: ``a.b["k"].id``, ``a.b["k"]``, ``a.b``."""
    parts = re.findall(r'\[\d+\]|\["[^"]*"\]|\.?[^.\[]+', traversal)
    head = 3 if parts[0] == "data" else 2
    if parts[0] in ("each", "count", "var", "local", "path"):
        return ["".join(parts[:end]) for end in range(len(parts), 1, -1)]
    if parts[0] == "module":
        head = 3 if len(parts) > 2 and parts[2].startswith("[") else 2
    return ["".join(parts[:end]) for end in range(len(parts), head - 1, -1)]


def refs(*traversals: str) -> dict[str, Any]:
    """An expression that names ``traversals``."""
    return {"references": [text for traversal in traversals for text in chain(traversal)]}


def const(value: Any) -> dict[str, Any]:
    """An expression that is a constant."""
    return {"constant_value": value}


def parts(address: str) -> dict[str, Any]:
    """The fields of a resource entry that its address gives."""
    match = _ADDRESS.match(address)
    assert match, address
    entry: dict[str, Any] = {
        "address": address,
        "mode": "data" if match["data"] else "managed",
        "type": match["type"],
        "name": match["name"],
        "provider_name": "registry.terraform.io/hashicorp/aws",
    }
    if match["module"]:
        entry["module_address"] = match["module"].removesuffix(".")
    if match["key"]:
        entry["index"] = json.loads(match["key"])
    return entry


def change(
    address: str,
    after: dict[str, Any] | None = None,
    unknown: Any = ALL_UNKNOWN,
    actions: tuple[str, ...] = ("create",),
    before: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An entry of ``resource_changes``; ``unknown`` lists attributes, or has the plan's own shape."""
    marks = unknown if isinstance(unknown, dict) else dict.fromkeys(unknown, True)
    gone = set(actions) <= {"delete", "forget"}
    body = {
        "actions": list(actions),
        "before": before,
        "after": None if gone else after or {},
        "after_unknown": {}
        if gone
        else {name: mark for name, mark in marks.items() if name not in (after or {}) or mark is not True},
        "before_sensitive": more.pop("before_sensitive", False),
        "after_sensitive": more.pop("after_sensitive", {}),
    }
    return {**parts(address), "change": body, **more}


def block(address: str, **expressions: Any) -> dict[str, Any]:
    """A resource of ``configuration``; ``for_each`` and ``count`` become its repetition."""
    entry = parts(address)
    raw: dict[str, Any] = {name: entry[name] for name in ("address", "mode", "type", "name")}
    raw["provider_config_key"] = expressions.pop("provider", "aws")
    for name in ("for_each", "count"):
        if name in expressions:
            raw[f"{name}_expression"] = expressions.pop(name)
    return {**raw, "expressions": expressions} if expressions else raw


def module(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A module of ``configuration``: ``outputs`` by expression, ``calls`` by name, ``variables``."""
    raw: dict[str, Any] = {"resources": list(blocks)}
    if "outputs" in more:
        raw["outputs"] = {name: {"expression": expression} for name, expression in more["outputs"].items()}
    if "calls" in more:
        raw["module_calls"] = more["calls"]
    if "variables" in more:
        raw["variables"] = more["variables"]
    return raw


def call(called: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """A module call; ``for_each`` and ``count`` become its repetition."""
    raw: dict[str, Any] = {"source": "./m", "module": called}
    for name in ("for_each", "count"):
        if name in arguments:
            raw[f"{name}_expression"] = arguments.pop(name)
    return {**raw, "expressions": arguments}


def plan(changes: list[dict[str, Any]], root: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A whole plan."""
    providers = more.pop("providers", {"aws": {"name": "aws"}})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": changes,
        "configuration": {"provider_config": providers, "root_module": root or {}},
        **more,
    }


def read(content: Any, folder: Any) -> Configuration:
    """The configuration that ``load`` makes of ``content``, which must be read without a complaint."""
    path = folder / "input.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    configurations, diagnostics = load([str(path)])
    assert diagnostics == ()
    (configuration,) = configurations
    return configuration


def by_address(configuration: Configuration | None) -> dict[str, Resource]:
    """The resources of a configuration by their addresses, which are unique."""
    assert configuration is not None
    found = {resource.address: resource for resource in configuration.resources}
    assert len(found) == len(configuration.resources)
    return found
