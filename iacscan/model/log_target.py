"""Whether the bucket that access logs go to can take them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html: the target must not
have object lock, its default encryption must be SSE-S3, and the log service must be allowed to write, by the
bucket policy or, where ACLs count, by the ACL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from iacscan.aws.kleene import disjunction, negation
from iacscan.aws.reach.log_delivery import Delivery, LogBucket, log_bucket, takes_logs
from iacscan.core import Evidence, Judgement, Origin, Template, Ternary, Unknown
from iacscan.model.attachments import Joined
from iacscan.model.joins import Match
from iacscan.model.parts import Source
from iacscan.model.protection import log_target
from iacscan.model.subject import Subject

FACTS = ("target_seen", "target_unfit", "target")
"""The names of the facts that this module adds to ``logging``."""

KMS = ("aws:kms", "aws:kms:dsse")
_Reason = tuple[Ternary, str, str]
"""Whether it holds, how a report says so, and the part of the target that decides."""


def with_log_targets(subjects: Iterable[Subject], joined: Joined) -> list[Subject]:
    """``subjects`` with ``logging.target_seen``, ``target_unfit`` and, where certain, the address ``target``."""
    every = list(subjects)
    targets = _Targets(every, joined)
    return [_completed(subject, targets) for subject in every]


class _Targets:
    """The buckets that may be logged to, each made ready once: many may log to one."""

    def __init__(self, subjects: Iterable[Subject], joined: Joined) -> None:
        self._joined = joined
        self.subjects = {subject.address: subject for subject in subjects}
        self._asked: dict[str, LogBucket] = {}

    def named_by(self, subject: Subject) -> Match:
        """The bucket that ``subject`` logs to: by what is written where one resource says it, which facts do not tell.

        A text with holes is one fact that is not known, but it can rule buckets out.
        """
        book, value = self._joined.book, subject.facts["logging"]["target_bucket"]
        found = self._joined.attached.get(subject.address)
        if not isinstance(value, Unknown) or found is None or found.elsewhere is not None:
            return book.match(value)
        if found.doubtful.get("logging"):
            return book.match(value)
        resources = found.certain.get("logging", ())
        source = Source(resources[0]) if resources else Source(book.buckets[subject.address], inline=True)
        written = log_target(source) if len(resources) < 2 else value
        return book.match(written if isinstance(written, Template) else value)

    def ready(self, target: Subject) -> LogBucket:
        """``target``, ready to be asked whether it takes logs."""
        if target.address not in self._asked:
            doors, named = target.facts["reach"].doors, isinstance(target.facts["name"], str)
            made = log_bucket(doors.arn, doors.policy, doors.grants, doors.guards, named, doors.account)
            self._asked[target.address] = made
        return self._asked[target.address]


def _completed(subject: Subject, targets: _Targets) -> Subject:
    seen, unfit, said = _judged(subject, targets)
    match = targets.named_by(subject)
    target = match.certain[0] if match.certain else None
    added = {"target_seen": seen, "target_unfit": unfit, "target": target}
    logging = {**subject.facts["logging"], **added}
    evidence = {**subject.evidence, "logging.target_unfit": said} if said else subject.evidence
    places = (*subject.origins.get("logging", ()), *(item.origin for item in said if item.origin is not None))
    origins = {**subject.origins, "logging.target_unfit": places}
    return replace(subject, facts={**subject.facts, "logging": logging}, origins=origins, evidence=evidence)


def _judged(subject: Subject, targets: _Targets) -> tuple[Ternary, Ternary, tuple[Evidence, ...]]:
    if subject.facts["logging"]["target_bucket"] is None:
        return False, False, ()
    match = targets.named_by(subject)
    if match.certain:
        target = targets.subjects[match.certain[0]]
        reasons = _reasons(target, takes_logs(targets.ready(target), _delivery(subject)))
        unfit = disjunction(reason for reason, _, _ in reasons)
        said = [
            (text, part)
            for reason, text, part in reasons
            if (reason is True) is (unfit is True) and reason is not False
        ]
        words = said or [("nothing here keeps it from taking access logs", "")]
        return True, unfit, tuple(Evidence(f"{target.address}: {text}", _place(target, part)) for text, part in words)
    if match.why is not None and match.candidates != ():
        return match.why, match.why, (Evidence(f"where the access logs go is not known: {match.why}"),)
    return False, False, ()


def _place(target: Subject, part: str) -> Origin | None:
    """Where ``part`` of the target is written, or else the target itself."""
    return next(iter((*target.origins.get(part, ()), *target.origins.get("", ()))), None)


def _reasons(target: Subject, written: Judgement) -> list[_Reason]:
    facts = target.facts
    algorithm, locked = facts["encryption"]["algorithm"], facts["object_lock"]["enabled"]
    by_kms: Ternary = algorithm if isinstance(algorithm, Unknown) else algorithm in KMS
    words = written.evidence[0].text if written.evidence else ""
    return [
        (by_kms, _words(by_kms, f"its default encryption is {algorithm}, logs need SSE-S3"), "encryption"),
        (locked, _words(locked, "it has object lock"), "object_lock"),
        (negation(written.value), words, "policy"),
        (facts["reach"]["public"], _words(facts["reach"]["public"], "it is public"), "reach"),
    ]


def _delivery(source: Subject) -> Delivery:
    """What ``source`` sends: where its name is not known, its ARN is the one that its references stand for."""
    logging, name = source.facts["logging"], source.facts["name"]
    prefix = logging["target_prefix"]
    arn = source.facts["reach"].doors.arn
    text = prefix if isinstance(prefix, str | Unknown) else ""
    return Delivery(arn, text, isinstance(name, str), logging["partitioned"])


def _words(value: Ternary, sentence: str) -> str:
    return f"not known whether {sentence}: {value}" if isinstance(value, Unknown) else sentence
