"""The reach table against the simulator: what it shows, a request shows too; what gets in, it shows."""

from __future__ import annotations

import ipaddress
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.policies.context import context_of
from iacscan.aws.policies.identity import ANONYMOUS, identity_of
from iacscan.aws.policies.policy import parse
from iacscan.aws.policies.scope import targets_of
from iacscan.aws.policies.simulate import Outcome, Request, simulate
from iacscan.aws.reach.bucket import Guards, Way, ways_in
from iacscan.aws.reach.callers import Who
from iacscan.aws.reach.ways import Access, actions_of
from iacscan.core import Encoded

ARN = "arn:aws:s3:::b"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/app"
OTHER = "arn:aws:iam::444455556666:role/other"
SERVICE = "logging.s3.amazonaws.com"
OPEN = Guards(True, False, False)

CALLERS = [ANONYMOUS, ROOT, ROLE, OTHER, "arn:aws:iam::444455556666:user/u", f"service:{SERVICE}"]
PRINCIPALS: list[dict[str, Any]] = [
    *({"Principal": name} for name in ("*", {"AWS": "*"}, {"AWS": ROOT}, {"AWS": "444455556666"})),
    *({"Principal": name} for name in ({"AWS": ROLE}, {"AWS": [ROLE, OTHER]}, {"Service": SERVICE})),
    {"NotPrincipal": {"AWS": [ROLE, "111122223333"]}},
    {"NotPrincipal": {"Service": SERVICE}},
    {"NotPrincipal": {"AWS": ROOT}},
]
ACTIONS: list[dict[str, Any]] = [
    {"Action": "s3:*"},
    {"Action": "s3:GetObject"},
    {"Action": ["s3:GetObject*", "s3:PutObject"]},
    {"Action": "s3:List*"},
    {"NotAction": "s3:Get*"},
]
RESOURCES: list[dict[str, Any]] = [
    {"Resource": "*"},
    {"Resource": [ARN, f"{ARN}/*"]},
    {"Resource": f"{ARN}/*"},
    {"Resource": f"{ARN}/private/*"},
    {"Resource": f"{ARN}/?"},
    {"NotResource": f"{ARN}/private/*"},
    {"NotResource": [ARN, f"{ARN}/public/*"]},
]
CONDITIONS: list[tuple[str, str, Any]] = [
    ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    ("StringNotEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    ("StringEquals", "aws:SourceVpce", ["vpce-1", "vpce-2"]),
    ("StringNotEquals", "aws:SourceVpce", "vpce-1"),
    ("StringNotEqualsIfExists", "aws:SourceVpce", "vpce-2"),
    ("Null", "aws:SourceVpce", "false"),
    ("Null", "aws:SourceVpce", "true"),
    ("IpAddress", "aws:SourceIp", "198.51.100.0/24"),
    ("NotIpAddress", "aws:SourceIp", ["198.51.100.0/24", "203.0.113.0/24"]),
    ("NotIpAddressIfExists", "aws:SourceIp", "198.51.100.0/25"),
    ("Bool", "aws:SecureTransport", "false"),
    ("Bool", "aws:SecureTransport", "true"),
    ("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
    ("StringNotEquals", "aws:PrincipalAccount", "111122223333"),
    ("StringEquals", "aws:PrincipalAccount", ["111122223333", "444455556666"]),
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"),
    ("ArnNotEquals", "aws:PrincipalArn", [ROLE, OTHER]),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::444455556666:*"),
    ("StringEquals", "aws:PrincipalTag/team", "red"),
    ("StringLike", "aws:Referer", "https://example.com/*"),
    ("StringNotLike", "aws:Referer", "https://*"),
    ("NumericLessThan", "s3:TlsVersion", "1.2"),
    ("NumericLessThanIfExists", "s3:TlsVersion", "1.3"),
]
CONTEXTS: dict[str, list[Any]] = {
    "aws:PrincipalOrgID": [None, "o-a1b2c3d4e5", "o-zzzzzzzzzz"],
    "aws:SourceVpce": [None, "vpce-1", "vpce-2", "vpce-3"],
    "aws:SourceIp": ["198.51.100.7", "198.51.100.200", "203.0.113.7", "8.8.8.8"],
    "aws:SecureTransport": ["true", "false"],
    "aws:PrincipalTag/team": [None, "red"],
    "aws:Referer": [None, "https://example.com/a", "x"],
    "s3:TlsVersion": [None, "1.1", "1.2", "1.3"],
}


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """A statement: a Deny, or an Allow, with up to two conditions."""
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny", "Deny"]))}
    for table in (PRINCIPALS, ACTIONS, RESOURCES):
        found |= draw(st.sampled_from(table))
    for operator, key, value in draw(st.lists(st.sampled_from(CONDITIONS), max_size=2)):
        found.setdefault("Condition", {}).setdefault(operator, {})[key] = value
    return found


documents = st.builds(
    lambda found: {"Version": "2012-10-17", "Statement": found}, st.lists(statements(), min_size=1, max_size=4)
)


def requests(text: str) -> list[Request]:
    """Requests that a policy of this ``text`` can tell apart; callers have the keys that callers of their kind have."""
    keys = {key: values for key, values in CONTEXTS.items() if key.lower() in text.lower()}
    found = []
    for caller, action, resource in product(
        CALLERS,
        ("s3:GetObject", "s3:PutObject", "s3:ListBucket"),
        (ARN, f"{ARN}/a", f"{ARN}/private/a", f"{ARN}/public/a"),
    ):
        if (resource == ARN) is (action == "s3:ListBucket"):
            unsigned = caller == ANONYMOUS or caller.startswith("service:")
            chosen = {key: [None] if unsigned and "Principal" in key else values for key, values in keys.items()}
            for values in product(*chosen.values()):
                context = dict(zip(chosen, values, strict=True))
                if context.get("aws:SourceVpce"):  # what comes through an endpoint has no public address
                    context.pop("aws:SourceIp", None)
                found.append(Request(caller, action, resource, context))
    return found


def access_of(action: str) -> Access | None:
    """What ``action`` gives."""
    return next(
        (access for access in Access for target in targets_of(ARN) if action in actions_of(access, target)), None
    )


def covers(way: Way, request: Request) -> bool:
    """Whether the caller of ``way`` includes who sends ``request``."""
    identity, names = identity_of(request.principal), way.name.split(", ")
    context = {key: str(values[0]) for key, values in context_of(request).items() if isinstance(values, tuple)}
    if way.who is Who.ANY_ACCOUNT:
        return not identity.anonymous
    if way.who is Who.ORGANIZATION:
        return context.get("aws:principalorgid") in names
    if way.who is Who.ACCOUNT:
        return any(identity.account and identity.account in name for name in names)
    if way.who is Who.PRINCIPAL:
        return any(fnmatchcase(context.get("aws:principalarn", ""), name) for name in names)
    if way.who is Who.SERVICE:
        return identity.service is not None and (way.name == "any AWS service" or identity.service in names)
    if way.who is Who.NETWORK and "/" in way.name:
        return "aws:sourceip" in context and any(
            ipaddress.ip_address(context["aws:sourceip"]) in ipaddress.ip_network(name) for name in names
        )
    return context.get("aws:sourcevpce") in names if way.who is Who.NETWORK else True


@given(documents, st.integers(0, 1_000))
def test_every_way_has_a_request_that_gets_in_and_every_request_that_gets_in_has_a_way(
    document: dict[str, Any], start: int
) -> None:
    policy = parse(Encoded(document))
    ways = ways_in(policy, None, OPEN, ARN)
    for way in ways:
        if way.granted is True:
            assert way.witness is not None
            assert simulate(policy, way.witness).outcome is Outcome.ALLOWED
            assert access_of(way.witness.action) is way.access
            assert covers(way, way.witness), way
            assert way.who is not Who.ANYONE or way.witness.principal == ANONYMOUS
    asked = requests(str(document))
    step = len(asked) // 40 + 1
    for request in asked[start % step :: step]:
        if simulate(policy, request).outcome is Outcome.ALLOWED:
            assert any(way.access is access_of(request.action) and covers(way, request) for way in ways), request
