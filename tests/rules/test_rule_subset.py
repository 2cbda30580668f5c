"""``subset(list, other)``: true, false, and what unknown elements leave open."""

from typing import Any

import pytest

from iacscan.core import Unknown
from iacscan.rules import RuleError, compile_expression, judge

DOUBT = Unknown("a test")


def answer(part: Any, whole: Any) -> Any:
    return judge(compile_expression("subset(part, whole)"), {"part": part, "whole": whole})


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ([], [], True),
        (["a"], ["a", "b"], True),
        (["a", "c"], ["a", "b"], False),
        (["a"], [], False),
        (["c", DOUBT], ["a"], False),
        (["a", DOUBT], ["a"], None),
        (["a"], ["a", DOUBT], True),
        (["c"], ["a", DOUBT], None),
        ([], DOUBT, None),
        (DOUBT, ["a"], None),
    ],
)
def test_subset(part: Any, whole: Any, expected: bool | None) -> None:
    found = answer(part, whole)
    assert isinstance(found, Unknown) if expected is None else found is expected


def test_subset_wants_lists() -> None:
    with pytest.raises(RuleError):
        answer("a", ["a"])
