"""A module in use: its variables, locals, resources, calls and outputs, evaluated when asked for.

Everything is evaluated at most once and in the order in which it is needed; a value that needs itself
is a diagnostic. What a name means follows https://developer.hashicorp.com/terraform/language/expressions/references.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from iacscan.core import Diagnostic, Level, Location, Reference, Unknown
from iacscan.terraform import providers
from iacscan.terraform.expressions import Evaluator, Scope, checked_size
from iacscan.terraform.handles import Handle, Instances
from iacscan.terraform.instances import Computed, Expansion, ResourceInstance, expand, not_expanded
from iacscan.terraform.keys import Key, key_text
from iacscan.terraform.kinds import ObjectValue, TupleValue
from iacscan.terraform.modules import Module, ResourceKey
from iacscan.terraform.nodes import Block, Expression
from iacscan.terraform.values import EvaluationError, derived
from iacscan.terraform.variables import Variable, declare, missing


class World(Protocol):
    """What all module instances of one root share."""

    @property
    def evaluator(self) -> Evaluator:
        """The evaluator."""

    @property
    def workspace(self) -> str:
        """The name of the workspace."""

    @property
    def region(self) -> str | None:
        """The Region that the environment sets."""

    @property
    def computed(self) -> Mapping[tuple[str, str], Computed]:
        """How attributes of data sources are computed."""

    @property
    def root(self) -> Module:
        """The root module."""

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep ``diagnostic``, once."""

    def admits(self, instances: int) -> bool:
        """Whether so many more instances are evaluated."""

    def load(self, caller: ModuleInstance, block: Block) -> Module | None:
        """The module that ``block`` calls; None (and a diagnostic) where it is not at hand."""

    def given(self, variable: Variable) -> tuple[bool, Any]:
        """Whether the root variable has a value from outside, and the value; raises ``EvaluationError``."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a module instance is called: the calling instance, its block, and what that block sees."""

    instance: ModuleInstance
    block: Block
    scope: Scope


