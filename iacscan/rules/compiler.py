"""From the syntax tree of an expression to closures, one a node, that answer in three-valued logic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from jmespath.visitor import TreeInterpreter

from iacscan.core import Unknown
from iacscan.rules import ternary
from iacscan.rules.syntax import ExpressionError, Node, children
from iacscan.rules.ternary import FAILURES, SCALARS, UNKNOWNS, Evaluate, equal, is_false, waiting


def compile_tree(tree: Node) -> Evaluate:
    """The closure that evaluates the expression at a value.

    Raises :class:`~iacscan.rules.syntax.ExpressionError` on a function that does not exist or that
    gets too many or too few arguments. The closure raises what stock ``jmespath`` raises.
    """
    return _compile(tree, exact=False)


# `exact` is false where only the truth of an answer matters (the root, a condition, an operand of `!`):
# there `unknown && false` is false. Elsewhere it may be null or "" too, so it is unknown.


def _compile(node: Node, exact: bool) -> Evaluate:
    return _COMPILERS[node["type"]](node, exact)


def _operands(node: Node) -> list[Evaluate]:
    return [_compile(child, exact=True) for child in children(node)]


def _field(node: Node, _exact: bool) -> Evaluate:
    return _fields((node["value"],))


def _fields(names: tuple[str, ...]) -> Evaluate:
    def read(value: Any) -> Any:
        for name in names:
            try:
                value = value.get(name)
            except AttributeError:
                return waiting(value) if type(value) in UNKNOWNS else None
        return value

    return read


def _chain(node: Node, exact: bool) -> Evaluate:
    below = list(children(node))
    if all(child["type"] == "field" for child in below):
        return _fields(tuple(child["value"] for child in below))
    *steps, last = below
    first = [_compile(step, exact=True) for step in steps]
    final = _compile(last, exact)

    def run(value: Any) -> Any:
        for step in first:
            value = step(value)
        return final(value)

    return run


def _identity(_node: Node, _exact: bool) -> Evaluate:
    return lambda value: value


def _literal(node: Node, _exact: bool) -> Evaluate:
    constant = node["value"]
    return lambda _value: constant


def _index(node: Node, _exact: bool) -> Evaluate:
    position = node["value"]

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return value[position] if -len(value) <= position < len(value) else None
        return waiting(value) if type(value) in UNKNOWNS else None

    return read


def _slice(node: Node, _exact: bool) -> Evaluate:
    part = slice(*node["children"])

    def read(value: Any) -> Any:
        if isinstance(value, list):
            return value[part]
        return waiting(value) if type(value) in UNKNOWNS else None

    return read


def _list(node: Node, _exact: bool) -> Evaluate:
    operands = _operands(node)
    constant = [child["value"] for child in children(node)] if _constant(node) else None

    def build(value: Any) -> Any:
        if value is None:
            return None
        if type(value) in UNKNOWNS:
            return waiting(value)
        return constant if constant is not None else [operand(value) for operand in operands]

    return build


def _constant(node: Node) -> bool:
    return all(child["type"] == "literal" for child in children(node))


def _object(node: Node, _exact: bool) -> Evaluate:
    pairs = [(child["value"], _compile(child["children"][0], exact=True)) for child in children(node)]

    def build(value: Any) -> Any:
        if value is None:
            return None
        return waiting(value) if type(value) in UNKNOWNS else {key: operand(value) for key, operand in pairs}

    return build


def _and(node: Node, exact: bool) -> Evaluate:
    return _connective(node, exact, decides=False)


def _or(node: Node, exact: bool) -> Evaluate:
    return _connective(node, exact, decides=True)


def _connective(node: Node, exact: bool, decides: bool) -> Evaluate:
    left, right = (_compile(child, exact) for child in children(node))

    def run(value: Any) -> Any:
        first = left(value)
        if type(first) in UNKNOWNS:
            return doubtful(first, value)
        return right(value) if is_false(first) is decides else first

    def doubtful(first: Any, value: Any) -> Any:
        try:
            second = right(value)
        except FAILURES:  # never asked, if the left side decides
            return waiting(first)
        if type(second) in UNKNOWNS:
            return waiting(first, second)
        return decides if not exact and is_false(second) is not decides else waiting(first)

    return run


def _not(node: Node, _exact: bool) -> Evaluate:
    operand = _compile(node["children"][0], exact=False)

    def run(value: Any) -> Any:
        answer = operand(value)
        return waiting(answer) if type(answer) in UNKNOWNS else is_false(answer)

    return run


def _comparator(node: Node, _exact: bool) -> Evaluate:
    left, right = _operands(node)
    if node["value"] in ("eq", "ne"):
        return _equality(left, right, wanted=node["value"] == "eq")
    compare = TreeInterpreter.COMPARATOR_FUNC[node["value"]]

    def run(value: Any) -> Any:
        sides = left(value), right(value)
        if any(type(side) not in UNKNOWNS and not _is_ordered(side) for side in sides):
            return None
        return compare(*sides) if all(type(side) not in UNKNOWNS for side in sides) else waiting(*sides)

    return run


def _is_ordered(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _equality(left: Evaluate, right: Evaluate, wanted: bool) -> Evaluate:
    def run(value: Any) -> Any:
        first, second = left(value), right(value)
        if type(first) in SCALARS and type(second) in SCALARS:
            same = first == second and (type(first) is bool) is (type(second) is bool)  # 1 is not true
            return same is wanted
        answer = equal(first, second)
        return answer if type(answer) is Unknown else answer is wanted

    return run


def _flatten(node: Node, _exact: bool) -> Evaluate:
    (base,) = _operands(node)

    def run(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return waiting(items) if type(items) in UNKNOWNS else None
        unsure = [item for item in items if type(item) in UNKNOWNS]
        if unsure:  # it may be a list
            return waiting(*unsure)
        return [part for item in items for part in (item if isinstance(item, list) else (item,))]

    return run


def _projection(node: Node, _exact: bool) -> Evaluate:
    base, step = _operands(node)

    def run(value: Any) -> Any:
        items = base(value)
        if isinstance(items, list):
            return _project(items, step)
        return waiting(items) if type(items) in UNKNOWNS else None

    return run


def _value_projection(node: Node, _exact: bool) -> Evaluate:
    base, step = _operands(node)

    def run(value: Any) -> Any:
        items = base(value)
        if isinstance(items, Mapping):
            return _project(items.values(), step)
        return waiting(items) if type(items) in UNKNOWNS else None

    return run


def _project(items: Any, step: Evaluate) -> Any:
    """``step`` of every item, nulls left out; an unknown may be null, so it leaves the whole in doubt."""
    results = [result for item in items if (result := step(item)) is not None]
    unsure = [result for result in results if type(result) in UNKNOWNS]
    return waiting(*unsure) if unsure else results


def _filter(node: Node, _exact: bool) -> Evaluate:
    before, after, test = node["children"]
    base, step, condition = _compile(before, True), _compile(after, True), _compile(test, False)

    def run(value: Any) -> Any:
        items = base(value)
        if not isinstance(items, list):
            return waiting(items) if type(items) in UNKNOWNS else None
        answers = [(condition(item), item) for item in items]
        unsure = [answer for answer, _ in answers if type(answer) in UNKNOWNS]
        if unsure:
            return waiting(*unsure)
        return _project((item for answer, item in answers if not is_false(answer)), step)

    return run


def _reference(node: Node, _exact: bool) -> Evaluate:
    reference = ternary.ExpressionReference(_compile(node["children"][0], exact=True))
    return lambda _value: reference


def _function(node: Node, _exact: bool) -> Evaluate:
    name, arguments = node["value"], node["children"]
    _check_call(name, arguments, node.get("start", 0) + 1)
    if name in ternary.QUANTIFIERS:
        return _quantifier(name, arguments)
    call = ternary.FUNCTIONS[name]
    operands = _operands(node)
    return lambda value: call(*[operand(value) for operand in operands])


def _quantifier(name: str, arguments: list[Node]) -> Evaluate:
    condition = _compile(arguments[0]["children"][0], exact=False)
    items = _compile(arguments[1], exact=True)
    witness, quantify = ternary.QUANTIFIERS[name], ternary.quantify
    return lambda value: quantify(name, witness, condition, items(value))


def _check_call(name: str, arguments: list[Node], column: int) -> None:
    known = [*ternary.QUANTIFIERS, *ternary.FUNCTIONS]
    if name not in known:
        close = get_close_matches(name, known, 1)
        hint = f"; did you mean {close[0]}()?" if close else ""
        raise ExpressionError(f"there is no function {name}(){hint}", column)
    wanted, more = ternary.arity(name)
    if len(arguments) < wanted or (len(arguments) > wanted and not more):
        count = f"{'at least ' if more else ''}{wanted} argument{'' if wanted == 1 else 's'}"
        raise ExpressionError(f"{name}() takes {count}, not {len(arguments)}", column)
    if name in ternary.QUANTIFIERS and arguments[0]["type"] != "expref":
        raise ExpressionError(f"the first argument of {name}() is a condition: write {name}(&condition, list)", column)


_COMPILERS: Mapping[str, Callable[[Node, bool], Evaluate]] = {
    "and_expression": _and,
    "comparator": _comparator,
    "current": _identity,
    "expref": _reference,
    "field": _field,
    "filter_projection": _filter,
    "flatten": _flatten,
    "function_expression": _function,
    "identity": _identity,
    "index": _index,
    "index_expression": _chain,
    "literal": _literal,
    "multi_select_dict": _object,
    "multi_select_list": _list,
    "not_expression": _not,
    "or_expression": _or,
    "pipe": _chain,
    "projection": _projection,
    "slice": _slice,
    "subexpression": _chain,
    "value_projection": _value_projection,
}
