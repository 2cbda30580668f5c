"""The syntax tree of an expression: read by ``jmespath``, checked, and the fact paths that it names.

``jmespath`` calls its tree internal: only this module and :mod:`iacscan.rules.compiler` look at it.
A node is a mapping with ``type``, ``children``, for some types ``value``, and from us ``start``, the
offset of a ``!`` or of a name.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, ClassVar

from jmespath.exceptions import EmptyExpressionError, IncompleteExpressionError, LexerError, ParseError
from jmespath.parser import Parser

MAX_LENGTH = 10_000
"""The longest expression read, in characters."""

Node = dict[str, Any]
"""One node of the tree."""

_Path = tuple[str, ...] | None

_STEPS = frozenset(
    {"subexpression", "index_expression", "projection", "filter_projection", "value_projection", "flatten"}
)

_WORDS = frozenset({"true", "false", "null"})


class ExpressionError(ValueError):
    """Text that is no usable expression: ``message``, and the ``column`` (from 1) where it goes wrong."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


class _Parser(Parser):
    """The stock parser, which also notes where each ``!`` and each name stands."""

    _CACHE: ClassVar[dict[str, Any]] = {}  # not shared: the stock cache holds trees without our notes

    def _token_nud_not(self, token: Node) -> Node:
        return {**super()._token_nud_not(token), "start": token["start"]}  # type: ignore[misc]

    def _token_nud_unquoted_identifier(self, token: Node) -> Node:
        return {**super()._token_nud_unquoted_identifier(token), "start": token["start"]}  # type: ignore[misc]

    def _token_led_lparen(self, left: Node) -> Node:
        return {**super()._token_led_lparen(left), "start": left.get("start", 0)}  # type: ignore[misc]


def parse(text: str, guarded: bool = True) -> Node:
    """The tree of ``text``; raises :class:`ExpressionError` on bad syntax.

    With ``guarded`` it also refuses two well-known traps, which are good JMESPath and never meant.
    """
    tree = _parse(text)
    if not guarded:
        return tree
    try:
        _refuse_bare_word(tree)
        _refuse_traps(tree)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply", 1) from None
    return tree


def _parse(text: str) -> Node:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters", MAX_LENGTH + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old-style literals, which mean what they meant
            return dict(_Parser().parse(text).parsed)
    except EmptyExpressionError:
        raise ExpressionError("the expression is empty", 1) from None
    except LexerError as error:
        raise ExpressionError(error.message, error.lexer_position + 1) from None
    except IncompleteExpressionError:
        raise ExpressionError("the expression ends too early", len(text) + 1) from None
    except ParseError as error:
        what = f"syntax error at '{error.token_value}'" if error.token_value else "the expression ends too early"
        raise ExpressionError(what, error.lex_position + 1) from None
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply", 1) from None
    except ValueError:  # Python reads no whole number of thousands of digits
        raise ExpressionError("a number is too long", 1) from None


def children(node: Node) -> Iterator[Node]:
    """The nodes right below ``node``."""
    return (child for child in node["children"] if isinstance(child, dict))  # a slice has numbers


def _refuse_traps(node: Node) -> None:
    """Raise on ``!a.b``, and on ``true`` without backquotes."""
    if node["type"] in _STEPS and node["children"][0]["type"] == "not_expression":
        column = node["children"][0].get("start", 0) + 1
        raise ExpressionError("`!a.b` means `(!a).b`, which is null: write `!(a.b)`", column)
    for index, child in enumerate(children(node)):
        is_step = index and node["type"] == "subexpression"  # a.true is a fact
        if not is_step:
            _refuse_bare_word(child)
        _refuse_traps(child)


def _refuse_bare_word(node: Node) -> None:
    if node["type"] == "field" and "start" in node and node["value"] in _WORDS:
        word = node["value"]
        raise ExpressionError(
            f"{word} is the name of a fact here: the value is `{word}`, in backquotes", node["start"] + 1
        )


def read_paths(tree: Node) -> tuple[str, ...]:
    """The dotted paths that the expression reads from the root, each once, in the order written."""
    found: list[tuple[str, ...]] = []
    _record(found, _walk(tree, (), found))
    return tuple(dict.fromkeys(map(".".join, found)))


def _record(found: list[tuple[str, ...]], path: _Path) -> None:
    if path:
        found.append(path)


def _walk(node: Node, context: _Path, found: list[tuple[str, ...]]) -> _Path:
    """The path from the root that ``node`` is, read at the path ``context``; None for any other value.

    Paths that something is computed from go to ``found``.
    """
    kind, below = node["type"], list(children(node))
    if kind == "field":
        return None if context is None else (*context, node["value"])
    if kind in ("current", "identity"):
        return context
    if kind in ("subexpression", "pipe"):
        for child in below:
            context = _walk(child, context, found)
        return context
    inner = context
    if kind in _STEPS:  # the steps after the first child are read of its elements
        _record(found, _walk(below.pop(0), context, found))
        inner = None
    elif kind == "expref":
        inner = None
    for child in below:
        _record(found, _walk(child, inner, found))
    return None
