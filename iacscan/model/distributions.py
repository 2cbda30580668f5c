"""CloudFront distributions that read from a bucket, and whether they are the only way to it.

Origin access control (or the older origin access identity) lets a bucket stay private; a website endpoint
cannot have it. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from iacscan.aws.kleene import conjunction, disjunction, negation
from iacscan.core import Choice, Encoded, Evidence, Origin, Template, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Resource
from iacscan.model.by_bucket import ByBucket
from iacscan.model.joins import Directory, Match, always_with
from iacscan.model.parts import Part, items, known_or_omitted
from iacscan.model.references import Things, means
from iacscan.model.relations import BY_TYPE

DISTRIBUTION = "aws_cloudfront_distribution"
_ACCESS = "aws_cloudfront_origin_access_"
CONTROL = "aws_cloudfront_origin_access_control"
_HOST = re.compile(r"(?P<bucket>.+?)\.s3(?P<site>-website)?(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?\Z")

CDN_ABSENT = Part(
    {"is_origin": False, "direct": False},
    evidence={"": (Evidence("no CloudFront distribution reads from it"),)},
)


@dataclass(frozen=True, slots=True)
class Reader:
    """An origin of a distribution: whether it is read without access control, and how a report says so."""

    direct: Ternary
    sentence: str
    origin: Origin


def readers(things: Things, book: Directory) -> ByBucket[Reader]:
    """Every origin of a distribution that is a bucket, by that bucket."""
    found = []
    controls = things.of(CONTROL)
    for resource in things.of(DISTRIBUTION):
        for index, block, doubt in _blocks(resource.values.get("origin")):
            direct, words = _direct(block, controls)
            match = _match(block.get("domain_name"), book)
            if doubt is not None:
                match = _perhaps(match, match.certain, doubt)
            if resource.existence is not None:
                apart = tuple(name for name in match.certain if not always_with(resource, book.buckets[name]))
                match = _perhaps(match, apart, resource.existence.waits)
            reader = Reader(direct, f"{resource.address} {words}", Origin(resource.address, ("origin", index)))
            found.append((reader, match))
    return ByBucket(found)


def _blocks(value: Value) -> Iterator[tuple[int, dict[str, Value], Unknown | None]]:
    """The origins in ``value``, each with what it waits for whether it is there.

    Where nothing is known of them, it is one of any bucket that they are made of.
    """
    if isinstance(value, Unknown) and not isinstance(value, Choice):
        yield 0, {"domain_name": value}, value
    options = value.options if isinstance(value, Choice) else (value,)
    seen: list[Value] = []
    for option in reversed(options):  # where a block may be missing, the last option has it
        for index, block in enumerate(items(option)):
            if isinstance(block, dict) and block not in seen:
                seen.append(block)
                sure = all(block in items(other) for other in options)
                yield index, block, None if sure else merge_unknown(unknowns(value))


def _perhaps(match: Match, apart: tuple[str, ...], doubt: Unknown) -> Match:
    """``match`` where those that it is certain of in ``apart`` are only meant if a block is there."""
    if not apart:
        return match
    certain = tuple(address for address in match.certain if address not in apart)
    return replace(
        match,
        certain=certain,
        why=doubt if match.why is None else match.why,
        candidates=(*apart, *(match.candidates or ())),
    )


def distributions(origins: ByBucket[Reader], address: str) -> Part:
    """Whether the bucket at ``address`` is an origin, and of some distribution without access control."""
    found = list(origins.of(address))
    if not found:
        return CDN_ABSENT
    facts = {
        "is_origin": disjunction(here for _, here in found),
        "direct": disjunction(conjunction([here, reader.direct]) for reader, here in found),
    }
    places = tuple(reader.origin for reader, _ in found if reader.direct is not False) or (found[0][0].origin,)
    return Part(facts, places, {"": tuple(Evidence(_said(*item), item[0].origin) for item in found)})


def _said(reader: Reader, here: Ternary) -> str:
    address = reader.origin.address
    return reader.sentence if here is True else f"whether {address} reads from it is not known: {here}"


def _match(domain: Value, book: Directory) -> Match:
    """The bucket that a domain name belongs to: one of its attributes, or made of its name."""
    if isinstance(domain, str):
        host = _HOST.match(domain)
        return Match(certain=book.by_name.get(host["bucket"], ())) if host else Match()
    if not isinstance(domain, Unknown | Template | Encoded):
        return Match()
    named = {_bucket_of(reference.address, book) for hole in unknowns(domain) for reference in hole.references}
    buckets = tuple(sorted(address for address in named if address in book.buckets))
    if len(named) == 1 and buckets:
        return Match(certain=buckets)
    return Match(why=merge_unknown(unknowns(domain)), candidates=buckets)


def _bucket_of(address: str, book: Directory) -> str:
    """The bucket that a reference is about: a website configuration stands for its bucket."""
    resource = book.resources.get(address)
    relation = BY_TYPE.get(resource.type) if resource is not None else None
    if resource is None or relation is None:
        return address
    match = book.match(resource.named_by(relation.key))
    return match.certain[0] if match.certain else address


def _direct(block: dict[str, Value], controls: list[Resource]) -> tuple[Ternary, str]:
    """Whether an origin is read without proof of who reads, and how a report says so."""
    if items(block.get("custom_origin_config")) or _is_website(block.get("domain_name")):
        return True, "reads from its website endpoint, which has to be public"
    control = known_or_omitted(block.get("origin_access_control_id"))
    legacy = block.get("s3_origin_config")
    given: list[Any] = [legacy] if isinstance(legacy, Unknown) else []
    given += [item.get("origin_access_identity") if isinstance(item, dict) else item for item in items(legacy)]
    signed = conjunction([_present(control), negation(_never_signs(control, controls))])
    present = disjunction([signed, *(_present(value) for value in given)])
    words = {True: "reads from it without origin access control", False: "reads from it with origin access control"}
    direct = negation(present)
    return direct, f"may read without origin access control: {direct}" if isinstance(direct, Unknown) else words[direct]


def _never_signs(control: Value, controls: list[Resource]) -> Ternary:
    """Whether the access control is one that leaves requests unsigned, which is as good as none."""
    return disjunction(
        conjunction([means(control, item, "id"), _is_never(item.values.get("signing_behavior"))]) for item in controls
    )


def _is_never(behavior: Value) -> Ternary:
    return merge_unknown(unknowns(behavior)) if isinstance(behavior, Unknown | Template) else behavior == "never"


def _present(value: Any) -> Ternary:
    """An id that waits for the access control that it refers to will be there."""
    holes = list(unknowns(value))
    if holes and not all(_ACCESS in reference.address for hole in holes for reference in hole.references):
        return merge_unknown(holes)
    return merge_unknown(holes) if holes and not holes[0].references else value is not None and value != ""


def _is_website(domain: Value) -> bool:
    if isinstance(domain, str):
        host = _HOST.match(domain)
        return bool(host and host["site"])
    paths = [reference.path for hole in unknowns(domain) for reference in hole.references]
    return any(path and path[-1] in ("website_endpoint", "website_domain") for path in paths)
