"""A policy that spells the name of its bucket, where that name is not known yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from model_resources import resource

from iacscan import model
from iacscan.core import Encoded, Reference, Template, Unknown, Value
from iacscan.inputs import load
from iacscan.inputs.configuration import Configuration, Kind

ACCOUNT = Unknown(references=(Reference("data.aws_caller_identity.me", ("account_id",)),), exact=True)
VARIABLE = Unknown("the variable name has no value")
OTHER = Unknown("the variable other has no value")


def policy_of(name: Value, spelling: Template) -> model.Subject:
    arns: list[Value] = [
        Template(("arn:aws:s3:::", *spelling.parts)),
        Template(("arn:aws:s3:::", *spelling.parts, "/*")),
    ]
    if isinstance(spelling.parts[0], str):
        first, *rest = spelling.parts
        arns = [Template((f"arn:aws:s3:::{first}", *rest)), Template((f"arn:aws:s3:::{first}", *rest, "/*"))]
    deny: Value = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": arns,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    bucket = resource("aws_s3_bucket.b", bucket=name)
    text = Encoded({"Version": "2012-10-17", "Statement": [deny]})
    of = Unknown(references=(Reference("aws_s3_bucket.b", ("id",)),), exact=True)
    policy = resource("aws_s3_bucket_policy.p", bucket=of, policy=text)
    (subject,) = model.build(Configuration(Kind.SOURCE, ".", (bucket, policy))).subjects
    return subject


def test_the_same_spelling_is_the_same_name() -> None:
    name = Template(("logs-", ACCOUNT))
    facts = policy_of(name, name).facts["policy"]
    assert facts["denies_plain_http"] is True
    assert facts["valid"] is True


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        (Template(("logs-", VARIABLE)), Template(("logs-", VARIABLE))),
        (Template((VARIABLE, "-logs")), Template((OTHER, "-logs"))),
        (Template(("logs-", ACCOUNT)), Template(("logs-", OTHER))),
        (VARIABLE, Template(("logs-", ACCOUNT))),
    ],
)
def test_what_may_be_the_same_name_is_not_decided(name: Value, spelling: Template) -> None:
    facts = policy_of(name, spelling).facts["policy"]
    assert isinstance(facts["denies_plain_http"], Unknown)
    assert isinstance(facts["valid"], Unknown)


def test_a_name_that_aws_makes_up_is_spelled_by_nobody() -> None:
    facts = policy_of(Unknown(), Template(("logs-", ACCOUNT))).facts["policy"]
    assert facts["denies_plain_http"] is False


@pytest.mark.parametrize(
    ("name", "spelling", "same"),
    [
        ("var.name", "var.name", True),
        ("var.names.a", "var.names.a", True),
        ("var.names.a", "var.names.b", False),
        ("var.name", "lower(var.name)", False),
        ('"${var.name}-logs"', '"${var.name}-logs"', True),
    ],
)
def test_a_variable_without_a_value_is_the_same_everywhere(
    tmp_path: Path, name: str, spelling: str, same: bool
) -> None:
    text = f"""
variable "name" {{}}
variable "names" {{}}
resource "aws_s3_bucket" "b" {{
  bucket = {name}
}}
resource "aws_s3_bucket" "other" {{}}
resource "aws_s3_bucket_versioning" "v" {{
  bucket = {spelling}
  versioning_configuration {{
    status = "Enabled"
  }}
}}
resource "aws_s3_bucket_policy" "p" {{
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = {{
      Effect    = "Allow"
      Principal = {{ Service = "logging.s3.amazonaws.com" }}
      Action    = "s3:PutObject"
      Resource  = join("", ["arn:aws:s3:::", {spelling}, "/*"])
    }}
  }})
}}
"""
    (tmp_path / "main.tf").write_text(text)
    ((configuration,), _) = load([str(tmp_path)])
    found = {item.address: item.facts for item in model.build(configuration).subjects}
    assert (found["aws_s3_bucket.b"]["versioning"]["status"] == "Enabled") is same
    assert isinstance(found["aws_s3_bucket.other"]["versioning"]["status"], Unknown) is not same
    assert (found["aws_s3_bucket.b"]["policy"]["valid"] is True) is same
