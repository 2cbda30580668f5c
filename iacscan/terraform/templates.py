"""Template text: quoted strings, heredocs, template files and the strings of JSON syntax.

Follows https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions: the text is
cut into literals, interpolations and directives; strip markers trim the literal beside them (in a
heredoc a literal ends with its line); then directives are assembled into a tree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from iacscan.core import Span
from iacscan.terraform.lexer import Source, close_code
from iacscan.terraform.nodes import Expression, HclSyntaxError, Literal, TemplateFor, TemplateIf, TemplateText

Parse: TypeAlias = Callable[[Source, int, int], Expression]
"""Parses the expression between two offsets."""

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
MARK = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{|\$\{~?|%\{~?|\n", re.DOTALL)
PLAIN = re.compile(r'[^\\$%"\n]*')
FOR = re.compile(r"\s*for\s+([^\W\d][\w-]*)\s*(?:,\s*([^\W\d][\w-]*)\s*)?in\b")
KEYWORD = re.compile(r"\s*(if|else|endif|for|endfor)\b")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a template: ``text``, ``code`` (an interpolation) or a directive's keyword."""

    kind: str
    start: int
    end: int
    text: str = ""


def parse_quoted(source: Source, start: int, end: int, parse: Parse) -> Expression:
    """The quoted text between two offsets, quotes included."""
    span = source.span(start, end)
    if PLAIN.fullmatch(source.text, start + 1, end - 1):
        return Literal(_normal(source.text[start + 1 : end - 1]), span)
    tokens = list(_cut(source, start + 1, end - 1, escapes=True))
    return Assembler(source, tokens, parse).whole(span)


def parse_text(source: Source, start: int, end: int, parse: Parse) -> Expression:
    """Text without quotes or backslash escapes: a file, a JSON string."""
    return Assembler(source, list(_cut(source, start, end, escapes=False)), parse).whole(source.span(start, end))


def parse_heredoc(source: Source, start: int, end: int, parse: Parse, flush: bool) -> Expression:
    """The heredoc between two offsets, markers included; ``flush`` for ``<<-``."""
    first, last = source.text.index("\n", start) + 1, source.text.rindex("\n", start, end) + 1
    tokens = list(_cut(source, first, max(first, last), escapes=False))
    return Assembler(source, _flush(tokens) if flush else tokens, parse).whole(source.span(start, end))


