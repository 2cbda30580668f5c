"""The language's own specification cases: ``specsuite/tests`` of the project hashicorp/hcl.

They are not part of this repository: point ``IACSCAN_HCL_SPECSUITE`` at a checkout of that directory to
run them. A case is a file in the native syntax and a ``.t`` file with what it means, or the error.
"""

import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from iacscan.terraform.expressions import Evaluator, Nothing, Scope
from iacscan.terraform.functions import FunctionContext
from iacscan.terraform.nodes import Body
from iacscan.terraform.syntax import parse_file
from iacscan.terraform.values import EvaluationError

SUITE = os.environ.get("IACSCAN_HCL_SPECSUITE", "")
CASES = sorted(Path(SUITE).rglob("*.t")) if SUITE else []
EVALUATOR = Evaluator(FunctionContext(Path(), Path()))


def leaves(body: Body, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every attribute in ``body`` by the names of the blocks around it, objects taken apart."""
    for name, attribute in body.attributes.items():
        if name == "result_type":  # a type, not a value
            continue
        try:
            yield from parts(EVALUATOR.evaluate(attribute.value, Scope(Nothing())), (*path, name))
        except EvaluationError:  # it names a variable: only its form is of interest
            yield (*path, name), None
    for block in body.blocks:
        yield from leaves(block.body, (*path, block.type, *block.labels))


def parts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from parts(item, (*path, key))
    else:
        yield path, value


def same(given: Any, wanted: Any) -> bool:
    """Equality; fractions may differ where the suite spells the error of a binary number of 512 bits."""
    if isinstance(wanted, Decimal) and isinstance(given, int | Decimal) and not isinstance(given, bool):
        return abs(Decimal(given) - wanted) < Decimal("1e-100")
    return type(given) is type(wanted) and bool(given == wanted)


@pytest.mark.skipif(not CASES, reason="set IACSCAN_HCL_SPECSUITE to specsuite/tests of the project hashicorp/hcl")
def test_specification_cases() -> None:
    compared = 0
    for case in CASES:
        source = case.with_suffix(".hcl")
        read = parse_file(source.read_text(encoding="utf-8"), source.name)
        wanted = dict(leaves(parse_file(case.read_text(encoding="utf-8"), case.name).body))
        is_error = any(path[:2] == ("diagnostics", "error") for path in wanted) and not any(
            path[0] == "result" for path in wanted
        )
        if "single_expected" not in case.name and "unexpected" not in case.name:  # those are errors of a schema
            assert bool(read.diagnostics) == is_error, case
        given = {} if read.diagnostics else dict(leaves(read.body))
        for path, value in wanted.items():
            if path[0] == "result" and path[1:] in given:
                compared += 1
                assert same(given[path[1:]], value), (case, path)
    assert compared > 30
