"""Random changes: modules as they were applied, and as they are to be; for real terraform to plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
TYPES = {
    "versioning": "aws_s3_bucket_versioning",
    "block": "aws_s3_bucket_public_access_block",
    "ownership": "aws_s3_bucket_ownership_controls",
    "encryption": "aws_s3_bucket_server_side_encryption_configuration",
    "logging": "aws_s3_bucket_logging",
    "policy": "aws_s3_bucket_policy",
}
INLINE = ("versioning", "encryption", "logging", "policy")
LATE = 'terraform_data.late.output == "x"'
"""A condition that only the apply decides."""

Setting = tuple[str, str]
"""Its form, ``split`` or ``inline``, and the text of its arguments."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket block with what configures it. ``repeat`` is its meta-argument, empty for none."""

    label: str
    name: str
    repeat: str
    settings: Mapping[str, Setting]

    def address(self) -> str:
        """How its settings name it."""
        index = {"c": "[count.index]", "f": "[each.key]"}.get(self.repeat[:1], "")
        return f"aws_s3_bucket.{self.label}{index}"


def change(seed: int, number: int) -> tuple[str, str]:
    """The text of one module before and after; each is the same for its seed and number."""
    random = Random(f"changes/{seed}/{number}")
    stem = f"h{seed}n{number}"
    before = [_bucket(random, f"b{at}", f"{stem}-b{at}") for at in range(random.choice([1, 1, 2]))]
    after, blocks = [], []
    for bucket in before:
        if random.random() > 0.05:
            now, moves = _changed(random, bucket)
            after.append(now)
            blocks += moves
    if random.random() < 0.2:
        after.append(_bucket(random, "fresh", f"{stem}-fresh"))
    written = [block for bucket in after for block in _blocks(bucket)]
    return _module(stem, [block for bucket in before for block in _blocks(bucket)]), _module(stem, written + blocks)


def _module(stem: str, blocks: list[str]) -> str:
    required = 'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
    late = 'resource "terraform_data" "late" {\n  input = timestamp()\n}\n'
    return "\n".join([required, late, *_logs(stem), *blocks])


def _logs(stem: str) -> Iterator[str]:
    """The bucket that logs go to, which must let them in."""
    yield f'resource "aws_s3_bucket" "logs" {{\n  bucket = "{stem}-logs"\n}}\n'
    statement = (
        'Effect = "Allow", Principal = { Service = "logging.s3.amazonaws.com" }, Action = "s3:PutObject", '
        f'Resource = "arn:aws:s3:::{stem}-logs/*"'
    )
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement} }}] }})'
    yield f'resource "aws_s3_bucket_policy" "logs" {{\n  bucket = aws_s3_bucket.logs.id\n  policy = {policy}\n}}\n'


def _bucket(random: Random, label: str, name: str) -> Bucket:
    repeat = random.choice(["", "", "", "count = 1", "count = 2", 'for_each = toset(["a", "b"])'])
    chosen = random.sample(sorted(TYPES), random.randint(2, len(TYPES)))
    settings = {slot: _setting(random, slot, name, repeat) for slot in sorted(chosen)}
    return Bucket(label, name, repeat, settings)


def _setting(random: Random, slot: str, name: str, repeat: str, late: bool = False) -> Setting:
    form = "inline" if slot in INLINE and random.random() < 0.3 else "split"
    return form, _arguments(random, slot, form, name, repeat, late and random.random() < 0.15)


def _arguments(random: Random, slot: str, form: str, name: str, repeat: str, late: bool) -> str:
    match slot, form:
        case "versioning", "split":
            status = f'{LATE} ? "Suspended" : "Enabled"' if late else random.choice(['"Enabled"'] * 3 + ['"Suspended"'])
            return f"  versioning_configuration {{\n    status = {status}\n  }}\n"
        case "versioning", _:
            enabled = LATE if late else random.choice(["true", "true", "false"])
            return f"  versioning {{\n    enabled = {enabled}\n  }}\n"
        case "block", _:
            flags = random.sample(FLAGS, random.choice([4, 4, 3, 2]))
            values = {flag: LATE if late else random.choice(["true"] * 4 + ["false"]) for flag in sorted(flags)}
            return "".join(f"  {flag} = {value}\n" for flag, value in values.items())
        case "ownership", _:
            owner = random.choice(["BucketOwnerEnforced", "BucketOwnerEnforced", "BucketOwnerPreferred"])
            return f'  rule {{\n    object_ownership = "{owner}"\n  }}\n'
        case "encryption", _:
            algorithm = f'{LATE} ? "aws:kms" : "AES256"' if late else random.choice(['"AES256"', '"aws:kms"'])
            inner = f"apply_server_side_encryption_by_default {{\n      sse_algorithm = {algorithm}\n    }}"
            rule = f"  rule {{\n    {inner}\n  }}\n"
            return f"  server_side_encryption_configuration {{\n  {rule}  }}\n" if form == "inline" else rule
        case "logging", _:
            target = '  target_bucket = aws_s3_bucket.logs.id\n  target_prefix = "x/"\n'
            return f"  logging {{\n{target}  }}\n" if form == "inline" else target
    return _policy(random, name, repeat)


