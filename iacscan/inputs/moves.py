"""Where resources were before: the ``moved`` blocks of the source.

See https://developer.hashicorp.com/terraform/language/block/moved: both addresses are as seen from the module that
the block stands in, and one that names a block or a module call stands for all of its instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iacscan.inputs.configuration import Move
from iacscan.terraform.instances import key_text
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.nodes import Expression, GetAttr, Index, Literal, Name


def moves(modules: Iterable[ModuleInstance]) -> Iterator[Move]:
    """What the ``moved`` blocks of ``modules`` say, with full addresses."""
    for module in modules:
        for file in module.module.files:
            for block in file.body.blocks_of("moved"):
                before, now = (_address(block.body.expression(name)) for name in ("from", "to"))
                if before and now:
                    yield module.prefix + before, module.prefix + now


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
