"""Patterns against an enumeration of all short texts."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.policies.patterns import (
    Wild,
    compile_pattern,
    covers_all_from,
    matches,
    may_meet,
    overlaps,
    pattern_of,
)
from iacscan.core import Template, Unknown

DOUBT = Unknown("var.x is not set")
PATTERNS = st.text(alphabet="ab*?", max_size=5)
TEXTS = ["".join(letters) for length in range(6) for letters in product("abc", repeat=length)]


def expression(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, letter) for letter in pattern))


@given(PATTERNS)
def test_matches_like_a_regular_expression(pattern: str) -> None:
    compiled, oracle = compile_pattern(pattern), expression(pattern)
    assert [matches(compiled, text) for text in TEXTS] == [oracle.fullmatch(text) is not None for text in TEXTS]


@given(PATTERNS, PATTERNS)
def test_overlaps_if_some_text_matches_both(left: str, right: str) -> None:
    one, other = expression(left), expression(right)
    witness = any(one.fullmatch(text) and other.fullmatch(text) for text in _texts_up_to(left + right))
    assert overlaps(compile_pattern(left), compile_pattern(right)) is witness
    assert overlaps(compile_pattern(right), compile_pattern(left)) is witness


def _texts_up_to(source: str) -> list[str]:
    """Every text over the letters used, as long as the shortest common one can be."""
    letters = sorted({letter for letter in source if letter in "ab"} or {"a"})
    longest = min(sum(letter != "*" for letter in source), 8)
    return ["".join(found) for length in range(longest + 1) for found in product(letters, repeat=length)]


@given(PATTERNS, st.text(alphabet="ab", max_size=3), st.integers(min_value=0, max_value=2))
def test_covers_what_every_continuation_matches(pattern: str, prefix: str, least: int) -> None:
    oracle = expression(pattern)
    tails = ("".join(found) for length in range(least, least + 7) for found in product("c", repeat=length))
    assert covers_all_from(compile_pattern(pattern), prefix, least) is all(
        oracle.fullmatch(prefix + tail) for tail in tails
    )


def test_holes_match_perhaps() -> None:
    pattern = compile_pattern(Template(("arn:", DOUBT, "/*")))
    assert matches(pattern, "arn:x/y") == DOUBT
    assert matches(pattern, "arn:x") is False
    assert covers_all_from(pattern, "arn:b/") == DOUBT
    assert covers_all_from(pattern, "other") is False
    assert overlaps(pattern, compile_pattern("*")) == DOUBT
    assert overlaps(compile_pattern("*"), pattern) == DOUBT
    assert overlaps(pattern, compile_pattern("b*")) is False
    assert matches(compile_pattern(DOUBT), "") == DOUBT


@pytest.mark.parametrize(
    ("parts", "text", "expected"),
    [
        (("b/${aws:PrincipalTag/", DOUBT, "}/*"), "b/u/k", None),
        (("b/${aws:PrincipalTag/", DOUBT, "-", DOUBT, "}/*"), "b/u/k", None),
        (("b/${aws:user", DOUBT), "b/u/k", None),
        (("b/$", DOUBT), "b/u/k", None),
        (("b/${aws:PrincipalTag/", DOUBT, "}/*"), "c/u/k", False),
        (("b/${aws:PrincipalTag/", DOUBT, "}/k"), "b/u/l", False),
        (("b/${aws:username}/", DOUBT), "b/u/k", None),
        (("b/", DOUBT, "/${aws:username}"), "c/u/k", False),
    ],
)
def test_a_policy_variable_with_a_hole_in_its_name_may_be_any_text(
    parts: tuple[str | Unknown, ...], text: str, expected: bool | None
) -> None:
    found = matches(compile_pattern(Template(parts), variables=True), text)
    assert (None if isinstance(found, Unknown) else found) is expected


def test_case_and_variables() -> None:
    assert matches(compile_pattern("S3:Get*", fold=True), "s3:getobject") is True
    assert isinstance(matches(compile_pattern("a${aws:x}", variables=True), "ab"), Unknown)
    assert matches(compile_pattern("a${aws:x}"), "a${aws:x}") is True
    assert matches(compile_pattern("a${*}", variables=True), "a*") is True
    assert matches(compile_pattern("a${*}", variables=True), "ab") is False
    assert matches(compile_pattern("a${?}${$}", variables=True), "a?$") is True
    assert matches(compile_pattern("a*", wild=False), "ab") is False


@pytest.mark.parametrize("pattern", ["a*" * 5000 + "a", "?" * 10001 + "*", "*a" * 5000])
def test_hostile_patterns_take_no_time_worth_mentioning(pattern: str) -> None:
    compiled = compile_pattern(pattern)
    assert matches(compiled, "a" * 9999 + "b") is False
    assert may_meet(compiled, compile_pattern("*" + "b?" * 100)) in (True, False)
    assert covers_all_from(compiled, "s3:", 1) is False


def test_hostile_holes() -> None:
    alternating = Template(tuple(part for _ in range(2000) for part in (DOUBT, "*")))
    assert matches(compile_pattern(alternating), "x") == DOUBT
    assert pattern_of(()).literal
    assert compile_pattern("a*b").tokens == ("a", Wild.MANY, "b")
