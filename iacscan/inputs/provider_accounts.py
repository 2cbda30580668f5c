"""Which account each provider configuration works in, by what is written in it.

``allowed_account_ids`` pins it, since Terraform refuses to work in another; a role that is assumed has it in its
ARN; and whatever uses equal credentials works in the same
(https://registry.terraform.io/providers/hashicorp/aws/latest/docs#authentication-and-configuration).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from iacscan.core import Choice, Template, Unknown, Value
from iacscan.inputs.blocks import Written, is_expression
from iacscan.inputs.configuration import ProviderAccount
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.providers import ACCOUNT_ARGUMENTS, configurations

_NOTHING_KNOWN = ProviderAccount()
_ALLOWED = "allowed_account_ids"
_ROLES = ("assume_role", "assume_role_with_web_identity")
"""The later one first: a role is assumed with what the web identity gives."""
_ROLE_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):role/")


def written_accounts(root: ModuleInstance) -> Mapping[str, ProviderAccount]:
    """The provider configurations of source, by the names that resources have for them."""
    found: dict[str, ProviderAccount] = {}
    for name, arguments in configurations(root.modules()):
        account = provider_account(arguments)
        found[name] = account if found.get(name, account) == account else _NOTHING_KNOWN
    if root.module.providers and not root.module.lost:
        found.setdefault("aws", provider_account({}))  # Terraform assumes an empty one where only aliases are written
    return found


def planned_accounts(written: Written) -> Mapping[str, ProviderAccount]:
    """The provider configurations that a plan lists, by key; only constants are known."""
    return {
        key: provider_account({name: _constant(expressions[name]) for name in ACCOUNT_ARGUMENTS & expressions.keys()})
        for key, expressions in written.providers
    }


def _constant(node: Any) -> Value:
    if isinstance(node, list):
        return [_constant(item) for item in node]
    if isinstance(node, dict) and not is_expression(node):
        return {name: _constant(item) for name, item in node.items()}
    return node["constant_value"] if isinstance(node, dict) and "constant_value" in node else Unknown()


def provider_account(arguments: Mapping[str, Value]) -> ProviderAccount:
    """What the :data:`~iacscan.terraform.providers.ACCOUNT_ARGUMENTS` of one configuration tell."""
    written = {name: value for name, value in arguments.items() if value not in (None, "", [])}
    allowed = written.pop(_ALLOWED, None)
    role = next((_last_role(written[name]) for name in _ROLES if name in written), None)
    pinned = allowed[0] if isinstance(allowed, list) and len(allowed) == 1 else None
    match = _ROLE_ARN.match(role) if isinstance(role, str) else None
    account = str(pinned) if re.fullmatch(r"\d{12}", str(pinned)) else match and match[1]
    # One role is one account, whatever the credentials that assume it.
    return ProviderAccount(account, _digest(dict(written) if role in (None, "") else {"role_arn": role}))


def _last_role(blocks: Value) -> Value:
    """The role that is assumed last of a chain."""
    last = blocks[-1] if isinstance(blocks, list) and blocks else blocks
    return last.get("role_arn") if isinstance(last, dict) else last


def _digest(value: Value) -> str | None:
    """The same text for the same values, which cannot be read back; ``None`` where one is not known."""
    try:
        spelled = json.dumps(value, sort_keys=True, default=_waiting)
    except (TypeError, ValueError, RecursionError):
        return None
    return hashlib.sha256(spelled.encode()).hexdigest()


def _waiting(value: Any) -> Any:
    """What is not known yet and is one attribute or variable equals itself; raises ``TypeError`` for all else."""
    if isinstance(value, Template):
        return {"template": list(value.parts)}
    if isinstance(value, Unknown) and not isinstance(value, Choice) and value.reference is not None:
        return {"reference": [value.reference.address, list(value.reference.path)]}
    raise TypeError
