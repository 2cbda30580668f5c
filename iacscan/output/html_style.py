"""The frame of an HTML page: small screens first, dark where asked, all details open on paper."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from iacscan.output.characters import exact, sentence

CSS = """
:root { color-scheme: light dark; --line: #8886; --quiet: #5f6368; --back: #fff;
  --fail: #c62828; --unknown: #8f5500; --pass: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a8adb3; --back: #16181b;
  --fail: #ff8a80; --unknown: #ffcc80; --pass: #a5d6a7; } }
html { font-size: 16px; }
body { background: var(--back); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
body { margin: 1rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; margin: 1.5rem 0 .5rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
code { font-size: .9em; } pre { overflow-x: auto; overflow-wrap: normal; }
a { color: inherit; } ul { margin: .3rem 0; padding-left: 1.3rem; }
.summary { font-size: 1.2rem; font-weight: bold; margin: .5rem 0; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 1rem; }
.counts span { border: 1px solid var(--line); border-radius: .5rem; padding: .2rem .8rem; }
.counts b { font-size: 1.3rem; margin-right: .3rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { border: 1px solid var(--line); overflow-wrap: normal; padding: .2rem .4rem; text-align: center; }
thead th { vertical-align: bottom; } th:first-child { text-align: left; min-width: 9rem; overflow-wrap: anywhere; }
tbody th { background: var(--back); font-weight: normal; position: sticky; left: 0; }
td:last-child { min-width: 1rem; } td.through { min-width: 12rem; overflow-wrap: anywhere; text-align: left; }
th.rule span { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: normal; }
td.fail, .fail b, .critical, .high { color: var(--fail); font-weight: bold; }
td.unknown, .unknown b, .medium, .counts .unknown { color: var(--unknown); font-weight: bold; }
td.pass, .pass b { color: var(--pass); }
td.fail { background: color-mix(in srgb, var(--fail) 12%, transparent); }
td.unknown { background: color-mix(in srgb, var(--unknown) 12%, transparent); }
svg { display: block; width: 100%; max-width: 40rem; } svg text { font-size: 13px; fill: currentColor; }
svg .who { text-anchor: end; }
svg line { stroke-width: 2; } line.fail { stroke: var(--fail); }
line.unknown { stroke: var(--unknown); stroke-dasharray: 2 4; }
line.pass { stroke: var(--pass); stroke-dasharray: 8 6; }
article { border-left: 3px solid var(--line); margin: .7rem 0; padding: .1rem .8rem; }
article.fail { border-color: var(--fail); } article.unknown { border-color: var(--unknown); }
article p { margin: .3rem 0; } article li { font-size: .9rem; }
.head b, .head span { margin-right: .6rem; }
.fix { white-space: pre-wrap; } summary { cursor: pointer; }
.legend, footer, small { color: var(--quiet); font-size: .85rem; } footer { margin-top: 2rem; }
@media print {
  :root { color-scheme: light; --back: #fff; --quiet: #555; --fail: #b71c1c; --unknown: #7a4900; --pass: #1b5e20; }
  html { font-size: 9pt; } body { color: #000; line-height: 1.35; margin: 0; max-width: none; padding: 0; }
  article, tr, svg { break-inside: avoid; } h1, h2, .head { break-after: avoid; } h2 { margin-top: 1rem; }
  .scroll { overflow: visible; } summary { list-style: none; font-weight: bold; } svg { max-width: 26rem; }
  details::details-content { content-visibility: visible; } details > * { display: block; }
}
"""


def page(title: str, body: Iterable[str]) -> str:
    """A page with ``title`` (text) and ``body`` (HTML) that fetches nothing and runs nothing."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">""",
        f"<title>{html_text(title)}</title>",
        f"<style>{CSS}</style></head><body>",
        *body,
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def html_text(raw: str) -> str:
    """``raw`` as one line of HTML text."""
    return escape(sentence(raw))


def html_code(raw: str) -> str:
    """``raw`` as it is written, in the type of code."""
    return f"<code>{escape(exact(raw))}</code>"
