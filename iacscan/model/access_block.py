"""The public access block that holds for a bucket: its own settings and those of its account, together.

The most restrictive level wins:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html .
Whether a block of another provider configuration is of the same account: see :class:`~iacscan.model.accounts.Accounts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

from iacscan.core import Evidence, Origin, Ternary, Unknown
from iacscan.inputs.configuration import Resource
from iacscan.model.access import FLAGS, read_flags
from iacscan.model.accounts import ANOTHER_PROVIDER, Accounts
from iacscan.model.joins import is_live
from iacscan.model.parts import Part, Source
from iacscan.model.relations import ACCOUNT_BLOCK

ABSENT = Part(
    {"declared": False, **dict.fromkeys(FLAGS), "all_on": False},
    evidence={
        "": (
            Evidence(
                "no public access block is declared for it; AWS switches all four settings on for buckets"
                " made since April 2023, older ones may be open"
            ),
        )
    },
)
"""``None`` for a setting: nothing in the input says."""


@dataclass(frozen=True, slots=True)
class AccountBlock:
    """An account-wide public access block, the provider configuration that it is sent with, and their accounts."""

    address: str
    provider: str
    flags: dict[str, Any]
    accounts: Accounts

    def covers(self, providers: Set[str]) -> Ternary:
        """Whether it is of the account that ``providers`` work in; not known where that may be several."""
        found = {self.accounts.same(provider, self.provider) for provider in providers}
        return found.pop() if len(found) == 1 else ANOTHER_PROVIDER


def account_blocks(resources: Iterable[Resource], accounts: Accounts) -> tuple[AccountBlock, ...]:
    """The account-wide blocks of the input, deleted ones left out."""
    return tuple(
        AccountBlock(resource.address, resource.provider, read_flags(resource), accounts)
        for resource in resources
        if resource.type == ACCOUNT_BLOCK and resource.mode == "managed" and is_live(resource)
    )


def read_block(source: Source) -> Part:
    """A bucket's own public access block."""
    flags = read_flags(source.resource)
    off = [flag for flag, value in flags.items() if value is False]
    evidence = [Evidence(f"{flag} is {_off_word(source, flag)}", source.origin(flag)) for flag in off]
    evidence += [
        Evidence(f"{flag} is not known: {value}", source.origin(flag))
        for flag, value in flags.items()
        if isinstance(value, Unknown)
    ]
    origins = (*(item.origin for item in evidence if item.origin), source.origin())
    evidence = evidence or [Evidence("all four settings are on", source.origin())]
    return Part({"declared": True, **flags, "all_on": _all_on(flags.values())}, origins, {"": tuple(evidence)})


def _off_word(source: Source, flag: str) -> str:
    return "false" if source.resource.writes(flag) else "left out, which the provider sends as false"


def combine(own: Part, providers: Set[str], accounts: Sequence[AccountBlock]) -> Part:
    """``own`` with the account's blocks counted: each flag as it holds, and ``all_on`` anew.

    ``providers`` are the provider configurations of the bucket, or of all that is attached to one only named.
    """
    covering = [(account, covers) for account in accounts if (covers := account.covers(providers)) is not False]
    if not covering:
        return own
    evidence = list(own.evidence.get("", ()))
    holds: dict[str, Any] = {flag: own.facts[flag] for flag in FLAGS}
    if not all(value is True for value in holds.values()):
        for account, covers in covering:
            same = covers is True
            holds = {flag: _either(value, account, flag, same) for flag, value in holds.items()}
            evidence.append(_account_sentence(account, same))
    facts = {**own.facts, **holds, "all_on": _all_on(holds.values())}
    return Part(facts, own.origins, {**own.evidence, "": tuple(evidence)})


def _either(own: Any, account: AccountBlock, flag: str, same: bool) -> Any:
    other = account.flags[flag]
    if own is True or (other is False and own is not None):
        return own
    if not same and other is not False:
        return Unknown(
            f"whether {account.address} is of the bucket's account:"
            f" it uses the provider configuration {account.provider}"
        )
    return other


def _all_on(flags: Iterable[Any]) -> Ternary:
    values = list(flags)
    if any(value is False or value is None for value in values):
        return False
    return next((value for value in values if isinstance(value, Unknown)), True)


def _account_sentence(account: AccountBlock, same: bool) -> Evidence:
    off = [flag for flag in FLAGS if account.flags[flag] is False]
    state = f"has {', '.join(off)} off" if off else "switches all four settings on"
    owner = "" if same else f", for the provider configuration {account.provider}, maybe another account"
    return Evidence(f"{account.address} {state}{owner}", Origin(account.address))
