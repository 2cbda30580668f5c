"""What evaluation refuses, and what it does only once: hostile input costs bounded time and memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from terraform_tools import BUCKET, load_one, messages, output, resources, root_module, value, write

from iacscan.core import Origin, Reference, Unknown
from iacscan.terraform.bodies import settle
from iacscan.terraform.functions import FunctionContext, Limits, call
from iacscan.terraform.locations import Locator
from iacscan.terraform.nodes import HclSyntaxError
from iacscan.terraform.sensitivity import is_sensitive_variable
from iacscan.terraform.values import EvaluationError

LATE = Unknown("late")
LONG_TEXT = f'join("", [for j in range(1000) : "{"a" * 100}"])'
LONG_TEXTS = f"[for i in range(100) : {LONG_TEXT}]"


def late(name: str) -> Unknown:
    return Unknown("late", (Reference(name, ("list",)),), exact=True)


def test_the_blocks_of_a_resource_are_expanded_once(tmp_path: Path) -> None:
    rule = "lifecycle_rule {\n    id = 1\n  }\n"
    dynamic = (
        f'dynamic "lifecycle_rule" {{\n    for_each = [for i in range(50) : i]\n    content {{ {rule[17:-4]} }}\n  }}'
    )
    write(tmp_path, main_tf=f'resource "aws_s3_bucket" "b" {{\n  {dynamic}\n}}\n')
    root = root_module(tmp_path)
    (bucket,) = root.resource_instances(("managed", "aws_s3_bucket", "b"))
    bucket.values()
    evaluator = root.world.evaluator
    steps = evaluator.total + evaluator.steps
    _ = bucket.declared
    Locator(root).locate(Origin("aws_s3_bucket.b", ("lifecycle_rule", 3, "id")))

    assert steps < 1000
    assert evaluator.total + evaluator.steps - steps < 20


@pytest.mark.parametrize("text", ["can(tonumber(late))", "can(tobool((late)))", "can(list[tonumber(late)])"])
def test_what_is_computed_of_an_unknown_may_fail(text: str) -> None:
    assert isinstance(value(text, late=Unknown("late", (Reference("var.x"),), exact=True), list=LATE), Unknown)


@pytest.mark.parametrize(
    ("item", "known"),
    [
        (late("var.cfg"), False),
        (late("module.lists"), False),
        (late("module.lists.var.cfg"), False),
        (Unknown("late", (Reference("data.terraform_remote_state.x", ("outputs", "list")),), exact=True), False),
        (Unknown("late", (Reference("aws_s3_bucket.x", ("grant",)),), exact=True), False),
        (Unknown("late", (Reference('module.m["a.b"].aws_s3_bucket.x[0]', ("arn",)),), exact=True), True),
        (Unknown("late", (Reference("other_thing.x", ("name",)),), exact=True), True),
        (Unknown("late", (Reference("other_thing.x", ("names",)),), exact=True), False),
    ],
)
def test_only_an_attribute_that_is_no_list_counts_as_one_element(item: Unknown, known: bool) -> None:
    assert (value("length(flatten([item]))", item=item) == 1) is known


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[for self in ["a"] : self]', ["a"]),
        ('[for x, x in ["a"] : x]', ["a"]),
        ('"%{ for self in ["a"] }<${self}>%{ endfor }"', "<a>"),
    ],
)
def test_any_name_may_be_bound(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("iterator", ["self", "5", "[1]"])
def test_any_iterator_is_read(tmp_path: Path, iterator: str) -> None:
    inner = f"for_each = [true]\n    iterator = {iterator}\n    content {{\n      enabled = true\n    }}\n"
    write(tmp_path, main_tf=f'resource "aws_s3_bucket" "b" {{\n  dynamic "versioning" {{\n    {inner}  }}\n}}\n')

    assert resources(load_one(tmp_path))["aws_s3_bucket.b"].values["versioning"] == [
        {"enabled": True, "mfa_delete": False}
    ]


@pytest.mark.parametrize(
    "text",
    [
        f'tostring(parseint("{"z" * 4000}", 62))',
        f'tostring(yamldecode("0x{"f" * 5000}"))',
        f'fileexists("{"a" * 5000}")',
        f'join("", {LONG_TEXTS})',
        f"jsonencode({LONG_TEXTS})",
        f"yamlencode({LONG_TEXTS})",
        'formatlist("%40000s", split("", join("", [for i in range(1000) : "a"])))',
        f'format("{"%s" * 100}", {LONG_TEXTS}...)',
    ],
)
def test_what_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError):
        value(text)


def test_text_that_is_made_again_and_again_is_bounded() -> None:
    once = 'join("", [for i in range(10) : "%s"])' % ("a" * 10_000)

    assert value(f"length([for i in range(3) : {once}])") == 3
    with pytest.raises(EvaluationError, match="too many steps"):
        value(f"[for i in range(1000) : upper({once})]")


def test_encoded_text_inside_of_encoded_text_is_bounded() -> None:
    nested = 'jsonencode({ a = late, b = "\\"" })'
    for _ in range(27):
        nested = f"jsonencode({nested})"

    for text in (f'"${{{nested}}}x"', f'startswith({nested}, "x")'):
        with pytest.raises(EvaluationError, match="too long"):
            value(text, late=LATE)


def test_all_regular_expressions_together_have_one_time(tmp_path: Path) -> None:
    context = FunctionContext(tmp_path, tmp_path, limits=Limits(regex_seconds=0.05))
    for _ in range(50):
        with pytest.raises(EvaluationError, match="too large"):
            call("regexall", ["^(a|aa|a?)*$", "a" * 60 + "!"], context)

    assert context.clock.spent < 1
    assert call("regexall", ["b", "abc"], context) == ["b"]


def test_outputs_inside_of_outputs_are_bounded(tmp_path: Path) -> None:
    inner = 'output "y" {\n  value = range(1000)\n}\n'
    outer = 'module "n" {\n  source = "../n"\n}\noutput "x" {\n  value = [for i in range(1000) : module.n]\n}\n'
    main = 'module "m" {\n  source = "./m"\n}\noutput "all" {\n  value = [for i in range(1000) : module.m]\n}\n'
    write(tmp_path, main_tf=main, m__main_tf=outer, n__main_tf=inner)

    with pytest.raises(EvaluationError, match="too large"):
        settle(root_module(tmp_path).output("all"))


def test_a_template_calls_no_template(tmp_path: Path) -> None:
    write(tmp_path, main_tf='output "x" {\n  value = try(templatefile("${path.module}/a", { n = 1 }), "refused")\n}\n')
    (tmp_path / "a").write_text('${templatefile("a", { n = 1 })}')
    assert output(tmp_path, "x") == "refused"

    (tmp_path / "a").write_text('${templatestring("b", { n = 1 })}')
    assert output(tmp_path, "x") == "refused"

    (tmp_path / "a").write_text("n is ${n}")
    assert output(tmp_path, "x") == "n is 1"


def test_a_chain_too_long_to_follow_counts_as_sensitive(tmp_path: Path) -> None:
    links = "".join(f"  a{index} = local.a{index + 1}\n" for index in range(3000))
    call_of = 'module "m" {\n  source = "./m"\n  a = local.a0\n}\n'
    write(tmp_path, main_tf=f"{call_of}locals {{\n{links}  a3000 = 1\n}}\n", m__main_tf='variable "a" {}\n')
    (inner,) = root_module(tmp_path).call_instances("m")

    assert is_sensitive_variable(inner, "a") is True


@pytest.mark.parametrize("escape", ["\\ud800", "\\udfff", "\\U0000d800", "\\U00110000"])
def test_an_escape_of_no_character_is_refused(escape: str) -> None:
    with pytest.raises(HclSyntaxError, match="escape"):
        value(f'"{escape}"')


@pytest.mark.parametrize("name", ["sha256", "md5", "base64encode", "urlencode", "base64sha512", "fileexists"])
def test_half_a_surrogate_pair_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError):
        call(name, ["x\ud800"], FunctionContext(tmp_path, tmp_path))


def test_a_key_is_quoted_as_terraform_prints_it(tmp_path: Path) -> None:
    text = BUCKET.replace("{\n", '{\n  for_each = toset(["a$${x}", "%%{b}", "\\"", "é"])\n', 1)
    write(tmp_path, main_tf=text)
    configuration = load_one(tmp_path)

    keys = ['"a$${x}"', '"%%{b}"', '"\\""', '"é"']
    assert messages(configuration) == []
    assert set(resources(configuration)) == {f"aws_s3_bucket.this[{key}]" for key in keys}
