"""The deprecated arguments that configure a bucket inside its own block."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from parity_spelling import Speller
from parity_text import Block, Item, quoted

CANNED = ["private", "public-read", "public-read-write", "authenticated-read", "log-delivery-write"]
GROUPS = "http://acs.amazonaws.com/groups"
GRANTS: list[tuple[list[Item], str]] = [
    ([("type", '"Group"'), ("uri", quoted(f"{GROUPS}/global/AllUsers"))], "READ"),
    ([("type", '"Group"'), ("uri", quoted(f"{GROUPS}/global/AllUsers"))], "WRITE"),
    ([("type", '"Group"'), ("uri", quoted(f"{GROUPS}/global/AuthenticatedUsers"))], "READ_ACP"),
    ([("type", '"Group"'), ("uri", quoted(f"{GROUPS}/s3/LogDelivery"))], "WRITE"),
    ([("type", '"CanonicalUser"'), ("id", quoted("0123456789abcdef"))], "FULL_CONTROL"),
]


def acl(random: Random, speller: Speller, block: Block) -> None:
    """A canned ACL; beside grants it is refused."""
    if any(isinstance(item, Block) and "grant" in (item.type, *item.labels) for item in block.items):
        return
    block.items.append(("acl", speller.text(random.choice(CANNED))))


def grant(random: Random, speller: Speller, block: Block) -> None:
    """Grants, sometimes of a dynamic block; beside an ACL they are refused."""
    if any(item[0] == "acl" for item in block.items if isinstance(item, tuple)):
        return
    grantee, permission = random.choice(GRANTS)
    items: list[Item] = [*grantee, ("permissions", speller.sequence([permission]))]
    if random.random() < 0.4:
        head: list[Item] = [("for_each", f"{speller.boolean(random.random() < 0.7)} ? [1] : []")]
        block.items.append(Block("dynamic", ("grant",), [*head, Block("content", (), items)]))
    else:
        block.items.append(Block("grant", (), items))


def versioning(random: Random, speller: Speller, block: Block) -> None:
    """Versioning."""
    items: list[Item] = [("enabled", speller.boolean(random.random() < 0.7))]
    if random.random() < 0.3:
        items.append(("mfa_delete", speller.boolean(random.random() < 0.5)))
    block.items.append(Block("versioning", (), items))


def logging(random: Random, speller: Speller, block: Block) -> None:
    """Access logging to a bucket elsewhere."""
    items: list[Item] = [("target_bucket", speller.text("central-logs")), ("target_prefix", speller.text("log/"))]
    if random.random() < 0.4:
        head: list[Item] = [("for_each", speller.sequence([{"t": "central-logs"}] if random.random() < 0.7 else []))]
        inner: list[Item] = [("target_bucket", "logging.value.t")]
        block.items.append(Block("dynamic", ("logging",), [*head, Block("content", (), inner)]))
    else:
        block.items.append(Block("logging", (), items))


def encryption(random: Random, speller: Speller, block: Block) -> None:
    """Default encryption, three blocks deep."""
    algorithm: Item = ("sse_algorithm", speller.text(random.choice(["AES256", "aws:kms"])))
    inner = Block("apply_server_side_encryption_by_default", (), [algorithm])
    rule = Block("rule", (), [inner, ("bucket_key_enabled", speller.boolean(True))])
    block.items.append(Block("server_side_encryption_configuration", (), [rule]))


def website(random: Random, speller: Speller, block: Block) -> None:
    """Website hosting."""
    block.items.append(Block("website", (), [("index_document", speller.text("index.html"))]))


def policy(random: Random, speller: Speller, block: Block) -> None:
    """A policy on every bucket: it cannot name its own."""
    effect = random.choice(["Allow", "Deny"])
    statement = {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example-inline/*"}
    if effect == "Deny":
        statement["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # type: ignore[assignment]
    document = {"Version": "2012-10-17", "Statement": [statement]}
    forms = [f"jsonencode({speller.mapping(dict(document))})", quoted(json.dumps(document))]
    block.items.append(("policy", random.choice(forms)))


def object_lock(random: Random, speller: Speller, block: Block) -> None:
    """Object lock, which switches versioning on."""
    block.items.append(("object_lock_enabled", speller.boolean(random.random() < 0.7)))


INLINE: list[Callable[[Random, Speller, Block], None]] = [
    acl,
    acl,
    grant,
    versioning,
    versioning,
    logging,
    encryption,
    website,
    policy,
    object_lock,
]
