"""Native syntax to the tree of :mod:`iacscan.terraform.nodes`; the only module that knows python-hcl2.

python-hcl2 brings the grammar, lark the LALR parser. Our lexer feeds it, so that everything that the
grammar says of newlines, quoted text and heredocs is not needed: it is cut out of the grammar before
the tables are built, which takes 0.2 s instead of 2 s, needs no cache on disk, and closes the gaps
between the grammar and the language (identifiers in any script, ``!!a``, ``"$${"``, heredocs as
templates, keywords as names).
"""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken

from iacscan.core import Span
from iacscan.terraform import nodes
from iacscan.terraform.lexer import Lexeme, Lexer, Source
from iacscan.terraform.nodes import Block, Body, Expression, File, HclSyntaxError
from iacscan.terraform.numbers import written_number
from iacscan.terraform.salvage import salvage, twice
from iacscan.terraform.templates import parse_heredoc, parse_quoted, parse_text

OPERATORS = """
?or_expr : unary_expr | binary_chain
binary_chain : unary_expr (binary_operator unary_expr)+
!binary_operator : DOUBLE_PIPE | DOUBLE_AMP | DOUBLE_EQ | NEQ | LT | GT | LEQ | GEQ
                 | PLUS | MINUS | ASTERISK | SLASH | PERCENT
?unary_expr : unary_op | expr_term
!unary_op : (MINUS | NOT) unary_expr
"""
"""In place of a rule for each level of precedence, which every operand would climb: chains, grouped afterwards."""

PRECEDENCE = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}

AMENDMENTS = (
    (re.compile(r"new_line_or_comment\?"), ""),
    (re.compile(r"(?m)^string: .*$"), "string: STRING_CHARS"),
    (re.compile(r"(?ms)^\?or_expr .*?(?=^// Expression terms)"), OPERATORS),
    (re.compile(r"(?m)^get_attr : .*$"), "get_attr : DOT identifier"),
    (re.compile(r"\(COLONS identifier COLONS identifier\)\?"), "(COLONS identifier)*"),
    (re.compile(r"(?m)^object : .*$"), "object : LBRACE (object_elem (COMMA object_elem)* COMMA?)? RBRACE"),
)
"""What is changed in the grammar of python-hcl2 8.1: each must match, or the pinned version has moved."""


def parse_file(text: str, path: str) -> File:
    """``text`` as a file; each fault becomes a diagnostic, and costs the top-level block that it stands in."""
    source = Source(text.removeprefix("\ufeff"))
    lexer = Lexer(source, 0, len(source.text), "body")

    def read(lexer: Lexer) -> Body:
        return _located(_parse(source, lexer, "start"), path)

    try:
        body = read(lexer)
    except HclSyntaxError as fault:
        return salvage(source, path, fault, read)
    return File(path, body, tuple(lexer.comments))


def parse_expression(source: Source, start: int, end: int) -> Expression:
    """The expression between two offsets; raises ``HclSyntaxError``."""
    lexer = Lexer(source, start, end, "brackets")
    expression: Expression = _parse(source, lexer, "expression")
    return expression


def parse_template(source: Source) -> Expression:
    """All of ``source`` as a template without quotes: a template file, a JSON string; raises ``HclSyntaxError``."""
    return parse_text(source, 0, len(source.text), parse_expression)


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    spec = importlib.util.find_spec("hcl2")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("python-hcl2 is not installed")
    text = (Path(spec.submodule_search_locations[0]) / "hcl2.lark").read_text(encoding="utf-8")
    for pattern, replacement in AMENDMENTS:
        text, count = pattern.subn(replacement, text)
        if not count:
            raise RuntimeError(f"python-hcl2 has another grammar than 8.1: no {pattern.pattern!r}")
    return Lark(text, parser="lalr", lexer="basic", start=["start", "expression"], transformer=_Builder())


class _Text(Token):
    """A token of quoted or heredoc text, with the tree of its template."""

    node: Expression


def _parse(source: Source, lexer: Lexer, start: str) -> Any:
    """Feed the tokens of ``lexer`` to the parser; raises ``HclSyntaxError``."""
    parser = _grammar().parse_interactive(start=start)
    token = Token("START", "", lexer.start, *source.position(lexer.start))
    try:
        for lexeme in lexer.lexemes():
            token = _token(source, lexeme)
            parser.feed_token(token)
        return parser.feed_token(Token.new_borrow_pos("$END", "", token))
    except UnexpectedInput as error:
        end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        found = "the end of the text" if end else f"“{token}”"
        span = source.span(lexer.end, lexer.end) if end else _span_of(token)
        raise HclSyntaxError(f"Unexpected {found}", span) from None


