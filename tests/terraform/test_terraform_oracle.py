"""Random expressions, evaluated here and by real terraform, give the same values.

An expression that terraform rejects is not compared: types that do not unify are let pass here.
Runs only on demand (``IACSCAN_TERRAFORM_TESTS=1``) and where terraform is; needs no provider.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from terraform_tools import root_module, write

from iacscan.core import Encoded, Template, Unknown

WANTED = os.environ.get("IACSCAN_TERRAFORM_TESTS", "")
EXPRESSIONS = 300
LOCALS = """
resource "terraform_data" "late" {}

locals {
  late = terraform_data.late.id
  num  = 7
  text = "some text"
  yes  = true
  none = null
  list = ["b", "a", "c"]
  nums = [3, 1, 2]
  map  = { x = 1, y = "two", z = null }
  deep = [{ n = "a", v = [1, 2] }, { n = "b", v = [] }]
}
"""


class Maker:
    """Writes random expressions; most are of the type asked for, some are not."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def any(self, depth: int) -> str:
        return self.random.choice([self.number, self.text, self.boolean, self.list, self.object])(depth)

    def pick(self, depth: int, leaves: list[str], *branches: Callable[[], str]) -> str:
        if depth <= 0 or self.random.random() < 0.25:
            return self.random.choice(leaves)
        if self.random.random() < 0.05:
            return self.any(depth - 1)
        return self.random.choice(branches)()

    def number(self, depth: int) -> str:
        inner = depth - 1
        operator = self.random.choice("+-*/%")
        return self.pick(
            depth,
            ["0", "1", "2.5", "10", "-3", '"4"', "local.num", "local.nums[1]", "null"],
            lambda: f"({self.number(inner)} {operator} {self.number(inner)})",
            lambda: f"-{self.number(inner)}",
            lambda: f"length({self.list(inner)})",
            lambda: f"max({self.number(inner)}, {self.number(inner)})",
            lambda: f"({self.boolean(inner)} ? {self.number(inner)} : {self.number(inner)})",
            lambda: f"[{self.number(inner)}, {self.number(inner)}][{self.random.randrange(3)}]",
        )

    def text(self, depth: int) -> str:
        inner = depth - 1
        return self.pick(
            depth,
            ['""', '"a"', '"é \\" $${ %%{ \\n"', "local.text", "local.list[0]", "local.map.y", "local.late"],
            lambda: f'"<${{{self.any(inner)}}}>"',
            lambda: f'"${{{self.any(inner)}}}"',
            lambda: f'"%{{ if {self.boolean(inner)} }}yes%{{ else }} ${{~ {self.text(inner)} ~}} no%{{ endif }}"',
            lambda: f'"%{{ for k, v in {self.list(inner)} ~}} ${{k}}:${{v}},%{{ endfor ~}} end"',
            lambda: f"upper({self.text(inner)})",
            lambda: f'join("-", {self.list(inner)})',
            lambda: f"({self.boolean(inner)} ? {self.text(inner)} : {self.any(inner)})",
            lambda: f"try(local.map[{self.text(inner)}], local.nums[{self.number(inner)}], {self.text(inner)})",
        )

    def boolean(self, depth: int) -> str:
        inner = depth - 1
        relation = self.random.choice(["<", ">", "<=", ">="])
        equality = self.random.choice(["==", "!="])
        logic = self.random.choice(["&&", "||"])
        return self.pick(
            depth,
            ["true", "false", '"true"', "local.yes", "null"],
            lambda: f"({self.number(inner)} {relation} {self.number(inner)})",
            lambda: f"({self.any(inner)} {equality} {self.any(inner)})",
            lambda: f"({self.boolean(inner)} {logic} {self.boolean(inner)})",
            lambda: f"!{self.boolean(inner)}",
            lambda: f"can(local.map[{self.text(inner)}])",
            lambda: f"contains({self.list(inner)}, {self.any(inner)})",
        )

    def list(self, depth: int) -> str:
        inner = depth - 1
        return self.pick(
            depth,
            ["[]", "local.list", "local.nums", "local.deep", 'toset(["b", "a"])', "local.none[*]"],
            lambda: f"[{self.any(inner)}, {self.any(inner)}]",
            lambda: f"[for v in {self.list(inner)} : {self.any(inner)}]",
            lambda: f'[for k, v in {self.object(inner)} : "${{k}}" if {self.boolean(inner)}]',
            lambda: f"{self.list(inner)}[*]",
            lambda: f"concat({self.list(inner)}, {self.list(inner)})",
            lambda: f"keys({self.object(inner)})",
            lambda: "local.deep[*].v",
            lambda: "local.deep.*.n",
            lambda: f"tolist({self.list(inner)})",
            lambda: f"({self.boolean(inner)} ? {self.list(inner)} : {self.list(inner)})",
        )

    def object(self, depth: int) -> str:
        inner = depth - 1
        return self.pick(
            depth,
            ["{}", "local.map", "local.deep[0]"],
            lambda: f'{{ a = {self.any(inner)}, "b" = {self.any(inner)}, (local.text) = {self.any(inner)} }}',
            lambda: f"{{ for k, v in {self.list(inner)} : k => {self.any(inner)} }}",
            lambda: f"{{ for k, v in {self.list(inner)} : v => k... }}",
            lambda: f"merge({self.object(inner)}, {self.object(inner)})",
            lambda: f"({self.boolean(inner)} ? {self.object(inner)} : {self.object(inner)})",
        )


def terraform(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def loosened(text: str) -> str:
    """``text`` with every scalar as a string.

    Terraform converts a conditional's result to the type of the other branch even where that one fails
    to evaluate; here it is then left as it is.
    """
    scalar = re.compile(r"(?<=[\[:,{])(-?[0-9.]+|true|false)(?=[\],}])")
    return scalar.sub(r'"\1"', f"[{text}]")


@pytest.mark.terraform
@pytest.mark.skipif(not WANTED, reason="slow: set IACSCAN_TERRAFORM_TESTS=1 to compare with real terraform")
@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
@pytest.mark.parametrize("seed", range(4))
def test_random_expressions(tmp_path: Path, seed: int) -> None:
    maker = Maker(seed)
    expressions = [maker.any(3) for _ in range(EXPRESSIONS)]
    outputs = "".join(
        f'output "o{at}" {{\n  value = try(jsonencode({text}), "ERROR")\n}}\n' for at, text in enumerate(expressions)
    )
    write(tmp_path, main_tf=LOCALS + outputs)
    terraform(tmp_path, "init", "-no-color")
    terraform(tmp_path, "plan", "-no-color", "-out=saved")
    planned = json.loads(terraform(tmp_path, "show", "-json", "saved"))["planned_values"]["outputs"]

    root = root_module(tmp_path)
    wrong = []
    for at, text in enumerate(expressions):
        mine, theirs = root.output(f"o{at}"), planned[f"o{at}"].get("value")
        known = not isinstance(mine, Unknown | Template | Encoded)
        infinite = "/" in text and mine == "ERROR"
        if theirs in (None, "ERROR") or "-0" in theirs or infinite or (not known and "local.late" in text):
            continue
        if mine != theirs and not ("?" in text and loosened(mine) == loosened(theirs)):
            wrong.append(f"{text}\n  here: {mine}\n  terraform: {theirs}")
    assert not wrong, f"{len(wrong)} differ\n" + "\n".join(wrong)
