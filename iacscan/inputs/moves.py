"""What the source says of resources that were there before: its ``moved``, ``removed`` and ``import`` blocks.

See https://developer.hashicorp.com/terraform/language/block/moved, …/block/removed and …/block/import: addresses are as
seen from the module that the block stands in, and one that names a block or a module call stands for all of its
instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iacscan.inputs.configuration import Move
from iacscan.terraform.keys import key_text
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.nodes import Block, Expression, GetAttr, Index, Literal, Name


def moves(modules: Iterable[ModuleInstance]) -> Iterator[Move]:
    """What the ``moved`` blocks of ``modules`` say, with full addresses."""
    for module in modules:
        for file in module.module.files:
            for block in file.body.blocks_of("moved"):
                before, now = (_address(block.body.expression(name)) for name in ("from", "to"))
                if before and now:
                    yield module.prefix + before, module.prefix + now


def forgotten(modules: Iterable[ModuleInstance]) -> Iterator[str]:
    """What the ``removed`` blocks of ``modules`` take out of the state and leave in AWS, with full addresses."""
    for module in modules:
        for file in module.module.files:
            for block in file.body.blocks_of("removed"):
                address = _address(block.body.expression("from"))
                if address and any(_keeps(lifecycle) for lifecycle in block.body.blocks_of("lifecycle")):
                    yield module.prefix + address


def _keeps(lifecycle: Block) -> bool:
    return getattr(lifecycle.body.expression("destroy"), "value", None) in (False, "false")


def imported(modules: Iterable[ModuleInstance]) -> Iterator[str]:
    """What the ``import`` blocks of ``modules`` take into the state: full addresses, without keys that are computed."""
    for module in modules:
        for file in module.module.files:
            for block in file.body.blocks_of("import"):
                to = block.body.expression("to")
                address = _address(to) or (_address(to.target) if isinstance(to, Index) else "")
                if address:
                    yield module.prefix + address


def _address(node: Expression | None) -> str:
    """A reference as an address, empty for what is none; in JSON it is written as text."""
    match node:
        case Literal(value=str(text)):
            return text
        case Name(name=name):
            return name
        case GetAttr(target=target, name=name):
            return f"{inner}.{name}" if (inner := _address(target)) else ""
        case Index(target=target, key=Literal(value=str() | int() as key)):
            return f"{inner}{key_text(key)}" if (inner := _address(target)) else ""
    return ""
