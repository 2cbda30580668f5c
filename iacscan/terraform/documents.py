"""Where a part of a policy document is written: in ``jsonencode``, or in the data source that makes documents.

The document of an argument is followed through locals, variables and outputs. Documents that are merged have
their statements in an order of their own, so those are not looked into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from iacscan.core import Location, PathStep, Reference, Span
from iacscan.terraform import nodes
from iacscan.terraform.bodies import grouped
from iacscan.terraform.instances import ResourceInstance
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.naming import MAX_HOPS, Written, followed
from iacscan.terraform.nodes import Expression

DATA_SOURCE = "aws_iam_policy_document"
_MERGES = frozenset({"source_json", "source_policy_documents", "override_json", "override_policy_documents"})

Table: TypeAlias = Mapping[str, tuple[ModuleInstance, ResourceInstance]]
"""Every resource instance by its address, and the module instance that it is in."""

Place: TypeAlias = tuple[ModuleInstance, Location]


def place_of(written: Written, path: Sequence[PathStep], instances: Table) -> Place | None:
    """The deepest place on ``path`` in the document that ``written`` is, and the module instance that has it.

    ``None`` where nothing of it is written as such.
    """
    place: Place | None = None
    for step in path:
        end = _opened(written)
        if isinstance(end, Reference):
            return place or in_data_source(end, path, instances)
        found = item_of(end.expression, step)
        if found is None:
            break
        span, expression = found
        place, written = (end.module, Location(end.path, span)), replace(end, expression=expression)
    end = followed(written)
    if place and end != written and isinstance(end, Written) and isinstance(end.expression, nodes.ObjectItems):
        place = end.module, Location(end.path, end.expression.span)
    return place


def item_of(expression: Expression, step: PathStep) -> tuple[Span, Expression] | None:
    """The item of an object or list as it is written, with its value."""
    if isinstance(expression, nodes.ObjectItems):
        item = next((each for each in expression.items if getattr(each.key, "value", None) == step), None)
        return None if item is None else (item.span, item.value)
    if isinstance(expression, nodes.TupleItems) and isinstance(step, int) and step < len(expression.items):
        return expression.items[step].span, expression.items[step]
    return None


def encoded(expression: Expression) -> Expression | None:
    """What ``jsonencode`` is given; ``None`` for any other expression."""
    is_call = isinstance(expression, nodes.Call) and expression.name == "jsonencode" and len(expression.arguments) == 1
    return expression.arguments[0] if is_call and isinstance(expression, nodes.Call) else None


def _opened(written: Written) -> Written | Reference:
    """The expression behind all that passes it on or encodes it."""
    for _ in range(MAX_HOPS):
        end = followed(written)
        inner = None if isinstance(end, Reference) else encoded(end.expression)
        if isinstance(end, Reference) or inner is None:
            return end
        written = replace(end, expression=inner)
    return written


def in_data_source(reference: Reference, path: Sequence[PathStep], instances: Table) -> Place | None:
    """The ``statement`` block on ``path`` in the document that ``reference`` is, where it is made of nothing else."""
    module, instance = instances.get(reference.address, (None, None))
    if module is None or instance is None or (instance.mode, instance.type) != ("data", DATA_SOURCE):
        return None
    if reference.path not in (("json",), ("minified_json",)) or _MERGES & instance.body.attributes.keys():
        return None
    attribute = instance.body.attributes.get("statement")
    if attribute is not None:
        return place_of(Written(module, instance.scope, attribute.path, attribute.value), path[1:2], instances)
    blocks = grouped(instance.body, instance.scope, instance.around.evaluate).get("statement", [])
    sure = [each for each in blocks if each.doubt is None]
    index = path[1] if len(path) > 1 and isinstance(path[1], int) else len(sure)
    # One that may be missing is rendered last; of several nothing is rendered at all.
    return (module, sure[index].block.location) if index < len(sure) and len(blocks) - len(sure) < 2 else None
