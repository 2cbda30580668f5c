"""From an origin (an address and an attribute path) back to the text that decides it.

The place that decides comes first: the argument of the module call that the value comes from, else the
line itself. The line inside the module and the calls on the way out follow. Third-party modules are
not the reader's to change: there the call comes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from iacscan.core import Location, Origin, PathStep, Reference
from iacscan.terraform import nodes
from iacscan.terraform.documents import Place, encoded, in_data_source, item_of, place_of
from iacscan.terraform.expressions import Scope
from iacscan.terraform.instances import ResourceInstance
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.naming import Written
from iacscan.terraform.nodes import Attribute, Body, Expression
from iacscan.terraform.references import references


@dataclass(slots=True)
class Locator:
    """Finds places in one evaluated root; ``locate`` fits :class:`~iacscan.inputs.configuration.Configuration`."""

    root: ModuleInstance
    _instances: Mapping[str, tuple[ModuleInstance, ResourceInstance]] = field(default_factory=dict)

    def locate(self, origin: Origin) -> tuple[Location, ...]:
        """The places of ``origin``, the deciding one first; none where the address is not here."""
        found = self._table().get(origin.address)
        if found is None:
            return ()
        module, instance = found
        document = self._in_document(module, instance, origin.path)
        if document is not None:
            owner, place = document
            return _ordered(place, list(_callers(owner, None)))
        where, expression = _in_body(instance, instance.body, instance.scope, origin.path) or (None, None)
        return _ordered(where or instance.block.location, list(_callers(module, expression)))

    def _in_document(
        self, module: ModuleInstance, instance: ResourceInstance, path: tuple[PathStep, ...]
    ) -> Place | None:
        """The place of a statement of a policy, wherever the document is written."""
        if path[1:2] != ("Statement",):
            return None
        name = str(path[0])
        attribute = instance.body.attributes.get(name)
        if attribute is None:
            return in_data_source(Reference(instance.address, (name,)), path[1:], self._table())
        return place_of(Written(module, instance.scope, attribute.path, attribute.value), path[1:], self._table())

    def _table(self) -> Mapping[str, tuple[ModuleInstance, ResourceInstance]]:
        if not self._instances:
            self._instances = {
                instance.address: (module, instance)
                for module in self.root.modules()
                for key in module.module.resources
                if key[0] != "ephemeral"
                for instance in module.resource_instances(key)
            }
        return self._instances


def _in_body(
    instance: ResourceInstance, body: Body, scope: Scope, path: tuple[PathStep, ...]
) -> tuple[Location, Expression | None] | None:
    """The deepest place of ``path`` in ``body``, and the expression that stands there."""
    if not path:
        return None
    name = path[0]
    attribute = body.attributes.get(name) if isinstance(name, str) else None
    if attribute is not None:
        return _in_attribute(attribute, path[1:])
    group = instance.groups(body, scope).get(str(name), [])
    position = path[1] if len(path) > 1 and isinstance(path[1], int) else 0
    if not 0 <= position < len(group):
        return None
    occurrence = group[position]
    rest = path[2:] if len(path) > 1 and isinstance(path[1], int) else path[1:]
    inner = _in_body(instance, occurrence.block.body, occurrence.scope, rest)
    return inner or (occurrence.block.location, None)


def _in_attribute(attribute: Attribute, path: tuple[PathStep, ...]) -> tuple[Location, Expression]:
    """The item of an object, list or ``jsonencode`` that ``path`` leads to, else the attribute."""
    span, expression = attribute.span, attribute.value
    for step in path:
        found = item_of(_unwrapped(expression), step)
        if found is None:
            break
        span, expression = found
    return Location(attribute.path, span), expression


def _unwrapped(expression: Expression) -> Expression:
    """What stands inside parentheses and ``jsonencode``."""
    while (inner := expression.inner if isinstance(expression, nodes.Parens) else encoded(expression)) is not None:
        expression = inner
    return expression


def _ordered(inner: Location, callers: list[tuple[Location, bool]]) -> tuple[Location, ...]:
    """``inner`` and its callers, outwards, with the place that decides moved to the front."""
    places = [inner, *(location for location, _ in callers)]
    arguments = list(takewhile(lambda caller: caller[1], callers))
    first = arguments[-1][0] if arguments else inner
    if _is_foreign(first):
        first = next((place for place in places if not _is_foreign(place)), first)
    return tuple(dict.fromkeys([first, *places]))


def _is_foreign(place: Location) -> bool:
    return ".terraform" in place.path.split("/")


def _callers(module: ModuleInstance, expression: Expression | None) -> Iterator[tuple[Location, bool]]:
    """The argument (true), else the header (false), of each call on the way to the root."""
    names = variables_of(module, expression) if expression is not None else set()
    while module.caller is not None:
        block = module.caller.block
        arguments = [block.body.attributes[name] for name in sorted(names) if name in block.body.attributes]
        module = module.caller.instance
        if arguments:
            yield Location(arguments[0].path, arguments[0].span), True
            names = set().union(*(variables_of(module, each.value) for each in arguments))
        else:
            yield block.location, False
            names = set()


def variables_of(module: ModuleInstance, expression: Expression) -> set[str]:
    """The variables that ``expression`` is made of, through local values."""
    found: set[str] = set()
    seen: set[str] = set()
    stack = [expression]
    while stack:
        for root, name in references(stack.pop()):
            if root == "var":
                found.add(name)
            elif root == "local" and name not in seen and name in module.module.locals:
                seen.add(name)
                stack.append(module.module.locals[name].value)
    return found
