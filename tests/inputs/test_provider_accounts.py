"""Which account a provider configuration works in: by what source and plans have written in it."""

from pathlib import Path
from typing import Any

import pytest
from plan_maker import block, change, module, plan, read

from iacscan.core import Reference, Template, Unknown, Value
from iacscan.inputs import load
from iacscan.inputs.combined import combine
from iacscan.inputs.configuration import Configuration, ProviderAccount
from iacscan.inputs.provider_accounts import provider_account

OWN, OTHER = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{OTHER}:role/x"
LATER = Unknown(references=(Reference("var.role"),), exact=True)


def source(folder: Path, **files: str) -> Configuration:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".tf")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (configuration,), diagnostics = load([str(folder)])
    assert diagnostics == ()
    return configuration


def planned(folder: Path, **expressions: dict[str, Any]) -> Configuration:
    keys = {f"aws.{name}": {"name": "aws", "alias": name, "expressions": each} for name, each in expressions.items()}
    known = plan(
        [change("aws_s3_bucket.b")], module(block("aws_s3_bucket.b")), providers={"aws": {"name": "aws"}} | keys
    )
    return read(known, folder)


@pytest.mark.parametrize(
    ("arguments", "account"),
    [
        ({}, None),
        ({"allowed_account_ids": [OWN]}, OWN),
        ({"allowed_account_ids": [OWN, OTHER]}, None),
        ({"allowed_account_ids": [LATER]}, None),
        ({"allowed_account_ids": LATER}, None),
        ({"allowed_account_ids": []}, None),
        ({"profile": OWN}, None),
        ({"assume_role": [{"role_arn": ROLE}]}, OTHER),
        ({"assume_role": {"role_arn": ROLE}}, OTHER),
        ({"assume_role": [{"role_arn": f"arn:aws:iam::{OWN}:role/hop"}, {"role_arn": ROLE}]}, OTHER),
        ({"assume_role": [{"role_arn": ROLE}, {"role_arn": LATER}]}, None),
        ({"assume_role": [{"role_arn": None}]}, None),
        ({"assume_role": []}, None),
        ({"assume_role": Unknown()}, None),
        ({"assume_role_with_web_identity": [{"role_arn": ROLE}]}, OTHER),
        (
            {
                "assume_role_with_web_identity": [{"role_arn": f"arn:aws:iam::{OWN}:role/ci"}],
                "assume_role": [{"role_arn": ROLE}],
            },
            OTHER,
        ),
        ({"allowed_account_ids": [OTHER], "assume_role": [{"role_arn": LATER}]}, OTHER),
    ],
)
def test_the_account_that_is_written(arguments: dict[str, Value], account: str | None) -> None:
    assert provider_account(arguments).account == account


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({}, {}, True),
        ({}, {"profile": None, "assume_role": []}, True),
        ({}, {"allowed_account_ids": [OWN]}, True),
        ({}, {"profile": "a"}, False),
        ({"profile": "a"}, {"profile": "a"}, True),
        ({"profile": "a"}, {"profile": "b"}, False),
        ({"profile": Unknown()}, {"profile": Unknown()}, False),
        ({"profile": LATER}, {"profile": LATER}, True),
        ({"access_key": "a", "secret_key": "s"}, {"access_key": "b", "secret_key": "s"}, False),
        (
            {"profile": "a", "assume_role": [{"role_arn": LATER, "session_name": "a"}]},
            {"assume_role": [{"role_arn": LATER}]},
            True,
        ),
        ({"assume_role": [{"role_arn": LATER}]}, {"assume_role": [{"role_arn": ROLE}]}, False),
        ({"assume_role": Unknown()}, {"assume_role": Unknown()}, False),
        (
            {"assume_role": [{"role_arn": Template(("arn:aws:iam::", LATER, ":role/x"))}]},
            {"assume_role": [{"role_arn": Template(("arn:aws:iam::", LATER, ":role/x"))}]},
            True,
        ),
        (
            {"assume_role": [{"role_arn": Template(("arn:aws:iam::", Unknown(), ":role/x"))}]},
            {"assume_role": [{"role_arn": Template(("arn:aws:iam::", Unknown(), ":role/x"))}]},
            False,
        ),
    ],
)
def test_equal_credentials(one: dict[str, Value], other: dict[str, Value], equal: bool) -> None:
    first, second = provider_account(one).credentials, provider_account(other).credentials
    assert (first is not None and first == second) is equal


