"""One self-contained page: buckets by rules with verdicts, then each problem with its cause and remedy.

No script, no fetch (a content security policy says so), readable on a phone, in the dark and on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape

from iacscan.core import Diagnostic
from iacscan.findings import Finding, Report
from iacscan.output.access_html import sections
from iacscan.output.characters import lines
from iacscan.output.html_style import html_code, html_text, page
from iacscan.output.instances import (
    Group,
    Problem,
    groups,
    key,
    listed,
    main_proofs,
    others,
    short_message,
    since,
    tally,
)
from iacscan.output.places import place
from iacscan.output.style import PLAIN, Style
from iacscan.rules.rule import Rule

_ROWS = 500
_BLOCKS = 1_000
_EVIDENCE = 20
_REMARKS = 200
_SIGNS = {"fail": "✗", "unknown": "?", "pass": "✓", "suppressed": "–"}
_WORST = ("fail", "unknown", "suppressed", "pass")


def render(report: Report, style: Style = PLAIN) -> str:
    """The report as an HTML page."""
    blocks = groups(report.findings)
    pasted = _pasted(report.findings)
    body = [
        "<h1>iacscan</h1>",
        f'<p class="summary">{html_text(report.summary.line)}</p>',
        *_counts(report.findings),
        *_remarks(report.errors, ()),
        *_matrix(report, blocks[:_ROWS], len(blocks)),
        *(line for number, group in enumerate(blocks[:_BLOCKS]) for line in _block(group, number, pasted)),
        *_left(len(blocks) - _BLOCKS, "resources with results are left out of this page."),
        *_snippets(pasted),
        *(["<h1>Who can do what</h1>", *sections(style.reach)] if style.reach else []),
        *_remarks((item for item in report.diagnostics if item not in report.errors), report.notes),
        f"<footer>{html_text(', '.join(report.inputs[:20]))} · iacscan {escape(style.version)}</footer>",
    ]
    return page(f"iacscan: {report.summary.line}", body)


def _pasted(findings: Iterable[Finding]) -> dict[str, str]:
    """What there is to paste for each rule that fails, by the rule's id."""
    return {item.rule.id: item.rule.snippet for item in findings if item.counts and item.rule.snippet}


def _snippets(pasted: Mapping[str, str]) -> Iterator[str]:
    """Each once, since many resources may lack the same."""
    if pasted:
        yield "<h1>Terraform to paste or adapt</h1>"
    for number, (rule, snippet) in enumerate(pasted.items()):
        yield f'<section id="s{number}"><h2>{html_code(rule)}</h2>'
        yield f"<pre><code>{escape(chr(10).join(lines(snippet)))}</code></pre></section>"


def _counts(findings: Iterable[Finding]) -> Iterator[str]:
    """How many there are of each severity that has any, and of unknown verdicts."""
    counted = tally(findings)
    if counted:
        tiles = (f'<span class="{word}"><b>{count}</b>{word}</span>' for word, count in counted.items())
        yield f'<p class="counts">{"".join(tiles)}</p>'


def _left(count: int, what: str) -> list[str]:
    return [f"<p>{count} more {what}</p>"] if count > 0 else []


def _remarks(diagnostics: Iterable[Diagnostic], notes: tuple[str, ...]) -> Iterator[str]:
    """What the scan says of itself, as a list."""
    items = [
        f"<li><b>{item.level.value}</b>: {html_code(place(item.location)) + ': ' if item.location else ''}"
        f"{html_text(item.message)}</li>"
        for item in diagnostics
    ]
    items += [f"<li>{html_text(note)}</li>" for note in notes]
    if items:
        yield '<ul class="remarks">'
        yield from items[:_REMARKS]
        yield "</ul>"
        yield from _left(len(items) - _REMARKS, "of these.")


def _matrix(report: Report, blocks: list[Group], count: int) -> Iterator[str]:
    """Resources by rules: the worst status of each. Only rules that have something to show are columns."""
    shown = {item.rule.id for item in report.findings}
    columns = list(dict.fromkeys([rule.id for rule in report.rules if rule.id in shown] + sorted(shown)))
    if not blocks:
        return
    yield '<div class="scroll"><table><thead><tr><th>Resource</th>'
    yield from (f'<th class="rule"><span>{html_text(rule)}</span></th>' for rule in columns)
    yield "</tr></thead><tbody>"
    for number, group in enumerate(blocks):
        cells = _statuses(group.findings)
        yield f'<tr><th><a href="#b{number}">{html_code(group.block)}</a></th>'
        yield "".join(_cell(cells.get(rule)) for rule in columns) + "</tr>"
    yield "</tbody></table></div>"
    yield from _left(count - len(blocks), "resources are not in this table.")
    legend = ", ".join(f"{sign} {status}" for status, sign in _SIGNS.items())
    yield f'<p class="legend">{legend}; empty: nothing to show or the rule does not apply.</p>'


def _statuses(findings: tuple[Finding, ...]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for finding in findings:
        known = worst.setdefault(finding.rule.id, finding.status)
        worst[finding.rule.id] = min(known, finding.status, key=_WORST.index)
    return worst


def _cell(status: str | None) -> str:
    return f'<td class="{status}" title="{status}">{_SIGNS[status]}</td>' if status else "<td></td>"


def _block(group: Group, number: int, pasted: Mapping[str, str]) -> Iterator[str]:
    keys = f" {html_code(_keys(group.addresses))}" if len(group.addresses) > 1 else ""
    changes = ", ".join(dict.fromkeys(item.change for item in group.findings if item.change))
    yield f'<section id="b{number}"><h2>{html_code(group.block)}{keys} <small>{html_text(changes)}</small></h2>'
    for problem in group.problems:
        yield from _problem(problem, group, pasted)
    yield "</section>"


def _keys(addresses: tuple[str, ...]) -> str:
    return listed(key(address) or address for address in addresses)


def _problem(problem: Problem, group: Group, pasted: Mapping[str, str]) -> Iterator[str]:
    finding = problem.finding
    severity = finding.rule.severity.label
    only = f" only {html_code(_keys(problem.addresses))}" if problem.addresses != group.addresses else ""
    where = html_code(place(finding.location)) if finding.location else f"in {html_code(finding.input)}"
    yield f'<article class="{finding.status}"><p class="head"><b>{finding.status}</b>'
    yield f'<span class="{severity}">{severity}</span> {html_code(finding.rule.id)} {where}{only} {since(finding)}</p>'
    yield f"<p>{html_text(short_message(problem))}</p>"
    evidence, more = main_proofs(problem, _EVIDENCE)
    if evidence:
        yield "<ul>" + "".join(f"<li>{html_text(proof)}</li>" for proof in evidence)
        yield (f"<li>and {more} more</li>" if more else "") + "</ul>"
    if problem.others:
        yield f"<p>Also unknown: {html_text(others(problem))}</p>"
    if finding.suppression:
        yield f"<p>Suppressed: {html_text(finding.suppression.reason)}</p>"
    elif finding.status == "fail":
        yield from _remedy(finding.rule, pasted)
    yield "</article>"


def _remedy(rule: Rule, pasted: Mapping[str, str]) -> Iterator[str]:
    fix = escape("\n".join(lines(rule.fix)))
    yield f'<details><summary>Fix</summary><p class="fix">{fix}</p>'
    if rule.id in pasted:
        yield f'<p><a href="#s{list(pasted).index(rule.id)}">Terraform to paste or adapt</a></p>'
    yield f"<p>{html_text(rule.why)}</p></details>"
