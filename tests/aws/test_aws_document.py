"""The rendering of data.aws_iam_policy_document, against what the real provider produced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.judgements.public import is_public
from iacscan.aws.judgements.transport import denies_plain_http
from iacscan.aws.policies.document import render
from iacscan.aws.policies.policy import Policy, Statement, parse
from iacscan.core import Encoded, Perhaps, Reference, Template, Unknown, Value

FIXTURE = Path(__file__).parents[2] / "fixtures" / "aws" / "policy-documents.json"
CASES = json.loads(FIXTURE.read_text(encoding="utf-8"))["cases"]
ARN = Unknown(references=(Reference("aws_s3_bucket.x", ("arn",)),), exact=True)
DOUBT = Unknown("var.x is not set")


def canonical(value: Any, name: str = "") -> Any:
    """Without the order of lists that are sets, and without the list form of single values."""
    if isinstance(value, dict):
        return {key: canonical(item, key) for key, item in value.items()}
    if isinstance(value, list) and name != "Statement":
        return value[0] if len(value) == 1 else sorted(value)
    return [canonical(item) for item in value] if isinstance(value, list) else value


def rendered(**attributes: Value) -> Any:
    value = render(attributes)
    assert isinstance(value, str), value
    return json.loads(value)


def policy(value: Value) -> Policy:
    parsed = parse(value)
    assert isinstance(parsed, Policy), parsed
    return parsed


def document(*statements: Value) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_renders_what_the_provider_renders(case: dict[str, Any]) -> None:
    assert canonical(rendered(**case["attributes"])) == canonical(case["json"])


def test_holes_stay_in_their_place() -> None:
    value = render(
        {
            "statement": [
                {
                    "effect": None,
                    "actions": ["s3:GetObject"],
                    "resources": [Template((ARN, "/&{aws:username}"))],
                    "principals": [{"type": "*", "identifiers": ["*"]}],
                }
            ]
        }
    )
    assert isinstance(value, Encoded)
    (statement,) = policy(value).statements
    assert isinstance(statement, Statement)
    assert statement.resources == (Template((ARN, "/${aws:username}")),)
    assert is_public(policy(value)).value is True


@pytest.mark.parametrize(
    "attributes",
    [
        {"source_policy_documents": [document({"Sid": "a"}), document({"Sid": "a"})]},
        {"statement": [{"sid": "a"}, {"sid": "a"}]},
        {"source_policy_documents": ["{"]},
        {"source_policy_documents": ["[]"]},
        {"override_policy_documents": ['{"Statement": {}}']},
        {"override_policy_documents": ['{"Statement": [3]}']},
        {"override_policy_documents": [document({"Condition": {"Bool": {"aws:SecureTransport": [False]}}})]},
    ],
)
def test_what_the_provider_refuses_is_unknown(attributes: dict[str, Value]) -> None:
    value = render(attributes)
    assert isinstance(value, Unknown)
    assert value.reason.startswith("Terraform refuses the policy document")


def test_unknown_source_adds_statements_and_replaces_none() -> None:
    value = render({"source_policy_documents": [DOUBT, "", None], "statement": [{"sid": "own"}]})
    first, second = policy(value).statements
    assert first == DOUBT
    assert isinstance(second, Statement)


def test_unknown_override_may_replace_what_has_a_sid() -> None:
    value = render({"statement": [{"sid": "named"}, {"sid": None}], "override_policy_documents": DOUBT})
    named, anonymous, more = policy(value).statements
    assert isinstance(named, Unknown)
    assert "named" in named.reason
    assert isinstance(anonymous, Statement)
    assert more == DOUBT


def test_own_statement_with_unknown_sid_may_replace_a_source_but_not_a_sibling() -> None:
    value = render(
        {
            "source_policy_documents": [document({"Sid": "source", "Effect": "Deny"})],
            "statement": [{"sid": "sibling"}, {"sid": DOUBT}],
        }
    )
    source, sibling, doubtful = policy(value).statements
    assert isinstance(source, Unknown)
    assert isinstance(sibling, Statement)
    assert isinstance(doubtful, Statement)
    assert doubtful.sid == DOUBT


@pytest.mark.parametrize(
    "text",
    [
        Template(("{", DOUBT, "}")),
        Encoded(DOUBT),
        Encoded({"Statement": DOUBT}),
        Encoded({"Statement": [DOUBT]}),
        Template(('{"Statement": [{"', DOUBT, '": "x"}]}')),
        Template(('{"', DOUBT, '": []}')),
    ],
)
def test_merged_documents_with_holes(text: Value) -> None:
    (statement,) = policy(render({"override_policy_documents": [text]})).statements
    assert isinstance(statement, Unknown)
    assert statement.reason == DOUBT.reason


@pytest.mark.parametrize(
    ("block", "element"),
    [
        ({"principals": DOUBT}, "principals"),
        ({"principals": [DOUBT]}, "principals"),
        ({"principals": [{"type": DOUBT, "identifiers": ["*"]}]}, "principals"),
        ({"principals": [{"type": "AWS", "identifiers": DOUBT}]}, "principals"),
        ({"condition": DOUBT}, "conditions"),
        ({"condition": [{"test": DOUBT, "variable": "a", "values": ["b"]}]}, "conditions"),
        ({"condition": [{"test": "Bool", "variable": "a", "values": DOUBT}]}, "conditions"),
        ({"actions": DOUBT}, "actions"),
        ({"resources": [DOUBT]}, "resources"),
        ({"effect": DOUBT}, "effect"),
    ],
)
def test_unknown_blocks_stay_unknown(block: dict[str, Value], element: str) -> None:
    (statement,) = policy(render({"statement": [block]})).statements
    assert isinstance(statement, Statement)
    assert "var.x" in repr(getattr(statement, element))


def test_a_statement_that_may_be_missing_leaves_the_others_known() -> None:
    fixed: Value = {"sid": "Tls", "effect": "Deny", "actions": ["s3:*"], "resources": ["*"]}
    may: Value = {"sid": "Extra", "actions": ["s3:GetObject"], "resources": ["*"]}
    value = render({"statement": Perhaps("var.x is not set", options=([fixed], [fixed, may]))})
    assert isinstance(value, Encoded)
    assert isinstance(value.value, dict)
    tls = {"Sid": "Tls", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert value.value["Statement"] == [tls, Unknown("var.x is not set")]


def test_unknown_statement_and_version() -> None:
    parsed = policy(render({"statement": DOUBT, "version": DOUBT, "policy_id": DOUBT}))
    assert parsed.statements == (DOUBT,)
    assert parsed.version == DOUBT
    assert parsed.id == DOUBT
    mixed = policy(render({"statement": [DOUBT, {"sid": "x"}]}))
    assert mixed.statements[0] == DOUBT


def test_text_principal_of_a_merged_document_becomes_everyone() -> None:
    merged = {"Effect": "Allow", "Principal": "arn:aws:iam::111122223333:root", "Action": "s3:*", "Resource": "*"}
    assert rendered(source_policy_documents=[document(merged)])["Statement"][0]["Principal"] == "*"


def test_merged_documents_are_tidied() -> None:
    tidied = {"Sid": "", "Effect": "Deny", "Condition": {"Bool": "x", "NumericLessThan": {"a": 5}}, "Extra": 1}
    (statement,) = rendered(override_policy_documents=[document(tidied)])["Statement"]
    assert statement == {"Effect": "Deny", "Condition": {"Bool": "x"}}
    assert isinstance(
        policy(render({"source_policy_documents": [Encoded({"Statement": [DOUBT]})]})).statements[0], Unknown
    )
    assert rendered(statement=[5])["Statement"] == [{"Effect": "Allow"}]


def test_nothing_at_all() -> None:
    assert rendered() == {"Version": "2012-10-17"}
    assert rendered(source_json="", source_policy_documents=None, statement=None) == {"Version": "2012-10-17"}


def test_deep_nesting_is_no_crash() -> None:
    assert isinstance(render({"source_policy_documents": ['{"Statement":' * 5000]}), Unknown)
    deep: Value = "x"
    for _ in range(5000):
        deep = [deep]
    assert isinstance(render({"statement": [{"actions": deep}]}), Unknown)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [entry for key, item in inner for entry in [(*path, key), *_paths(item, (*path, key))]]


@given(st.data(), st.sampled_from(CASES))
def test_masking_an_argument_never_flips(data: st.DataObject, case: dict[str, Any]) -> None:
    masked = json.loads(json.dumps(case["attributes"]))
    path = data.draw(st.sampled_from(_paths(masked)))
    place = masked
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = DOUBT
    before, after = (parse(render(attributes)) for attributes in (case["attributes"], masked))
    for judge in (is_public, lambda policy: denies_plain_http(policy, "arn:aws:s3:::b")):
        first, second = judge(before).value, judge(after).value
        assert isinstance(first, Unknown) or isinstance(second, Unknown) or first is second
