"""Plans of any size in the real shape: a real first-create plan, its resources repeated under new names.

python benchmarks/plans.py 1000 > plan.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SEED = Path(__file__).parent.parent / "fixtures" / "plans" / "first-create" / "plan.json"
NAME = "assets"
"""The name that the seed's resources share; each copy gets one of its own."""


def plan(buckets: int, seed: Path = SEED) -> dict[str, Any]:
    """A plan with ``buckets`` buckets, each with every resource that the seed attaches to one."""
    document: dict[str, Any] = json.loads(seed.read_text(encoding="utf-8"))
    for holder, key in (
        (document, "resource_changes"),
        (document["planned_values"]["root_module"], "resources"),
        (document["configuration"]["root_module"], "resources"),
        (document, "relevant_attributes"),
    ):
        texts = [json.dumps(item) for item in holder[key]]
        holder[key] = [json.loads(text.replace(NAME, f"{NAME}{copy}")) for copy in range(buckets) for text in texts]
    return document


if __name__ == "__main__":
    json.dump(plan(int(sys.argv[1])), sys.stdout)
