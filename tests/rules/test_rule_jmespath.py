"""JMESPath by its specification, without an unknown: our own cases, and the public compliance suite.

The suite is the ``tests`` directory of the project jmespath.test; no package carries it. Point the
environment variable ``IACSCAN_JMESPATH_COMPLIANCE`` at a checkout of that directory to run it.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from iacscan.rules import EvaluationError, ExpressionError, compile_expression

DOCUMENT: dict[str, Any] = {
    "name": "logs",
    "empty": {"list": [], "object": {}, "text": "", "null": None},
    "number": {"zero": 0, "one": 1, "minus": -2, "half": 0.5},
    "flag": {"on": True, "off": False},
    "list": [0, 1, 2, 3, 4],
    "words": ["b", "a", "c"],
    "nested": [[1, 2], 3, [4, [5]], []],
    "rows": [
        {"key": "x", "size": 2, "tags": ["p", "q"], "sub": {"v": 1}},
        {"key": "y", "size": 1, "tags": [], "sub": None},
        {"key": "z", "size": 3, "tags": ["p"], "sub": {"v": None}},
    ],
    "map": {"a": {"v": 1}, "b": {"v": 2}, "c": {"w": 3}},
    "with space": {"a.b": 1, "ü": 2},
}

RESULTS: list[tuple[str, Any]] = [
    # identifiers and paths
    ("name", "logs"),
    ("missing", None),
    ("name.more", None),
    ("list.more", None),
    ("empty.null.more", None),
    ('"with space"."a.b"', 1),
    ('"with space"."\\u00fc"', 2),
    ("number . one", 1),
    ("@.name", "logs"),
    # indexes and slices
    ("list[0]", 0),
    ("list[-1]", 4),
    ("list[5]", None),
    ("list[-6]", None),
    ("name[0]", None),
    ("map[0]", None),
    ("nested[2][1][0]", 5),
    ("list[1:3]", [1, 2]),
    ("list[::2]", [0, 2, 4]),
    ("list[::-1]", [4, 3, 2, 1, 0]),
    ("list[-2:]", [3, 4]),
    ("list[9:]", []),
    ("name[1:]", None),
    ("rows[:2].key", ["x", "y"]),
    # projections
    ("rows[*].key", ["x", "y", "z"]),
    ("rows[*].sub.v", [1]),
    ("rows[*].tags[0]", ["p", "p"]),
    ("rows[*].tags", [["p", "q"], [], ["p"]]),
    ("rows[].tags[]", ["p", "q", "p"]),
    ("nested[]", [1, 2, 3, 4, [5]]),
    ("nested[][]", [1, 2, 3, 4, 5]),
    ("map[]", None),
    ("name[*]", None),
    ("map.*.v", [1, 2]),
    ("list.*", None),
    ("rows[*].missing", []),
    ("rows[*].key | [0]", "x"),
    ("rows[*].key[0]", []),
    ("rows[*].[key, size]", [["x", 2], ["y", 1], ["z", 3]]),
    ("rows[*].{k: key}", [{"k": "x"}, {"k": "y"}, {"k": "z"}]),
    # filters
    ("rows[?size > `1`].key", ["x", "z"]),
    ("rows[?sub].key", ["x", "z"]),
    ("rows[?!sub].key", ["y"]),
    ("rows[?key == 'y' || size == `3`].key", ["y", "z"]),
    ("rows[?contains(tags, 'q')].key", ["x"]),
    ("rows[?tags[?@ == 'p']].key", ["x", "z"]),
    ("map[?v]", None),
    ("list[?@ > `2`]", [3, 4]),
    ("list[?`true`]", [0, 1, 2, 3, 4]),
    # selections
    ("[name, missing]", ["logs", None]),
    ("{a: name, b: missing}", {"a": "logs", "b": None}),
    ("missing.[name]", None),
    ("missing.{a: name}", None),
    ("missing.['x']", None),
    ("empty.object.[a]", [None]),
    # truth
    ("empty.list || 'else'", "else"),
    ("empty.object || 'else'", "else"),
    ("empty.text || 'else'", "else"),
    ("empty.null || 'else'", "else"),
    ("flag.off || 'else'", "else"),
    ("number.zero || 'else'", 0),
    ("name || 'else'", "logs"),
    ("name && list[0]", 0),
    ("empty.list && name", []),
    ("!(number.zero)", False),
    ("!(empty.text)", True),
    ("!(!(name))", True),
    ("missing || flag.off", False),
    ("flag.on || flag.off && flag.off", True),
    ("(flag.on || flag.off) && flag.off", False),
    # comparison
    ("number.one == `1.0`", True),
    ("number.one == flag.on", False),
    ("flag.off == number.zero", False),
    ("number.zero != flag.off", True),
    ("flag.on == `true`", True),
    ("name == 'logs'", True),
    ('name == `"logs"`', True),
    ("missing == empty.null", True),
    ("words == ['b', 'a', 'c']", True),
    ("words == ['a', 'b', 'c']", False),
    ("{a: name} == {a: 'logs'}", True),
    ("'a' < 'b'", True),
    ("number.minus <= number.half", True),
    ("flag.on > flag.off", None),
    ("list > `1`", None),
    ("missing < `1`", None),
    # literals and pipes
    ('`[1, {"a": null}]`', [1, {"a": None}]),
    ("'it\\'s'", "it's"),
    ('`"\\`"`', "`"),
    ("name | missing", None),
    ("rows | [1].key", "y"),
    ("rows[*] | length(@)", 3),
    # functions
    ("abs(number.minus)", 2),
    ("avg(list)", 2.0),
    ("avg(empty.list)", None),
    ("ceil(number.half)", 1),
    ("floor(number.half)", 0),
    ("contains(name, 'og')", True),
    ("contains(words, 'z')", False),
    ("starts_with(name, 'lo')", True),
    ("ends_with(name, 'lo')", False),
    ("join('-', words)", "b-a-c"),
    ("keys(flag)", ["on", "off"]),
    ("values(flag)", [True, False]),
    ("length(name)", 4),
    ("length(map)", 3),
    ("map(&sub.v, rows)", [1, None, None]),
    ("max(words)", "c"),
    ("min(list)", 0),
    ("max(empty.list)", None),
    ("max_by(rows, &size).key", "z"),
    ("min_by(rows, &size).key", "y"),
    ("sort_by(rows, &size)[*].key", ["y", "x", "z"]),
    ("merge({a: name}, {b: name, a: `1`})", {"a": 1, "b": "logs"}),
    ("not_null(missing, empty.null, name)", "logs"),
    ("not_null(missing)", None),
    ("reverse(words)", ["c", "a", "b"]),
    ("reverse(name)", "sgol"),
    ("sort(words)", ["a", "b", "c"]),
    ("sum(list)", 10),
    ("to_array(name)", ["logs"]),
    ("to_number('1.5')", 1.5),
    ("to_number('x')", None),
    ("to_string(list)", "[0,1,2,3,4]"),
    ("to_string(name)", "logs"),
    ("type(missing)", "null"),
    ("map.*.type(@)", ["object", "object", "object"]),
]

ERRORS = [
    *(
        "foo.",
        "foo..bar",
        ".foo",
        "[0",
        "foo[",
        "a &&",
        "|| a",
        "(a",
        "a)",
        "'x",
        "`[1",
        "{a: b",
        "{}",
        "[a,]",
        "a[b]",
    ),
    *(
        "foo.1",
        "a.'b'",
        "a = b",
        "a & b",
        "#",
        "foo.[",
        "*a",
        "[:::]",
        "&",
        "rows[?]",
        '"x"(a)',
        "a.b(",
        "-",
        "[1:2:3:4]",
    ),
    *(
        "nosuch(a)",
        "abs()",
        "abs(a, b)",
        "abs(name)",
        "avg(words)",
        "ceil('x')",
        "contains(flag, 'x')",
        "join(words, 'x')",
    ),
    *(
        "keys(list)",
        "length(number.one)",
        "map(&a, name)",
        "max([name, number.one])",
        "sort_by(rows, &sub)",
        "sum(words)",
    ),
    *("merge(name)", "not_null()", "starts_with(name, list)", "list[::0]", "sort(rows)", "'a' < `1`", "any(&a, name)"),
]


@pytest.mark.parametrize(("text", "expected"), RESULTS)
def test_result(text: str, expected: Any) -> None:
    answer = compile_expression(text).evaluate(DOCUMENT)
    assert json.dumps(answer) == json.dumps(expected)


@pytest.mark.parametrize("text", ERRORS)
def test_error(text: str) -> None:
    with pytest.raises((ExpressionError, EvaluationError)):
        compile_expression(text).evaluate(DOCUMENT)


SUITE = Path(os.environ.get("IACSCAN_JMESPATH_COMPLIANCE", ""))


@pytest.mark.skipif(
    "IACSCAN_JMESPATH_COMPLIANCE" not in os.environ,
    reason="set IACSCAN_JMESPATH_COMPLIANCE to the tests directory of the project jmespath.test",
)
def test_public_compliance_suite() -> None:
    count = 0
    for file in sorted(SUITE.glob("*.json")):
        for suite in json.loads(file.read_text("utf-8")):
            for case in suite["cases"]:
                count += 1
                where = f"{file.name}: {case['expression']}"
                if "result" in case:
                    assert (
                        compile_expression(case["expression"], guarded=False).evaluate(suite["given"]) == case["result"]
                    ), where
                elif "error" in case:
                    with pytest.raises((ExpressionError, EvaluationError)):
                        compile_expression(case["expression"], guarded=False).evaluate(suite["given"])
    assert count, f"no case in {SUITE}"
