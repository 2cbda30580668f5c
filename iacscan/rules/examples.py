"""The examples that come with the rules: for each, one that fails and one that passes.

``scripts/generate_rule_docs.py`` writes them to ``examples.json`` in the directory of policies, from where a wheel
takes them along: an installed iacscan has no fixtures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "examples.json"
"""The file of examples in a directory of policies."""


@dataclass(frozen=True, slots=True)
class Example:
    """Terraform text; ``before`` is what was applied earlier, where the example is a change."""

    text: str
    before: str | None = None


Examples = Mapping[str, Example]
"""The examples of one rule by their kind: ``bad`` and ``good``."""


def load_examples(directory: Path) -> Mapping[str, Examples]:
    """The examples in ``directory`` by rule id; OSError where there is no such file."""
    document = json.loads((directory / FILE).read_text("utf-8"))
    return {id_: {kind: Example(**fields) for kind, fields in kinds.items()} for id_, kinds in document.items()}


def write_examples(examples: Mapping[str, Examples]) -> str:
    """The text of the file from which :func:`load_examples` reads ``examples``."""
    document = {id_: {kind: _fields(item) for kind, item in kinds.items()} for id_, kinds in examples.items()}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _fields(example: Example) -> dict[str, str]:
    return {name: value for name, value in asdict(example).items() if value is not None}
