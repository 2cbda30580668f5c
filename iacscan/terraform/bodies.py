"""The content of a resource or nested block, evaluated to the shape that a plan has.

Nested blocks become lists in the order of the text, ``dynamic`` blocks are expanded
(https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks), and where the type's
schema is known values get its types and left-out arguments their planned values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, TypeAlias

from iacscan.core import Choice, Location, Perhaps, Unknown
from iacscan.terraform import nodes
from iacscan.terraform.expressions import MAX_SIZE, Scope, elements
from iacscan.terraform.handles import Handle
from iacscan.terraform.kinds import like
from iacscan.terraform.nodes import Attribute, Block, Body, Expression
from iacscan.terraform.schema import NO_DEFAULTS, BlockSchema, Defaults
from iacscan.terraform.types import Collection, Type, convert
from iacscan.terraform.values import AsWritten, EvaluationError, SetValue, derived, written_or

Evaluate: TypeAlias = Callable[[Expression, Scope, Location, Callable[[Any], Any]], Any]
"""Evaluates an expression and passes the value on, making an Unknown and a diagnostic of an error."""

META_BLOCKS = frozenset({"connection", "lifecycle", "provisioner"})
META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider", "providers"}) | META_BLOCKS


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One nested block after expansion, and the names that its content sees; ``doubt`` where it may not exist."""

    type: str
    block: Block
    scope: Scope
    doubt: Unknown | None = None


Groups: TypeAlias = Mapping[str, list[Occurrence]]
"""Nested blocks by type."""


def settle(value: Any) -> Any:
    """``value`` with every handle in it replaced by what it stands for, fit to leave the evaluator.

    Raises ``EvaluationError`` where that is too large.
    """
    return _settled(value, count(1))


def _settled(value: Any, seen: Iterator[int]) -> Any:
    if next(seen) > MAX_SIZE:
        raise EvaluationError("the value is too large to evaluate")
    match value:
        case Handle():
            whole = value.whole
            return _settled(whole(), seen) if whole else Unknown(value.reason, value.references, value.exact)
        case dict():
            return like(value, {key: _settled(item, seen) for key, item in value.items()})
        case list():
            return like(value, [_settled(item, seen) for item in value])
        case SetValue():
            return SetValue.of(_settled(item, seen) for item in value)
        case Choice():
            return value.each(lambda option: _settled(option, seen))
        case _:
            return value


def occurrences(body: Body, scope: Scope, evaluate: Evaluate) -> Iterator[Occurrence]:
    """The nested blocks of ``body`` in order, ``dynamic`` ones expanded."""
    for block in body.blocks:
        if block.type != "dynamic" or not block.labels:
            if block.type not in META_BLOCKS:
                yield Occurrence(block.type, block, scope)
            continue
        yield from _expanded(block, scope, evaluate)


def _expanded(block: Block, scope: Scope, evaluate: Evaluate) -> Iterator[Occurrence]:
    kind, contents = block.labels[0], block.body.blocks_of("content")
    collection, content = block.body.attributes.get("for_each"), contents[0] if contents else None
    if collection is None or content is None:
        return
    where = Location(collection.path, collection.span)
    value = evaluate(collection.value, scope, where, _iterable)
    pairs = elements(value)
    name = _iterator(block) or kind
    if pairs is None:
        doubt = derived(value)
        key, each = _only_element(value) or (doubt, doubt)
        yield Occurrence(kind, content, scope.bound({name: {"key": key, "value": each}}), doubt)
        return
    for key, each in pairs:
        yield Occurrence(kind, content, scope.bound({name: {"key": key, "value": each}}))


def _iterator(block: Block) -> str | None:
    """The name that the author gives to the element; in JSON syntax it is a text."""
    iterator = block.body.expression("iterator")
    name = iterator.name if isinstance(iterator, nodes.Name) else getattr(iterator, "value", None)
    return name if isinstance(name, str) else None


def _only_element(value: Any) -> tuple[Any, Any] | None:
    """The key and value that there are, if any: of ``var.on ? [1] : []`` those of 1."""
    found = [elements(option) for option in value.options] if isinstance(value, Choice) else [None]
    some = [pairs for pairs in found if pairs != []]
    return some[0][0] if len(some) == 1 and some[0] is not None and len(some[0]) == 1 else None


def _iterable(value: Any) -> Any:
    if value is None:
        raise EvaluationError("the for_each of a dynamic block is null")
    elements(value)
    return value


