"""Evaluation: what the projects in fixtures cannot show, above all what is not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from terraform_tools import value

from iacscan.core import Choice, Encoded, Reference, Template, Unknown
from iacscan.terraform.values import EvaluationError, SetValue

ARN = Unknown("known after apply", (Reference("aws_s3_bucket.x", ("arn",)),), exact=True)
LATE = Unknown("known after apply")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true || late", True),
        ("late || true", True),
        ("false && late", False),
        ("late && false", False),
        ("holed == null", False),
        ("arn == null", False),
        ("null != arn", True),
        ('holed == "other/x"', False),
        ('holed == "arn/y"', False),
        ("[1, late] == [1]", False),
        ("[1, late] == [2, 3]", False),
        ("{ a = late } == { b = 1 }", False),
        ("late ? 1 : 1", 1),
        ("late ? arn : arn", ARN),
        ("[arn, 1][1]", 1),
        ("{ a = arn }.a", ARN),
        ('{ a = arn, b = "k" }["b"]', "k"),
        ("[for x in [arn] : x]", [ARN]),
        ('{ for k in ["a"] : k => arn }', {"a": ARN}),
        ("can(arn)", True),
        ("try(arn, 1)", ARN),
        ("length([late, late])", 2),
        ("[{ a = arn }][*].a", [ARN]),
    ],
)
def test_what_is_known_decides(text: str, expected: Any) -> None:
    assert value(text, late=LATE, arn=ARN, holed=Template(("arn/", LATE, "/x"))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "late && true",
        "late || false",
        "!late",
        "-late",
        "late + 1",
        "late == 1",
        "late == null",
        "arn.a == null",
        "[1, late] == [1, 2]",
        "late ? 1 : 2",
        "late[0]",
        "late.a",
        "[1, 2][late]",
        "{ a = 1 }[late]",
        "[for x in late : x]",
        "[for x in [1] : x if late]",
        "{ for x in [late] : x => 1 }",
        "{ (late) = 1 }",
        "late[*]",
        "late[*].a",
        "max(late...)",
        "can(late)",
        "can(given.inside)",
        "length(late)",
    ],
)
def test_unknown_spreads(text: str) -> None:
    given = Unknown("has no value", (Reference("var.given"),), exact=True)
    assert isinstance(value(text, late=LATE, arn=ARN, given=given), Unknown)


def test_what_a_condition_chooses_from_is_kept() -> None:
    found = value('late ? (late ? true : "b") : 3', late=LATE)
    assert isinstance(found, Choice)
    assert found.options == ("true", "b", "3")
    assert value("late ? 1 : late", late=LATE) == LATE
    assert type(value("toset([late ? 1 : 2])", late=LATE).items[0]) is Unknown, "a set has an order of its elements"


def test_an_attribute_of_an_exact_unknown_is_exact() -> None:
    instance = Unknown("known after apply", (Reference("aws_s3_bucket.x"),), exact=True)

    assert value("x.arn", x=instance) == ARN
    assert value('x["arn"]', x=instance) == ARN
    assert value("x.y[0]", x=instance).reference == Reference("aws_s3_bucket.x", ("y", 0))
    assert value("x.id + 1", x=instance).reference is None
    assert value("x.id + 1", x=instance).references == (Reference("aws_s3_bucket.x", ("id",)),)


def test_text_keeps_its_holes() -> None:
    assert value('"${arn}/*"', arn=ARN) == Template((ARN, "/*"))
    assert value('"a${"b"}${arn}${arn}"', arn=ARN) == Template(("ab", ARN, ARN))
    assert value('"${arn}"', arn=ARN) is ARN
    assert value('"${holed}c"', holed=Template(("a", ARN, "b"))) == Template(("a", ARN, "bc"))
    assert value("<<EOT\n%{ if true }${arn}%{ endif }\nEOT\n", arn=ARN) == Template((ARN, "\n"))


def test_an_undecided_directive_is_a_hole() -> None:
    result = value('"a %{ if late }b%{ endif } c"', late=LATE)

    assert result == Template(("a ", LATE, " c"))


def test_json_with_holes_keeps_its_shape() -> None:
    result = value('jsonencode({ Resource = ["${arn}/*"], Effect = "Deny" })', arn=ARN)

    assert isinstance(result, Encoded)
    assert result.value == {"Resource": [Template((ARN, "/*"))], "Effect": "Deny"}
    assert value('"[${json}]"', json=result) == Template(('[{"Effect":"Deny","Resource":["', ARN, '/*"]}]'))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "division by zero"),
        ("0 / 0", "division by zero"),
        ("null + 1", "null"),
        ('"x" + 1', "number is required"),
        ("!1", "bool required"),
        ("[] ? 1 : 2", "bool required"),
        ("null ? 1 : 2", "null"),
        ('"a${null}"', "null"),
        ('"a${[]}"', "string required"),
        ("[1][1]", "no element 1"),
        ("[1][-1]", "no element -1"),
        ("{ a = 1 }.b", "no attribute 'b'"),
        ('{ a = 1 }["b"]', "no element 'b'"),
        ("null.a", "null"),
        ("1.5.a", "number"),
        ('"x".a', "string"),
        ("[for x in 1 : x]", "cannot be iterated"),
        ('{ for x in ["a", "a"] : x => 1 }', "two elements"),
        ("{ (null) = 1 }", "null"),
        ("nope", "no variable named 'nope'"),
        ("nope()", "no function named"),
        ("max(1...)", "must be a list"),
        ("try()", "needs an argument"),
        ("try(nope, null.a)", "null"),
    ],
)
def test_what_terraform_rejects(text: str, reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason):
        value(text)


@pytest.mark.parametrize(
    "text",
    [
        "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a]]]",
        "pow(9, pow(9, 9))",
        'join("", [for a in range(1000) : join("", [for b in range(1000) : "xxxxxxxxxxxxxxxx"])])',
        "9" * 3_000 + " * 2 + " + "9" * 3_000 + " * " + "9" * 3_000,
    ],
)
def test_hostile_expressions_end(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iacscan.terraform.expressions.MAX_STEPS", 20_000)
    with pytest.raises(EvaluationError, match=r"too|finite"):
        value(text)


def test_numbers_are_exact() -> None:
    assert value("0.1 + 0.2") == Decimal("0.3")
    assert value("9007199254740993 + 0") == 9007199254740993
    assert isinstance(value("6 / 3"), int)
    assert isinstance(value("1.5 * 2"), int)
    assert value('"${1e21}."') == "1000000000000000000000."
    assert value('"${1 / 8}."') == "0.125."


def test_sets_keep_no_duplicates_and_have_no_index() -> None:
    assert value('toset(["b", "a", "b"])') == SetValue(("a", "b"))
    assert value('[for x in toset(["b", "a"]) : x]') == ["a", "b"]
    with pytest.raises(EvaluationError):
        value('toset(["a"])[0]')


def test_booleans_are_not_numbers() -> None:
    assert value("true == 1") is False
    assert value("[true, 1]") == [True, 1]
    assert value("[true] == [1]") is False
    assert len(value("toset([])")) == 0


def test_text_is_kept_in_composed_form() -> None:
    assert value('"an\u0303os"') == "a\u00f1os"
    assert value('"an\u0303os ${1}"') == "a\u00f1os 1"
