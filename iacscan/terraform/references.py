"""What an expression refers to, without evaluating it: for sensitivity and for locations."""

from __future__ import annotations

from collections.abc import Iterator

from iacscan.terraform import nodes
from iacscan.terraform.nodes import Expression


def children(expression: Expression) -> Iterator[Expression]:
    """The expressions directly inside ``expression``."""
    match expression:
        case nodes.TemplateText():
            yield from expression.parts
        case nodes.TemplateIf():
            yield from (expression.condition, expression.then, expression.otherwise)
        case nodes.TemplateFor():
            yield from (expression.collection, expression.body)
        case nodes.TupleItems():
            yield from expression.items
        case nodes.ObjectItems():
            for item in expression.items:
                yield from (item.key, item.value)
        case nodes.Parens():
            yield expression.inner
        case nodes.GetAttr():
            yield expression.target
        case nodes.Index():
            yield from (expression.target, expression.key)
        case nodes.Splat():
            yield from (expression.target, expression.each)
        case nodes.Call():
            yield from expression.arguments
        case nodes.Unary():
            yield expression.operand
        case nodes.Binary():
            yield from (expression.left, expression.right)
        case nodes.Conditional():
            yield from (expression.condition, expression.then, expression.otherwise)
        case nodes.For():
            yield from (expression.collection, expression.result)
            yield from (each for each in (expression.result_key, expression.condition) if each is not None)


def walk(expression: Expression) -> Iterator[Expression]:
    """``expression`` and everything inside it."""
    stack = [expression]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(children(item))


def references(expression: Expression) -> Iterator[tuple[str, str]]:
    """The ``(root, name)`` of every reference, as ``("var", "x")``; the name is empty for a bare root."""
    for item in walk(expression):
        if isinstance(item, nodes.GetAttr) and isinstance(item.target, nodes.Name):
            yield item.target.name, item.name


def calls(expression: Expression, function: str) -> bool:
    """Whether ``expression`` calls ``function``."""
    return any(isinstance(item, nodes.Call) and item.name == function for item in walk(expression))
