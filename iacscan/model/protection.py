"""Readers of the parts that protect what is stored: encryption, versioning, logging and the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iacscan.aws.kleene import disjunction
from iacscan.core import Evidence, Ternary, Unknown, Value, merge_unknown, unknowns
from iacscan.inputs.configuration import Change
from iacscan.model.parts import Part, Source, items, plain, shown


def _absent(sentence: str, **facts: Any) -> Part:
    return Part({"declared": False, **facts}, evidence={"": (Evidence(sentence),)})


ALGORITHMS = frozenset({"AES256", "aws:kms", "aws:kms:dsse", "aws:fsx"})
"""What S3 takes as the algorithm of default encryption."""

ENCRYPTION_ABSENT = _absent(
    "no default encryption is declared; AWS encrypts every new object with SSE-S3 since January 2023",
    algorithm=None,
    kms_master_key_id=None,
    blocked_types=None,
)
VERSIONING_ABSENT = _absent("no versioning is declared", status=None, mfa_delete=None)
LOGGING_ABSENT = _absent(
    "no server access logging is declared", target_bucket=None, target_prefix=None, partitioned=False, to_itself=False
)
WEBSITE_ABSENT = _absent("no static website is declared")
LIFECYCLE_ABSENT = _absent("no lifecycle configuration is declared", rules=0, enabled=False)


def read_encryption(source: Source) -> Part:
    """Default encryption: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html .

    ``blocked_types`` are the kinds of encryption that uploads may not ask for, ``None`` where nothing says.
    """
    top: tuple[str | int, ...] = ("server_side_encryption_configuration", 0) if source.inline else ()
    part, (types, path) = _default_encryption(source, top), _blocked_types(source, (*top, "rule"))
    said = {"blocked_types": (Evidence(f"blocked_encryption_types is {shown(types)}", source.origin(*path)),)}
    facts = {**part.facts, "blocked_types": types}
    return Part(facts, part.origins, part.evidence if types is None else {**part.evidence, **said})


def _blocked_types(source: Source, path: tuple[str | int, ...]) -> tuple[Any, tuple[str | int, ...]]:
    rules = source.get(*path)
    if isinstance(rules, Unknown) and (rules.references or not source.inline):  # the inline block is optional
        return rules, path
    for index in range(len(items(rules))):
        types = plain(source.optional(*path, index, "blocked_encryption_types"))
        if types is not None and types != []:
            return types, (*path, index, "blocked_encryption_types")
    return None, path


def _default_encryption(source: Source, top: tuple[str | int, ...]) -> Part:
    rules = source.get(*top, "rule")
    if isinstance(rules, Unknown):
        return _unknown(source, (*top, "rule"), rules, declared=rules, algorithm=rules, kms_master_key_id=rules)
    for index in range(len(items(rules))):
        path = (*top, "rule", index, "apply_server_side_encryption_by_default", 0)
        block = source.get(*path[:-1])
        if isinstance(block, Unknown):
            return _unknown(source, path[:-1], block, declared=block, algorithm=block, kms_master_key_id=block)
        algorithm = plain(source.get(*path, "sse_algorithm"))
        if isinstance(algorithm, str) and algorithm not in ALGORITHMS:
            sentence = Evidence(f'"{algorithm}" is no algorithm of S3', source.origin(*path, "sse_algorithm"))
            return Part(ENCRYPTION_ABSENT.facts, (source.origin(*path, "sse_algorithm"),), {"": (sentence,)})
        if algorithm is not None:
            facts = {"algorithm": algorithm, "kms_master_key_id": plain(source.get(*path, "kms_master_key_id"))}
            return _part(source, (*path, "sse_algorithm"), f"default encryption is {shown(algorithm)}", **facts)
    origin = source.origin(*top, "rule")
    sentence = Evidence("the encryption rules name no algorithm", origin)
    return Part(ENCRYPTION_ABSENT.facts, (origin,), {"": (sentence,)})


def read_versioning(source: Source) -> Part:
    """Versioning and MFA delete; deleting the resource makes the provider suspend versioning."""
    if source.resource.change is Change.DELETED:
        sentence = Evidence(f"{source.resource.address} is deleted, which suspends versioning", source.origin())
        facts = {"declared": False, "status": "Suspended", "mfa_delete": None}
        return Part(facts, (source.origin(),), {"": (sentence,)})
    if source.inline:
        return _inline_versioning(source)
    status = plain(source.get("versioning_configuration", 0, "status"))
    mfa_delete = plain(source.optional("versioning_configuration", 0, "mfa_delete"))
    return _versioning(source, ("versioning_configuration", 0), "status", status, mfa_delete)


def _inline_versioning(source: Source) -> Part:
    enabled, mfa = (plain(source.optional("versioning", 0, name)) for name in ("enabled", "mfa_delete"))
    status = enabled if isinstance(enabled, Unknown) else "Enabled" if enabled is True else "Suspended"
    mfa_delete = mfa if isinstance(mfa, Unknown) else "Enabled" if mfa is True else "Disabled" if mfa is False else None
    return _versioning(source, ("versioning", 0), "enabled", status, mfa_delete)


def _versioning(source: Source, block: tuple[str | int, ...], key: str, status: Any, mfa_delete: Any) -> Part:
    by_status = Evidence(f"versioning is {shown(status)}", source.origin(*block, key))
    said = "not declared" if mfa_delete is None else shown(mfa_delete)
    by_mfa = Evidence(f"MFA delete is {said}", source.origin(*block, "mfa_delete"))
    facts = {"declared": True, "status": status, "mfa_delete": mfa_delete}
    origins = (source.origin(*block, key), source.origin(*block))
    return Part(facts, origins, {"status": (by_status,), "mfa_delete": (by_mfa,)})


def log_target(source: Source) -> Value:
    """The bucket that access logs go to, by name or reference; ``None`` where there is no logging."""
    value = source.get(*_log_target_path(source)) if source.inline else source.resource.named_by("target_bucket")
    return None if value == "" else value


def _log_target_path(source: Source) -> tuple[str | int, ...]:
    return ("logging", 0, "target_bucket") if source.inline else ("target_bucket",)


def read_logging(source: Source, is_itself: Callable[[Value], Ternary]) -> Part:
    """Server access logging; ``is_itself`` says whether a target is the bucket that logs.

    ``partitioned`` is whether the keys of the logs hold account, Region, bucket and date.
    """
    block = source.get("logging") if source.inline else None
    if isinstance(block, Unknown):
        return _unknown(source, ("logging",), block, **dict.fromkeys(LOGGING_ABSENT.facts, block))
    target = log_target(source)
    if target is None:
        return LOGGING_ABSENT
    prefix = source.get(*_log_target_path(source)[:-1], "target_prefix")
    parts = source.get("target_object_key_format", 0, "partitioned_prefix")
    facts = {
        "target_bucket": plain(target),
        "target_prefix": plain(prefix),
        "partitioned": parts if isinstance(parts, Unknown) else bool(items(parts)),
        "to_itself": is_itself(target),
    }
    return _part(source, _log_target_path(source), f"access logs go to {shown(plain(target))}", **facts)


def read_website(source: Source) -> Part:
    """Static website hosting."""
    block = source.get("website") if source.inline else None
    if isinstance(block, Unknown):
        return _unknown(source, ("website",), block, declared=block)
    if source.inline and not items(block):
        return WEBSITE_ABSENT
    return _part(source, ("website",) if source.inline else (), "static website hosting is declared")


def read_lifecycle(source: Source) -> Part:
    """Lifecycle rules: how many are declared, and whether one of them is enabled."""
    path = ("lifecycle_rule",) if source.inline else ("rule",)
    rules = source.get(*path)
    if isinstance(rules, Unknown):
        declared = rules if source.inline else True
        return _unknown(source, path, rules, declared=declared, rules=rules, enabled=rules)
    enabled = disjunction(_is_enabled(item) for item in items(rules))
    count = len(items(rules))
    sentence = f"lifecycle rules: {count}{', none of them enabled' if enabled is False and count else ''}"
    return _part(source, path, sentence, rules=count, enabled=enabled)


def _is_enabled(rule: Value) -> Ternary:
    """Whether a lifecycle rule is on: ``enabled`` inline, ``status`` where it stands alone."""
    switch = plain(rule.get("status", rule.get("enabled"))) if isinstance(rule, dict) else merge_unknown(unknowns(rule))
    return switch if isinstance(switch, Unknown) else switch is True or switch == "Enabled"


def _part(source: Source, path: tuple[str | int, ...], sentence: str, **facts: Any) -> Part:
    origin = source.origin(*path)
    return Part({"declared": True, **facts}, (origin,), {"": (Evidence(sentence, origin),)})


def _unknown(source: Source, path: tuple[str | int, ...], value: Unknown, **facts: Any) -> Part:
    sentence = f"{source.resource.address}.{path[-1]} is not known: {merge_unknown(unknowns(value))}"
    origin = source.origin(*path)
    return Part(facts, (origin,), {"": (Evidence(sentence, origin),)})
