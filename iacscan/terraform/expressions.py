"""Evaluation of expressions: the tree of :mod:`iacscan.terraform.nodes` in, values out.

Follows https://developer.hashicorp.com/terraform/language/expressions. What Terraform cannot know yet
is unknown here too; where a known part decides (``true || unknown``) it decides. Evaluation is bounded
in depth, steps and size, and raises ``EvaluationError`` beyond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from iacscan.core import Choice, Encoded, Template, Unknown, join_text
from iacscan.terraform import nodes, operators
from iacscan.terraform.functions import FunctionContext
from iacscan.terraform.functions import call as call_function
from iacscan.terraform.handles import Handle, Instances, opened
from iacscan.terraform.kinds import ListValue, ObjectValue, TupleValue, like, unmarked
from iacscan.terraform.lexer import Source
from iacscan.terraform.nodes import Expression, HclSyntaxError
from iacscan.terraform.syntax import parse_template
from iacscan.terraform.values import (
    NOT_KNOWN,
    EvaluationError,
    SetValue,
    derived,
    one_of,
    text_parts,
    to_bool,
    to_string,
    type_name,
)

MAX_STEPS = 300_000
MAX_TOTAL_STEPS = 3_000_000
MAX_DEPTH = 350
MAX_TEXT = 8_000_000
EACH = 5
HOLE = 200
TEXT_A_STEP = 64
ITEM = 4
MAX_ITEMS = 100_000
MAX_SIZE = 200_000


class Resolver(Protocol):
    """What names mean outside of an expression."""

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:
        """The value of ``root`` followed by some of ``names``, and how many of them were used.

        Raises ``EvaluationError`` where nothing of that name is declared.
        """


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression sees: iterators and loop variables, then what ``resolver`` knows."""

    resolver: Resolver
    names: Mapping[str, Any] = field(default_factory=dict)

    def bound(self, names: Mapping[str, Any]) -> Scope:
        """The same scope with more ``names``."""
        return Scope(self.resolver, {**self.names, **names})


class Nothing:
    """The resolver of a template file: only the variables given are there."""

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:  # noqa: ARG002
        """Always raises: there is no such name."""
        raise EvaluationError(f"there is no variable named {root!r}")


class InTemplate(Nothing):
    """The resolver of the text of ``templatefile`` and ``templatestring``, where Terraform allows neither."""


