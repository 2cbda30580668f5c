"""One configuration twice: with all of its variables, and with some that have no value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from parity_cases import Case, Writer
from parity_readings import judge
from parity_terraform import root_files, write_files
from parity_text import Block, printed

from iacscan.core import Verdict
from iacscan.inputs.addresses import block_of
from iacscan.inputs.source import load_source


def write_both(directory: Path, name: str) -> tuple[Path, Path]:
    """Write the configuration called ``name`` as it is, and with about half of its variables without a value."""
    random = Random(name)
    writer = Writer(random, "h", root=True)
    whole = writer.case()
    names = [block.labels[0] for block in writer.speller.blocks if block.type == "variable"]
    hidden = {each for each in names if random.random() < 0.5}
    blocks = [
        without_default(block) if block.labels[:1] and block.labels[0] in hidden else block
        for block in writer.speller.blocks
    ]
    given = {key: value for key, value in whole.given.items() if key not in hidden}
    some = Case(printed(Random(name), blocks, writer.speller.files), given)
    for folder, case in (("whole", whole), ("some", some)):
        write_files(directory / folder, root_files(Random(name), case))
    return directory / "whole", directory / "some"


def without_default(block: Block) -> Block:
    """A variable that must be given."""
    items = [item for item in block.items if block.type != "variable" or item[0] != "default"]  # type: ignore[index]
    return Block(block.type, block.labels, items)


def turned(whole: Path, some: Path) -> Iterator[str]:
    """Verdicts that are decided without the values, and are others with them.

    A block of which the number is not known stands for all of its instances.
    """
    verdicts: dict[tuple[str, str], dict[str, Verdict]] = {}
    for finding in judge(load_source(str(whole))[0]):
        verdicts.setdefault((finding.rule.id, block_of(finding.address)), {})[finding.address] = finding.verdict
    for finding in judge(load_source(str(some))[0]):
        there = verdicts.get((finding.rule.id, block_of(finding.address)), {})
        same = {finding.address: there[finding.address]} if finding.address in there else there
        for address, verdict in same.items():
            if {verdict, finding.verdict} == {Verdict.PASS, Verdict.FAIL}:
                said = "; ".join(item.text for item in finding.evidence[:3])
                yield f"{finding.rule.id} of {address} is {verdict}, and {finding.verdict} without values: {said}"
