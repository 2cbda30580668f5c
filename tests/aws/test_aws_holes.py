"""Binding references inside values."""

from __future__ import annotations

from iacscan.aws.holes import bind
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


def test_deep_nesting_is_unknown() -> None:
    value: Value = ARN
    for _ in range(5000):
        value = [value]
    assert isinstance(bind(value, BINDINGS), Unknown)
