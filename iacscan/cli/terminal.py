"""Where the program meets its surroundings: streams, colours, widths, the environment."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path
from typing import IO

from iacscan.core import Diagnostic
from iacscan.output.places import place

CANNOT = 2
"""The exit code for bad usage and for inputs that could not be judged; click's own for usage errors."""


def version() -> str:
    """The version that is installed."""
    try:
        return metadata.version("iacscan")
    except metadata.PackageNotFoundError:
        return "0"


def print_text(text: str) -> None:
    """Write ``text`` as UTF-8 whatever the locale; a reader that closes the pipe early ends us quietly."""
    try:
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        sys.stderr.write(f"error: standard output cannot be written: {error.strerror}\n")
        sys.exit(CANNOT)


def _silence() -> None:
    """Nothing more goes to standard output, not even what Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def line(diagnostic: Diagnostic) -> str:
    """A diagnostic on one line: where, then what."""
    where = f"{place(diagnostic.location)}: " if diagnostic.location else ""
    return where + " ".join(diagnostic.message.split())


def color(stream: IO[str], refused: bool) -> bool:
    """Colours: the option, then NO_COLOR, then FORCE_COLOR, then whether a person is looking."""
    if refused or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """The columns to wrap at: the terminal's, at most 120; 100 where nobody looks."""
    from shutil import get_terminal_size

    return min(get_terminal_size((100, 24)).columns, 120) if sys.stdout.isatty() else 100


def terraform_environment() -> dict[str, str]:
    """The variables of the environment that Terraform would read."""
    names = ("TF_WORKSPACE", "AWS_REGION", "AWS_DEFAULT_REGION")
    return {name: value for name, value in os.environ.items() if name.startswith("TF_VAR_") or name in names}


def workspace() -> str:
    """The working directory as seen from the root of the repository, where a CI system names that root."""
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    if not root:
        return ""
    inside = os.path.relpath(Path.cwd(), root).replace(os.sep, "/")
    return "" if inside == "." or inside.startswith("..") else inside


def read_lines(path: str) -> str | None:
    """The text of a source file with its line ends untouched; ``None`` where it cannot be read."""
    try:
        return Path(path).read_bytes().decode("utf-8", "replace")
    except OSError:
        return None
