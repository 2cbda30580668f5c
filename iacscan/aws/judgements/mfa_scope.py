"""A Deny that means to guard a folder by MFA, and names one object: S3 has keys, not folders.

``arn:aws:s3:::b/recipes`` is the object called ``recipes``; what lies under it is ``recipes/*``. See
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from iacscan.aws.policies.patterns import Leaf
from iacscan.aws.policies.policy import Condition, Policy, Statement
from iacscan.aws.policies.verdicts import Found, judge
from iacscan.core import Judgement, Template, Unknown, merge_unknown, unknowns

_KEYS = ("aws:multifactorauthage", "aws:multifactorauthpresent")


def misses_folder(policy: Policy | Unknown) -> Judgement:
    """Whether a Deny of ``policy`` asks for MFA on one object whose name looks like that of a folder."""
    return judge(policy, _of_statement, "No Deny that asks for MFA names a folder as if it were an object.")


def _of_statement(statement: Statement) -> Iterator[Found]:
    if statement.effect != "Deny" or not any(_is_about_mfa(condition) for condition in statement.conditions):
        return
    resources = statement.resources or ()
    hidden = [leaf for leaf in resources if not isinstance(leaf, str) and not _has_wildcard(leaf)]
    if hidden:
        yield merge_unknown(hole for leaf in hidden for hole in unknowns(leaf))
        return
    if any(_may_be_under_any(leaf) for leaf in resources):
        return
    keys = sorted(str(leaf).partition("/")[2] for leaf in resources)
    for leaf in resources:
        key = _folder(leaf)
        if key is not None and not _has_under(keys, key):
            yield (
                f'{statement.name} asks for MFA on the one object called "{key}", not on what lies under it:'
                f' that is "{key.rstrip("/")}/*".'
            )


def _is_about_mfa(condition: Condition) -> bool:
    return isinstance(condition.key, str) and condition.key.lower() in _KEYS


def _folder(leaf: Leaf) -> str | None:
    """The key of one object that looks like a folder: no wildcard, no variable, no ending such as ``.txt``."""
    _, slash, key = leaf.partition("/") if isinstance(leaf, str) and ":s3:::" in leaf else ("", "", "")
    if not slash or not key or any(mark in key for mark in "*?$"):
        return None
    return key if "." not in key.rstrip("/").rpartition("/")[2] else None


def _may_be_under_any(leaf: Leaf) -> bool:
    """Whether a resource of the statement may speak of what lies under whatever folder."""
    return not isinstance(leaf, str) or leaf.endswith("*")


def _has_under(keys: Sequence[str], key: str) -> bool:
    """Whether one of ``keys``, which are sorted, lies under the folder ``key``."""
    folder = key.rstrip("/") + "/"
    first = bisect_left(keys, folder)
    return first < len(keys) and keys[first].startswith(folder)


def _has_wildcard(leaf: Leaf) -> bool:
    return isinstance(leaf, Template) and any(isinstance(part, str) and "*" in part for part in leaf.parts)
