"""A fault costs the block that it stands in; what may depend on the lost text is unknown, never judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terraform_tools import load_one, messages, output, resources, write

from iacscan.core import Level, Unknown
from iacscan.inputs.source import SourceOptions, load_source
from iacscan.model.relations import ACCOUNT_BLOCK, BY_TYPE
from iacscan.scanning import Options, scan
from iacscan.terraform.modules import MAY_CONFIGURE
from iacscan.terraform.syntax import parse_file


def bucket(name: str) -> str:
    return f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{name}"\n}}\n'


def kept(text: str) -> tuple[list[str], list[str], list[str]]:
    """The names of the blocks that can be read, those whose body cannot, and the lines that are lost."""
    file = parse_file(text, "main.tf")
    read = [block.labels[-1] for block in file.body.blocks if not block.lost]
    return read, [block.labels[-1] for block in file.body.blocks if block.lost], [each.place for each in file.lost]


@pytest.mark.parametrize(
    "broken",
    [
        'resource "t" "b" {\n  x = = 1\n}\n',
        'resource "t" "b" {\n  x = [1, 2\n  y = 3]\n}\n',
        'resource "t" "b" {\n  x = @\n}\n',
        'resource "t" "b"\n{\n  x = 1\n}\n',
        'resource t b {\n  x = "${1 +}" # }\n}\n',
        'resource "t" "b" {\n  x = <<E\n}\n${\nE\n}\n',
        'resource "t" "b" {\n<<<<<<< ours\n  x = 1\n=======\n  x = 2\n>>>>>>> theirs\n}\n',
    ],
)
def test_a_block_that_is_balanced_is_lost_alone_and_by_name(broken: str) -> None:
    assert kept(bucket("a") + broken + bucket("c")) == (["a", "c"], ["b"], [])


@pytest.mark.parametrize(
    ("broken", "lines"),
    [
        ('resource "t" "b" {\n  x {\n}\n', "4-6"),
        ('resource "t" "b" {\n  x = "1\n}\n', "4-6"),
        ('resource "t" "b" {\n  x = [1, 2\n}\n', "4-6"),
        ('resource "t" "b" {\n  x {\n  }\n  }\n  y = 1\n  z {\n  }\n}\n', "4-11"),
        ('resource "t" "b" {\n}\n\n# more\n}\n', "4-8"),
        ('"x" {\n}\n', "4-5"),
        ("<<<<<<< ours\n" + bucket("x") + "=======\n" + bucket("y") + ">>>>>>> theirs\n", "4-12"),
    ],
)
def test_where_a_block_ends_is_not_guessed(broken: str, lines: str) -> None:
    assert kept(bucket("a") + broken + bucket("c")) == (["a", "c"], [], [f"main.tf:{lines}"])


@pytest.mark.parametrize(
    "opened",
    [
        "/* " + bucket("x"),
        'resource "t" "b" {\n  x = <<E\n' + bucket("x") + "}\n",
        'resource "t" "b" {\n  x = <<E\n' + bucket("x") + "E\n",
        'resource "t" "b" {\n  x = (\n' + bucket("x") + "y = 1\n}\n",
    ],
)
def test_what_may_not_be_code_is_not_read(opened: str) -> None:
    read, _, (lost,) = kept(bucket("a") + opened)

    assert read == ["a"]
    assert lost.startswith("main.tf:4-")


def test_every_fault_is_said_with_its_place_and_what_it_costs() -> None:
    file = parse_file(bucket("a") + 'module "b" {\n  x = = 1\n}\n' + bucket("c") + '"d" {\n}\n', "main.tf")
    said = [(item.location.span.start_line, item.message) for item in file.diagnostics if item.location]  # type: ignore[union-attr]

    assert said == [
        (5, "Unexpected “=”; until that is corrected, module b cannot be read"),
        (10, "An argument or block must begin with a name; until that is corrected, main.tf:10-11 cannot be read"),
    ]


def test_an_argument_that_is_written_twice_is_lost_once() -> None:
    file = parse_file("a = 1\na = 2\nb = 3\n", "x.tfvars")

    assert set(file.body.attributes) == {"a", "b"}
    assert [each.place for each in file.lost] == ["x.tfvars:2"]


def test_many_faults_are_bounded() -> None:
    file = parse_file(bucket("a") + 'resource "t" "b" {\n  x = = 1\n}\n' * 5_000, "main.tf")

    assert len(file.diagnostics) == 11
    assert [block.labels for block in file.body.blocks if not block.lost] == [("aws_s3_bucket", "a")]


@given(st.text(alphabet='{}[]()"\n a=#<E$/*', max_size=60))
def test_no_fault_goes_unsaid(text: str) -> None:
    file = parse_file(bucket("a") + text + "\n" + bucket("c"), "main.tf")
    read = {block.labels[-1] for block in file.body.blocks if not block.lost}

    assert read >= {"a", "c"} or file.diagnostics
    assert bool(file.diagnostics) == bool(file.lost or [block for block in file.body.blocks if block.lost])


def verdicts(folder: Path, rule: str) -> dict[str, str]:
    report = scan([folder], Options(select=(rule,), all_results=True))
    return {finding.address: finding.verdict.value for finding in report.findings}


BLOCK = (
    'resource "aws_s3_bucket_public_access_block" "a" {\n  bucket = aws_s3_bucket.a.id\n  block_public_acls = true\n'
    "  block_public_policy = true\n  ignore_public_acls = true\n  restrict_public_buckets = true\n"
)


@pytest.mark.parametrize(
    "broken",
    [BLOCK + "  x = = 1\n}\n", BLOCK, BLOCK.replace(".id\n", '.id"\n') + "}\n", BLOCK + "}\n}\n"],
)
def test_a_setting_that_is_lost_is_unknown_where_it_may_apply(tmp_path: Path, broken: str) -> None:
    write(tmp_path, main_tf=bucket("a") + broken + bucket("c"))

    assert verdicts(tmp_path, "public-access-block") == {"aws_s3_bucket.a": "unknown", "aws_s3_bucket.c": "unknown"}
    assert verdicts(tmp_path, "versioning-disabled") == {"aws_s3_bucket.a": "fail", "aws_s3_bucket.c": "fail"}


def test_a_file_of_json_that_is_lost_counts_the_same(tmp_path: Path) -> None:
    write(tmp_path, main_tf=bucket("a"))
    (tmp_path / "block.tf.json").write_text('{"resource": {"aws_s3_bucket_versioning": {"a": {}}}', encoding="utf-8")

    assert verdicts(tmp_path, "versioning-disabled") == {"aws_s3_bucket.a": "unknown"}
    assert verdicts(tmp_path, "public-access-block") == {"aws_s3_bucket.a": "fail"}


def test_a_file_that_cannot_be_read_may_hold_anything(tmp_path: Path) -> None:
    write(tmp_path, main_tf=bucket("a"))
    (tmp_path / "more.tf").write_bytes(b"\xff\xfe\x00")

    assert verdicts(tmp_path, "public-policy") == {"aws_s3_bucket.a": "unknown"}


def test_a_bucket_that_is_lost_is_unknown_and_keeps_its_parts(tmp_path: Path) -> None:
    enabled = '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    write(
        tmp_path,
        main_tf=bucket("a").replace("= ", "= = ")
        + f'resource "aws_s3_bucket_versioning" "a" {{\n  bucket = aws_s3_bucket.a.id\n{enabled}',
    )

    assert verdicts(tmp_path, "versioning-disabled") == {"aws_s3_bucket.a": "pass"}
    assert verdicts(tmp_path, "public-acl-read") == {"aws_s3_bucket.a": "unknown"}


def test_a_module_call_that_is_lost_may_configure_the_bucket_that_it_is_given(tmp_path: Path) -> None:
    call = 'module "m" {\n  source = = "./m"\n  bucket = aws_s3_bucket.a.id\n}\n'
    write(tmp_path, main_tf=bucket("a") + call, m__main_tf='variable "acl" {\n  default = "public-read"\n}\n')
    root, called = load_source(str(tmp_path))

    assert verdicts(tmp_path, "versioning-disabled") == {"aws_s3_bucket.a": "unknown"}
    assert len(messages(root)) == 1
    assert "what calls this module is not known" in messages(called)[0]


def test_a_module_whose_callers_are_lost_is_not_judged_by_its_defaults(tmp_path: Path) -> None:
    inner = 'variable "acl" {\n  default = "public-read"\n}\n' + bucket("b").replace(
        '"b"\n}', '"b"\n  acl = var.acl\n}'
    )
    write(tmp_path, main_tf='module "m" {\n  source = = "./m"\n}\n', m__main_tf=inner)

    assert verdicts(tmp_path, "public-acl-read") == {"aws_s3_bucket.b": "unknown"}


def test_names_that_may_be_declared_in_lost_text_are_unknown_without_a_word(tmp_path: Path) -> None:
    names = "var.x, local.x, module.x.y, aws_s3_bucket.x.id, data.aws_caller_identity.x.id"
    write(tmp_path, main_tf=f'output "x" {{\n  value = [{names}]\n}}\n', other_tf='variable "y" {\n')
    values = output(tmp_path, "x")

    assert isinstance(values, list)
    assert all(isinstance(item, Unknown) for item in values)
    assert len(messages(load_one(tmp_path))) == 1


def test_declarations_that_are_lost_are_unknown_without_a_word(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "x" {\n  default = = 1\n}\nlocals {\n  x = = 1\n}\ndata "t" "x" {\n  a = = 1\n}\n'
        'module "x" {\n  source = = 1\n}\n'
        'output "x" {\n  value = [var.x, local.x, data.t.x.a, module.x.y]\n}\n',
    )
    values = output(tmp_path, "x")

    assert isinstance(values, list)
    assert [str(item).rpartition("/")[2] for item in values] == [
        "main.tf:1-3 cannot be read",
        "main.tf:4-6 cannot be read",
        "main.tf:7-9 cannot be read)",
        "main.tf:10-12 cannot be read",
    ]
    assert len(messages(load_one(tmp_path))) == 4


def test_an_output_that_is_lost_is_unknown_to_the_caller(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='module "m" {\n  source = "./m"\n}\noutput "x" {\n  value = [module.m.a, module.m.b]\n}\n',
        m__main_tf='output "a" {\n  value = = 1\n}\noutput "b" {\n',
    )
    values = output(tmp_path, "x")

    assert isinstance(values, list)
    assert all(isinstance(item, Unknown) for item in values)


def test_an_override_that_is_lost_may_have_changed_anything(tmp_path: Path) -> None:
    write(
        tmp_path, main_tf=bucket("a").replace('"a"\n}', '"a"\n  acl = "private"\n}'), x_override_tf='resource "a" {\n'
    )

    assert verdicts(tmp_path, "public-acl-read") == {"aws_s3_bucket.a": "unknown"}


def test_a_provider_that_is_lost_leaves_its_tags_unknown(tmp_path: Path) -> None:
    write(tmp_path, main_tf='provider "aws" {\n  default_tags = = {}\n}\n' + bucket("a"))
    (found,) = load_one(tmp_path).resources

    assert isinstance(found.values["tags_all"], Unknown)


@pytest.mark.parametrize(
    ("options", "expected"),
    [(SourceOptions(), None), (SourceOptions(variables={"x": "c"}), "c"), (SourceOptions(var_files=("more",)), "m")],
)
def test_values_are_unknown_where_a_file_of_them_is_lost(
    tmp_path: Path, options: SourceOptions, expected: str | None
) -> None:
    write(tmp_path, main_tf='variable "x" {\n  default = "d"\n}\noutput "x" { value = var.x }\n')
    (tmp_path / "terraform.tfvars").write_text('y = 1\nx = = "t"\n', encoding="utf-8")
    (tmp_path / "more.tfvars").write_text('x = "m"\n', encoding="utf-8")
    files = tuple(str(tmp_path / f"{name}.tfvars") for name in options.var_files)
    found = output(tmp_path, "x", SourceOptions(options.variables, files))

    assert isinstance(found, Unknown) if expected is None else found == expected


def test_what_may_configure_a_bucket_is_what_the_model_joins() -> None:
    assert set(MAY_CONFIGURE) == {*BY_TYPE, ACCOUNT_BLOCK}


def test_text_that_cannot_be_read_declares_no_resource_of_a_type_that_it_does_not_name(tmp_path: Path) -> None:
    write(tmp_path, main_tf=bucket("a"), b_tf='resource "aws_s3_bucket_acl" "x" {\n')

    assert set(resources(load_one(tmp_path))) == {"aws_s3_bucket.a", f"aws_s3_bucket_acl.({_shown(tmp_path)}/b.tf:1)"}


def _shown(folder: Path) -> str:
    from iacscan.inputs.source import show_path

    return show_path(folder)


def test_a_block_that_another_one_has_swallowed_is_said_and_neither_is_judged(tmp_path: Path) -> None:
    write(tmp_path, main_tf=bucket("a") + 'resource "aws_s3_bucket" "b" {\n  versioning {\n' + BLOCK + "}\n}\n}\n")
    folder = _shown(tmp_path)

    assert messages(load_one(tmp_path)) == [
        "resource aws_s3_bucket_public_access_block.a stands inside another block, so neither is judged;"
        " is a brace missing before it?"
    ]
    assert verdicts(tmp_path, "versioning-disabled") == {"aws_s3_bucket.a": "fail", "aws_s3_bucket.b": "unknown"}
    assert verdicts(tmp_path, "public-access-block") == {"aws_s3_bucket.a": "unknown", "aws_s3_bucket.b": "unknown"}
    assert f"aws_s3_bucket_public_access_block.({folder}/main.tf:6)" in resources(load_one(tmp_path))


@pytest.mark.parametrize(
    ("text", "level", "message"),
    [
        ("acl = 1\n", Level.ERROR, "The argument acl stands outside of any block"),
        (
            "resourse a b {\n}\n",
            Level.ERROR,
            "There is no block of the type resourse, so it is not judged; did you mean resource?",
        ),
        ("frobnicate {\n}\n", Level.WARNING, "There is no block of the type frobnicate, so it is not judged"),
        ("resource a {\n}\n", Level.ERROR, "A resource block needs 2 label(s), not 1"),
    ],
)
def test_what_is_no_declaration_is_said(tmp_path: Path, text: str, level: Level, message: str) -> None:
    (said,) = load_one(write(tmp_path, main_tf=bucket("a") + text)).diagnostics

    assert (said.level, said.message) == (level, message)
