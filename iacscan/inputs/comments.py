"""The comments of parsed files, each with the text that it speaks of.

A comment inside a block speaks of the block around it; a comment on its own line right above a block
speaks of that block. In the call of a module, a comment at the end of an argument's line speaks of that
argument only: other arguments of the call may be about other things.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from iacscan.core import Location, Span
from iacscan.inputs.configuration import Comment
from iacscan.terraform.nodes import Block, File

META = frozenset({"source", "version", "count", "for_each", "depends_on", "providers"})
"""Arguments of a module call that are about all of it."""


def placed_comments(files: Iterable[File]) -> tuple[Comment, ...]:
    """Every comment of ``files``, in the order of the text; a file that comes twice counts once."""
    by_path = {file.path: file for file in files if file.comments}
    return tuple(comment for file in by_path.values() for comment in _placed(file))


def _placed(file: File) -> Iterable[Comment]:
    blocks = sorted(file.body.blocks, key=lambda block: block.span)
    starts = [block.span.start_line for block in blocks]
    below = {} if file.path.endswith(".json") else _below(file, set(starts))
    for comment in file.comments:
        line = comment.span.start_line
        around = _around(comment.span, blocks, starts)
        if around is None:
            found = bisect_right(starts, below.get(line, 0)) - 1
            around = blocks[found] if line in below else None
        covers = None if around is None else _covered(around, comment.span)
        yield Comment(comment.text, Location(file.path, comment.span), covers)


def _around(comment: Span, blocks: Sequence[Block], starts: Sequence[int]) -> Block | None:
    """The block that the comment is in, or at the end of whose last line it stands."""
    line = comment.start_line
    for at in range(bisect_right(starts, line) - 1, -1, -1):
        span = blocks[at].span
        if (span.start_line, span.start_column) <= (line, comment.start_column):
            return blocks[at] if line <= span.end_line else None
    return None


def _below(file: File, starts: set[int]) -> dict[int, int]:
    """For each comment in a run of comments right above a block: the line on which that block starts."""
    found: dict[int, int] = {}
    for comment in reversed(file.comments):
        following = comment.span.end_line + 1
        if following in starts:
            found[comment.span.start_line] = following
        elif following in found:
            found[comment.span.start_line] = found[following]
    return found


def _covered(block: Block, comment: Span) -> Span:
    """All of ``block``, or the argument of a module call that ends on the comment's line."""
    if block.type == "module":
        for attribute in block.body.attributes.values():
            span = attribute.span
            same = span.start_line <= comment.start_line <= span.end_line and span.start_column < comment.start_column
            if same and attribute.name not in META:
                return span
    return block.span