@dataclass(slots=True)
class Evaluator:
    """Evaluates expressions; ``steps`` and ``depth`` bound what one of them does, ``total`` all of them.

    Text that is made or looked through counts, too.
    """

    context: FunctionContext
    steps: int = 0
    total: int = 0
    depth: int = 0

    def evaluate(self, expression: Expression, scope: Scope) -> Any:
        """The value of ``expression``; raises ``EvaluationError`` with Terraform's reason or a bound's."""
        if self.depth == 0:
            self.total, self.steps = self.total + self.steps + EACH, 0
        self.steps += 1
        if self.steps > MAX_STEPS or self.total > MAX_TOTAL_STEPS:
            raise EvaluationError("too many steps are needed to evaluate this")
        if self.depth >= MAX_DEPTH:
            raise EvaluationError("expressions are nested too deeply to evaluate")
        self.depth += 1
        try:
            return _EVALUATE[type(expression)](self, expression, scope)
        finally:
            self.depth -= 1

    def render(self, text: str, variables: Mapping[str, Any]) -> Any:
        """A template file's text with ``variables``; for ``templatefile``."""
        try:
            template = parse_template(Source(text))
        except HclSyntaxError as fault:
            raise EvaluationError(f"the template has a syntax error: {fault}") from None
        return self.evaluate(template, Scope(InTemplate(), dict(variables)))

    def name(self, expression: nodes.Name, scope: Scope) -> Any:
        """A name alone, or the root of a chain."""
        return self.chain(expression, scope)

    def chain(self, expression: Expression, scope: Scope) -> Any:
        """``root.name[key]…``: the resolver takes as many names as it needs, the rest are steps."""
        root, steps = nodes.step_chain(expression)
        used = 0
        if isinstance(root, nodes.Name) and root.name not in scope.names:
            names: list[str] = []
            for step in steps:
                if not isinstance(step, nodes.GetAttr):
                    break
                names.append(step.name)
            value, used = scope.resolver.resolve(root.name, names)
        elif isinstance(root, nodes.Name):
            value = scope.names[root.name]
        else:
            value = self.evaluate(root, scope)
        for step in steps[used:]:
            value = self.step(value, step, scope)
        return value

    def step(self, value: Any, step: nodes.GetAttr | nodes.Index, scope: Scope) -> Any:
        """One step into ``value``."""
        if isinstance(step, nodes.GetAttr):
            value = value.element if isinstance(value, Instances) else value
            return (
                value.attribute(step.name) if isinstance(value, Handle) else operators.get_attribute(value, step.name)
            )
        key = self.evaluate(step.key, scope)
        if isinstance(value, Instances):
            return value.at(key, own=_is_own_key(step.key))
        return (
            value.attribute(key) if isinstance(value, Handle) and isinstance(key, str) else operators.index(value, key)
        )

    def template(self, expression: nodes.TemplateText, scope: Scope) -> Any:
        """Text with interpolations; a lone interpolation gives its value as it is."""
        parts = expression.parts
        if len(parts) == 1 and not isinstance(parts[0], nodes.TemplateIf | nodes.TemplateFor):
            return self.evaluate(parts[0], scope)
        return self._joined(self.evaluate(part, scope) for part in parts)

    def _joined(self, values: Iterable[Any]) -> Any:
        pieces: list[str | Unknown | Template] = []
        size = 0
        for value in values:
            text = to_string(value)
            if text is None:
                raise EvaluationError("the value of an interpolation is null")
            for piece in text_parts(text) if isinstance(text, Encoded) else (text,):
                size += _length(piece)
                if size > MAX_TEXT:
                    raise EvaluationError("the text is too long to evaluate")
                pieces.append(piece)
        self.steps += size // TEXT_A_STEP
        return join_text(pieces)

    def template_if(self, expression: nodes.TemplateIf, scope: Scope) -> Any:
        """``%{ if }``."""
        condition = self._condition(self.evaluate(expression.condition, scope))
        if isinstance(condition, Unknown):
            return derived(condition)
        chosen = expression.then if condition else expression.otherwise
        return self._joined(self.evaluate(part, scope) for part in chosen.parts)

    def template_for(self, expression: nodes.TemplateFor, scope: Scope) -> Any:
        """``%{ for }``."""
        collection = self.evaluate(expression.collection, scope)
        pairs = elements(collection)
        if pairs is None:
            return derived(collection)
        rounds = (
            self._joined(self.evaluate(part, inner) for part in expression.body.parts)
            for inner in self._rounds(pairs, expression.key, expression.value, scope)
        )
        return self._joined(rounds)

    def _rounds(self, pairs: Iterable[tuple[Any, Any]], key: str | None, value: str, scope: Scope) -> Iterator[Scope]:
        for each_key, each_value in pairs:
            yield scope.bound({**({key: each_key} if key else {}), value: each_value})

    def _condition(self, value: Any) -> Any:
        condition = to_bool(value)
        if condition is None:
            raise EvaluationError("a condition is null")
        return condition

    def tuple_items(self, expression: nodes.TupleItems, scope: Scope) -> Any:
        """``[a, b]``."""
        return TupleValue([self.evaluate(item, scope) for item in expression.items])

    def object_items(self, expression: nodes.ObjectItems, scope: Scope) -> Any:
        """``{ a = 1 }``; unknown where a key is."""
        result = ObjectValue()
        for item in expression.items:
            key = to_string(self.evaluate(item.key, scope))
            if key is None:
                raise EvaluationError("the key of an object is null")
            if isinstance(key, NOT_KNOWN):
                return derived(key)
            result[key] = self.evaluate(item.value, scope)
        return result

    def splat(self, expression: nodes.Splat, scope: Scope) -> Any:
        """``target[*].name``: null gives an empty tuple, a single value a tuple of one, a list or set a list."""
        target = self.evaluate(expression.target, scope)
        if target is None:
            return TupleValue()
        if isinstance(target, Instances):
            return derived(target, self.evaluate(expression.each, scope.bound({"*": target.element})))
        if isinstance(target, Unknown) and not isinstance(target, Handle):
            return derived(target)
        if isinstance(target, SetValue):
            target = ListValue(target)
        items = target if isinstance(target, list) else TupleValue([target])
        return like(items, [self.evaluate(expression.each, scope.bound({"*": item})) for item in items])

    def element(self, _: nodes.Element, scope: Scope) -> Any:
        """The current element of a splat."""
        return scope.names["*"]

    def call(self, expression: nodes.Call, scope: Scope) -> Any:
        """A function call; ``try`` and ``can`` see the errors of their arguments."""
        name = expression.name.removeprefix("core::")
        if name == "try":
            return self._try(expression.arguments, scope)
        if name == "can":
            return self._can(expression.arguments, scope)
        if name in ("templatefile", "templatestring") and isinstance(scope.resolver, InTemplate):
            raise EvaluationError(f"cannot call {name} from inside another template")
        arguments = [self.evaluate(argument, scope) for argument in expression.arguments]
        if expression.expand:
            last = arguments.pop()
            if not isinstance(last, list | SetValue):
                if isinstance(last, NOT_KNOWN):
                    return derived(last)
                raise EvaluationError(f"the last argument of {name} must be a list to be expanded")
            arguments.extend(last)
        result = call_function(name, [opened(argument) for argument in arguments], self.context)
        self.steps += sum(map(_work, (*arguments, result))) // TEXT_A_STEP
        return result

    def _try(self, arguments: tuple[Expression, ...], scope: Scope) -> Any:
        failure = EvaluationError("try needs an argument")
        for argument in arguments:
            try:
                return self.evaluate(argument, scope)
            except EvaluationError as error:
                failure = error
        raise failure

    def _can(self, arguments: tuple[Expression, ...], scope: Scope) -> Any:
        if len(arguments) != 1:
            raise EvaluationError("can needs one argument")
        try:
            value = self.evaluate(arguments[0], scope)
        except EvaluationError:
            return False
        if isinstance(value, Unknown) and not (_is_reference(arguments[0]) and _is_there(value)):
            return derived(value)
        return True

    def unary(self, expression: nodes.Unary, scope: Scope) -> Any:
        """``-x`` or ``!x``."""
        operand = self.evaluate(expression.operand, scope)
        return operators.minus(operand) if expression.operator == "-" else operators.negate(operand)

    def binary(self, expression: nodes.Binary, scope: Scope) -> Any:
        """An operator; ``&&`` and ``||`` are decided by one side where they can be."""
        chain: list[nodes.Binary] = []
        leftmost: Expression = expression
        while isinstance(leftmost, nodes.Binary):
            chain.append(leftmost)
            leftmost = leftmost.left
        value = self.evaluate(leftmost, scope)
        for each in reversed(chain):
            if each.operator in ("&&", "||"):
                value = self._logic(each, value, scope)
            else:
                value = operators.binary(each.operator, value, self.evaluate(each.right, scope))
        return value

    def _logic(self, expression: nodes.Binary, left: Any, scope: Scope) -> Any:
        decisive = expression.operator == "||"
        first = self._condition(left)
        if first is decisive:
            return decisive
        second = self._condition(self.evaluate(expression.right, scope))
        if second is decisive:
            return decisive
        doubts = [side for side in (first, second) if isinstance(side, Unknown)]
        return derived(*doubts) if doubts else not decisive

    def conditional(self, expression: nodes.Conditional, scope: Scope) -> Any:
        """``a ? b : c``, the chosen branch converted to the type of both."""
        condition = self._condition(self.evaluate(expression.condition, scope))
        if isinstance(condition, Unknown):
            return self._undecided(expression, condition, scope)
        taken, other = expression.then, expression.otherwise
        if not condition:
            taken, other = other, taken
        value = self.evaluate(taken, scope)
        if not operators.may_be_converted(value):
            return value
        try:
            return operators.choose(value, self.evaluate(other, scope))
        except EvaluationError:
            return unmarked(value)

    def _undecided(self, expression: nodes.Conditional, condition: Unknown, scope: Scope) -> Any:
        """Both branches may be taken: known only where they are the same, else the choice between them."""
        try:
            then = self.evaluate(expression.then, scope)
            otherwise = self.evaluate(expression.otherwise, scope)
        except EvaluationError:
            return derived(condition)
        if operators.same(then, otherwise):
            return operators.choose(then, otherwise)
        return one_of(derived(condition, then, otherwise), operators.alternatives(then, otherwise))

    def loop(self, expression: nodes.For, scope: Scope) -> Any:
        """A ``for`` expression."""
        collection = self.evaluate(expression.collection, scope)
        pairs = elements(collection)
        if pairs is None:
            return derived(collection)
        items: list[Any] = []
        groups: dict[str, Any] = {}
        for inner in self._rounds(pairs, expression.key, expression.value, scope):
            if expression.condition is not None:
                keep = self._condition(self.evaluate(expression.condition, inner))
                if isinstance(keep, Unknown):
                    return derived(keep)
                if not keep:
                    continue
            if expression.result_key is None:
                items.append(self.evaluate(expression.result, inner))
            elif (unknown := self._collect(expression, inner, groups)) is not None:
                return unknown
        return TupleValue(items) if expression.result_key is None else ObjectValue(sorted(groups.items()))

    def _collect(self, expression: nodes.For, scope: Scope, groups: dict[str, Any]) -> Unknown | None:
        """Put one round of the object form into ``groups``; an unknown key makes all of it unknown."""
        assert expression.result_key is not None
        key = to_string(self.evaluate(expression.result_key, scope))
        if isinstance(key, NOT_KNOWN):
            return derived(key)
        if key is None:
            raise EvaluationError("a key of a for expression is null")
        value = self.evaluate(expression.result, scope)
        if expression.grouping:
            groups.setdefault(key, TupleValue()).append(value)
        elif key in groups:
            raise EvaluationError(f"two elements of a for expression have the key {key!r}")
        else:
            groups[key] = value
        return None


