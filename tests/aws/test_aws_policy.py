"""Documents of every form, read into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.aws.policies.arns import names_owner, without_partition
from iacscan.aws.policies.jsontext import Decoded, NotJsonError, decode
from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Principal, Statement, parse
from iacscan.core import Encoded, Reference, Template, Unknown, Value, join_text

ARN = Unknown(references=(Reference("aws_s3_bucket.x", ("arn",)),), exact=True)
DOUBT = Unknown("var.x is not set")


def policy(document: Value) -> Policy:
    found = parse(document)
    assert isinstance(found, Policy), found
    return found


def only(document: Value) -> Statement:
    (statement,) = policy(document).statements
    assert isinstance(statement, Statement)
    return statement


def heredoc(*parts: str | Unknown) -> Value:
    return join_text(parts)


def test_single_and_list_forms_are_the_same() -> None:
    scalar = only('{"Statement": {"Effect": "Deny", "Principal": {"AWS": "a"}, "Action": "b", "Resource": "c"}}')
    listed = only(
        '{"Statement": [{"Effect": "Deny", "Principal": {"AWS": ["a"]}, "Action": ["b"], "Resource": ["c"]}]}'
    )
    assert scalar == listed
    assert scalar.principals == (Principal("AWS", "a"),)


def test_names_of_statements() -> None:
    assert only('{"Statement": {"Sid": "A", "Effect": "Deny"}}').name == 'Statement "A"'
    assert only('{"Statement": {"Effect": "Deny"}}').name == "Statement #0"
    assert only(Encoded({"Statement": {"Sid": DOUBT, "Effect": "Deny"}})).label == "#0"


def test_condition_values_are_texts() -> None:
    statement = only(
        '{"Statement": {"Effect": "Deny", "Condition": {"Bool": {"a": [true, "x", 1, 1.20]}, "Null": {"b": false}}}}'
    )
    assert statement.conditions == (
        Condition("Bool", "a", ("true", "x", "1", "1.2")),
        Condition("Null", "b", ("false",)),
    )


def test_heredoc_with_holes() -> None:
    statement = only(
        heredoc('{"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": ["', ARN, '", "', ARN, '/*"]}]}')
    )
    assert statement.resources == (ARN, Template((ARN, "/*")))


@pytest.mark.parametrize(
    ("parts", "resources"),
    [
        (('"', DOUBT, '"'), (DOUBT,)),
        ((DOUBT,), (DOUBT,)),
        (("[", DOUBT, "]"), (DOUBT,)),
        (('["a", ', DOUBT, "]"), ("a", DOUBT)),
        (('"\\"', DOUBT, '\\\\"'), (Template(('"', DOUBT, "\\")),)),
    ],
)
def test_holes_inside_and_outside_of_strings(parts: tuple[str | Unknown, ...], resources: tuple[Leaf, ...]) -> None:
    assert only(heredoc('{"Statement": {"Effect": "Deny", "Resource": ', *parts, "}}")).resources == resources


@pytest.mark.parametrize(
    "document",
    [
        DOUBT,
        Encoded(DOUBT),
        Encoded(Encoded(DOUBT)),
        heredoc("{", DOUBT, "}"),
        heredoc('{"Statement": [1 ', DOUBT, "]}"),
        heredoc('{"Sid": "\\', DOUBT, '"}'),
        heredoc('{"a": "\ue000\ue001\ue002\ue003', DOUBT, '"}'),
        Template((DOUBT, DOUBT)),
    ],
)
def test_what_cannot_be_told_round_its_holes(document: Value) -> None:
    assert parse(document) == DOUBT


def test_holes_in_names() -> None:
    (hidden,) = policy(heredoc('{"', DOUBT, '": []}')).statements[:1]
    assert hidden == DOUBT
    assert policy(heredoc('{"Statement": [{"', DOUBT, '": "Allow"}]}')).statements == (DOUBT,)
    statement = only(heredoc('{"Statement": {"Effect": "Deny", "Principal": {"', DOUBT, '": "a"}}}'))
    assert statement.principals == (Principal(DOUBT, "a"),)


def test_a_hole_does_not_excuse_broken_json() -> None:
    for text in (heredoc('{"Statement": "', DOUBT, '"'), heredoc('\\{"Statement": "', DOUBT, '"}')):
        assert [problem.code for problem in policy(text).problems] == ["not-json"]


def test_deep_values_are_unknown_and_no_crash() -> None:
    deep: Value = DOUBT
    for _ in range(5000):
        deep = [deep]
    assert isinstance(parse(Encoded(Encoded(deep))), Unknown)
    for text in ("[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000):
        assert [problem.code for problem in policy(text).problems] == ["not-json"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "", "{", "'a'", "{} {}", "\ufeff{}", '{"a": 01}'])
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(NotJsonError):
        decode(text)


def test_huge_numbers_are_read() -> None:
    found = decode("1" * 100_000)
    assert isinstance(found, Decoded)
    assert found.value == float("inf")


def test_of_members_written_twice_the_last_counts() -> None:
    found = policy('{"Version": "a", "Version": "2012-10-17", "Statement": {"Effect": "Deny", "Effect": "Allow"}}')
    assert found.version == "2012-10-17"
    assert [problem.code for problem in found.problems] == ["duplicate-key", "duplicate-key"]
    (statement,) = found.statements
    assert isinstance(statement, Statement)
    assert statement.effect == "Allow"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ({"Effect": 5}, "bad-effect"),
        ({"Principal": 5}, "bad-principal"),
        ({"Principal": {"AWS": [None]}}, "bad-type"),
        ({"NotPrincipal": {}}, "empty-element"),
        ({"Action": {}}, "bad-type"),
        ({"Resource": []}, "empty-element"),
        ({"Condition": []}, "bad-type"),
        ({"Condition": {"Bool": "x"}}, "bad-type"),
        ({"Condition": {"Bool": {"a": None}}}, "bad-type"),
        ({"Condition": {"Bool": {"a": []}}}, "empty-element"),
        ({"Sid": 5}, "bad-type"),
        ({"sid": "a"}, "unknown-element"),
        ({"x" * 100: "a"}, "unknown-element"),
    ],
)
def test_malformed_statements_have_problems(statement: dict[str, Value], code: str) -> None:
    found = policy(Encoded({"Statement": [{"Effect": "Allow", **statement}]}))
    assert [(problem.code, problem.statement) for problem in found.problems] == [(code, 0)]
    assert len(found.statements) == 1


def test_encoded_leaves_are_unknown() -> None:
    statement = only(
        Encoded({"Statement": {"Effect": Encoded([DOUBT]), "Sid": Encoded(DOUBT), "Resource": [Encoded(DOUBT)]}})
    )
    assert isinstance(statement.effect, Unknown)
    assert isinstance(statement.sid, Unknown)
    assert statement.resources is not None
    assert isinstance(statement.resources[0], Unknown)


NAMES = st.sampled_from(["Statement", "Effect", "Principal", "AWS", "Action", "Condition", "Bool", "Sid"])
SCALARS = st.none() | st.booleans() | st.floats() | st.text() | st.just(DOUBT)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


@given(DOCUMENTS)
def test_parse_never_raises(document: Value) -> None:
    assert isinstance(parse(document), Policy | Unknown)
    assert isinstance(parse(Encoded(document)), Policy | Unknown)


@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        ("arn:aws-us-gov:s3:::b", "arn:aws:s3:::b"),
        ("arn:aws:s3:::b", "arn:aws:s3:::b"),
        ("arn:*:s3:::b", "arn:*:s3:::b"),
        ("*", "*"),
        (DOUBT, DOUBT),
        (Template(("arn:aws-cn:s3:::", DOUBT)), Template(("arn:aws:s3:::", DOUBT))),
        (Template((DOUBT, "/*")), Template((DOUBT, "/*"))),
        (Template(("arn:", DOUBT, ":s3:::b")), Template(("arn:", DOUBT, ":s3:::b"))),
        (
            Template(
                ("arn:", Unknown(references=(Reference("data.aws_partition.p", ("partition",)),), exact=True), "x")
            ),
            Template(
                ("arn:", Unknown(references=(Reference("data.aws_partition.p", ("partition",)),), exact=True), "x")
            ),
        ),
        (
            Template(("arn:", Unknown(references=(Reference("data.aws_partition.p", ("partition",)),), exact=True))),
            Template(("arn:", Unknown(references=(Reference("data.aws_partition.p", ("partition",)),), exact=True))),
        ),
        (
            Template(
                (
                    "arn:",
                    Unknown(references=(Reference("data.aws_partition.p", ("partition",)),), exact=True),
                    ":s3:::",
                    ARN,
                )
            ),
            Template(("arn:aws:s3:::", ARN)),
        ),
    ],
)
def test_partitions(leaf: Leaf, expected: Leaf) -> None:
    assert without_partition(leaf) == expected


def test_owner_in_an_arn() -> None:
    assert names_owner("arn:aws:s3:::b/*")
    assert names_owner("arn:aws:sns:*:111122223333:*")
    assert not names_owner("arn:aws:s3:::b-*"), "anybody may have a bucket of such a name"
    assert not names_owner("arn:aws:s3:::b?/x")
    assert not names_owner("arn:aws:sns:eu-west-1::x*")
    assert not names_owner("arn:aws:s3:::")
    assert not names_owner("arn:aws:s3")
