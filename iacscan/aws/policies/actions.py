"""The S3 actions and condition keys that AWS knows, from a generated table.

``data/s3.json`` names its source and date; ``scripts/generate_s3_actions.py`` writes it anew.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from iacscan.aws.policies.patterns import Pattern, compile_pattern, may_meet

PREFIX = "s3:"
_TABLE = Path(__file__).parents[1] / "data" / "s3.json"
_API_NAMES = {
    "headobject": "GetObject",
    "headbucket": "ListBucket",
    "listobjects": "ListBucket",
    "listobjectsv2": "ListBucket",
    "listobjectversions": "ListBucketVersions",
    "listbuckets": "ListAllMyBuckets",
    "deleteobjects": "DeleteObject",
    "copyobject": "PutObject",
    "uploadpart": "PutObject",
    "createmultipartupload": "PutObject",
    "completemultipartupload": "PutObject",
    "listmultipartuploads": "ListBucketMultipartUploads",
    "listparts": "ListMultipartUploadParts",
    "putpublicaccessblock": "PutBucketPublicAccessBlock",
    "getpublicaccessblock": "GetBucketPublicAccessBlock",
    "deletepublicaccessblock": "PutBucketPublicAccessBlock",
    "putbucketencryption": "PutEncryptionConfiguration",
    "getbucketencryption": "GetEncryptionConfiguration",
    "putbucketlifecycle": "PutLifecycleConfiguration",
    "putbucketlifecycleconfiguration": "PutLifecycleConfiguration",
    "putbucketreplication": "PutReplicationConfiguration",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One S3 action: its name with prefix, what it applies to (``bucket``, ``object``, …)."""

    name: str
    resources: frozenset[str]


@cache
def _table() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return found


@cache
def all_actions() -> Mapping[str, Action]:
    """Every known S3 action by its name in lower case, prefix included."""
    return {
        f"{PREFIX}{name}".lower(): Action(f"{PREFIX}{name}", frozenset(entry["resources"]))
        for name, entry in _table()["actions"].items()
    }


@cache
def _compiled() -> tuple[tuple[Pattern, Action], ...]:
    return tuple((compile_pattern(name), action) for name, action in all_actions().items())


@lru_cache(maxsize=1024)
def expand(pattern: str) -> tuple[Action, ...]:
    """The known S3 actions that ``pattern`` (``s3:Get*``, in any case) stands for."""
    folded = pattern.lower()
    if not any(mark in folded for mark in "*?"):
        found = all_actions().get(folded)
        return (found,) if found else ()
    compiled = compile_pattern(folded)
    return tuple(action for name, action in _compiled() if may_meet(compiled, name))


@lru_cache(maxsize=1024)
def kinds_of(pattern: str) -> frozenset[str]:
    """The kinds of resource (``bucket``, ``object``, …) that the actions of ``pattern`` apply to."""
    return frozenset(kind for action in expand(pattern) for kind in action.resources)


def suggestion(name: str) -> str | None:
    """The action that somebody who wrote ``name`` may have meant: API names are not all actions."""
    bare = name.lower().removeprefix(PREFIX)
    if bare in _API_NAMES:
        return PREFIX + _API_NAMES[bare]
    close = difflib.get_close_matches(f"{PREFIX}{bare}", list(all_actions()), n=1, cutoff=0.85)
    return all_actions()[close[0]].name if close else None


@cache
def _condition_keys() -> tuple[frozenset[str], tuple[str, ...]]:
    """Whole keys and the beginnings of keys that end in a tag's name, in lower case."""
    keys = [key.lower() for key in _table()["condition_keys"]]
    heads = tuple(key.partition("/")[0] + "/" for key in keys if "/" in key)
    return frozenset(key for key in keys if "/" not in key), heads


def is_condition_key(key: str) -> bool:
    """Whether ``key`` (with prefix ``s3:``, in any case) is a condition key of S3."""
    whole, heads = _condition_keys()
    folded = key.lower()
    return folded in whole or any(folded.startswith(head) and len(folded) > len(head) for head in heads)
