"""From a directory to configurations: roots, modules, instances, what is said, and what is not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terraform_tools import BUCKET, load_one, messages, output, resources, write

from iacscan.core import Encoded, Level, Reference, Template, Unknown
from iacscan.inputs.configuration import Kind
from iacscan.inputs.source import SourceOptions, load_source

DEFAULT_TAGS = 'provider "aws" {\n  region = "eu-west-1"\n  default_tags {\n    tags = { Team = "a" }\n  }\n}\n'


def test_split_resources_join_by_exact_reference(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_tf=BUCKET,
        b_tf='resource "aws_s3_bucket_acl" "this" {\n  bucket = aws_s3_bucket.this.id\n  acl = "private"\n}\n',
    )
    configuration = load_one(tmp_path)
    acl = resources(configuration)["aws_s3_bucket_acl.this"]

    assert configuration.kind is Kind.SOURCE
    assert acl.values["acl"] == "private"
    assert acl.declared == {"bucket", "acl"}
    assert acl.provider == "aws"
    joined = acl.values["bucket"]
    assert isinstance(joined, Unknown)
    assert joined.reference == Reference("aws_s3_bucket.this", ("id",))


def test_a_written_attribute_is_known_to_others(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf=BUCKET
        + 'output "x" { value = [for name in ["bucket", "force_destroy", "tags"] : aws_s3_bucket.this[name]] }\n',
    )

    assert output(tmp_path, "x") == ["example", False, None]


def test_an_argument_that_names_another_resource_keeps_that_where_the_name_is_not_known(tmp_path: Path) -> None:
    user = 'resource "aws_iam_user" "u" {\n  name = "u-${var.x}"\n}\nvariable "x" {}\n'
    write(tmp_path, main_tf=user + 'resource "aws_iam_access_key" "k" {\n  user = aws_iam_user.u.name\n}\n')
    key = resources(load_one(tmp_path))["aws_iam_access_key.k"]

    assert isinstance(key.values["user"], Template)
    assert key.references == {"user": Reference("aws_iam_user.u", ("name",))}


def test_a_block_of_an_unknown_type_may_have_attributes_that_nobody_wrote(tmp_path: Path) -> None:
    main = 'resource "a_b" "c" {\n  spec {\n    port = 1\n  }\n}\n'
    names = 'a_b.c.spec[0].port, a_b.c.spec.0.address, a_b.c.spec[*].address, a_b.c.spec[0]["address"]'
    write(tmp_path, main_tf=main + f'output "x" {{\n  value = [{names}]\n}}\n')
    written, *others = output(tmp_path, "x")  # type: ignore[misc]

    assert written == 1
    assert all(isinstance(item, Unknown) for each in others for item in (each if isinstance(each, list) else [each]))
    assert messages(load_one(tmp_path)) == []


def test_a_policy_with_an_unknown_arn_keeps_its_shape(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf=BUCKET
        + 'resource "aws_s3_bucket_policy" "this" {\n  bucket = aws_s3_bucket.this.id\n'
        + '  policy = jsonencode({ Statement = [{ Resource = "${aws_s3_bucket.this.arn}/*" }] })\n}\n',
    )
    policy = resources(load_one(tmp_path))["aws_s3_bucket_policy.this"].values["policy"]

    assert isinstance(policy, Encoded)
    assert isinstance(policy.value, dict)
    (statement,) = policy.value["Statement"]  # type: ignore[misc]
    assert isinstance(statement, dict)
    arn = Unknown("known after apply", (Reference("aws_s3_bucket.this", ("arn",)),), exact=True)
    assert statement["Resource"] == Template((arn, "/*"))


def test_null_and_empty_dynamic_blocks_count_as_not_written(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='resource "aws_s3_bucket" "b" {\n  acl = null\n  dynamic "logging" {\n    for_each = []\n'
        "    content {\n      target_bucket = logging.value\n    }\n  }\n}\n",
    )
    (bucket,) = load_one(tmp_path).resources

    assert bucket.declared == frozenset()
    assert isinstance(bucket.values["acl"], Unknown)
    assert isinstance(bucket.values["logging"], Unknown)


def test_a_number_of_instances_that_is_not_known_is_said(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf=BUCKET
        + """
