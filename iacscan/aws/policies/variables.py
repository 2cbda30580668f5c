"""Policy variables: ``${aws:username}`` filled with what a request says.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html: a variable
whose key is missing has no value, so that nothing matches it, unless it has a default; ``${*}``,
``${?}`` and ``${$}`` are the characters themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from iacscan.aws.policies.context import Values
from iacscan.aws.policies.patterns import Leaf, Pattern, Token, Wild, compile_pattern, pattern_of
from iacscan.core import Ternary, Unknown, merge_unknown

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'(.*)'\s*", re.DOTALL)
_ESCAPES = ("*", "?", "$")


def fill(
    leaf: Leaf, context: Mapping[str, Values], variables: Ternary, *, fold: bool = False, wild: bool = True
) -> Pattern | None:
    """The pattern that ``leaf`` is for a request with ``context``; None: nothing can match it."""
    if not isinstance(leaf, str):
        return compile_pattern(leaf, fold=fold, wild=wild, variables=variables is not False)
    if "${" not in leaf or variables is False:
        return compile_pattern(leaf, fold=fold, wild=wild)
    if isinstance(variables, Unknown):
        return compile_pattern(variables)
    tokens: list[Token] = []
    doubts: list[Unknown] = []
    position = 0
    for found in _VARIABLE.finditer(leaf):
        tokens.extend(compile_pattern(leaf[position : found.start()], fold=fold, wild=wild).tokens)
        value = found[1] if found[1] in _ESCAPES else _value(found[1], context)
        if value is None:
            return None
        if isinstance(value, Unknown):
            doubts.append(value)
            tokens.append(Wild.HOLE)
        else:
            tokens.extend(value.lower() if fold else value)
        position = found.end()
    tokens.extend(compile_pattern(leaf[position:], fold=fold, wild=wild).tokens)
    return pattern_of(tokens, merge_unknown(doubts) if doubts else None)


def _value(name: str, context: Mapping[str, Values]) -> str | Unknown | None:
    """What the variable called ``name`` holds; None: nothing."""
    with_default = _DEFAULT.fullmatch(name)
    key, default = (with_default[1], with_default[2]) if with_default else (name.strip(), None)
    values = context.get(key.lower())
    if values is None:
        return default
    if isinstance(values, Unknown):
        return values
    if len(values) > 1:
        return Unknown(f"AWS does not document a variable of several values ({key})")
    return values[0]
