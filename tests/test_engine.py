"""The engine: verdicts, evidence, what a change introduces, and rules that cannot be evaluated."""

from typing import Any

from iacscan.core import Evidence, Level, Location, Origin, Severity, Span, Unknown, Verdict
from iacscan.engine import evaluate, verdicts
from iacscan.findings import Finding
from iacscan.inputs.configuration import Configuration, Kind, Resource
from iacscan.model.subject import Subject
from iacscan.rules import Rule, compile_expression

ADDRESS = "aws_s3_bucket.a"
PLAN = Configuration(Kind.PLAN, "plan.json")


def rule(fail_when: str, applies_when: str | None = None, **more: Any) -> Rule:
    fields = {
        "id": "r",
        "title": "It is open",
        "severity": Severity.HIGH,
        "subject": "bucket",
        "message": "{address} is open",
        "why": "w",
        "fix": "f",
        "checklist": "c",
        **more,
    }
    applies = compile_expression(applies_when) if applies_when else None
    return Rule(fail_when=compile_expression(fail_when), applies_when=applies, **fields)


def subject(facts: dict[str, Any], **more: Any) -> Subject:
    return Subject("bucket", ADDRESS, "aws_s3_bucket", facts, **more)


def one(rule_: Rule, subject_: Subject, configuration: Configuration = PLAN, **more: Any) -> Finding:
    (finding,), problems = evaluate([rule_], [subject_], configuration, **more)
    assert not problems
    return finding


def test_three_verdicts() -> None:
    assert one(rule("open"), subject({"open": True})).verdict is Verdict.FAIL
    assert one(rule("open"), subject({"open": False})).verdict is Verdict.PASS
    finding = one(rule("open"), subject({"open": Unknown("the weather")}))
    assert finding.verdict is Verdict.UNKNOWN
    assert any("the weather" in item.text for item in finding.evidence)


def test_what_is_the_same_for_all_that_a_part_may_be_is_decided() -> None:
    late = {"versioning": {"status": Unknown("it may be missing"), "other": 1}, "open": Unknown()}
    off = subject(late, options={"versioning": ({"status": None}, {"status": "Suspended"})})
    assert one(rule("versioning.status != 'Enabled'"), off).verdict is Verdict.FAIL
    assert one(rule("versioning.status == 'Enabled'"), off).verdict is Verdict.PASS
    assert one(rule("versioning.status == 'Suspended'"), off).verdict is Verdict.UNKNOWN
    assert one(rule("open || versioning.status == 'Enabled'"), off).verdict is Verdict.UNKNOWN
    assert evaluate([rule("open", "versioning.status == 'Enabled'")], [off], PLAN) == ((), ())


def test_a_rule_that_does_not_apply_says_nothing() -> None:
    assert evaluate([rule("open", "there")], [subject({"open": True, "there": False})], PLAN) == ((), ())
    late = subject({"open": True, "there": Unknown()})
    assert one(rule("open", "there"), late).verdict is Verdict.UNKNOWN


def test_a_rule_that_gives_no_verdict_is_an_error_and_unknown() -> None:
    (finding,), (problem,) = evaluate([rule("open")], [subject({"open": None})], PLAN)
    assert finding.verdict is Verdict.UNKNOWN
    assert problem.level is Level.ERROR
    assert "not true or false" in problem.message


def test_evidence_is_that_of_the_facts_which_the_rule_reads() -> None:
    said = {"acl": (Evidence("acl"),), "acl.grants": (Evidence("grants"),), "policy": (Evidence("policy"),)}
    finding = one(rule("acl.grants"), subject({"acl": {"grants": True}}, evidence=said))
    assert [item.text for item in finding.evidence] == ["acl", "grants"]


def test_params_are_facts() -> None:
    assert one(rule("open == params.word", params={"word": "yes"}), subject({"open": "yes"})).verdict is Verdict.FAIL


def test_the_deciding_place_comes_first_then_the_subject() -> None:
    places = {
        Origin("aws_s3_bucket_acl.a", ("acl",)): Location("main.tf", Span(5, 3, 5, 20)),
        Origin(ADDRESS): Location("main.tf", Span(1, 1, 1, 30)),
    }
    located = Configuration(Kind.SOURCE, ".", locate=lambda origin: (places[origin],))
    origins = {"acl": (Origin("aws_s3_bucket_acl.a", ("acl",)),), "": (Origin(ADDRESS),)}
    finding = one(rule("open", locate="acl"), subject({"open": True}, origins=origins), located)
    assert finding.location == Location("main.tf", Span(5, 3, 5, 20))
    assert finding.related == (Location("main.tf", Span(1, 1, 1, 30)),)
    assert one(rule("open"), subject({"open": True}, origins=origins), located).location == places[Origin(ADDRESS)]


def test_introduced() -> None:
    key = ("r", ADDRESS)
    open_, late = subject({"open": True}), subject({"open": Unknown()})
    assert one(rule("open"), open_, before={}).introduced is True
    assert one(rule("open"), open_, before={key: Verdict.PASS}).introduced is True
    assert one(rule("open"), open_, before={key: Verdict.UNKNOWN}).introduced is True
    assert one(rule("open"), open_, before={key: Verdict.FAIL}).introduced is False
    assert one(rule("open"), open_).introduced is None
    assert one(rule("open"), late, before={key: Verdict.PASS}).introduced is True
    assert one(rule("open"), late, before={key: Verdict.FAIL}).introduced is False
    assert one(rule("open"), subject({"open": False}), before={}).introduced is False
    assert verdicts([rule("open")], [open_], PLAN) == {key: Verdict.FAIL}


def test_what_was_read_from_a_sensitive_attribute_is_withheld() -> None:
    secret = Resource(ADDRESS, "aws_s3_bucket", "a", {"policy": "hush"}, sensitive=(("policy",),))
    hidden = Configuration(Kind.PLAN, "plan.json", (secret,))
    said = {"open": (Evidence("the policy says hush", Origin(ADDRESS, ("policy",))),)}
    finding = one(rule("open"), subject({"open": True}, evidence=said), hidden)
    assert [item.text for item in finding.evidence] == [
        "aws_s3_bucket.a.policy is marked sensitive: its value is not shown"
    ]
