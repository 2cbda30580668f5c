"""Which keys of a request its principal decides: those that AWS puts there, and those that such a caller never has.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, by the availability
of each key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from iacscan.aws.judgements.limits import SOURCE_IP
from iacscan.aws.policies.context import Values, context_of_principal
from iacscan.aws.policies.identity import identity_of
from iacscan.aws.policies.policy import Condition

_OF_SERVICES = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner")
SERVICE_NAME_KEYS = ("aws:principalservicename", "aws:principalservicenameslist")
_OF_PRINCIPALS = (
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:username",
)
_IS_SERVICE, _ACCOUNT = "aws:principalisawsservice", "aws:principalaccount"
_OF_SIGNATURES = ("s3:signatureversion", "s3:signatureage", "s3:authtype")
_VIA_SERVICE = "aws:viaawsservice"
_OF_ENDPOINTS = ("aws:sourcevpc", "aws:vpcsourceip", "aws:vpce")
_OF_SESSIONS = (
    "aws:multifactorauth",
    "aws:tokenissuetime",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:calledvia",
)


def decided_keys(principal: str, conditions: Iterable[Condition]) -> dict[str, Values | None]:
    """The keys of ``conditions`` that ``principal`` decides: what AWS puts there, or that they are missing."""
    identity = identity_of(principal)
    signed = not identity.anonymous and identity.service is None
    implied = dict(context_of_principal(principal)) | ({} if signed else {_VIA_SERVICE: ("false",)})
    missing: tuple[str, ...] = () if identity.service is not None else (*_OF_SERVICES, *SERVICE_NAME_KEYS)
    missing = missing if signed else (*missing, *_OF_PRINCIPALS, *_OF_SESSIONS, _IS_SERVICE, _ACCOUNT)
    if identity.anonymous:
        missing = (*missing, *_OF_SIGNATURES)
    if identity.type and identity.user is None:
        missing = (*missing, "aws:username")
    found: dict[str, Values | None] = {}
    for condition in conditions:
        key = condition.key.lower() if isinstance(condition.key, str) else ""
        if key in implied:
            found[key] = implied[key]
        elif key.startswith(missing):
            found[key] = None
    return found


def comes_two_ways(context: Mapping[str, Values]) -> bool:
    """Whether it has a public address and a VPC endpoint: a request through an endpoint has no ``aws:SourceIp``."""
    return SOURCE_IP in context and any(key.startswith(_OF_ENDPOINTS) for key in context)