def _token(source: Source, lexeme: Lexeme) -> Token:
    start, end, text = lexeme.start, lexeme.end, source.text
    span = source.span(start, end)
    place = (start, span.start_line, span.start_column, span.end_line, span.end_column, end)
    if lexeme.type == "STRING":
        quoted = _Text("STRING_CHARS", text[start:end], *place)
        quoted.node = parse_quoted(source, start, end, parse_expression)
        return quoted
    if lexeme.type.startswith("HEREDOC"):
        heredoc = _Text(lexeme.type, text[start:end], *place)
        heredoc.node = parse_heredoc(source, start, end, parse_expression, lexeme.type.endswith("TRIM"))
        return heredoc
    return Token(lexeme.type, text[start:end] or ",", *place)


def _located(body: Body, path: str) -> Body:
    """``body`` with ``path`` on every attribute and block."""
    attributes = {name: nodes.Attribute(name, item.value, item.span, path) for name, item in body.attributes.items()}
    blocks = (
        Block(item.type, item.labels, _located(item.body, path), item.header, item.span, path) for item in body.blocks
    )
    return Body(attributes, tuple(blocks))


def _span_of(item: Any) -> Span:
    if isinstance(item, Token):
        line, column = item.line or 1, item.column or 1
        return Span(line, column, item.end_line or line, item.end_column or column)
    span: Span = item.span
    return span


def _cover(children: list[Any]) -> Span:
    first, last = _span_of(children[0]), _span_of(children[-1])
    return Span(first.start_line, first.start_column, last.end_line, last.end_column)


def _word(item: Any) -> str:
    """The text of a name, a keyword used as one, or a plain label."""
    if isinstance(item, nodes.Name):
        return item.name
    if isinstance(item, nodes.Literal):
        return item.value if isinstance(item.value, str) else {None: "null", True: "true", False: "false"}[item.value]
    raise HclSyntaxError("A label must be plain text", item.span)


class _Step:
    """A step after a term (``.name``, ``[key]``, ``.*``, ``[*]``), waiting for its target."""

    __slots__ = ("kind", "span", "value")

    def __init__(self, kind: str, value: Any, span: Span):
        self.kind, self.value, self.span = kind, value, span

    def on(self, target: Expression) -> Expression:
        """The expression that the step makes of ``target``."""
        span = Span(target.span.start_line, target.span.start_column, self.span.end_line, self.span.end_column)
        if self.kind == "attr":
            return nodes.GetAttr(target, self.value, span)
        if self.kind in ("index", "legacy"):
            return nodes.Index(target, self.value, span)
        if isinstance(target, nodes.Splat) and target.full:
            return nodes.Splat(target.target, self.on(target.each), span)
        each: Expression = nodes.Element(self.span)
        taken, full = len(self.value), self.kind == "full_splat"
        if not full:
            taken = next((at for at, step in enumerate(self.value) if step.kind == "index"), taken)
        for step in self.value[:taken]:
            each = step.on(each)
        result: Expression = nodes.Splat(target, each, span, full)
        for step in self.value[taken:]:
            result = step.on(result)
        return result


