"""Arbitrary reports: every text field may hold anything that a plan or a file name may hold."""

from __future__ import annotations

from hypothesis import strategies as st
from output_report import rule

from iacscan.core import Diagnostic, Evidence, Level, Location, Origin, Severity, Span, Verdict
from iacscan.findings import Finding, Report, Suppression, summarize

HOSTILE = (
    "::error::stop",
    "  ::stop-commands::x",
    "##[error]x",
    "##vso[task.complete]x",
    "3 failures",
    'failures": [',
    "\x1b[31mred\x1b]8;;http://x\x07",
    "\u202eevil\u2066",
    "a\r\nb\rc\x85d\u2028e",
    "]]><script>alert(1)</script><!--",
    "[each.key] :smile: [/x] [text](http://x)",
    "```\n~~~\n| a | @team #12",
    "%0A%25 a,b:c",
    "\ud800",
    "\x00\ufffe\uffff",
    "- [ ] *x* _y_ `z",
    "=cmd|' /C calc'!A0",
)
TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=()), max_size=30))
# NOTE: an address has no lone surrogate: its fingerprint is taken over UTF-8.
ADDRESS = st.one_of(
    st.sampled_from(('aws_s3_bucket.b["x"]', "aws_s3_bucket.b[0]", 'module.m["::a"].aws_s3_bucket.b')),
    TEXT.map(lambda text: text.encode("utf-8", "ignore").decode()),
)
COUNT = st.integers(1, 300)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start, column = draw(COUNT), draw(COUNT)
    return Span(start, column, start + draw(st.integers(0, 3)), draw(COUNT))


LOCATIONS = st.builds(Location, TEXT, st.none() | spans())
RULES = st.builds(
    rule,
    st.sampled_from(("public-acl-read", "sse-disabled")) | ADDRESS.filter(bool),
    st.sampled_from(Severity),
    title=TEXT,
    why=TEXT,
    fix=TEXT,
    snippet=st.none() | TEXT,
    checklist=TEXT,
    references=st.lists(TEXT, max_size=2).map(tuple),
    maps=st.dictionaries(TEXT, st.lists(TEXT, max_size=2).map(tuple), max_size=2),
)
PATHS = st.lists(st.one_of(TEXT, st.integers(0, 9)), max_size=3).map(tuple)
EVIDENCE = st.builds(Evidence, TEXT, st.none() | st.builds(Origin, ADDRESS, PATHS))
FINDINGS = st.builds(
    Finding,
    rule=RULES,
    address=ADDRESS,
    type=TEXT,
    verdict=st.sampled_from(Verdict),
    message=TEXT,
    input=TEXT,
    location=st.none() | LOCATIONS,
    related=st.lists(LOCATIONS, max_size=2).map(tuple),
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    change=st.sampled_from((None, "created", "updated", "replaced", "unchanged", "deleted", "forgotten")),
    introduced=st.sampled_from((None, True, False)),
    suppression=st.none() | st.builds(Suppression, TEXT, st.none() | LOCATIONS),
)
DIAGNOSTICS = st.builds(Diagnostic, st.sampled_from(Level), TEXT, st.none() | LOCATIONS)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    findings = tuple(draw(st.lists(FINDINGS, max_size=4)))
    return Report(
        findings,
        summarize(findings, ["buckets"] * len(findings), 5),
        tuple({item.rule.id: item.rule for item in findings[:2]}.values()),
        tuple(draw(st.lists(TEXT, max_size=2))),
        tuple(draw(st.lists(DIAGNOSTICS, max_size=3))),
        tuple(draw(st.lists(TEXT, max_size=2))),
        draw(st.sampled_from((None, *Severity))),
    )