def test_no_credential_can_be_read_back() -> None:
    assert "hunter2" not in repr(provider_account({"access_key": "hunter2", "secret_key": "hunter2"}))


PROVIDERS = """
variable "role" {}
variable "profile" { default = "p" }
provider "aws" { region = "eu-west-1" }
provider "aws" {
  alias  = "use1"
  region = "us-east-1"
  default_tags { tags = { a = "b" } }
}
provider "aws" {
  alias               = "pinned"
  allowed_account_ids = toset(["111122223333"])
  profile             = var.profile
}
provider "aws" {
  alias   = "profile"
  profile = "p"
}
provider "aws" {
  alias = "role"
  assume_role { role_arn = "arn:aws:iam::222233334444:role/x" }
}
provider "aws" {
  alias = "perhaps"
  dynamic "assume_role" {
    for_each = var.role == "" ? [] : [var.role]
    content { role_arn = assume_role.value }
  }
}
resource "aws_s3_bucket" "b" {}
"""


def test_the_provider_configurations_of_source(tmp_path: Path) -> None:
    found = source(tmp_path, main=PROVIDERS).providers
    assert found["aws"] == found["aws.use1"]
    assert found["aws"].account is None
    assert found["aws.pinned"].account == OWN
    assert found["aws.pinned"].credentials == found["aws.profile"].credentials != found["aws"].credentials
    assert found["aws.role"].account == OTHER
    assert found["aws.perhaps"] == ProviderAccount()


def test_a_module_that_configures_its_provider_itself(tmp_path: Path) -> None:
    """Its provider configuration is not the root's, although both are called ``aws``."""
    found = source(
        tmp_path,
        main='provider "aws" {}\nmodule "m" { source = "./m" }\nresource "aws_s3_bucket" "a" {}\n',
        m__main='provider "aws" { profile = "m" }\nresource "aws_s3_bucket" "b" {}\n',
    )
    assert {item.address: item.provider for item in found.resources} == {
        "aws_s3_bucket.a": "aws",
        "module.m.aws_s3_bucket.b": "module.m:aws",
    }
    assert found.providers["module.m:aws"].credentials != found.providers["aws"].credentials


def test_a_module_by_itself_does_not_know_its_callers_providers(tmp_path: Path) -> None:
    text = 'variable "x" {\n  default = 1\n}\nresource "aws_s3_bucket" "b" {\n  provider = aws.peer\n}\n'
    assert source(tmp_path, main=text).providers == {}


def test_the_provider_configurations_of_a_plan(tmp_path: Path) -> None:
    found = planned(
        tmp_path,
        use1={"region": {"constant_value": "us-east-1"}},
        pinned={"allowed_account_ids": {"constant_value": [OWN]}, "profile": {"references": ["var.p"]}},
        role={"assume_role": [{"role_arn": {"constant_value": ROLE}, "external_id": {"references": ["var.p"]}}]},
        late={"assume_role": [{"role_arn": {"references": ["var.role"]}}]},
    )
    assert found.providers["aws.use1"] == found.providers["aws"]
    assert found.providers["aws.pinned"] == ProviderAccount(OWN)
    assert found.providers["aws.role"].account == OTHER
    assert found.providers["aws.late"] == ProviderAccount()
    assert found.before is not None
    assert found.before.providers == found.providers


def test_the_source_of_a_plan_knows_the_dynamic_blocks(tmp_path: Path) -> None:
    (tmp_path / "tf").mkdir()
    written, recorded = source(tmp_path / "tf", main=PROVIDERS), planned(tmp_path, perhaps={})
    assert recorded.providers["aws.perhaps"] == recorded.providers["aws"]
    assert combine(recorded, written).providers["aws.perhaps"] == ProviderAccount()