def _is_own_key(key: Expression) -> bool:
    """Whether it is ``count.index``, ``each.key`` or of ``each.value``, and nothing is computed of it."""
    root, _ = nodes.step_chain(key)
    return isinstance(root, nodes.Name) and root.name in ("count", "each")


def _is_reference(expression: Expression) -> bool:
    """Whether it only names something: what is computed of an unknown may fail, and give it as it is where not."""
    while isinstance(expression, nodes.Parens):
        expression = expression.inner
    root, steps = nodes.step_chain(expression)
    keys = [step.key for step in steps if isinstance(step, nodes.Index)]
    return isinstance(root, nodes.Name) and all(isinstance(key, nodes.Literal) or _is_reference(key) for key in keys)


def _is_there(value: Unknown) -> bool:
    """Whether it surely has a value: an attribute of a resource, a variable, but not what may be inside of one."""
    reference = value.reference
    return reference is not None and not (reference.path and reference.address.startswith("var."))


def _length(piece: str | Unknown | Template) -> int:
    """The length of a piece of text; a hole counts as much as a line."""
    if isinstance(piece, str):
        return len(piece)
    return HOLE * (len(piece.parts) if isinstance(piece, Template) else 1)


def _work(value: Any) -> int:
    """How much a function has to look through, as characters of text."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | SetValue):
        return 0
    return sum(len(item) if isinstance(item, str) else ITEM for item in value)


def elements(collection: Any) -> list[tuple[Any, Any]] | None:
    """Keys and values to iterate over, in Terraform's order; None where the collection is unknown.

    Raises ``EvaluationError`` for what cannot be iterated.
    """
    collection = opened(collection)
    if isinstance(collection, Unknown):
        return None
    if isinstance(collection, list):
        pairs: list[tuple[Any, Any]] = list(enumerate(collection))
    elif isinstance(collection, dict):
        pairs = sorted(collection.items())
    elif isinstance(collection, SetValue):
        pairs = [(item, item) for item in collection]
    else:
        raise EvaluationError(f"a {type_name(collection)} cannot be iterated over")
    if len(pairs) > MAX_ITEMS:
        raise EvaluationError("the collection is too large to evaluate")
    return pairs


def checked_size(value: Any) -> Any:
    """``value``, or ``EvaluationError`` where it is too large to look through."""
    stack, seen = [value], 0
    while stack:
        item = stack.pop()
        seen += 1
        if seen > MAX_SIZE:
            raise EvaluationError("the value is too large to evaluate")
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list | SetValue):
            stack.extend(item)
        elif isinstance(item, Encoded):
            stack.append(item.value)
        elif isinstance(item, Choice):
            stack.extend(item.options)
    return value


def _literal(_: Evaluator, expression: nodes.Literal, __: Scope) -> Any:
    return expression.value


def _parens(evaluator: Evaluator, expression: nodes.Parens, scope: Scope) -> Any:
    return evaluator.evaluate(expression.inner, scope)


_EVALUATE: dict[type, Callable[[Evaluator, Any, Scope], Any]] = {
    nodes.Literal: _literal,
    nodes.Parens: _parens,
    nodes.Name: Evaluator.name,
    nodes.GetAttr: Evaluator.chain,
    nodes.Index: Evaluator.chain,
    nodes.TemplateText: Evaluator.template,
    nodes.TemplateIf: Evaluator.template_if,
    nodes.TemplateFor: Evaluator.template_for,
    nodes.TupleItems: Evaluator.tuple_items,
    nodes.ObjectItems: Evaluator.object_items,
    nodes.Splat: Evaluator.splat,
    nodes.Element: Evaluator.element,
    nodes.Call: Evaluator.call,
    nodes.Unary: Evaluator.unary,
    nodes.Binary: Evaluator.binary,
    nodes.Conditional: Evaluator.conditional,
    nodes.For: Evaluator.loop,
}
