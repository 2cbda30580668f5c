"""What a user tells Terraform beside its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What the user gives besides files: ``--var``, ``--var-file``, ``--workspace``, and the environment.

    Without ``workspace`` it is ``TF_WORKSPACE`` of the environment, else what was selected in the root
    (``.terraform/environment``), else ``default``.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    workspace: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
