"""Random configurations in every form of the language: from source the same values and verdicts as in the real plan.

A sample is committed with its plans. ``IACSCAN_TERRAFORM_TESTS=1`` makes new ones and asks real terraform; then
``IACSCAN_PARITY_SEED`` chooses them.
"""

from __future__ import annotations

import os
import re
import shutil
from itertools import chain
from pathlib import Path

import pytest
from parity_compare import Tally, value_differences
from parity_readings import Pair, Reading, generated, judge, pairs, read_parts
from parity_terraform import Terraform, random_cases, record, record_roots, write_cases

from iacscan.inputs.source import load_source

WANTED = os.environ.get("IACSCAN_TERRAFORM_TESTS", "")
MOST_NEEDLESS = 0.02


def check(read: list[Reading]) -> None:
    tally = Tally()
    for reading in read:
        tally.add(reading)
    wrong = list(chain.from_iterable(value_differences(reading)[0] for reading in read))
    assert wrong == []
    assert "\n".join(map(str, tally.contradictions())) == ""
    for name in ("source", "plan+source"):
        assert tally.share(name) < MOST_NEEDLESS, "\n".join(map(str, tally.needless(name)))


def test_the_sample_reads_alike() -> None:
    readings = list(chain.from_iterable(map(read_parts, generated())))
    assert len(readings) >= 60
    assert sum(len(reading.findings()) for reading in readings[:10]) > 100
    check(readings)


def test_the_sample_tells_nothing_of_the_machine_it_was_made_on() -> None:
    texts = {pair.plan: pair.plan.read_text(encoding="utf-8") for group in generated() for pair in group}
    told = {path: re.findall(r"127\.0\.0\.1|/home/|/root/|/tmp/|/Users/", text) for path, text in texts.items()}
    assert not any(told.values()), told


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_makes_the_same_cases(seed: int) -> None:
    assert random_cases(seed, 5) == random_cases(seed, 5)
    assert random_cases(seed, 5) != random_cases(seed + 10, 5)


def test_whatever_terraform_thinks_of_it_a_case_is_read(tmp_path: Path) -> None:
    write_cases(tmp_path, random_cases(3, 15))
    (configuration,) = load_source(str(tmp_path))
    assert len(judge(configuration)) > 100


@pytest.mark.terraform
def test_new_configurations_read_alike(tmp_path: Path) -> None:
    if WANTED not in ("1", "all") or shutil.which("terraform") is None:
        pytest.skip("set IACSCAN_TERRAFORM_TESTS=1, with terraform on PATH")
    seed = int(os.environ.get("IACSCAN_PARITY_SEED", "7"))
    terraform = Terraform(tmp_path / "home")
    record(terraform, tmp_path / "modules", random_cases(seed, 30))
    record_roots(terraform, tmp_path / "roots", seed, 2)
    groups: list[list[Pair]] = [pairs(tmp_path / "modules"), *map(pairs, (tmp_path / "roots").iterdir())]
    check(list(chain.from_iterable(map(read_parts, groups))))
