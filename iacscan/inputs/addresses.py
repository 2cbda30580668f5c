"""Terraform's addresses and traversals taken apart.

Both are printed by Terraform in one grammar: names joined by dots, with ``[0]`` or ``["key"]`` after
them (https://developer.hashicorp.com/terraform/cli/state/resource-addressing).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from iacscan.core import PathStep
from iacscan.terraform.keys import Key as Key
from iacscan.terraform.keys import key_text

_STEP = re.compile(r'\.?([^.\[\]"]+)|\[(-?\d+)\]|\[("(?:[^"\\]|\\.)*")\]')
_CALL = re.compile(r'module\.([^.\[\]"]+)(?:\[(?:(-?\d+)|("(?:[^"\\]|\\.)*"))\])?\.?')
_KEYS = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_SPECIAL = frozenset({"each", "count", "var", "local", "path", "terraform", "self", "module"})


@dataclass(frozen=True, slots=True)
class Traversal:
    """What an expression refers to: a ``root`` object by ``name``, and the ``steps`` into it.

    ``root`` is ``each``, ``count``, ``var``, ``local``, ``module``, ``path``, ``terraform``, or
    ``resource``, whose name is its address inside the module (``data.t.n`` or ``t.n``). Instance
    keys are steps like any other.
    """

    root: str
    name: str
    steps: tuple[PathStep, ...] = ()

    def extended(self, steps: tuple[PathStep, ...]) -> Traversal:
        """The traversal that goes on from this one."""
        return Traversal(self.root, self.name, self.steps + steps) if steps else self

    def __str__(self) -> str:
        return self.name if self.root == "resource" else f"{self.root}.{self.name}"


def unquote(text: str) -> str:
    """The string that Terraform printed as the quoted ``text``."""
    try:
        plain: str = json.loads(text)
    except ValueError:
        plain = text[1:-1]
    return plain.replace("$${", "${").replace("%%{", "%{")


def _steps(text: str) -> list[PathStep]:
    steps: list[PathStep] = []
    for name, index, quoted in _STEP.findall(text):
        steps.append(name or (int(index) if index else unquote(quoted)))
    return steps


@lru_cache(maxsize=4096)
def parse_traversal(text: str) -> Traversal:
    """The traversal printed as ``text``."""
    steps = _steps(text)
    if not steps:
        return Traversal("local", text)
    head = str(steps[0])
    if head in _SPECIAL:
        return Traversal(head, str(steps[1]) if len(steps) > 1 else "", tuple(steps[2:]))
    width = 3 if head == "data" else 2
    return Traversal("resource", ".".join(map(str, steps[:width])), tuple(steps[width:]))


def leaves(references: Sequence[str]) -> tuple[Traversal, ...]:
    """The traversals that an expression holds, in the order it was written.

    The plan lists every one followed by its own prefixes (``x.y.id``, ``x.y``); these are left out.
    """
    found = []
    last = ""
    for text in references:
        if not (last.startswith(text) and last[len(text) : len(text) + 1] in (".", "[")):
            found.append(parse_traversal(text))
        last = text
    return tuple(found)


@lru_cache(maxsize=4096)
def parse_module(address: str) -> tuple[tuple[str, Key], ...]:
    """``module.a["k"].module.b`` as ``(("a", "k"), ("b", None))``."""
    return tuple(
        (name, int(index) if index else unquote(quoted) if quoted else None)
        for name, index, quoted in _CALL.findall(address)
    )


@lru_cache(maxsize=4096)
def parent_module(address: str) -> str:
    """The address of the module that holds the call of the module at ``address``."""
    *_, last = _CALL.finditer(address)
    return address[: last.start()].removesuffix(".")


def child_module(parent: str, name: str, key: Key) -> str:
    """The address of the instance ``key`` of the module called ``name`` in ``parent``."""
    return f"{parent}.module.{name}{key_text(key)}" if parent else f"module.{name}{key_text(key)}"


def block_of(address: str) -> str:
    """``address`` without its instance keys: the block in the source."""
    return _KEYS.sub("", address)


def key_count(address: str) -> int:
    """How many instance keys ``address`` has."""
    return len(_KEYS.findall(address))


def earlier(address: str, moves: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The addresses before ``address``, the latest first; each move is followed once, so that a circle ends."""
    left = list(moves)
    while step := next((move for move in left if is_below(address, move[1])), None):
        left.remove(step)
        address = step[0] + address[len(step[1]) :]
        yield address


def is_below(address: str, above: str) -> bool:
    """Whether ``address`` is ``above``, or of an instance or a part of it."""
    return address.startswith(above) and address[len(above) : len(above) + 1] in ("", ".", "[")