@dataclass(slots=True, eq=False)
class ModuleInstance:
    """One instance of a module; the root has no ``caller``."""

    module: Module
    world: World
    address: str = ""
    key: Key = None
    caller: Caller | None = None
    doubt: Unknown | None = None
    condition: Hashable = None
    _where: Location | None = None
    _known: dict[tuple[str, ...], Any] = field(default_factory=dict)
    _active: set[tuple[str, ...]] = field(default_factory=set)

    @property
    def scope(self) -> Scope:
        """What an expression of the module sees."""
        return Scope(self)

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:
        """The meaning of ``root.names…``; see :class:`~iacscan.terraform.expressions.Resolver`."""
        if root in ("each", "count"):
            raise EvaluationError(f"{root} can only be used where {root} is declared")
        if root == "self":
            return Unknown("self is only known to a provisioner"), 0
        if not names:
            raise EvaluationError(f"the reference {root!r} is incomplete")
        if root in _ROOTS:
            return _ROOTS[root](self, names[0]), 1
        if root == "data" or root == "ephemeral":
            if len(names) < 2:
                raise EvaluationError(f"the reference {root}.{names[0]} is incomplete")
            return self.resource((root, names[0], names[1])), 2
        return self.resource(("managed", root, names[0])), 1

    def evaluate(self, expression: Expression, scope: Scope, where: Location, check: Callable[[Any], Any]) -> Any:
        """``check`` of the value of ``expression``; an error becomes a diagnostic at ``where`` and an Unknown."""
        outer, self._where = self._where, where
        try:
            return check(checked_size(self.world.evaluator.evaluate(expression, scope)))
        except EvaluationError as error:
            reason = str(error)
        except RecursionError:
            reason = "expressions are nested too deeply to evaluate"
        except MemoryError:
            reason = "the value is too large to evaluate"
        finally:
            self._where = outer
        self.world.report(Diagnostic(Level.WARNING, reason, where))
        return Unknown(f"cannot be evaluated: {reason}")

    def once(self, key: tuple[str, ...], compute: Callable[[], Any], shown: str) -> Any:
        """The memoised result of ``compute``; raises ``EvaluationError`` where it needs itself."""
        if key not in self._known:
            if key in self._active:
                raise EvaluationError(f"{shown} refers to itself")
            self._active.add(key)
            try:
                self._known[key] = compute()
            finally:
                self._active.discard(key)
        return self._known[key]

    def variable(self, name: str) -> Any:
        """``var.name``."""
        block = self.module.variables.get(name)
        if block is None and self.module.lost:
            return Unknown(self.module.lost)
        if block is None:
            raise EvaluationError(f"the variable {name} is not declared")
        return self.once(("var", name), lambda: self._variable(block), f"var.{name}")

    def declared_variable(self, name: str) -> Variable | None:
        """The declaration of a variable; None, with a diagnostic, where it is none."""
        block = self.module.variables[name]

        def compute() -> Variable | None:
            if block.lost:
                return None
            try:
                return declare(block, self.world.evaluator)
            except EvaluationError as error:
                self.world.report(Diagnostic(Level.WARNING, f"variable {name}: {error}", block.location))
                return None

        variable: Variable | None = self.once(("declaration", name), compute, f"var.{name}")
        return variable

    def _variable(self, block: Block) -> Any:
        name = block.labels[0]
        variable = self.declared_variable(name)
        if variable is None:
            return Unknown(block.lost or f"the variable {name} is not well declared")
        where = block.location
        if self.caller is not None and (argument := self.caller.block.body.attributes.get(name)) is not None:
            where = Location(argument.path, argument.span)
            caller = self.caller.instance
            return caller.evaluate(argument.value, self.caller.scope, where, variable.accept)
        if self.caller is None:
            try:
                found, value = self.world.given(variable)
                if found:
                    return checked_size(variable.accept(value))
            except EvaluationError as error:
                self.world.report(Diagnostic(Level.ERROR, f"the value given for variable {name}: {error}", where))
                return Unknown(f"the value given for variable {name} does not fit")
        return missing(name) if variable.required else variable.default

    def local(self, name: str) -> Any:
        """``local.name``."""
        attribute, lost = self.module.locals.get(name), self.module.lost_locals or self.module.lost
        if attribute is None and lost:
            return Unknown(lost)
        if attribute is None:
            raise EvaluationError(f"the local value {name} is not declared")
        where = Location(attribute.path, attribute.span)

        def compute() -> Any:
            return self.evaluate(attribute.value, self.scope, where, lambda value: value)

        return self.once(("local", name), compute, f"local.{name}")

    def path(self, name: str) -> Any:
        """``path.name``."""
        root = self.world.root.directory
        if name == "root":
            return "."
        if name == "cwd":
            return root.as_posix()
        if name == "module":
            return os.path.relpath(self.module.directory, root).replace(os.sep, "/")
        raise EvaluationError(f"there is no path.{name}")

    def terraform(self, name: str) -> Any:
        """``terraform.name``."""
        if name in ("workspace", "env"):
            return self.world.workspace
        if name == "applying":
            return Unknown("known while applying")
        raise EvaluationError(f"there is no terraform.{name}")

    def output(self, name: str) -> Any:
        """The output ``name``; raises ``EvaluationError`` where none is declared."""
        block = self.module.outputs.get(name)
        value = block.body.attributes.get("value") if block else None
        lost = block.lost if block else self.module.lost
        if lost:
            return Unknown(lost)
        if value is None:
            raise EvaluationError(f"the module {self.address or 'root'} has no output {name!r}")
        where = Location(value.path, value.span)

        def compute() -> Any:
            return self.evaluate(value.value, self.scope, where, lambda result: result)

        return self.once(("output", name), compute, f"output.{name}")

    def call(self, name: str) -> Any:
        """``module.name``: a handle, or a list or map of handles; unknown where the module is not at hand."""
        block = self.module.calls.get(name)
        if self.module.lost if block is None else block.lost:
            return Unknown(self.module.lost if block is None else block.lost)
        if block is None:
            raise EvaluationError(f"the module {name} is not declared")
        expansion = self.expansion(block, ("module", name))
        instances = self.call_instances(name)
        if not instances:
            if expansion.scopes:
                return self._missing_module(name)
            return TupleValue() if expansion.kind == "count" else ObjectValue()
        handles = {instance.key: instance.handle for instance in instances}
        return selected(expansion, handles)

    def _missing_module(self, name: str) -> Unknown:
        address = f"{self.prefix}module.{name}"
        return Unknown(f"{address} is not in the source tree", (Reference(address),), exact=True)

    @property
    def prefix(self) -> str:
        """What addresses inside the module begin with."""
        return f"{self.address}." if self.address else ""

    @property
    def handle(self) -> Handle:
        """What a caller sees of the module: its outputs."""

        def outputs() -> dict[str, Any]:
            return ObjectValue((name, self.output(name)) for name in self.module.outputs)

        return Handle.over(Unknown(f"{self.address} as a whole"), self.output, outputs)

    def call_instances(self, name: str) -> list[ModuleInstance]:
        """The instances of the module call ``name``; empty where the module is not at hand."""
        block = self.module.calls[name]
        if block.lost:
            return []
        instances: list[ModuleInstance] = self.once(
            ("instances", name), lambda: self._call_instances(block), f"module.{name}"
        )
        return instances

    def _call_instances(self, block: Block) -> list[ModuleInstance]:
        expansion = self.expansion(block, ("module", block.labels[0]))
        module = self.world.load(self, block) if expansion.scopes else None
        if module is None:
            return []
        address = f"{self.prefix}module.{block.labels[0]}"
        made = partial(ModuleInstance, doubt=self._doubt(expansion), condition=self._condition(expansion))
        return [
            made(module, self.world, address + key_text(key), key, Caller(self, block, scope))
            for key, scope in expansion.scopes.items()
        ]

    def expansion(self, block: Block, key: tuple[str, ...]) -> Expansion:
        """The instances of a resource or module call."""

        def argument(name: str, check: Callable[[Any], Any]) -> Any:
            attribute = block.body.attributes[name]
            return self.evaluate(attribute.value, self.scope, Location(attribute.path, attribute.span), check)

        def compute() -> Expansion:
            if block.lost:
                return not_expanded(self.scope, block.lost)
            expansion = expand(block, self.scope, argument)
            if self.world.admits(len(expansion.scopes)):
                return expansion
            reason = "too many instances are declared to evaluate them all"
            self.world.report(Diagnostic(Level.ERROR, reason, block.location))
            return not_expanded(self.scope, reason)

        shown = ".".join(key).removeprefix("managed.")
        expansion: Expansion = self.once(("expansion", *key), compute, shown)
        return expansion

    def resource(self, key: ResourceKey) -> Any:
        """A resource as an expression sees it: a handle, or a list or map of handles."""
        block = self.module.resources.get(key)
        shown = ".".join(key).removeprefix("managed.")
        if block is None:
            return self._undeclared(shown)
        if block.lost:
            return Unknown(block.lost, (Reference(f"{self.prefix}{shown}"),), exact=True)
        handles = {instance.key: instance.handle for instance in self.resource_instances(key)}
        return selected(self.expansion(block, key), handles)

    def _undeclared(self, shown: str) -> Unknown:
        """Terraform rejects it; here it stands for itself, so that what refers to it can still be judged."""
        if not self.module.lost:
            self.world.report(Diagnostic(Level.WARNING, f"{self.prefix}{shown} is not declared", self._where))
        why = self.module.lost or "it is not declared"
        return Unknown(why, (Reference(f"{self.prefix}{shown}"),), exact=True)

    def resource_instances(self, key: ResourceKey) -> list[ResourceInstance]:
        """The instances of a declared resource."""
        shown = ".".join(key).removeprefix("managed.")
        instances: list[ResourceInstance] = self.once(
            ("instances", *key), lambda: self._resource_instances(key, shown), shown
        )
        return instances

    def _resource_instances(self, key: ResourceKey, shown: str) -> list[ResourceInstance]:
        block, mode = self.module.resources[key], key[0]
        expansion = self.expansion(block, key)
        return [
            ResourceInstance(
                block,
                mode,
                instance,
                f"{self.prefix}{shown}{key_text(instance)}",
                scope,
                self,
                self._doubt(expansion),
                self._condition(expansion),
                self.world.computed.get((mode, key[1])),
            )
            for instance, scope in expansion.scopes.items()
        ]

    def _doubt(self, expansion: Expansion) -> Unknown | None:
        return expansion.doubt if self.doubt is None else self.doubt

    def _condition(self, expansion: Expansion) -> Hashable:
        """What an instance depends on that may not exist; ``None`` where not even its values are known."""
        if expansion.doubt is None or (self.doubt is not None and self.condition is None):
            return self.condition
        return None if expansion.condition is None else (self.address, expansion.condition)

    def modules(self) -> Iterator[ModuleInstance]:
        """This instance and every one below it."""
        yield self
        for name in self.module.calls:
            for instance in self.call_instances(name):
                yield from instance.modules()

    def provider(self, block: Block) -> str:
        """The provider configuration of a resource, as the root module names it (``aws``, ``aws.west``)."""
        return providers.configuration_name(self, block)

    def default_tags(self, block: Block) -> Any:
        """The ``default_tags`` of the provider of ``block``: a map, maybe not known."""
        return providers.default_tags(self, block)

    def region(self, block: Block) -> Any:
        """The Region of the provider of ``block``; None where nothing says it."""
        written = providers.argument(self, block, "region")
        return self.world.region if written is None else written


_ROOTS: Mapping[str, Callable[[ModuleInstance, str], Any]] = {
    "local": ModuleInstance.local,
    "module": ModuleInstance.call,
    "path": ModuleInstance.path,
    "terraform": ModuleInstance.terraform,
    "var": ModuleInstance.variable,
}


def selected(expansion: Expansion, handles: Mapping[Key, Any]) -> Any:
    """The object behind a resource's or module's name: one handle, a list, or a map of them."""
    if expansion.kind == "one":
        return handles[None]
    if expansion.kind == "count":
        return TupleValue(handles.values())
    if expansion.kind == "for_each":
        return ObjectValue((str(key), handle) for key, handle in handles.items())
    return Instances.of(derived(expansion.doubt), handles[None], expansion.single)
