"""What a request tells a policy: its context keys, and what its principal adds to them.

Keys that are there with every request of a kind of principal follow
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from iacscan.aws.policies.identity import ANONYMOUS, identity_of
from iacscan.core import Unknown

ContextValue: TypeAlias = str | bool | int | float | Unknown | Sequence[str | bool | int | float | Unknown] | None
"""What a key holds: a value or a list of values; None: the key is certain to be missing."""

Values: TypeAlias = tuple[str | Unknown, ...] | Unknown
"""The values of a key that is there, as texts; Unknown: not even known whether it is there."""

_OTHER_NAMES = Unknown("the other names of the AWS service are not known")
_PATH = Unknown("the path of the session's role is not known: roles that AWS makes have one")


@dataclass(frozen=True, slots=True)
class Request:
    """One request to judge.

    ``principal`` is ``anonymous``, an ARN, or ``service:NAME``. ``context`` maps condition keys, in
    any case, to values; a key that is not in it is missing from the request, except those that AWS
    derives from the principal (``aws:PrincipalArn`` and the like).
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)


def context_of(request: Request) -> dict[str, Values]:
    """The keys of ``request`` in lower case with their values as texts, those of its principal included."""
    found = dict(context_of_principal(request.principal))
    for key, value in request.context.items():
        texts = _texts(value)
        if texts == ():
            found.pop(key.lower(), None)
        else:
            found[key.lower()] = texts
    return found


@lru_cache(maxsize=1024)
def context_of_principal(principal: str) -> Mapping[str, Values]:
    """What AWS itself puts into the context for ``principal``, by keys in lower case."""
    if principal == ANONYMOUS:
        return {
            "aws:principalaccount": ("anonymous",),
            "aws:principaltype": ("Anonymous",),
            "aws:userid": ("anonymous",),
        }
    identity = identity_of(principal)
    if identity.service is not None:
        return {
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (identity.service,),
            "aws:principalservicenameslist": (identity.service, _OTHER_NAMES),
        }
    implied: dict[str, Values] = {
        "aws:principalisawsservice": ("false",),
        "aws:principalarn": (_PATH if identity.has_hidden_path else identity.principal_arn,),
    }
    if identity.account:
        implied["aws:principalaccount"] = (identity.account,)
    if identity.type:
        implied["aws:principaltype"] = (identity.type,)
    if identity.user is not None:
        implied["aws:username"] = (identity.user,)
    return implied


def _texts(value: ContextValue) -> Values:
    if value is None:
        return ()
    if isinstance(value, Unknown):
        return value
    if isinstance(value, str | bool | int | float):
        return (_text(value),)
    return tuple(_text(item) for item in value)


def _text(value: str | bool | int | float | Unknown) -> str | Unknown:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str | Unknown) else str(value)
