"""Markdown and HTML: what a browser would show of hostile text, and that both stay whole."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from output_report import CLEAN, ENFORCED, PUBLIC_READ, SSE, VERSIONING, finding, golden_report
from report_strategies import TEXT, reports

from iacscan.core import Diagnostic, Level, Verdict
from iacscan.findings import Report, Summary
from iacscan.output import FORMATS, PLAIN, Style
from iacscan.output.characters import exact, fenced, lines, sentence
from iacscan.output.markdown import MARKER, code, text

VOID = {"meta", "hr", "br"}


class Page(HTMLParser):
    """The tags of a page in order, its text, and whether every tag is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def browser(markdown: str) -> str:
    return MarkdownIt("commonmark").enable(["strikethrough", "table"]).render(markdown)


@given(TEXT | st.text(alphabet="a12 _*`[](){}<>&~|!#@-+=.\\:/", max_size=40))
def test_markdown_text_shows_what_it_holds(raw: str) -> None:
    for before in ("", "x\n  "):
        found = Page(browser(f"- {before}{text(raw)}").replace("<!-- -->", ""))
        assert set(found.tags) <= {"ul", "li", "p"}
        assert " ".join(found.text.split()) == f"{before.strip()} {sentence(raw)}".strip()


@given(TEXT | st.text(alphabet="a `|*", max_size=20))
def test_markdown_code_shows_what_it_holds(raw: str) -> None:
    found = Page(browser(f"- x {code(raw)}"))
    assert set(found.tags) == {"ul", "li", "code"}
    assert found.text.strip()[1:].strip() == exact(raw).strip()


def test_mentions_and_links_are_broken() -> None:
    expected = "ask @<!-- -->team about #<!-- -->12 at https://<!-- -->x.test"
    assert text("ask @team about #12 at https://x.test") == expected


@given(reports(), st.sampled_from((PLAIN, Style(verbose=1))))
def test_markdown_has_our_tags_only(report: Report, style: Style) -> None:
    markdown = FORMATS["markdown"](report, style)
    assert markdown.startswith(f"{MARKER}\n\n**iacscan: {report.summary.line}**\n")
    found = Page(browser(markdown))
    assert set(found.tags) <= {"p", "strong", "em", "ul", "li", "code", "pre", "details", "summary"}
    assert found.open == []
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", markdown)
    assert not re.search(r"(?m)^\s*::|##\w*\[", markdown)


def test_markdown_folds_each_block_once() -> None:
    found = Page(browser(FORMATS["markdown"](golden_report(), PLAIN)))
    assert found.tags.count("details") == 3
    assert 'aws_s3_bucket.logs ["eu"], ["us"]' in found.text
    assert '    resource "aws_s3_bucket_versioning" "x" {\n' in found.text


def test_markdown_fits_its_limit_and_counts_the_rest() -> None:
    findings = tuple(finding(SSE, f"aws_s3_bucket.b{number}") for number in range(900))
    for limit in (2_000, 60_000):
        markdown = FORMATS["markdown"](Report(findings, Summary(failures=900)), Style(limit=limit))
        assert len(markdown.encode()) <= limit
        shown = markdown.count("<details>")
        assert f"{900 - shown} more resources with results do not fit here." in markdown
        assert shown == markdown.count("</details>") > 0


def test_markdown_of_nothing_is_the_summary() -> None:
    assert FORMATS["markdown"](CLEAN, PLAIN) == f"{MARKER}\n\n**iacscan: {CLEAN.summary.line}**\n"


def test_markdown_gives_what_to_paste_and_the_reason_where_asked() -> None:
    plain, verbose = (FORMATS["markdown"](golden_report(), style) for style in (PLAIN, Style(verbose=1)))
    assert "*Why:*" in verbose
    assert "*Why:*" not in plain
    assert f"{ENFORCED}\n" in Page(browser(verbose)).text
    assert 'BucketOwnerEnforced"' not in plain


@given(TEXT | st.text(alphabet="a`\n ~", max_size=20))
def test_code_cannot_leave_its_block(raw: str) -> None:
    found = Page(browser("\n".join(fenced(raw, "terraform"))))
    assert set(found.tags) == {"pre", "code"}
    assert found.text.rstrip("\n") == "\n".join(lines(raw)).rstrip("\n")


@given(reports())
def test_html_is_whole_and_has_our_tags_only(report: Report) -> None:
    page = FORMATS["html"](report, PLAIN)
    found = Page(page)
    assert found.open == []
    allowed = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "div", "table", "thead"}
    allowed |= {"tbody", "tr", "th", "td", "span", "a", "code", "small", "section", "article", "b", "details", "pre"}
    assert set(found.tags) <= allowed | {"summary", "footer"}
    assert all(f' id="{link.removeprefix("#")}"' in page for link in found.links)
    assert {link[:2] for link in found.links} <= {"#b", "#s"}
    assert page.startswith("<!doctype html>\n")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", page)


def test_what_there_is_is_counted_by_severity_the_worst_first() -> None:
    page, markdown = (FORMATS[name](golden_report(), PLAIN) for name in ("html", "markdown"))
    assert re.findall(r'<span class="(\w+)"><b>(\d+)</b>\1</span>', page) == [
        ("critical", "1"),
        ("high", "2"),
        ("medium", "2"),
        ("unknown", "1"),
    ]
    assert "\n\n1 critical, 2 high, 2 medium, 1 unknown\n" in markdown
    assert 'class="counts"' not in FORMATS["html"](CLEAN, PLAIN)


def test_the_line_of_a_fold_names_the_worst_first() -> None:
    findings = (finding(SSE), finding(VERSIONING, verdict=Verdict.UNKNOWN), finding(PUBLIC_READ))
    markdown = FORMATS["markdown"](Report(findings, Summary()), PLAIN)
    assert "</code> ❌ public-acl-read, ❌ sse-disabled, ❔ versioning-disabled</summary>" in markdown


def test_html_shows_buckets_by_rules() -> None:
    page = FORMATS["html"](golden_report(), PLAIN)
    rows = re.findall(r"<tr><th><a href=\"#b\d\"><code>(.*?)</code></a></th>\n(.*?)</tr>", page)
    assert [unescape(name) for name, _ in rows] == [
        "aws_s3_bucket.logs",
        'module.data["a | b"].aws_s3_bucket.this[0]',
        "aws_s3_bucket.web",
    ]
    cells = [re.findall(r"<td(?: class=\"(\w+)\")?", cells) for _, cells in rows]
    assert cells == [
        ["", "fail", "", "", "fail"],
        ["", "", "unknown", "", ""],
        ["pass", "", "fail", "suppressed", ""],
    ]


def test_html_takes_the_worst_of_a_block_s_instances() -> None:
    findings = (finding(VERSIONING, "b.x[0]", Verdict.PASS), finding(VERSIONING, "b.x[1]"))
    assert 'class="fail" title="fail"' in FORMATS["html"](Report(findings, Summary()), PLAIN)


def test_html_fetches_nothing_and_runs_nothing() -> None:
    page = FORMATS["html"](golden_report(), PLAIN)
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "url(" not in page
    assert 'name="viewport"' in page
    assert "@media print" in page


def test_many_errors_leave_room_for_findings() -> None:
    errors = tuple(Diagnostic(Level.ERROR, f"file {number} " + "x" * 300) for number in range(500))
    report = Report((finding(SSE),), Summary(), diagnostics=errors, notes=("n",) * 50)
    markdown = FORMATS["markdown"](report, PLAIN)
    assert "- and 480 more errors" in markdown
    assert "- and 30 more notes" in markdown
    assert markdown.count("<details>") == 1
