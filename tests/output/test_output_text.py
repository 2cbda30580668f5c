"""What people read: short, plain, once a bucket."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace

import pytest
from hypothesis import given
from output_report import CLEAN, ENFORCED, MFA, PUBLIC_POLICY, PUBLIC_READ, SSE, at, finding, golden_report
from report_strategies import reports

from iacscan.core import Diagnostic, Evidence, Level, Location, Origin, Verdict
from iacscan.findings import Finding, Report, Summary
from iacscan.output import FORMATS, PLAIN, Style

ANSI = re.compile(r"\x1b\[[0-9;]*m")
ATLANTIS = re.compile(r'[1-9][0-9]* failure|failures": \[')


def text(*findings: Finding, style: Style = PLAIN) -> str:
    return FORMATS["text"](Report(findings, Summary((("buckets", 1),), 5, 1)), style)


def test_nothing_found_is_one_line() -> None:
    assert FORMATS["text"](CLEAN, PLAIN) == "3 buckets, 5 rules: 0 failures, 0 unknown\n"


def test_one_bucket_is_one_group_with_every_problem_the_worst_first() -> None:
    shown = text(*(finding(rule, "aws_s3_bucket.b") for rule in (MFA, PUBLIC_READ, PUBLIC_POLICY, SSE)))
    assert shown.count("aws_s3_bucket.b") == 1
    assert [line.split()[2] for line in shown.splitlines() if line.startswith("    fail")] == [
        "public-policy",
        "public-acl-read",
        "mfa-delete-disabled",
        "sse-disabled",
    ]


def test_a_group_holds_the_bucket_s_findings_of_other_files() -> None:
    shown = text(
        finding(SSE, "aws_s3_bucket.a", location=at("a.tf", 1)),
        finding(SSE, "aws_s3_bucket.b", location=at("a.tf", 9)),
        finding(PUBLIC_READ, "aws_s3_bucket.a", location=at("z.tf", 4)),
    )
    assert [line for line in shown.splitlines() if re.match(r" ? ?\S", line)][:3] == [
        "a.tf",
        "  aws_s3_bucket.a",
        "  aws_s3_bucket.b",
    ]
    assert "z.tf:4:3" in shown


def test_a_failure_has_place_message_evidence_and_fix() -> None:
    shown = text(
        finding(
            PUBLIC_READ,
            message="aws_s3_bucket.b: grants read access to everyone",
            evidence=(Evidence("the ACL is public-read", Origin("aws_s3_bucket_acl.x", ("grant", 0, "a b"))),),
        )
    )
    assert shown == (
        "main.tf\n\n"
        "  aws_s3_bucket.b\n"
        "    fail     high      public-acl-read  main.tf:12:3\n"
        "      grants read access to everyone\n"
        '      - the ACL is public-read (aws_s3_bucket_acl.x.grant[0]["a b"])\n'
        "      fix: Remove the grant, or set object ownership to BucketOwnerEnforced so that ACLs no longer\n"
        "           count.\n\n"
        "1 bucket, 5 rules: 1 failure, 0 unknown\n"
    )


def test_what_to_paste_is_shown_where_asked_and_once() -> None:
    failing = [finding(PUBLIC_READ, f"aws_s3_bucket.{name}") for name in "ab"]
    block = textwrap.indent(ENFORCED, " " * 11)
    assert text(*failing, style=Style(verbose=1)).count(f"\n\n{block}\n\n      why: ") == 1
    assert ENFORCED.splitlines()[0] not in text(*failing)


def test_an_unknown_says_what_it_waits_for_and_has_no_fix() -> None:
    evidence = (*(Evidence(f"fact {number}") for number in range(9)), Evidence("waits for aws_iam_role.r.arn"))
    shown = text(finding(PUBLIC_POLICY, verdict=Verdict.UNKNOWN, evidence=evidence))
    assert "    unknown  critical  public-policy" in shown
    assert "- waits for aws_iam_role.r.arn" in shown
    assert "fix:" not in shown
    assert "and 6 more" in shown


def test_verbose_adds_the_reason_the_references_and_all_evidence() -> None:
    report = golden_report()
    brief, full = (FORMATS["text"](report, Style(verbose=level)) for level in (0, 1))
    for line in ("why: Anyone on the internet", "see: https://docs.aws.amazon.com", "see: infra/storage.tf:1:1"):
        assert line in full
        assert line not in brief
    assert "statement 5 allows it" in full
    assert "and 2 more" in brief


def test_quiet_keeps_findings_errors_and_the_summary() -> None:
    quiet = FORMATS["text"](golden_report(), Style(quiet=True))
    assert "grants read access to everyone" in quiet
    assert "error: broken.tf:7:3: a brace is not closed" in quiet
    for word in ("fix:", "note:", "warning:", "- "):
        assert word not in quiet


def test_instances_that_say_the_same_are_one_and_others_are_not() -> None:
    findings = [finding(SSE, f'aws_s3_bucket.b["{name}"]') for name in "abc"]
    other = finding(PUBLIC_READ, 'aws_s3_bucket.b["b"]')
    shown = text(*findings, other)
    assert 'aws_s3_bucket.b ["a"], ["b"], ["c"]' in shown
    assert shown.count("sse-disabled") == 2  # the finding and its fix
    assert 'public-acl-read  main.tf:12:3  only ["b"]' in shown
    assert shown.count("fix: Mend sse-disabled.") == 1
    different = replace(findings[2], message="something else")
    assert text(*findings[:2], different).count("    fail") == 2


def test_one_rule_s_remedy_is_said_once_a_block() -> None:
    findings = [finding(SSE, f"aws_s3_bucket.b[{number}]", message=f"reason {number}") for number in range(3)]
    shown = text(*findings)
    assert shown.count("    fail") == 3
    assert shown.count("fix:") == 1


def test_a_remedy_is_said_once_in_a_report_and_then_where_to_find_it() -> None:
    findings = [finding(SSE, f"aws_s3_bucket.{name}") for name in "abc"]
    shown = text(*findings)
    assert shown.count("    fail") == 3
    assert shown.count("fix: Mend sse-disabled.") == 1
    assert "`iacscan explain RULE`" in shown
    assert "iacscan explain" not in text(findings[0])


def test_many_failures_are_counted_by_severity_above_the_summary() -> None:
    findings = [finding(SSE, f"aws_s3_bucket.{name}") for name in "abcde"]
    assert text(*findings, finding(PUBLIC_POLICY, "aws_s3_bucket.a")).splitlines()[-2] == "1 critical, 5 low"
    assert "5 low" not in text(*findings)


@pytest.mark.parametrize(
    ("inputs", "place", "heading"),
    [
        ((".", "py"), "main.tf", "main.tf"),
        (("infra", "x"), "infra/main.tf", "infra/main.tf"),
        (("infra", "x"), "infra2/main.tf", "infra2/main.tf (infra)"),
        ((".", "x"), "../main.tf", "../main.tf (.)"),
        (("plan.json",), "main.tf", "main.tf"),
        (("plan.json", "x"), "main.tf", "main.tf (plan.json)"),
    ],
)
def test_of_several_inputs_each_file_outside_says_its_own(inputs: tuple[str, ...], place: str, heading: str) -> None:
    report = Report((finding(SSE, location=at(place, 1), input=inputs[0]),), Summary(), inputs=inputs)
    assert FORMATS["text"](report, PLAIN).splitlines()[0] == heading


def test_remarks_do_not_drown_the_findings() -> None:
    def shown(level: int) -> list[str]:
        said = [
            Diagnostic(kind, f"{kind.value} {n}", Location("d"))
            for kind in (Level.WARNING, Level.NOTE)
            for n in range(30)
        ]
        said += [Diagnostic(Level.NOTE, f"module.m{n} is not judged", at("main.tf", n + 1)) for n in range(5)]
        report = Report((), Summary(), diagnostics=(*said, Diagnostic(Level.ERROR, "d cannot be read")))
        return FORMATS["text"](report, Style(verbose=level)).splitlines()

    brief = shown(0)
    assert brief[0] == "error: d cannot be read"
    assert [line for line in brief if "more" in line] == [
        "warning: 20 more warnings (-v shows all)",
        "note: 27 more notes (-v shows all)",
    ]
    assert sum("is not judged" in line for line in brief) == 5
    assert sum(line.startswith(("warning:", "note:")) for line in shown(1)) == 65


def test_instances_merge_where_their_evidence_is_of_sibling_instances() -> None:
    def evidence(key: int) -> tuple[Evidence, ...]:
        return (
            Evidence(
                f"aws_s3_bucket_acl.x[{key}] allows Statement[0]", Origin(f"aws_s3_bucket_acl.x[{key}]", ("acl",))
            ),
            Evidence("one of aws_s3_bucket_acl.y[0], aws_s3_bucket_acl.y[1] applies"),
        )

    shown = text(*(finding(SSE, f"aws_s3_bucket.b[{key}]", evidence=evidence(key)) for key in range(3)))
    assert shown.count("    fail") == 1
    assert "- aws_s3_bucket_acl.x allows Statement[0] (aws_s3_bucket_acl.x.acl)\n" in shown


def test_many_instances_are_counted_not_listed() -> None:
    shown = text(*(finding(SSE, f"aws_s3_bucket.b[{number}]") for number in range(40)))
    assert "aws_s3_bucket.b [0], [1], [2], [3], [4] and 35 more" in shown


def test_a_plan_without_source_shows_the_address_under_the_input() -> None:
    shown = text(finding(SSE, location=None, input="prod/plan.json"))
    assert shown.startswith("prod/plan.json\n\n  aws_s3_bucket.b\n    fail     low       sse-disabled\n")


def test_several_inputs_are_told_apart() -> None:
    report = Report(
        (finding(SSE, input="a.json"), finding(SSE, input="b.json")),
        Summary(),
        inputs=("a.json", "b.json"),
    )
    shown = FORMATS["text"](report, PLAIN)
    assert "main.tf (a.json)\n" in shown
    assert "main.tf (b.json)\n" in shown


@pytest.mark.parametrize(("introduced", "words"), [(True, "introduced by this change"), (False, "so before this")])
def test_whether_the_change_did_it(introduced: bool, words: str) -> None:
    assert words in text(finding(SSE, introduced=introduced, change="updated"))
    assert words not in text(finding(SSE, introduced=introduced, change="created"))


def test_another_address_that_starts_alike_is_not_cut_out_of_a_message() -> None:
    assert "aws_s3_bucket.b2 logs to it" in text(finding(SSE, message="aws_s3_bucket.b2 logs to it"))


def test_lines_wrap_at_words_and_never_at_width_0() -> None:
    long = finding(SSE, message="word " * 60 + "x" * 200)
    wrapped = text(long, style=Style(width=60)).splitlines()
    assert max(len(line) for line in wrapped if "xxx" not in line) <= 60
    assert "      " + "x" * 200 in wrapped
    assert "word " * 60 + "x" * 200 in text(long, style=Style(width=0))


def test_colours_change_nothing_but_colour() -> None:
    plain, colored = (FORMATS["text"](golden_report(), Style(color=color)) for color in (False, True))
    assert ANSI.search(colored)
    assert ANSI.sub("", colored) == plain


def test_markup_and_emoji_names_are_shown_as_they_are() -> None:
    shown = text(finding(SSE, 'module.m[each.key].b[":bug:"]', message="[bold]x[/bold] [/x]"), style=Style(color=True))
    assert "module.m[each.key].b" in ANSI.sub("", shown)
    assert "[bold]x[/bold] [/x]" in ANSI.sub("", shown)


@given(reports())
def test_no_text_steers_a_terminal_or_a_log(report: Report) -> None:
    plain = FORMATS["text"](report, PLAIN)
    lines = plain.split("\n")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", plain)
    assert lines[-2] == report.summary.line
    assert not any(ATLANTIS.search(line) for line in lines[:-2])
    assert not any(line.lstrip().startswith("::") for line in lines)
    assert not re.search(r"##\w*\[", plain)
    colored = FORMATS["text"](report, Style(color=True))
    assert "\x1b" not in ANSI.sub("", colored)