variable "on" {}
resource "aws_s3_bucket_acl" "a" {
  count  = var.on ? 1 : 0
  bucket = aws_s3_bucket.this.id
  acl    = "public-read"
}
resource "aws_s3_bucket_acl" "b" {
  bucket = aws_s3_bucket_acl.a[0].bucket
  acl    = aws_s3_bucket_acl.a[0].id
}
""",
    )
    found = resources(load_one(tmp_path))
    acl = found["aws_s3_bucket_acl.a"]

    assert acl.values["acl"] == "public-read"
    assert acl.existence is not None
    assert "whether it exists is not known" in acl.existence.waits.reason
    bucket = acl.values["bucket"]
    assert isinstance(bucket, Unknown)
    assert bucket.reference == Reference("aws_s3_bucket.this", ("id",))
    through = found["aws_s3_bucket_acl.b"].values["acl"]
    assert isinstance(through, Unknown)
    assert through.reference == Reference("aws_s3_bucket_acl.a", ("id",))


def test_an_unknown_module_for_each_leaves_its_content_in_doubt(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "names" {}\nmodule "m" {\n  for_each = var.names\n  source = "./m"\n}\n'
        'output "x" { value = module.m["a"].name }\n',
        m__main_tf='resource "aws_s3_bucket" "b" {\n  bucket = "b"\n  acl = "private"\n}\n'
        'output "name" { value = aws_s3_bucket.b.bucket }\n',
    )
    (bucket,) = load_one(tmp_path).resources

    assert bucket.address == "module.m.aws_s3_bucket.b"
    assert bucket.values["acl"] == "private"
    assert bucket.existence is not None
    assert "whether it exists is not known" in bucket.existence.waits.reason


def test_what_may_not_exist_and_is_no_part_of_a_bucket_is_unknown(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf="""
variable "on" {}
resource "aws_cloudtrail" "t" {
  count          = var.on ? 1 : 0
  name           = "t"
  s3_bucket_name = "b"
  enable_logging = true
}
""",
    )
    (trail,) = load_one(tmp_path).resources

    assert trail.existence is None
    assert isinstance(trail.values["enable_logging"], Unknown)
    assert "whether it exists is not known" in trail.values["enable_logging"].reason


def test_an_unknown_provider_region_is_no_obstacle(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf="""
variable "region" {}
provider "aws" {
  region = var.region
  default_tags {
    tags = { Region = var.region }
  }
}
data "aws_region" "r" {}
resource "aws_s3_bucket" "b" {
  tags = { Region = data.aws_region.r.name }
}
resource "aws_s3_bucket" "untagged" {}
""",
    )
    found = resources(load_one(tmp_path))
    bucket = found["aws_s3_bucket.b"]

    assert isinstance(found["aws_s3_bucket.untagged"].values["tags_all"], Unknown)
    assert isinstance(bucket.values["tags_all"], Unknown)
    assert isinstance(bucket.values["tags"]["Region"], Unknown)  # type: ignore[index, call-overload]


def test_every_directory_that_is_not_called_is_a_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        live__a__main_tf='module "m" {\n  source = "../../modules/m"\n}\n',
        live__b__main_tf=BUCKET,
        modules__m__main_tf=BUCKET,
        modules__unused__main_tf='variable "name" {}\n' + BUCKET,
    )
    (tmp_path / ".terraform" / "x").mkdir(parents=True)
    (tmp_path / ".terraform" / "x" / "main.tf").write_text("broken {")
    (tmp_path / "live" / "b" / "x.tftest.hcl").write_text("broken {")
    found = load_source(str(tmp_path))

    assert [item.path.rsplit(tmp_path.name, 1)[-1] for item in found] == ["/live/a", "/live/b", "/modules/unused"]
    assert [[each.address for each in item.resources] for item in found] == [
        ["module.m.aws_s3_bucket.this"],
        ["aws_s3_bucket.this"],
        ["aws_s3_bucket.this"],
    ]
    assert [messages(item) for item in found[:2]] == [[], []]
    assert messages(found[2]) == [
        "nothing here calls this module; it is judged by the defaults of its variables",
        "no value for the variable name; what depends on it is unknown (--var-file gives values)",
    ]


def test_modules_that_call_each_other_are_still_judged(tmp_path: Path) -> None:
    write(
        tmp_path,
        a__main_tf='module "b" {\n  source = "../b"\n}\n' + BUCKET,
        b__main_tf='module "a" {\n  source = "../a"\n}\n' + BUCKET,
    )
    (configuration,) = load_source(str(tmp_path))

    assert {each.address for each in configuration.resources} == {"aws_s3_bucket.this", "module.b.aws_s3_bucket.this"}
    assert messages(configuration) == ["module.b.module.a is not judged: the module calls itself"]


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, a_tf="resource {\n", b_tf=BUCKET)
    configuration = load_one(tmp_path)

    assert [item.level for item in configuration.diagnostics] == [Level.ERROR]
    assert [item.address for item in configuration.resources] == ["aws_s3_bucket.this"]


def test_a_single_file_is_a_root_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, a_tf=BUCKET, b_tf="broken {\n")
    (configuration,) = load_source(str(tmp_path / "a.tf"))

    assert configuration.path.endswith("/a.tf")
    assert configuration.diagnostics == ()
    assert len(configuration.resources) == 1


def test_a_remote_module_is_one_note_and_unknown(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='module "m" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n  version = "1.0"\n}\n'
        'resource "aws_s3_bucket_acl" "a" {\n  bucket = module.m.id\n  acl = module.m.list[0]\n}\n',
    )
    configuration = load_one(tmp_path)
    (acl,) = configuration.resources

    assert [item.level for item in configuration.diagnostics] == [Level.NOTE]
    assert "terraform-aws-modules/s3-bucket/aws" in messages(configuration)[0]
    bucket = acl.values["bucket"]
    assert isinstance(bucket, Unknown)
    assert bucket.reference == Reference("module.m", ("id",))


def test_a_remote_module_is_read_where_init_put_it(tmp_path: Path) -> None:
    write(tmp_path, main_tf='module "m" {\n  source = "terraform-aws-modules/s3-bucket/aws"\n}\n')
    inside = tmp_path / ".terraform" / "modules"
    (inside / "m").mkdir(parents=True)
    (inside / "m" / "main.tf").write_text(BUCKET)
    (inside / "modules.json").write_text(
        '{"Modules": [{"Key": "", "Source": "", "Dir": "."}, {"Key": "m", "Dir": ".terraform/modules/m"}]}'
    )

    assert [item.address for item in load_one(tmp_path).resources] == ["module.m.aws_s3_bucket.this"]


def test_a_missing_local_module_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, main_tf='module "m" {\n  source = "./gone"\n}\n')

    assert [item.level for item in load_one(tmp_path).diagnostics] == [Level.ERROR]


@pytest.mark.parametrize("source", ["./a\\u0000b", "./" + "a" * 5_000])
def test_a_module_at_a_path_that_cannot_be_is_an_error(tmp_path: Path, source: str) -> None:
    write(tmp_path, main_tf=f'module "m" {{\n  source = "{source}"\n}}\n')
    (diagnostic,) = load_one(tmp_path).diagnostics

    assert diagnostic.level is Level.ERROR
    assert diagnostic.message.startswith("module.m is not judged: ")


def test_a_manifest_of_modules_that_is_nested_too_deeply_is_none(tmp_path: Path) -> None:
    write(tmp_path, main_tf=BUCKET)
    (tmp_path / ".terraform" / "modules").mkdir(parents=True)
    (tmp_path / ".terraform" / "modules" / "modules.json").write_text("[" * 100_000)

    assert len(load_one(tmp_path).resources) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("default_tags {\n    x = 1\n  }", {"Name": "n"}),
        ("default_tags {\n  }", {"Name": "n"}),
        (
            'dynamic "default_tags" {\n    for_each = ["a"]\n'
            "    content {\n      tags = { Team = default_tags.value }\n    }\n  }",
            {"Name": "n", "Team": "a"},
        ),
        ('dynamic "default_tags" {\n    for_each = []\n    content {}\n  }', {"Name": "n"}),
    ],
)
def test_default_tags_in_every_form(tmp_path: Path, body: str, expected: dict[str, str]) -> None:
    bucket = 'resource "aws_s3_bucket" "b" {\n  tags = { Name = "n" }\n}\n'
    write(tmp_path, main_tf=f'provider "aws" {{\n  {body}\n}}\n{bucket}')

    assert resources(load_one(tmp_path))["aws_s3_bucket.b"].values["tags_all"] == expected


def test_default_tags_whose_block_may_not_be_there_are_unknown(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='variable "on" {}\nprovider "aws" {\n  dynamic "default_tags" {\n    for_each = var.on\n'
        '    content {\n      tags = { Public = "yes" }\n    }\n  }\n}\n'
        'resource "aws_s3_bucket" "b" {\n  tags = { Name = "n" }\n}\n',
    )
    assert isinstance(resources(load_one(tmp_path))["aws_s3_bucket.b"].values["tags_all"], Unknown)


def test_default_tags_and_provider_aliases(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf=DEFAULT_TAGS
        + 'provider "aws" {\n  alias = "west"\n}\n'
        + 'resource "aws_s3_bucket" "a" {\n  tags = { Team = "b", Name = "n" }\n}\n'
        + 'resource "aws_s3_bucket" "w" {\n  provider = aws.west\n  tags = { Name = "n" }\n}\n'
        + 'module "m" {\n  source = "./m"\n  providers = { aws.other = aws.west }\n}\n',
        m__main_tf='resource "aws_s3_bucket" "d" {}\nresource "aws_s3_bucket" "o" {\n  provider = aws.other\n}\n',
    )
    found = resources(load_one(tmp_path))

    assert found["aws_s3_bucket.a"].values["tags_all"] == {"Team": "b", "Name": "n"}
    assert found["aws_s3_bucket.w"].values["tags_all"] == {"Name": "n"}
    assert found["aws_s3_bucket.w"].provider == "aws.west"
    assert found["module.m.aws_s3_bucket.d"].values["tags_all"] == {"Team": "a"}
    assert found["module.m.aws_s3_bucket.o"].provider == "aws.west"


def test_the_region_of_the_provider_decides_the_partition(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf='data "aws_partition" "p" {}\ndata "aws_region" "r" {}\ndata "aws_s3_bucket" "b" {\n  bucket = "x"\n}\n'
        'output "x" { value = [data.aws_partition.p.partition, data.aws_region.r.name, data.aws_s3_bucket.b.arn] }\n',
    )

    china = SourceOptions(environment={"AWS_REGION": "cn-north-1"})
    assert output(tmp_path, "x", china) == ["aws-cn", "cn-north-1", "arn:aws-cn:s3:::x"]
    partition, region, arn = output(tmp_path, "x")  # type: ignore[misc]
    assert (partition, arn) == ("aws", "arn:aws:s3:::x")
    assert isinstance(region, Unknown)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (SourceOptions(), "default"),
        (SourceOptions(environment={"TF_WORKSPACE": "e"}), "e"),
        (SourceOptions(workspace="w", environment={"TF_WORKSPACE": "e"}), "w"),
    ],
)
def test_workspace(tmp_path: Path, options: SourceOptions, expected: str) -> None:
    write(tmp_path, main_tf='output "x" { value = terraform.workspace }\n')

    assert output(tmp_path, "x", options) == expected


@pytest.mark.parametrize(
    ("selected", "options", "expected"),
    [
        ("s", SourceOptions(), "s"),
        ("s\n", SourceOptions(), "s"),
        ("", SourceOptions(), "default"),
        ("s", SourceOptions(environment={"TF_WORKSPACE": "e"}), "e"),
        ("s", SourceOptions(workspace="w"), "w"),
    ],
)
def test_the_selected_workspace(tmp_path: Path, selected: str, options: SourceOptions, expected: str) -> None:
    write(tmp_path, main_tf='output "x" { value = terraform.workspace }\n')
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "environment").write_text(selected, encoding="utf-8")

    assert output(tmp_path, "x", options) == expected


def test_tofu_files_take_the_place_of_tf_files(tmp_path: Path) -> None:
    write(tmp_path, main_tf="broken {\n")
    (tmp_path / "main.tofu").write_text(BUCKET)

    assert [item.address for item in load_one(tmp_path).resources] == ["aws_s3_bucket.this"]


def test_two_declarations_of_one_name_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, a_tf=BUCKET, b_tf=BUCKET + "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n")
    configuration = load_one(tmp_path)

    assert [item.level for item in configuration.diagnostics] == [Level.ERROR, Level.ERROR]
    assert len(configuration.resources) == 1


@pytest.mark.parametrize("target", ["/etc/hostname", "../secret.txt", "link.txt"])
def test_files_outside_are_not_read(tmp_path: Path, target: str) -> None:
    root = tmp_path / "root"
    write(root, main_tf=f'output "x" {{ value = try(file("{target}"), "refused") }}\n')
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")

    assert output(root, "x") == "refused"


def test_values_that_need_themselves_are_a_diagnostic(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf="locals {\n  a = local.b\n  b = [local.a]\n}\n"
        'resource "aws_s3_bucket" "b" {\n  bucket = aws_s3_bucket.b.bucket\n  acl = local.a\n}\n'
        'resource "aws_s3_bucket" "c" {\n  count = length(aws_s3_bucket.c)\n}\n',
    )
    configuration = load_one(tmp_path)

    assert sorted(messages(configuration)) == [
        "aws_s3_bucket.b.bucket refers to itself",
        "aws_s3_bucket.c refers to itself",
        "local.a refers to itself",
    ]
    assert len(configuration.resources) == 2


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  a0 = ['x']\n".replace("'", '"')
        + "".join(f"  a{i} = [local.a{i - 1}, local.a{i - 1}]\n" for i in range(1, 20))
        + '}\nresource "a_b" "c" {\n  d = local.a19\n}\n',
        'locals {\n  a0 = "xxxxxxxxxx"\n'
        + "".join(f'  a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"\n' for i in range(1, 60))
        + '}\nresource "a_b" "c" {\n  d = local.a59\n}\n',
        'locals {\n  a0 = "x"\n'
        + "".join(f"  a{i} = local.a{i - 1}\n" for i in range(1, 800))
        + '}\nresource "a_b" "c" {\n  d = local.a799\n}\n',
        'resource "a_b" "c" {\n  count = 1000000000\n}\n',
    ],
)
def test_hostile_configurations_end_in_a_diagnostic(tmp_path: Path, text: str) -> None:
    write(tmp_path, main_tf=text)
    configuration = load_one(tmp_path)

    assert len(configuration.resources) == 1
    assert any("too" in message or "more than" in message for message in messages(configuration))


def test_instances_of_instances_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iacscan.terraform.project.MAX_ALL_INSTANCES", 500)
    call = 'module "m" {{\n  source = "../{0}"\n  count = 100\n}}\n'
    write(tmp_path, a__main_tf=call.format("b"), b__main_tf=call.format("c"), c__main_tf='resource "a_b" "c" {}\n')
    (configuration,) = load_source(str(tmp_path))

    assert "too many instances are declared to evaluate them all" in messages(configuration)
    assert 100 < len(configuration.resources) < 500


def test_what_is_not_declared_is_said_and_stands_for_itself(tmp_path: Path) -> None:
    write(
        tmp_path, main_tf='resource "aws_s3_bucket_acl" "a" {\n  bucket = aws_s3_bucket.gone.id\n  acl = var.gone\n}\n'
    )
    configuration = load_one(tmp_path)
    (acl,) = configuration.resources

    assert messages(configuration) == ["aws_s3_bucket.gone is not declared", "the variable gone is not declared"]
    bucket = acl.values["bucket"]
    assert isinstance(bucket, Unknown)
    assert bucket.reference == Reference("aws_s3_bucket.gone", ("id",))
    assert isinstance(acl.values["acl"], Unknown)


@given(st.binary(max_size=300) | st.text(alphabet='{}[]()"$%\\\n=a1.,?:!<~#/* -\r', max_size=300).map(str.encode))
def test_no_text_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    folder = tmp_path_factory.mktemp("x")
    for name in ("main.tf", "main.tf.json"):
        (folder / name).write_bytes(text)
        (configuration,) = load_source(str(folder))
        assert configuration.kind is Kind.SOURCE
        (folder / name).unlink()
