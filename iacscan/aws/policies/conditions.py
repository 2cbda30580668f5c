"""Whether the Condition element of a statement holds for a request.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html and
…/reference_policies_multi-value_conditions.html: operators and keys are ANDed, values ORed (none may
match where the operator is negated), and a missing key decides by the operator's form.
"""

from __future__ import annotations

from collections.abc import Mapping

from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.comparisons import meets
from iacscan.aws.policies.context import Values
from iacscan.aws.policies.operators import Operator, operator_of
from iacscan.aws.policies.patterns import Leaf, compile_pattern, matches
from iacscan.aws.policies.policy import Condition
from iacscan.core import Ternary, Unknown, merge_unknown, unknowns


def holds(condition: Condition, context: Mapping[str, Values], variables: Ternary) -> Ternary:
    """Whether ``condition`` holds for a request with ``context`` (keys in lower case).

    ``variables``: whether the document has policy variables (:attr:`Policy.has_variables`).
    """
    if not isinstance(condition.operator, str):
        return _doubt(condition.operator)
    operator = operator_of(condition.operator)
    if operator is None:
        return Unknown(f'"{condition.operator}" is no condition operator, so AWS refuses the policy')
    if not isinstance(condition.key, str):
        return _doubt(condition.key)
    if not condition.values:
        return Unknown(f"the condition on {condition.key} has no values, which AWS does not document")
    values = context.get(condition.key.lower())
    if operator.family == "null":
        return _is_missing(condition.values, values)
    if values is None:
        return _without_key(operator)
    if isinstance(values, Unknown):
        return values
    return _with_key(operator, condition.values, values, context, variables)


def _is_missing(wanted: tuple[Leaf, ...], values: Values | None) -> Ternary:
    if isinstance(values, Unknown):
        return values
    word = "true" if values is None else "false"
    found = disjunction(matches(compile_pattern(leaf, fold=True, wild=False), word) for leaf in wanted)
    if found is False and any(isinstance(leaf, str) and leaf.lower() not in ("true", "false") for leaf in wanted):
        return Unknown("Null takes only true and false, so AWS refuses the policy")
    return found


def _without_key(operator: Operator) -> Ternary:
    if operator.if_exists and operator.quantifier == "ForAnyValue":
        return Unknown("AWS does not document whether ForAnyValue or IfExists decides about a missing key")
    if operator.if_exists or operator.quantifier == "ForAllValues":
        return True
    return operator.negated and operator.quantifier != "ForAnyValue"


def _with_key(
    operator: Operator,
    wanted: tuple[Leaf, ...],
    values: tuple[str | Unknown, ...],
    context: Mapping[str, Values],
    variables: Ternary,
) -> Ternary:
    """The key is there: each of its values is tested, and the quantifier says how many must pass."""

    def passes(value: str | Unknown) -> Ternary:
        if isinstance(value, Unknown):
            return value
        met = disjunction(meets(operator, leaf, value, context, variables) for leaf in wanted)
        return negation(met) if operator.negated else met

    if operator.quantifier == "ForAllValues":  # an empty text counts as no value here
        values = tuple(value for value in values if value != "")
    tested = [passes(value) for value in values]
    every, some = conjunction(tested), disjunction(tested)
    if operator.quantifier is not None:
        return every if operator.quantifier == "ForAllValues" else some
    if every is some or every == some:
        return every
    return Unknown("AWS does not document a key of several values without ForAllValues or ForAnyValue")


def _doubt(leaf: Leaf) -> Unknown:
    return merge_unknown(unknowns(leaf))
