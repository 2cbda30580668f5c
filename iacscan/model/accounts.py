"""The account that a provider configuration works in, where the input tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from iacscan.inputs.configuration import Resource

_IDENTITY = "aws_caller_identity"
_OF_ACCOUNT = ("aws_iam_role", "aws_iam_user", "aws_iam_policy")
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
