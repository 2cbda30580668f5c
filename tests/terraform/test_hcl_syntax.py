"""Native syntax: what parses, where things stand, and what a fault says."""

from __future__ import annotations

import pytest
from terraform_tools import value

from iacscan.core import Level, Span
from iacscan.terraform import nodes
from iacscan.terraform.nodes import File
from iacscan.terraform.syntax import parse_file


def parse(text: str) -> File:
    return parse_file(text, "main.tf")


def test_blocks_attributes_and_spans() -> None:
    file = parse('resource "a_b" "c" {\n  x = 1\n\n  y {\n    z = [\n      2,\n    ]\n  }\n}\n')
    (block,) = file.body.blocks

    assert (block.type, block.labels) == ("resource", ("a_b", "c"))
    assert block.header == Span(1, 1, 1, 19)
    assert block.span == Span(1, 1, 9, 2)
    assert block.body.attributes["x"].span == Span(2, 3, 2, 8)
    (inner,) = block.body.blocks
    assert inner.location.span == Span(4, 3, 4, 4)
    assert inner.body.attributes["z"].span == Span(5, 5, 7, 6)


def test_spans_of_object_items_and_template_parts() -> None:
    file = parse('locals {\n  tags = {\n    Public = "yes-${var.x}"\n  }\n}\n')
    tags = file.body.blocks[0].body.attributes["tags"].value

    assert isinstance(tags, nodes.ObjectItems)
    (item,) = tags.items
    assert item.span == Span(3, 5, 3, 28)
    assert isinstance(item.value, nodes.TemplateText)
    assert [part.span for part in item.value.parts] == [Span(3, 15, 3, 19), Span(3, 21, 3, 26)]


