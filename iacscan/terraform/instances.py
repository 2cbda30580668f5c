"""Instances: how often a resource or module stands, and the values of each.

``count`` and ``for_each`` follow https://developer.hashicorp.com/terraform/language/meta-arguments.
Where they are not known before apply there is one instance without a key: its values count as they are
where it exists, or are unknown with that reason.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import partial
from typing import Any, Protocol

from iacscan.core import Choice, PathStep, Perhaps, Reference, Span, Unknown
from iacscan.terraform.bodies import (
    META_ARGUMENTS,
    Evaluate,
    Groups,
    absent_block,
    attribute_value,
    block_values,
    grouped,
    nested_values,
)
from iacscan.terraform.expressions import Scope
from iacscan.terraform.handles import Handle, Instances, opened
from iacscan.terraform.keys import Key
from iacscan.terraform.nodes import Block, Body, Expression
from iacscan.terraform.schema import BlockSchema, computed_blocks_of, defaults_of, schema_of
from iacscan.terraform.values import (
    NOT_KNOWN,
    EvaluationError,
    SetValue,
    derived,
    export,
    is_known,
    to_number,
    written_or,
)

MAX_INSTANCES = 5_000

Computed = Callable[[Mapping[str, Any], Any], Mapping[str, Any]]
"""Computes attributes of a data source from its arguments and the Region of its provider."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The instances of one block: their keys and what ``each``/``count`` are in them.

    ``kind`` is ``one``, ``count``, ``for_each`` or ``unknown``; in the last ``doubt`` says why, and
    ``condition`` is what the instances depend on: equal for blocks that are there together. ``None`` where
    it is more than their existence that is not known. ``single`` says that there is one at most.
    """

    kind: str
    scopes: Mapping[Key, Scope]
    doubt: Unknown | None = None
    condition: Hashable = None
    single: bool = False


def expand(block: Block, scope: Scope, evaluate: Callable[[str, Callable[[Any], Any]], Any]) -> Expansion:
    """The instances of ``block``; ``evaluate(name, check)`` gives one of its arguments."""
    if "count" in block.body.attributes:
        count = evaluate("count", _count)
        if isinstance(count, NOT_KNOWN):
            expansion = _unknown(scope.bound({"count": {"index": derived(count)}}), block, "count", count)
            return replace(expansion, single=isinstance(count, Choice) and all(map(_is_one_at_most, count.options)))
        return Expansion("count", {index: scope.bound({"count": {"index": index}}) for index in range(count)})
    if "for_each" in block.body.attributes:
        each = evaluate("for_each", _for_each)
        if isinstance(each, NOT_KNOWN):
            doubt = derived(each)
            value = each.element if isinstance(each, Instances) else doubt
            return _unknown(scope.bound({"each": {"key": doubt, "value": value}}), block, "for_each", each)
        scopes = {key: scope.bound({"each": {"key": key, "value": value}}) for key, value in sorted(each.items())}
        return Expansion("for_each", scopes)
    return Expansion("one", {None: scope})


def not_expanded(scope: Scope, reason: str) -> Expansion:
    """One instance that stands for more than are evaluated."""
    doubt = Unknown(reason)
    names = {"count": {"index": doubt}, "each": {"key": doubt, "value": doubt}}
    return Expansion("unknown", {None: scope.bound(names)}, doubt)


def _unknown(scope: Scope, block: Block, argument: str, value: Any) -> Expansion:
    doubt = derived(value)
    reason = f"whether it exists is not known: {doubt.reason}"
    condition = (argument, _shape(block.body.attributes[argument].value))
    if isinstance(value, Instances):
        condition = ("each of", value.element.references)
    return Expansion("unknown", {None: scope}, Unknown(reason, doubt.references), condition)


def _shape(node: Any) -> Hashable:
    """An expression without the places where it is written: equal for what is spelled alike."""
    if isinstance(node, Span):
        return None
    if is_dataclass(node):
        return (type(node).__name__, *(_shape(getattr(node, each.name)) for each in fields(node)))
    return tuple(map(_shape, node)) if isinstance(node, tuple | list) else repr(node)


def _is_one_at_most(count: Any) -> bool:
    return count in (0, 1, "0", "1")


def _count(value: Any) -> Any:
    count = to_number(value)
    if count is None or isinstance(count, Unknown):
        if count is None:
            raise EvaluationError("count is null")
        return count
    if not isinstance(count, int) or count < 0:
        raise EvaluationError("count must be a whole number that is not negative")
    if count > MAX_INSTANCES:
        raise EvaluationError(f"more than {MAX_INSTANCES} instances are not evaluated")
    return count


def _for_each(value: Any) -> Any:
    value = opened(value)
    if isinstance(value, Instances):
        return value
    if isinstance(value, NOT_KNOWN):
        return derived(value)
    if isinstance(value, SetValue):
        if not is_known(value):
            return derived(value)
        if not all(isinstance(item, str) for item in value):
            raise EvaluationError("a set for for_each must hold strings")
        value = {item: item for item in value}
    if not isinstance(value, dict):
        raise EvaluationError("for_each needs a map or a set of strings")
    if len(value) > MAX_INSTANCES:
        raise EvaluationError(f"more than {MAX_INSTANCES} instances are not evaluated")
    return value


class Surroundings(Protocol):
    """What a resource instance needs to know of its module."""

    @property
    def evaluate(self) -> Evaluate:
        """How its expressions are evaluated."""

    def default_tags(self, block: Block) -> Any:
        """The tags that the provider of ``block`` adds."""

    def region(self, block: Block) -> Any:
        """The Region of the provider of ``block``; None where nothing says it."""


@dataclass(slots=True)
class ResourceInstance:
    """One instance of a resource or data source; attributes are evaluated when asked for, once."""

    block: Block
    mode: str
    key: Key
    address: str
    scope: Scope
    around: Surroundings
    doubt: Unknown | None = None
    condition: Hashable = None
    computed: Computed | None = None
    schema: BlockSchema | None = None
    _known: dict[str, Any] = field(default_factory=dict)
    _written: dict[str, Any] = field(default_factory=dict)
    _active: set[str] = field(default_factory=set)
    _groups: dict[tuple[int, int], tuple[Body, Scope, Groups]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.schema = schema_of(self.block.labels[0], self.mode)

    @property
    def type(self) -> str:
        """The resource type."""
        return self.block.labels[0]

    @property
    def handle(self) -> Handle:
        """What an expression sees of the instance."""
        whole = Unknown(self.reason, (Reference(self.address),), exact=True)
        return Handle.over(whole, self.attribute)

    @property
    def reason(self) -> str:
        """Why an attribute that nobody wrote is not known."""
        return "known after apply" if self.mode == "managed" else "read by Terraform when it plans or applies"

    @property
    def declared(self) -> frozenset[str] | None:
        """The arguments and blocks that the author wrote; null and no blocks are the same as not written.

        ``None`` where that could not be read.
        """
        if self.block.lost:
            return None
        written = (name for name in self.body.attributes if name not in META_ARGUMENTS)
        attributes = {name for name in written if self._argument(name) is not None}
        return frozenset(attributes | {name for name, group in self.groups(self.body, self.scope).items() if group})

    @property
    def body(self) -> Body:
        """The block's body."""
        return self.block.body

    def groups(self, body: Body, scope: Scope) -> Groups:
        """The nested blocks of ``body``, its own or that of a block in it, by type; expanded once."""
        key = id(body), id(scope)
        if key not in self._groups:
            self._groups[key] = body, scope, grouped(body, scope, self.around.evaluate)
        return self._groups[key][2]

    def attribute(self, name: str) -> Any:
        """The attribute ``name`` as another expression sees it; raises ``EvaluationError`` where there is none."""
        if name not in self._known:
            if name in self._active:
                raise EvaluationError(f"{self.address}.{name} refers to itself")
            self._active.add(name)
            try:
                self._known[name] = self._evaluated(name)
            finally:
                self._active.discard(name)
        return self._known[name]

    def _evaluated(self, name: str) -> Any:
        if name in self.body.attributes and name not in META_ARGUMENTS:
            return written_or(self._argument(name), partial(self._unwritten, name))
        group = self.groups(self.body, self.scope).get(name)
        if group:
            inner = self.schema.blocks.get(name) if self.schema else None
            return nested_values(group, inner, self.around.evaluate, defaults_of(self.type).inside(name))
        return self._unwritten(name)

    def _argument(self, name: str) -> Any:
        """The value of a written argument, evaluated once."""
        if name not in self._written:
            self._written[name] = attribute_value(
                self.body.attributes[name], self.scope, self.schema, self.around.evaluate, defaults_of(self.type)
            )
        return self._written[name]

    def _unwritten(self, name: str) -> Any:
        """An attribute that nobody wrote: computed, a default, or absent."""
        if name == "tags_all" and self.mode == "managed":
            tags = self._all_tags()
            if isinstance(tags, dict):
                return tags
        if self.computed is not None and (found := self._computed(name)) is not None:
            return found
        if self.schema is None:
            return self._exact(name)
        if name in computed_blocks_of(self.type):
            return self._exact(name)
        if name in self.schema.blocks:
            return absent_block(self.schema.blocks[name])
        attribute = self.schema.attributes.get(name)
        value = Unknown() if attribute is None else defaults_of(self.type).of(name, attribute)
        return self._exact(name) if isinstance(value, Unknown) else value

    def _computed(self, name: str) -> Any:
        assert self.computed is not None
        if self.schema is not None and name in self.schema.attributes and not self.schema.attributes[name].computed:
            return None
        written = block_values(self.body, self.scope, self.schema, self.around.evaluate)
        arguments = {key: _exported(item) for key, item in written.items()}
        value = self.computed(arguments, self.around.region(self.block)).get(name)
        return self._exact(name) if isinstance(value, Unknown) and not value.references else value

    def _exact(self, name: str) -> Unknown:
        return Unknown(self.reason, (Reference(self.address, (name,)),), exact=True)

    def _all_tags(self) -> Any:
        tags = self.attribute("tags") if "tags" in self.body.attributes else None
        default = self.around.default_tags(self.block)
        if tags is None and default == {}:
            return None
        if not isinstance(default, dict) or not isinstance(tags, dict | None):
            return None
        merged = {**default, **(tags or {})}
        return merged if is_known(merged) else None

    def values(self) -> dict[str, Any]:
        """All attributes in the shape of a plan, as they are where the instance exists."""
        names = dict.fromkeys(name for name in self.body.attributes if name not in META_ARGUMENTS)
        names.update(dict.fromkeys(self.groups(self.body, self.scope)))
        if self.schema is not None:
            names.update(dict.fromkeys(sorted((*self.schema.attributes, *self.schema.blocks))))
        values = {name: _exported(self.attribute(name)) for name in names}
        own = Reference(self.address)
        return {name: _without_itself(value, own) for name, value in values.items()}

    def doubtful(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Its ``values``, unknown as a whole, joins apart, where the instance may not exist."""
        if self.doubt is None:
            return values
        return {name: value if _joins(name, value) else self.doubt for name, value in values.items()}

    def sensitive(self, is_sensitive: Callable[[Expression], bool]) -> tuple[tuple[PathStep, ...], ...]:
        """The arguments that must never be shown: by the schema, or by what they are made of."""
        marked = [name for name, attribute in self.body.attributes.items() if is_sensitive(attribute.value)]
        if self.schema is not None:
            marked += [name for name, attribute in self.schema.attributes.items() if attribute.sensitive]
        return tuple((name,) for name in dict.fromkeys(marked))


def _exported(value: Any) -> Any:
    if isinstance(value, Perhaps):
        return value.each(export)
    return export(value)


def _without_itself(value: Any, own: Reference) -> Any:
    """An attribute of the instance that is only known after apply does not wait for anything else."""
    if isinstance(value, Choice):
        return value.each(lambda option: _without_itself(option, own))
    reference = value.reference if isinstance(value, Unknown) else None
    if reference is not None and reference.address == own.address:
        return Unknown(value.reason)
    return value


def _joins(name: str, value: Any) -> bool:
    """Whether a value may stay although the instance is in doubt: it only says what the instance belongs to."""
    if isinstance(value, Unknown):
        return value.exact
    return name in ("bucket", "id", "name") and isinstance(value, str)
