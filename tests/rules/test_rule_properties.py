"""Two laws of expressions, on random expressions and documents.

Without an unknown the answer is stock JMESPath's, errors included. With some leaves unknown, an
answer that is not unknown is the one that every completion gives.
"""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import jmespath
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jmespath.functions import Functions, signature
from jmespath.visitor import TreeInterpreter

from iacscan.core import Encoded, Template, Unknown
from iacscan.rules import EvaluationError, Expression, ExpressionError, compile_expression
from iacscan.rules.ternary import is_false

HOLES = (Unknown("u"), Template(("x", Unknown("u"))), Encoded([Unknown("u")]))


class OurFunctions(Functions):
    """The stock functions, with the plain meaning of those that we add."""

    @signature({"types": ["expref"]}, {"types": ["array"]})
    def _func_any(self, condition: Any, items: list[Any]) -> bool:
        return any(not is_false(condition.visit(condition.expression, item)) for item in items)

    @signature({"types": ["expref"]}, {"types": ["array"]})
    def _func_all(self, condition: Any, items: list[Any]) -> bool:
        return all(not is_false(condition.visit(condition.expression, item)) for item in items)

    @signature({"types": []}, {"types": ["string"]})
    def _func_lookup(self, value: Any, key: str) -> Any:
        return value.get(key) if isinstance(value, dict) else None


STOCK = TreeInterpreter(jmespath.Options(custom_functions=OurFunctions()))


class Failed:
    """The answer of an expression that fails."""

    def __repr__(self) -> str:
        return "fails"


FAILED = Failed()


def stock(text: str, document: Any) -> Any:
    try:
        return STOCK.visit(jmespath.compile(text).parsed, document)
    except Exception:  # stock JMESPath lets Python's own errors through
        return FAILED


def ours(expression: Expression, document: Any) -> Any:
    try:
        return expression.evaluate(document)
    except EvaluationError:
        return FAILED


def compiled(text: str) -> Expression:
    """The expression; one that stumbles into the trap of ``!a.b`` is none of these laws' business."""
    try:
        return compile_expression(text)
    except ExpressionError as error:
        assume("means `(!a).b`" not in error.message)
        raise


ATOMS = [
    "a",
    "b",
    "c",
    "@",
    "'x'",
    "''",
    "`1`",
    "`0`",
    "`true`",
    "`false`",
    "`null`",
    "`[1, true]`",
    "`{}`",
    "`[]`",
    "a.b",
]
STEPS = [
    ".a",
    ".b",
    "[0]",
    "[-1]",
    "[1:]",
    "[::-1]",
    "[*]",
    "[*].a",
    "[]",
    "[].b",
    ".*",
    ".*.a",
    "[?a]",
    "[?@ == 'x'].a",
]
UNARY = [
    "length",
    "keys",
    "values",
    "type",
    "to_array",
    "to_string",
    "to_number",
    "reverse",
    "sort",
    "sum",
    "max",
    "min",
]
UNARY += ["abs", "ceil", "floor", "avg", "not_null"]
BINARY = ["contains", "starts_with", "ends_with", "join", "merge", "not_null", "lookup"]
BY = ["sort_by({list}, &{by})", "max_by({list}, &{by})", "min_by({list}, &{by})", "map(&{by}, {list})"]
BY += ["any(&{by}, {list})", "all(&{by}, {list})"]


