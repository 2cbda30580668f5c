"""What can still be read of a file with faults, and what is lost of it.

A block with a fault stays as a declaration whose body is not known. Where not even the blocks can be
told apart, the lines are lost: they may have declared anything.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import takewhile

from iacscan.core import Diagnostic, Level, Location
from iacscan.terraform.lexer import Lexer, Source
from iacscan.terraform.nodes import Attribute, Block, Body, Comment, File, HclSyntaxError, Lost, unread
from iacscan.terraform.recovery import Part, header, parts

MAX_FAULTS = 10
"""How many faults of one file are looked at; then the rest of it is lost."""

MAX_TRIES = 5 * MAX_FAULTS
"""How often a file is read on after a fault; several faults may belong to one."""

Read = Callable[[Lexer], Body]


def salvage(source: Source, path: str, fault: HclSyntaxError, read: Read) -> File:
    """The file at ``path``, in which ``fault`` was found, as far as ``read`` (raises ``HclSyntaxError``) can."""
    found = _Salvage(source, path, read)
    rest = parts(source)
    for _ in range(MAX_TRIES):
        if not rest or len(found.lost) >= MAX_FAULTS:
            break
        rest = found.take(rest)
    if rest:
        found.take([Part(rest[0].start, len(source.text), sure=False)])
    return found.file() if found.lost else unread(path, str(fault), fault.span, source.text)


def twice(attribute: Attribute) -> HclSyntaxError:
    """The fault of an argument that its body has already."""
    return HclSyntaxError(f"The argument {attribute.name} is written twice", attribute.span)


@dataclass(slots=True)
class _Salvage:
    source: Source
    path: str
    read: Read
    comments: list[Comment] = field(default_factory=list)
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    lost: list[tuple[Part, HclSyntaxError]] = field(default_factory=list)

    def take(self, some: list[Part]) -> list[Part]:
        """Read ``some`` parts up to the first fault, and lose the part that has it; returns what comes after."""
        run = list(takewhile(lambda part: part.sure, some)) or some[:1]
        fault = self._read(run[0].start, run[-1].end)
        if fault is None:
            return some[len(run) :]
        place = (fault.span.start_line, fault.span.start_column)
        at = max(0, bisect_right(run, place, key=lambda part: self.source.position(part.start)) - 1)
        if at:
            self._read(run[0].start, run[at].start)
        self._lose(run[at], fault)
        return some[at + 1 :]

    def _read(self, start: int, end: int) -> HclSyntaxError | None:
        """Keep what stands between two offsets; the fault in it, where it has one."""
        lexer = Lexer(self.source, start, end, "body")
        try:
            body = self.read(lexer)
        except HclSyntaxError as fault:
            return fault
        for name, attribute in body.attributes.items():
            if name in self.attributes:
                return twice(attribute)
        self.attributes.update(body.attributes)
        self.blocks += body.blocks
        self.comments += lexer.comments
        return None

    def _lose(self, part: Part, fault: HclSyntaxError) -> None:
        """What follows a lost part and begins no block of the language still belongs to it."""
        lexer = Lexer(self.source, part.start, part.end, "body")
        with suppress(HclSyntaxError):
            deque(lexer.lexemes(), maxlen=0)
        self.comments += lexer.comments
        if self.lost and self.lost[-1][0].end == part.start and not header(self._text(part)):
            before, first = self.lost[-1]
            self.lost[-1] = Part(before.start, part.end, before.sure and part.sure), first
        else:
            self.lost.append((part, fault))

    def file(self) -> File:
        """All that was read, and what is known of the rest."""
        vague, said = [], []
        for part, fault in self.lost:
            words = header(self._text(part)) if part.sure else ()
            lost = self._described(part)
            named = " ".join((words[0], ".".join(words[1:]))).strip() if words else lost.place
            message = f"{fault}; until that is corrected, {named} cannot be read"
            said.append(Diagnostic(Level.ERROR, message, Location(self.path, fault.span)))
            if words:
                self.blocks.append(self._stub(part, words, lost))
            if not words or words[0] == "module":
                vague.append(lost)
        body = Body(self.attributes, tuple(sorted(self.blocks, key=lambda block: block.span)))
        return File(self.path, body, tuple(self.comments), tuple(said), tuple(vague))

    def _stub(self, part: Part, words: tuple[str, ...], lost: Lost) -> Block:
        first = self._text(part).partition("\n")[0].partition("{")[0]
        head = self.source.span(part.start, part.start + len(first.rstrip()))
        return Block(words[0], words[1:], Body({}), head, lost.location.span or head, self.path, lost.reason)

    def _described(self, part: Part) -> Lost:
        text = self._text(part)
        start = part.start + len(text) - len(text.lstrip())
        return Lost(Location(self.path, self.source.span(start, part.start + len(text.rstrip()))), text)

    def _text(self, part: Part) -> str:
        return self.source.text[part.start : part.end]
