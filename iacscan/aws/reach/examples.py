"""Callers and resources that stand for many: a user of a foreign account for all strangers, one key for all objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from iacscan.aws.judgements.accounts import account_of
from iacscan.aws.policies.identity import ANONYMOUS
from iacscan.aws.policies.patterns import Leaf, Wild, compile_pattern
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.scope import Target
from iacscan.aws.reach.request_keys import SERVICE_NAME_KEYS
from iacscan.core import Ternary

MOST_KEYS = 40
_ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{([^{}*?$][^{},]*)\}")
_STRANGERS = (
    ANONYMOUS,
    "arn:aws:iam::999988887777:user/anything",
    "arn:aws:sts::999988887777:assumed-role/anything/anything",
    "arn:aws:iam::999988887777:root",
    "service:anything.amazonaws.com",
)
_KEYS = ("an-object", "a", "a/b/c/an-object")


def strangers(policy: Policy, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Principals that stand for everybody: of no account that is named, and those that conditions ask for."""
    found = dict.fromkeys(_STRANGERS)
    for condition in conditions:
        found.update(dict.fromkeys(_named_in(condition)))
    for statement in policy.statements:
        for principal in (statement.not_principals or ()) if isinstance(statement, Statement) else ():
            if isinstance(principal.value, str) and principal.value != "*":
                found[f"service:{principal.value}" if principal.kind == "Service" else principal.value] = None
    return tuple(found)


def members(name: str, conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Principals that stand for the account ``name``: its root, a user, and those that conditions ask for."""
    account = account_of(name)
    if account is None:
        return (name,)
    partition = name.split(":")[1] if name.startswith("arn:") else "aws"
    found = {f"arn:{partition}:iam::{account}:root": None, f"arn:{partition}:iam::{account}:user/anything": None}
    for condition in conditions:
        found.update({arn: None for arn in _named_in(condition) if account_of(arn) == account})
    found[f"arn:{partition}:sts::{account}:assumed-role/anything/anything"] = None
    return tuple(found)


def _named_in(condition: Condition) -> Iterator[str]:
    """The principals that a condition on the caller names, wildcards filled."""
    key = condition.key.lower() if isinstance(condition.key, str) else ""
    for value in condition.values:
        text = _example(value) if isinstance(value, str) else ""
        if key == "aws:principalarn" and text.startswith("arn:"):
            yield text
        elif key == "aws:principalaccount" and text:
            yield from (f"arn:aws:iam::{text}:user/anything", f"arn:aws:iam::{text}:root")
        elif key in SERVICE_NAME_KEYS and text:
            yield f"service:{text}"


def _example(pattern: str) -> str:
    filled = re.sub(r"^(arn:[^:]*:[^:]*:[^:]*):\*:", r"\1:999988887777:", pattern)
    return filled.replace("*", "anything").replace("?", "x")


def needed(statement: Statement, variables: Ternary) -> tuple[Condition, ...]:
    """Conditions that give the policy variables in the resources of ``statement`` a value."""
    if variables is not True:
        return ()
    texts = [leaf for leaf in statement.resources or () if isinstance(leaf, str)]
    names = dict.fromkeys(name.strip() for text in texts for name in _VARIABLE.findall(text))
    return tuple(Condition("StringEquals", name, ("anything",)) for name in names)


def resources(statement: Statement, policy: Policy, target: Target, bucket_arn: str) -> tuple[str, ...]:
    """Resources of ``target`` that tell ``statement``, and what the Deny statements of ``policy`` spare, apart."""
    if not target.objects:
        return (bucket_arn,)
    spared = (one.not_resources for one in policy.statements if isinstance(one, Statement) and one.effect == "Deny")
    leaves = dict.fromkeys([*(statement.resources or ()), *(leaf for listed in spared for leaf in listed or ())])
    keys = dict.fromkeys(key for leaf in leaves for key in _keys(leaf, bucket_arn, policy.has_variables))
    return tuple(f"{bucket_arn}/{key}" for key in dict.fromkeys([*list(keys)[:MOST_KEYS], *_KEYS]))


def _keys(leaf: Leaf, bucket_arn: str, variables: Ternary) -> Iterator[str]:
    """Keys of objects that the resource ``leaf`` may mean."""
    if not isinstance(leaf, str):
        return
    for many in ("an-object", ""):
        filled = {Wild.ONE: "x", Wild.MANY: many, Wild.HOLE: "anything"}
        tokens = compile_pattern(leaf, variables=variables is True).tokens
        text = "".join(filled[token] if isinstance(token, Wild) else token for token in tokens)
        inside = text.startswith(f"{bucket_arn}/")
        key = text[len(bucket_arn) + 1 :] if inside else text.split(":", _ARN_PARTS - 1)[-1].partition("/")[2]
        if key:
            yield key
