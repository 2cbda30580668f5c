"""What the policies that AWS manages (``arn:aws:iam::aws:policy/…``) give away in S3, from a generated table.

``data/managed_policies.json`` names its source and date; ``scripts/generate_managed_policies.py`` writes it
anew. A name that is not in it may be newer than the table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from iacscan.aws.policies.patterns import Leaf
from iacscan.core import Evidence, Judgement, Template, Unknown

_TABLE = Path(__file__).parents[1] / "data" / "managed_policies.json"
_ARN = re.compile(r".*:iam::aws:policy/(?:[\w+=,.@-]+/)*([\w+=,.@-]+)\Z", re.DOTALL)
_WORDS = {
    "all_buckets": "every S3 action on all buckets",
    "exposure": "actions that change who gets in",
    "s3": "access to S3",
}
QUESTIONS = tuple(_WORDS)
"""What the table answers: see :mod:`iacscan.aws.iam.identity_policy`."""


@cache
def _table() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {"date": found["date"], **{key: frozenset(found[key]) for key in ("names", *QUESTIONS)}}


def managed_name(arn: Leaf) -> str | None:
    """The name in the ARN of a policy that AWS manages, its partition known or not; None for any other ARN."""
    text = arn if isinstance(arn, str) else arn.parts[-1] if isinstance(arn, Template) else None
    found = _ARN.match(text if isinstance(arn, str) else f"_{text}") if isinstance(text, str) else None
    return found[1] if found else None


def judge_managed(name: str, question: str) -> Judgement:
    """Whether the managed policy ``name`` gives away what ``question`` (one of ``QUESTIONS``) asks."""
    table = _table()
    if name not in table["names"]:
        why = Unknown(f"the AWS managed policy {name} is not in the table of {table['date']}")
        return Judgement(why, (Evidence(f"{str(why)[0].upper()}{str(why)[1:]}."),))
    given = name in table[question]
    verb = "grants" if given else "does not grant"
    return Judgement(given, (Evidence(f"The AWS managed policy {name} {verb} {_WORDS[question]}."),))
