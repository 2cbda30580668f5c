"""``iacscan simulate``: what a bucket policy, or a planned bucket, answers to requests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from iacscan.cli.reading import reading_options
from iacscan.cli.terminal import CANNOT, line, print_text, terraform_environment
from iacscan.output.characters import exact, inert

EPILOG = """\b
Examples:
  iacscan simulate plan.json --bucket aws_s3_bucket.logs --principal anonymous --action s3:GetObject --key a.txt
  iacscan simulate . --bucket logs --principal arn:aws:iam::111122223333:role/ci --action s3:PutObject --key a \\
    --context aws:SourceVpce=vpce-1a2b3c4d
  iacscan simulate --policy policy.json --bucket logs --account 111122223333 --requests requests.jsonl --format json

\b
A line of --requests: {"principal": "anonymous", "action": "s3:GetObject",
  "resource": "arn:aws:s3:::logs/a.txt", "context": {"aws:SourceIp": "198.51.100.7"}}
"""


@click.command(epilog=EPILOG)
@click.argument("path", required=False, metavar="[PATH]")
@click.option("--bucket", required=True, metavar="ADDRESS", help="The bucket: its address, or its name.")
@click.option("--principal", metavar="WHO", help="anonymous, an ARN, an account id, or service:NAME.")
@click.option("--action", metavar="ACTION", help="Such as s3:GetObject.")
@click.option("--key", metavar="KEY", help="The object, for an action on objects.")
@click.option("--context", multiple=True, metavar="KEY=VALUE", help="A condition key of the request; repeatable.")
@click.option("--policy", type=click.Path(), metavar="FILE", help="A bucket policy by itself, in place of PATH.")
@click.option("--account", metavar="ID", help="With --policy: the bucket's account.")
@click.option(
    "--requests", type=click.Path(), metavar="FILE", help="With --policy: requests, one JSON object a line; - is stdin."
)
@click.option("-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@reading_options
def simulate(path: str | None, policy: str | None, format_: str, **given: Any) -> None:
    """Try requests on the bucket of a plan, state or source at PATH, or on a policy file.

    With PATH policy, ACL, object ownership and public access block are counted; with --policy the policy
    alone. What else AWS looks at, such as the caller's own policies, is not in it.
    """
    from iacscan.simulation import RequestError

    try:
        if policy is not None:
            _refuse("--policy", PATH=path, **{f"--{name}": given[name] for name in ("principal", "action", "key")})
            _by_policy(policy, given, format_ == "json")
        else:
            _refuse("PATH", **{f"--{name}": given[name] for name in ("account", "requests")})
            _by_bucket(path or ".", given, format_ == "json")
    except RequestError as error:
        _fail(str(error))


def _refuse(beside: str, **given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise click.UsageError(f"{name} makes no sense with {beside}")


def _fail(message: str) -> None:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(CANNOT)


def _by_policy(policy: str, given: dict[str, Any], as_json: bool) -> None:
    """Every request of a file on one policy."""
    from iacscan.simulation import RequestError, answers, read_policy

    for name in ("account", "requests"):
        if given[name] is None:
            raise click.UsageError(f"--policy needs --{name}")
    try:
        document = read_policy(_read(policy))
    except RequestError as error:
        raise RequestError(f"{policy}: {error}") from None
    lines = _read(given["requests"]).split("\n")
    try:
        decisions = answers(document, lines, given["bucket"], given["account"])
    except RequestError as error:
        raise RequestError(f"{given['requests']}: {error}") from None
    if as_json:
        results = [{"decision": item.outcome.value, "statements": list(item.statements)} for item in decisions]
        print_text(json.dumps({"results": results}) + "\n")
        return
    for number, item in enumerate(decisions, 1):
        by = f"  ({', '.join(item.statements)})" if item.statements else ""
        _show([f"{number}: {item.outcome.value}{by}{f': {item.reason}' if item.reason else ''}"])


def _show(lines: Iterable[str]) -> None:
    """Print ``lines``, each on one line; what they quote must not steer a terminal."""
    print_text(inert("".join(f"{exact(line)}\n" for line in lines)))


def _read(path: str) -> str:
    from iacscan.simulation import RequestError

    try:
        found = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return found.decode("utf-8-sig")
    except OSError as error:
        raise RequestError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RequestError(f"{path}: is not UTF-8 text") from None


def _by_bucket(path: str, given: dict[str, Any], as_json: bool) -> None:
    """One request on the bucket of an input."""
    from iacscan.access import NoBucketError, find
    from iacscan.scanning import Options
    from iacscan.simulation import ask

    for name in ("principal", "action"):
        if given[name] is None:
            raise click.UsageError(f"--{name} is missing")
    reading = {name: given[name] for name in ("source", "var_files", "workspace")}
    options = Options(variables=dict(given["variables"]), environment=terraform_environment(), **reading)
    try:
        target, errors = find(path, given["bucket"], options)
    except NoBucketError as error:
        raise click.UsageError(str(error)) from None
    for item in errors:
        click.echo(f"error: {line(item)}", err=True)
    if target is None:
        sys.exit(CANNOT)
    request, found = ask(target, given["principal"], given["action"], given["key"], given["context"])
    if as_json:
        document = {
            "bucket": target.subject.address,
            "request": {"principal": request.principal, "action": request.action, "resource": request.resource},
            "decision": found.answer,
            "statements": list(found.statements),
            "reasons": list(found.reasons),
            "notes": list(found.notes),
        }
        print_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        lines = [found.answer, *(f"  {reason}" for reason in found.reasons), *(f"note: {note}" for note in found.notes)]
        _show(lines)
    sys.exit(CANNOT if errors else 0)
