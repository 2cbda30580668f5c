"""Settings applied to rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from iacscan.config.settings import Override, Settings
from iacscan.core import Diagnostic, Level
from iacscan.rules import Rule
from iacscan.rules.names import suggest

TRUSTED, SCOPE = "trusted", "scope"
"""Parameters that ``trusted_accounts`` and ``scope`` set in every rule that has them."""


def configured(rules: Sequence[Rule], settings: Settings) -> tuple[tuple[Rule, ...], tuple[Diagnostic, ...]]:
    """``rules`` as ``settings`` want them, and what is wrong with what they say of rules."""
    known = [rule.id for rule in rules]
    problems: list[Diagnostic] = []
    for pattern, place in settings.patterns:
        if not any(fnmatchcase(name, pattern) for name in known):
            problems.append(Diagnostic(Level.ERROR, f"no rule is called '{pattern}'{suggest(pattern, known)}", place))
    for name, override in settings.rules.items():
        if name not in known:
            message = f"no rule is called '{name}'{suggest(name, known)}"
            problems.append(Diagnostic(Level.ERROR, message, override.location))
    changed = tuple(_changed(rule, settings, problems) for rule in rules)
    return changed, tuple(problems)


def _changed(rule: Rule, settings: Settings, problems: list[Diagnostic]) -> Rule:
    params = dict(rule.params)
    if TRUSTED in params and settings.trusted_accounts:
        params[TRUSTED] = list(settings.trusted_accounts)
    if SCOPE in params and settings.scope:
        params[SCOPE] = settings.scope
    override = settings.rules.get(rule.id, Override())
    for name, value in override.params.items():
        wrong, given = _parameter(rule, name, value)
        if wrong:
            problems.append(Diagnostic(Level.ERROR, wrong, override.location))
        else:
            params[name] = given
    return replace(
        rule,
        params=params,
        severity=override.severity or rule.severity,
        default=rule.default if override.enabled is None else override.enabled,
    )


def _parameter(rule: Rule, name: str, value: Any) -> tuple[str, Any]:
    """What is wrong with a value for a parameter, and the value in the type of the rule's own."""
    if name not in rule.params:
        has = ", ".join(sorted(rule.params)) or "none"
        return f"rule '{rule.id}' has no parameter '{name}'{suggest(name, rule.params) or f'; it has {has}'}", None
    usual = rule.params[name]
    if isinstance(usual, list) and not isinstance(value, list):
        return f"parameter '{name}' of '{rule.id}' must be a list", None
    if isinstance(usual, bool) != isinstance(value, bool) and usual is not None:
        return (
            f"parameter '{name}' of '{rule.id}' must {'' if isinstance(usual, bool) else 'not '}be true or false",
            None,
        )
    if isinstance(usual, list) and not any(isinstance(item, int) for item in usual):
        return "", [str(item) if _is_number(item) else item for item in value]
    if isinstance(usual, Mapping) and not isinstance(value, Mapping):
        return f"parameter '{name}' of '{rule.id}' must be a mapping", None
    return "", str(value) if isinstance(usual, str) and _is_number(value) else value


def _is_number(value: Any) -> bool:
    """Account ids without quotes are numbers to YAML, text to everybody else."""
    return isinstance(value, int) and not isinstance(value, bool)