class _Builder:
    """Callbacks of the parser, one for each rule of the grammar; children are tokens and what callbacks return."""

    def start(self, children: list[Any]) -> Body:
        body: Body = children[0]
        return body

    def body(self, children: list[Any]) -> Body:
        attributes: dict[str, nodes.Attribute] = {}
        blocks: list[Block] = []
        for item in children:
            if isinstance(item, Block):
                blocks.append(item)
            elif item.name in attributes:
                raise twice(item)
            else:
                attributes[item.name] = item
        return Body(attributes, tuple(blocks))

    def attribute(self, children: list[Any]) -> nodes.Attribute:
        return nodes.Attribute(_word(children[0]), children[2], _cover(children))

    def block(self, children: list[Any]) -> Block:
        opening = next(at for at, child in enumerate(children) if isinstance(child, Token))
        labels = tuple(_word(child) for child in children[1:opening])
        span = _cover(children)
        return Block(_word(children[0]), labels, children[opening + 1], _cover(children[:opening]), span)

    def identifier(self, children: list[Token]) -> nodes.Name:
        return nodes.Name(str(children[0]), _span_of(children[0]))

    keyword = identifier

    def literal_value(self, children: list[Token]) -> nodes.Literal:
        value = {"true": True, "false": False, "null": None}[str(children[0])]
        return nodes.Literal(value, _span_of(children[0]))

    def int_lit(self, children: list[Token]) -> nodes.Literal:
        span = _span_of(children[0])
        return nodes.Literal(written_number(str(children[0]), span), span)

    float_lit = int_lit

    def string(self, children: list[_Text]) -> Expression:
        return children[0].node

    heredoc_template = string
    heredoc_template_trim = string

    def expr_term(self, children: list[Any]) -> Expression:
        if len(children) == 1:
            inner: Expression = children[0]
            return inner
        return nodes.Parens(children[1], _cover(children))

    def conditional(self, children: list[Any]) -> nodes.Conditional:
        return nodes.Conditional(children[0], children[2], children[4], _cover(children))

    def binary_operator(self, children: list[Token]) -> Token:
        return children[0]

    def binary_chain(self, children: list[Any]) -> Expression:
        return _grouped(children)

    def unary_op(self, children: list[Any]) -> Expression:
        return nodes.Unary(str(children[0]), children[1], _cover(children))

    def tuple(self, children: list[Any]) -> nodes.TupleItems:
        items = tuple(child for child in children if not isinstance(child, Token))
        return nodes.TupleItems(items, _cover(children))

    def object(self, children: list[Any]) -> nodes.ObjectItems:
        items = tuple(child for child in children if not isinstance(child, Token))
        return nodes.ObjectItems(items, _cover(children))

    def object_elem_key(self, children: list[Any]) -> Expression:
        key: Expression = children[0]
        plain = isinstance(key, nodes.Name) or (isinstance(key, nodes.Literal) and isinstance(key.value, bool | None))
        return nodes.Literal(_word(key), key.span) if plain else key

    def object_elem(self, children: list[Any]) -> nodes.ObjectItem:
        return nodes.ObjectItem(children[0], children[2], _cover(children))

    def arguments(self, children: list[Any]) -> list[Any]:
        return children

    def function_call(self, children: list[Any]) -> nodes.Call:
        opening = next(at for at, child in enumerate(children) if getattr(child, "type", "") == "LPAR")
        name = "".join(child.name if isinstance(child, nodes.Name) else "::" for child in children[:opening])
        inside = children[opening + 1] if isinstance(children[opening + 1], list) else []
        arguments = tuple(child for child in inside if not isinstance(child, Token))
        expand = bool(inside) and getattr(inside[-1], "type", "") == "ELLIPSIS"
        return nodes.Call(name, arguments, expand, _cover(children))

    def index_expr_term(self, children: list[Any]) -> Expression:
        result: Expression = children[1].on(children[0])
        return result

    get_attr_expr_term = attr_splat_expr_term = full_splat_expr_term = index_expr_term

    def braces_index(self, children: list[Any]) -> _Step:
        return _Step("index", children[1], _cover(children))

    def short_index(self, children: list[Any]) -> _Step:
        return _Step("legacy", self.int_lit(children[1:]), _cover(children))

    def get_attr(self, children: list[Any]) -> _Step:
        return _Step("attr", children[1].name, _cover(children))

    def attr_splat(self, children: list[Any]) -> _Step:
        return _Step("attr_splat", children[1:], _cover(children))

    def full_splat(self, children: list[Any]) -> _Step:
        return _Step("full_splat", children[1:], _cover(children))

    def for_intro(self, children: list[Any]) -> list[Any]:
        return children

    def for_cond(self, children: list[Any]) -> list[Any]:
        return children

    def for_tuple_expr(self, children: list[Any]) -> nodes.For:
        key, value, collection = _loop(children[1])
        condition = children[3][1] if isinstance(children[3], list) else None
        return nodes.For(key, value, collection, children[2], _cover(children), condition=condition)

    def for_object_expr(self, children: list[Any]) -> nodes.For:
        key, value, collection = _loop(children[1])
        grouping = any(getattr(child, "type", "") == "ELLIPSIS" for child in children)
        condition = next((child[1] for child in children[2:] if isinstance(child, list)), None)
        result = children[4]
        return nodes.For(key, value, collection, result, _cover(children), children[2], condition, grouping)


def _grouped(chain: list[Any]) -> Expression:
    """Operands and operators in turn, grouped by precedence and from the left."""
    operands: list[Expression] = [chain[0]]
    pending: list[str] = []

    def reduce() -> None:
        right, left = operands.pop(), operands.pop()
        operands.append(nodes.Binary(pending.pop(), left, right, _cover([left, right])))

    for operator, operand in zip(map(str, chain[1::2]), chain[2::2], strict=True):
        while pending and PRECEDENCE[pending[-1]] >= PRECEDENCE[operator]:
            reduce()
        pending.append(operator)
        operands.append(operand)
    while pending:
        reduce()
    return operands[0]


def _loop(intro: list[Any]) -> tuple[str | None, str, Expression]:
    """The names and the collection of ``for k, v in collection:``."""
    at = next(at for at, child in enumerate(intro) if getattr(child, "type", "") == "IN")
    names = [child.name for child in intro[:at] if isinstance(child, nodes.Name)]
    collection = intro[at + 1]
    return (names[0], names[1], collection) if len(names) > 1 else (None, names[0], collection)
