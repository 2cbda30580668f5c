"""Whether the bucket that access logs go to can take them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html: the target must not
have object lock, its default encryption must be SSE-S3, and the log service must be allowed to write, by the
bucket policy or, where ACLs count, by the ACL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from iacscan.aws.judgements.limits import shown
from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.aws.policies.identity import identity_of
from iacscan.aws.policies.patterns import compile_pattern, matches
from iacscan.aws.policies.policy import Statement
from iacscan.aws.policies.principals import speaks_of
from iacscan.core import Evidence, Origin, Ternary, Unknown
from iacscan.model.joins import Directory
from iacscan.model.subject import Subject

FACTS = ("target_seen", "target_unfit", "target")
"""The names of the facts that this module adds to ``logging``."""

KMS = ("aws:kms", "aws:kms:dsse")
LOG_GROUP = "log-delivery"
LOG_SERVICE = "service:logging.s3.amazonaws.com"
_OF_SOURCE = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"})
_Reason = tuple[Ternary, str, str]
"""Whether it holds, how a report says so, and the part of the target that decides."""


def with_log_targets(subjects: Iterable[Subject], book: Directory) -> list[Subject]:
    """``subjects`` with ``logging.target_seen``, ``target_unfit`` and, where certain, the address ``target``."""
    every = list(subjects)
    by_address = {subject.address: subject for subject in every}
    return [_completed(subject, by_address, book) for subject in every]


def _completed(subject: Subject, others: Mapping[str, Subject], book: Directory) -> Subject:
    seen, unfit, said = _judged(subject, others, book)
    match = book.match(subject.facts["logging"]["target_bucket"])
    target = match.certain[0] if match.certain else None
    added = {"target_seen": seen, "target_unfit": unfit, "target": target}
    logging = {**subject.facts["logging"], **added}
    evidence = {**subject.evidence, "logging.target_unfit": said} if said else subject.evidence
    places = (*subject.origins.get("logging", ()), *(item.origin for item in said if item.origin is not None))
    origins = {**subject.origins, "logging.target_unfit": places}
    return replace(subject, facts={**subject.facts, "logging": logging}, origins=origins, evidence=evidence)


def _judged(
    subject: Subject, others: Mapping[str, Subject], book: Directory
) -> tuple[Ternary, Ternary, tuple[Evidence, ...]]:
    value = subject.facts["logging"]["target_bucket"]
    if value is None:
        return False, False, ()
    match = book.match(value)
    if match.certain:
        target = others[match.certain[0]]
        reasons = _reasons(target)
        unfit = disjunction(reason for reason, _, _ in reasons)
        wanted = True if unfit is True else unfit
        said = [(text, part) for reason, text, part in reasons if reason == wanted and reason is not False]
        words = said or [("nothing here keeps it from taking access logs", "")]
        return True, unfit, tuple(Evidence(f"{target.address}: {text}", _place(target, part)) for text, part in words)
    if match.why is not None:
        return match.why, match.why, (Evidence(f"where the access logs go is not known: {match.why}"),)
    return False, False, ()


def _place(target: Subject, part: str) -> Origin | None:
    """Where ``part`` of the target is written, or else the target itself."""
    return next(iter((*target.origins.get(part, ()), *target.origins.get("", ()))), None)


def _reasons(target: Subject) -> list[_Reason]:
    facts = target.facts
    algorithm, locked = facts["encryption"]["algorithm"], facts["object_lock"]["enabled"]
    by_kms: Ternary = algorithm if isinstance(algorithm, Unknown) else algorithm in KMS
    closed = negation(disjunction([_by_policy(facts), _by_acl(facts)]))
    return [
        (by_kms, _words(by_kms, f"its default encryption is {algorithm}, logs need SSE-S3"), "encryption"),
        (locked, _words(locked, "it has object lock"), "object_lock"),
        (closed, _words(closed, "neither its policy nor its ACL lets the log service write"), "policy"),
        (facts["reach"]["public"], _words(facts["reach"]["public"], "it is public"), "reach"),
    ]


def _words(value: Ternary, sentence: str) -> str:
    return f"not known whether {sentence}: {value}" if isinstance(value, Unknown) else sentence


def _by_policy(facts: Mapping[str, Any]) -> Ternary:
    """Whether an Allow of the bucket policy lets the log service put objects."""
    policy = facts["policy"].get("document")
    if policy is None or isinstance(policy, Unknown):
        return policy if isinstance(policy, Unknown) else False
    return disjunction(_lets_logs_in(statement) for statement in policy.statements)


def _lets_logs_in(statement: Statement | Unknown) -> Ternary:
    if isinstance(statement, Unknown):
        return statement
    effect = statement.effect if isinstance(statement.effect, Unknown) else statement.effect == "Allow"
    puts = disjunction(matches(compile_pattern(leaf, fold=True), "s3:putobject") for leaf in statement.actions or ())
    narrow = [condition for condition in statement.conditions if shown(condition.key).lower() not in _OF_SOURCE]
    limits: list[Ternary] = [Unknown("whether the conditions of the grant fit log delivery")] if narrow else []
    return conjunction([effect, speaks_of(statement, identity_of(LOG_SERVICE)), puts, *limits])


def _by_acl(facts: Mapping[str, Any]) -> Ternary:
    """A grant to the log delivery group counts only where ACLs do; the default for new buckets is that they do not."""
    ownership, grants = facts["ownership"]["object_ownership"], facts["acl"]["grants"]
    counts: Ternary = ownership if isinstance(ownership, Unknown) else ownership not in (None, "BucketOwnerEnforced")
    if ownership is None:
        counts = Unknown("no object ownership is declared: ACLs count on buckets older than April 2023 only")
    if isinstance(grants, Unknown):
        return conjunction([counts, grants])
    groups = [grant["group"] if isinstance(grant, Mapping) else grant for grant in grants]
    given = disjunction(group if isinstance(group, Unknown) else group == LOG_GROUP for group in groups)
    return conjunction([counts, given])
