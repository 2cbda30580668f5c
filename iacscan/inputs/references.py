"""What an unknown value of a plan depends on, resource instance by resource instance.

The plan's ``configuration`` says which objects an expression names, not how it combines them, and
knows no instances. So every name is followed through module inputs and outputs to resource
attributes, and paired with an instance by equal key. Where that leaves a choice, all candidates are
kept and the doubt is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, takewhile
from typing import Any

from iacscan.core import PathStep, Reference
from iacscan.inputs.addresses import Key, Traversal, child_module, leaves
from iacscan.inputs.blocks import Expression, Written
from iacscan.inputs.fits import Fit
from iacscan.inputs.instances import Instances
from iacscan.inputs.keys import KnownKeys, Scope, call_scope
from iacscan.inputs.shapes import references_in

MAX_HOPS = 48
"""How many module borders and ``for_each`` an expression is followed through."""

SEVERAL = "the plan does not tell which of several values it takes; give the source"

Steps = tuple[PathStep, ...]

_NUMBER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value may come from; neither references nor doubt: from what is known.

    ``paired`` says that the instance was chosen by an equal key, the index itself not being recorded.
    """

    references: tuple[Reference, ...] = ()
    doubt: str = ""
    paired: bool = False

    @property
    def is_known(self) -> bool:
        """Whether nothing unknown flows in."""
        return not self.references and not self.doubt


_KNOWN = Source()
_INDEXED = frozenset({"module", "var"})


@dataclass(frozen=True, slots=True)
class _Walk:
    """What following a name needs to know: where it stands, the names beside it, what it is used as."""

    scope: Scope
    beside: Sequence[Traversal]
    fit: Fit | None
    hops: int = 0


@dataclass(frozen=True, slots=True)
class _Followed:
    """An expression, followed: its unknown names, where they stand, and what they come from together."""

    names: tuple[Traversal, ...]
    walk: _Walk
    source: Source


