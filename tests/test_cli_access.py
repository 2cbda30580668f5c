"""``iacscan access`` and ``iacscan simulate`` as a user meets them."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from iacscan.cli import main

RULES = Path(__file__).parent.parent / "fixtures" / "rules"
ACL = str(RULES / "untagged-public-bucket" / "bad-acl.plan.json")
TAGGED = str(RULES / "untagged-public-bucket" / "good-tagged.plan.json")
CLOSED = str(RULES / "untagged-public-bucket" / "good-closed.plan.json")
POINTS = str(RULES / "public-access-point" / "bad-open.plan.json")
LIMITS = str(RULES / "unrestricted-access" / "good-limits.plan.json")
OFFICE = str(RULES / "source-ip-ineffective" / "bad-office.plan.json")
ARN = "arn:aws:s3:::kitchen"
ROLE = "arn:aws:iam::111122223333:role/cook"


def run(*arguments: str, **env: str) -> Result:
    clean = {"NO_COLOR": "", "FORCE_COLOR": "", **env}
    return CliRunner(env=clean).invoke(main, arguments)


def tables(*arguments: str) -> dict[str, Any]:
    result = run("access", "--source", "none", "-f", "json", *arguments)
    assert result.exit_code == 0, result.stderr
    return {table["resource"]["address"]: table for table in json.loads(result.stdout)["tables"]}


def test_the_table_says_who_and_through_what() -> None:
    result = run("access", ACL, "--source", "none")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("aws_s3_bucket.this  example-open")
    assert "  reachable by strangers" in lines
    assert any(line.split() == ["anyone", "on", "the", "internet", "yes", "-", "-", "-", "-"] for line in lines)
    assert any(line.strip() == "ACL: grant of READ" for line in lines)


def test_the_table_as_json() -> None:
    (table,) = tables(ACL).values()
    assert table["public"] is True
    (row,) = table["access"]
    assert row["who"] == "anyone on the internet"
    assert (row["list"], row["read"], row["change_permissions"]) == ("open", "none", "none")


def test_what_is_blocked_says_by_what() -> None:
    table = tables(CLOSED)["aws_s3_bucket.restricted"]
    assert table["public"] is False
    assert table["access"][0]["read"] == "blocked"
    assert table["access"][0]["remarks"] == ["blocked by restrict_public_buckets"]


def test_conditions_name_the_callers() -> None:
    found = tables(LIMITS)
    rows = {address: table["access"] for address, table in found.items()}
    network = rows['aws_s3_bucket.this["network"]'][0]
    assert (network["who"], network["name"]) == ("network", "198.51.100.0/24")
    assert rows['aws_s3_bucket.this["organization"]'][0]["name"] == "o-exampleorg1"
    assert rows['aws_s3_bucket.this["deny"]'] == []


def test_a_bucket_tagged_public_that_nobody_reaches_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "a" {\n  bucket = "b"\n  tags = { Public = "true" }\n}\n'
    )
    (table,) = tables(str(tmp_path)).values()
    assert table["public"] is False
    assert "tagged Public" in table["notes"][0]
    assert table["location"] == {"path": table["location"]["path"], "line": 1}


def test_conditions_that_do_nothing_are_notes() -> None:
    (table,) = tables(OFFICE).values()
    assert any("10.20.30.0/24 never matches" in note for note in table["notes"])


def test_a_policy_that_aws_would_refuse_is_a_note() -> None:
    table = tables(str(RULES / "policy-invalid" / "bad-documents.plan.json"))['aws_s3_bucket.this["version"]']
    assert any("AWS would refuse its policy" in note for note in table["notes"])


def test_delegation_to_access_points_is_a_note() -> None:
    table = tables(str(RULES / "public-policy" / "good-conditions.plan.json"))
    delegated = table['aws_s3_bucket.this["access-point-account"]']
    assert any("access points" in note for note in delegated["notes"])
    assert {row["who"] for row in delegated["access"]} == {"whoever is let in by access points"}
    assert {row["read"] for row in delegated["access"]} == {"unknown"}
    assert table['aws_s3_bucket.this["vpc"]']["notes"] == []


def test_access_points_have_tables_too() -> None:
    found = tables(POINTS)
    assert found["aws_s3_access_point.policy"]["resource"]["kind"] == "access point"
    assert found["aws_s3_access_point.policy"]["access"][0]["read"] == "blocked"
    assert found["aws_s3control_multi_region_access_point.worldwide"]["access"][0]["who"] == "anyone on the internet"


@pytest.mark.parametrize("name", ["aws_s3_bucket.enforced", "example-enforced"])
def test_one_bucket_by_address_or_name(name: str) -> None:
    assert list(tables(CLOSED, "--bucket", name)) == ["aws_s3_bucket.enforced"]


def test_a_bucket_that_is_not_there_is_an_error_with_a_hint() -> None:
    result = run("access", CLOSED, "--bucket", "aws_s3_bucket.enforce")
    assert result.exit_code == 2
    assert "aws_s3_bucket.enforced" in result.stderr
    assert result.stdout == ""


def test_the_page_is_one_file_without_scripts_or_raw_text(tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [{"Sid": "<script>", **statement(Principal={"AWS": ROLE})}]})
    source = f'resource "aws_s3_bucket" "a" {{\n  bucket = "kitchen"\n  policy = {json.dumps(policy)}\n}}\n'
    (tmp_path / "main.tf").write_text(source)
    page = run("access", str(tmp_path), "-f", "html").stdout
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert ROLE in page


def test_a_sensitive_policy_is_not_shown(tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [statement(Sid="Hush", Principal={"AWS": ROLE})]})
    source = (
        f'variable "policy" {{\n  sensitive = true\n  default = {json.dumps(policy)}\n}}\n'
        'resource "aws_s3_bucket" "a" {\n  bucket = "kitchen"\n  policy = var.policy\n}\n'
    )
    (tmp_path / "main.tf").write_text(source)
    for name in ("text", "json", "html"):
        result = run("access", str(tmp_path), "-f", name)
        assert result.exit_code == 0
        assert "111122223333" not in result.stdout
        assert "Hush" not in result.stdout


def test_a_sensitive_policy_of_an_access_point_is_not_shown(tmp_path: Path) -> None:
    door = "arn:aws:s3:eu-west-1:111122223333:accesspoint/door"
    inner = json.dumps({"Statement": [statement(Sid="Hush", Principal={"AWS": ROLE}, Resource=f"{door}/object/*")]})
    outer = json.dumps({"Statement": [statement(Sid="Delegate")]})
    (tmp_path / "main.tf").write_text(
        f'variable "policy" {{\n  sensitive = true\n  default = {json.dumps(inner)}\n}}\n'
        f'resource "aws_s3_bucket" "a" {{\n  bucket = "kitchen"\n  policy = {json.dumps(outer)}\n}}\n'
        'resource "aws_s3_access_point" "a" {\n  bucket = aws_s3_bucket.a.id\n  name = "door"\n'
        "  policy = var.policy\n}\n"
    )
    (row,) = [
        row
        for row in tables(str(tmp_path), "--bucket", "kitchen")["aws_s3_bucket.a"]["access"]
        if row["who"] == "role or user"
    ]
    assert row["read"] == "unknown"
    for name in ("text", "json", "html"):
        output = run("access", str(tmp_path), "-f", name).stdout
        assert "Hush" not in output
        assert ROLE not in output


def test_a_sensitive_policy_decides_and_is_not_quoted(tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [statement(Sid="Hush", Condition={"IpAddress": {"aws:SourceIp": "hushed"}})]})
    (tmp_path / "main.tf").write_text(
        f'variable "policy" {{\n  sensitive = true\n  default = {json.dumps(policy)}\n}}\n'
        'resource "aws_s3_bucket" "a" {\n  bucket = "kitchen"\n  policy = var.policy\n}\n'
    )
    asked = ("--bucket", "kitchen", "--principal", "anonymous", "--action", "s3:GetObject", "--key", "a")
    for more in (("-f", "json"), (), ("--context", "aws:SourceIp=203.0.113.7")):
        result = run("simulate", str(tmp_path), *asked, *more)
        assert result.exit_code == 0
        assert "sensitive" in result.stdout
        assert "hush" not in result.stdout.lower()


def test_a_sensitive_value_inside_a_policy_is_not_quoted(tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [statement(Sid="For-${var.name}")]})
    (tmp_path / "main.tf").write_text(
        'variable "name" {\n  sensitive = true\n  default = "hushhush"\n}\n'
        f'resource "aws_s3_bucket" "a" {{\n  bucket = "kitchen"\n  policy = {json.dumps(policy)}\n}}\n'
    )
    asked = ("--bucket", "kitchen", "--principal", "anonymous", "--action", "s3:GetObject", "--key", "a")
    assert "hushhush" not in run("simulate", str(tmp_path), *asked).stdout


def test_what_cannot_be_read_is_an_error_and_the_rest_is_shown(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    result = run("access", ACL, str(tmp_path / "broken.json"))
    assert result.exit_code == 2
    assert "example-open" in result.stdout
    assert result.stderr.startswith("error: ")


def statement(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*", **elements}


def request(**elements: Any) -> dict[str, Any]:
    return {"principal": "anonymous", "action": "s3:GetObject", "resource": f"{ARN}/cake", **elements}


def batch(folder: Path, policy: str, lines: str, *more: str) -> Result:
    (folder / "policy.json").write_text(policy)
    (folder / "requests.jsonl").write_text(lines)
    given = ["--policy", str(folder / "policy.json"), "--requests", str(folder / "requests.jsonl")]
    return run("simulate", *given, "--bucket", "kitchen", "--account", "444455556666", *(more or ("-f", "json")))


def test_requests_on_a_policy_alone(tmp_path: Path) -> None:
    office = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            statement(Sid="Office", Condition=office),
            statement(Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}}),
            statement(Sid="Own", Action="s3:ListBucket", Resource=ARN, Condition=_own("444455556666")),
        ],
    }
    asked = [
        request(context={"aws:SourceIp": "198.51.100.7", "aws:SecureTransport": True}),
        request(context={"aws:SourceIp": ["198.51.100.7"], "aws:SecureTransport": "false"}),
        request(principal=ROLE, context={"aws:SourceIp": "203.0.113.7"}),
        request(principal="service:config.amazonaws.com", action="s3:listbucket", resource=ARN),
    ]
    result = batch(tmp_path, json.dumps(policy), "\n\n".join(map(json.dumps, asked)) + "\n")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "results": [
            {"decision": "allowed", "statements": ["Office"]},
            {"decision": "explicit_deny", "statements": ["#1"]},
            {"decision": "implicit_deny", "statements": []},
            {"decision": "allowed", "statements": ["Own"]},
        ]
    }


def _own(account: str) -> dict[str, Any]:
    return {"StringEquals": {"s3:ResourceAccount": account}}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: a request is a JSON object"),
        (json.dumps({"principal": "anonymous", "action": "s3:GetObject"}), "line 2: 'resource' must be a text"),
        (json.dumps(request(action=1)), "line 2: 'action' must be a text"),
        (json.dumps(request(principal="nobody")), "line 2: 'nobody' is not a principal"),
        (json.dumps(request(when="now")), "line 2: 'when' is not a key"),
        (json.dumps(request(context=[])), "line 2: 'context' must be an object"),
        (json.dumps(request(context={"a": {"b": 1}})), "line 2: the value of 'a'"),
        (json.dumps(request(context={"a": None})), "line 2: the value of 'a'"),
        ("[" * 100_000, "line 2: not JSON"),
    ],
)
def test_a_bad_line_is_one_error(tmp_path: Path, line: str, message: str) -> None:
    policy = json.dumps({"Statement": [statement()]})
    result = batch(tmp_path, policy, f"{json.dumps(request())}\n{line}\n")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("policy", ["{", "[]", '"text"', ""])
def test_what_is_no_policy_is_an_error(tmp_path: Path, policy: str) -> None:
    result = batch(tmp_path, policy, json.dumps(request()))
    assert result.exit_code == 2
    assert "policy.json" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_policy_that_aws_would_refuse_leaves_the_answer_open(tmp_path: Path) -> None:
    result = batch(tmp_path, json.dumps({"Statement": [statement(Effect="Maybe")]}), json.dumps(request()))
    assert json.loads(result.stdout) == {"results": [{"decision": "unknown", "statements": ["#0"]}]}


def test_an_origin_access_identity_is_a_principal(tmp_path: Path) -> None:
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2QWRUHAPOMQZL"
    policy = json.dumps({"Statement": [statement(Sid="Cdn", Principal={"AWS": identity})]})
    result = batch(tmp_path, policy, json.dumps(request(principal=identity)))
    assert json.loads(result.stdout) == {"results": [{"decision": "allowed", "statements": ["Cdn"]}]}


def test_requests_as_text(tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [statement(Sid="Read")]})
    result = batch(tmp_path, policy, json.dumps(request()), "-f", "text")
    assert result.stdout == "1: allowed  (Read)\n"


def test_what_text_quotes_does_not_steer_a_terminal(tmp_path: Path) -> None:
    policy = json.dumps({"Statement": [statement(Sid="a\x1b[2J\n::error::b")]})
    result = batch(tmp_path, policy, json.dumps(request()), "-f", "text")
    assert result.stdout == "1: allowed  (a\\x1b[2J\\x0a::error::b)\n"


def test_requests_from_the_standard_input(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps({"Statement": [statement(Sid="Read")]}))
    given = ["--policy", str(tmp_path / "policy.json"), "--bucket", "b", "--account", "111122223333"]
    asked = json.dumps(request()) + "\r\n"
    result = CliRunner().invoke(main, ["simulate", *given, "--requests", "-", "-f", "json"], input=asked)
    assert json.loads(result.stdout) == {"results": [{"decision": "allowed", "statements": ["Read"]}]}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--policy", "x.json", "--bucket", "b"),
        ("--policy", "x.json", "--bucket", "b", "--account", "1", "--requests", "r", "--action", "s3:GetObject"),
        (ACL, "--bucket", "example-open", "--action", "s3:ListBucket"),
        (ACL, "--bucket", "example-open", "--principal", "anonymous"),
        (ACL, "--bucket", "example-open", "--principal", "who", "--action", "s3:ListBucket"),
        (ACL, "--bucket", "example-open", "--principal", "anonymous", "--action", "s3:HeadObject"),
        (ACL, "--bucket", "example-open", "--principal", "anonymous", "--action", "s3:GetObject"),
        (ACL, "--bucket", "example-open", "--principal", "anonymous", "--action", "s3:ListBucket", "--key", "a"),
        (ACL, "--bucket", "other", "--principal", "anonymous", "--action", "s3:ListBucket"),
        (ACL, "--bucket", "example-open", "--principal", "anonymous", "--action", "s3:ListBucket", "--context", "a"),
    ],
)
def test_what_makes_no_sense_is_an_error(arguments: tuple[str, ...]) -> None:
    result = run("simulate", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr


def answer(path: str, bucket: str, action: str, *more: str, principal: str = "anonymous") -> dict[str, Any]:
    given = ("--bucket", bucket, "--principal", principal, "--action", action, "--source", "none", "-f", "json")
    result = run("simulate", path, *given, *more)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_request_on_a_planned_bucket_says_what_decided() -> None:
    found = answer(TAGGED, "example-site", "s3:GetObject", "--key", "index.html")
    assert found["decision"] == "allowed"
    assert found["statements"] == ["#0"]
    assert found["request"]["resource"] == "arn:aws:s3:::example-site/index.html"
    blocked = answer(CLOSED, "example-restricted", "s3:GetObject", "--key", "a")
    assert blocked["decision"] == "blocked"
    assert any("restrict_public_buckets" in reason for reason in blocked["reasons"])
    assert answer(TAGGED, "example-site", "s3:DeleteObject", "--key", "a")["decision"] == "implicit_deny"


def test_a_request_on_a_planned_bucket_counts_its_acl() -> None:
    assert answer(ACL, "example-open", "s3:ListBucket")["decision"] == "allowed"
    assert answer(ACL, "example-open", "s3:PutObject", "--key", "a")["decision"] == "implicit_deny"
    enforced = answer(CLOSED, "example-enforced", "s3:ListBucket")
    assert enforced["decision"] == "blocked"
    assert any("BucketOwnerEnforced" in reason for reason in enforced["reasons"])
    assert any(
        "object's own ACL" in note for note in answer(ACL, "example-open", "s3:GetObject", "--key", "a")["notes"]
    )


def test_the_context_decides() -> None:
    bucket = 'aws_s3_bucket.this["network"]'
    inside = answer(LIMITS, bucket, "s3:GetObject", "--key", "a", "--context", "aws:SourceIp=198.51.100.7")
    outside = answer(LIMITS, bucket, "s3:GetObject", "--key", "a", "--context", "aws:SourceIp=203.0.113.7")
    assert (inside["decision"], outside["decision"]) == ("allowed", "implicit_deny")


def test_a_caller_of_another_account_is_told_of_its_own_policies() -> None:
    found = answer(LIMITS, "example-account", "s3:GetObject", "--key", "a", principal=ROLE)
    assert found["decision"] == "allowed"
    assert any("own policies" in note for note in found["notes"])


def test_one_answer_as_text() -> None:
    result = run("simulate", ACL, "--bucket", "example-open", "--principal", "anonymous", "--action", "s3:ListBucket")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "allowed"
    assert "  The bucket's ACL allows it." in result.stdout.splitlines()


def test_the_page_of_a_scan_shows_who_can_do_what(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    plan = Path(__file__).parent.parent / "fixtures" / "plans" / "update" / "plan.json"
    CliRunner().invoke(main, ["scan", str(plan), "-f", f"html={page}"])
    text = page.read_text(encoding="utf-8")
    assert "Who can do what" in text
    assert "anyone on the internet" in text
    assert text.count("<svg") == text.count("</svg>") > 0
    assert '<line class="fail"' in text
