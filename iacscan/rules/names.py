"""Names that rules may use: fact paths of a subject, and the nearest name to a misspelt one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeAlias

FactTree: TypeAlias = Mapping[str, Any] | Collection[str] | None
"""The facts of a kind of subject: names, each with a tree of its own or, for a leaf, None."""

_RESOURCE_TYPE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+\Z")


def suggest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the nearest of ``known``, or nothing."""
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def unknown_fact(path: str, tree: FactTree) -> str | None:
    """What is wrong with a dotted fact path, or None where ``tree`` has it; below a leaf all is well."""
    steps, level = path.split("."), tree
    for index, step in enumerate(steps):
        if not isinstance(level, Collection) or isinstance(level, str):
            return None
        if step not in level:
            return f"unknown fact '{path}'{_hint(steps, index, level, tree)}"
        level = level[step] if isinstance(level, Mapping) else None
    return None


def _hint(steps: list[str], index: int, level: Collection[str], tree: FactTree) -> str:
    """What may have been meant by the step at ``index``, which is not in ``level``."""
    if close := get_close_matches(steps[index], list(level), 1):
        return f"; did you mean '{'.'.join([*steps[:index], close[0], *steps[index + 1 :]])}'?"
    if index:
        return f"; '{'.'.join(steps[:index])}' has {', '.join(sorted(level)) or 'none'}"
    elsewhere = [item for item in _paths(tree) if item.endswith(f".{steps[0]}")]
    return f"; did you mean '{elsewhere[0]}'?" if len(elsewhere) == 1 else ""


def _paths(tree: FactTree, prefix: str = "") -> Iterator[str]:
    if not isinstance(tree, Collection) or isinstance(tree, str):
        return
    for name in tree:
        yield prefix + name
        if isinstance(tree, Mapping):
            yield from _paths(tree[name], f"{prefix}{name}.")


def unknown_subject(subject: str, kinds: Collection[str]) -> str | None:
    """What is wrong with a rule's subject, or None for one of ``kinds`` or a Terraform resource type."""
    if subject in kinds:
        return None
    hint = suggest(subject, kinds)
    if _RESOURCE_TYPE.match(subject) and (subject.startswith("aws_") or not hint):
        return None
    listed = ", ".join(sorted(kind for kind in kinds if not kind.startswith("aws_")))
    return f"unknown subject '{subject}'{hint or f': it is a Terraform resource type or one of {listed}'}"