class References:
    """Follows the expressions of one plan. Everything is looked up once, nothing is searched."""

    def __init__(self, written: Written, instances: Instances, keys: KnownKeys) -> None:
        self._written = written
        self._instances = instances
        self._keys = keys
        self._memo: dict[tuple[str, Traversal, Steps, Fit | None], Source] = {}
        self._definitions: dict[tuple[str, str, Fit | None], _Followed] = {}
        self._repeated: dict[tuple[str, int, Fit | None], _Followed] = {}
        self._whole: dict[tuple[str, str], Source] = {}
        self._outputs: dict[tuple[str, str, Fit | None], Source] = {}

    def sources(self, references: Sequence[str], scope: Scope, fit: Fit | None) -> list[Source]:
        """The unknown part of every name in an expression, in order; ``fit`` is what it is used as."""
        walk = _Walk(scope, leaves(references), fit)
        return [source for name in walk.beside if not (source := self._follow(name, (), walk)).is_known]

    def _follow(self, name: Traversal, extra: Steps, walk: _Walk) -> Source:
        """Where ``name``, and ``extra`` steps into it, comes from; a known key beside it may be its index."""
        source = self._go(name, extra, walk)
        if source.doubt and name.root in _INDEXED:
            keys = self._keys_beside(walk, len(source.references))
            picked = self._go(name, (keys.pop(), *extra), walk) if len(keys) == 1 else _KNOWN
            if picked.references and not picked.doubt:
                return replace(picked, paired=True)
        return source

    def _go(self, name: Traversal, extra: Steps, walk: _Walk) -> Source:
        if walk.hops > MAX_HOPS:
            return Source(doubt="it passes through too many modules")
        match name.root:
            case "resource":
                return self._resource(name, extra, walk)
            case "module":
                return self._module(name, extra, walk)
            case "var" if walk.scope.module:
                return self._remembered(walk.scope.module, name, extra, walk)
            case "each" if name.name == "value":
                return self._each_value(name.steps + extra, walk)
            case "local":
                return Source(doubt=f"the plan does not record {name}; give the source")
        return _KNOWN

    def _followed(self, expression: Expression, walk: _Walk) -> _Followed:
        """Where the value of an expression comes from, and the names that are not known in it."""
        names = tuple(dict.fromkeys(leaves(expression.get("references", ()))))
        walk = replace(walk, beside=names, hops=walk.hops + 1)
        found = [(name, source) for name in names if not (source := self._follow(name, (), walk)).is_known]
        return _Followed(tuple(name for name, _ in found), walk, combine([source for _, source in found]))

    def _into(self, followed: _Followed, extra: Steps) -> Source:
        """Where ``extra`` steps into a value come from: they are taken in its one unknown name."""
        if len(followed.names) == 1:
            return self._follow(followed.names[0], extra, followed.walk)
        return followed.source

    def _each_value(self, steps: Steps, walk: _Walk) -> Source:
        scope = walk.scope
        if scope.block is None or scope.key is None:
            return _KNOWN
        memo = (scope.module, id(scope.block), walk.fit)
        if memo not in self._repeated:
            outside = replace(walk, scope=Scope(scope.module))
            self._repeated[memo] = self._followed(scope.block.for_each, outside)
        return self._into(self._repeated[memo], (scope.key, *steps))

    # Resources

    def _resource(self, name: Traversal, extra: Steps, walk: _Walk) -> Source:
        found = self._instances.of(walk.scope.module, name.name)
        if None in found:
            return self._attribute(found[None], name.steps, extra)
        if name.steps:
            address = found.get(name.steps[0])
            # An instance that is not there (count = 0) has nothing unknown to give.
            return self._attribute(address, name.steps[1:], extra) if address else _KNOWN
        if extra and extra[0] in found:
            return self._attribute(found[extra[0]], (), extra[1:])
        address = self._paired(found, walk)
        if address is None:
            return self._any_instance(name, found, walk)
        return replace(self._attribute(address, (), extra), paired=len(found) > 1)

    def _any_instance(self, name: Traversal, found: Mapping[Key, str], walk: _Walk) -> Source:
        """A splat, a loop, or an index that the plan does not record; one shared answer for all who ask."""
        memo = (walk.scope.module, name.name)
        if memo not in self._whole:
            ordered = sorted(found.items(), key=lambda item: (isinstance(item[0], str), item[0]))
            references = tuple(Reference(address) for _, address in ordered)
            self._whole[memo] = Source(references, SEVERAL if references else "")
        return self._whole[memo]

    def _paired(self, found: Mapping[Key, str], walk: _Walk) -> str | None:
        """The only instance, or the one that a known key beside the name picks."""
        if len(found) == 1:
            return next(iter(found.values()))
        keys = [key for key in self._keys_beside(walk, len(found)) if key in found]
        return found[keys[0]] if len(keys) == 1 else None

    def _keys_beside(self, walk: _Walk, number: int) -> set[PathStep]:
        """The known values among the names of an expression, which may index a name with ``number`` instances."""
        keys: set[PathStep] = set()
        for name in walk.beside:
            # count.index + 1 looks like count.index, but where both have as many instances it would miss one.
            if name.root != "count" or number == walk.scope.siblings:
                key = self._keys.of(name, walk.scope)
                keys.update(() if key is None else (key,))
        return keys

    def _attribute(self, address: str, steps: Steps, extra: Steps) -> Source:
        """An attribute; where none is named, the first of the ``extra`` steps that is one."""
        instance = self._instances.get(address)
        if not steps and instance is not None:
            known = instance.values.keys() | instance.unknown.keys()
            start = next((position for position, step in enumerate(extra) if step in known), len(extra))
            steps = extra[start:]
        return Source((Reference(address, steps),))

    # Modules

    def _module(self, name: Traversal, extra: Steps, walk: _Walk) -> Source:
        parent = walk.scope.module
        call = self._written.module(parent).calls.get(name.name)
        if call is None:
            return Source(doubt=f"the plan does not record {name}")
        if not call.is_repeated:
            return self._output(child_module(parent, name.name, None), name.steps, extra, walk)
        if name.steps:
            return self._output(child_module(parent, name.name, name.steps[0]), name.steps[1:], extra, walk)
        instances = self._instances.of_call(parent, name.name)
        if extra and extra[0] in instances:
            return self._output(instances[extra[0]], (), extra[1:], walk)
        paired = self._paired(instances, walk)
        if paired is not None:
            found = self._output(paired, (), extra, walk)
            return replace(found, paired=found.paired or len(instances) > 1)
        memo = (parent, name.name, walk.fit)
        if memo not in self._outputs:
            self._outputs[memo] = self._any_output(instances.values(), walk)
        return self._outputs[memo]

    def _output(self, module: str, steps: Steps, extra: Steps, walk: _Walk) -> Source:
        path = steps + extra
        if not path or path[0] not in self._written.module(module).outputs:
            return self._any_output((module,), walk)
        return self._remembered(module, Traversal("output", str(path[0])), path[1:], walk)

    def _any_output(self, modules: Iterable[str], walk: _Walk) -> Source:
        """An output that the plan does not name: those that can be what is wanted."""
        fit = walk.fit
        found: dict[str, list[Reference]] = {}
        for module in sorted(modules):
            for output in self._written.module(module).outputs if fit else ():
                source = self._remembered(module, Traversal("output", output), (), walk)
                for reference in source.references:
                    if not source.doubt and self.fits(reference, fit):
                        found.setdefault(reference.address, []).append(reference)
        doubt = "" if len(found) == 1 else "the plan does not record which output of the module it takes"
        return Source(tuple(min(options, key=fit.rank) for options in found.values()) if fit else (), doubt)

    def fits(self, reference: Reference, fit: Fit | None) -> bool:
        """Whether an argument that accepts ``fit`` can be that attribute."""
        instance = self._instances.get(reference.address)
        if fit is None or instance is None or len(reference.path) > 1:
            return False
        return fit.accepts(instance.type, str(reference.path[0]) if reference.path else None)

    def may_be_shuffled(self, address: str, reference: Reference) -> bool:
        """Whether the instance at ``address`` took ``x[count.index]`` or ``x[1 - count.index]``, and that matters."""
        shared = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(address, reference.address, strict=False))
        )
        own = reference.address[reference.address.rfind(".", 0, shared) + 1 :]
        if _NUMBER.search(own) is None:
            return False
        return not self._instances.alike(address) or self._differs_unseen(address)

    def _differs_unseen(self, address: str) -> bool:
        """Whether the instances of a block may differ in what the plan does not know: two arguments go by index."""
        instance = self._instances.get(address)
        block = self._written.module(instance.module).blocks.get(instance.block) if instance else None
        if instance is None or block is None or len(self._instances.siblings(address)) < 2:
            return False
        by_index = (
            name
            for name, node in block.expressions.items()
            if name in instance.unknown and "count.index" in references_in(node)
        )
        return len(list(islice(by_index, 2))) > 1

    def beside(self, reference: Reference) -> tuple[Reference, ...]:
        """``reference`` and the same attribute of all other instances of its block."""
        return tuple(Reference(each.address, reference.path) for each in self._instances.siblings(reference.address))

    def completed(self, reference: Reference, fit: Fit | None) -> Reference:
        """``reference`` with the attribute that an index kept out of the plan: the usual one for ``fit``."""
        instance = self._instances.get(reference.address)
        if reference.path or fit is None or instance is None:
            return reference
        known = instance.values.keys() | instance.unknown.keys()
        return replace(reference, path=next(((name,) for name in fit.attributes if name in known), ()))

    def value(self, reference: Reference) -> Any:
        """What the plan says of the attribute, ``None`` where it is not known."""
        instance = self._instances.get(reference.address)
        return instance.values.get(str(reference.path[0])) if instance is not None and reference.path else None

    def _remembered(self, module: str, name: Traversal, extra: Steps, walk: _Walk) -> Source:
        """An input variable or an output of a module instance, followed once."""
        memo = (module, name, extra, walk.fit)
        if memo not in self._memo:
            self._memo[memo] = Source(doubt=f"{name} depends on itself")
            self._memo[memo] = self._into(self._definition(module, name, walk), name.steps + extra)
        return self._memo[memo]

    def _definition(self, module: str, name: Traversal, walk: _Walk) -> _Followed:
        """What an output, or the caller's argument for a variable, is set to."""
        memo = (module, str(name), walk.fit)
        if memo not in self._definitions:
            self._definitions[memo] = _Followed((), walk, Source(doubt=f"{name} depends on itself"))
            if name.root == "output":
                expression, scope = self._written.module(module).outputs[name.name].get("expression", {}), Scope(module)
            else:
                scope = call_scope(self._written, self._instances, module)
                expression = scope.block.expressions.get(name.name, {}) if scope.block else {}
            self._definitions[memo] = self._followed(expression, replace(walk, scope=scope))
        return self._definitions[memo]


def combine(sources: Sequence[Source]) -> Source:
    """One source for a value that is made of, or chosen from, ``sources``."""
    if len(sources) <= 1:
        return sources[0] if sources else _KNOWN
    several = [source.references for source in sources if source.references]
    references = several[0] if len(several) == 1 else tuple(dict.fromkeys(chain.from_iterable(several)))
    doubt = next((source.doubt for source in sources if source.doubt), "")
    if not doubt and len(several) > 1 and len({reference.address for reference in references}) > 1:
        doubt = SEVERAL
    return Source(references, doubt, any(source.paired for source in sources))
