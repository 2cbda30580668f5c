"""Settings as the text of a configuration file, which reads back to the same settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from iacscan.config.settings import Override, Settings
from iacscan.triage.waivers import Waiver

_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*\Z")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def render(settings: Settings) -> str:
    """YAML with every setting that says something."""
    return "".join(f"{line}\n" for line in _mapping(_values(settings), "")) or "{}\n"


def _values(settings: Settings) -> dict[str, Any]:
    values = {
        "select": list(settings.select),
        "ignore": list(settings.ignore),
        "enable": list(settings.enable),
        "fail_on": settings.fail_on,
        "fail_on_unknown": settings.fail_on_unknown,
        "profile": settings.profile,
        "policies": list(settings.policies),
        "trusted_accounts": list(settings.trusted_accounts),
        "scope": settings.scope,
        "rules": {name: _override(override) for name, override in settings.rules.items()},
        "suppressions": [_suppression(waiver) for waiver in settings.suppressions],
        "suppress_by_tag": settings.suppress_by_tag,
    }
    return {key: value for key, value in values.items() if value not in (None, [], {})}


def _override(override: Override) -> dict[str, Any]:
    values = {
        "severity": override.severity.label if override.severity else None,
        "enabled": override.enabled,
        "params": dict(override.params) or None,
    }
    return {key: value for key, value in values.items() if value is not None}


def _suppression(waiver: Waiver) -> dict[str, Any]:
    values = {
        "rule": waiver.id,
        "resource": waiver.resource if waiver.resource != "*" or waiver.path == "*" else None,
        "path": waiver.path if waiver.path != "*" else None,
        "until": waiver.until.isoformat() if waiver.until else None,
        "reason": waiver.reason,
    }
    return {key: value for key, value in values.items() if value is not None}


def _mapping(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in values.items():
        if value and isinstance(value, dict):
            yield f"{indent}{_scalar(key)}:"
            yield from _mapping(value, f"{indent}  ")
        elif value and isinstance(value, list):
            yield f"{indent}{_scalar(key)}:"
            yield from _list(value, f"{indent}  ")
        else:
            yield f"{indent}{_scalar(key)}: {_scalar(value)}"


def _list(items: list[Any], indent: str) -> Iterator[str]:
    for item in items:
        if item and isinstance(item, dict):
            first, *rest = _mapping(item, f"{indent}  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {_scalar(item)}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _BARE.match(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
