"""What must not be shown: values made of sensitive variables, or of calls of ``sensitive``.

Decided on the text of expressions, not on values, so that it also holds where a value is not known.
"""

from __future__ import annotations

from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.nodes import Expression
from iacscan.terraform.references import calls, references
from iacscan.terraform.values import EvaluationError


def is_sensitive(module: ModuleInstance, expression: Expression) -> bool:
    """Whether ``expression`` is made of a sensitive value; also where that is too deep to tell."""
    try:
        return _is_sensitive(module, expression)
    except RecursionError:
        return True


def is_sensitive_variable(module: ModuleInstance, name: str) -> bool:
    """Whether the variable ``name`` is marked sensitive, or is given a sensitive value; also if too deep to tell."""
    try:
        return _is_sensitive_name(module, "var", name)
    except RecursionError:
        return True


def _is_sensitive(module: ModuleInstance, expression: Expression) -> bool:
    if calls(expression, "sensitive"):
        return True
    return any(_is_sensitive_name(module, root, name) for root, name in references(expression))


def _is_sensitive_name(module: ModuleInstance, root: str, name: str) -> bool:
    def compute() -> bool:
        if root == "local":
            return name in module.module.locals and _is_sensitive(module, module.module.locals[name].value)
        if root != "var" or name not in module.module.variables:
            return False
        variable = module.declared_variable(name)
        if variable is not None and variable.sensitive:
            return True
        argument = module.caller.block.body.expression(name) if module.caller else None
        return module.caller is not None and argument is not None and _is_sensitive(module.caller.instance, argument)

    try:
        return bool(module.once(("sensitive", root, name), compute, name))
    except EvaluationError:
        return False
