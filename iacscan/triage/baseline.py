"""The baseline file: findings that a team has seen and lives with for now.

JSON with one finding on each line, in order, so that a change of it reads well in a review.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from iacscan.core import Diagnostic, Level, Location, Span, Verdict
from iacscan.findings import fingerprint
from iacscan.rules import Rule
from iacscan.triage.known import Entry, Known

VERSION = 1
MAX_NAMED = 5


class BaselineError(ValueError):
    """A file that is no baseline: the sentence to say, and the line where one is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def render(entries: Iterable[Entry]) -> str:
    """The file for ``entries``."""
    lines = ",\n".join(f"    {json.dumps(_record(entry))}" for entry in sorted(entries))
    listed = f"[\n{lines}\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def _record(entry: Entry) -> dict[str, str]:
    record = {"rule": entry.rule, "address": entry.address, "verdict": entry.verdict}
    if entry.root:
        record["root"] = entry.root
    return {**record, "fingerprint": fingerprint(entry.rule, entry.address)}


def read(text: str) -> Known:
    """The findings in a baseline; raises :class:`BaselineError`."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(
            f"not a baseline: {error.msg}; write it again with --write-baseline", error.lineno
        ) from None
    except RecursionError:
        raise BaselineError("not a baseline: nested too deeply") from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise BaselineError("not a baseline: it has no list 'findings'; write it with --write-baseline")
    if document.get("version") != VERSION:
        raise BaselineError(f"a baseline of version {document.get('version')!r}: this iacscan reads version {VERSION}")
    return Known(tuple(_entry(item, at) for at, item in enumerate(document["findings"])))


def _entry(item: Any, at: int) -> Entry:
    values = item if isinstance(item, dict) else {}
    texts = [
        values.get("rule"),
        values.get("address"),
        values.get("verdict", Verdict.FAIL.value),
        values.get("root", ""),
    ]
    if not all(isinstance(text, str) for text in texts) or not values.get("rule") or not values.get("address"):
        raise BaselineError(f"findings[{at}] of the baseline has no 'rule' and 'address' in text")
    return Entry(*texts)


def stale(
    gone: Iterable[Entry], path: str, known: Collection[str], active: Collection[Rule], roots: Collection[str]
) -> Diagnostic | None:
    """What to say of the entries that match no finding: nothing of rules and roots that were left out of this scan."""
    ran = {rule.id for rule in active}
    left = [
        item for item in gone if (item.rule in ran or item.rule not in known) and (not item.root or item.root in roots)
    ]
    if not left:
        return None
    named = ", ".join(f"{item.rule} of {item.address}" for item in left[:MAX_NAMED])
    more = f" and {len(left) - MAX_NAMED} more" if len(left) > MAX_NAMED else ""
    what = "1 entry matches" if len(left) == 1 else f"{len(left)} entries match"
    message = f"{what} no finding any more: {named}{more}; write the baseline again"
    return Diagnostic(Level.WARNING, message, Location(path, Span(1, 1, 1, 1)))
