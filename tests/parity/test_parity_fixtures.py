"""The measure of the source reader: no verdict contradicts the real plan, and few are unknown without need."""

from __future__ import annotations

from collections.abc import Iterable

from parity_compare import Tally
from parity_readings import OTHER_SUBJECT, READINGS, committed, read

from iacscan.core import Verdict

PAIRS = committed()
MOST_NEEDLESS = 0.02


def listed(items: Iterable[object]) -> str:
    return "\n".join(map(str, items))


def test_every_reading_of_the_fixtures_agrees() -> None:  # one test: reading them all takes a while, so once
    tally = Tally()
    for pair in PAIRS:
        tally.add(read(pair))
    assert listed(tally.contradictions()) == ""
    for reading in ("source", "plan+source"):
        assert tally.share(reading) < MOST_NEEDLESS, listed(tally.needless(reading))
    for reading in READINGS:  # so that there was something to compare
        for verdict in Verdict:
            assert tally.counts[reading, verdict.value] > 100


def test_the_exceptions_are_among_the_fixtures() -> None:
    assert len(PAIRS) >= 140
    assert OTHER_SUBJECT.keys() <= {pair.name for pair in PAIRS}
