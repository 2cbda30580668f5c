"""Whether a Deny closes what an Allow leaves open.

``Allow *`` beside ``Deny StringNotEquals aws:SourceVpce vpce-1`` lets in who comes through that endpoint and nobody
else: whoever escapes the Deny has a fixed source. S3 itself does not count that (see
:mod:`iacscan.aws.judgements.public`), but an explicit Deny always wins:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.policies.inversion import opposite
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.scope import covers_action_of, covers_resource_of
from iacscan.core import Ternary, Unknown

MOST_REFUSALS = 100
"""More Deny statements that might close an Allow are not looked through; AWS accepts no policy that long."""
MOST_PAIRS = 1_000
_TOO_MANY = Unknown("what the Deny statements leave of so long a policy is not worked out")
_UNSAID = Unknown("what escapes a Deny of the policy cannot be told")

Fixes: TypeAlias = Callable[[Condition, tuple[Condition, ...]], Ternary]
"""Whether a condition, beside its companions, fixes whoever fulfils it."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """The Deny statements of a policy past which only somebody fixed gets, each with whether that is certain.

    ``doubts`` are what may be further ones; ``variables``: see :attr:`Policy.has_variables`.
    """

    denies: tuple[tuple[Statement, Ternary], ...]
    doubts: tuple[Unknown, ...]
    variables: Ternary

    def close(self, allow: Statement, speaks: Callable[[Statement], Ternary]) -> Ternary:
        """Whether of all that ``allow`` grants nothing is left but to somebody fixed.

        ``speaks`` says whether a Deny speaks of all callers in question.
        """
        fitting = [(deny, conjunction([certain, speaks(deny)])) for deny, certain in self.denies]
        fitting = [(deny, certain) for deny, certain in fitting if certain is not False]
        return disjunction([self._covered(allow, fitting) if fitting else False, *self.doubts])

    def _covered(self, allow: Statement, denies: Sequence[tuple[Statement, Ternary]]) -> Ternary:
        """Whether ``denies`` together speak of all actions on all resources of ``allow``."""
        actions, resources = _or_any(allow.actions), _or_any(allow.resources)
        if len(actions) * len(resources) > MOST_PAIRS:
            return _TOO_MANY
        return conjunction(
            disjunction(
                conjunction([certain, covers_action_of(deny, action), covers_resource_of(deny, leaf, self.variables)])
                for deny, certain in denies
            )
            for action in actions
            for leaf in resources
        )


def _or_any(leaves: tuple[Leaf, ...] | None) -> tuple[Leaf, ...]:
    """``leaves``; anything, where what is granted is said by what is not."""
    return leaves or ("*",)


def refusals_of(policy: Policy | Unknown, fixes: Fixes) -> Refusals:
    """The refusals of ``policy``, where ``fixes`` says which conditions fix somebody."""
    statements = policy.statements if isinstance(policy, Policy) else ()
    variables = policy.has_variables if isinstance(policy, Policy) else False
    found: list[tuple[Statement, Ternary]] = []
    doubts = [statement for statement in statements if isinstance(statement, Unknown)]
    for deny in statements:
        if isinstance(deny, Unknown) or deny.effect == "Allow":
            continue
        effect: Ternary = deny.effect if isinstance(deny.effect, Unknown) else True
        certain = conjunction([effect, _leaves_somebody_fixed(deny.conditions, fixes)])
        if certain is not False:
            found.append((deny, certain))
    if len(found) > MOST_REFUSALS:
        doubts.append(_TOO_MANY)
    return Refusals(tuple(found[:MOST_REFUSALS]), tuple(doubts), variables)


def _leaves_somebody_fixed(conditions: Iterable[Condition], fixes: Fixes) -> Ternary:
    """Whether each way to escape a Deny under ``conditions``, which is to fail one of them, is fixed."""
    terms: list[Ternary] = []
    for condition in conditions:
        turned = opposite(condition)
        terms.append(_UNSAID if turned is None else disjunction(fixes(one, turned) for one in turned))
    return conjunction(terms)
