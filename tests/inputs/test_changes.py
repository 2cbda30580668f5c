"""What an edit of the source changes, told from the source before and the source now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from iacscan import model
from iacscan.core import Unknown
from iacscan.inputs.changes import changed
from iacscan.inputs.configuration import Change, Configuration
from iacscan.inputs.source import load_source

Edit = Callable[[str | Mapping[str, str], str | Mapping[str, str]], Configuration]

BUCKET = 'resource "aws_s3_bucket" "a" {\n  bucket = "example-a"\n}\n'
VERSIONING = """\
resource "aws_s3_bucket_versioning" "a" {
  bucket = aws_s3_bucket.a.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""
BOTH = BUCKET + VERSIONING
GUARD = "aws_s3_bucket_versioning.a"
MOVED = "moved {\n  from = aws_s3_bucket.a\n  to   = aws_s3_bucket.b\n}\n"
CALL = 'module "v" {\n  source = "./v"\n  id     = aws_s3_bucket.a.id\n}\n'
MODULE = {"v/main.tf": 'variable "id" {}\n' + VERSIONING.replace("aws_s3_bucket.a.id", "var.id")}
INLINE = BUCKET.replace("}\n", "  versioning {\n    enabled = true\n  }\n}\n")
IMPORT = 'import {{\n  to = {}\n  id = "example-a"\n}}\n'


def keyed(text: str, argument: str) -> str:
    """``text`` with a meta-argument in each of its resources."""
    return text.replace("  bucket =", f"  {argument}\n  bucket =")


def removed(address: str, destroy: str) -> str:
    return f"removed {{\n  from = {address}\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n"


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """From the files before and now, the configuration that tells what changes."""

    def read(before: str | Mapping[str, str], now: str | Mapping[str, str]) -> Configuration:
        loaded = []
        for name, files in (("before", before), ("now", now)):
            for path, text in ({"main.tf": files} if isinstance(files, str) else files).items():
                file = tmp_path / name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            found = load_source(str(tmp_path / name))
            loaded.append(found[0] if found else Configuration(loaded[0].kind, "."))
        return changed(loaded[1], loaded[0])

    return read


def changes(configuration: Configuration) -> dict[str, Change | None]:
    return {item.address: item.change for item in configuration.resources}


def lost(configuration: Configuration) -> dict[str, object]:
    """What the change takes away, by bucket; ``"perhaps"`` where that is not known."""
    built = model.build(configuration, (model.CHANGES,))
    facts = {subject.address: subject.facts for subject in built.subjects}
    return {
        address: "perhaps" if isinstance(each["removed"], Unknown) else each["named"] for address, each in facts.items()
    }


def test_the_same_source_changes_nothing(edit: Edit) -> None:
    same = edit(BOTH, f"# a comment\n{VERSIONING}\n\n{BUCKET}")
    assert set(changes(same).values()) == {Change.UNCHANGED}
    assert lost(same) == {"aws_s3_bucket.a": []}


CASES = {
    "a setting is deleted": (BOTH, BUCKET, ["versioning"]),
    "a setting is suspended": (BOTH, BOTH.replace("Enabled", "Suspended"), ["versioning"]),
    "count = 0 deletes": (BOTH, BUCKET + keyed(VERSIONING, "count = 0"), ["versioning"]),
    "a module call goes": ({"main.tf": BUCKET + CALL, **MODULE}, BUCKET, ["versioning"]),
    "a removed block that destroys": (BOTH, BUCKET + removed(GUARD, "true"), ["versioning"]),
    "a removed block that does not": (BOTH, BUCKET + removed(GUARD, "false"), []),
    "count = 1 is the same object": (BOTH, BUCKET + keyed(VERSIONING, "count = 1"), []),
    "an inline block goes, and stays in AWS": (INLINE, BUCKET, []),
    "an inline block says otherwise": (INLINE, INLINE.replace("true", "false"), ["versioning"]),
    "a resource takes over from an inline block": (INLINE, BOTH, []),
    "a resource takes over, and suspends": (INLINE, BOTH.replace("Enabled", "Suspended"), ["versioning"]),
    "an inline block takes over, but the deletion suspends": (BOTH, INLINE, ["versioning"]),
    "a number that is not known": (BOTH, 'variable "n" {}\n' + BUCKET + keyed(VERSIONING, "count = var.n"), "perhaps"),
    "keys that are not known": (
        BUCKET + keyed(VERSIONING, 'for_each = toset(["x"])'),
        'variable "n" {}\n' + BUCKET + keyed(VERSIONING, "for_each = var.n"),
        "perhaps",
    ),
    "a value that was not known": ('variable "s" {}\n' + BOTH.replace('"Enabled"', "var.s"), BUCKET, "perhaps"),
    "a value that is not known, as before": (
        'variable "s" {}\n' + BOTH.replace('"Enabled"', "var.s"),
        'variable "s" {}\n' + INLINE.replace("versioning {\n    enabled = true\n  }", "force_destroy = true")
        + VERSIONING.replace('"Enabled"', "var.s"),
        [],
    ),
    "a block that cannot be read": (BOTH, BOTH.replace("status =", "status = ="), "perhaps"),
    "lines that cannot be read": (BOTH, BOTH.replace("  }\n}", "  }"), "perhaps"),
    "a module call that cannot be read": (
        {"main.tf": BUCKET + CALL, **MODULE},
        {"main.tf": BUCKET + CALL.replace("id  ", "id = "), **MODULE},
        "perhaps",
    ),
    "a module that is not at hand": (
        {"main.tf": BUCKET + CALL, **MODULE},
        BUCKET + 'module "v" {\n  source = "example/v/aws"\n}\n',
        "perhaps",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_an_edit_takes_away(edit: Edit, case: str) -> None:
    before, now, expected = CASES[case]
    assert lost(edit(before, now)) == {"aws_s3_bucket.a": expected}


def test_what_nobody_writes_stays_as_it_is_in_aws(edit: Edit) -> None:
    guarded = BOTH.replace('"Enabled"', '"Enabled"\n    mfa_delete = "Enabled"')
    assert lost(edit(guarded, BOTH)) == {"aws_s3_bucket.a": []}
    assert lost(edit(guarded, guarded.replace('delete = "Enabled"', 'delete = "Disabled"'))) == {
        "aws_s3_bucket.a": ["MFA delete"]
    }


def test_a_moved_bucket_is_the_same(edit: Edit) -> None:
    now = edit(BOTH, BUCKET.replace('"a"', '"b"') + VERSIONING.replace("bucket.a.", "bucket.b.") + MOVED)
    assert changes(now)["aws_s3_bucket.b"] is Change.UNCHANGED
    assert lost(now) == {"aws_s3_bucket.b": []}


def test_what_goes_is_that_of_the_moved_bucket(edit: Edit) -> None:
    controls = 'resource "aws_s3_bucket_ownership_controls" "a" {\n  bucket = aws_s3_bucket.a.id\n  rule {\n'
    controls += '    object_ownership = "BucketOwnerEnforced"\n  }\n}\n'
    now = edit(BUCKET + controls + VERSIONING, BUCKET.replace('"a"', '"b"') + MOVED)
    assert lost(now) == {"aws_s3_bucket.b": ["versioning"]}
    assert lost(edit(BUCKET + controls, BUCKET.replace('"a"', '"b"') + MOVED)) == {"aws_s3_bucket.b": "perhaps"}


def test_addresses_may_change_places(edit: Edit) -> None:
    swapped = INLINE.replace('"a"', '"b"') + BUCKET.replace("example-a", "example-new") + MOVED
    now = edit(INLINE, swapped)
    assert changes(now) == {"aws_s3_bucket.b": Change.UNCHANGED, "aws_s3_bucket.a": Change.CREATED}
    assert lost(now) == {"aws_s3_bucket.b": []}


def test_without_a_move_another_address_is_another_bucket(edit: Edit) -> None:
    now = edit(BOTH, BUCKET.replace('"a"', '"b"'))
    assert changes(now) == {
        "aws_s3_bucket.b": Change.CREATED,
        "aws_s3_bucket.a": Change.DELETED,
        GUARD: Change.DELETED,
    }
    assert lost(now) == {}


def test_a_bucket_with_another_name_is_made_anew(edit: Edit) -> None:
    now = edit(INLINE, BUCKET.replace("example-a", "example-b"))
    assert changes(now) == {"aws_s3_bucket.a": Change.REPLACED}
    assert lost(now) == {"aws_s3_bucket.a": ["versioning"]}


def test_what_is_imported_was_there_in_a_way_not_known(edit: Edit) -> None:
    imports = IMPORT.format("aws_s3_bucket.a") + IMPORT.format(GUARD)
    assert lost(edit("", BOTH + imports)) == {"aws_s3_bucket.a": []}
    assert lost(edit("", BOTH.replace("Enabled", "Suspended") + imports)) == {"aws_s3_bucket.a": "perhaps"}
    assert lost(edit("", BOTH.replace("Enabled", "Suspended"))) == {}


def test_secrets_of_either_source_stay_secret(edit: Edit) -> None:
    secret = 'variable "s" {\n  sensitive = true\n  default = "hidden-then"\n}\n'
    now = edit(secret + BUCKET, secret.replace("then", "now") + BUCKET)
    assert now.before is not None
    assert now.secrets == now.before.secrets == {"hidden-then", "hidden-now"}
