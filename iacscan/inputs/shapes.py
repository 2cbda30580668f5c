"""Which written block stands behind which planned one.

A plan lists nested blocks of a set in an order of its own, and leaves ``dynamic`` blocks out of
``configuration`` altogether; what they agree in tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from iacscan.inputs.blocks import is_expression

LISTS = frozenset({"statement"})
"""Repeatable blocks that keep the written order and that often differ in unknown values alone."""

_MAX_COMPARISONS = 20_000


@dataclass(frozen=True, slots=True)
class OneOf:
    """The written counterparts that a planned block may have; none: a dynamic block, which is not recorded."""

    nodes: tuple[Any, ...] = ()
    complete: bool = True


DYNAMIC = OneOf(complete=False)

Node = Any
"""What is written for a planned value: an expression, nested blocks, ``OneOf``, ``None`` if nothing."""


def references_in(node: Node) -> Iterator[str]:
    """Every reference text at or below ``node``."""
    if isinstance(node, OneOf | list):
        for item in node.nodes if isinstance(node, OneOf) else node:
            yield from references_in(item)
    elif is_expression(node):
        yield from node.get("references", ())
    elif isinstance(node, dict):
        for item in node.values():
            yield from references_in(item)


def child(node: Node, name: str) -> Node:
    """What is written for the attribute ``name`` of the block ``node``."""
    if isinstance(node, OneOf):
        nodes = (child(option, name) for option in node.nodes)
        return OneOf(tuple(option for option in nodes if option is not None), node.complete)
    if isinstance(node, dict):
        return node if is_expression(node) and node else node.get(name)
    if isinstance(node, list):
        return child(OneOf(tuple(node)), name) if len(node) != 1 else child(node[0], name)
    return None


def elements(node: Node, planned: Sequence[Any], name: str) -> list[Node]:
    """What is written for each element of the ``planned`` list of blocks called ``name``."""
    if isinstance(node, OneOf):
        blocks = [block for option in node.nodes if isinstance(option, list) for block in option]
        if len(blocks) < sum(isinstance(option, list) for option in node.nodes) or not blocks:
            return [node] * len(planned)
        return [_option(blocks, item, complete=False) for item in planned]
    if not isinstance(node, list):
        return [DYNAMIC if node is None and isinstance(item, dict) else node for item in planned]
    complete = len(node) == len(planned)
    if complete and (len(node) == 1 or (name in LISTS and all(map(agree, node, planned)))):
        return list(node)
    if len(node) * len(planned) > _MAX_COMPARISONS:
        return [OneOf(tuple(node), complete)] * len(planned)
    return [_option(node, item, complete) for item in planned]


def _option(blocks: Sequence[Any], planned: Any, complete: bool) -> Node:
    options = tuple(block for block in blocks if agree(block, planned))
    return options[0] if len(options) == 1 and complete else OneOf(options, complete and bool(options))


def agree(written: Any, planned: Any) -> bool:
    """Whether the ``planned`` block can come from the ``written`` one: no constant tells otherwise."""
    if not isinstance(written, dict) or not isinstance(planned, dict):
        return True
    for name, node in written.items():
        value = planned.get(name)
        if isinstance(node, list):
            if not isinstance(value, list) or not all(any(agree(block, item) for item in value) for block in node):
                return False
        elif is_expression(node) and "constant_value" in node and not _equal(node["constant_value"], value):
            return False
    return True


def _equal(constant: Any, value: Any) -> bool:
    """Equality after Terraform's conversions between texts, numbers and booleans, and of sets."""
    if isinstance(constant, list) and isinstance(value, list):
        return len(constant) == len(value) and sorted(map(_plain, constant)) == sorted(map(_plain, value))
    return _plain(constant) == _plain(value)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
