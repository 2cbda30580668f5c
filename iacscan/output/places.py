"""Where something is, in the words of a report: locations, attribute paths, repository paths."""

from __future__ import annotations

import json
import posixpath
import re

from iacscan.core import Location, Origin, PathStep
from iacscan.output.characters import exact

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def place(location: Location) -> str:
    """``path:line:column``, or the path alone where no line is known."""
    span = location.span
    return exact(location.path) + (f":{span.start_line}:{span.start_column}" if span else "")


def attribute(path: tuple[PathStep, ...]) -> str:
    """An attribute path as Terraform writes it: ``rule[0].filter["a b"]``; empty for no path."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _NAME.fullmatch(step):
            text += f".{step}"
        else:
            text += f"[{json.dumps(step)}]"
    return text.removeprefix(".")


def origin(origin: Origin, address: str) -> str:
    """Where a fact was read, in words that follow ``address``: its attribute, or another resource's."""
    path = attribute(origin.path)
    if origin.address == address:
        return exact(path)
    return exact(origin.address + ("" if path.startswith("[") or not path else ".") + path)


def repository_path(path: str, workspace: str) -> str | None:
    """``path`` from the root of the repository, or None if it lies outside.

    ``workspace`` is the working directory from that root. CI systems match such a path against the
    files of a change: forward slashes, no leading ``./``.
    """
    joined = posixpath.normpath(posixpath.join(workspace, path))
    outside = joined == ".." or joined.startswith(("/", "../"))
    return None if outside else joined
