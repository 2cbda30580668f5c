"""What must hold for every input: hiding a value never flips a verdict, and order changes nothing."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from iacscan import inputs, model, rules
from iacscan.core import Reference, Unknown, Verdict
from iacscan.engine import evaluate
from iacscan.inputs.configuration import Configuration, Resource

PLANS = Path(__file__).parent.parent / "fixtures" / "plans"
RULES, _ = rules.load([rules.builtin_directory()], model.FIELDS)
KINDS = tuple(dict.fromkeys(rule.subject for rule in RULES))
MASK = Unknown("hidden by the test", (Reference("test.mask", ("value",)),))
SAMPLE = settings().max_examples // 2
"""Masked values tried per plan; which ones is fixed by the plan's name."""

Verdicts = dict[tuple[str, str], Verdict]


def read(name: str) -> Configuration:
    found, problems = inputs.load(
        [str(path) for path in (PLANS / name).glob("*.json") if path.stem in ("plan", "state")]
    )
    assert not problems
    return found[0]


def judge(configuration: Configuration) -> Verdicts:
    findings, problems = evaluate(RULES, model.build(configuration, KINDS).subjects, configuration)
    assert not problems
    return {(item.rule.id, item.address): item.verdict for item in findings}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside ``value``, containers and leaves, except the root."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def masked(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return MASK
    step, *rest = path
    if isinstance(value, dict):
        return {key: masked(item, tuple(rest)) if key == step else item for key, item in value.items()}
    return [masked(item, tuple(rest)) if index == step else item for index, item in enumerate(value)]


def names() -> list[str]:
    """The plans and states, without the one that is large and made of random changes."""
    found = (path.parent.name for path in PLANS.glob("*/*.json") if path.stem in ("plan", "state"))
    return sorted(set(found) - {"many-changes"})


@pytest.mark.parametrize("name", names())
def test_hiding_one_value_never_flips_a_verdict(name: str) -> None:
    configuration = read(name)
    before = judge(configuration)
    candidates = [
        (index, path)
        for index, resource in enumerate(configuration.resources)
        if resource.type.startswith(("aws_s3", "aws_iam_policy_document"))
        for path in places(dict(resource.values))
    ]
    for index, path in random.Random(name).sample(candidates, min(SAMPLE, len(candidates))):
        resource = configuration.resources[index]
        hidden = replace(resource, values=masked(dict(resource.values), path))
        after = judge(with_resource(configuration, index, hidden))
        for key, verdict in before.items():
            if key in after and after[key] is not verdict:
                assert after[key] is Verdict.UNKNOWN, f"{resource.address} {path}: {key} was {verdict}, is {after[key]}"


def with_resource(configuration: Configuration, index: int, resource: Resource) -> Configuration:
    resources = configuration.resources
    return replace(configuration, resources=(*resources[:index], resource, *resources[index + 1 :]))


@pytest.mark.parametrize("name", names())
def test_the_order_of_resources_changes_nothing(name: str) -> None:
    configuration = read(name)
    shuffled = list(configuration.resources)
    random.Random(name).shuffle(shuffled)
    assert judge(replace(configuration, resources=tuple(shuffled))) == judge(configuration)
