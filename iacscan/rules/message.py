"""Messages of rules: text with ``{address}`` and fact paths in braces, such as ``{acl.canned}``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from iacscan.core import Encoded, Template, Unknown

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<path>[A-Za-z_]\w*(?:\.[\w:/-]+)*)\}|[{}]", re.ASCII)

ADDRESS = "address"
"""The placeholder that every subject has: its resource address."""


class MessageError(ValueError):
    """A brace that opens or closes no placeholder."""


def placeholders(template: str) -> tuple[str, ...]:
    """The paths in braces, each once; raises :class:`MessageError` on a stray brace.

    ``{{`` and ``}}`` stand for braces themselves.
    """
    found: dict[str, None] = {}
    for match in _TOKEN.finditer(template):
        if match["path"]:
            found[match["path"]] = None
        elif len(match[0]) == 1:
            raise MessageError(f"stray '{match[0]}' in the message: write '{match[0] * 2}' for a brace")
    return tuple(found)


def format_message(template: str, address: str, facts: Mapping[str, Any]) -> str:
    """The message for one subject; an unknown fact reads as the reason, an absent one as ``none``."""

    def fill(match: re.Match[str]) -> str:
        path = match["path"]
        if not path:
            return match[0][0]
        return address if path == ADDRESS else _words(_look_up(facts, path))

    return _TOKEN.sub(fill, template)


def _look_up(facts: Mapping[str, Any], path: str) -> Any:
    value: Any = facts
    for step in path.split("."):
        if isinstance(value, Unknown | Template | Encoded):
            return value
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Unknown):
        return f"({value.reason})"
    if isinstance(value, Template):
        return "".join(part if isinstance(part, str) else f"${{{part}}}" for part in value.parts)
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or "none"
    if isinstance(value, Mapping | Encoded):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return str(value)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Encoded) else _words(value)
