"""Binding references inside values."""

from __future__ import annotations

from iacscan.aws.policies.holes import bind, bucket_names, spelled
from iacscan.core import Encoded, Reference, Template, Unknown, Value

REFERENCE = Reference("aws_s3_bucket.x", ("arn",))
ARN = Unknown(references=(REFERENCE,), exact=True)
OTHER = Unknown("var.x is not set")
DERIVED = Unknown(references=(REFERENCE,))
BINDINGS = {REFERENCE: "arn:aws:s3:::x"}


def test_binds_inside_everything() -> None:
    assert bind(ARN, BINDINGS) == "arn:aws:s3:::x"
    assert bind(Template((ARN, "/*")), BINDINGS) == "arn:aws:s3:::x/*"
    assert bind(Template((ARN, "/", OTHER)), BINDINGS) == Template(("arn:aws:s3:::x/", OTHER))
    assert bind([ARN, {"a": ARN, "b": 1}], BINDINGS) == ["arn:aws:s3:::x", {"a": "arn:aws:s3:::x", "b": 1}]
    bound = bind(Encoded([ARN, None]), BINDINGS)
    assert isinstance(bound, Encoded)
    assert bound.value == ["arn:aws:s3:::x", None]


def test_leaves_the_rest() -> None:
    assert bind(OTHER, BINDINGS) == OTHER
    assert bind(DERIVED, BINDINGS) == DERIVED
    assert bind("text", BINDINGS) == "text"
    value: Value = [ARN]
    assert bind(value, {}) is value


def test_a_name_is_found_where_it_is_spelled() -> None:
    name = Template(("x-", ARN, "-y"))
    assert spelled(Template(("arn:aws:s3:::x-", ARN, "-y/*")), name, "<b>") == "arn:aws:s3:::<b>/*"
    assert spelled(Template(("x-", ARN, "-y,x-", ARN, "-y")), name, "<b>") == "<b>,<b>"
    for other in (Template(("x-", ARN, "-z")), Template(("w-", ARN, "-y")), Template(("x-", OTHER, "-y")), ARN, "x-y"):
        assert spelled(other, name, "<b>") == other
    two = Template((ARN, "-", OTHER))
    assert spelled(Template(("a/", ARN, "-", OTHER, "/", ARN)), two, "b") == Template(("a/b/", ARN))
    inside = spelled(Encoded([{"a": name, "n": 1}]), name, "b")
    assert isinstance(inside, Encoded)
    assert inside.value == [{"a": "b", "n": 1}]


def test_names_with_a_hole_are_listed() -> None:
    texts: list[Value] = [
        Template(("arn:aws:s3:::x-", ARN, "-y/*")),
        Template(("arn:aws:s3:::x/", ARN)),
        Template(("arn:aws:s3:::", ARN, "/*")),
        "arn:aws:s3:::plain",
        Template((OTHER, "-logs")),
    ]
    assert list(bucket_names(Encoded({"Resource": texts}))) == [Template(("x-", ARN, "-y"))]


def test_deep_nesting_is_unknown() -> None:
    value: Value = ARN
    for _ in range(5000):
        value = [value]
    assert isinstance(bind(value, BINDINGS), Unknown)
