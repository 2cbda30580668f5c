"""Reader of the bucket policy: the document, bound to its bucket, judged as AWS would."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from iacscan.aws.judgements.accounts import Holder, held_by_somebody
from iacscan.aws.judgements.breadth import has_unrestricted_access, has_wildcard_actions
from iacscan.aws.judgements.deputy import has_confused_deputy
from iacscan.aws.judgements.lockout import locks_out
from iacscan.aws.judgements.mfa import has_ineffective_mfa_condition
from iacscan.aws.judgements.mfa_scope import misses_folder
from iacscan.aws.judgements.named import named_accounts
from iacscan.aws.judgements.public import is_public
from iacscan.aws.judgements.source_ip import has_ineffective_source_ip
from iacscan.aws.judgements.transport import denies_plain_http
from iacscan.aws.judgements.validity import is_valid
from iacscan.aws.judgements.validity_unnamed import is_valid_somewhere
from iacscan.aws.kleene import disjunction
from iacscan.aws.policies.holes import bind, bucket_names, spelled
from iacscan.aws.policies.policy import Policy, Statement, parse
from iacscan.core import Encoded, Evidence, Judgement, Reference, Template, Unknown, Value, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.parts import OMITTED, Part, Source

MAX_SPELLED = 4
"""How many bucket names that a policy spells are tried for a bucket whose name is not known."""

POLICY_ABSENT = Part(
    {
        "declared": False,
        "document": None,
        "public": False,
        "denies_plain_http": False,
        "unrestricted": False,
        "wildcard_actions": False,
        "source_ip_ineffective": False,
        "confused_deputy": False,
        "mfa_ineffective": False,
        "locks_out": False,
        "valid": True,
        "problem": None,
        "problems": [],
        "accounts": [],
        "more_accounts": False,
    },
    evidence={"": (Evidence("no bucket policy is declared"),)},
)

FIELDS = {name: None for name in POLICY_ABSENT.facts if name != "document"}
"""The names of the facts of a policy; ``document`` is the policy itself, for the model alone."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The bucket that a policy is attached to, as far as its policy needs to know.

    ``named`` is false where ``arn`` holds a stand-in for a name that is not known; ``generated`` where
    that name is made up by AWS, so that nobody can have written it. ``bound`` says what references in
    the policy stand for; ``account`` is the bucket's own account where it is known, ``holder`` tells whose
    the resources are that the policy refers to. ``spelling`` is the name as it is written, where that has holes.
    """

    arn: str
    named: bool = True
    generated: bool = False
    bound: Mapping[Reference, str] = field(default_factory=dict)
    account: str | None = None
    spelling: Template | None = None
    holder: Holder = held_by_somebody

    @property
    def stand_in(self) -> str:
        """The name in ``arn``."""
        return self.arn.partition(":::")[2]


def owner_of(
    bucket: Resource, others: dict[Reference, str], account: str | None = None, holder: Holder = held_by_somebody
) -> Owner:
    """What the policy of ``bucket`` is judged by; ``others``: see :func:`bindings`."""
    known = _name(bucket)
    own = _bindings(bucket, known)
    name = bucket.values.get("bucket")
    if isinstance(name, Unknown) and name.reference is not None:
        own[name.reference] = known
    arn = own[Reference(bucket.address, ("arn",))]
    spelling = name if isinstance(name, Template) else None
    return Owner(arn, known == name, name == OMITTED, ChainMap(own, others), account, spelling, holder)


def bindings(buckets: Iterable[Resource]) -> dict[Reference, str]:
    """What ``id``, ``bucket`` and ``arn`` of every bucket stand for in texts.

    A bucket whose name is not known gets a name that no bucket can have, so that its policy can be told
    from that of another.
    """
    return {key: text for bucket in buckets for key, text in _bindings(bucket, _name(bucket)).items()}


def _name(bucket: Resource) -> str:
    name = bucket.values.get("bucket")
    return name if isinstance(name, str) else "<" + re.sub(r"[^\w.-]", "_", bucket.address) + ">"


def _bindings(bucket: Resource, name: str) -> dict[Reference, str]:
    written = bucket.values.get("arn")
    arn = written if isinstance(written, str) and written else f"arn:aws:s3:::{name}"
    return {
        Reference(bucket.address, ("id",)): name,
        Reference(bucket.address, ("bucket",)): name,
        Reference(bucket.address, ("arn",)): arn,
    }


def document(text: Value, bound: Mapping[Reference, str]) -> Policy | Unknown | None:
    """The policy written in ``text`` with references bound; ``None`` where there is none."""
    if text is None or text == "":
        return None
    return parse(bind(text, bound) if isinstance(text, Unknown | Template | Encoded) else text)


def read_policy(source: Source, owner: Owner) -> Part:
    """The facts of a policy attached to the bucket of ``owner``."""
    text = source.get("policy")
    if owner.spelling is not None and all(hole.reference is not None for hole in unknowns(owner.spelling)):
        text = spelled(text, owner.spelling, owner.stand_in)
    policy = document(text, owner.bound)
    if policy is None:
        return POLICY_ABSENT
    origin = source.origin("policy")
    accounts = named_accounts(policy, owner.account, owner.holder)
    judged = judgements(policy, owner, _otherwise(text, owner))
    wrong = [item.text for item in judged["valid"].evidence] if judged["valid"].value is False else []
    facts: dict[str, Any] = {
        "declared": True,
        "document": policy,
        "problem": _first(wrong),
        "problems": wrong,
        "accounts": [account.name for account in accounts if isinstance(account.name, str)],
        "more_accounts": disjunction(account.name for account in accounts if isinstance(account.name, Unknown)),
        **{key: item.value for key, item in judged.items()},
    }
    evidence = {
        key: tuple(replace(sentence, origin=sentence.origin or origin) for sentence in item.evidence)
        for key, item in judged.items()
    }
    # Which of the accounts are trusted only the rule knows: one statement is the place if it names them all.
    together = len({account.place for account in accounts}) == 1
    evidence["accounts"] = tuple(
        Evidence(account.text, origin, account.place if together else ()) for account in accounts
    )
    return Part(facts, (origin,), evidence)


def _otherwise(text: Value, owner: Owner) -> tuple[Policy, ...]:
    """The policy for each name with a hole that it spells, as it is if that is the bucket's."""
    if owner.named or owner.generated:
        return ()
    names = list(dict.fromkeys(bucket_names(text)))[:MAX_SPELLED]
    found = (document(spelled(text, name, owner.stand_in), owner.bound) for name in names)
    return tuple(policy for policy in found if isinstance(policy, Policy))


