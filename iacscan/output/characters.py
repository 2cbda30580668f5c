"""Text from outside made harmless: what a report quotes must not steer a terminal or a CI log.

Addresses, messages and paths come from the scanned input. Control characters and the marks that
reorder text (https://www.unicode.org/reports/tr9/) are shown as escapes; log commands of CI systems
are broken; see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_INVISIBLE = (
    *range(0x20),  # C0
    *range(0x7F, 0xA0),  # DEL and C1
    0xAD,  # soft hyphen
    0x61C,  # Arabic letter mark
    *range(0x200B, 0x2010),  # zero-width characters and direction marks
    *range(0x2028, 0x202F),  # line and paragraph separators, embeddings and overrides
    *range(0x2060, 0x2070),  # word joiner, isolates
    *range(0xD800, 0xE000),  # lone surrogates: no encoding has them
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    0xFFFE,  # not characters: XML refuses them
    0xFFFF,
)
_ESCAPES = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _INVISIBLE}

_COUNT = re.compile(r'(?<=[0-9]) (?=failure)|(?<=failures":) (?=\[)')
_LOG_COMMAND = re.compile(r"##(?=\w*\[)")
_LINE_COMMAND = re.compile(r"^(\s*)::", re.MULTILINE)


def exact(text: str) -> str:
    """``text`` on one line, unchanged but for invisible characters, which become escapes."""
    return text if text.isprintable() else text.translate(_ESCAPES)


def sentence(text: str) -> str:
    """``text`` on one line with white space collapsed and invisible characters escaped."""
    return exact(" ".join(text.split()))


def lines(text: str) -> Iterator[str]:
    """The lines of ``text`` with their indentation, each harmless; blank ends are left out."""
    for line in text.replace("\r\n", "\n").expandtabs(4).strip("\n").split("\n"):
        yield exact(line.rstrip())


def fenced(text: str, language: str) -> Iterator[str]:
    """``text`` as a block of code in Markdown, closed by more backquotes than it holds in a row."""
    shown = list(lines(text))
    fence = "`" * max([3, *(len(run) + 1 for line in shown for run in re.findall("`+", line))])
    yield from (f"{fence}{language}", *shown, fence)


def inert(text: str) -> str:
    """``text`` in which no log reader finds an order, and Atlantis finds no count of failures.

    Breaks ``::command`` at the start of a line, ``##[command`` and ``##vso[`` anywhere, and joins
    ``3 failures`` by a no-break space: only a summary line may count them.
    """
    text = _COUNT.sub("\N{NO-BREAK SPACE}", text)
    return _LINE_COMMAND.sub(r"\1: :", _LOG_COMMAND.sub("# #", text))
