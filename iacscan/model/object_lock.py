"""Object lock of a bucket, and what it says about versioning.

A bucket that is made with object lock has versioning, and cannot suspend it. Where the lock is put on later, AWS
takes it only with versioning on: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html .
"""

from __future__ import annotations

from dataclasses import replace

from iacscan.core import Evidence, Unknown
from iacscan.inputs.configuration import Change
from iacscan.model.parts import Part, Source, agreed, plain, shown

OBJECT_LOCK_ABSENT = Part(
    {"declared": False, "enabled": False, "asked_of_bucket": False},
    evidence={"": (Evidence("no object lock is declared"),)},
)
_IN_PLACE = (Change.UNCHANGED, Change.UPDATED)


def read_object_lock(source: Source) -> Part:
    """Object lock, as the bucket's own argument, the inline block or the stand-alone resource.

    ``asked_of_bucket`` is whether the lock is put on a bucket that was made without it, or may be.
    """
    path: tuple[str | int, ...] = ("object_lock_enabled",)
    enabled = plain(source.optional(*path))
    if source.inline and enabled is None:
        path = ("object_lock_configuration", 0, "object_lock_enabled")
        enabled = plain(source.get(*path))
    if not isinstance(enabled, Unknown):
        enabled = enabled is True or enabled == "Enabled" or not source.inline
    # Only a state has no declarations: what is in it has been accepted.
    in_place = source.resource.change in _IN_PLACE or source.resource.declared is None
    facts = {"declared": True, "enabled": enabled, "asked_of_bucket": not source.inline and not in_place}
    origin = source.origin(*path)
    return Part(facts, (origin,), {"": (Evidence(f"object lock enabled is {shown(enabled)}", origin),)})


def with_object_lock(versioning: Part, lock: Part, is_new: bool) -> Part:
    """``versioning`` with what follows from ``lock``, for a bucket that is made by this change or not."""
    enabled = lock.facts["enabled"]
    if enabled is not False:
        versioning = replace(versioning, options=())
    if versioning.facts["status"] is not None or enabled is False:
        return versioning
    if lock.facts["asked_of_bucket"] is True:
        return _asked(versioning, lock, is_new)
    perhaps = isinstance(enabled, Unknown)
    sentence = Evidence(f"object lock {'may be' if perhaps else 'is'} enabled, and with it versioning")
    locked = Part({**versioning.facts, "status": "Enabled"}, lock.origins, {**versioning.evidence, "": (sentence,)})
    return agreed([versioning, locked], enabled) if perhaps else locked


def _asked(versioning: Part, lock: Part, is_new: bool) -> Part:
    """A lock that AWS refuses unless versioning is on: of a new bucket it is not, of another nothing tells."""
    if is_new:
        text = "no versioning is declared, so that AWS will refuse the object lock: it needs versioning"
        return replace(versioning, evidence={**versioning.evidence, "": (Evidence(text, lock.origins[0]),)})
    why = Unknown("no versioning is declared, and AWS takes the object lock only if it is on all the same")
    facts = {**versioning.facts, "status": why}
    return Part(facts, lock.origins, {**versioning.evidence, "": (Evidence(str(why), lock.origins[0]),)})
