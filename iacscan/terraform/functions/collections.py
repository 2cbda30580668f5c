"""Functions of lists and of values in general; elements that are not known stay in place as in Terraform.

Follows https://developer.hashicorp.com/terraform/language/functions, section "Collection Functions";
maps and sets have modules of their own.
"""

from __future__ import annotations

import re
from itertools import chain, takewhile
from typing import Any

from iacscan.core import Encoded, Template, Unknown
from iacscan.terraform import types
from iacscan.terraform.equality import equal
from iacscan.terraform.functions.registry import (
    ANY,
    LIST,
    LOOSE,
    NUMBER,
    OPEN,
    STRINGS,
    Function,
    FunctionContext,
    Parameter,
    too_large,
    whole,
)
from iacscan.terraform.functions.strings import graphemes
from iacscan.terraform.kinds import ListValue, TupleValue, like
from iacscan.terraform.schema import schema_of
from iacscan.terraform.values import (
    NOT_KNOWN,
    EvaluationError,
    Number,
    SetValue,
    derived,
    is_known,
    number,
    sort_key,
    type_name,
)

_BOOLS = Parameter(types.Collection("list", types.BOOL))


def sequence(value: Any, message: str = "argument must be a list or tuple", *, sets: bool = False) -> list[Any]:
    """The elements of a list (where ``sets``, also of a set); raises ``EvaluationError`` with ``message`` otherwise."""
    if isinstance(value, list) or (sets and isinstance(value, SetValue)):
        return list(value)
    raise EvaluationError(f"{message}, not {type_name(value)}")


def _alltrue(values: list[Any]) -> Any:
    for value in values:
        if isinstance(value, Unknown):
            return derived(values)
        if not value:
            return False
    return True


def _anytrue(values: list[Any]) -> Any:
    if any(value is True for value in values):
        return True
    return False if is_known(values) else derived(values)


def _chunklist(values: list[Any], size: Number) -> list[list[Any]]:
    count = whole(size)
    if count < 0:
        raise EvaluationError("the size argument must be positive")
    if not values:
        return []
    starts = range(0, len(values), count) if count else (0,)
    return [ListValue(values[start : start + (count or len(values))]) for start in starts]


def _coalesce(*values: Any) -> Any:
    """The first value that is neither null nor empty text; one with holes counts when it surely has text."""
    empty: Any = ""
    try:
        values = tuple(types.unify(values))
    except EvaluationError:
        if any(isinstance(value, Unknown) for value in values):
            return derived(list(values))
        if None not in values:
            raise
        empty = None  # a null of no type leaves the common type open: empty text is then a value like others
    for position, value in enumerate(values):
        if isinstance(value, Unknown) or (isinstance(value, Template) and not any(map(_is_text, value.parts))):
            # The last one is the answer, or there is none.
            return value if position == len(values) - 1 else derived(list(values))
        if value is not None and value != empty:
            return value
    raise EvaluationError("no non-null, non-empty-string arguments")


def _is_text(part: Any) -> bool:
    return isinstance(part, str)


