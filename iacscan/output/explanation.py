"""A rule explained to a person: what ``iacscan explain`` prints."""

from __future__ import annotations

import textwrap

from iacscan.rules.rule import Rule


def explain(rule: Rule, width: int = 100, here: str = "") -> str:
    """Title, severity, reason, remedy, condition and references of ``rule``, wrapped at ``width``.

    ``here`` is what the project's settings make of it, where there are any.
    """
    parts = [
        f"{rule.id}: {rule.title}",
        f"Severity: {rule.severity.label}. Judges: {rule.subject}. {'On by default.' if rule.default else 'Opt-in.'}",
        *([_section("In this project", here, width)] if here else []),
        _section("Why", rule.why, width),
        _section("Fix", rule.fix, width),
        _verbatim("Fails when", rule.fail_when.text),
    ]
    if rule.applies_when is not None:
        parts.append(_verbatim("Applies when", rule.applies_when.text))
    if rule.params:
        parts.append(_verbatim("Parameters", "\n".join(f"{name}: {value}" for name, value in rule.params.items())))
    if rule.maps:
        parts.append(
            _verbatim("Known elsewhere as", "\n".join(f"{key}: {', '.join(ids)}" for key, ids in rule.maps.items()))
        )
    if rule.references:
        parts.append(_verbatim("Read more", "\n".join(rule.references)))
    return "\n\n".join(parts) + "\n"


def _section(title: str, text: str, width: int) -> str:
    body = textwrap.wrap(" ".join(text.split()), max(width - 2, 20), break_long_words=False, break_on_hyphens=False)
    return _verbatim(title, "\n".join(body))


def _verbatim(title: str, text: str) -> str:
    return f"{title}:\n" + textwrap.indent(text.strip(), "  ")