def _policy(random: Random, name: str, repeat: str) -> str:
    arn = f"arn:aws:s3:::{_named(name, repeat)}"
    deny = (
        f'Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["{arn}", "{arn}/*"], '
        'Condition = { Bool = { "aws:SecureTransport" = "false" } }'
    )
    allow = f'Effect = "Allow", Principal = {{ AWS = "123456789012" }}, Action = "s3:GetObject", Resource = "{arn}/*"'
    statements = random.choice([[deny], [deny, allow], [allow]])
    listed = ", ".join(f"{{ {statement} }}" for statement in statements)
    return f'  policy = jsonencode({{ Version = "2012-10-17", Statement = [{listed}] }})\n'


def _named(name: str, repeat: str) -> str:
    return name + {"c": "-${count.index}", "f": "-${each.key}"}.get(repeat[:1], "")


def _blocks(bucket: Bucket) -> Iterator[str]:
    meta = f"  {bucket.repeat}\n" if bucket.repeat else ""
    inline = "".join(text for form, text in bucket.settings.values() if form == "inline")
    name = _named(bucket.name, bucket.repeat)
    waits = "  depends_on = [aws_s3_bucket_policy.logs]\n"
    yield f'resource "aws_s3_bucket" "{bucket.label}" {{\n{meta}  bucket = "{name}"\n{inline}{waits}}}\n'
    for slot, (form, text) in bucket.settings.items():
        if form == "split":
            body = f"{meta}  bucket = {bucket.address()}.id\n{text}{waits}"
            yield f'resource "{TYPES[slot]}" "{bucket.label}" {{\n{body}}}\n'


def _changed(random: Random, bucket: Bucket) -> tuple[Bucket, list[str]]:
    """``bucket`` after a change, and the ``moved`` and ``removed`` blocks that go with it."""
    now = replace(bucket, repeat=_repeated(random, bucket.repeat))
    if random.random() < 0.08:
        now = replace(now, name=f"{now.name}-new")
    moved = random.random() < 0.15
    if moved or random.random() < 0.04:
        now = replace(now, label=f"{bucket.label}_renamed")
    settings = dict(bucket.settings)
    for slot in sorted(TYPES):
        chance = random.random()
        otherwise = chance < 0.5 or now.repeat != bucket.repeat or now.name != bucket.name
        if chance < 0.2:
            settings.pop(slot, None)
        elif otherwise and (slot in settings or chance < 0.3):
            settings[slot] = _setting(random, slot, now.name, now.repeat, late=True)
    now = replace(now, settings=dict(sorted(settings.items())))
    return now, [*(_moves(random, bucket, now) if moved else ()), *_removals(random, bucket, now)]


def _repeated(random: Random, repeat: str) -> str:
    others = {"": "count = 1", "count = 1": "", "count = 2": "count = 1"}
    return others[repeat] if repeat in others and random.random() < 0.2 else repeat


def _moves(random: Random, bucket: Bucket, now: Bucket) -> Iterator[str]:
    both = [slot for slot in bucket.settings if bucket.settings[slot][0] == now.settings.get(slot, ("",))[0] == "split"]
    types = ["aws_s3_bucket", *(TYPES[slot] for slot in both if random.random() < 0.8)]
    for type_ in types:
        yield f"moved {{\n  from = {type_}.{bucket.label}\n  to   = {type_}.{now.label}\n}}\n"


def _removals(random: Random, bucket: Bucket, now: Bucket) -> Iterator[str]:
    """Some of the settings that go stay in AWS, and only Terraform forgets them."""
    for slot, (form, _) in bucket.settings.items():
        goes = now.settings.get(slot, ("",))[0] != "split" and now.label == bucket.label
        if form == "split" and goes and random.random() < 0.3:
            destroy = random.choice(["false", "false", "true"])
            address = f"{TYPES[slot]}.{bucket.label}"
            yield f"removed {{\n  from = {address}\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n"


def root(cases: Mapping[str, str], provider: str) -> dict[str, str]:
    """The files of a root that calls each of ``cases`` as a module."""
    calls = "\n".join(f'module "{name}" {{\n  source = "./cases/{name}"\n}}\n' for name in cases)
    return {"main.tf": f"{provider}\n{calls}"} | {f"cases/{name}/main.tf": text for name, text in cases.items()}
