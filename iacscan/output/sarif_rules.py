"""What a SARIF run tells of its rules: the help that code scanning shows beside an alert."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from iacscan.output.characters import exact, fenced, lines, sentence
from iacscan.output.scales import SCALES
from iacscan.rules.rule import Rule

DESCRIPTION = 1_024
"""How long code scanning lets a description be."""

NAME = 255
TAGS = 20

_URI = re.compile(r"https?://(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?:#[A-Za-z0-9._~:/?@!$&'()*+,;=-]*)?")


def level(rule: Rule) -> str:
    """The SARIF level of a failure of ``rule``."""
    return SCALES[rule.severity].sarif


def descriptor(rule: Rule) -> dict[str, Any]:
    """``rule`` as a reportingDescriptor; no text is empty, which code scanning would refuse."""
    id = exact(rule.id)
    title = sentence(rule.title) or id
    entry: dict[str, Any] = {
        "id": id,
        "name": _name(id),
        "shortDescription": {"text": title[:DESCRIPTION]},
        "fullDescription": {"text": (sentence(rule.why) or title)[:DESCRIPTION]},
        "help": {"text": "\n".join(_help(rule, title)), "markdown": "\n".join(_markdown(rule, title))},
        "defaultConfiguration": {"level": level(rule)},
        "properties": {
            "security-severity": SCALES[rule.severity].score,
            "precision": "high",
            "tags": list(dict.fromkeys(_tags(rule)))[:TAGS],
        },
    }
    uri = next(filter(_URI.fullmatch, rule.references), None)
    if uri:
        entry["helpUri"] = uri
    return entry


def _name(id: str) -> str:
    """``public-acl-read`` as ``PublicAclRead``: SARIF wants a name that differs from the id."""
    return "".join(f"{part[:1].upper()}{part[1:]}" for part in id.split("-"))[:NAME]


def _help(rule: Rule, title: str) -> Iterator[str]:
    yield title
    yield from lines(rule.why)
    yield "How to fix:"
    yield from lines(rule.fix)
    yield from lines(rule.snippet or "")
    yield from (exact(reference) for reference in rule.references)


def _markdown(rule: Rule, title: str) -> Iterator[str]:
    yield f"**{title}**\n"
    yield from lines(rule.why)
    yield "\n**How to fix**\n"
    yield from lines(rule.fix)
    if rule.snippet:
        yield from ("", *fenced(rule.snippet, "terraform"))
    if rule.references:
        yield "\n**References**\n"
        yield from (f"- <{exact(reference)}>" for reference in rule.references)


def _tags(rule: Rule) -> Iterator[str]:
    yield from ("security", "terraform", exact(rule.checklist))
    for scanner, ids in rule.maps.items():
        yield from (exact(f"{scanner}:{id}") for id in ids)
