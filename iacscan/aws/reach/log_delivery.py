"""Whether a bucket lets the log service put the access logs of another bucket.

Asks the bucket what it would ask itself: one request of ``logging.s3.amazonaws.com`` for each key that a log may
have, as https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html and
…/ServerLogs.html tell. Log bucket and source are of one account: an account or organization that a statement
names as that of the source is taken for it, unless the account is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from iacscan.aws.acl import Grant
from iacscan.aws.policies.context import ContextValue, Request
from iacscan.aws.policies.operators import operator_of
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, PolicyStatement, Statement
from iacscan.aws.reach.bucket import Guards, beyond
from iacscan.aws.reach.decision import decide
from iacscan.aws.reach.request_keys import decided_keys
from iacscan.core import Evidence, Judgement, Ternary, Unknown

LOG_SERVICE = "service:logging.s3.amazonaws.com"

_ACTION = "s3:PutObject"
_NAME = "2030-01-31-00-00-00-0123456789ABCDEF"
"""How the key of a log ends: with date, time, and a text that AWS makes up."""
_BUCKET = re.compile(r"arn:[\w-]+:s3:::[^/*?]+")
_OWNER = "aws:sourceaccount"
_OF_OWNER = frozenset({_OWNER, "aws:sourceorgid", "aws:sourceorgpaths"})
_TLS = "s3:tlsversion"
_VERSIONS = ("1.2", "1.3")
_OF_NETWORKS = ("aws:sourcevpc", "aws:vpc", "aws:sourceip")
"""Keys that the request of a service does not have: it comes through no network of a customer."""
_CLOSED = "neither its policy nor its ACL lets the log service write"
_SOME_KEYS = Unknown("its policy lets the log service write some keys only")


@dataclass(frozen=True, slots=True)
class LogBucket:
    """The bucket that logs go to, as far as it decides who may write; see :func:`log_bucket`."""

    arn: str
    policy: Policy | Unknown | None
    grants: Sequence[Grant] | Unknown | None
    guards: Guards
    named: bool
    account: str | None
    conditions: tuple[Condition, ...]


def log_bucket(
    arn: str,
    policy: Policy | Unknown | None,
    grants: Sequence[Grant] | Unknown | None,
    guards: Guards,
    named: bool = True,
    account: str | None = None,
) -> LogBucket:
    """The bucket with this policy and ACL, made ready to be asked for many that log to it.

    ``named`` tells whether ``arn`` is its own, not a stand-in; ``account`` is its account where known.
    """
    doubt = beyond(policy)
    read = policy if doubt is None else doubt
    presumed = _presumed(read, account) if isinstance(read, Policy) else read
    conditions = tuple(condition for statement in _statements(presumed) for condition in statement.conditions)
    return LogBucket(arn, presumed, grants, guards, named, account, tuple(dict.fromkeys(conditions)))


@dataclass(frozen=True, slots=True)
class Delivery:
    """Logs of the bucket ``source`` (an ARN, or a stand-in for one that is not known), and how their keys begin.

    ``partitioned``: account, Region, bucket and date stand between the prefix and the name of the log.
    """

    source: str
    prefix: str | Unknown = ""
    named: bool = True
    partitioned: Ternary = False


def takes_logs(target: LogBucket, delivery: Delivery) -> Judgement:
    """Whether ``target`` answers the log service with yes, and the sentence that says so if not."""
    found = _together(target, target.policy, delivery, delivery.source)
    if found.value is not False or (target.named and delivery.named):
        return found
    policy = target.policy
    perhaps = policy if target.named or not isinstance(policy, Policy) else _renamed(policy, target.arn)
    source = delivery.source if delivery.named else Unknown("the name of the bucket that logs is not known")
    if _together(target, perhaps, delivery, source).value is False:
        return found
    why = Unknown("it lets the log service write if the names that its policy spells are those of the buckets")
    return Judgement(why, (Evidence(str(why)),))


def _together(
    target: LogBucket, policy: Policy | Unknown | None, delivery: Delivery, source: str | Unknown
) -> Judgement:
    """The answer to all requests that may be meant; unknown where it is not one."""
    asked = _requests(policy, target, delivery, source)
    found = [decide(policy, target.grants, target.guards, request, target.account) for request in asked]
    doubts = [item.doubt for item in found if item.doubt is not None]
    allowed = {item.answer == "allowed" for item in found}
    if doubts or len(allowed) > 1:
        some = delivery.prefix if isinstance(delivery.prefix, Unknown) else _SOME_KEYS
        why = doubts[0] if doubts else some
        return Judgement(why, (Evidence(f"not known whether the log service may write there: {why}"),))
    words = "its policy denies it to the log service" if found[0].answer == "explicit_deny" else _CLOSED
    return Judgement(True) if True in allowed else Judgement(False, (Evidence(words),))


def _requests(
    policy: Policy | Unknown | None, target: LogBucket, delivery: Delivery, source: str | Unknown
) -> Iterator[Request]:
    """The request for each key that may be meant, with each version of TLS if the policy asks for that."""
    context = _context(target.conditions, source, target.account)
    versions = _VERSIONS if any(_key(condition) == _TLS for condition in target.conditions) else _VERSIONS[-1:]
    for key in _keys(policy, target.arn, delivery):
        for version in versions:
            yield Request(LOG_SERVICE, _ACTION, f"{target.arn}/{key}", {**context, _TLS: version})


def _context(conditions: Sequence[Condition], source: str | Unknown, account: str | None) -> dict[str, ContextValue]:
    """What is known of the request: where it is not documented whether it has a key, that is not known."""
    keys = {_key(condition) for condition in conditions} - decided_keys(LOG_SERVICE, conditions).keys()
    undocumented: dict[str, ContextValue] = {
        key: Unknown(f"AWS does not document what {key} is for the log service")
        for key in sorted(keys)
        if key and not key.startswith(_OF_NETWORKS)
    }
    owner = account or Unknown("the account of the bucket is not known")
    return {**undocumented, "aws:sourcearn": [source], _OWNER: [owner], "aws:securetransport": "true"}


def _keys(policy: Policy | Unknown | None, arn: str, delivery: Delivery) -> list[str]:
    """The key of a log; where not all of it is known, one that no statement spells and one for each that it spells."""
    if isinstance(delivery.prefix, str) and delivery.partitioned is False:
        return [delivery.prefix + _NAME]
    begin = delivery.prefix if isinstance(delivery.prefix, str) else ""
    found = [begin + _NAME]
    for leaf in (leaf for item in _statements(policy) for leaf in (item.resources or item.not_resources or ())):
        if isinstance(leaf, str) and leaf.startswith(f"{arn}/"):
            spelled = re.sub(r"[*?]", "x", leaf.removeprefix(f"{arn}/"))
            found.append(spelled if spelled.startswith(begin) else begin + spelled)
    return list(dict.fromkeys(found))


def _statements(policy: Policy | Unknown | None) -> list[Statement]:
    statements = policy.statements if isinstance(policy, Policy) else ()
    return [item for item in statements if isinstance(item, Statement)]


def _presumed(policy: Policy, account: str | None) -> Policy:
    """``policy`` with the account and the organization that it names taken for those of the source."""
    return replace(policy, statements=tuple(found for item in policy.statements for found in _of_owner(item, account)))


def _of_owner(statement: PolicyStatement, account: str | None) -> Iterator[PolicyStatement]:
    """``statement`` without what it asks of the owner; nothing where it denies what others own."""
    if isinstance(statement, Unknown):
        yield statement
        return
    asked = [condition for condition in statement.conditions if _is_presumed(condition, account)]
    negated = [condition for condition in asked if _is_negated(condition)]
    if statement.effect == "Deny" and negated:
        return
    met = [condition for condition in asked if condition not in negated] if statement.effect == "Allow" else []
    yield replace(statement, conditions=tuple(item for item in statement.conditions if item not in met))


def _is_presumed(condition: Condition, account: str | None) -> bool:
    operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
    if operator is None or operator.family == "null" or _key(condition) not in _OF_OWNER:
        return False
    known = account is not None and all(isinstance(value, str) for value in condition.values)
    return not (known and _key(condition) == _OWNER)


def _is_negated(condition: Condition) -> bool:
    operator = operator_of(condition.operator) if isinstance(condition.operator, str) else None
    return operator is not None and operator.negated


def _key(condition: Condition) -> str:
    return condition.key.lower() if isinstance(condition.key, str) else ""


def _renamed(policy: Policy, arn: str) -> Policy:
    """``policy`` as it is if every bucket that an Allow of it spells is the one called ``arn``."""

    def one(statement: PolicyStatement) -> PolicyStatement:
        if isinstance(statement, Unknown) or statement.effect == "Deny" or statement.resources is None:
            return statement
        return replace(statement, resources=tuple(_at(leaf, arn) for leaf in statement.resources))

    return replace(policy, statements=tuple(map(one, policy.statements)))


def _at(leaf: Leaf, arn: str) -> Leaf:
    return _BUCKET.sub(lambda _: arn, leaf, count=1) if isinstance(leaf, str) else leaf
