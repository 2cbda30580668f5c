"""A waiver: one rule that somebody asked not to hear of, for a stretch of text or for some resources."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from iacscan.core import Location, Span
from iacscan.findings import Finding
from iacscan.rules import Rule
from iacscan.triage.globs import fits_address, fits_path

OWN = "iacscan"
"""The tool whose ids are rule ids; any other is a key of ``Rule.maps``."""

TRIVY_NAMES = {
    "aws-0086": ("aws-s3-block-public-acls", "aws074"),
    "aws-0087": ("aws-s3-block-public-policy", "aws076"),
    "aws-0088": ("aws-s3-enable-bucket-encryption", "aws017"),
    "aws-0089": ("aws-s3-enable-logging", "aws-s3-enable-bucket-logging", "s3-bucket-logging", "aws002"),
    "aws-0090": ("aws-s3-enable-versioning", "aws077"),
    "aws-0091": ("aws-s3-ignore-public-acls", "aws073"),
    "aws-0092": ("aws-s3-no-public-access-with-acl", "aws001"),
    "aws-0093": ("aws-s3-no-public-buckets", "aws075"),
    "aws-0094": ("aws-s3-specify-public-access-block", "aws098"),
    "aws-0132": ("aws-s3-encryption-customer-key",),
    "aws-0170": ("aws-s3-require-mfa-delete",),
    "aws-0171": ("aws-s3-enable-object-write-logging",),
    "aws-0172": ("aws-s3-enable-object-read-logging",),
    "aws-0057": ("aws-iam-no-policy-wildcards",),
    "aws-0065": ("aws-kms-auto-rotate-keys",),
    "aws-0143": ("aws-iam-no-user-attached-policies",),
    "aws-0161": ("aws-cloudtrail-no-public-log-access",),
    "aws-0163": ("aws-cloudtrail-require-bucket-access-logging",),
}
"""The long names that tfsec and trivy users write, and the numbers of early tfsec, by number."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """``id`` is not to count, through the day ``until``, and why.

    ``id`` is a rule id or a glob; with another ``tool`` than our own, an id of that tool. ``location`` is
    where the waiver is written. One with ``covers`` is for findings that name a place in that stretch of the same
    file; others are for the addresses and paths that fit the globs ``resource`` and ``path``. The latter is as seen
    from another directory, from which the working directory is ``here``.
    """

    id: str
    reason: str
    location: Location | None
    tool: str = OWN
    until: date | None = None
    covers: Span | None = None
    resource: str = "*"
    path: str = "*"
    here: str = "."

    def is_for(self, rule: Rule) -> bool:
        """Whether ``id`` means ``rule``."""
        if self.tool == OWN:
            return fnmatchcase(rule.id, self.id)
        wanted = _short(self.id)
        return any(fnmatchcase(name, wanted) for name in _foreign_names(rule, self.tool))

    def covers_finding(self, finding: Finding) -> bool:
        """Whether the finding is in the text or among the resources that this is for."""
        if self.covers is not None and self.location is not None:
            file, first, last = self.location.path, *_ends(self.covers)
            return any(path == file and first <= _ends(span)[0] <= last for path, span in _spans(finding))
        if not fits_address(finding.address, self.resource):
            return False
        return self.path == "*" or any(fits_path(self._from_there(path), self.path) for path in _paths(finding))

    def _from_there(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.here, path))


def _ends(span: Span) -> tuple[tuple[int, int], tuple[int, int]]:
    return (span.start_line, span.start_column), (span.end_line, span.end_column)


def _spans(finding: Finding) -> Iterator[tuple[str, Span]]:
    for place in (finding.location, *finding.related):
        if place is not None and place.span is not None:
            yield place.path, place.span


def _paths(finding: Finding) -> Iterable[str]:
    return dict.fromkeys([place.path for place in (finding.location, *finding.related) if place] or [finding.input])


def _short(id_: str) -> str:
    return id_.lower().removeprefix("avd-")


def _foreign_names(rule: Rule, tool: str) -> Iterator[str]:
    for id_ in rule.maps.get(tool, ()):
        yield _short(id_)
        yield from TRIVY_NAMES.get(_short(id_), ()) if tool == "trivy" else ()
