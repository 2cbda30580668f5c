"""Suppressions in comments: ours, and those that users of checkov, trivy and tfsec already have.

Ours: ``# iacscan:ignore=rule-id[,rule-id] [until=YYYY-MM-DD] reason``. The others: checkov's
``checkov:skip=CKV_AWS_20:reason`` (https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html),
``trivy:ignore:AVD-AWS-0092`` (https://trivy.dev/latest/docs/configuration/filtering/) and ``tfsec:ignore:…``,
the last two with ``:exp:DATE`` and ``:ws:WORKSPACE``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from iacscan.core import Diagnostic, Level
from iacscan.inputs.configuration import Comment
from iacscan.triage.waivers import OWN, Waiver

FORM = "# iacscan:ignore=RULE[,RULE] [until=YYYY-MM-DD] reason"

_OWN = re.compile(r"\biacscan:\s*(?P<word>[\w-]*)\s*(?P<equals>=?)(?P<rest>.*?)(?=\biacscan:|\Z)", re.DOTALL)
_IDS = re.compile(r"\s*(?P<ids>[^\s,:]+(?:\s*,\s*[^\s,:]+)*)(?P<rest>.*)", re.DOTALL)
_UNTIL = re.compile(r"(?:^|\s)until=(\S*)")
_CHECKOV = re.compile(
    r"\b(?:checkov|bridgecrew):skip\s*=\s*(?P<ids>[A-Z]\w+(?:\s*,\s*[A-Z]\w+)*)(?:\s*:\s*(?P<reason>.*))?"
)
_TRIVY = re.compile(
    r"\b(?:trivy|tfsec):ignore:(?P<id>[\w*-]+)(?P<filter>\[[^\]\s]*\])?(?P<limits>(?::(?:exp|ws):[^\s:]+)*)"
)
_LIMIT = re.compile(r":(exp|ws):([^\s:]+)")
_MARKS = re.compile(r"^(?:#+|//+|/\*+)\s*|\s*\*/$")

Read = tuple[list[Waiver], list[Diagnostic]]


def read_comments(comments: Iterable[Comment], workspace: str = "default") -> Read:
    """The waivers in ``comments``, and what is wrong with those that cannot be read.

    ``workspace`` is the one that trivy's ``:ws:`` is compared with.
    """
    waivers: list[Waiver] = []
    problems: list[Diagnostic] = []
    for comment in comments:
        if ":" not in comment.text:
            continue
        text = _MARKS.sub("", comment.text)
        for match in _OWN.finditer(text):
            found, wrong = _own(match, comment)
            waivers += found
            problems += wrong
        if comment.covers is not None:
            waivers += _checkov(text, comment)
            waivers += _trivy(text, comment, workspace)
    return waivers, problems


def _own(match: re.Match[str], comment: Comment) -> Read:
    if match["word"] != "ignore":
        return [], [] if not match["equals"] else [_problem(f"no directive is called {match['word']!r}", comment)]
    listed = _IDS.fullmatch(match["rest"]) if match["equals"] else None
    if listed is None:
        return [], [_problem("no rule is named", comment)]
    if comment.covers is None:
        return [], [_problem("it stands neither in a block nor right above one", comment)]
    until = _UNTIL.search(listed["rest"])
    day = _date(until[1]) if until else None
    if until and day is None:
        return [], [_problem(f"{until[1]!r} is not a date", comment)]
    reason = " ".join(_UNTIL.sub(" ", listed["rest"]).split()).lstrip(":-– ")
    ids = [id_.strip() for id_ in listed["ids"].split(",")]
    return [_waiver(id_, OWN, reason, comment, day) for id_ in ids], []


def _problem(what: str, comment: Comment) -> Diagnostic:
    return Diagnostic(Level.WARNING, f"this suppresses nothing, {what}; write `{FORM}`", comment.location)


def _waiver(id_: str, tool: str, reason: str, comment: Comment, until: date | None = None) -> Waiver:
    return Waiver(id_, reason or "no reason given", comment.location, tool, until, comment.covers)


def _checkov(text: str, comment: Comment) -> Iterator[Waiver]:
    for match in _CHECKOV.finditer(text):
        for id_ in match["ids"].split(","):
            yield _waiver(id_.strip(), "checkov", (match["reason"] or "").strip(), comment)


def _trivy(text: str, comment: Comment, workspace: str) -> Iterator[Waiver]:
    """One with a filter on attributes is left alone: it is for some values only, and hides less than a rule."""
    reason = " ".join(_TRIVY.sub(" ", text).split()).lstrip(":-– #")
    for match in _TRIVY.finditer(text):
        limits = dict(_LIMIT.findall(match["limits"]))
        until = _date(limits["exp"]) if "exp" in limits else None
        unusable = match["filter"] or ("exp" in limits and until is None)
        if not unusable and limits.get("ws", workspace) == workspace:
            yield _waiver(match["id"], "trivy", reason, comment, until)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None