def _normal(text: str) -> str:
    """``text`` in Unicode's composed form, in which Terraform keeps all strings."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _cut(source: Source, start: int, end: int, escapes: bool) -> Iterator[Token]:
    """Tokens of the text between two offsets, strip markers already applied."""
    text, position, trim = source.text, start, False
    literal: list[str] = []
    literal_start = start
    for match in _marks(source, start, end, escapes):
        found = match[0]
        if match.start() < position:
            continue
        literal.append(text[position : match.start()])
        position = match.end()
        if found == "\n" and not escapes:
            literal.append(found)
            yield _literal(literal, literal_start, position, trim)
            literal, literal_start, trim = [], position, False
        elif found[0] in "\\\n" or found in ("$${", "%%{"):
            literal.append(_unescape(source, match))
        else:
            strip = found.endswith("~")
            yield _literal(literal, literal_start, match.start(), trim, strip)
            closing = close_code(source, position, end)
            trim = text[closing - 1] == "~"
            yield _code(source, found[0], position, closing - trim)
            literal, position = [], closing + 1
            literal_start = position
    literal.append(text[position:end])
    yield _literal(literal, literal_start, end, trim)


def _marks(source: Source, start: int, end: int, escapes: bool) -> Iterator[re.Match[str]]:
    """Matches of :data:`MARK` that are marks here; code between them is skipped by the caller."""
    position = start
    while match := MARK.search(source.text, position, end):
        if match[0][0] == "\\" and not escapes:
            position = match.start() + 1
            continue
        yield match
        code = match[0][:2] in ("${", "%{")
        position = close_code(source, match.end(), end) + 1 if code else match.end()


def _literal(pieces: list[str], start: int, end: int, trim_left: bool, trim_right: bool = False) -> Token:
    text = "".join(pieces)
    if trim_left:
        text = text.lstrip()
    return Token("text", start, end, text.rstrip() if trim_right else text)


def _unescape(source: Source, match: re.Match[str]) -> str:
    found = match[0]
    if found[0] in "$%":
        return found[1:]
    if found == "\n":
        return found
    code = match[1]
    if code in ESCAPES:
        return ESCAPES[code]
    if code[0] in "uU" and len(code) > 1:
        number = int(code[1:], 16)
        if number < 0x110000 and not 0xD800 <= number < 0xE000:  # half a surrogate pair is no character
            return chr(number)
    raise HclSyntaxError("This backslash escape does not exist", source.span(match.start(), match.end()))


def _code(source: Source, mark: str, start: int, end: int) -> Token:
    if mark == "$":
        return Token("code", start, end)
    match = KEYWORD.match(source.text, start, end)
    if match is None:
        raise HclSyntaxError("A directive must be if, else, endif, for or endfor", source.span(start, end))
    return Token(match[1], start if match[1] == "for" else match.end(), end)


def _flush(tokens: list[Token]) -> list[Token]:
    """Remove the indentation that all lines share, as ``<<-`` does."""
    at_start, lines, indents = True, [], []
    for index, token in enumerate(tokens):
        if at_start and not (token.text == "" and index == len(tokens) - 1):
            at_start = False
            if token.kind != "text" or token.text == "":
                indents.append(0)
            elif not (token.text.isspace() and token.text.endswith("\n")):
                indents.append(len(token.text) - len(token.text.lstrip()))
                lines.append(index)
        if token.text.endswith("\n"):
            at_start = True
    indent = min(indents, default=0)
    flushed = list(tokens)
    for index in lines:
        flushed[index] = replace(tokens[index], text=tokens[index].text[indent:])
    return flushed


@dataclass(slots=True)
class Assembler:
    """Builds the tree from tokens; ``position`` is the next token to read."""

    source: Source
    tokens: list[Token]
    parse: Parse
    position: int = 0
    depth: int = 0

    def whole(self, span: Span) -> Expression:
        """All tokens as one expression: plain text becomes a literal."""
        parts, stop = self._parts()
        if stop is not None:
            raise HclSyntaxError(f"This {stop.kind} has no beginning", self.source.span(stop.start, stop.end))
        if not parts:
            return Literal("", span)
        if len(parts) == 1 and isinstance(parts[0], Literal) and isinstance(parts[0].value, str) and self._plain():
            return Literal(_normal(parts[0].value), span)
        return TemplateText(tuple(parts), span)

    def _plain(self) -> bool:
        return all(token.kind == "text" for token in self.tokens)

    def _parts(self) -> tuple[list[Expression], Token | None]:
        """Parts up to the directive that ends them (``else``, ``endif``, ``endfor``) or the end."""
        parts: list[Expression] = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            if token.kind == "text":
                self._add_text(parts, token)
            elif token.kind == "code":
                parts.append(self.parse(self.source, token.start, token.end))
            elif token.kind == "if":
                parts.append(self._nested(self._if, token))
            elif token.kind == "for":
                parts.append(self._nested(self._for, token))
            else:
                return parts, token
        return parts, None

    def _add_text(self, parts: list[Expression], token: Token) -> None:
        if not token.text:
            return
        previous = parts[-1] if parts else None
        before = self.tokens[self.position - 2] if self.position > 1 else None
        if isinstance(previous, Literal) and before is not None and before.kind == "text":
            span = self.source.span(token.start, token.end)
            parts[-1] = Literal(_normal(previous.value + token.text), _cover(previous.span, span))
        else:
            parts.append(Literal(_normal(token.text), self.source.span(token.start, token.end)))

    def _nested(self, build: Callable[[Token], Expression], token: Token) -> Expression:
        self.depth += 1
        if self.depth > 40:
            raise HclSyntaxError("Directives are nested too deeply", self.source.span(token.start, token.end))
        result = build(token)
        self.depth -= 1
        return result

    def _if(self, token: Token) -> Expression:
        condition = self.parse(self.source, token.start, token.end)
        then, stop = self._section(token)
        otherwise = TemplateText((), then.span)
        if stop.kind == "else":
            otherwise, stop = self._section(token)
        self._expect(stop, "endif")
        return TemplateIf(condition, then, otherwise, self.source.span(token.start, stop.end))

    def _for(self, token: Token) -> Expression:
        match = FOR.match(self.source.text, token.start, token.end)
        if match is None:
            raise HclSyntaxError(
                "A for directive needs names and a collection", self.source.span(token.start, token.end)
            )
        key, value = (match[1], match[2]) if match[2] else (None, match[1])
        collection = self.parse(self.source, match.end(), token.end)
        body, stop = self._section(token)
        self._expect(stop, "endfor")
        return TemplateFor(key, value, collection, body, self.source.span(token.start, stop.end))

    def _section(self, opening: Token) -> tuple[TemplateText, Token]:
        parts, stop = self._parts()
        if stop is None:
            raise HclSyntaxError(f"This {opening.kind} is never closed", self.source.span(opening.start, opening.end))
        return TemplateText(tuple(parts), self.source.span(opening.end, stop.start)), stop

    def _expect(self, token: Token, kind: str) -> None:
        if token.kind != kind:
            raise HclSyntaxError(f"Expected {kind}, not {token.kind}", self.source.span(token.start, token.end))


def _cover(first: Span, last: Span) -> Span:
    return Span(first.start_line, first.start_column, last.end_line, last.end_column)
