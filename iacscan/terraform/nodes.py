"""The syntax tree of the Terraform language, the same for native and JSON syntax.

Every node has the span of the text that it was read from. See
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md for the grammar behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from iacscan.core import Diagnostic, Level, Location, Span


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a bool, null, or text without interpolation."""

    value: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """The first step of a reference: ``var``, ``local``, ``aws_s3_bucket``, an iterator."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Parens:
    """A parenthesised expression; kept because ``(a) = 1`` differs from ``a = 1`` in an object."""

    inner: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateText:
    """Quoted or heredoc text with interpolations or directives."""

    parts: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateIf:
    """``%{ if condition } … %{ else } … %{ endif }``."""

    condition: Expression
    then: TemplateText
    otherwise: TemplateText
    span: Span


@dataclass(frozen=True, slots=True)
class TemplateFor:
    """``%{ for key, value in collection } … %{ endfor }``."""

    key: str | None
    value: str
    collection: Expression
    body: TemplateText
    span: Span


@dataclass(frozen=True, slots=True)
class TupleItems:
    """``[a, b]``."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectItem:
    """One ``key = value`` of an object; a bare identifier as key is a :class:`Literal`."""

    key: Expression
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class ObjectItems:
    """``{ a = 1, (b) = 2 }``."""

    items: tuple[ObjectItem, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class GetAttr:
    """``target.name``."""

    target: Expression
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``target[key]``, also the legacy ``target.0``."""

    target: Expression
    key: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Element:
    """What a splat's ``each`` is applied to: the current element."""

    span: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """``target[*]…`` or the legacy ``target.*…`` (not ``full``); ``each`` is evaluated once for each element."""

    target: Expression
    each: Expression
    span: Span
    full: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """``name(arguments…)``; ``expand`` where the last argument is followed by ``...``."""

    name: str
    arguments: tuple[Expression, ...]
    expand: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """``-operand`` or ``!operand``."""

    operator: str
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right``."""

    operator: str
    left: Expression
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? then : otherwise``."""

    condition: Expression
    then: Expression
    otherwise: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    """``[for k, v in collection : result if condition]``; with ``result_key`` the object form."""

    key: str | None
    value: str
    collection: Expression
    result: Expression
    span: Span
    result_key: Expression | None = None
    condition: Expression | None = None
    grouping: bool = False


Expression: TypeAlias = (
    Literal
    | Name
    | Parens
    | TemplateText
    | TemplateIf
    | TemplateFor
    | TupleItems
    | ObjectItems
    | GetAttr
    | Index
    | Element
    | Splat
    | Call
    | Unary
    | Binary
    | Conditional
    | For
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """``name = value`` in a body."""

    name: str
    value: Expression
    span: Span
    path: str = ""


LABELS = {
    "action": 2,
    "check": 1,
    "data": 2,
    "ephemeral": 2,
    "import": 0,
    "locals": 0,
    "module": 1,
    "moved": 0,
    "output": 1,
    "provider": 1,
    "removed": 0,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}
"""How many labels each top-level block has."""


@dataclass(frozen=True, slots=True)
class Block:
    """``type "label" … { body }``; ``header`` is the span up to the brace, ``span`` the whole block.

    ``lost`` says why its body, then empty, could not be read: it may have said anything.
    """

    type: str
    labels: tuple[str, ...]
    body: Body
    header: Span
    span: Span
    path: str = ""
    lost: str = ""

    @property
    def location(self) -> Location:
        """Where the header stands."""
        return Location(self.path, self.header)


@dataclass(frozen=True, slots=True)
class Body:
    """Attributes by name, and blocks in the order of the text."""

    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...] = ()

    def blocks_of(self, kind: str) -> list[Block]:
        """The blocks of one type, in order."""
        return [block for block in self.blocks if block.type == kind]

    def expression(self, name: str) -> Expression | None:
        """The expression of the attribute ``name``, where it is written."""
        attribute = self.attributes.get(name)
        return attribute.value if attribute else None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its markers, and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Lost:
    """Text of which nobody knows what it declares; ``text`` is ``None`` where not even that could be read."""

    location: Location
    text: str | None

    @property
    def place(self) -> str:
        """A path with lines, as in ``main.tf:4-9``."""
        path, span = self.location.path, self.location.span
        if span is None:
            return path
        first, last = span.start_line, span.end_line
        return f"{path}:{first}" if first == last else f"{path}:{first}-{last}"

    @property
    def reason(self) -> str:
        """Why what depends on the text is not known."""
        return f"{self.place} cannot be read"


@dataclass(frozen=True, slots=True)
class File:
    """One file, parsed; ``diagnostics`` say what could not be, and ``lost`` is what nobody can tell the meaning of."""

    path: str
    body: Body
    comments: tuple[Comment, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    lost: tuple[Lost, ...] = ()


def unread(path: str, why: str, span: Span | None = None, text: str | None = None) -> File:
    """A file of which nothing could be understood, and its ``text``, where it has one."""
    said = Diagnostic(Level.ERROR, why, Location(path, span))
    return File(path, Body({}), (), (said,), (Lost(Location(path), text),))


class HclSyntaxError(Exception):
    """Text that is not in the language: what was found, and where."""

    def __init__(self, message: str, span: Span):
        super().__init__(message)
        self.span = span


def step_chain(expression: Expression) -> tuple[Expression, list[GetAttr | Index]]:
    """The root of a chain of ``.name`` and ``[key]`` steps, and the steps from left to right."""
    steps: list[GetAttr | Index] = []
    while isinstance(expression, GetAttr | Index):
        steps.append(expression)
        expression = expression.target
    return expression, steps[::-1]
