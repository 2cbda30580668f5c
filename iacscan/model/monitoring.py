"""Who is told when somebody changes what protects a bucket, and what closes a bucket that became public.

Two ways count: a trail whose log group has a metric filter with an alarm that acts
(https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-8), and an
EventBridge rule with a target. Both usually stand in a stack of their own, so an input without any trail,
filter or rule is not judged unless a rule asks for the account as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction
from iacscan.aws.monitoring.event_pattern import catches
from iacscan.aws.monitoring.filter_pattern import fires
from iacscan.core import Evidence, Origin, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.alarms import Alarms
from iacscan.model.parts import Source, known_or_omitted
from iacscan.model.references import Things, flag, means
from iacscan.model.remediation import closes_bucket, document_name, looks_for_public
from iacscan.model.subject import Built, Subject
from iacscan.model.trails import TRAIL, records_management

POLICY_CALLS = (
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutBucketCors",
    "PutBucketLifecycle",
    "PutBucketReplication",
    "DeleteBucketPolicy",
    "DeleteBucketCors",
    "DeleteBucketLifecycle",
    "DeleteBucketReplication",
)
"""The calls of the CIS AWS Foundations Benchmark ("S3 bucket policy changes")."""

BLOCK_CALLS = (
    "PutBucketPublicAccessBlock",
    "DeleteBucketPublicAccessBlock",
    "PutAccountPublicAccessBlock",
    "DeleteAccountPublicAccessBlock",
)
"""Calls that the CIS list lacks: they open a bucket as well."""

OWNERSHIP_CALLS = ("PutBucketOwnershipControls", "DeleteBucketOwnershipControls")
"""Calls that the CIS list lacks: they make ACLs count again, or take the objects from who owns the bucket."""

UNLISTED_CALLS = (*BLOCK_CALLS, *OWNERSHIP_CALLS)

FILTER = "aws_cloudwatch_log_metric_filter"
RULE = "aws_cloudwatch_event_rule"
TARGET = "aws_cloudwatch_event_target"
GROUP = "aws_cloudwatch_log_group"

FIELDS: dict[str, Any] = {
    "changes": {"present": None, "covered": None, "missing": None, "unlisted_missing": None},
    "remediation": {"present": None, "automatic": None},
}
"""The names of the facts of an account, as far as one input shows it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One way to notice a call: what it sees, whether anything comes of it, and how a report says so."""

    origin: Origin
    sees: Callable[[str], Ternary]
    acts: Ternary
    sentence: str


def build_accounts(configuration: Configuration) -> Built:
    """One subject for all that the input shows of its account."""
    things = Things(configuration)
    watches = [*_filters(things), *_rules(things)]
    changes, said = _changes(things, watches)
    remediation, closing = _remediation(things, watches)
    places = tuple(Origin(item.address) for item in things.of(TRAIL)) or tuple(watch.origin for watch in watches)
    return Built(
        (
            Subject(
                "account",
                "account",
                "account",
                {"changes": changes, "remediation": remediation},
                {"": places, "changes": tuple(watch.origin for watch in watches) or places},
                {"changes": said, "remediation": closing},
            ),
        )
    )


def _changes(things: Things, watches: list[Watch]) -> tuple[dict[str, Any], tuple[Evidence, ...]]:
    seen = {call: _noticed(watches, call) for call in (*POLICY_CALLS, *UNLISTED_CALLS)}
    relevant = [watch for watch in watches if any(watch.sees(call) is not False for call in seen)]
    unlisted = [call for call in UNLISTED_CALLS if seen[call] is False]
    facts = {
        "present": bool(relevant or things.of(TRAIL)),
        "covered": conjunction(seen[call] for call in POLICY_CALLS),
        "missing": [call for call in POLICY_CALLS if seen[call] is False],
        "unlisted_missing": unlisted,
    }
    sentences = [Evidence(watch.sentence, watch.origin) for watch in relevant]
    nobody = Evidence("no metric filter and no EventBridge rule looks at S3 calls")
    beyond = [Evidence(f"nobody is told of {', '.join(unlisted)}, which the CIS list lacks")]
    in_message = facts["covered"] is False
    return facts, (*(sentences or [nobody]), *(beyond if unlisted and not in_message else ()))


def _noticed(watches: Iterable[Watch], call: str) -> Ternary:
    return disjunction(conjunction([watch.sees(call), watch.acts]) for watch in watches)


def _filters(things: Things) -> Iterator[Watch]:
    """Metric filters, each with whether a trail feeds it and an alarm acts on it."""
    trails, groups, alarms = things.of(TRAIL), things.of(GROUP), Alarms(things)
    for resource in things.of(FILTER):
        pattern = resource.values.get("pattern")
        fed = disjunction(_feeds(trail, resource, groups) for trail in trails) if trails else True
        alarmed = alarms.watching(resource)
        chain = f"{_said(fed, 'a trail feeds it')}, {_said(alarmed, 'an alarm acts on it')}"
        words = f"metric filter {resource.address}: {chain}"
        yield Watch(Origin(resource.address, ("pattern",)), _sees(pattern), conjunction([fed, alarmed]), words)


def _call(name: str) -> dict[str, Any]:
    """What CloudTrail writes down of a call that succeeds, whoever makes it; None is a field that is not there.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    kind = {"eventType": "AwsApiCall", "eventCategory": "Management", "managementEvent": True, "readOnly": False}
    return {"eventSource": "s3.amazonaws.com", "eventName": name, **kind, "errorCode": None, "errorMessage": None}


