"""Provider configurations of one account, and what that decides of a bucket."""

from typing import Any

import pytest

from iacscan import model
from iacscan.core import Unknown, Value
from iacscan.inputs.configuration import Configuration, Kind, ProviderAccount, Resource
from iacscan.model.accounts import own_accounts

OWN, OTHER = "111122223333", "222233334444"
SAME, ELSE = ProviderAccount(credentials="a"), ProviderAccount(credentials="b")
FLAGS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
SELECTOR: Value = [{"read_write_type": "All", "data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}]
PAIRS = [
    (ProviderAccount(), ProviderAccount(), "unknown"),
    (SAME, SAME, "true"),
    (SAME, ELSE, "unknown"),
    (SAME, ProviderAccount(), "unknown"),
    (ProviderAccount(OWN), ProviderAccount(OWN), "true"),
    (ProviderAccount(OWN, "a"), ProviderAccount(OWN, "b"), "true"),
    (ProviderAccount(OWN), ProviderAccount(OTHER), "false"),
    (ProviderAccount(OWN, "a"), ProviderAccount(None, "a"), "true"),
    (ProviderAccount(OWN, "a"), ProviderAccount(None, "b"), "unknown"),
]


def at(provider: str, address: str, **values: Value) -> Resource:
    type_, name = address.split(".")
    return Resource(address, type_, name, values, provider=provider, declared=frozenset(values))


def configuration(one: ProviderAccount, other: ProviderAccount, *resources: Resource) -> Configuration:
    return Configuration(Kind.SOURCE, ".", resources, providers={"aws": one, "aws.other": other})


def bucket(one: ProviderAccount, other: ProviderAccount, *resources: Resource) -> Any:
    own = at("aws", "aws_s3_bucket.a", bucket="a")
    built = model.build(configuration(one, other, own, *resources))
    return next(item.facts for item in built.subjects if item.address == own.address)


def words(value: Any) -> str:
    return "unknown" if isinstance(value, Unknown) else str(value).lower()


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_whether_two_provider_configurations_work_in_one_account(
    one: ProviderAccount, other: ProviderAccount, expected: str
) -> None:
    accounts = own_accounts(configuration(one, other))
    assert words(accounts.same("aws", "aws.other")) == words(accounts.same("aws.other", "aws")) == expected
    assert accounts.same("aws.other", "aws.other") is True


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_a_trail_and_an_account_block_of_another_provider_configuration(
    one: ProviderAccount, other: ProviderAccount, expected: str
) -> None:
    trail = at("aws.other", "aws_cloudtrail.t", event_selector=SELECTOR, is_multi_region_trail=True)
    block = at("aws.other", "aws_s3_account_public_access_block.x", **dict.fromkeys(FLAGS, True))
    found = bucket(one, other, trail, block)
    assert words(found["tracking"]["reads"]) == expected
    assert words(found["public_access_block"]["all_on"]) == expected


def test_equal_credentials_share_the_account_that_one_of_them_tells() -> None:
    role = at("aws.other", "aws_iam_role.r", arn=f"arn:aws:iam::{OWN}:role/r")
    assert own_accounts(configuration(SAME, SAME, role)).get("aws") == OWN
    assert own_accounts(configuration(SAME, ELSE, role)).get("aws") is None


def test_accounts_that_disagree_are_not_known() -> None:
    role = at("aws", "aws_iam_role.r", arn=f"arn:aws:iam::{OTHER}:role/r")
    assert own_accounts(configuration(ProviderAccount(OWN), SAME, role)).get("aws") is None


@pytest.mark.parametrize(("account", "named"), [(OWN, []), (OTHER, [OWN]), (None, [OWN])])
def test_a_policy_that_names_the_account_that_the_provider_is_pinned_to(account: str | None, named: list[str]) -> None:
    policy = (
        f'{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OWN}:role/x"}},'
        '"Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}]}'
    )
    attached = at("aws", "aws_s3_bucket_policy.p", bucket="a", policy=policy)
    assert bucket(ProviderAccount(account), SAME, attached)["policy"]["accounts"] == named
