"""Hiding a value that somebody wrote may leave a verdict open; it never turns fail into pass or pass into fail."""

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

EXAMPLES = Path(__file__).parents[2] / "fixtures" / "rules"
RULES, _ = rules.load([rules.builtin_directory()], model.FIELDS)
HIDDEN = Unknown("hidden by the test", (Reference("terraform_data.hidden", ("output",)),), exact=True)
SAMPLE = settings().max_examples // 16
"""Values hidden in each plan; which ones is fixed by its name."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from places(item, (*path, step))


def hide(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return HIDDEN
    step, *rest = path
    if isinstance(value, dict):
        return {key: hide(item, tuple(rest)) if key == step else item for key, item in value.items()}
    return [hide(item, tuple(rest)) if index == step else item for index, item in enumerate(value)]


def names_a_bucket(resource: Resource, path: tuple[Any, ...]) -> bool:
    """Whether the value is a bucket's own name, by which literal texts elsewhere mean it."""
    return resource.type == "aws_s3_bucket" and path == ("bucket",)


def judge(configuration: Configuration, rule: rules.Rule) -> dict[str, Verdict]:
    subjects = model.build(configuration, (rule.subject,)).subjects
    findings, problems = evaluate((rule,), subjects, configuration)
    assert not problems
    return {item.address: item.verdict for item in findings}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_hiding_a_value_never_turns_a_verdict(rule: rules.Rule) -> None:
    for plan in sorted((EXAMPLES / rule.id).glob("*.plan.json")):
        (configuration,), _ = inputs.load([str(plan)])
        before = judge(configuration, rule)
        candidates = [
            (index, path)
            for index, resource in enumerate(configuration.resources)
            for path in places(dict(resource.values))
            if resource.type.startswith("aws_") and resource.writes(path[0]) and not names_a_bucket(resource, path)
        ]
        chosen = random.Random(plan.name).sample(candidates, min(SAMPLE, len(candidates)))
        for index, path in chosen:
            resource = configuration.resources[index]
            hidden = replace(resource, values=hide(dict(resource.values), path))
            every = (*configuration.resources[:index], hidden, *configuration.resources[index + 1 :])
            after = judge(replace(configuration, resources=every), rule)
            for address, verdict in before.items():
                turned = {verdict, after.get(address)} == {Verdict.FAIL, Verdict.PASS}
                assert not turned, f"{plan.name}: {resource.address} {path}: {address} was {verdict}"