def _sees(pattern: Value) -> Callable[[str], Ternary]:
    def sees(call: str) -> Ternary:
        return fires(pattern, _call(call)) if isinstance(pattern, str) else merge_unknown(unknowns(pattern))

    return sees


def _said(value: Ternary, words: str) -> str:
    return (
        words
        if value is True
        else f"not known whether {words}"
        if isinstance(value, Unknown)
        else f"it is not so that {words}"
    )


def _feeds(trail: Resource, metric_filter: Resource, groups: list[Resource]) -> Ternary:
    """Whether the trail writes to the log group of the filter."""
    goes_to, read_from = trail.named_by("cloud_watch_logs_group_arn"), metric_filter.named_by("log_group_name")
    if known_or_omitted(goes_to) in (None, ""):
        return False
    if isinstance(goes_to, str) and isinstance(read_from, str):
        same: Ternary = goes_to.partition(":log-group:")[2].removesuffix(":*") == read_from
    else:
        named = [conjunction([_arn_means(goes_to, group), means(read_from, group, "name", "id")]) for group in groups]
        same = disjunction([*named, _both_outside(goes_to, read_from, groups)])
    return conjunction([records_management(trail), same])


def _arn_means(value: Value, group: Resource) -> Ternary:
    if isinstance(value, str):
        return means(value.partition(":log-group:")[2].removesuffix(":*"), group, "name")
    return means(value, group, "name")


def _both_outside(goes_to: Value, read_from: Value, groups: list[Resource]) -> Ternary:
    """Whether the two may meet in a log group that is not in the input."""
    if any(_arn_means(goes_to, group) is True or means(read_from, group, "name", "id") is True for group in groups):
        return False
    return merge_unknown([*unknowns(goes_to), *unknowns(read_from)])


