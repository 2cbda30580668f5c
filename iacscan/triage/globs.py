"""Globs for addresses and for paths."""

from __future__ import annotations

import re
from functools import lru_cache

_INSTANCE = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_PATH_PART = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_PATH_FORMS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def fits_address(address: str, glob: str) -> bool:
    """Whether ``address``, or the block that it is an instance of, fits ``glob``.

    ``*`` is any text, ``?`` one character.
    """
    pattern = _address_pattern(glob)
    return bool(pattern.fullmatch(address) or pattern.fullmatch(_INSTANCE.sub("", address)))


def fits_path(path: str, glob: str) -> bool:
    """Whether ``path`` or a directory that it is in fits ``glob``: ``*`` stays in a directory, ``**`` does not."""
    return _path_pattern(glob).match(path) is not None


@lru_cache(maxsize=1024)
def _address_pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", glob)
    return re.compile("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts), re.DOTALL)


@lru_cache(maxsize=1024)
def _path_pattern(glob: str) -> re.Pattern[str]:
    parts = _PATH_PART.findall(glob.rstrip("/"))
    body = "".join(_PATH_FORMS.get(part, re.escape(part)) for part in parts)
    return re.compile(rf"(?:{body})(?:/|\Z)" if body not in ("", r"\.") else "", re.DOTALL)
