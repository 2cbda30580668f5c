"""Plan and source together: the plan counts, the source fills its holes and says where."""

import json
from typing import Any

import pytest

from iacscan.core import Diagnostic, Encoded, Level, Location, Origin, Reference, Span, Template, Unknown, Value
from iacscan.inputs.combined import belongs, combine
from iacscan.inputs.configuration import Change, Configuration, Kind, Resource

LATER = Unknown()
ARN = Unknown(references=(Reference("aws_s3_bucket.a", ("arn",)),), exact=True)
OTHER = Unknown(references=(Reference("aws_s3_bucket.b", ("arn",)),), exact=True)
NEAR = Unknown("the plan does not record the text", (Reference("aws_s3_bucket.a", ("arn",)),))
OBJECTS = Template((ARN, "/*"))


def resource(address: str, **values: Value) -> Resource:
    module, _, block = address.rpartition("aws_s3")
    type_, _, name = ("aws_s3" + block).partition(".")
    return Resource(address, type_, name, values, module=module.removesuffix("."), declared=frozenset(values))


def plan(*resources: Resource) -> Configuration:
    return Configuration(Kind.PLAN, "plan.json", resources)


def source(*resources: Resource, **more: Any) -> Configuration:
    return Configuration(Kind.SOURCE, ".", resources, **more)


def filled(planned: Value, written: Value) -> Value:
    both = combine(plan(resource("aws_s3_x.a", it=planned)), source(resource("aws_s3_x.a", it=written)))
    return both.resources[0].values["it"]


@pytest.mark.parametrize(
    ("planned", "written", "result"),
    [
        ("known", "other", "known"),
        (NEAR, OBJECTS, OBJECTS),
        (NEAR, "text", "text"),
        (ARN, OBJECTS, OBJECTS),
        (ARN, OTHER, OTHER),
        (ARN, NEAR, ARN),
        (LATER, None, LATER),
        (Unknown("a dynamic block sets it"), None, LATER),
        (LATER, Unknown("a variable"), LATER),
        ([NEAR, "x"], [OBJECTS, "x"], [OBJECTS, "x"]),
        ([NEAR, "x"], [OBJECTS, "y"], [NEAR, "x"]),
        ([{"k": 1, "v": NEAR}, {"k": 2}], [{"k": 2}, {"k": 1, "v": OBJECTS}], [{"k": 1, "v": OBJECTS}, {"k": 2}]),
        ([NEAR], [OBJECTS, OBJECTS], [NEAR]),
        ({"a": NEAR, "b": 1}, {"a": OBJECTS}, {"a": OBJECTS, "b": 1}),
    ],
)
def test_the_source_fills_only_what_the_plan_does_not_know(planned: Value, written: Value, result: Value) -> None:
    assert filled(planned, written) == result


def test_of_two_documents_the_one_with_fewer_doubts_counts() -> None:
    better, worse = Encoded({"Resource": [ARN, OBJECTS]}), Encoded({"Resource": [NEAR, NEAR]})
    assert filled(worse, better) is not worse
    assert filled(better, worse) is better


def test_references_of_the_source_take_the_values_of_the_plan() -> None:
    account = Unknown(references=(Reference("data.aws_caller_identity.me", ("account_id",)),), exact=True)
    me = Resource(
        "data.aws_caller_identity.me", "aws_caller_identity", "me", {"account_id": "111122223333"}, mode="data"
    )
    written = Template(("arn:aws:iam::", account, ":root"))
    both = combine(plan(me, resource("aws_s3_x.a", it=LATER)), source(resource("aws_s3_x.a", it=written)))
    assert both.resources[1].values["it"] == "arn:aws:iam::111122223333:root"


def test_places_come_from_the_source_instances_share_their_block() -> None:
    place = Location("main.tf", Span(3, 1, 3, 9))
    seen = {Origin("aws_s3_x.a"): (place,)}
    written = source(resource("aws_s3_x.a"), locate=lambda origin: seen.get(origin, ()))
    both = combine(plan(resource('aws_s3_x.a["eu"]')), written)
    assert both.locate(Origin('aws_s3_x.a["eu"]')) == (place,)
    assert both.locate(Origin("aws_s3_x.b")) == ()


