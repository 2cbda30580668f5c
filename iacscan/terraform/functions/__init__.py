"""The deterministic functions of the Terraform language (1.11), by name.

:func:`call` takes evaluated arguments and gives the value that Terraform would, or raises
``EvaluationError`` with its reason. ``try`` and ``can`` are not here: they see errors, so the
evaluator handles them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from iacscan.terraform.functions import (
    cidr,
    collections,
    conversion,
    crypto,
    dates,
    encoding,
    files,
    format,
    json_text,
    maps,
    numbers,
    provider,
    regexes,
    sets,
    strings,
    yaml_text,
)
from iacscan.terraform.functions.registry import Function, FunctionContext, Limits
from iacscan.terraform.values import EvaluationError

__all__ = ["FUNCTIONS", "Function", "FunctionContext", "Limits", "call"]

_GROUPS = (
    cidr,
    collections,
    conversion,
    crypto,
    dates,
    encoding,
    files,
    format,
    json_text,
    maps,
    numbers,
    provider,
    regexes,
    sets,
    strings,
    yaml_text,
)

FUNCTIONS: Mapping[str, Function] = {
    function.name: function for function in chain.from_iterable(group.FUNCTIONS for group in _GROUPS)
}
"""Every function by its name; those of the AWS provider as ``provider::aws::…``."""


def call(name: str, args: Sequence[Any], context: FunctionContext) -> Any:
    """The value of ``name(args…)``; ``core::name`` is ``name``. Raises ``EvaluationError`` as Terraform does."""
    function = FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        raise EvaluationError(f'There is no function named "{name}".')
    try:
        return function.call(args, context)
    except RecursionError:
        raise EvaluationError(f"a value given to {name}() is nested too deeply to evaluate") from None
    except UnicodeError:
        raise EvaluationError(f"a text given to {name}() holds half a surrogate pair") from None
