"""GitHub's line hash. The expected values are those of GitHub's own upload action for the same texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.output.rolling import line_hashes

GREETINGS = ["e9496ae3ebfced30", "fb7c023a8b9ccb3f", "ce8ba1a563dcdaca", "e20e36e16fcb0cc8", "b3edc88f2938467e"]
GREETINGS += ["c8e28b0b4002a3a0", "c129715d7a2bc9a3"]


@pytest.mark.parametrize(
    ("text", "hashes"),
    [
        ("", ["c129715d7a2bc9a3"]),
        (" a\nb\n  \t\tc\n d", ["271789c17abda88f", "54703d4cd895b18", "180aee12dab6264", "a23a3dc5e078b07b"]),
        (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETINGS),
        (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETINGS),
        (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETINGS),
        (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETINGS),
    ],
)
def test_known_hashes(text: str, hashes: list[str]) -> None:
    assert line_hashes(text) == {number: f"{digest}:1" for number, digest in enumerate(hashes, 1)}


def test_equal_lines_are_counted() -> None:
    hashes = list(line_hashes("Lorem ipsum dolor sit amet.\n" * 10).values())
    assert hashes[:6] == [f"a7f2ff13bc495cf2:{number}" for number in range(1, 7)]
    assert hashes[6:] == [
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        "c129715d7a2bc9a3:1",
    ]


def test_a_carriage_return_and_a_line_feed_apart_are_two_line_ends() -> None:
    assert len(line_hashes("a\r \nb")) == 3


@given(st.text(alphabet="ab \t\r\n\U0001f600", max_size=300))
def test_each_line_has_a_hash_of_its_own_next_hundred_characters(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    hashes = line_hashes(text)
    assert sorted(hashes) == list(range(1, len(lines) + 1))
    # Blanks do not count, and what stands before a line changes nothing but how often its hash was seen.
    assert line_hashes(text.replace("a", " a\t")) == hashes
    moved = line_hashes("a first line of another kind\n" + text)
    assert [moved[number + 1].split(":")[0] for number in hashes] == [value.split(":")[0] for value in hashes.values()]
