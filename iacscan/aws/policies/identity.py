"""Who calls: the identities under which a policy may name the principal of a request.

After https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: an
account stands for everybody in it, a role for its sessions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

ANONYMOUS = "anonymous"
_SERVICE = "service:"
_MADE_BY_AWS = ("AWSReservedSSO_", "AWSServiceRoleFor")
_ARN = re.compile(r"arn:([^:]*):(iam|sts)::([^:]*):(.+)", re.DOTALL)
_TYPES = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "assumed-role": "AssumedRole",
    "federated-user": "FederatedUser",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A principal of a request, taken apart.

    ``principal_arn`` is what ``aws:PrincipalArn`` shows: the role of a session. ``role`` is the name
    of the role, which is unique in an account; a session's ARN does not tell the role's path.
    """

    arn: str
    principal_arn: str = ""
    account: str = ""
    partition: str = "aws"
    type: str = ""
    role: str | None = None
    session: bool = False
    service: str | None = None

    @property
    def anonymous(self) -> bool:
        """Whether the request is not signed."""
        return self.arn == ANONYMOUS

    @property
    def is_account(self) -> bool:
        """Whether it is the account's root user."""
        return self.type == "Account"

    @property
    def user(self) -> str | None:
        """The friendly name of an IAM user: what ``aws:username`` shows."""
        return self.arn.rpartition("/")[2] if self.type == "User" else None

    @property
    def has_hidden_path(self) -> bool:
        """Whether it is a session of a role that AWS makes: its path is not in the session's ARN."""
        return self.session and (self.role or "").startswith(_MADE_BY_AWS)

    @property
    def account_names(self) -> tuple[str, str]:
        """The two ways to write its account in a policy."""
        return self.account, f"arn:{self.partition}:iam::{self.account}:root"


@lru_cache(maxsize=1024)
def identity_of(principal: str) -> Identity:
    """The identity written as ``anonymous``, ``service:NAME``, an account id, or an ARN."""
    if principal == ANONYMOUS:
        return Identity(ANONYMOUS)
    if principal.startswith(_SERVICE):
        return Identity(principal, service=principal.removeprefix(_SERVICE))
    if re.fullmatch(r"\d{12}", principal):
        return identity_of(f"arn:aws:iam::{principal}:root")
    found = _ARN.fullmatch(principal)
    if found is None:
        return Identity(principal, principal)
    partition, _, account, resource = found.groups()
    kind, *names = resource.split("/")
    session = kind == "assumed-role" and len(names) > 1
    role = names[0] if session else names[-1] if kind == "role" and names else None
    shown = f"arn:{partition}:iam::{account}:role/{role}" if session else principal
    return Identity(principal, shown, account, partition, _TYPES.get(kind, ""), role, session)
