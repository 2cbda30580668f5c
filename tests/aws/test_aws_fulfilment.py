"""A context in which conditions hold together: what is too far out to compute with is a doubt, never a fault."""

import pytest

from iacscan.aws.policies.policy import Condition
from iacscan.aws.reach.fulfilment import Context, fulfil
from iacscan.core import Unknown


def _fulfil(*conditions: tuple[str, str, list[str]]) -> Context | Unknown | None:
    return fulfil([Condition(operator, key, tuple(values)) for operator, key, values in conditions], {}, True)


@pytest.mark.parametrize("number", ["1e1000000", "-1e999999999", "1e-1000000", "9" * 5000, "1E+16"])
@pytest.mark.parametrize("operator", ["NumericLessThan", "NumericGreaterThan", "NumericEquals", "NumericNotEquals"])
def test_a_huge_number_shuts_nobody_out_for_certain(operator: str, number: str) -> None:
    assert _fulfil((operator, "s3:max-keys", [number, "7"])) is not None


def test_what_is_below_a_huge_number_is_found() -> None:
    assert _fulfil(("NumericLessThanEquals", "s3:max-keys", ["1e1000000"])) == {"s3:max-keys": ("0",)}


@pytest.mark.parametrize(
    "dates",
    [
        ["9999-12-31T20:00:00+14:00", "9999-12-31T23:00:00-14:00"],
        ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00"],
        ["9999", "0001"],
        ["1e1000000"],
    ],
)
@pytest.mark.parametrize("operator", ["DateLessThan", "DateGreaterThan", "DateEquals"])
def test_dates_at_the_ends_of_the_calendar_are_no_fault(operator: str, dates: list[str]) -> None:
    assert _fulfil((operator, "aws:CurrentTime", dates)) is not None


def test_until_the_end_of_time_lets_requests_through() -> None:
    found = _fulfil(("DateLessThan", "aws:CurrentTime", ["9999-12-31T23:59:59Z"]))
    assert isinstance(found, dict)


def test_numbers_that_exclude_each_other_leave_nothing() -> None:
    assert _fulfil(("NumericLessThan", "s3:max-keys", ["3"]), ("NumericGreaterThan", "s3:max-keys", ["3"])) is None


def test_more_values_than_are_tried_rule_nothing_out() -> None:
    names = [f"alice/{number}" for number in range(80)]
    asked = ("StringEquals", "s3:prefix", names)
    assert _fulfil(asked, ("StringNotEquals", "s3:prefix", names[:-1])) is not None
    assert _fulfil(("StringEquals", "s3:prefix", names[:9]), ("StringNotEquals", "s3:prefix", names[:9])) is None
