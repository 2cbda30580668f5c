"""Blocks of a configuration as a tree, printed in the native syntax or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

Item: TypeAlias = "tuple[str, str] | Block"
"""An argument (its name and the text of its expression), or a block."""


@dataclass(slots=True)
class Block:
    """A block with its labels and what is in it, in order."""

    type: str
    labels: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)

    def native(self, random: Random, indent: str = "") -> Iterator[str]:
        """The lines of the block in the native syntax, its layout as people write it."""
        head = indent + " ".join([self.type, *(f'"{label}"' for label in self.labels)])
        if not self.items:
            yield f"{head} {{}}"
        elif len(self.items) == 1 and isinstance(self.items[0], tuple) and "\n" not in self.items[0][1]:
            yield f"{head} {{ {self.items[0][0]} = {self.items[0][1]} }}"
        else:
            yield f"{head} {{"
            for item in self.items:
                yield from self._item(item, random, f"{indent}  ")
            yield f"{indent}}}"

    def _item(self, item: Item, random: Random, indent: str) -> Iterator[str]:
        if isinstance(item, Block):
            yield from item.native(random, indent)
            return
        name, expression = item
        remark = random.choice(["", "", "", "", "", " # why", " // why", " /* why */"])
        before = random.choice(["", "", "", "", f"{indent}# {name} = null", f"{indent}/* {name} {{\n*/"])
        if before:
            yield before
        yield f"{indent}{name} {random.choice(['=', '=', '=', '  ='])} {expression}{remark}"

    def as_json(self) -> dict[str, object]:
        """The block in the JSON syntax: every expression is a template that is one interpolation."""
        body: dict[str, object] = {}
        for item in self.items:
            if isinstance(item, tuple):
                body[item[0]] = json.loads(item[1]) if item[0] == "source" else f"${{{item[1]}}}"
            elif item.labels:
                merge(body, item.as_json())
            else:
                body.setdefault(item.type, []).append(item.as_json()[item.type])  # type: ignore[attr-defined]
        for label in reversed(self.labels):
            body = {label: body}
        return {self.type: body}


def merge(into: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """``into`` with ``other`` put into it, objects merged."""
    for key, value in other.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merge(old, value)
        else:
            into[key] = value
    return into


def can_be_json(block: Block) -> bool:
    """Whether the JSON syntax has a form for ``block`` here: no heredoc, no list of references, no dynamic block."""
    if block.type in ("terraform", "variable"):
        return False
    for item in block.items:
        if isinstance(item, Block):
            if item.type == "dynamic" or not can_be_json(item):
                return False
        elif "<<" in item[1] or item[0] in ("provider", "providers", "ignore_changes"):
            return False
    return True


def json_text(blocks: list[Block]) -> str:
    """A file in the JSON syntax."""
    whole: dict[str, object] = {}
    for block in blocks:
        merge(whole, block.as_json())
    return json.dumps(whole, indent=2) + "\n"


def quoted(text: str) -> str:
    """``text`` as a literal of the native syntax."""
    escaped = json.dumps(text, ensure_ascii=False)
    return escaped.replace("${", "$${").replace("%{", "%%{")


def literal(value: object) -> str:
    """A constant as the native syntax writes it."""
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    assert isinstance(value, dict)
    return "{" + ", ".join(f"{quoted(key)} = {literal(item)}" for key, item in value.items()) + "}"


def printed(random: Random, blocks: list[Block], others: dict[str, str]) -> dict[str, str]:
    """The files of a module: ``blocks`` in random order, in several files and both syntaxes, and ``others``."""
    files = dict(others)
    random.shuffle(blocks)
    native: list[Block] = []
    as_json: list[Block] = []
    for block in blocks:
        (as_json if can_be_json(block) and random.random() < 0.1 else native).append(block)
    if as_json:
        files["more.tf.json"] = json_text(as_json)
    cut = random.choice([0, len(native) // 2])
    for path, part in (("main.tf", native[cut:]), ("other.tf", native[:cut])):
        if part:
            text = "\n\n".join("\n".join(block.native(random)) for block in part) + "\n"
            files[path] = text.replace("\n", "\r\n") if random.random() < 0.05 and "<<" not in text else text
    return files
