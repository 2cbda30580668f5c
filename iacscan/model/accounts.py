"""The account that a provider configuration works in, and whose the resources are that it manages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from iacscan.aws.judgements.accounts import Holder
from iacscan.core import Unknown
from iacscan.inputs.addresses import block_of
from iacscan.inputs.configuration import Resource

_IDENTITY = "aws_caller_identity"
_OF_ACCOUNT = ("aws_iam_role", "aws_iam_user", "aws_iam_policy")
_ELSEWHERE = re.compile(r"(^|\.)aws_(organizations_\w+|\w+_service_account)\.")
"""Types whose attributes name other accounts: members of the organization, and accounts of AWS itself."""
_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):")


def own_accounts(resources: Iterable[Resource]) -> Mapping[str, str]:
    """Account ids by provider configuration.

    ``data.aws_caller_identity`` names the account, and so does the ARN of a role, user or policy that
    the provider manages. Where these disagree (a provider configuration of a module used twice) the
    account counts as not known.
    """
    found: dict[str, set[str]] = {}
    for resource in resources:
        account = _account(resource)
        if account is not None:
            found.setdefault(resource.provider, set()).add(account)
    return {provider: next(iter(ids)) for provider, ids in found.items() if len(ids) == 1}


def _account(resource: Resource) -> str | None:
    if resource.type == _IDENTITY and resource.mode == "data":
        account = resource.values.get("account_id")
        return account if isinstance(account, str) and re.fullmatch(r"\d{12}", account) else None
    if resource.type in _OF_ACCOUNT and resource.mode == "managed":
        arn = resource.values.get("arn")
        match = _ARN.match(arn) if isinstance(arn, str) else None
        return match[1] if match else None
    return None


def holders(resources: Sequence[Resource]) -> Callable[[str], Holder]:
    """For the provider configuration of a bucket: whose the resource is that a hole of its policy refers to.

    One provider configuration works in one account; another one may work in the same, so that only the
    ids tell, where both are known.
    """
    accounts = own_accounts(resources)
    providers = {block_of(resource.address): resource.provider for resource in resources}

    def seen_from(own: str) -> Holder:
        def holder(hole: Unknown) -> str | Unknown | None:
            address = hole.reference.address if hole.reference else ""
            provider = providers.get(block_of(address))
            if provider is None or _ELSEWHERE.search(address):
                return hole
            if provider == own:
                return None
            ours, theirs = accounts.get(own), accounts.get(provider)
            if ours is None or theirs is None:
                return Unknown("it is of another provider configuration", hole.references)
            return None if ours == theirs else theirs

        return holder

    return seen_from
