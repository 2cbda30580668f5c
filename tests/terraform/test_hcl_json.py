"""JSON syntax: blocks, templates in strings, positions and faults."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.core import Span
from iacscan.terraform import nodes
from iacscan.terraform.json_reader import parse_json
from iacscan.terraform.json_syntax import parse_json_file
from iacscan.terraform.lexer import Source


def test_blocks_by_label_and_positions() -> None:
    file = parse_json_file('{\n  "resource": {"a_b": {"c": {\n    "x": "${1 + 1}"\n  }}}\n}', "main.tf.json")
    (block,) = file.body.blocks

    assert (block.type, block.labels) == ("resource", ("a_b", "c"))
    assert block.header == Span(2, 24, 2, 27)
    assert block.body.attributes["x"].span == Span(3, 5, 3, 20)
    assert isinstance(block.body.attributes["x"].value, nodes.TemplateText)


def test_lists_of_blocks_and_comments() -> None:
    text = '{"//": "note", "provider": {"aws": [{"alias": "a"}, {"alias": "b"}]}, "locals": [{"x": 1}, {"y": 2}]}'
    kinds = [
        (block.type, block.labels, list(block.body.attributes)) for block in parse_json_file(text, "x").body.blocks
    ]

    assert kinds == [
        ("provider", ("aws",), ["alias"]),
        ("provider", ("aws",), ["alias"]),
        ("locals", (), ["x"]),
        ("locals", (), ["y"]),
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("[1]", 1, 2),
        ('{"resource": }', 1, 14),
        ('{"resource": {"a": 1}}', 1, 20),
        ('{"locals": {"a": 1},\n "nonsense": 1}', 2, 2),
        ('{"locals": {"a": "${"}}', 1, 18),
        ('{"locals": {"a": 1}} {}', 1, 21),
        ('{"locals": {"a": 1e5000}}', 1, 18),
        ('{"locals": {"a": 1e9999999999999999999}}', 1, 18),
        ('{"locals": {"a": ' + "1" * 5_000 + "}}", 1, 18),
        ('{"locals": {"a": 007}}', 1, 19),
        ('{"locals": {"a": ٣}}', 1, 18),
        ("{" * 10_000, 1, 2),
        ("[" * 10_000, 1, 62),
    ],
)
def test_faults(text: str, line: int, column: int) -> None:
    (diagnostic,) = parse_json_file(text, "main.tf.json").diagnostics

    assert diagnostic.location is not None
    assert diagnostic.location.span is not None
    assert (diagnostic.location.span.start_line, diagnostic.location.span.start_column) == (line, column)


def plain(value: object) -> object:
    inner = getattr(value, "value", None)
    if isinstance(inner, tuple):
        return {member.key: plain(member.value) for member in inner}
    return [plain(item) for item in inner] if isinstance(inner, list) else inner


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(JSON, st.booleans())
def test_reads_what_json_writes(value: object, indent: bool) -> None:
    text = json.dumps(value, indent=2 if indent else None)

    assert plain(parse_json(Source(text))) == value
