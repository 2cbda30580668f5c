"""A file with a fault, cut into its top-level arguments and blocks, so that one fault does not cost all of them.

Brackets, quoted text and heredocs tell where each part ends. Where they do not balance, nobody knows
where the block with the fault ends: then all is given up to the next line from which on there are only
whole blocks of the language, or to the end of the file. A bracket that closes nothing may as well mean
that the block before it was closed too early, which is given up with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from iacscan.terraform.lexer import CLOSERS, OPERATORS, TOKEN, Source, close_heredoc, close_quote, group
from iacscan.terraform.nodes import LABELS, HclSyntaxError

HEADER = re.compile(rf"^({'|'.join(LABELS)})\b([^\n={{}}#]*)(?=[{{#\n]|\Z)", re.MULTILINE)
CONFLICT = "<<<<<<< "
CONFLICT_END = re.compile(r"^>{7} [^\n]*\n?", re.MULTILINE)
"""What version control writes around two changes that meet: either may be meant."""

LABEL = re.compile(r'"([^"\s$%\\]*)"|([^\W\d][\w-]*)|(\S)')
MAX_SCANNED = 1_000_000
"""How many characters are looked through for places to go on."""


@dataclass(frozen=True, slots=True)
class Part:
    """The text between two offsets: one argument or block or, not ``sure``, nobody knows how many."""

    start: int
    end: int
    sure: bool = True


def parts(source: Source) -> list[Part]:
    """``source`` in parts, in order and without gaps."""
    cutter = _Cutter(source)
    while cutter.position < len(source.text):
        cutter.advance()
    return cutter.found


def header(text: str) -> tuple[str, ...]:
    """The type and the labels of the block that ``text`` begins with; empty where that cannot be read."""
    match = HEADER.match(text)
    if match is None:
        return ()
    labels = [quoted or name for quoted, name, _ in LABEL.findall(match[2])]
    return (match[1], *labels) if all(labels) and len(labels) == LABELS[match[1]] else ()


@dataclass(slots=True)
class _Cutter:
    """Cuts one file; ``budget`` bounds what is looked at twice."""

    source: Source
    position: int = 0
    budget: int = MAX_SCANNED
    conflicts: bool = True
    found: list[Part] = field(default_factory=list)

    def advance(self) -> None:
        """Find the next part."""
        start = self.position
        conflict = self._conflict_end(start)
        end, problem = (conflict, "conflict") if conflict else _part_end(self.source, start)
        if problem == "stray" and not self._begins_block(start):
            start = self._give_up_last(start)
        if problem == "endless":
            end = len(self.source.text)
        elif problem in ("stray", "open"):
            end = self._next_block(max(start + 1, self.position))
        self.found.append(Part(start, end, not problem))
        self.position = end

    def _conflict_end(self, start: int) -> int:
        """The offset after the conflict of two versions that starts here; 0 where none does."""
        if not self.conflicts or not self.source.text.startswith(CONFLICT, start):
            return 0
        match = CONFLICT_END.search(self.source.text, start)
        self.conflicts = match is not None
        return match.end() if match else 0

    def _give_up_last(self, start: int) -> int:
        """Take back the last block, and what follows it: the offset from which on nothing is sure."""
        while self.found:
            last = self.found.pop()
            start = last.start
            if self._begins_block(start) or not last.sure:
                break
        return start

    def _begins_block(self, start: int) -> bool:
        return HEADER.match(self.source.text, start) is not None

    def _next_block(self, start: int) -> int:
        """The offset of the first line from ``start`` on from which there are only whole blocks, or the end."""
        for match in HEADER.finditer(self.source.text, start):
            if self._only_blocks(match.start()):
                return match.start()
            if self.budget <= 0:
                break
        return len(self.source.text)

    def _only_blocks(self, position: int) -> bool:
        while position < len(self.source.text) and self.budget > 0:
            end, problem = _part_end(self.source, position)
            self.budget -= end - position
            text = self.source.text[position:end].lstrip()
            if problem or not (HEADER.match(text) or not text or text.startswith(("#", "//", "/*"))):
                return False
            position = end
        return position >= len(self.source.text)


def _part_end(source: Source, position: int) -> tuple[int, str]:
    """Where the part that starts at ``position`` ends, after its newline; and what keeps that from being sure.

    ``endless`` is a comment or heredoc that nothing closes, ``stray`` a bracket outside of all that closes
    nothing, ``open`` any other lack of balance.
    """
    text, open_brackets = source.text, list[str]()
    while position < len(text):
        match = TOKEN.match(text, position)
        start, position = position, match.end() if match else position + 1
        kind = group(match) if match else ""
        if match is None or kind == "comment":
            continue
        if kind == "newline" and not open_brackets:
            return position, ""
        if text.startswith("/*", start):
            return position, "endless"
        if kind in ("quote", "heredoc"):
            try:
                close = close_quote(source, position, len(text)) if kind == "quote" else None
                position = close_heredoc(source, match, len(text)) if close is None else close
            except HclSyntaxError:
                return position, "open" if kind == "quote" else "endless"
        bracket = OPERATORS.get(match[0], "")
        if bracket in CLOSERS:
            open_brackets.append(CLOSERS[bracket])
        elif bracket in CLOSERS.values() and (not open_brackets or bracket != open_brackets.pop()):
            return position, "open" if open_brackets else "stray"
    return position, "open" if open_brackets else ""
