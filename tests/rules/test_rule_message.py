"""Messages: what a placeholder may be, and how facts read in a sentence."""

import pytest

from iacscan.core import Encoded, Reference, Template, Unknown
from iacscan.rules import format_message
from iacscan.rules.message import MessageError, placeholders

WAIT = Unknown("known after apply", (Reference("aws_s3_bucket.x", ("arn",)),))


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("plain", ()),
        ("{address}: {acl.canned}, {acl.canned} {tags.aws:x-y}", ("address", "acl.canned", "tags.aws:x-y")),
        ("a {{b}} c", ()),
        ("{{{address}}}", ("address",)),
    ],
)
def test_placeholders(template: str, found: tuple[str, ...]) -> None:
    assert placeholders(template) == found


@pytest.mark.parametrize("template", ["{", "}", "{}", "{a b}", "{0}", "{a!r}", "{a.}", "{address", "a } b"])
def test_stray_brace(template: str) -> None:
    with pytest.raises(MessageError, match="stray"):
        placeholders(template)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("private", "private"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (None, "none"),
        ([], "none"),
        (["a", None, 1], "a, none, 1"),
        ({"k": [WAIT]}, '{"k": ["(known after apply)"]}'),
        (WAIT, "(known after apply)"),
        (Template(("x-", WAIT)), "x-${aws_s3_bucket.x.arn (known after apply)}"),
        (Encoded({"k": WAIT}), '{"k": "(known after apply)"}'),
        ("{address}", "{address}"),
    ],
)
def test_fact_in_a_message(value: object, text: str) -> None:
    assert format_message("<{g.f}>", "a.b", {"g": {"f": value}}) == f"<{text}>"


def test_paths_that_lead_nowhere() -> None:
    facts = {"known": "x", "waits": WAIT}
    assert format_message("{known.more} {missing.more} {waits.more}", "a.b", facts) == "none none (known after apply)"


def test_address_and_braces() -> None:
    assert format_message("{{{address}}} {address}", 'm["a"].b', {}) == '{m["a"].b} m["a"].b'
