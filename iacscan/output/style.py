"""How a report is to be shown: decided by the command line, read by every output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iacscan.output.access_table import Table


def no_source(_: str) -> str | None:
    """The ``read_lines`` of a caller that has no source at hand."""
    return None


@dataclass(frozen=True, slots=True)
class Style:
    """What an output may know beside the report.

    ``color`` asks for ANSI styles, ``width`` is where sentences wrap (0: never), ``verbose`` adds the
    reasons of rules, ``quiet`` keeps one or two lines a finding. ``workspace`` is the working
    directory as seen from the root of the repository ("" where they are the same): CI systems want
    paths from there. ``version`` is the program's own. ``read_lines`` gives the text of a source file
    by the path that locations hold, line ends untouched, or None. ``include_suppressed`` keeps
    suppressed findings in formats whose readers would show them as open. ``category`` tells apart
    several SARIF uploads of one commit. ``reach`` are the tables of who can do what, for a page.
    ``limit`` is the greatest size of a Markdown report in bytes. ``errors_said`` tells a text that its
    reader sees the errors beside it.
    """

    color: bool = False
    width: int = 100
    verbose: int = 0
    quiet: bool = False
    workspace: str = ""
    version: str = "0"
    read_lines: Callable[[str], str | None] = no_source
    include_suppressed: bool = False
    category: str = ""
    reach: tuple[Table, ...] = ()
    limit: int = 60_000
    errors_said: bool = False


PLAIN = Style()
"""No colours, 100 columns: what a pipe and the tests see."""
