"""Expressions of rules: JMESPath, parsed by ``jmespath`` and compiled to closures in three-valued logic.

Text goes in once; facts go in for every subject, and a value or an :class:`~iacscan.core.Unknown`
comes out (:mod:`iacscan.rules.ternary` says by which law).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jmespath.exceptions import JMESPathTypeError
from jmespath.functions import TYPES_MAP

from iacscan.core import Location, Unknown
from iacscan.rules.compiler import compile_tree
from iacscan.rules.syntax import ExpressionError, parse, read_paths
from iacscan.rules.ternary import FAILURES, UNKNOWNS, Evaluate, waiting

__all__ = ["EvaluationError", "Expression", "ExpressionError", "RuleError", "compile_expression", "judge"]


class EvaluationError(ValueError):
    """Facts that an expression does not fit, such as ``abs('x')``; the message shows no fact's value."""


class RuleError(Exception):
    """A rule that gives no verdict on a subject: ``message``, and the ``location`` of its expression."""

    def __init__(self, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.location = location


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    ``paths`` are the dotted paths that it reads from the root of the facts, each once, in the order
    written; what it reads of a list's elements is not among them. ``source`` is where it was read.
    """

    text: str
    paths: tuple[str, ...] = field(compare=False)
    source: Location | None = field(compare=False)
    _run: Evaluate = field(compare=False, repr=False)

    def evaluate(self, facts: Mapping[str, Any]) -> Any:
        """The value at ``facts``, :class:`~iacscan.core.Unknown` where they do not decide it.

        A list or object in the answer may hold unknown parts. Where a ``&&`` or ``||`` at the root is
        decided in spite of an unknown operand, the answer is plain ``True`` or ``False``.
        Raises :class:`EvaluationError` where the facts do not fit.
        """
        try:
            result = self._run(facts)
        except FAILURES as error:
            raise EvaluationError(_failure(error)) from error
        return result if type(result) is Unknown or type(result) not in UNKNOWNS else waiting(result)

    def __reduce__(self) -> tuple[Callable[..., Expression], tuple[str, Location | None, bool]]:
        return compile_expression, (self.text, self.source, False)


def compile_expression(text: str, source: Location | None = None, guarded: bool = True) -> Expression:
    """The expression written in ``text``; ``source`` is where it was read.

    ``guarded`` refuses what is good JMESPath and a mistake in a rule: ``!a.b``, which JMESPath reads as
    ``(!a).b``, and ``true``, ``false`` and ``null`` without backquotes, which it reads as names.

    Raises :class:`ExpressionError` on bad syntax, on a function that does not exist or that gets too
    many or too few arguments, and on what ``guarded`` refuses.
    """
    tree = parse(text, guarded)
    try:
        return Expression(text, read_paths(tree), source, compile_tree(tree))
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply", 1) from None


def judge(expression: Expression, facts: Mapping[str, Any]) -> bool | Unknown:
    """What a rule's expression says of a subject.

    Raises :class:`RuleError`, with the expression's place, where it fails on these facts or gives
    anything but true, false and unknown; null is such a thing.
    """
    try:
        result = expression.evaluate(facts)
    except EvaluationError as error:
        raise RuleError(f"`{expression.text}` fails: {error}", expression.source) from error
    if result is True or result is False or type(result) is Unknown:
        return result
    kind = TYPES_MAP.get(type(result).__name__, type(result).__name__)
    raise RuleError(f"`{expression.text}` gives {kind}, not true or false", expression.source)


def _failure(error: Exception) -> str:
    """Why an evaluation failed, in words that show no value: a value may be a secret."""
    if isinstance(error, JMESPathTypeError):
        return f"{error.function_name}() takes {' or '.join(error.expected_types)}, not {error.actual_type}"
    if isinstance(error, RecursionError):
        return "the facts or the expression are nested too deeply"
    return str(error)
