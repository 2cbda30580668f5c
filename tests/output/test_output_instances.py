"""What reports for people say of a block: each thing once."""

from __future__ import annotations

from typing import Any

import pytest
from output_report import MFA, PUBLIC_POLICY, PUBLIC_READ, SSE, VERSIONING, at, finding

from iacscan.core import Evidence, Origin, Verdict
from iacscan.findings import Finding, Report, Summary
from iacscan.output import FORMATS, PLAIN
from iacscan.output.instances import groups, others
from iacscan.rules.rule import Rule

POLICY_UNKNOWN = Evidence("the policy is not known: var.p", Origin("aws_s3_bucket.b", ("policy",)))


def waits(rule: Rule, **fields: Any) -> Finding:
    return finding(rule, verdict=Verdict.UNKNOWN, **({"evidence": (POLICY_UNKNOWN,)} | fields))


def test_unknown_verdicts_that_wait_for_the_same_are_one_problem_of_the_worst_rule() -> None:
    (group,) = groups([waits(SSE), finding(MFA), waits(VERSIONING), waits(PUBLIC_POLICY), waits(PUBLIC_READ)])
    assert [problem.finding.rule for problem in group.problems] == [MFA, PUBLIC_POLICY], "a failure comes first"
    assert others(group.problems[1]) == "public-acl-read (high); versioning-disabled (medium); sse-disabled (low)"
    assert len(group.findings) == 5


@pytest.mark.parametrize(
    "apart",
    [
        waits(SSE, evidence=(Evidence("the key is not known"),)),
        waits(SSE, evidence=()),
        waits(SSE, location=at("main.tf", 99)),
        waits(SSE, introduced=True),
        finding(SSE, evidence=(POLICY_UNKNOWN,)),
    ],
)
def test_what_waits_for_something_else_or_stands_elsewhere_is_said_apart(apart: Finding) -> None:
    (group,) = groups([waits(PUBLIC_POLICY), apart])
    assert [problem.others for problem in group.problems] == [(), ()]


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_every_rule_that_is_unknown_is_named(name: str) -> None:
    shown = FORMATS[name](Report((waits(SSE), waits(VERSIONING), waits(PUBLIC_POLICY)), Summary(unknown=3)), PLAIN)
    assert shown.count("the policy is not known") == 1
    for each in (SSE, VERSIONING, PUBLIC_POLICY):
        assert each.id in shown
