"""Text of the native syntax to tokens named as python-hcl2's grammar names them.

Three things are settled here, because they need context that a grammar of tokens does not have:
newlines (see :mod:`iacscan.terraform.lines`), keywords (``for``, ``in`` and ``if`` are reserved only
inside a ``for`` expression) and the extent of quoted text and heredocs, which become one token each.
Everything is linear in the size of the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from iacscan.core import Span
from iacscan.terraform.lines import ENDS_OPERAND, Frame
from iacscan.terraform.nodes import Comment, HclSyntaxError

MAX_DEPTH = 60
"""How deeply brackets may be nested; deeper text is rejected instead of exhausting the stack."""

TOKEN = re.compile(
    r"""
    (?P<space>(?:[ \t]|\r(?=\n))+)
  | (?P<newline>\n)
  | (?P<comment>\#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)
  | (?P<heredoc><<(?P<indent>-?)(?P<marker>[^\W\d][\w-]*)[ \t\r]*\n)
  | (?P<quote>")
  | (?P<name>[^\W\d][\w-]*)
  | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
  | (?P<full_splat>\[[ \t]*\*[ \t]*\])
  | (?P<operator>\.\.\.|\.\*|=>|==|!=|<=|>=|&&|\|\||::|[-+*/%!<>=?:,.(){}\[\]])
    """,
    re.VERBOSE,
)

OPERATORS = {
    "...": "ELLIPSIS",
    ".*": "ATTR_SPLAT",
    "=>": "FOR_OBJECT_ARROW",
    "==": "DOUBLE_EQ",
    "!=": "NEQ",
    "<=": "LEQ",
    ">=": "GEQ",
    "&&": "DOUBLE_AMP",
    "||": "DOUBLE_PIPE",
    "::": "COLONS",
    "-": "MINUS",
    "+": "PLUS",
    "*": "ASTERISK",
    "/": "SLASH",
    "%": "PERCENT",
    "!": "NOT",
    "<": "LT",
    ">": "GT",
    "=": "EQ",
    "?": "QMARK",
    ":": "COLON",
    ",": "COMMA",
    ".": "DOT",
    "(": "LPAR",
    ")": "RPAR",
    "{": "LBRACE",
    "}": "RBRACE",
    "[": "LSQB",
    "]": "RSQB",
}
CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
LITERALS = {"true": "TRUE", "false": "FALSE", "null": "NULL"}
STRING_STEP = re.compile(r'\\.|["\n]|\$\$\{|%%\{|[$%]\{', re.DOTALL)
CODE_STEP = re.compile(r'["{}]|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)


@dataclass(frozen=True)
class Source:
    """The text of one file; ``fixed`` is the span of all of it where offsets mean nothing (JSON strings)."""

    text: str
    fixed: Span | None = None

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of ``offset``, counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        if self.fixed is not None:
            return self.fixed
        line, column = self.position(start)
        if line < len(self._starts) and self._starts[line] <= end:
            return Span(line, column, *self.position(end))
        return Span(line, column, line, column + end - start)


class Lexeme(NamedTuple):
    """A token: its name in the grammar, and its offsets."""

    type: str
    start: int
    end: int


LINKS = {"ASTERISK", "ATTR_SPLAT", "DOT", "DOUBLE_AMP", "DOUBLE_EQ", "DOUBLE_PIPE", "FULL_SPLAT_START", "GEQ", "GT"}
LINKS |= {"LEQ", "LSQB", "LT", "MINUS", "NEQ", "NOT", "PERCENT", "PLUS", "QMARK", "SLASH"}
"""The tokens that make a tree deeper without a bracket."""

MAX_LINKS = 300
"""How many of them may follow each other in one expression."""


@dataclass(slots=True)
class Lexer:
    """Cuts ``source.text[start:end]``; ``kind`` says whether a body or an expression is read."""

    source: Source
    start: int
    end: int
    kind: str
    comments: list[Comment] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    previous: str = ""
    separate: bool = False

    def lexemes(self) -> Iterator[Lexeme]:
        """The tokens in order; raises ``HclSyntaxError`` at the first that cannot be one."""
        self.frames = [Frame("", self.kind, self.start)]
        text, position = self.source.text, self.start
        while position < self.end:
            match = TOKEN.match(text, position, self.end)
            if match is None or match.lastgroup is None:
                raise self.fault("This character is not used in the language", position, position + 1)
            kind, start = group(match), position
            position = match.end()
            if kind == "newline":
                self._newline(start)
            elif kind == "comment":
                self.comments.append(Comment(match[0].rstrip("\r"), self.source.span(start, position)))
            elif kind == "quote":
                position = close_quote(self.source, position, self.end)
                yield from self._emit("STRING", start, position)
            elif kind == "heredoc":
                position = close_heredoc(self.source, match, self.end)
                yield from self._emit(
                    "HEREDOC_TEMPLATE_TRIM" if match["indent"] else "HEREDOC_TEMPLATE", start, position
                )
            elif kind == "name":
                yield from self._emit(self._word(match[0]), start, position)
            elif kind == "number":
                position = self._number_end(match)
                whole = text[start:position].isdigit()
                yield from self._emit("INT_LITERAL" if whole else "FLOAT_LITERAL", start, position)
            elif kind == "full_splat":
                yield from self._emit("FULL_SPLAT_START", start, position)
            elif kind == "operator":
                if text.startswith("/*", start):
                    raise self.fault("This comment is never closed", start, start + 2)
                yield from self._operator(OPERATORS[match[0]], start, position)
        if len(self.frames) > 1:
            frame = self.frames[-1]
            raise self.fault("This bracket is never closed", frame.start, frame.start + 1)

    def fault(self, message: str, start: int, end: int) -> HclSyntaxError:
        """A fault at two offsets."""
        return HclSyntaxError(message, self.source.span(start, end))

    def _emit(self, kind: str, start: int, end: int) -> Iterator[Lexeme]:
        frame = self.frames[-1]
        if self.separate:
            self.separate = False
            frame.links = 0
            if kind != "RBRACE":
                yield Lexeme("COMMA", start, start)
        if frame.kind == "body":
            self._check(frame.token(kind, self.previous), start, end)
        self.previous = kind
        self._count(kind, start, end)
        yield Lexeme(kind, start, end)

    def _check(self, problem: str, start: int, end: int) -> None:
        if problem:
            raise self.fault(problem, start, end)

    def _count(self, kind: str, start: int, end: int) -> None:
        """Bound the depth of the tree: links add up over the open brackets, and end with an element."""
        frame = self.frames[-1]
        if kind in LINKS:
            frame.links += 1
            if sum(each.links for each in self.frames) > MAX_LINKS:
                raise self.fault("The expression is too long", start, end)
        elif kind in ("COMMA", "EQ"):
            frame.links = 0

    def _newline(self, at: int) -> None:
        frame = self.frames[-1]
        if frame.kind == "body":
            frame.links = 0
            self._check(frame.line_end(self.previous), at, at)
        elif frame.kind == "object":
            self._check(frame.element_end(self.previous), at, at)
            self.separate = self.previous in ENDS_OPERAND

    def _number_end(self, match: re.Match[str]) -> int:
        """``a.0.1`` is two indexes, not the number 0.1."""
        if self.previous == "DOT" and "." in match[0]:
            return match.start() + match[0].index(".")
        return match.end()

    def _word(self, word: str) -> str:
        frame = self.frames[-1]
        if self.previous == "DOT":
            return "NAME"
        if word == "for" and self.previous in ("LBRACE", "LSQB") and frame.kind in ("object", "brackets"):
            frame.kind, frame.loop = "brackets", "in"
            return "FOR"
        if frame.loop == word == "in":
            frame.loop = "if"
            return "IN"
        if frame.loop == word == "if":
            frame.loop = ""
            return "IF"
        return LITERALS.get(word, "NAME")

    def _operator(self, kind: str, start: int, end: int) -> Iterator[Lexeme]:
        if kind in CLOSERS:
            yield from self._emit(kind, start, end)
            self._open(kind, start)
            return
        if kind in ("RPAR", "RSQB", "RBRACE"):
            yield self._close(kind, start, end)
            return
        yield from self._emit(kind, start, end)

    def _close(self, kind: str, start: int, end: int) -> Lexeme:
        frame = self.frames[-1]
        if kind != frame.closer:
            raise self.fault("This bracket closes nothing", start, end)
        if frame.kind == "body":
            self._check(frame.close(), start, end)
        self.frames.pop()
        if frame.kind == "body":
            self.frames[-1].place = "done"
        self.separate, self.previous = False, kind
        return Lexeme(kind, start, end)

    def _open(self, kind: str, start: int) -> None:
        if len(self.frames) > MAX_DEPTH:
            raise self.fault("Brackets are nested too deeply", start, start + 1)
        inside = "brackets"
        if kind == "LBRACE":
            outer = self.frames[-1]
            inside = "body" if outer.kind == "body" and outer.place != "value" else "object"
        self.frames.append(Frame(CLOSERS[kind], inside, start, place="open"))


def group(match: re.Match[str]) -> str:
    """The alternative of :data:`TOKEN` that matched (inner groups of a heredoc are not alternatives)."""
    return "heredoc" if match["heredoc"] is not None else str(match.lastgroup)


def close_quote(source: Source, position: int, end: int) -> int:
    """The offset after the quote that closes the text starting at ``position`` (after its opening quote)."""
    opening, text, depth = position - 1, source.text, ["text"]
    while True:
        match = (STRING_STEP if depth[-1] == "text" else CODE_STEP).search(text, position, end)
        if match is None:
            raise HclSyntaxError("This quote is never closed", source.span(opening, opening + 1))
        position, found = match.end(), match[0]
        if depth[-1] == "text":
            if found == "\n":
                raise HclSyntaxError("A line ends inside quoted text", source.span(opening, match.start()))
            if found == '"':
                depth.pop()
                if not depth:
                    return position
            elif found in ("${", "%{"):
                depth.append("code")
        elif found == '"':
            depth.append("text")
        elif found == "{":
            depth.append("code")
        elif found == "}":
            depth.pop()
        if len(depth) > MAX_DEPTH:
            raise HclSyntaxError("Templates are nested too deeply", source.span(opening, opening + 1))


def close_heredoc(source: Source, match: re.Match[str], end: int) -> int:
    """The offset after the closing marker of the heredoc whose first line is ``match``."""
    closing = re.compile(rf"^[ \t]*{re.escape(match['marker'])}[ \t\r]*$", re.MULTILINE)
    found = closing.search(source.text, match.end(), end)
    if found is None:
        raise HclSyntaxError("This heredoc is never closed", source.span(match.start(), match.end() - 1))
    return found.start() + len(found[0].rstrip())


def close_code(source: Source, position: int, end: int) -> int:
    """The offset of the brace that closes an interpolation or directive whose code starts at ``position``."""
    opening, depth = position - 2, 0
    while True:
        match = CODE_STEP.search(source.text, position, end)
        if match is None:
            raise HclSyntaxError("This interpolation is never closed", source.span(opening, opening + 2))
        position, found = match.end(), match[0]
        if found == '"':
            position = close_quote(source, position, end)
        elif found == "{":
            depth += 1
        elif found == "}":
            if not depth:
                return match.start()
            depth -= 1