def test_spans_inside_a_heredoc() -> None:
    file = parse("locals {\n  a = <<-EOT\n    one ${var.x}\n  EOT\n  b = 2\n}\n")
    attributes = file.body.blocks[0].body.attributes

    assert attributes["a"].span == Span(2, 3, 4, 6)
    text = attributes["a"].value
    assert isinstance(text, nodes.TemplateText)
    assert text.parts[1].span == Span(3, 11, 3, 16)
    assert attributes["b"].span == Span(5, 3, 5, 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeffa = 1\n",
        "a = 1",
        "a = 1\r\nb = 2\r\n",
        "a = 1 # comment\n// comment\n/* block\ncomment */ b = 2\n",
        "a { b = 1 }\n",
        "a {}\n",
        "a { /* b */ c = [\n1\n] } # d\n",
        "a = 1 /*\n*/ + 2\nb /*\n*/ {\n}\n",
        "a = {\n  b = c ? 1 : (\n  2 +\n  3)\n}\n",
        "größe = 1\nb = größe\nc-d = 日本\n",
        "in = 1\nfor = 2\nif = 3\nnull = 4\nelse = 5\n",
        'for "x" if {\n}\n',
        "a = b.for\nc = d.null.in\n",
        "a = {\n  b = 1, c = 2\n  d : 3\n\n  (e) = 4,\n}\n",
        "a = [for x in y : x]\nb = {for k, v in z : k => v...}\n",
        "a = [\n  for x in y :\n  x\n  if x != null\n]\n",
        "a = f(\n  1,\n  [2,\n  3]...\n)\n",
        "a = b.0.1.c.*.d[0][*].e\n",
        "a = provider::aws::arn_parse(x)\n",
        "a = core::lower(x)\n",
        "a = (1 +\n  2\n)\n",
        "a = !!true\nb = - -1\n",
        'a = "${"${"x"}"}"\n',
        'a = "$${x} %%{if} $ % $$"\n',
        "a = <<E\nE\n",
        'a = f(<<EOT\nx ${"}"}\nEOT\n, 1)\n',
        "a = b ? c : d ? e : f\n",
        'a = b ? "x" : { c = 1 }\n',
    ],
)
def test_parses(text: str) -> None:
    assert parse(text).diagnostics == ()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a = \n", 1, 5),
        ("a = 1\nb = ]\n", 2, 5),
        ('a = 1\nb = "x\n', 2, 5),
        ("a {\n", 1, 3),
        ("a = (1\n", 1, 5),
        ("a = 1\n}\n", 2, 1),
        ("a = <<EOT\nx\n", 1, 5),
        ("a = 1 b = 2\n", 1, 7),
        ("a = 1\na = 2\n", 2, 1),
        ('a = "\\q"\n', 1, 6),
        ('a = "${"\n', 1, 5),
        ('a = "%{ if x }y"\n', 1, 11),
        ('a = "%{ endif }"\n', 1, 14),
        ("a = 1 + \n", 1, 9),
        ("a = 1\n+ 2\n", 2, 1),
        ("a = 1 /*\n*/ b = 2\n", 2, 4),
        ("a = b\n.c\n", 2, 1),
        ("a\n= 1\n", 1, 2),
        ("a b\n{\n}\n", 1, 4),
        ("a {\n  b = 1 }\n", 2, 9),
        ("a { b = 1\n}\n", 1, 10),
        ("a { b {} }\n", 1, 7),
        ("a {\n  b {\n  }}\n", 3, 4),
        ("a {\n} b {\n}\n", 2, 3),
        ("a = {\n  b = 1 +\n  2\n}\n", 2, 10),
        ("a = {\n  b =\n  2\n}\n", 2, 6),
        ("a = { b = 1 c = 2 }\n", 1, 13),
        ("a = {\n  b = 1 /*\n*/ c = 2\n}\n", 3, 4),
        ("a = {\n  b = 1\n  , c = 2\n}\n", 3, 3),
        ("a = 1\n/* b = 2\n", 2, 1),
        ("a = @\n", 1, 5),
        ("a = 1\rb = 2\n", 1, 6),
        ('x "${y}" {\n}\n', 1, 3),
    ],
)
def test_a_fault_is_one_diagnostic_with_line_and_column(text: str, line: int, column: int) -> None:
    (diagnostic,) = parse(text).diagnostics

    assert diagnostic.level is Level.ERROR
    assert diagnostic.location is not None
    assert diagnostic.location.path == "main.tf"
    assert diagnostic.location.span is not None
    assert (diagnostic.location.span.start_line, diagnostic.location.span.start_column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "(" * 5_000 + "1" + ")" * 5_000,
        "a = " + "[" * 5_000,
        "a = " + "!" * 5_000 + "true",
        "a = " + "+".join(["1"] * 5_000),
        "a = b" + ".c" * 5_000,
        "a = " + "true ? 1 : " * 5_000 + "2",
        'a = "' + '${"' * 500 + '"}' * 500 + '"',
        "a {\n" * 500 + "}\n" * 500,
        "a = " + "9" * 5_000,
        "a = 1e999999",
        "a = 1e9999999999999999999",
        "a = 1e-9999999999999999999",
        "a = b." + "1" * 5_000,
    ],
)
def test_hostile_text_is_refused_in_words(text: str) -> None:
    assert len(parse(text).diagnostics) == 1


def test_comments_keep_their_place_even_in_a_broken_file() -> None:
    text = 'a = 1 # iacscan:ignore[x] why\n// two\nb = "# no comment"\n/* three */ c = )\n'

    assert [(item.text, item.span.start_line, item.span.start_column) for item in parse(text).comments] == [
        ("# iacscan:ignore[x] why", 1, 7),
        ("// two", 2, 1),
        ("/* three */", 4, 1),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4", 3),
        ("2 * 3 + 4 * 5", 26),
        ("10 - 2 - 3", 5),
        ("1 < 2 == true && 2 > 1 || false", True),
        ("1 + 1 == 2 ? 1 : 2", 1),
        ("-2 + 3", 1),
        ("!false && false", False),
    ],
)
def test_precedence(text: str, expected: object) -> None:
    assert value(text) == expected
