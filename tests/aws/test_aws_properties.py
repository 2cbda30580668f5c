"""Laws that hold for every policy and request: what more statements do, what masking does."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.judgements.public import is_public
from iacscan.aws.judgements.transport import denies_plain_http
from iacscan.aws.policies.policy import parse
from iacscan.aws.policies.simulate import Decision, Outcome, Request, simulate
from iacscan.core import Encoded, Ternary, Unknown, join_text

DOUBT = Unknown("masked")
ARN = "arn:aws:s3:::b"
USER = "arn:aws:iam::111122223333:user/u"
ROOT = "arn:aws:iam::111122223333:root"

names = st.sampled_from(
    ["*", {"AWS": "*"}, {"AWS": USER}, {"AWS": [ROOT, USER]}, {"AWS": ["444455556666", "*"]}, {"Service": "a.b.com"}]
)
actions = st.sampled_from(
    ["*", "s3:*", "s3:GetObject", "S3:Get*", "s3:PutObject", ["s3:List*", "s3:GetObject"], "iam:*"]
)
resources = st.sampled_from(
    ["*", ARN, f"{ARN}/*", [ARN, f"{ARN}/*"], f"{ARN}*", f"{ARN}/${{aws:username}}/*", f"{ARN}/a*", "arn:aws:s3:::c"]
)
conditions = st.sampled_from(
    [
        (operator, key, value)
        for operator, key, values in [
            ("Bool", "aws:SecureTransport", ["false", "true", ["true", "false"]]),
            ("BoolIfExists", "AWS:securetransport", ["false", False]),
            ("Null", "aws:SourceVpc", ["true", "false", True]),
            ("StringEquals", "aws:SourceVpc", ["vpc-1", "*", ["vpc-1", "vpc-2"], "${aws:username}"]),
            ("StringNotEquals", "aws:SourceVpc", ["vpc-1", ["vpc-1", "vpc-2"]]),
            ("StringLike", "aws:SourceVpc", ["vpc-*", "vpc-1"]),
            ("StringEqualsIfExists", "aws:SourceVpc", ["vpc-1"]),
            ("ForAllValues:StringEquals", "aws:SourceVpc", ["vpc-1"]),
            ("ForAnyValue:StringLike", "aws:SourceVpc", ["vpc-1", ["vpc-?"]]),
            ("StringLike", "aws:Referer", ["https://*"]),
            ("IpAddress", "aws:SourceIp", ["198.51.100.0/24", "0.0.0.0/0", ["198.51.100.0/24", "0.0.0.0/1"]]),
            ("NotIpAddress", "aws:SourceIp", ["198.51.100.0/24"]),
            ("NumericLessThan", "s3:TlsVersion", ["1.2", 1.2]),
            ("NumericLessThanIfExists", "s3:TlsVersion", ["1.2"]),
            ("ArnLike", "aws:SourceArn", ["arn:aws:s3:::a", "arn:aws:s3:::*"]),
        ]
        for value in values
    ]
)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """A statement of any form, with up to two conditions."""
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    for name, values in (("Principal", names), ("Action", actions), ("Resource", resources)):
        negated = draw(st.integers(0, 7)) == 0 and name != "Principal"
        found[f"Not{name}" if negated else name] = draw(values)
    for operator, key, value in draw(st.lists(conditions, max_size=2)):
        found.setdefault("Condition", {}).setdefault(operator, {})[key] = value
    if draw(st.booleans()):
        found["Sid"] = draw(st.sampled_from(["A", "B"]))
    return found


documents = st.builds(
    lambda version, found: {"Version": version, "Statement": found},
    st.sampled_from(["2012-10-17", "2008-10-17"]),
    st.lists(statements(), min_size=1, max_size=3),
)
contexts = st.fixed_dictionaries(
    {},
    optional={
        "aws:SecureTransport": st.sampled_from(["true", "false"]),
        "aws:SourceVpc": st.sampled_from(["vpc-1", "vpc-2", "*", ["vpc-1", "vpc-2"]]),
        "aws:SourceIp": st.sampled_from(["198.51.100.7", "203.0.113.7"]),
        "aws:username": st.sampled_from(["u", "vpc-1"]),
        "aws:Referer": st.sampled_from(["https://a", "b"]),
        "aws:SourceArn": st.sampled_from(["arn:aws:s3:::a", "arn:aws:s3:::c"]),
    },
)
requests = st.builds(
    Request,
    st.sampled_from(["anonymous", USER, ROOT, "service:a.b.com"]),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]),
    st.sampled_from([ARN, f"{ARN}/a", f"{ARN}/u/k"]),
    contexts,
)


def rank(allowed: Ternary) -> int:
    return 1 if isinstance(allowed, Unknown) else 2 * allowed


def decide(document: dict[str, Any], request: Request) -> Decision:
    return simulate(parse(Encoded(document)), request)


def extended(document: dict[str, Any], statement: dict[str, Any], effect: str) -> dict[str, Any]:
    return {**document, "Statement": [*document["Statement"], {**statement, "Effect": effect}]}


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something can be masked: every leaf and every inner value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in inner for found in [(*path, key), *paths(item, (*path, key))]]


def masked(document: dict[str, Any], path: tuple[Any, ...], mask: Any) -> Any:
    copied = json.loads(json.dumps(document))
    place: Any = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = mask
    return copied


def compatible(before: Ternary, after: Ternary) -> bool:
    return isinstance(after, Unknown) or isinstance(before, Unknown) or before is after


@given(documents, statements(), requests)
def test_a_deny_never_widens_and_an_allow_never_narrows(
    document: dict[str, Any], statement: dict[str, Any], request: Request
) -> None:
    before = rank(decide(document, request).allowed)
    assert rank(decide(extended(document, statement, "Deny"), request).allowed) <= before
    assert rank(decide(extended(document, statement, "Allow"), request).allowed) >= before


@given(documents, statements())
def test_a_deny_never_makes_public_and_an_allow_never_denies_plain_http(
    document: dict[str, Any], statement: dict[str, Any]
) -> None:
    policy, denied = parse(Encoded(document)), parse(Encoded(extended(document, statement, "Deny")))
    allowed = parse(Encoded(extended(document, statement, "Allow")))
    assert is_public(denied).value == is_public(policy).value
    assert rank(is_public(allowed).value) >= rank(is_public(policy).value)
    assert denies_plain_http(allowed, ARN).value == denies_plain_http(policy, ARN).value
    assert rank(denies_plain_http(denied, ARN).value) >= rank(denies_plain_http(policy, ARN).value)


def as_lists(value: Any) -> Any:
    """Every single text of a statement as a list of one."""
    if not isinstance(value, dict):
        return value if isinstance(value, list) else [value]
    scalar = ("Sid", "Effect")
    return {
        key: item if key in scalar or (item == "*" and key.endswith("Principal")) else as_lists(item)
        for key, item in value.items()
    }


@given(documents, requests)
def test_order_and_list_forms_change_nothing(document: dict[str, Any], request: Request) -> None:
    turned = {**document, "Statement": [as_lists(item) for item in reversed(document["Statement"])]}
    assert decide(turned, request).outcome is decide(document, request).outcome
    before, after = parse(json.dumps(document)), parse(json.dumps(turned))
    assert type(is_public(before).value) is type(is_public(after).value)
    assert rank(is_public(before).value) == rank(is_public(after).value)
    assert rank(denies_plain_http(before, ARN).value) == rank(denies_plain_http(after, ARN).value)


@given(st.data(), documents, requests)
def test_masking_never_flips(data: st.DataObject, document: dict[str, Any], request: Request) -> None:
    path = data.draw(st.sampled_from(paths(document)))
    before, after = parse(Encoded(document)), parse(Encoded(masked(document, path, DOUBT)))
    assert compatible(is_public(before).value, is_public(after).value)
    assert compatible(denies_plain_http(before, ARN).value, denies_plain_http(after, ARN).value)
    first, second = simulate(before, request), simulate(after, request)
    assert second.outcome in (first.outcome, Outcome.UNKNOWN) or first.outcome is Outcome.UNKNOWN
    assert compatible(first.allowed, second.allowed)


@given(st.data(), documents, requests)
def test_masking_inside_a_heredoc_never_flips(data: st.DataObject, document: dict[str, Any], request: Request) -> None:
    leaves = [path for path in paths(document) if isinstance(_at(document, path), str)]
    path = data.draw(st.sampled_from(leaves))
    text = _at(document, path)
    keep = data.draw(st.integers(0, len(text)))
    written = json.dumps(masked(document, path, text[:keep] + "@hole@"))
    before_hole, after_hole = written.split("@hole@")
    after = parse(join_text([before_hole, DOUBT, after_hole]))
    before = parse(json.dumps(document))
    assert compatible(is_public(before).value, is_public(after).value)
    assert compatible(denies_plain_http(before, ARN).value, denies_plain_http(after, ARN).value)
    assert compatible(simulate(before, request).allowed, simulate(after, request).allowed)


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


@given(names, actions, resources, st.none() | conditions)
def test_public_means_that_somebody_outside_gets_in(
    name: Any, action: Any, resource: Any, condition: tuple[str, str, Any] | None
) -> None:
    statement = {"Effect": "Allow", "Principal": name, "Action": action, "Resource": resource}
    if condition is not None:
        operator, key, value = condition
        statement["Condition"] = {operator: {key: value}}
    document = {"Version": "2012-10-17", "Statement": statement}
    if is_public(parse(Encoded(document))).value is not True or action == "iam:*" or resource == "arn:aws:s3:::c":
        return
    assert any(decide(document, request).outcome is Outcome.ALLOWED for request in _from_outside(json.dumps(document)))


def _from_outside(text: str) -> list[Request]:
    """Unsigned requests of every kind that a document of this ``text`` can tell apart."""
    choices: dict[str, list[Any]] = {
        "aws:SecureTransport": ["true", "false"],
        "aws:SourceVpc": [None, "vpc-2", "vpc-9", "*"],
        "aws:SourceIp": ["203.0.113.7", "8.8.8.8"],
        "aws:username": [None, "vpc-2", "u"],
        "aws:Referer": ["https://a"],
        "s3:TlsVersion": ["1.1", "1.2"],
        "aws:SourceArn": [None, "arn:aws:s3:::evil"],
    }
    choices = {key: values for key, values in choices.items() if key.lower() in text.lower()}
    return [
        Request("anonymous", action, target, dict(zip(choices, values, strict=True)))
        for action in ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
        for target in (ARN, f"{ARN}/a", f"{ARN}/u/k", f"{ARN}/vpc-2/k")
        for values in product(*choices.values())
    ]
