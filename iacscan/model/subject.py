"""What rules judge: a subject with facts, and the origins and evidence of those facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iacscan.core import Evidence, Origin


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to judge.

    ``facts`` is a tree of ``dict``, ``list``, ``str``, ``bool``, numbers, ``None`` (known to be absent)
    and ``Unknown``. ``origins`` maps a fact group (``acl``, ``policy``) to where it is written, the
    deciding place first; ``evidence`` maps a dotted fact path to the sentences that support it. ``options``
    maps a fact group of which it is not known which of several is the real one to what it may be.
    """

    kind: str
    address: str
    type: str
    facts: Mapping[str, Any]
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    change: str | None = None
    options: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Built:
    """The subjects of one kind, and the resources that could not be joined to any for certain."""

    subjects: tuple[Subject, ...]
    unattached: tuple[str, ...] = ()