def _coalescelist(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one argument is required")
    known = list(takewhile(lambda value: not isinstance(value, NOT_KNOWN), values))
    for value in known:
        if value is not None:
            sequence(value, "coalescelist arguments must be lists or tuples")
    for value in known:
        if value:
            return value
    if len(known) < len(values):
        return derived(list(values))
    raise EvaluationError("no non-null arguments")


def _compact(values: list[Any]) -> Any:
    """Without null and empty text; text of which a part is known, and JSON, are neither."""
    if any(isinstance(value, NOT_KNOWN) and not _has_text(value) for value in values):
        return derived(values)
    return [value for value in values if isinstance(value, NOT_KNOWN) or value not in (None, "")]


def _has_text(value: Any) -> bool:
    return isinstance(value, Encoded) or (
        isinstance(value, Template) and any(isinstance(part, str) for part in value.parts)
    )


def _concat(*values: Any) -> Any:
    if not values:
        raise EvaluationError("at least one argument is required")
    known = [value for value in values if not isinstance(value, Unknown)]
    lists = [sequence(value, "all arguments must be lists or tuples") for value in known]
    if len(lists) < len(values):
        return derived(list(values))
    kinds = set(map(type, values))
    kind = TupleValue if TupleValue in kinds else ListValue if kinds == {ListValue} else list
    return kind(chain.from_iterable(lists))


def _contains(values: Any, wanted: Any) -> Any:
    if isinstance(values, NOT_KNOWN):
        return derived(values, wanted)
    answers = [equal(item, wanted) for item in sequence(values, "argument must be list, tuple, or set", sets=True)]
    if any(answer is True for answer in answers):
        return True
    doubts = [answer for answer in answers if isinstance(answer, Unknown)]
    return derived(*doubts, values, wanted) if doubts else False


def _distinct(values: list[Any]) -> Any:
    if not is_known(values):
        return derived(values)
    first: dict[Any, Any] = {}
    for item in values:
        first.setdefault(sort_key(item), item)
    return list(first.values())


def _element(values: Any, index: Number) -> Any:
    """The element at ``index``, counted round and round; from the end below zero, as of a Terraform list."""
    items = sequence(values, "cannot read elements", sets=False)
    position = whole(index, "invalid index")
    if not items:
        raise EvaluationError("cannot use element function with an empty list")
    return items[position % len(items)]


def _flatten(context: FunctionContext, values: Any) -> Any:
    result: list[Any] = []
    pending = [iter(sequence(values, "can only flatten lists, sets and tuples", sets=True))]
    seen = 0
    while pending:
        for item in pending[-1]:
            seen += 1
            if seen > 4 * context.limits.items:
                raise too_large("the list")
            if isinstance(item, list | SetValue):
                pending.append(iter(item))
                break
            if isinstance(item, Unknown) and not _surely_one(item):
                return derived(values)
            result.append(item)
        else:
            pending.pop()
    return result


_KEY = r'(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?'
_RESOURCE = re.compile(rf"(?:module\.[\w-]+{_KEY}\.)*(?!var\.|module\.)(data\.)?([\w-]+)\.[\w-]+{_KEY}")


def _surely_one(item: Unknown) -> bool:
    """Whether ``item`` is an attribute of a resource that is no list itself."""
    reference = item.reference
    found = _RESOURCE.fullmatch(reference.address) if reference and len(reference.path) == 1 else None
    if reference is None or found is None:
        return False
    name, schema = str(reference.path[0]), schema_of(found[2], "data" if found[1] else "managed")
    if schema is None:
        return not name.endswith("s")  # providers name what is a list in the plural
    attribute = schema.attributes.get(name)
    kind = attribute.type if attribute else types.ANY
    return kind != types.ANY and (kind.kind == "map" if isinstance(kind, types.Collection) else True)


def _index(values: Any, wanted: Any) -> Any:
    for position, item in enumerate(sequence(values)):
        answer = equal(item, wanted)
        if isinstance(answer, Unknown):
            return derived(answer, values, wanted)
        if answer:
            return position
    raise EvaluationError("item not found")


def _length(value: Any) -> Any:
    if isinstance(value, SetValue) and len(value) > 1 and not is_known(value):
        return derived(value)
    if isinstance(value, str):
        return len(graphemes(value))
    if isinstance(value, list | dict | SetValue):
        return len(value)
    raise EvaluationError("argument must be a string, a collection type, or a structural type")


def _matchkeys(values: list[Any], keys: list[Any], wanted: list[Any]) -> Any:
    if len(values) != len(keys):
        raise EvaluationError("length of keys and values should be equal")
    unified = types.unify([*keys, *wanted])
    keys, wanted = unified[: len(keys)], unified[len(keys) :]
    if not wanted:
        return []
    if not is_known(values) or not is_known(keys) or not is_known(wanted):
        return derived(values, keys, wanted)
    members = {sort_key(item) for item in wanted}
    return [value for value, key in zip(values, keys, strict=True) if sort_key(key) in members]


def _one(values: Any) -> Any:
    message = "must be a list, set, or tuple value with either zero or one elements"
    items = sequence(values, message, sets=True)
    if isinstance(values, SetValue) and len(items) > 1 and not is_known(values):
        return derived(values)
    if len(items) > 1:
        raise EvaluationError(message)
    return items[0] if items else None


_RANGE_LIMIT = 1024


def _range(*bounds: Number) -> list[Number]:
    """Numbers from start (0) up to or down to the end, at most 1024 of them as in Terraform."""
    start, end = (bounds[0], bounds[1]) if len(bounds) > 1 else (0, bounds[0])
    step = bounds[2] if len(bounds) > 2 else -1 if start > end else 1
    if start == end:
        return []
    if step == 0:
        raise EvaluationError("step must not be zero")
    if (step > 0) == (start > end):
        raise EvaluationError("start, end and step point in different directions")
    result: list[Number] = []
    value = start
    while value < end if step > 0 else value > end:
        if len(result) >= _RANGE_LIMIT:
            raise EvaluationError(
                f"more than {_RANGE_LIMIT} values were generated; either decrease the difference or step"
            )
        result.append(value)
        value = number(value + step)
    return result


def _reverse(values: Any) -> list[Any]:
    items = sequence(values, "can only reverse list or tuple values", sets=True)[::-1]
    return ListValue(items) if isinstance(values, SetValue) else like(values, items)


def _slice(values: Any, start: Number, end: Number) -> list[Any]:
    items, first, last = sequence(values, "must be a list or tuple value"), whole(start), whole(end)
    if not 0 <= first <= last <= len(items):
        raise EvaluationError("start and end index must lie in order within the list")
    return like(values, items[first:last])


def _sort(values: list[Any]) -> Any:
    if not is_known(values):
        return [derived(values) for _ in values]
    if None in values:
        raise EvaluationError("given list element is null; a null string cannot be sorted")
    return sorted(values, key=sort_key)


FUNCTIONS = (
    Function("alltrue", _alltrue, (_BOOLS,)),
    Function("anytrue", _anytrue, (_BOOLS,)),
    Function("chunklist", _chunklist, (LIST, NUMBER), result=ListValue),
    Function("coalesce", _coalesce, (), rest=LOOSE),
    Function("coalescelist", _coalescelist, (), rest=LOOSE),
    Function("compact", _compact, (STRINGS,), result=ListValue),
    Function("concat", _concat, (), rest=OPEN),
    Function("contains", _contains, (OPEN, OPEN)),
    Function("distinct", _distinct, (LIST,), result=ListValue),
    Function("element", _element, (ANY, NUMBER)),
    Function("flatten", _flatten, (ANY,), contextual=True, result=TupleValue),
    Function("index", _index, (ANY, OPEN)),
    Function("length", _length, (ANY,)),
    Function("matchkeys", _matchkeys, (LIST, LIST, LIST), result=ListValue),
    Function("one", _one, (ANY,)),
    Function("range", _range, (NUMBER,), rest=NUMBER, most=3, result=ListValue),
    Function("reverse", _reverse, (ANY,)),
    Function("slice", _slice, (ANY, NUMBER, NUMBER)),
    Function("sort", _sort, (STRINGS,), result=ListValue),
)
