"""Whatever is damaged in a plan, it is read or refused with one sentence; nothing is raised."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iacscan.core import Level
from iacscan.inputs import load

PLANS = Path(__file__).parents[2] / "fixtures" / "plans"
DOCUMENTS = [
    json.loads((PLANS / name).read_text(encoding="utf-8"))
    for name in ("first-create/plan.json", "ten-buckets/plan.json", "update/plan.json", "state/state.json")
]
JUNK = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1.5, "", "x", "each.value", [], [1], [[]], {}, {"a": 1}, {"references": 5}),
        *({"references": ["module.m.x"]}, {"references": [5]}, {"constant_value": [1]}),
    ]
)


def damage(document: Any, junk: Any, order: random.Random) -> None:
    """Replace or remove one place of ``document``."""
    place, step = None, None
    while isinstance(document, (dict, list)) and document and (place is None or order.random() < 0.93):
        place = document
        step = order.choice(list(place)) if isinstance(place, dict) else order.randrange(len(place))
        document = place[step]
    assert place is not None
    if order.random() < 0.3:
        del place[step]
    else:
        place[step] = copy.deepcopy(junk)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    which=st.integers(0, len(DOCUMENTS) - 1), junk=st.lists(JUNK, min_size=1, max_size=4), seed=st.integers(0, 99_999)
)
def test_a_damaged_document_is_read_or_refused(folder: Path, which: int, junk: list[Any], seed: int) -> None:
    document = copy.deepcopy(DOCUMENTS[which])
    order = random.Random(seed)
    for item in junk:
        if document:
            damage(document, item, order)
    path = folder / "damaged.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    configurations, diagnostics = load([str(path)])
    errors = [item for item in diagnostics if item.level is Level.ERROR]
    assert len(configurations) + len(errors) == 1
    assert all("\n" not in item.message for item in errors)
