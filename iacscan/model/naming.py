"""What a bucket's name looks like, as far as it is written."""

from __future__ import annotations

from iacscan.core import Evidence, Template, Ternary, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import OMITTED, Part, Source

FIELDS = {"dotted": None}
"""The names of the facts of a name."""


def read_naming(bucket: Resource) -> Part:
    """Whether the name has a dot. What the provider makes up has none, alone or after ``bucket_prefix``."""
    argument, value = "bucket", _given(bucket, "bucket")
    if value is None:
        argument, value = "bucket_prefix", _given(bucket, "bucket_prefix")
    origin = Source(bucket).origin(argument)
    dotted = _has_dot(value)
    said = (Evidence(_words(argument, value), origin),) if isinstance(value, str | Template) else ()
    return Part({"dotted": dotted}, (origin,), {"dotted": said})


def _given(bucket: Resource, argument: str) -> Value:
    """The value of an argument; ``None`` where nobody wrote it."""
    value = bucket.values.get(argument)
    return None if value == OMITTED and not bucket.writes(argument) else value


def _has_dot(name: Value) -> Ternary:
    holes = list(unknowns(name))
    if any("." in part for part in _written(name)):
        return True
    return merge_unknown(holes) if holes else False


def _written(name: Value) -> list[str]:
    parts = name.parts if isinstance(name, Template) else (name,)
    return [part for part in parts if isinstance(part, str)]


def _words(argument: str, name: str | Template) -> str:
    parts = name.parts if isinstance(name, Template) else (name,)
    text = "".join(part if isinstance(part, str) else f"${{{part.reference or '…'}}}" for part in parts)
    return f'its name {"is" if argument == "bucket" else "begins with"} "{text}"'