READ: Value = {"Sid": "Read", "Effect": "Allow"}
DENY: Value = {"Sid": "Deny", "Effect": "Deny"}


@pytest.mark.parametrize(
    ("planned", "written", "path"),
    [
        ([READ, DENY], [READ, DENY], ("policy", "Statement", 1)),
        ([READ, DENY], [{"Sid": "Read", "Effect": LATER}, {"Sid": ARN, "Effect": "Deny"}], ("policy", "Statement", 1)),
        ([READ, DENY], [DENY, READ], ("policy",)),
        ([READ, DENY], [READ], ("policy",)),
        ([READ, DENY], LATER, ("policy",)),
    ],
)
def test_a_statement_is_where_the_source_has_the_same_one(planned: Value, written: Value, path: tuple[str]) -> None:
    text, document = json.dumps({"Statement": planned}), Encoded({"Statement": written})
    place = Location("main.tf")
    both = combine(
        plan(resource("aws_s3_x.a", policy=text)),
        source(resource("aws_s3_x.a", policy=document), locate=lambda origin: (place,) if origin.path == path else ()),
    )
    assert both.locate(Origin("aws_s3_x.a", ("policy", "Statement", 1))) == (place,)


def test_a_source_belongs_to_a_plan_whose_root_blocks_it_has() -> None:
    written = source(resource("aws_s3_x.a"), resource("aws_s3_x.b"))
    assert belongs(plan(resource("aws_s3_x.a[0]")), written)
    assert not belongs(plan(resource("aws_s3_x.a"), resource("aws_s3_x.c")), written)
    assert not belongs(plan(), written)
    broken = source(resource("aws_s3_x.a"), diagnostics=(Diagnostic(Level.ERROR, "no"),))
    assert not belongs(plan(resource("aws_s3_x.a")), broken)


def test_deleted_resources_are_not_filled_nor_missed() -> None:
    gone = Resource("aws_s3_x.a", "aws_s3_x", "a", {"it": LATER}, change=Change.DELETED)
    both = combine(plan(gone, resource("aws_s3_x.b")), source(resource("aws_s3_x.a", it="text")), said=True)
    assert both.resources[0].values["it"] == LATER
    assert all("aws_s3_x.a" not in item.message for item in both.diagnostics)


def test_a_named_source_that_contradicts_the_plan_is_said() -> None:
    planned = plan(resource("aws_s3_x.a", it="one"), resource("aws_s3_x.b"))
    both = combine(planned, source(resource("aws_s3_x.a", it="two")), said=True)
    assert [item.level for item in both.diagnostics] == [Level.WARNING, Level.WARNING]
    messages = " ".join(item.message for item in both.diagnostics)
    assert "has no block for aws_s3_x.b" in messages
    assert "differs from the plan at aws_s3_x.a.it" in messages
    assert combine(planned, source(resource("aws_s3_x.a", it="two"))).diagnostics == ()


def test_sets_in_another_order_are_no_contradiction() -> None:
    planned = plan(resource("aws_s3_x.a", it=["a", "b"], blocks=[{"of": [{"k": "a"}, {"k": "b", "v": LATER}]}]))
    written = resource("aws_s3_x.a", it=["b", "a"], blocks=[{"of": [{"k": "b", "v": None}, {"k": "a"}]}])
    assert combine(planned, source(written), said=True).diagnostics == ()


def test_a_policy_that_the_provider_normalised_is_no_contradiction() -> None:
    planned = plan(resource("aws_s3_x.a", policy='{"A":1,"B":["x"]}'))
    heredoc = '  {\n  "B": ["x"],\n  "A": 1\n}\n'
    assert combine(planned, source(resource("aws_s3_x.a", policy=heredoc)), said=True).diagnostics == ()
    assert len(combine(planned, source(resource("aws_s3_x.a", policy="{}")), said=True).diagnostics) == 1
