"""Write iacscan/aws/data/managed_policies.json: what the policies that AWS manages give away in S3.

Run where the package ``moto`` (Apache-2.0 licence) is installed; it holds a copy of those documents. Only
names and our own judgements of them are kept:

    pip install moto && python scripts/generate_managed_policies.py
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "iacscan" / "aws" / "data" / "managed_policies.json"


RETIRED = {"AWSElasticBeanstalkFullAccess": "s3:* on *", "AWSLambdaFullAccess": "s3:* on *"}
"""Policies that AWS has withdrawn, but that stay attached where they were; they allow every S3 action."""


def table() -> dict[str, Any]:
    """The names of all managed policies, by what they allow; each stands under every heading that fits."""
    sys.path.insert(0, str(ROOT))
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    from iacscan.aws.iam.identity_policy import grants_all_buckets, grants_exposure, grants_s3
    from iacscan.aws.policies.policy import parse

    judges = {"all_buckets": grants_all_buckets, "exposure": grants_exposure, "s3": grants_s3}
    found: dict[str, list[str]] = {"names": [], **{name: [] for name in judges}}
    newest = ""
    for name, entry in sorted(json.loads(aws_managed_policies_data).items()):
        found["names"].append(name)
        newest = max(newest, str(entry.get("UpdateDate") or entry["CreateDate"]))
        policy = parse(entry["Document"])
        for heading, judge in judges.items():
            if judge(policy).value is True:
                found[heading].append(name)
    for names in found.values():
        names[:] = sorted({*names, *RETIRED})
    source = (
        f"the documents of AWS managed policies, as copied by the Python package moto {version('moto')} (Apache-2.0)"
    )
    return {"source": source, "date": newest[:10], **found}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(table(), indent=0) + "\n", encoding="utf-8")
