"""The measure of the source reader: no verdict contradicts the real plan, and few are unknown without need."""

from __future__ import annotations

from functools import cache

import pytest
from parity_compare import Tally
from parity_readings import OTHER_SUBJECT, READINGS, committed, read

from iacscan.core import Verdict

PAIRS = committed()
MOST_NEEDLESS = 0.02


@cache
def tally() -> Tally:
    counted = Tally()
    for pair in PAIRS:
        counted.add(read(pair))
    return counted


def listed(items: list[object]) -> str:
    return "\n".join(map(str, items))


def test_there_is_something_to_compare() -> None:
    assert len(PAIRS) >= 140
    assert OTHER_SUBJECT.keys() <= {pair.name for pair in PAIRS}
    for reading in READINGS:
        for verdict in Verdict:
            assert tally().counts[reading, verdict.value] > 100


def test_no_verdict_contradicts() -> None:
    assert listed(list(tally().contradictions())) == ""


@pytest.mark.parametrize("reading", ["source", "plan+source"])
def test_few_unknowns_are_needless(reading: str) -> None:
    needless = tally().needless(reading)
    assert tally().share(reading) < MOST_NEEDLESS, listed(list(needless))
