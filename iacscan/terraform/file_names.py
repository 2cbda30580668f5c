"""Which files are Terraform source, told by their names alone.

See https://developer.hashicorp.com/terraform/language/files.
"""

from __future__ import annotations

SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")


def is_module_file(name: str) -> bool:
    """Whether Terraform or OpenTofu reads the file ``name`` as part of a module: not where it is hidden."""
    return name.endswith(SUFFIXES) and not name.startswith(".")
