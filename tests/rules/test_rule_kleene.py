"""Three-valued logic: every row of the truth tables, and the answers that an unknown part leaves definite."""

import itertools

import pytest

from iacscan.core import Encoded, Reference, Template, Unknown
from iacscan.rules import compile_expression

T, F = True, False
U = Unknown("u", (Reference("aws_s3_bucket.u"),))
V = Unknown("v", (Reference("aws_s3_bucket.v"),))

AND = {(T, T): T, (T, F): F, (F, T): F, (F, F): F, (T, U): U, (U, T): U, (F, U): F, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (F, T): T, (F, F): F, (T, U): T, (U, T): T, (F, U): U, (U, F): U, (U, U): U}


def run(text: str, **facts: object) -> object:
    return compile_expression(text).evaluate(facts)


def same(answer: object, expected: object) -> bool:
    return isinstance(answer, Unknown) if isinstance(expected, Unknown) else answer is expected


@pytest.mark.parametrize(("operands", "expected"), list(AND.items()))
def test_and(operands: tuple[object, object], expected: object) -> None:
    assert same(run("a && b", a=operands[0], b=operands[1]), expected)


@pytest.mark.parametrize(("operands", "expected"), list(OR.items()))
def test_or(operands: tuple[object, object], expected: object) -> None:
    assert same(run("a || b", a=operands[0], b=operands[1]), expected)


@pytest.mark.parametrize(("operand", "expected"), [(T, F), (F, T), (U, U)])
def test_not(operand: object, expected: object) -> None:
    assert same(run("!a", a=operand), expected)


@pytest.mark.parametrize("operands", list(itertools.product([T, F, U], repeat=3)))
def test_laws_of_strong_kleene_logic(operands: tuple[object, ...]) -> None:
    a, b, c = operands
    facts = {"a": a, "b": b, "c": c}
    for left, right in [
        ("!(a && b)", "!a || !b"),
        ("!(a || b)", "!a && !b"),
        ("a && b", "b && a"),
        ("a || b", "b || a"),
        ("a && (b || c)", "a && b || a && c"),
        ("a || (b && c)", "(a || b) && (a || c)"),
        ("(a && b) && c", "a && (b && c)"),
        ("!(!a)", "a"),
        ("any(&@, [a, b, c])", "a || b || c"),
        ("all(&@, [a, b, c])", "a && b && c"),
        ("!(any(&@, [a, b, c]))", "all(&!(@), [a, b, c])"),
    ]:
        assert same(run(left, **facts), run(right, **facts)), (left, right, facts)


@pytest.mark.parametrize("false", [False, None, "", [], {}])
def test_what_jmespath_takes_for_false_decides_too(false: object) -> None:
    assert run("a && b", a=U, b=false) is False
    assert run("!(a && b)", a=U, b=false) is True
    assert isinstance(run("a || b", a=U, b=false), Unknown)


@pytest.mark.parametrize("true", [True, "x", [U], {"k": U}, 0, 1])
def test_what_jmespath_takes_for_true_decides_too(true: object) -> None:
    assert run("a || b", a=U, b=true) is True
    assert isinstance(run("a && b", a=U, b=true), Unknown)


@pytest.mark.parametrize("hole", [U, Template(("x", U)), Encoded({"k": U})])
@pytest.mark.parametrize(
    "text",
    [
        "u",
        "u.a",
        "u.a.b",
        "u[0]",
        "u[1:]",
        "u[]",
        "u[*]",
        "u[*].a",
        "u.*",
        "u[?a]",
        "u.[a]",
        "u.{k: a}",
        "!u",
        "u == 'x'",
        "'x' != u",
        "u == u",
        "u < `1`",
        "`1` >= u",
        "length(u)",
        "contains(u, 'x')",
        "contains('xyz', u)",
        "starts_with(u, 'x')",
        "to_string([u])",
        "join(',', ['a', u])",
        "sort([u, 'x'])",
        "max(['x', u])",
        "type(u)",
        "to_array(u)",
        "merge(u, {a: 'b'})",
        "not_null(n, u, 'x')",
        "lookup(u, 'k')",
        "lookup({a: 'b'}, u)",
        "any(&@, u)",
        "all(&@, u)",
        "sort_by([{k: u}], &k)",
        "[u][*]",
        "[u][]",
        "[u][?@]",
        "[u][].length('x')",
        "[{k: u}][?k == 'x']",
        "{k: u}.*",
        "(u && `null`) == `null`",
        "(u || 'x') == 'x'",
    ],
)
def test_unknown(text: str, hole: object) -> None:
    answer = compile_expression(text).evaluate({"u": hole})
    assert isinstance(answer, Unknown)
    assert answer.references == U.references


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("contains([u, 'x'], 'x')", True),
        ("contains([u, 'x'], `[]`)", U),
        ("contains([u, 'x'], 'y')", U),
        ("contains([['x', u]], ['y', 'z'])", False),
        ("contains(`[]`, u)", False),
        ("contains([u, ['x']], ['x'])", True),
        ("contains(['x'], u)", U),
        ("[u, 'x'] == ['y', 'z']", False),
        ("[u] == `[]`", False),
        ("[u] != `[]`", True),
        ("[u] == ['x']", U),
        ("{a: u} == {b: u}", False),
        ("{a: u, b: 'x'} == {a: 'x', b: 'y'}", False),
        ("{a: u} != {a: 'y'}", U),
        ("[u] == 'x'", False),
        ("`[]` < u", None),
        ("u < `null`", None),
        ("length([u, v])", 2),
        ("length({a: u})", 1),
        ("keys({a: u})", ["a"]),
        ("type([u])", "array"),
        ("not_null('x', u)", "x"),
        ("lookup({a: u, b: 'x'}, 'b')", "x"),
        ("[u, 'x'][1]", "x"),
        ("{a: u, b: 'x'}.b", "x"),
        ("u | 'x'", "x"),
        ("any(&(a == 'x'), [{a: u}, {a: 'x'}])", True),
        ("any(&(a == 'x'), [{a: u}, {a: 'y'}])", U),
        ("any(&(a == 'x' && b), [{a: 'y', b: u}])", False),
        ("any(&(a && `false`), [{a: u}])", False),
        ("all(&(a || `true`), [{a: u}])", True),
        ("all(&(a == 'x'), [{a: u}, {a: 'y'}])", False),
        ("all(&(a == 'x'), [{a: u}, {a: 'x'}])", U),
        ("[{k: `true`}, {k: u}][?k || `true`] | length(@)", 2),
        ("[{k: u}][?k && `false`]", []),
        ("!(u && `false`)", True),
        ("(u == 'x') && `false`", False),
    ],
)
def test_with_an_unknown_part(text: str, expected: object) -> None:
    answer = run(text, u=U, v=V)
    assert isinstance(answer, Unknown) if isinstance(expected, Unknown) else answer == expected


def test_an_operand_that_may_never_be_asked_does_not_fail() -> None:
    assert isinstance(run("u && abs('x')", u=U), Unknown)
    assert isinstance(run("any(&(k || abs(k)), [{k: u}, {k: ''}])", u=U), Unknown)


def test_unknowns_are_merged() -> None:
    for text in (
        "u && v",
        "u == v",
        "[u, v][*]",
        "join('', [u, v])",
        "any(&@, [u, v])",
        "[u, v][?@]",
        "not_null(u, v)",
    ):
        answer = run(text, u=U, v=V)
        assert isinstance(answer, Unknown)
        assert answer.references == (*U.references, *V.references), text
