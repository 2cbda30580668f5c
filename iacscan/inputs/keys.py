"""The instance key that an expression may use as an index, where its value is known.

``aws_s3_bucket.x[each.key].id`` is recorded as the names ``aws_s3_bucket.x`` and ``each.key``: which
instance is meant follows from the key's value in the instance at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iacscan.core import PathStep
from iacscan.inputs.addresses import Key, Traversal, leaves, parent_module, parse_module
from iacscan.inputs.blocks import Block, Expression, Written
from iacscan.inputs.instances import Instances

_LONGEST_CHAIN = 16
"""One name is recorded with no more prefixes than this; a longer list holds several names."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: a module instance, and the block instance whose key it sees.

    ``siblings`` is how many instances that block has.
    """

    module: str
    block: Block | None = None
    key: Key = None
    siblings: int = 1


def call_scope(written: Written, instances: Instances, module: str) -> Scope:
    """Where the arguments of the call of ``module`` stand: in its parent, with its instance key."""
    name, key = parse_module(module)[-1]
    parent = parent_module(module)
    return Scope(parent, written.module(parent).calls.get(name), key, len(instances.of_call(parent, name)))


class KnownKeys:
    """Reads the names that a plan gives values for: keys, constants, variables."""

    def __init__(self, written: Written, instances: Instances, variables: Mapping[str, Any]) -> None:
        self._written = written
        self._instances = instances
        self._variables = variables

    def of(self, name: Traversal, scope: Scope) -> Key:
        """The value of ``name`` if it is known and could be an instance key, else ``None``."""
        value = self._value(name, scope)
        return value if isinstance(value, (str, int)) and not isinstance(value, bool) else None

    def _value(self, name: Traversal, scope: Scope) -> Any:
        match name.root, name.name:
            case ("each", "key") | ("count", "index"):
                return scope.key
            case "each", "value":
                return self._each_value(name.steps, scope)
            case "var", variable:
                return _inside(self._variable(variable, scope.module), name.steps)
        return None

    def _each_value(self, steps: Sequence[PathStep], scope: Scope) -> Any:
        if scope.block is None:
            return None
        written = scope.block.for_each
        items = self._constant(written, Scope(scope.module))
        if isinstance(items, dict):
            return _inside(items.get(scope.key), steps)
        # A function of constants, toset([…]) above all, is recorded as nothing; in a set the key is the value.
        return scope.key if not steps and (isinstance(items, list) or not written) else None

    def _variable(self, name: str, module: str) -> Any:
        if not module:
            given = self._variables.get(name)
            return given.get("value") if isinstance(given, dict) else None
        scope = call_scope(self._written, self._instances, module)
        if scope.block is not None and name in scope.block.expressions:
            return self._constant(scope.block.expressions[name], scope)
        declared = self._written.module(module).variables.get(name)
        return declared.get("default") if isinstance(declared, dict) else None

    def _constant(self, expression: Expression, scope: Scope) -> Any:
        """The value of an expression that is a constant, or passes one name on."""
        if "constant_value" in expression:
            return expression["constant_value"]
        references = expression.get("references", ())
        names = leaves(references) if len(references) <= _LONGEST_CHAIN else ()
        return self._value(names[0], scope) if len(names) == 1 else None


def _inside(value: Any, steps: Sequence[PathStep]) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value