def _rules(things: Things, to_lambda: bool = False) -> Iterator[Watch]:
    """EventBridge rules on the default bus, each with whether it is on, has a target, and is given the calls.

    They come to it by a trail that is switched on:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html .
    """
    trails = things.of(TRAIL)
    recorded = disjunction(map(records_management, trails)) if trails else True
    given = f", {_said(recorded, 'a trail records the calls')}" if trails else ""
    aim = "it has a target that is a Lambda function" if to_lambda else "it has a target"
    targets = [item for item in things.of(TARGET) if not to_lambda or _is_lambda(item.named_by("arn")) is not False]
    for resource in things.of(RULE):
        pattern = resource.values.get("event_pattern")
        if known_or_omitted(pattern) is None:
            continue
        aimed = disjunction(
            conjunction(
                [
                    means(item.named_by("rule"), resource, "name", "id"),
                    _is_lambda(item.named_by("arn")) if to_lambda else True,
                ]
            )
            for item in targets
        )
        on = _is_on(resource)
        off = " (switched off)" if on is False else ""
        words = f"EventBridge rule {resource.address}{off}: {_said(aimed, aim)}{given}"
        acts = conjunction([on, aimed, recorded])
        yield Watch(Origin(resource.address, ("event_pattern",)), _catches(pattern), acts, words)


def _catches(pattern: Value) -> Callable[[str], Ternary]:
    envelope = {"version": "0", "source": "aws.s3", "detail-type": "AWS API Call via CloudTrail"}
    return lambda call: catches(pattern, {**envelope, "detail": _call(call)})


def _is_on(rule: Resource) -> Ternary:
    state, bus = Source(rule).optional("state"), Source(rule).optional("event_bus_name")
    on: Ternary = True if state is None else state if isinstance(state, Unknown) else state != "DISABLED"
    default = True if bus in (None, "default") else merge_unknown(unknowns(bus)) if not isinstance(bus, str) else False
    return conjunction([on, flag(rule, "is_enabled", True), default])


def _is_lambda(arn: Value) -> Ternary:
    if isinstance(arn, str):
        return ":lambda:" in arn
    addresses = [reference.address for hole in unknowns(arn) for reference in hole.references]
    if addresses and all("aws_lambda_" in address for address in addresses):
        return True
    others = addresses and all(".aws_" in f".{address}" for address in addresses)
    return False if others else merge_unknown(unknowns(arn))


_Closing = tuple[Ternary, str, Origin]
"""Whether it closes a public bucket by itself, how a report says so, and where it is written."""


def _remediation(things: Things, watches: list[Watch]) -> tuple[dict[str, Any], tuple[Evidence, ...]]:
    """Whether a public bucket is closed by itself: by a Config rule's remediation, or a function that is called."""
    rules = [(rule, looks_for_public(rule)) for rule in things.of("aws_config_config_rule")]
    found = list(_by_config(things, rules))
    for watch in _rules(things, to_lambda=True):
        sees = conjunction(watch.sees(call) for call in ("PutBucketPolicy", "PutBucketAcl"))
        opening = conjunction([watch.acts, sees])
        if sees is not False:
            found.append((opening, watch.sentence, watch.origin))
    present = bool(found) or any(public is not False for _, public in rules) or bool(watches and things.of(TRAIL))
    facts = {"present": present, "automatic": disjunction(value for value, _, _ in found)}
    evidence = tuple(Evidence(text, origin) for _, text, origin in found)
    return facts, evidence or (Evidence("nothing in the input closes a bucket that became public"),)


def _by_config(things: Things, rules: list[tuple[Resource, Ternary]]) -> Iterator[_Closing]:
    """Each remediation of AWS Config; ``rules`` are the Config rules, each with whether it looks for public buckets."""
    for item in things.of("aws_config_remediation_configuration"):
        of_rule = disjunction(
            conjunction([means(item.named_by("config_rule_name"), rule, "name", "id"), public])
            for rule, public in rules
        )
        by_itself, closes = flag(item, "automatic", False), closes_bucket(item)
        links = (
            _said(of_rule, "it mends what a rule on public buckets finds"),
            _said(by_itself, "it does so by itself"),
            _said(closes, f"{document_name(item)} closes the bucket"),
        )
        yield conjunction([of_rule, by_itself, closes]), f"{item.address}: {', '.join(links)}", Origin(item.address)
