"""Which resource attribute an argument is, however often it is passed on before it gets there.

A value that is known no longer says where it came from; two buckets may share a name. So the argument
of a resource that names another one is followed by its expressions: locals, variables, outputs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from iacscan.core import Reference
from iacscan.terraform import nodes
from iacscan.terraform.expressions import Scope
from iacscan.terraform.handles import Handle
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.nodes import Attribute, Expression
from iacscan.terraform.values import EvaluationError

MAX_HOPS = 32


@dataclass(frozen=True, slots=True)
class Written:
    """An expression, the file that it stands in, and what it sees there."""

    module: ModuleInstance
    scope: Scope
    path: str
    expression: Expression


def named_by(module: ModuleInstance, scope: Scope, attribute: Attribute) -> Reference | None:
    """The attribute of a resource instance that ``attribute`` is and nothing else; ``None`` for any other value."""
    found = followed(Written(module, scope, attribute.path, attribute.value))
    return found if isinstance(found, Reference) else None


def followed(written: Written) -> Written | Reference:
    """What is passed on to ``written``: the attribute of a resource instance, or the expression that makes it."""
    for _ in range(MAX_HOPS):
        expression = written.expression
        if isinstance(expression, nodes.Parens):
            written = replace(written, expression=expression.inner)
            continue
        passed_on = _passed_on(written, expression) if isinstance(expression, nodes.GetAttr) else None
        if passed_on is None:
            return written
        if isinstance(passed_on, Reference):
            return passed_on
        written = passed_on
    return written


def _passed_on(written: Written, expression: nodes.GetAttr) -> Written | Reference | None:
    """Where the value comes from: another expression, or the attribute itself."""
    target, name, module = expression.target, expression.name, written.module
    if isinstance(target, nodes.Name) and target.name == "local":
        return _step(module, module.scope, module.module.locals.get(name))
    if isinstance(target, nodes.Name) and target.name == "var":
        caller = module.caller
        return _step(caller.instance, caller.scope, caller.block.body.attributes.get(name)) if caller else None
    try:
        value = module.world.evaluator.evaluate(target, written.scope)
    except EvaluationError:
        return None
    if not isinstance(value, Handle):
        return None
    reference = value.reference
    if reference is not None:
        return None if reference.path else Reference(reference.address, (name,))
    owner = getattr(value.attribute, "__self__", None)
    if not isinstance(owner, ModuleInstance) or name not in owner.module.outputs:
        return None
    return _step(owner, owner.scope, owner.module.outputs[name].body.attributes.get("value"))


def _step(module: ModuleInstance, scope: Scope, attribute: Attribute | None) -> Written | None:
    return None if attribute is None else Written(module, scope, attribute.path, attribute.value)
