"""What AWS refuses, and what can match nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.judgements.validity import is_valid, problems
from iacscan.aws.policies.actions import all_actions, expand, is_condition_key, suggestion
from iacscan.aws.policies.policy import Policy, parse
from iacscan.core import Encoded, Reference, Template, Unknown, Value

DOUBT = Unknown("var.x is not set")
ARN = "arn:aws:s3:::b"
BASE = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{ARN}/*"}
ACCOUNT = Unknown(references=(Reference("data.aws_caller_identity.me", ("account_id",)),), exact=True)
ROLE = Unknown(references=(Reference("aws_iam_role.r", ("arn",)),), exact=True)


def statement(*left_out: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**BASE, **changes}.items() if name not in left_out}


def document(*statements: Value, **changes: Any) -> Value:
    return Encoded({"Version": "2012-10-17", "Statement": list(statements), **changes})


def found(value: Value) -> list[tuple[str, str]]:
    policy = parse(value)
    assert isinstance(policy, Policy)
    return [(problem.code, problem.message) for problem in problems(policy, ARN)]


GOOD = {
    "plain": statement(),
    "star": statement(Action="*", Resource="*"),
    "s3-star-on-objects": statement(Action="s3:*"),
    "two-resources": statement(Action=["s3:ListBucket", "s3:GetObject"], Resource=[ARN, f"{ARN}/*"]),
    "bucket-pattern": statement(Action="s3:ListBucket", Resource=f"{ARN}*"),
    "other-partition": statement(Resource="arn:aws-cn:s3:::b/*"),
    "variable": statement(Resource=f"{ARN}/${{aws:username}}/*"),
    "hole-in-the-key": statement(
        Principal={"Service": "cloudtrail.amazonaws.com"},
        Action="s3:PutObject",
        Resource=Template((f"{ARN}/AWSLogs/", ACCOUNT, "/*")),
    ),
    "account": statement(Principal={"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}),
    "session": statement(Principal={"AWS": "arn:aws:sts::111122223333:assumed-role/r/s"}),
    "origin-identity": statement(
        Principal={"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}
    ),
    "unique-id": statement(Principal={"AWS": "AROAEXAMPLE123456789"}),
    "service": statement(Principal={"Service": "logging.s3.amazonaws.com"}),
    "canonical": statement(Principal={"CanonicalUser": "79a59df900b949e5"}),
    "federated": statement(Principal={"Federated": "cognito-identity.amazonaws.com"}),
    "holes-that-fit": statement(Principal={"AWS": [ROLE, Template(("arn:aws:iam::", ACCOUNT, ":root"))]}),
    "condition": statement(
        Condition={
            "Bool": {"aws:SecureTransport": False, "aws:x": "${aws:y}"},
            "NumericLessThan": {"s3:max-keys": 10},
            "DateGreaterThan": {"aws:CurrentTime": "2024-01-01T00:00:00Z"},
            "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
            "Null": {"s3:x-amz-acl": "true"},
            "StringEquals": {"S3:ExistingObjectTag/Public": DOUBT},
            "ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["a"]},
        }
    ),
    "not-forms": statement("Action", "Resource", NotAction="s3:DeleteBucket", NotResource=f"{ARN}/private/*"),
}

BAD = {
    "missing-principal": (statement("Principal"), "Statement #0 has no Principal."),
    "missing-action": (statement("Action"), "has no Action"),
    "missing-resource": (statement("Resource"), "has no Resource"),
    "missing-effect": (statement("Effect"), "no Effect"),
    "bad-effect": (statement(Effect="allow"), 'not "allow"'),
    "unknown-element": (statement(Actions="s3:*"), '"Actions" is not an element'),
    "both-forms": (statement(NotAction="s3:*"), "Action and NotAction"),
    "empty-element": (statement(Principal={}), "Principal is empty"),
    "bad-type": (statement(Action=5), "Action must hold texts"),
    "bad-principal": (statement(Principal={"AWS": "arn:aws:iam::111122223333:user/*"}), "wildcard"),
    "bad-principal group": (statement(Principal={"AWS": "arn:aws:iam::111122223333:group/g"}), "group"),
    "bad-principal nonsense": (statement(Principal={"AWS": "somebody"}), "neither an account nor the ARN"),
    "bad-principal kind": (statement(Principal={"Aws": "*"}), 'of the kind "Aws"'),
    "bad-principal star": (statement(Principal={"*": "111122223333"}), 'only "*"'),
    "bad-principal service": (statement(Principal={"Service": "lambda"}), "name of a service"),
    "bad-principal text": (statement(Principal="111122223333"), 'must be "*" or an object'),
    "no-such-action": (statement(Action="s3:HeadObject"), "s3:GetObject is meant, perhaps"),
    "no-such-action typo": (statement(Action="s3:GetObjct"), "s3:GetObject is meant, perhaps"),
    "no-such-action pattern": (statement(Action="s3:Read*"), '"s3:Read*", which S3 does not have.'),
    "no-such-action prefix": (statement(Action="GetObject"), "no service prefix"),
    "foreign-action": (statement(NotAction="kms:Decrypt", Action=None), "of kms, not of S3"),
    "foreign-resource": (statement(Resource="arn:aws:s3:::other/*"), "neither this bucket nor objects in it"),
    "foreign-resource slash": (statement(Resource=f"{ARN}/"), "neither this bucket nor objects in it"),
    "foreign-resource hole": (statement(Resource=Template(("arn:aws:s3:::other-", DOUBT))), "neither this bucket"),
    "useless-action": (statement(Action=["s3:ListBucket", "s3:GetObject"]), "applies to the bucket itself"),
    "useless-action objects": (statement(Resource=ARN), "applies to objects, but no such resource"),
    "useless-action account": (statement(Action="s3:ListAllMyBuckets", Resource=ARN), "applies to no bucket or object"),
    "no-such-operator": (statement(Condition={"StringIs": {"aws:x": "a"}}), '"StringIs", which does not exist'),
    "no-such-key": (statement(Condition={"StringEquals": {"s3:x-amz-nothing": "a"}}), "which S3 does not have"),
    "no-such-key prefix": (statement(Condition={"StringEquals": {"SourceIp": "a"}}), "which has no prefix"),
    "bad-value": (statement(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}), "cannot be"),
    "bad-value number": (statement(Condition={"NumericEquals": {"s3:max-keys": "ten"}}), "cannot be"),
    "bad-value date": (statement(Condition={"DateLessThan": {"aws:CurrentTime": "soon"}}), "cannot be"),
    "bad-value bool": (statement(Condition={"Bool": {"aws:SecureTransport": "no"}}), "cannot be"),
    "bad-value null": (statement(Condition={"Null": {"aws:SourceVpc": "yes"}}), "cannot be"),
}

DOUBTFUL = {
    "statement": DOUBT,
    "effect": statement(Effect=DOUBT),
    "principal-kind": statement(Principal={DOUBT: "*"}),
    "principal": statement(Principal={"AWS": DOUBT}),
    "action": statement(Action=DOUBT),
    "resource": statement(Resource=Template((ARN, DOUBT))),
    "key, maybe": statement(Resource=Template((f"{ARN}/", DOUBT))),
    "key with a variable": statement(Resource=Template((f"{ARN}/${{aws:username}}/", DOUBT))),
    "action-on-resource": statement(Action="s3:ListBucket", Resource=[f"{ARN}/*", DOUBT]),
    "operator": statement(Condition={DOUBT: {"aws:x": "a"}}),
    "key": statement(Condition={"StringEquals": {DOUBT: "a"}}),
    "number": statement(Condition={"NumericEquals": {"s3:max-keys": DOUBT}}),
}


@pytest.mark.parametrize("name", GOOD)
def test_good(name: str) -> None:
    value = document(GOOD[name])
    assert found(value) == []
    assert is_valid(parse(value), ARN).value is True


@pytest.mark.parametrize("name", BAD)
def test_bad(name: str) -> None:
    bad, text = BAD[name]
    codes = found(document(bad))
    assert name.split()[0] in {code for code, _ in codes}
    assert any(text in message for code, message in codes if code == name.split()[0])
    judgement = is_valid(parse(document(bad)), ARN)
    assert judgement.value is False
    assert judgement.evidence


@pytest.mark.parametrize("name", DOUBTFUL)
def test_doubtful(name: str) -> None:
    value = document(DOUBTFUL[name])
    assert found(value) == []
    assert isinstance(is_valid(parse(value), ARN).value, Unknown)


def test_documents() -> None:
    assert found(document(statement(), Version="2017-12-12")) == [
        ("bad-version", 'Version "2017-12-12" does not exist; use "2012-10-17".')
    ]
    assert found(document(statement(), Version="2008-10-17")) == []
    assert isinstance(is_valid(parse(document(statement(), Version=DOUBT)), ARN).value, Unknown)
    assert [code for code, _ in found("{")] == ["not-json"]
    assert [code for code, _ in found("[]")] == ["not-an-object"]
    assert [code for code, _ in found("{}")] == ["missing-statement"]
    assert [code for code, _ in found('{"Version": 1, "Statement": [], "statement": []}')] == [
        "unknown-element",
        "bad-type",
        "missing-statement",
    ]
    assert [code for code, _ in found('{"Id": "a", "Id": "b", "Statement": [3]}')] == ["duplicate-key", "bad-type"]
    assert is_valid(DOUBT, ARN).value == DOUBT


def test_the_policy_of_the_guide_with_an_invented_version() -> None:
    ip = {
        "Version": "2017-12-12",
        "Id": "S3PolicyIPRestrict",
        "Statement": [
            {
                "Sid": "IPAllow",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::b/*",
                "Condition": {"IpAddress": {"aws:SourceIp": "10.230.145.0/24"}},
            }
        ],
    }
    assert [code for code, _ in found(json.dumps(ip))] == ["bad-version"]


def test_table_of_actions() -> None:
    assert len(all_actions()) > 150
    assert [action.name for action in expand("S3:getobject")] == ["s3:GetObject"]
    assert {"s3:GetObject", "s3:GetObjectAcl"} <= {action.name for action in expand("s3:GetObject*")}
    assert expand("s3:ListObjects") == ()
    assert len(expand("*")) == len(all_actions())
    assert expand("s3:PutBucketPolicy")[0].resources == {"bucket"}
    assert suggestion("s3:DeleteObjects") == "s3:DeleteObject"
    assert suggestion("s3:Zzz") is None
    assert is_condition_key("S3:Prefix")
    assert is_condition_key("s3:ExistingObjectTag/a")
    assert not is_condition_key("s3:ExistingObjectTag/")


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [entry for key, item in inner for entry in [(*path, key), *_paths(item, (*path, key))]]


@given(st.data())
def test_masking_never_makes_valid_what_is_not_nor_the_reverse(data: st.DataObject) -> None:
    known = [
        *(GOOD[name] for name in GOOD if name not in ("holes-that-fit", "hole-in-the-key", "condition")),
        *(bad for bad, _ in BAD.values()),
    ]
    chosen = data.draw(
        st.sampled_from([item for item in known if "hole" not in str(item) and "Unknown" not in str(item)])
    )
    path = data.draw(st.sampled_from(_paths(chosen)))
    copied = json.loads(json.dumps(chosen))
    place = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = DOUBT
    before, after = is_valid(parse(document(chosen)), ARN).value, is_valid(parse(document(copied)), ARN).value
    assert isinstance(after, Unknown) or after is before
