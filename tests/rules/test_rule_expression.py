"""Compiling and judging: errors, the paths read, and what an expression that is no verdict raises."""

import copy
import pickle

import pytest

from iacscan.core import Encoded, Location, Reference, Span, Template, Unknown
from iacscan.rules import EvaluationError, ExpressionError, RuleError, compile_expression, judge

WAIT = Unknown("known after apply", (Reference("aws_s3_bucket.x", ("arn",)),), exact=True)
PLACE = Location("policies/x.yaml", Span(7, 12, 7, 20))


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "the expression is empty", 1),
        ("a.", "the expression ends too early", 3),
        ("a ==", "the expression ends too early", 5),
        ("a b", "syntax error at 'b'", 3),
        ("a = b", "Unknown token '='", 3),
        ("a[" + "9" * 5_000 + "]", "a number is too long", 1),
        ("'x", "Unclosed ' delimiter", 1),
        ("!a.b", "`!a.b` means `(!a).b`, which is null: write `!(a.b)`", 1),
        ("x && !a.b.c", "`!a.b` means `(!a).b`, which is null: write `!(a.b)`", 6),
        ("any(&!a.b, c)", "`!a.b` means `(!a).b`, which is null: write `!(a.b)`", 6),
        ("!a[?b]", "`!a.b` means `(!a).b`, which is null: write `!(a.b)`", 1),
        ("a == true", "true is the name of a fact here: the value is `true`, in backquotes", 6),
        ("any(&(x != null), a)", "null is the name of a fact here: the value is `null`, in backquotes", 12),
        ("false", "false is the name of a fact here: the value is `false`, in backquotes", 1),
        ("!a[]", "`!a.b` means `(!a).b`, which is null: write `!(a.b)`", 1),
        ("!a.*", "`!a.b` means `(!a).b`, which is null: write `!(a.b)`", 1),
        ("x || contians(a, b)", "there is no function contians(); did you mean contains()?", 6),
        ("qqq(a)", "there is no function qqq()", 1),
        ("contains(a)", "contains() takes 2 arguments, not 1", 1),
        ("length(a, b)", "length() takes 1 argument, not 2", 1),
        ("merge()", "merge() takes at least 1 argument, not 0", 1),
        ("any(a, b)", "the first argument of any() is a condition: write any(&condition, list)", 1),
        ("a" * 10_001, "the expression is longer than 10000 characters", 10_001),
        ("(" * 5_000, "the expression is nested too deeply", 1),
        ("!" * 5_000 + "a", "the expression is nested too deeply", 1),
        ("|".join("a" * 5_000), "the expression is nested too deeply", 1),
    ],
)
def test_bad_expression(text: str, message: str, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert (caught.value.message, caught.value.column) == (message, column)


@pytest.mark.parametrize(
    "text",
    [
        "!(a.b)",
        "!a[0]",
        "!a && b.c",
        "!a == b.c",
        "!(!a)",
        "[!a].b",
        "!contains(a, b)",
        "a.null",
        '"true"',
        "`true`",
        "{true: a}",
    ],
)
def test_no_trap(text: str) -> None:
    assert compile_expression(text).text == text


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("policy.public", ("policy.public",)),
        ("!(a.b) && a.b || c", ("a.b", "c")),
        ("any(&(group == 'x' && contains(['R'], permission)), acl.grants)", ("acl.grants",)),
        ("acl.grants[*].permission", ("acl.grants",)),
        ("acl.grants[0].permission", ("acl.grants",)),
        ("acl.grants[?group == 'x'].permission | [0]", ("acl.grants",)),
        ("acl.grants[].permission[]", ("acl.grants",)),
        ("tags.*", ("tags",)),
        ("acl.[a, b.c]", ("acl.a", "acl.b.c")),
        ("acl.{x: a}", ("acl.a",)),
        ("acl | grants | length(@)", ("acl.grants",)),
        ("contains(params.allowed, name)", ("params.allowed", "name")),
        ("(a || b).c", ("a", "b")),
        ("@", ()),
        ("`true`", ()),
        ("sort_by(list, &key.deep)", ("list",)),
        ('tags."Public"', ("tags.Public",)),
        ("a[1:2].b", ("a",)),
    ],
)
def test_paths(text: str, paths: tuple[str, ...]) -> None:
    assert compile_expression(text).paths == paths


