"""Reports as text: every format is a function of a report and a style.

``FORMATS[name](report, style)`` gives the whole output, ending in a line feed. An output shows what
the report holds: it opens no file, judges nothing and chooses no exit code. A format's module is
imported when it is first used, so that a text report pays for nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

from iacscan.output.style import PLAIN, Style

if TYPE_CHECKING:
    from iacscan.findings import Report

__all__ = ["FORMATS", "PLAIN", "Renderer", "Style"]

Renderer: TypeAlias = "Callable[[Report, Style], str]"
"""What a format is: a report and a style in, text out."""


def _format(module: str) -> Renderer:
    def render(report: Report, style: Style = PLAIN) -> str:
        return cast(str, import_module(f"iacscan.output.{module}").render(report, style))

    return render


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": _format("text"),
        "json": _format("json_"),
        "github": _format("github"),
        "sarif": _format("sarif"),
        "gitlab": _format("gitlab"),
        "junit": _format("junit"),
        "markdown": _format("markdown"),
        "html": _format("html"),
    }
)
"""Every output format by the name that ``--format`` takes."""
