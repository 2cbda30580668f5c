"""Requests tried on a policy, or on a planned bucket: what would AWS answer?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from iacscan.access import Target
from iacscan.aws.policies.actions import all_actions, suggestion
from iacscan.aws.policies.context import ContextValue, Request
from iacscan.aws.policies.identity import ANONYMOUS
from iacscan.aws.policies.policy import Policy, parse
from iacscan.aws.policies.simulate import Decision, simulate
from iacscan.aws.reach.decision import BucketDecision, decide

_KEYS = ("principal", "action", "resource", "context")
_PRINCIPAL = re.compile(r"anonymous|\d{12}|arn:[^:\s]+:(iam|sts)::[^:\s]*:\S.*|service:\S+")
_ACCOUNT = re.compile(r"\d{12}")
_BUCKET = re.compile(r"[a-zA-Z0-9.\-_]{1,255}")
_OWNER_KEYS = ("aws:ResourceAccount", "s3:ResourceAccount")


class RequestError(ValueError):
    """What is asked makes no sense: one sentence for the user."""


def read_policy(text: str) -> Policy:
    """The policy in ``text``; raises :class:`RequestError` for a text that is none."""
    policy = parse(text)
    if isinstance(policy, Policy) and policy.readable:
        return policy
    raise RequestError(policy.problems[0].message if isinstance(policy, Policy) else str(policy))


def answers(policy: Policy, lines: Iterable[str], bucket: str, account: str) -> list[Decision]:
    """What the policy of ``bucket`` in ``account`` decides for each request, one JSON object a line.

    Raises :class:`RequestError`, which names the line, for one that is no request.
    """
    if not _BUCKET.fullmatch(bucket):
        raise RequestError(f"{bucket!r} is not the name of a bucket")
    if not _ACCOUNT.fullmatch(account):
        raise RequestError(f"{account!r} is not an account id: twelve digits")
    owner: dict[str, ContextValue] = dict.fromkeys(_OWNER_KEYS, account)
    return [simulate(policy, request) for request in _requests(lines, owner)]


def _requests(lines: Iterable[str], owner: Mapping[str, ContextValue]) -> Iterator[Request]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _request(line, owner)
            except RequestError as error:
                raise RequestError(f"line {number}: {error}") from None


def _request(line: str, owner: Mapping[str, ContextValue]) -> Request:
    try:
        found = json.loads(line)
    except json.JSONDecodeError as error:
        raise RequestError(f"not JSON: {error.msg} at column {error.colno}") from None
    except (RecursionError, ValueError):
        raise RequestError("not JSON that can be read: nested too deeply, or a number too long") from None
    if not isinstance(found, dict):
        raise RequestError("a request is a JSON object with principal, action and resource")
    for key in found:
        if key not in _KEYS:
            raise RequestError(f"{key!r} is not a key of a request; there are {', '.join(_KEYS)}")
    for key in _KEYS[:3]:
        if not isinstance(found.get(key), str) or not found[key]:
            raise RequestError(f"{key!r} must be a text")
    context = found.get("context", {})
    if not isinstance(context, dict):
        raise RequestError("'context' must be an object of condition keys and values")
    values = {key: _context_value(key, value) for key, value in context.items()}
    given = {key.lower() for key in values}
    implied = {key: value for key, value in owner.items() if key.lower() not in given}
    return Request(principal(found["principal"]), found["action"], found["resource"], {**implied, **values})


def principal(text: str) -> str:
    """``text`` as a principal: ``anonymous``, an ARN, an account id or ``service:NAME``; else an error."""
    if not _PRINCIPAL.fullmatch(text):
        raise RequestError(f"{text!r} is not a principal: {ANONYMOUS!r}, an ARN, an account id or service:NAME")
    return text


def _context_value(key: str, value: Any) -> ContextValue:
    items = value if isinstance(value, list) else [value]
    if any(not isinstance(item, str | int | float) for item in items):
        raise RequestError(f"the value of {key!r} must be a text, a number, true or false, or a list of these")
    return value  # type: ignore[no-any-return]


def ask(
    target: Target, who: str, action: str, key: str | None = None, context: Sequence[str] = ()
) -> tuple[Request, BucketDecision]:
    """What the planned bucket ``target`` answers when ``who`` calls ``action``, on the object ``key`` if given.

    ``context`` holds ``KEY=VALUE`` texts; a key given twice has several values. Raises
    :class:`RequestError` for what is no request.
    """
    doors = target.doors
    resource = doors.arn if key is None else f"{doors.arn}/{key}"
    request = Request(principal(who), _action(action, key), resource, _context(context, doors.account))
    found = decide(doors.policy, doors.grants, doors.guards, request, doors.account)
    return request, _without_secrets(found, target)


def _without_secrets(found: BucketDecision, target: Target) -> BucketDecision:
    """``found`` without what is marked sensitive: of a policy that is, neither Sids nor why it decides so."""
    if target.hidden:
        reason = "The bucket policy is marked sensitive: what it says is not shown."
        return replace(found, statements=(), reasons=(reason,))
    return replace(
        found, statements=tuple(map(target.clean, found.statements)), reasons=tuple(map(target.clean, found.reasons))
    )


def _action(name: str, key: str | None) -> str:
    known = all_actions().get(name.lower())
    if known is None:
        meant = suggestion(name)
        raise RequestError(f"S3 has no action {name!r}" + (f"; did you mean {meant}?" if meant else ""))
    if key is None and "bucket" not in known.resources and "object" in known.resources:
        raise RequestError(f"{known.name} is about an object; name it with --key")
    if key is not None and "object" not in known.resources and "bucket" in known.resources:
        raise RequestError(f"{known.name} is about the bucket itself; leave --key out")
    return known.name


def _context(texts: Sequence[str], account: str | None) -> dict[str, ContextValue]:
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise RequestError(f"{text!r} is not KEY=VALUE, such as aws:SourceIp=198.51.100.7")
        found.setdefault(name, []).append(value)
    implied = {} if account is None else dict.fromkeys(_OWNER_KEYS, account)
    given = {name.lower() for name in found}
    return {**{name: value for name, value in implied.items() if name.lower() not in given}, **found}
