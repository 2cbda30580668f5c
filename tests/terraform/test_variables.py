"""Variables: types, and which of the many places to set them wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terraform_tools import BUCKET, load_one, messages, output, resources, value, write

from iacscan.core import Unknown
from iacscan.inputs.source import SourceOptions
from iacscan.terraform.expressions import Evaluator
from iacscan.terraform.functions import FunctionContext
from iacscan.terraform.lexer import Source
from iacscan.terraform.syntax import parse_expression
from iacscan.terraform.types import convert
from iacscan.terraform.values import EvaluationError, SetValue
from iacscan.terraform.variables import type_of

LATE = Unknown("known after apply")
PLAIN = 'variable "x" {\n  type = string\n  default = "default"\n}\noutput "x" { value = var.x }\n'


def typed(text: str) -> Any:
    return type_of(parse_expression(Source(text), 0, len(text)), Evaluator(FunctionContext(Path(), Path())))


@pytest.mark.parametrize(
    ("type_text", "given", "expected"),
    [
        ("string", "1", "1"),
        ("string", "true", "true"),
        ("number", '"2.50"', value("2.5")),
        ("bool", '"true"', True),
        ("any", "[1, true]", [1, True]),
        ("list(any)", '[1, "a"]', ["1", "a"]),
        ("list(number)", '["1", 2]', [1, 2]),
        ("set(string)", "[2, 1, 2]", SetValue(("1", "2"))),
        ("map(string)", "{ a = 1, b = true }", {"a": "1", "b": "true"}),
        ("tuple([string, bool])", '[1, "false"]', ["1", False]),
        ("object({ a = string })", "{ a = 1, b = 2 }", {"a": "1"}),
        ("object({ a = optional(string) })", "{}", {"a": None}),
        ('object({ a = optional(string, "d") })', "{ a = null }", {"a": "d"}),
        ("object({ a = optional(object({ b = optional(number, 3) }), {}) })", "{}", {"a": {"b": 3}}),
        ("map(object({ a = optional(bool, true) }))", "{ k = {} }", {"k": {"a": True}}),
        ("list", '["a"]', ["a"]),
        ("string", "null", None),
    ],
)
def test_conversion(type_text: str, given: str, expected: Any) -> None:
    assert convert(value(given), typed(type_text)) == expected


@pytest.mark.parametrize(
    ("type_text", "given"),
    [
        ("string", "[]"),
        ("number", '"x"'),
        ("bool", "1"),
        ("bool", '"yes"'),
        ("list(string)", '"a"'),
        ("list(string)", "{ a = 1 }"),
        ("list(any)", "[1, true]"),
        ("map(string)", "{ a = [] }"),
        ("tuple([string])", "[]"),
        ("object({ a = string })", "{}"),
        ("set(number)", '["x"]'),
    ],
)
def test_no_conversion(type_text: str, given: str) -> None:
    with pytest.raises(EvaluationError):
        convert(value(given), typed(type_text))


def test_unknown_converts_to_any_type() -> None:
    for text in ("string", "list(string)", "object({ a = string })"):
        assert convert(LATE, typed(text)) is LATE
    assert convert([LATE, 1], typed("list(string)")) == [LATE, "1"]


@pytest.mark.parametrize("text", ["strin", "list(string, string)", "object([])", "1", "map()", "string.x"])
def test_what_is_no_type(text: str) -> None:
    with pytest.raises(EvaluationError):
        typed(text)


def test_precedence_from_least_to_most(tmp_path: Path) -> None:
    write(tmp_path, main_tf=PLAIN)
    seen = [output(tmp_path, "x")]
    options = SourceOptions(environment={"TF_VAR_x": "environment"})
    seen.append(output(tmp_path, "x", options))
    steps = ["terraform.tfvars", "terraform.tfvars.json", "a.auto.tfvars", "b.auto.tfvars.json", "c.auto.tfvars"]
    for name in steps:
        text = f'{{"x": "{name}"}}' if name.endswith("json") else f'x = "{name}"\n'
        (tmp_path / name).write_text(text)
        seen.append(output(tmp_path, "x", options))
    for name in ("1.tfvars", "2.tfvars"):
        (tmp_path / name).write_text(f'x = "{name}"\n')
    files = (str(tmp_path / "1.tfvars"), str(tmp_path / "2.tfvars"))
    seen.append(output(tmp_path, "x", SourceOptions(var_files=files)))
    seen.append(output(tmp_path, "x", SourceOptions(var_files=files, variables={"x": "line"})))

    assert seen == ["default", "environment", *steps, "2.tfvars", "line"]


@pytest.mark.parametrize("text", ["arn:aws:s3:::b/${aws:username}/*", "$${a", "%{ if", "${1 + 1}"])
def test_text_of_a_variable_file_in_json_is_no_template(tmp_path: Path, text: str) -> None:
    write(tmp_path, main_tf='variable "v" {}\noutput "x" { value = var.v }\n')
    (tmp_path / "terraform.tfvars.json").write_text(json.dumps({"//": "c", "v": {text: [text]}}))

    assert output(tmp_path, "x") == {text: [text]}


def test_text_from_outside_is_literal_or_an_expression_by_type(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "s" { type = string }\nvariable "l" { type = list(number) }\nvariable "u" {}\n'
        'output "x" { value = [var.s, var.l, var.u] }\n',
    )
    options = SourceOptions(variables={"s": "[1]", "l": '["1", 2]', "u": "[1]"})

    assert output(tmp_path, "x", options) == ["[1]", [1, 2], "[1]"]


def test_a_variable_without_value_is_unknown_and_said_so(tmp_path: Path) -> None:
    write(tmp_path, main_tf='variable "acl" {}\nresource "aws_s3_bucket" "b" {\n  acl = var.acl\n}\n')
    configuration = load_one(tmp_path)

    acl = resources(configuration)["aws_s3_bucket.b"].values["acl"]
    assert isinstance(acl, Unknown)
    assert acl.reason == "the variable acl has no value"
    assert any("no value for the variable acl" in message for message in messages(configuration))


@pytest.mark.parametrize(
    ("declaration", "given", "expected"),
    [
        ('default = "d"', "null", None),
        ('default = "d"\n  nullable = false', "null", "d"),
        ('default = "d"\n  ephemeral = true', '"x"', "x"),
    ],
)
def test_null(tmp_path: Path, declaration: str, given: str, expected: str | None) -> None:
    write(
        tmp_path,
        main_tf=f'module "m" {{\n  source = "./m"\n  x = {given}\n}}\noutput "x" {{ value = module.m.x }}\n',
        m__main_tf=f'variable "x" {{\n  {declaration}\n}}\noutput "x" {{ value = var.x }}\n',
    )

    assert output(tmp_path, "x") == expected


def test_values_that_do_not_fit_are_errors(tmp_path: Path) -> None:
    write(tmp_path, main_tf='variable "n" { type = number }\n' + BUCKET)
    configuration = load_one(tmp_path, SourceOptions(variables={"n": "many"}))
    unused = [message for message in messages(configuration) if "number" in message]

    assert unused == ["the value given for variable n: a number is required"]


def test_unreadable_variable_files_are_errors(tmp_path: Path) -> None:
    write(tmp_path, main_tf=BUCKET)
    (tmp_path / "terraform.tfvars").write_text("x = [\n")
    (tmp_path / "a.auto.tfvars.json").write_text("[]")
    configuration = load_one(tmp_path, SourceOptions(var_files=("missing.tfvars",)))

    assert [item.level for item in configuration.diagnostics] == ["error"] * 3
    assert len(configuration.resources) == 1


def test_sensitive_values_and_values_from_outside_are_secret(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "s" {\n  sensitive = true\n  default = "hidden-default"\n}\nvariable "o" {}\n'
        'locals { derived = "x-${var.s}" }\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = local.derived\n  acl = var.o\n  tags = { a = sensitive("t") }\n}\n',
    )
    configuration = load_one(tmp_path, SourceOptions(environment={"TF_VAR_o": "from-outside"}))
    (bucket,) = configuration.resources

    assert {"hidden-default", "from-outside"} <= configuration.secrets
    assert bucket.is_sensitive(("bucket",))
    assert bucket.is_sensitive(("tags", "a"))
    assert not bucket.is_sensitive(("acl",))


def test_diagnostics_do_not_tell_values_from_outside(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "key" {}\nvariable "list" { type = list(string) }\n'
        'resource "aws_s3_bucket" "b" {\n  bucket = { a = 1 }[var.key]\n  acl = var.list[0]\n}\n',
    )
    options = SourceOptions(variables={"key": "hidden-key", "list": "hidden list"})
    said = messages(load_one(tmp_path, options))

    assert sorted(said) == [
        "the map has no element '(sensitive value)'",
        "the value given for variable list: it is not an expression",
    ]


def test_sensitivity_passes_through_module_calls(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "s" {\n  sensitive = true\n  default = "hidden"\n}\n'
        'module "m" {\n  source = "./m"\n  name = var.s\n}\n',
        m__main_tf='variable "name" {}\nresource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\n',
    )
    (bucket,) = load_one(tmp_path).resources

    assert bucket.is_sensitive(("bucket",))
