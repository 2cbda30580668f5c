"""Which Terraform document a JSON object is; what is none is named, with the command to run."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from iacscan.inputs.configuration import Kind
from iacscan.inputs.reading import SHOW_PLAN, SHOW_STATE, InputError, NotADocumentError

_PLAN_KEYS = frozenset({"planned_values", "resource_changes", "configuration", "prior_state"})
_STATE_KEYS = frozenset({"values", "format_version", "terraform_version", "checks"})
_VERSION = re.compile(r"(\d+)\.\d+\Z")
_SUPPORTED_MAJORS = frozenset({"0", "1"})

_Test = Callable[[dict[str, Any]], bool]
_MISTAKES: tuple[tuple[_Test, str], ...] = (
    (
        lambda content: "remote_plan_format" in content,
        "a bookmark of a cloud plan, not the plan; " + SHOW_PLAN,
    ),
    (
        lambda content: "lineage" in content and "serial" in content,
        "a raw state file, whose form is private to Terraform; " + SHOW_STATE,
    ),
    (
        lambda content: "encrypted_data" in content,
        "a plan or state encrypted by OpenTofu; run `tofu show -json FILE > plan.json` and give plan.json",
    ),
    (
        lambda content: "provider_schemas" in content,
        "the output of `terraform providers schema`, not a plan; " + SHOW_PLAN,
    ),
    (
        lambda content: "valid" in content and "diagnostics" in content,
        "the output of `terraform validate -json`, not a plan; " + SHOW_PLAN,
    ),
)


def recognise(content: dict[str, Any]) -> Kind:
    """Whether ``content`` is a plan or a state; raises ``InputError`` for anything else.

    ``NotADocumentError`` says that it is no plan or state at all.
    """
    for test, message in _MISTAKES:
        if test(content):
            raise NotADocumentError(message)
    version = content.get("format_version")
    if version is None or not (content.keys() & _PLAN_KEYS or content.keys() <= _STATE_KEYS):
        raise NotADocumentError(f"JSON, but neither a Terraform plan nor a state; {SHOW_PLAN}")
    match = _VERSION.match(version) if isinstance(version, str) else None
    if match is None or match[1] not in _SUPPORTED_MAJORS:
        shown = str(version)[:20]
        raise InputError(f"format_version {shown} is not supported (0.x and 1.x are); use a Terraform that writes one")
    return Kind.PLAN if content.keys() & _PLAN_KEYS else Kind.STATE