@pytest.mark.parametrize("text", ["`true`", "a == `1`", "!(b)"])
def test_judge_true(text: str) -> None:
    assert judge(compile_expression(text), {"a": 1}) is True


def test_judge_unknown_names_what_it_waits_for() -> None:
    other = Unknown("not set", (Reference("var.x"),))
    answer = judge(compile_expression("a && b"), {"a": WAIT, "b": other})
    assert answer == Unknown("known after apply", (Reference("aws_s3_bucket.x", ("arn",)), Reference("var.x")))


@pytest.mark.parametrize(
    ("text", "facts", "message"),
    [
        ("a", {}, "`a` gives null, not true or false"),
        ("a", {"a": "yes"}, "`a` gives string, not true or false"),
        ("a", {"a": 0}, "`a` gives number, not true or false"),
        ("a", {"a": []}, "`a` gives array, not true or false"),
        ("a", {"a": {}}, "`a` gives object, not true or false"),
        ("a < b", {"a": 1}, "`a < b` gives null, not true or false"),
        ("[a]", {"a": WAIT}, "`[a]` gives array, not true or false"),
        ("abs(a)", {"a": "s3cret"}, "`abs(a)` fails: abs() takes number, not string"),
        ("any(&b, a)", {}, "`any(&b, a)` fails: any() takes array, not null"),
        ("a < b", {"a": 1, "b": "s3cret"}, "`a < b` fails: '<' not supported between instances of 'int' and 'str'"),
        ("a[::0]", {"a": [1]}, "`a[::0]` fails: slice step cannot be zero"),
    ],
)
def test_judge_refuses_what_is_no_verdict(text: str, facts: dict[str, object], message: str) -> None:
    with pytest.raises(RuleError) as caught:
        judge(compile_expression(text, PLACE), facts)
    assert caught.value.message == message
    assert caught.value.location == PLACE
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("value", [WAIT, Template(("x", WAIT)), Encoded({"a": WAIT})])
def test_an_answer_that_is_not_known_is_unknown(value: object) -> None:
    answer = compile_expression("a.b").evaluate({"a": {"b": value}})
    assert type(answer) is Unknown
    assert answer.references == WAIT.references


def test_a_path_through_an_unknown_is_not_that_unknown() -> None:
    whole, part = (compile_expression(text).evaluate({"a": WAIT}) for text in ("a", "a.b"))
    assert whole.reference == Reference("aws_s3_bucket.x", ("arn",))
    assert part.reference is None


def test_deep_facts_fail_cleanly() -> None:
    left: list[object] = []
    right: list[object] = []
    for _ in range(100_000):
        left, right = [left], [right]
    with pytest.raises(EvaluationError, match="nested too deeply"):
        compile_expression("a == b").evaluate({"a": left, "b": right})


def test_expression_survives_copy_and_pickle() -> None:
    expression = compile_expression("a && b", PLACE)
    for twin in (copy.deepcopy(expression), pickle.loads(pickle.dumps(expression))):
        assert twin == expression
        assert (twin.source, twin.evaluate({"a": True, "b": False})) == (PLACE, False)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("lookup(tags, key)", {"tags": {"Public": "true"}, "key": "Public"}, "true"),
        ("lookup(tags, 'other')", {"tags": {"Public": WAIT}}, None),
        ("lookup(tags, 'Public')", {"tags": None}, None),
        ("any(&@, list)", {"list": []}, False),
        ("all(&@, list)", {"list": []}, True),
        ("any(&(@ > `1`), list)", {"list": [1, 2]}, True),
        ("all(&(@ > `1`), list)", {"list": [1, 2]}, False),
        ("any(&@, list)", {"list": ["", None, {}, []]}, False),
    ],
)
def test_functions_of_our_own(text: str, facts: dict[str, object], expected: object) -> None:
    assert compile_expression(text).evaluate(facts) is expected
