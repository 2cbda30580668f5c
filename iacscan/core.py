"""The values that every layer shares, and nothing else.

Terraform values are plain Python: ``None``, ``bool``, ``int``, ``float``, ``str``, ``list`` and
``dict``, joined by three types for what Terraform cannot say before apply: :class:`Unknown`,
:class:`Template` and :class:`Encoded`. This module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import TypeAlias

PathStep: TypeAlias = str | int
"""One step into a value: an attribute or map key, or a list index."""


class Verdict(StrEnum):
    """What a rule says of a subject."""

    FAIL = "fail"
    PASS = "pass"
    UNKNOWN = "unknown"


class Severity(IntEnum):
    """How bad a failure is; ordered, so that a threshold is a comparison."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The lower-case word used in policies, options and reports."""
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> Severity:
        """The severity called ``label``; raises ``ValueError`` for any other word."""
        for severity in cls:
            if severity.label == label:
                return severity
        raise ValueError(f"not a severity: {label!r}")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text: lines and columns count from 1, the end column is exclusive."""

    start_line: int
    start_column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Location:
    """A place that a reader can open: a path with forward slashes, and a span where one is known."""

    path: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact was read: a resource instance address and the attribute path inside it."""

    address: str
    path: tuple[PathStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of a resource instance, as Terraform addresses it.

    ``Reference('module.m["a"].aws_s3_bucket.x[0]', ("arn",))``. An empty path is the whole object.
    """

    address: str
    path: tuple[PathStep, ...] = ()

    def __str__(self) -> str:
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return self.address + "".join(steps)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that exists but cannot be known yet; never the same as an absent one (``None``).

    ``reason`` says why, in words for a report. ``references`` are what it depends on. ``exact``
    means that the value *is* the one attribute in ``references`` (``bucket = aws_s3_bucket.x.id``),
    not merely derived from it.
    """

    reason: str = "known after apply"
    references: tuple[Reference, ...] = ()
    exact: bool = False

    def __bool__(self) -> bool:
        raise TypeError("an Unknown is neither true nor false; test `isinstance(value, Unknown)` first")

    @property
    def reference(self) -> Reference | None:
        """The attribute that this value is, where it is exactly one."""
        return self.references[0] if self.exact and len(self.references) == 1 else None

    def __str__(self) -> str:
        waits = ", ".join(dict.fromkeys(map(str, self.references)))
        return f"{waits} ({self.reason})" if waits else self.reason


@dataclass(frozen=True, slots=True)
class Choice(Unknown):
    """One of ``options``, and it is not known which (``var.public ? "public-read" : "private"``).

    To everything that does not look at them it is unknown.
    """

    options: tuple[Value, ...] = field(default=(), hash=False, repr=False)

    def each(self, change: Callable[[Value], Value]) -> Choice:
        """The choice between what ``change`` makes of the options."""
        return replace(self, options=tuple(map(change, self.options)))


@dataclass(frozen=True, slots=True)
class Perhaps(Choice):
    """Nested blocks of which one may be missing or repeated (a ``dynamic`` block whose ``for_each`` is not known).

    ``options`` are the blocks without it, and with it once.
    """


@dataclass(frozen=True, slots=True)
class Template:
    """Text with holes: ``"${aws_s3_bucket.x.arn}/*"`` is ``(Unknown(…), "/*")``.

    Parts are non-empty strings and unknowns, at least one of them unknown, no two strings in a row.
    Build one with :func:`join_text`.
    """

    parts: tuple[str | Unknown, ...]

    def __bool__(self) -> bool:
        raise TypeError("a Template is not known; test `isinstance(value, Template)` first")


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """JSON text whose decoded ``value`` is known in shape, but holds unknown leaves.

    What ``jsonencode(v)`` or ``data.aws_iam_policy_document.x.json`` give when a part is not known.
    """

    value: Value


Value: TypeAlias = bool | int | float | str | list["Value"] | dict[str, "Value"] | Unknown | Template | Encoded | None
"""A Terraform value after evaluation."""

Ternary: TypeAlias = bool | Unknown
"""True, false or not known."""


def join_text(parts: Iterable[str | Unknown | Template]) -> str | Unknown | Template:
    """The concatenation of ``parts``: plain text where all is known, else the tidiest unknown form."""
    merged: list[str | Unknown] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Template) else (part,):
            if isinstance(piece, str) and merged and isinstance(merged[-1], str):
                merged[-1] += piece
            elif piece != "":
                merged.append(piece)
    if len(merged) == 1:
        return merged[0]
    if not merged:
        return ""
    return Template(tuple(merged))


def unknowns(value: Value) -> Iterator[Unknown]:
    """Every unknown inside ``value``, depth first."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, Template):
        yield from (part for part in value.parts if isinstance(part, Unknown))
    elif isinstance(value, Encoded):
        yield from unknowns(value.value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from unknowns(item)
    elif isinstance(value, list):
        for item in value:
            yield from unknowns(item)


def merge_unknown(items: Iterable[Unknown]) -> Unknown:
    """One unknown that waits for all that ``items`` wait for; the first reason is kept."""
    seen = list(items)
    references = tuple(dict.fromkeys(reference for item in seen for reference in item.references))
    return Unknown(seen[0].reason if seen else "not known", references)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that supports a verdict, and where it was read; ``inside`` leads on in the document there."""

    text: str
    origin: Origin | None = None
    inside: tuple[PathStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """A three-valued answer with the evidence that decides it."""

    value: Ternary
    evidence: tuple[Evidence, ...] = ()


class Level(StrEnum):
    """How serious a diagnostic is: an error means that something asked for was not done."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something to tell about the scan itself: a file that cannot be read, a partial plan."""

    level: Level
    message: str
    location: Location | None = None
