"""One judgement from what is found in each statement: a sentence is a finding, an Unknown a doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from iacscan.aws.policies.policy import Policy, Statement
from iacscan.core import Evidence, Judgement, PathStep, Unknown, merge_unknown

Found: TypeAlias = str | Unknown
"""A sentence that says what is wrong, or what it depends on whether something is."""


def judge(
    policy: Policy | Unknown, of_statement: Callable[[Statement], Iterable[Found]], nothing_found: str
) -> Judgement:
    """True with every sentence that ``of_statement`` finds in some statement of ``policy``.

    Unknown if it only finds doubts, or cannot look; False with ``nothing_found`` otherwise.
    """
    if isinstance(policy, Unknown):
        return Judgement(policy, (Evidence(f"The policy is not known: {policy}."),))
    if not policy.readable:
        return Judgement(Unknown("the document is not a policy"), (Evidence(policy.problems[0].message),))
    sentences: dict[str, tuple[PathStep, ...]] = {}
    doubts: list[Unknown] = []
    for statement in policy.statements:
        if isinstance(statement, Unknown):
            doubts.append(statement)
            continue
        for found in of_statement(statement):
            if isinstance(found, Unknown):
                doubts.append(found)
            else:
                sentences.setdefault(found, statement.place)
    if sentences:
        return Judgement(True, tuple(Evidence(text, inside=place) for text, place in sentences.items()))
    if doubts:
        doubt = merge_unknown(doubts)
        return Judgement(doubt, (Evidence(f"This depends on {doubt}."),))
    return Judgement(False, (Evidence(nothing_found),))