def block_values(
    body: Body, scope: Scope, schema: BlockSchema | None, evaluate: Evaluate, defaults: Defaults = NO_DEFAULTS
) -> dict[str, Any]:
    """All of ``body``: what is written, and for a known schema also what is not."""
    values = {
        name: attribute_value(attribute, scope, schema, evaluate, defaults)
        for name, attribute in body.attributes.items()
        if name not in META_ARGUMENTS
    }
    for kind, group in grouped(body, scope, evaluate).items():
        values[kind] = nested_values(group, _inner(schema, kind), evaluate, defaults.inside(kind))
    return values if schema is None else completed(values, schema, defaults)


def completed(values: Mapping[str, Any], schema: BlockSchema, defaults: Defaults) -> dict[str, Any]:
    """``values`` of a nested block with what is not written, as a plan has it."""
    result = {name: value for name, value in values.items() if value is not None}
    for name, attribute in schema.attributes.items():
        result[name] = written_or(result.get(name), partial(defaults.of, name, attribute))
    for name, block in schema.blocks.items():
        if name not in result:
            result[name] = absent_block(block)
    return result


def absent_block(schema: BlockSchema) -> Any:
    """What a plan shows for a nested block that is not written."""
    return None if schema.nesting == "single" else []


def grouped(body: Body, scope: Scope, evaluate: Evaluate) -> Groups:
    """The nested blocks of ``body`` by type; a ``dynamic`` block that expands to none counts."""
    groups: dict[str, list[Occurrence]] = {}
    for block in body.blocks:
        if block.type not in META_BLOCKS:
            groups.setdefault(block.labels[0] if block.type == "dynamic" and block.labels else block.type, [])
    for occurrence in occurrences(body, scope, evaluate):
        groups[occurrence.type].append(occurrence)
    return groups


def nested_values(
    group: list[Occurrence], schema: BlockSchema | None, evaluate: Evaluate, defaults: Defaults = NO_DEFAULTS
) -> Any:
    """The blocks of one type: a list, or one object where the schema says so; unknown where their number is."""
    doubts = [each.doubt for each in group if each.doubt is not None]
    single = schema is not None and schema.nesting == "single"
    if len(doubts) > 1 or (doubts and single):
        return derived(*doubts)
    if schema is not None and schema.nesting == "set":
        defaults = defaults.zeroed()
    items = [block_values(each.block.body, each.scope, schema, evaluate, defaults) for each in group]
    items = items if schema is not None else [AsWritten(item) for item in items]
    if doubts:
        certain: list[Any] = [item for item, each in zip(items, group, strict=True) if each.doubt is None]
        return Perhaps(doubts[0].reason, doubts[0].references, options=(certain, list[Any](items)))
    if single:
        return items[0] if items else None
    return items


def _inner(schema: BlockSchema | None, kind: str) -> BlockSchema | None:
    return schema.blocks.get(kind) if schema else None


def attribute_value(
    attribute: Attribute,
    scope: Scope,
    schema: BlockSchema | None,
    evaluate: Evaluate,
    defaults: Defaults = NO_DEFAULTS,
) -> Any:
    """One argument, converted as the schema says; a block written as an argument (JSON syntax) becomes a list."""
    where = Location(attribute.path, attribute.span)
    nested = _inner(schema, attribute.name)
    if nested is not None:
        inside = defaults.inside(attribute.name)
        return evaluate(attribute.value, scope, where, lambda value: _as_blocks(settle(value), nested, inside))
    known = schema.attributes.get(attribute.name) if schema else None
    if known is None:
        return evaluate(attribute.value, scope, where, settle)
    kind = known.type
    return evaluate(attribute.value, scope, where, lambda value: _converted(value, kind))


def _converted(value: Any, kind: Type) -> Any:
    """``value`` as the provider holds it: an empty map is the same as none."""
    if isinstance(value, Choice):
        return value.each(lambda option: _converted(option, kind))
    converted = convert(settle(value), kind)
    return None if converted == {} and isinstance(kind, Collection) else converted


def _as_blocks(value: Any, schema: BlockSchema, defaults: Defaults) -> Any:
    if isinstance(value, Choice):
        return value.each(lambda option: _as_blocks(option, schema, defaults))
    if value is None or isinstance(value, Unknown):
        return value if value is not None else absent_block(schema)
    if schema.nesting == "set":
        defaults = defaults.zeroed()
    items = [_filled(item, schema, defaults) for item in (value if isinstance(value, list) else [value])]
    if schema.nesting == "single":
        return items[0] if items else None
    return items


def _filled(value: Any, schema: BlockSchema, defaults: Defaults) -> Any:
    if not isinstance(value, dict):
        return value
    result = dict(value)
    for name in value:
        if name in schema.attributes:
            result[name] = convert(value[name], schema.attributes[name].type)
        elif name in schema.blocks:
            result[name] = _as_blocks(value[name], schema.blocks[name], defaults.inside(name))
    return completed(result, schema, defaults)
