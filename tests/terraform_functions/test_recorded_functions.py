"""Our functions against what real Terraform answered (scripts/record_terraform_functions.py)."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from iacscan.core import Encoded, Reference, Template, Unknown
from iacscan.terraform.functions import FUNCTIONS, FunctionContext, call
from iacscan.terraform.functions.json_text import encode
from iacscan.terraform.kinds import ListValue, MapValue, ObjectValue, TupleValue
from iacscan.terraform.values import EvaluationError, SetValue, is_known, number, number_text, to_string

FIXTURES = Path(__file__).parents[2] / "fixtures" / "functions"
GROUPS = sorted(path.stem for path in FIXTURES.glob("*.json"))
NEVER_KNOWN = {"base64gzip", "bcrypt", "issensitive", "plantimestamp", "rsadecrypt", "timestamp", "uuid"}


def render(text: str, variables: Mapping[str, Any]) -> str | Unknown:
    """The least template language that the fixtures need: plain interpolation."""
    if not is_known(dict(variables)):
        return Unknown("a variable of the template is not known")

    def fill(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:]
        value = to_string(variables.get(match[1]))
        if value is None:
            raise EvaluationError("no such variable, or null")
        return str(value)

    if not all(re.fullmatch(r"[^\W\d][\w-]*", name) for name in variables):
        raise EvaluationError("invalid variable name")
    return re.sub(r"\$?\$\{(\w+)\}", fill, text)


CONTEXT = FunctionContext(FIXTURES / "files", FIXTURES / "files", render_template=render)


def cases(group: str) -> list[dict[str, Any]]:
    return list(json.loads((FIXTURES / f"{group}.json").read_text()))


def decoded(value: Any) -> Any:
    """The value that the fixtures' notation stands for."""
    match value:
        case {"$number": text}:
            return number(Decimal(text))
        case {"$set": items}:
            return SetValue.of(map(decoded, items))
        case {"$list": items}:
            return ListValue(decoded(items))
        case {"$map": items}:
            return MapValue(decoded(items))
        case {"$unknown": kind}:
            return Unknown(
                "unknown in the plan", (Reference("terraform_data.unknown", ("id",)),), exact=kind == "string"
            )
        case dict():
            return ObjectValue((key, decoded(item)) for key, item in value.items())
        case list():
            return TupleValue(decoded(item) for item in value)
        case str():
            return unicodedata.normalize("NFC", value)
        case _:
            return value


def described(value: Any) -> Any:
    """``value`` in the notation of recorded results."""
    match value:
        case Decimal():
            return {"$number": number_text(value)}
        case SetValue():
            items = [described(item) for item in value]
            return {"$set": sorted_set(items)} if items else []
        case list():
            return [described(item) for item in value]
        case dict():
            return {key: described(item) for key, item in value.items()}
        case Unknown() | Template() | Encoded():
            return {"$unknown": "any"}
        case _:
            return value


def sorted_set(items: list[Any]) -> list[Any]:
    """Sets of primitives have an order in Terraform; that of the others is not for us to match."""
    return sorted(items, key=json.dumps) if any(isinstance(item, list | dict) for item in items) else items


def recorded(case: dict[str, Any]) -> dict[str, Any]:
    """What Terraform said to ``case``."""
    match case.get("result"):
        case {"$set": items}:
            return {"result": {"$set": sorted_set(items)}}
    return {key: case[key] for key in ("result", "error") if key in case}


def without_sets(value: Any) -> Any:
    """``value`` as a plan shows it, where a set is a list."""
    match value:
        case {"$set": items}:
            return without_sets(items)
        case dict():
            return {key: without_sets(item) for key, item in value.items()}
        case list():
            return [without_sets(item) for item in value]
        case _:
            return value


def same(function: str, given: dict[str, Any], expected: dict[str, Any]) -> bool:
    """Equality; but the last digit of a large or fractional power depends on the processor of the recorder."""
    if function == "pow" and "result" in given and "result" in expected:
        return math.isclose(decoded(given["result"]), decoded(expected["result"]), rel_tol=1e-14)
    return given == expected


def answer(case: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"result": described(call(case["function"], [decoded(arg) for arg in case["args"]], CONTEXT))}
    except EvaluationError:
        return {"error": True}


@pytest.mark.parametrize("group", GROUPS)
def test_answers_are_terraforms(group: str) -> None:
    wrong = []
    for case in cases(group):
        given, expected = answer(case), recorded(case)
        if group == "unknown":
            given = without_sets(given)
        if not same(case["function"], given, expected):
            wrong.append((case["function"], case["args"], given, expected))
    assert wrong == []


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "unknown"])
def test_an_unknown_argument_never_contradicts(group: str) -> None:
    """With one argument unknown the answer still leaves room for what Terraform says when it is known."""
    for case in cases(group):
        if "error" in case:
            continue
        args, expected = [decoded(arg) for arg in case["args"]], decoded(case["result"])
        for position in range(len(args)):
            masked = [*args[:position], Unknown("masked"), *args[position + 1 :]]
            assert admits(call(case["function"], masked, CONTEXT), expected), (case, position)


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "unknown"])
def test_an_unknown_element_never_contradicts(group: str) -> None:
    """The same with the last element or attribute inside an argument unknown."""
    for case in cases(group):
        if "error" in case:
            continue
        args, expected = [decoded(arg) for arg in case["args"]], decoded(case["result"])
        for position, arg in enumerate(args):
            if not isinstance(arg, list | dict) or not arg:
                continue
            inside = (
                [*arg[:-1], Unknown("masked")] if isinstance(arg, list) else {**arg, list(arg)[-1]: Unknown("masked")}
            )
            given = call(case["function"], [*args[:position], inside, *args[position + 1 :]], CONTEXT)
            assert admits(given, expected), (case, position)


@pytest.mark.parametrize("group", [group for group in GROUPS if group != "unknown"])
def test_a_hole_in_text_never_contradicts(group: str) -> None:
    """The same with text of which only the first and the last character are known."""
    for case in cases(group):
        args = [decoded(arg) for arg in case["args"]]
        for position, arg in enumerate(args):
            if "error" not in case and isinstance(arg, str) and len(arg) > 2:
                holed = Template((arg[0], Unknown("masked"), arg[-1]))
                given = call(case["function"], [*args[:position], holed, *args[position + 1 :]], CONTEXT)
                assert admits(given, decoded(case["result"])), (case, position)


def admits(value: Any, actual: Any) -> bool:
    """Whether ``value`` may turn out to be ``actual``."""
    match value:
        case Unknown():
            return True
        case Template():
            pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in value.parts)
            return isinstance(actual, str) and re.fullmatch(pattern, actual, re.DOTALL) is not None
        case Encoded():
            return isinstance(actual, str) and admits(value.value, call("jsondecode", [actual], CONTEXT))
        case list() if isinstance(actual, list) and len(value) == len(actual):
            return all(map(admits, value, actual))
        case dict() if isinstance(actual, dict) and value.keys() == actual.keys():
            return all(admits(value[key], actual[key]) for key in value)
        case _ if is_known(value):
            return value == actual or to_text(value) == to_text(actual)
        case _:
            return True


def to_text(value: Any) -> str:
    """Unification may turn a number beside unknown text into text, or leave it."""
    return encode(value).replace('"', "")


def test_every_function_is_recorded() -> None:
    counts = Counter(case["function"] for group in GROUPS for case in cases(group))
    few = {name for name in FUNCTIONS if counts[name] < 15 and not name.startswith("provider::")}
    assert few == NEVER_KNOWN
    assert counts.total() >= 2500
