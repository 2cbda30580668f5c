"""Which resource attribute an argument is, however often it is passed on before it gets there.

A value that is known no longer says where it came from; two buckets may share a name. So the argument
of a resource that names another one is followed by its expressions: locals, variables, outputs.
"""

from __future__ import annotations

from iacscan.core import Reference
from iacscan.terraform import nodes
from iacscan.terraform.expressions import Scope
from iacscan.terraform.handles import Handle
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.nodes import Expression
from iacscan.terraform.values import EvaluationError

MAX_HOPS = 32


def named_by(module: ModuleInstance, scope: Scope, expression: Expression) -> Reference | None:
    """The attribute of a resource instance that ``expression`` is and nothing else; ``None`` for any other value."""
    for _ in range(MAX_HOPS):
        if isinstance(expression, nodes.Parens):
            expression = expression.inner
            continue
        if not isinstance(expression, nodes.GetAttr):
            return None
        passed_on = _passed_on(module, scope, expression)
        if passed_on is None or isinstance(passed_on, Reference):
            return passed_on
        module, scope, expression = passed_on
    return None


Step = tuple[ModuleInstance, Scope, Expression]


def _passed_on(module: ModuleInstance, scope: Scope, expression: nodes.GetAttr) -> Step | Reference | None:
    """Where the value comes from: another expression, or the attribute itself."""
    target, name = expression.target, expression.name
    if isinstance(target, nodes.Name) and target.name == "local":
        attribute = module.module.locals.get(name)
        return None if attribute is None else (module, module.scope, attribute.value)
    if isinstance(target, nodes.Name) and target.name == "var":
        caller = module.caller
        argument = caller.block.body.attributes.get(name) if caller else None
        return None if caller is None or argument is None else (caller.instance, caller.scope, argument.value)
    try:
        value = module.world.evaluator.evaluate(target, scope)
    except EvaluationError:
        return None
    if not isinstance(value, Handle):
        return None
    reference = value.reference
    if reference is not None:
        return None if reference.path else Reference(reference.address, (name,))
    owner = getattr(value.attribute, "__self__", None)
    output = owner.module.outputs.get(name) if isinstance(owner, ModuleInstance) else None
    written = output.body.expression("value") if output else None
    return (owner, owner.scope, written) if isinstance(owner, ModuleInstance) and written is not None else None
