"""Statements of a policy back to where they are written: a block of the data source, or an item of ``jsonencode``."""

from __future__ import annotations

from pathlib import Path

import pytest
from terraform_tools import load_one, write

from iacscan.core import Origin

ONE = 'statement { # one\nsid = "one"\n}\n'
TWO = 'statement { # two\nsid = "two"\n}\n'
EACH = 'dynamic "statement" {\nfor_each = %s\ncontent { # each\nsid = statement.value\n}\n}\n'
LIST = "[\n{ Sid = 1 },\n{ Sid = 2 },\n]"


def lines(folder: Path, index: int, main: str, **files: str) -> list[str]:
    """The places of a statement of the policy, as the line that is there."""
    project = write(folder, main_tf=main, **files)
    (address,) = (each.address for each in load_one(project).resources if each.type == "aws_s3_bucket_policy")
    found = load_one(project).locate(Origin(address, ("policy", "Statement", index)))
    return [Path(each.path).read_text().splitlines()[each.span.start_line - 1].strip() for each in found if each.span]


def policy(document: str) -> str:
    return f'resource "aws_s3_bucket_policy" "p" {{\nbucket = "b"\npolicy = {document}\n}}\n'


def data(*content: str, name: str = "d") -> str:
    return f'data "aws_iam_policy_document" "{name}" {{\n{"".join(content)}}}\n'


READS = policy("data.aws_iam_policy_document.d.json")
ARGUMENT = "policy = data.aws_iam_policy_document.d.json"


@pytest.mark.parametrize(
    ("content", "index", "line"),
    [
        ((ONE, TWO), 0, "statement { # one"),
        ((ONE, TWO), 1, "statement { # two"),
        ((ONE, TWO), 2, ARGUMENT),
        ((EACH % '["a", "b"]', TWO), 1, "content { # each"),
        ((EACH % '["a", "b"]', TWO), 2, "statement { # two"),
        ((EACH % "var.late", TWO), 0, "statement { # two"),
        ((EACH % "var.late", TWO), 1, ARGUMENT),
        ((EACH % "var.late", EACH % "var.late", TWO), 0, ARGUMENT),
        (("source_policy_documents = [var.late]\n", ONE), 0, ARGUMENT),
        (('override_json = ""\n', ONE), 0, ARGUMENT),
    ],
)
def test_a_statement_is_a_block_of_the_data_source(
    tmp_path: Path, content: tuple[str, ...], index: int, line: str
) -> None:
    assert lines(tmp_path, index, 'variable "late" {}\n' + data(*content) + READS)[0] == line


@pytest.mark.parametrize(
    ("document", "more", "index", "line"),
    [
        (f"jsonencode({{\nStatement = {LIST}\n}})", "", 1, "{ Sid = 2 },"),
        (f"(jsonencode(({{\nStatement = {LIST}\n}})))", "", 0, "{ Sid = 1 },"),
        ("jsonencode({\nStatement = { Sid = 1 }\n})", "", 0, "Statement = { Sid = 1 }"),
        ("jsonencode({\nStatement = concat([], [])\n})", "", 0, "Statement = concat([], [])"),
        ("local.doc", f"locals {{\ndoc = jsonencode({{\nStatement = {LIST}\n}})\n}}\n", 1, "{ Sid = 2 },"),
        ("jsonencode(local.doc)", f"locals {{\ndoc = {{\nStatement = {LIST}\n}}\n}}\n", 1, "{ Sid = 2 },"),
        (
            "jsonencode({\nStatement = local.all\n})",
            "locals {\nall = [local.one]\none = { Sid = 1 }\n}\n",
            0,
            "one = { Sid = 1 }",
        ),
        ("local.doc", "locals {\ndoc = local.doc\n}\n", 0, "policy = local.doc"),
        ("jsonencode(local.doc)", "locals {\ndoc = jsonencode(local.doc)\n}\n", 0, "policy = jsonencode(local.doc)"),
        ('file("p.json")', "", 0, 'policy = file("p.json")'),
        ("data.aws_iam_policy_document.none.json", "", 0, "policy = data.aws_iam_policy_document.none.json"),
    ],
)
def test_a_statement_is_an_item_of_what_is_encoded(
    tmp_path: Path, document: str, more: str, index: int, line: str
) -> None:
    assert lines(tmp_path, index, more + policy(document))[0] == line


def test_an_instance_of_the_data_source(tmp_path: Path) -> None:
    main = data('for_each = toset(["x"])\n', ONE) + policy('data.aws_iam_policy_document.d["x"].json')
    assert lines(tmp_path, 0, main)[0] == "statement { # one"


def test_the_argument_of_the_caller_is_followed_and_a_call_is_shown(tmp_path: Path) -> None:
    module = 'variable "given" {}\n' + policy("var.given")
    main = data(ONE, TWO) + 'module "m" {\nsource = "./m"\ngiven = data.aws_iam_policy_document.d.json\n}\n'
    assert lines(tmp_path, 1, main, m__main_tf=module) == ["statement { # two"]
    inside = data(ONE, TWO) + READS
    found = lines(tmp_path / "other", 1, 'module "m" {\nsource = "./m"\n}\n', m__main_tf=inside)
    assert found == ["statement { # two", 'module "m" {']


def test_the_document_itself_has_its_statements(tmp_path: Path) -> None:
    project = write(tmp_path, main_tf=data(ONE, TWO))
    (place, *_) = load_one(project).locate(Origin("data.aws_iam_policy_document.d", ("json", "Statement", 1)))
    assert place.span is not None
    assert place.span.start_line == 5
