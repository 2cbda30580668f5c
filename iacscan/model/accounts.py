"""The account that a provider configuration works in, and whose the resources are that it manages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from iacscan.aws.judgements.accounts import Holder
from iacscan.core import Ternary, Unknown
from iacscan.inputs.addresses import block_of
from iacscan.inputs.configuration import Configuration, Resource

_IDENTITY = "aws_caller_identity"
_OF_ACCOUNT = ("aws_iam_role", "aws_iam_user", "aws_iam_policy")
_ELSEWHERE = re.compile(r"(^|\.)aws_(organizations_\w+|\w+_service_account)\.")
"""Types whose attributes name other accounts: members of the organization, and accounts of AWS itself."""
_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):")


ANOTHER_PROVIDER = Unknown("it uses another provider configuration")


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account ids and the credentials of provider configurations, as far as they are known."""

    ids: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)

    def get(self, provider: str) -> str | None:
        """The account id of ``provider``."""
        return self.ids.get(provider)

    def same(self, one: str, other: str) -> Ternary:
        """Whether two provider configurations work in one account; other credentials may be of the same."""
        if one == other:
            return True
        ours, theirs = self.ids.get(one), self.ids.get(other)
        if ours is not None and theirs is not None:
            return ours == theirs
        known = self.credentials.get(one)
        return True if known is not None and known == self.credentials.get(other) else ANOTHER_PROVIDER


def own_accounts(configuration: Configuration) -> Accounts:
    """The accounts of the provider configurations.

    Beside what a provider configuration says of itself, ``data.aws_caller_identity`` names the account, and so does
    the ARN of a role, user or policy that the provider manages. Where these disagree (a provider configuration of a
    module used twice) the account counts as not known. Equal credentials are of one account.
    """
    written = configuration.providers
    credentials = {name: item.credentials for name, item in written.items() if item.credentials is not None}
    found: dict[str, set[str]] = {}
    said = [(name, item.account) for name, item in written.items()]
    for provider, account in (*said, *((item.provider, _account(item)) for item in configuration.resources)):
        if account is not None:
            found.setdefault(provider, set()).add(account)
    ids = {provider: next(iter(several)) for provider, several in found.items() if len(several) == 1}
    of_credentials: dict[str, set[str]] = {}
    for provider in credentials.keys() & found.keys():
        of_credentials.setdefault(credentials[provider], set()).update(found[provider])
    for provider in credentials.keys() - found.keys():
        several = of_credentials.get(credentials[provider], set())
        if len(several) == 1:
            ids[provider] = next(iter(several))
    return Accounts(ids, credentials)


def _account(resource: Resource) -> str | None:
    if resource.type == _IDENTITY and resource.mode == "data":
        account = resource.values.get("account_id")
        return account if isinstance(account, str) and re.fullmatch(r"\d{12}", account) else None
    if resource.type in _OF_ACCOUNT and resource.mode == "managed":
        arn = resource.values.get("arn")
        match = _ARN.match(arn) if isinstance(arn, str) else None
        return match[1] if match else None
    return None


def holders(configuration: Configuration, accounts: Accounts) -> Callable[[str], Holder]:
    """For the provider configuration of a bucket: whose the resource is that a hole of its policy refers to.

    One provider configuration works in one account; another one may work in the same: see :meth:`Accounts.same`.
    """
    providers = {block_of(resource.address): resource.provider for resource in configuration.resources}

    def seen_from(own: str) -> Holder:
        def holder(hole: Unknown) -> str | Unknown | None:
            address = hole.reference.address if hole.reference else ""
            provider = providers.get(block_of(address))
            if provider is None or _ELSEWHERE.search(address):
                return hole
            same = accounts.same(own, provider)
            if isinstance(same, Unknown):
                return Unknown("it is of another provider configuration", hole.references)
            return None if same else accounts.get(provider)

        return holder

    return seen_from
