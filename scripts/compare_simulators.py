"""Compare iacscan's simulator with an independent one on generated policies and requests.

The other one is the npm package ``@cloud-copilot/iam-simulate`` (AGPL; used as a program here, no part of
iacscan). Install it anywhere and say where:

    npm install --prefix DIR @cloud-copilot/iam-simulate
    python scripts/compare_simulators.py DIR --pairs 5000 --seed 1

Prints how often both agree, how often iacscan answers "unknown" and why, how often AWS's documentation
decides for iacscan, and every other difference. Exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iacscan.aws.policies.context import Request, context_of
from iacscan.aws.policies.policy import parse
from iacscan.aws.policies.simulate import simulate

RUNNER = Path(__file__).with_suffix(".mjs")
ACCOUNTS = ["111122223333", "444455556666"]
USERS = [f"arn:aws:iam::{account}:user/{name}" for account in ACCOUNTS for name in ("bob", "team/carol")]
ROLES = [f"arn:aws:iam::{account}:role/app" for account in ACCOUNTS]
SESSIONS = [f"arn:aws:sts::{account}:assumed-role/app/session" for account in ACCOUNTS]
ROOTS = [f"arn:aws:iam::{account}:root" for account in ACCOUNTS]
SERVICES = ["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"]
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketAcl"]
PATTERNS = ["s3:*", "*", "s3:Get*", "S3:getobject", "s3:?etObject", "s3:*Object", "s3:List*", "s3:Put*", *ACTIONS]
BUCKET = "arn:aws:s3:::b"
RESOURCES = [
    BUCKET,
    f"{BUCKET}/*",
    f"{BUCKET}*",
    "*",
    f"{BUCKET}/a/*",
    f"{BUCKET}/?",
    f"{BUCKET}/${{aws:username}}/*",
    f"{BUCKET}/${{aws:PrincipalTag/team, 'none'}}/*",
    f"{BUCKET}/a${{*}}",
    "arn:aws:s3:::c/*",
]
KEYS = [f"{BUCKET}/a", f"{BUCKET}/a/b:c", f"{BUCKET}/bob/x", f"{BUCKET}/none/x", BUCKET]
VALUES: dict[str, tuple[str, list[str]]] = {
    "aws:SourceVpc": ("string", ["vpc-1", "vpc-2", "VPC-1", "vpc-*", "vpc-?", "${aws:username}"]),
    "aws:Referer": ("string", ["https://a.example/x", "https://*", "*", "a?c", "abc", "a*c"]),
    "aws:username": ("string", ["bob", "carol", "b*"]),
    "aws:PrincipalTag/team": ("string", ["red", "blue", "${aws:username}", "r*"]),
    "aws:TagKeys": ("strings", ["a", "b", "c", "a*"]),
    "aws:PrincipalArn": ("arn", [USERS[0], ROLES[0], "arn:aws:iam::111122223333:*", "arn:aws:iam::*:user/*"]),
    "aws:SourceArn": ("arn", ["arn:aws:s3:::log", "arn:aws:s3:::*", "arn:aws:sns:*:111122223333:*"]),
    "aws:PrincipalAccount": ("string", ACCOUNTS),
    "aws:SecureTransport": ("bool", ["true", "false"]),
    "aws:MultiFactorAuthPresent": ("bool", ["true", "false"]),
    "aws:MultiFactorAuthAge": ("numeric", ["60", "3600", "10000.5"]),
    "s3:max-keys": ("numeric", ["1", "10", "100"]),
    "aws:CurrentTime": ("date", ["2024-01-01T00:00:00Z", "2025-06-01T12:00:00Z"]),
    "aws:SourceIp": ("ip", ["203.0.113.7", "203.0.113.0/24", "198.51.100.0/25", "2001:db8::/32", "192.0.0.0/2"]),
}
OPERATORS = {
    "string": [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ],
    "arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
    "bool": ["Bool"],
    "numeric": [
        f"Numeric{name}"
        for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ],
    "date": ["DateLessThan", "DateGreaterThan", "DateEquals", "DateNotEquals", "DateLessThanEquals"],
    "ip": ["IpAddress", "NotIpAddress"],
}
CONTEXT: dict[str, list[Any]] = {
    "aws:SourceVpc": ["vpc-1", "vpc-2", "bob"],
    "aws:Referer": ["https://a.example/x", "abc", "a*c"],
    "aws:username": ["bob", "carol"],
    "aws:PrincipalTag/team": ["red", "bob"],
    "aws:TagKeys": [["a"], ["a", "b"], ["b", "c"]],
    "aws:SourceArn": ["arn:aws:s3:::log", "arn:aws:sns:eu-west-1:111122223333:t"],
    "aws:SecureTransport": ["true", "false"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
    "aws:MultiFactorAuthAge": ["60", "7200"],
    "s3:max-keys": ["10", "1000"],
    "aws:CurrentTime": ["2024-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
    "aws:SourceIp": ["203.0.113.7", "198.51.100.200", "2001:db8::7"],
}


def some(rng: random.Random, items: list[Any], most: int = 3) -> Any:
    """One of ``items`` by itself, or a list of a few."""
    return rng.choice(items) if rng.random() < 0.5 else rng.sample(items, rng.randint(1, min(most, len(items))))


def principal(rng: random.Random, negated: bool) -> Any:
    """A Principal element of any form; a negated one names identities only."""
    if not negated and rng.random() < 0.6:
        return rng.choice(["*", {"AWS": "*"}])
    if rng.random() < 0.2:
        return {"Service": some(rng, SERVICES)}
    return {"AWS": some(rng, [*USERS, *ROLES, *SESSIONS, *ROOTS, *ACCOUNTS])}


def conditions(rng: random.Random) -> dict[str, Any]:
    """A Condition element with up to three operators."""
    found: dict[str, Any] = {}
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        key = rng.choice(list(VALUES))
        kind, values = VALUES[key]
        if rng.random() < 0.12:
            found.setdefault("Null", {})[key] = rng.choice(["true", "false"])
            continue
        operator = rng.choice(OPERATORS["string" if kind == "strings" else kind])
        if kind == "strings" or rng.random() < 0.1:
            operator = rng.choice(["ForAllValues:", "ForAnyValue:"]) + operator
        if rng.random() < 0.25:
            operator += "IfExists"
        name = key.swapcase() if rng.random() < 0.1 else key
        found.setdefault(operator, {})[name] = some(rng, values)
    return found


def statement(rng: random.Random, index: int) -> dict[str, Any]:
    """A statement of any form."""
    negated = rng.random() < 0.1
    found: dict[str, Any] = {"Sid": f"s{index}", "Effect": rng.choice(["Allow", "Allow", "Deny"])}
    found["NotPrincipal" if negated else "Principal"] = principal(rng, negated)
    found["NotAction" if rng.random() < 0.1 else "Action"] = some(rng, PATTERNS)
    found["NotResource" if rng.random() < 0.1 else "Resource"] = some(rng, RESOURCES)
    if condition := conditions(rng):
        found["Condition"] = condition
    return found


def pairs(count: int, seed: int) -> Iterator[tuple[dict[str, Any], Request]]:
    """``count`` policies with a request each."""
    rng = random.Random(seed)
    for _ in range(count):
        version = {"Version": rng.choice(["2012-10-17"] * 6 + ["2008-10-17"])}
        policy = {**version, "Statement": [statement(rng, index) for index in range(rng.randint(1, 3))]}
        who = rng.choice(["anonymous", *USERS, *ROLES, *SESSIONS, *ROOTS, *(f"service:{name}" for name in SERVICES)])
        context = {key: rng.choice(values) for key, values in CONTEXT.items() if rng.random() < 0.6}
        yield policy, Request(who, rng.choice(ACTIONS), rng.choice(KEYS), context)


def line(policy: dict[str, Any], request: Request) -> str:
    """A pair as the other simulator reads it: with the keys that AWS derives from the principal."""
    told = {key: [item for item in values if isinstance(item, str)] for key, values in context_of(request).items()}
    context = {key: values[0] if len(values) == 1 else values for key, values in told.items()}
    return json.dumps(
        {
            "policy": policy,
            "principal": request.principal.removeprefix("service:"),
            "action": request.action,
            "resource": request.resource,
            "context": context,
        }
    )


def main() -> int:
    """Compare, report, and tell by the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="where the npm package is installed")
    parser.add_argument("--pairs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    made = list(pairs(options.pairs, options.seed))
    package = options.directory / "node_modules" / "@cloud-copilot"
    told = subprocess.run(
        ["node", str(RUNNER), str(package.resolve())],
        input="\n".join(line(*pair) for pair in made),
        capture_output=True,
        text=True,
        check=True,
    )
    return report(made, [json.loads(answer) for answer in told.stdout.splitlines()])


VARIABLES = "IAM policy elements: Variables and tags"
NO_VALUE = "Policy variables with no value"
OPERATORS_PAGE = "IAM JSON policy elements: Condition operators"


def documented(policy: dict[str, Any], request: Request, differing: set[str]) -> str | None:
    """What AWS documents and the other simulator reads differently; None unless each differing statement shows it."""
    reasons = {
        _documented(policy["Version"], item, request) for item in policy["Statement"] if item["Sid"] in differing
    }
    known = sorted(reason for reason in reasons if reason not in (None, _OUTWEIGHED))
    return known[0] if known and None not in reasons else None


_OUTWEIGHED = "an Allow that one side leaves out because of a Deny"


def _documented(version: str, statement: dict[str, Any], request: Request) -> str | None:
    """Which sentence of AWS decides about one statement that only one side applies."""
    if version != "2012-10-17" and "${" in json.dumps(statement):
        return f"variables are plain text before version 2012-10-17 ({VARIABLES}: Using variables in policies)"
    context = context_of(request)
    no_value = "${aws:username}" if "aws:username" not in context else "nothing"
    if no_value in json.dumps(statement.get("NotResource", "")):
        return f"a resource with a variable without a value matches none, in NotResource too ({VARIABLES}: {NO_VALUE})"
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            there = context.get(key.lower(), ())
            if "NotIpAddress" in operator and any(":" in str(value) for value in there):
                return f"NotIpAddress holds for every address outside the ranges ({OPERATORS_PAGE}: IP address)"
            if "Not" in operator and no_value in json.dumps(values):
                return f"a negated operator holds for a variable without a value ({VARIABLES}: {NO_VALUE})"
    return _OUTWEIGHED if statement["Effect"] == "Allow" else None


def report(made: list[tuple[dict[str, Any], Request]], answers: list[dict[str, Any]]) -> int:
    """Print agreement, doubts and differences; 1 if there is a difference."""
    agreed: Counter[str] = Counter()
    doubts: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    differences = 0
    for (policy, request), theirs in zip(made, answers, strict=True):
        ours = simulate(parse(json.dumps(policy)), request)
        if ours.outcome.value == "unknown":
            doubts[str(ours.reason)] += 1
        elif (ours.outcome.value, sorted(ours.statements)) == (theirs["decision"], sorted(theirs["statements"])):
            agreed[ours.outcome.value] += 1
        elif reason := documented(policy, request, {*ours.statements} ^ {*theirs["statements"]}):
            decided[reason] += 1
        else:
            differences += 1
            print(json.dumps({"ours": [ours.outcome.value, ours.statements], "theirs": theirs, "policy": policy}))
            print("   ", request)
    print(f"{len(made)} pairs: {sum(agreed.values())} agree {dict(agreed)}, {differences} differ")
    for reason, count in decided.most_common():
        print(f"  {count} differ, decided by AWS's documentation: {reason}")
    for reason, count in doubts.most_common():
        print(f"  {count} unknown: {reason}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
