"""Where a finding points that concerns two resources: on the one that is worse off, with the line to change in view."""

from pathlib import Path

import pytest

import iacscan

EXAMPLES = Path(__file__).parent.parent / "fixtures" / "rules"


def places(rule: str, example: str) -> dict[str, list[str]]:
    """The lines that each finding of ``rule`` shows, the first one first."""
    path = EXAMPLES / rule / example
    lines = path.read_text(encoding="utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for finding in iacscan.scan([path], select=(rule,)).findings:
        spans = [place.span for place in (finding.location, *finding.related) if place]
        found[finding.address] = [lines[span.start_line - 1].strip() for span in spans if span]
    return found


def test_a_detector_is_found_by_its_address_and_the_line_that_switches_it_off() -> None:
    found = places("guardduty-s3-off", "bad-off.tf")
    assert found["aws_guardduty_detector.feature"][0] == 'status      = "DISABLED"'
    assert found["aws_guardduty_detector.block"][0] == "enable = false"
    assert found["aws_guardduty_detector.asleep"][0] == "enable = false"


@pytest.mark.parametrize(
    ("bucket", "in_the_target"),
    [("to_kms", 'sse_algorithm = "aws:kms"'), ("to_locked", "object_lock_enabled = true")],
)
def test_the_bucket_that_logs_shows_its_target_and_what_is_wrong_there(bucket: str, in_the_target: str) -> None:
    first, *others = places("log-target-unfit", "bad-targets.tf")[f"aws_s3_bucket.{bucket}"]
    assert first.startswith("target_bucket")
    assert in_the_target in others
