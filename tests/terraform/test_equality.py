"""``==`` tells lists from tuples and maps from objects; what it says of each pair is what Terraform 1.11 said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from terraform_tools import output, resources, root_module, value, write

from iacscan.core import Unknown
from iacscan.inputs.source import load_source
from iacscan.terraform.bodies import settle

VARIABLES = """
variable "any" { default = [] }
variable "anys" { default = {} }
variable "no_list" {
  type    = list(string)
  default = []
}
variable "list" {
  type    = list(string)
  default = ["a"]
}
variable "mixed" {
  type    = list(any)
  default = []
}
variable "no_map" {
  type    = map(string)
  default = {}
}
variable "map" {
  type    = map(string)
  default = { a = "x" }
}
variable "lists" {
  type    = map(list(string))
  default = { a = [], k = ["k"] }
}
variable "set" {
  type    = set(string)
  default = ["a"]
}
variable "object" {
  type    = object({ l = optional(list(string), []), o = optional(object({ b = optional(bool, true) }), {}) })
  default = {}
}
variable "tuple" {
  type    = tuple([string])
  default = ["a"]
}
resource "aws_s3_bucket" "none" {
  count = 0
}
resource "aws_s3_bucket" "tagged" {
  tags = { a = "b" }
}
"""
NEVER = """
var.no_list == []
var.mixed == []
var.no_map == {}
var.list == ["a"]
var.map == { a = "x" }
tolist([]) == []
tomap({}) == {}
{ a = [] } == { a = var.no_list }
var.object.l == []
var.lists["k"] == ["k"]
var.list[*] == ["a"]
var.set[*] == ["a"]
var.set == ["a"]
aws_s3_bucket.tagged.tags == { a = "b" }
split("-", "a-b") == ["a", "b"]
sort(["a"]) == ["a"]
keys(var.map) == ["a"]
values(var.map) == ["x"]
concat(var.no_list, var.list) == ["a"]
compact(["a", ""]) == ["a"]
distinct(["a"]) == ["a"]
range(2) == [0, 1]
reverse(var.list) == ["a"]
slice(var.list, 0, 0) == []
regexall("a", "ba") == ["a"]
zipmap(["a"], var.list) == { a = "a" }
transpose({ a = ["b"] })["b"] == ["a"]
csvdecode("a\\n1") == [{ a = "1" }]
formatlist("%s", ["a"]) == ["a"]
chunklist(["a"], 1)[0] == ["a"]
setproduct(["a"], ["b"]) == [["a", "b"]]
cidrsubnets("10.0.0.0/8", 8) == ["10.0.0.0/16"]
try(var.no_list, []) == []
(true ? [] : var.list) == []
(true ? [] : ["a"]) == []
(true ? {} : var.map) == {}
(true ? {} : { a = "b" }) == {}
tolist([["a"], ["b", "c"]])[0] == ["a"]
tomap({ a = ["x"], b = [] })["b"] == []
contains(values(var.lists), ["k"])
contains([["a"]], var.list)
can(index([["a"]], tolist(["a"])))
"""
ALWAYS = """
var.any == []
var.anys == {}
[for x in [] : x] == []
[for x in var.list : x] == ["a"]
{ for x in var.list : x => x } == { a = "a" }
{ for x in var.list : x => x... }["a"] == ["a"]
aws_s3_bucket.none == []
aws_s3_bucket.none[*].id == []
var.tuple == ["a"]
var.object.o == { b = true }
var.list == tolist(["a"])
var.map == tomap({ a = "x" })
var.set == toset(["a"])
concat(var.list, var.no_list) == var.list
concat([], var.list) == ["a"]
merge(var.map, { b = "y" }) == { a = "x", b = "y" }
merge({}, {}) == {}
keys({ a = 1 }) == ["a"]
values({ a = "x" }) == ["x"]
flatten([var.list]) == ["a"]
flatten([]) == []
slice(["a"], 0, 1) == ["a"]
regex("(a)", "ba") == ["a"]
regex("(?P<x>a)", "ba") == { x = "a" }
regexall("(a)", "ba")[0] == ["a"]
zipmap(["a"], ["x"]) == { a = "x" }
csvdecode("a\\n1")[0] == { a = "1" }
setproduct(["a"], ["b"])[0] == ["a", "b"]
chunklist(["a"], 1)[0] == var.list
(true ? ["a"] : ["b"]) == ["a"]
(true ? { a = "c" } : { a = "b" }) == { a = "c" }
(true ? ["a"] : var.no_list) == var.list
coalescelist(var.no_list, ["a"]) == ["a"]
lookup({ a = [] }, "b", []) == []
element([["a"]], 0) == ["a"]
jsondecode("[]") == []
jsondecode(jsonencode(var.no_list)) == []
yamldecode("[a]") == ["a"]
contains([["a"]], ["a"])
contains(values(var.lists), tolist(["k"]))
null == null
"""
TYPE_OPEN = """
var.no_list == tolist([])
var.no_map == tomap({})
(true ? [] : null) == []
lookup(var.lists, "zz", []) == []
{ a = null } == { a = null }
merge(var.no_map, var.map) == var.map
toset([]) == var.set || toset([]) == toset([])
"""


def answers(folder: Path, questions: str) -> dict[str, Any]:
    texts = questions.strip().splitlines()
    outputs = "".join(f'output "o{index}" {{\n  value = {text}\n}}\n' for index, text in enumerate(texts))
    write(folder, main_tf=VARIABLES + outputs)
    root = root_module(folder)
    return {text: settle(root.output(f"o{index}")) for index, text in enumerate(texts)}


@pytest.mark.parametrize(("questions", "expected"), [(NEVER, False), (ALWAYS, True)])
def test_types_decide(tmp_path: Path, questions: str, expected: bool) -> None:
    found = answers(tmp_path, questions)

    assert [text for text, answer in found.items() if answer is not expected] == []


def test_where_the_value_does_not_tell_its_type_equality_is_not_known(tmp_path: Path) -> None:
    found = answers(tmp_path, TYPE_OPEN)

    assert [text for text, answer in found.items() if not isinstance(answer, Unknown)] == []


def test_a_mark_that_is_lost_never_makes_an_answer() -> None:
    assert isinstance(value("plain == []", plain=[]), Unknown)
    assert value("plain == [1]", plain=[]) is False


def test_a_branch_beside_one_that_is_not_known_may_be_of_another_type() -> None:
    late = Unknown("late")

    assert isinstance(value("(true ? [] : late) == []", late=late), Unknown)
    assert value("[late] == tolist([1])", late=late) is False


def test_a_block_that_waits_for_an_empty_list_is_there_as_in_the_plan(tmp_path: Path) -> None:
    block = 'resource "aws_s3_bucket" "b" {\n  count = var.rules != [] ? 1 : 0\n}\n'
    write(tmp_path, main_tf=block + 'variable "rules" {\n  type = list(any)\n  default = []\n}\n')
    (configuration,) = load_source(str(tmp_path))

    assert list(resources(configuration)) == ["aws_s3_bucket.b[0]"]


def test_a_list_in_an_output_is_as_before(tmp_path: Path) -> None:
    write(tmp_path, main_tf='output "x" {\n  value = { a = tolist(["b"]), c = tomap({ d = ["e"] }) }\n}\n')

    assert output(tmp_path, "x") == {"a": ["b"], "c": {"d": ["e"]}}