def longer(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["&&", "||", "&&", "||", "==", "!=", "<", ">=", "|"])
    return st.one_of(
        st.builds("({} {} {})".format, part, operator, part),
        st.builds("!({})".format, part),
        st.builds("({}){}".format, part, st.sampled_from(STEPS)),
        st.builds("{}[?{}]".format, st.sampled_from(["a", "b", "c"]), part),
        st.builds("[{}, {}]".format, part, part),
        st.builds("{{a: {}, b: {}}}".format, part, part),
        st.builds("{}({})".format, st.sampled_from(UNARY), part),
        st.builds("{}({}, {})".format, st.sampled_from(BINARY), part, part),
        st.builds(lambda form, items, by: form.format(list=items, by=by), st.sampled_from(BY), part, part),
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), longer, max_leaves=6)
SCALARS = st.sampled_from([None, True, False, 0, 1, 2.5, "", "x", "xy"])
VALUES = st.recursive(
    SCALARS,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("abc"), part, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.fixed_dictionaries({"a": VALUES, "b": VALUES, "c": VALUES})


@given(EXPRESSIONS, DOCUMENTS)
def test_equals_stock_jmespath(text: str, document: dict[str, Any]) -> None:
    expected, answer = stock(text, document), ours(compiled(text), document)
    assert json.dumps(answer, default=repr) == json.dumps(expected, default=repr)  # tells 1 from true and 1.0


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside a document, of lists and objects too."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from leaves(item, (*path, key))


def masked(value: Any, holes: dict[tuple[Any, ...], Any], path: tuple[Any, ...] = ()) -> Any:
    if path in holes:
        return holes[path]
    if isinstance(value, dict):
        return {key: masked(item, holes, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, holes, (*path, index)) for index, item in enumerate(value)]
    return value


def agrees(answer: Any, truth: Any) -> bool:
    """Whether ``answer``, with its unknown parts, leaves room for ``truth``."""
    if type(answer) in map(type, HOLES):
        return True
    if isinstance(answer, list) and isinstance(truth, list):
        return len(answer) == len(truth) and all(map(agrees, answer, truth))
    if isinstance(answer, dict) and isinstance(truth, dict):
        return answer.keys() == truth.keys() and all(agrees(item, truth[key]) for key, item in answer.items())
    return type(answer) is type(truth) and answer == truth


def contradicts(expression: Expression, document: Any, holes: dict[tuple[Any, ...], Any]) -> bool:
    truth, answer = ours(expression, document), ours(expression, masked(document, holes))
    if truth is FAILED:  # a decided `&&` may hide an error of the other side
        return False
    if answer is FAILED:
        return True
    if isinstance(answer, bool) and not isinstance(truth, Failed):  # a decided `&&` gives false, not null or ""
        return is_false(answer) is not is_false(truth)
    return not agrees(answer, truth)


@given(EXPRESSIONS, DOCUMENTS, st.data())
def test_an_unknown_never_turns_an_answer_round(text: str, document: dict[str, Any], data: st.DataObject) -> None:
    expression = compiled(text)
    picked = data.draw(st.lists(st.sampled_from(list(leaves(document))), min_size=1, max_size=3))
    holes = {path: data.draw(st.sampled_from(HOLES)) for path in picked}
    assert not contradicts(expression, document, holes)


FORMULAS = [
    "a && b || c",
    "!(a && b) || c",
    "(a || b) && !c",
    "a == b && b != c",
    "(a && b) == c",
    "(a || b) != c",
    "!(a) == b",
    "(a && b && c) == `null`",
    "(c && (a || b)) == 'x'",
    "length([a, b][].length('x')) == `2`",
    "contains([a, b], c)",
    "contains([[a], [b]], [c])",
    "[a, b] == [b, c]",
    "{a: a, b: b} == {a: b, b: c}",
    "any(&@, [a, b, c])",
    "all(&@, [a, b, c])",
    "any(&(a && b), [{a: a, b: b}, {a: b, b: c}])",
    "all(&(a == 'x' || b), [{a: a, b: b}, {a: b, b: c}])",
    "any(&(a == b), [{a: a, b: b}, {a: b, b: c}])",
    "length([a, b, c][?@]) > `1`",
    "length([a, b, c][?@ == 'x']) == `1`",
    "[a, b, c][?@ == 'x'] | [0] == 'x'",
    "[a, b, c][*] == [a, b, c]",
    "length([a, b, c][*]) == `2`",
    "{a: a, b: b}.* == [b, c]",
    "not_null(a, b, c) == 'x'",
    "[[a], [b, c]][] == [a, b, c]",
    "[a, [b, c]][] == [a, b, c]",
    "lookup({x: a, y: b}, c) == 'x'",
    "type(a) == type(b)",
    "to_array(a) == [a]",
    "(a && `null`) == `null`",
    "[a && b, a || b] == [b, a]",
    "(a | !(@)) || b",
    "!(!(a) && (b || c))",
    "(a || b || c) && (a && b && c)",
    "reverse([a, b, c]) == [c, b, a]",
    "map(&(@ || 'x'), [a, b]) == ['x', c]",
    "[a, b, c][1:] == [b, c]",
    "keys({a: a}) == ['a'] && c",
    "a < b || c",
    "to_string([a, b]) == to_string([b, c])",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_completion_contradicts_exhaustively(text: str) -> None:
    expression = compile_expression(text)
    domain = (True, False, None, "x", "", 1)
    masks = [keys for size in (1, 2, 3) for keys in itertools.combinations("abc", size)]
    for values in itertools.product(domain, repeat=3):
        document = dict(zip("abc", values, strict=True))
        for keys in masks:
            assert not contradicts(expression, document, {(key,): HOLES[0] for key in keys}), (document, keys)
