"""Instance keys, as Terraform's addresses show them.

See https://developer.hashicorp.com/terraform/cli/state/resource-addressing.
"""

from __future__ import annotations

import json

Key = str | int | None
"""An instance key: of ``for_each``, of ``count``, or none."""


def key_text(key: Key) -> str:
    """The instance key in an address: ``[0]``, ``["a"]`` or nothing; a key is quoted as in the language."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    quoted = json.dumps(key, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return f"[{quoted}]"
