"""GuardDuty detectors: whether they look at what happens in S3.

https://docs.aws.amazon.com/guardduty/latest/ug/s3-protection.html
"""

from __future__ import annotations

from typing import Any

from iacscan.aws.kleene import conjunction
from iacscan.core import Evidence, Origin, Ternary, Unknown, merge_unknown, unknowns
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.model.parts import Source, plain
from iacscan.model.references import Things, flag, means
from iacscan.model.subject import Built, Subject

DETECTOR = "aws_guardduty_detector"
FEATURE = "aws_guardduty_detector_feature"

FIELDS: dict[str, Any] = {"enabled": None, "s3": None}
"""The names of the facts of a detector; ``s3`` is whether it is on and protects S3."""


def build_detectors(configuration: Configuration) -> Built:
    """A subject for each GuardDuty detector."""
    things = Things(configuration)
    return Built(tuple(_subject(detector, things.of(FEATURE)) for detector in things.of(DETECTOR)))


def _subject(detector: Resource, features: list[Resource]) -> Subject:
    enabled = flag(detector, "enable", True)
    protects, sentence = _protection(detector, features)
    state = Evidence(f"the detector is {_word(enabled)}", Origin(detector.address, ("enable",)))
    places = ((state,) if enabled is not True else ()) + (sentence,)
    facts = {"enabled": enabled, "s3": conjunction([enabled, protects])}
    own = (Origin(detector.address),)
    located = tuple(item.origin for item in places if item.origin) or own
    change = detector.change.value if detector.change else None
    return Subject("detector", detector.address, detector.type, facts, {"": own, "s3": located}, {"s3": places}, change)


def _protection(detector: Resource, features: list[Resource]) -> tuple[Ternary, Evidence]:
    """A feature resource counts before the deprecated block; without either the account's setting stays."""
    doubts: list[Unknown] = []
    for feature in features:
        name, of_detector = feature.values.get("name"), means(feature.named_by("detector_id"), detector, "id")
        named: Ternary = merge_unknown(unknowns(name)) if not isinstance(name, str) else name == "S3_DATA_EVENTS"
        mine = conjunction([named, of_detector])
        if mine is True:
            return _status(feature)
        doubts += [mine] if isinstance(mine, Unknown) else []
    if doubts:
        return doubts[0], Evidence(f"a feature of a detector may set it: {doubts[0]}")
    source = Source(detector)
    if detector.writes("datasources"):
        path = ("datasources", 0, "s3_logs", 0, "enable")
        value = source.optional(*path)
        if isinstance(value, bool | Unknown):
            return value, Evidence(f"S3 protection is {_word(value)}", source.origin(*path))
    why = Unknown("nothing here declares S3 protection; AWS switches it on for new detectors, older ones may lack it")
    return why, Evidence(str(why), source.origin())


def _status(feature: Resource) -> tuple[Ternary, Evidence]:
    value = plain(feature.values.get("status"))
    on: Ternary = value if isinstance(value, Unknown) else value == "ENABLED"
    return on, Evidence(f"{feature.address}: S3 protection is {_word(on)}", Origin(feature.address, ("status",)))


def _word(value: Ternary) -> str:
    return f"not known ({value})" if isinstance(value, Unknown) else "on" if value else "off"