def _first(wrong: list[str]) -> str | None:
    """The first of ``wrong`` in a message, and how many more there are."""
    if not wrong:
        return None
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return wrong[0].removesuffix(".") + more


def judgements(policy: Policy | Unknown, owner: Owner, otherwise: Sequence[Policy] = ()) -> dict[str, Judgement]:
    """Every question that a rule may ask of a bucket policy, answered with evidence.

    ``otherwise`` is the policy as it may turn out to be, once the bucket has its name.
    """
    return {
        "public": is_public(policy),
        "denies_plain_http": _by_name(denies_plain_http, "denies plain HTTP", policy, owner, otherwise),
        "unrestricted": has_unrestricted_access(policy),
        "wildcard_actions": has_wildcard_actions(policy),
        "source_ip_ineffective": has_ineffective_source_ip(policy),
        "confused_deputy": has_confused_deputy(policy),
        "mfa_ineffective": _either(has_ineffective_mfa_condition(policy), misses_folder(policy)),
        "locks_out": _by_name(locks_out, "shuts everybody out", policy, owner, otherwise),
        "valid": is_valid(policy, owner.arn) if owner.named else is_valid_somewhere(policy, owner.arn),
    }


def _by_name(
    question: Callable[[Policy | Unknown, str], Judgement],
    words: str,
    policy: Policy | Unknown,
    owner: Owner,
    otherwise: Sequence[Policy],
) -> Judgement:
    """What ``question`` says of the bucket; unknown where it hangs on a name that the policy spells."""
    judged = question(policy, owner.arn)
    if owner.named or owner.generated or judged.value is not False or isinstance(policy, Unknown):
        return judged
    for arn in _spelled_buckets(policy)[:MAX_SPELLED]:
        if question(policy, arn).value is not False:
            why = Unknown(f"the bucket's name is not known: the policy {words} if that is {arn}")
            return Judgement(why, (Evidence(f"{why}."),))
    return _by_holes(words) if any(question(item, owner.arn).value is not False for item in otherwise) else judged


def _by_holes(words: str) -> Judgement:
    why = Unknown(f"the bucket's name is not known: the policy {words} if that is a name which it spells")
    return Judgement(why, (Evidence(f"{why}."),))


def _spelled_buckets(policy: Policy) -> list[str]:
    """The ARNs of buckets that the statements write out in full."""
    leaves = (leaf for item in policy.statements if isinstance(item, Statement) for leaf in item.resources or ())
    found = (re.match(r"arn:[\w-]+:s3:::[a-z0-9][a-z0-9.-]+", leaf) for leaf in leaves if isinstance(leaf, str))
    return list(dict.fromkeys(match[0] for match in found if match))


def _either(one: Judgement, other: Judgement) -> Judgement:
    """True, with the evidence of each that is; else whichever leaves a doubt; else ``one``."""
    value = disjunction([one.value, other.value])
    if value is False:
        return one
    deciding = [item for item in (one, other) if (item.value is True) is (value is True) and item.value is not False]
    return Judgement(value, tuple(sentence for item in deciding for sentence in item.evidence))
