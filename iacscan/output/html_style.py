"""The style sheet of the HTML report: small screens first, dark where asked, all details open on paper."""

CSS = """
:root { color-scheme: light dark; --fail: #c62828; --unknown: #b26a00; --pass: #2e7d32; --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --fail: #ff8a80; --unknown: #ffcc80; --pass: #a5d6a7; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; overflow-wrap: anywhere; }
code { font-size: .9em; overflow-wrap: anywhere; }
.summary { font-size: 1.2rem; font-weight: bold; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; }
th, td { border: 1px solid var(--line); padding: .2rem .4rem; text-align: center; }
th { overflow-wrap: normal; } tbody th { text-align: left; font-weight: normal; min-width: 12rem; }
th.rule span { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: normal; }
td.fail, .fail b, .critical, .high { color: var(--fail); font-weight: bold; }
td.unknown, .unknown b, .medium { color: var(--unknown); font-weight: bold; }
td.pass, .pass b { color: var(--pass); }
svg { display: block; width: 100%; max-width: 40rem; } svg text { font-size: 13px; fill: currentColor; }
svg line { stroke-width: 2; } line.fail { stroke: var(--fail); }
line.unknown { stroke: var(--unknown); stroke-dasharray: 2 4; }
line.pass { stroke: var(--pass); stroke-dasharray: 8 6; }
article { border-left: 3px solid var(--line); margin: .5rem 0; padding: .1rem .8rem; }
article.fail { border-color: var(--fail); } article.unknown { border-color: var(--unknown); }
article p { margin: .3rem 0; overflow-wrap: anywhere; }
.head b, .head span { margin-right: .6rem; }
.fix { white-space: pre-wrap; }
.legend, footer, small { color: #777; font-size: .85rem; } footer { margin-top: 2rem; }
@media print {
  body { max-width: none; font-size: 10pt; } article, tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; } details > * { display: block; }
}
"""
