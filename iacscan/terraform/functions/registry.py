"""What a Terraform function is to the evaluator: its parameters, how a call is checked, what bounds it.

A group module (``strings``, ``numbers`` …) ends in a table of :class:`Function`; the package joins
the tables. Calls follow Terraform's order: the argument count, then conversion and null checks, then
unknown arguments, and only then the function itself.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iacscan.terraform import types
from iacscan.terraform.kinds import like
from iacscan.terraform.values import NOT_KNOWN, EvaluationError, SetValue, derived, is_known


def _no_template(_text: str, _variables: Mapping[str, Any]) -> Any:
    raise EvaluationError("templates cannot be rendered here")


def _read_bytes(path: Path) -> bytes:
    return path.read_bytes()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call may produce or read before evaluation gives up; for regular expressions, all calls together."""

    text: int = 4_000_000
    items: int = 50_000
    file: int = 1 << 20
    regex_seconds: float = 2.0


@dataclass(slots=True)
class Clock:
    """The seconds that regular expressions have taken so far, all calls together."""

    spent: float = 0.0


@dataclass(frozen=True, slots=True)
class FunctionContext:
    """What functions may know of their surroundings.

    Relative paths are read from ``base_directory`` (Terraform's working directory) and nothing outside
    ``root_directory`` is read. ``render_template(text, variables)`` is the evaluator's own.
    """

    base_directory: Path
    root_directory: Path
    read_file: Callable[[Path], bytes] = _read_bytes
    render_template: Callable[[str, Mapping[str, Any]], Any] = _no_template
    limits: Limits = field(default_factory=Limits)
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: the type to convert to, and whether the function itself copes with null or unknown."""

    type: types.Type
    null: bool = False
    unknown: bool = False

    def accept(self, value: Any, position: int) -> Any:
        """``value`` converted; raises ``EvaluationError`` for null or where there is no conversion."""
        if value is None and not self.null:
            raise EvaluationError(f"Invalid value for argument {position}: argument must not be null.")
        try:
            converted = types.convert(value, self.type)
        except EvaluationError as error:
            raise EvaluationError(f"Invalid value for argument {position}: {error}.") from None
        return derived(value) if isinstance(converted, list) and _may_shrink(value) else converted


def _may_shrink(value: Any) -> bool:
    """Whether ``value`` is a set whose unknown elements may turn out to be equal to others."""
    return isinstance(value, SetValue) and len(value) > 1 and not is_known(value)


STRING = Parameter(types.STRING)
NUMBER = Parameter(types.NUMBER)
ANY = Parameter(types.ANY)
STRINGS = Parameter(types.Collection("list", types.STRING))
LIST = Parameter(types.Collection("list", types.ANY))
HOLED = Parameter(types.STRING, unknown=True)
OPEN = Parameter(types.ANY, unknown=True)
LOOSE = Parameter(types.ANY, null=True, unknown=True)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: ``parameters`` come first, then any number of ``rest``, at most ``most`` in all.

    ``result`` is the kind of the list or object that it gives, where that is always the same.
    """

    name: str
    implementation: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()
    rest: Parameter | None = None
    most: int | None = None
    contextual: bool = False
    result: type | None = None

    def call(self, args: Sequence[Any], context: FunctionContext) -> Any:
        """The result for ``args``; raises ``EvaluationError`` as Terraform would."""
        self._check_count(len(args))
        parameters = [self._parameter(position) for position in range(len(args))]
        accepted = [each.accept(arg, i + 1) for i, (each, arg) in enumerate(zip(parameters, args, strict=True))]
        blocked = (
            isinstance(arg, NOT_KNOWN) and not each.unknown for each, arg in zip(parameters, accepted, strict=True)
        )
        if any(blocked):
            return derived(*accepted)
        given = (context, *accepted) if self.contextual else accepted
        value = bounded(self.implementation(*given), context.limits)
        return value if self.result is None or isinstance(value, NOT_KNOWN) else self.result(value)

    def _parameter(self, position: int) -> Parameter:
        if position < len(self.parameters):
            return self.parameters[position]
        assert self.rest is not None
        return self.rest

    def _check_count(self, count: int) -> None:
        least = len(self.parameters)
        most = least if self.rest is None else self.most
        if count < least:
            raise EvaluationError(f'Function "{self.name}" expects at least {least} argument(s), not {count}.')
        if most is not None and count > most:
            raise EvaluationError(f'Function "{self.name}" expects only {most} argument(s), not {count}.')


def too_large(what: str) -> EvaluationError:
    """The error for a result that Terraform might compute, and that we refuse to."""
    return EvaluationError(f"{what} is too large to evaluate")


def normal(text: str) -> str:
    """``text`` in Unicode normal form C, as all Terraform strings are."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def bounded(value: Any, limits: Limits) -> Any:
    """``value`` with its text in normal form; raises when it is too large."""
    match value:
        case str():
            if len(value) > limits.text:
                raise too_large("the resulting text")
            return normal(value)
        case list():
            _check_items(value, limits)
            return like(value, [bounded(item, limits) if isinstance(item, str) else item for item in value])
        case dict() | SetValue():
            _check_items(value, limits)
    return value


def _check_items(value: list[Any] | dict[str, Any] | SetValue, limits: Limits) -> None:
    if len(value) > limits.items:
        raise too_large("the resulting collection")


def check_text(values: Any, limits: Limits) -> None:
    """Raises ``EvaluationError`` where what is inside of ``values`` makes more text than a result may have."""
    stack, size = [values], 0
    while stack:
        item = stack.pop()
        size += len(item) if isinstance(item, str) else 1
        if size > limits.text:
            raise too_large("the resulting text")
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list | SetValue):
            stack += item


def whole(value: Any, what: str = "a whole number is required") -> int:
    """``value``, a Terraform number, as an ``int``; raises for a fraction or beyond 64 bits."""
    if not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise EvaluationError(what)
    return value
