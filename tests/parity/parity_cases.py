"""Random configurations: buckets in every form, and around them everything that configures a bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from parity_inline import CANNED, GRANTS, INLINE
from parity_policies import IAM_STATEMENTS, POINT_STATEMENTS, STATEMENTS, Policies
from parity_sites import Group, Site, pick, site
from parity_spelling import Speller
from parity_text import Block, Item, literal, printed, quoted

SHAPE = "object({ id = string, arn = string, bucket = optional(string) })"
"""The type of a bucket that a module is given."""


def versions(aliases: bool) -> Block:
    """What a module requires: the provider, and where it has ``aliases`` a second one from its caller."""
    names = ", configuration_aliases = [aws.other]" if aliases else ""
    required = Block("required_providers", (), [("aws", f'{{ source = "hashicorp/aws"{names} }}')])
    return Block("terraform", (), [required])


@dataclass(slots=True)
class Case:
    """One module: its files by path, and what its caller gives."""

    files: dict[str, str]
    given: dict[str, object] = field(default_factory=dict)


class Writer:
    """Writes one module.

    ``inner`` is a module of one bucket for another case to call, with outputs; ``root`` one that nobody calls.
    """

    def __init__(self, random: Random, name: str, inner: bool = False, root: bool = False) -> None:
        self.random = random
        self.name = name
        self.inner = inner
        self.root = root
        self.speller = Speller(random, echo=not inner)
        self.policies = Policies(self.speller)
        self.groups: list[Group] = []
        self.written: set[str] = set()
        self.parts: list[Callable[[Group], None]] = [
            self.acl,
            self.ownership,
            self.block,
            self.block,
            self.versioning,
            self.versioning,
            self.encryption,
            self.logging,
            self.website,
            self.policy,
            self.policy,
            self.object,
            self.lifecycle,
            self.access_point,
        ]

    def case(self) -> Case:
        """A whole case."""
        random = self.random
        for _ in range(1 if self.inner else random.choice([1, 1, 2, 2, 3])):
            self.groups.append(self.inner_group() if self.inner else self.group())
        for group in self.groups:
            parts = {part.__name__: part for part in random.sample(self.parts, random.randint(2, 5))}
            for name in sorted(parts.keys() - group.parts):
                parts[name](group)
            self.written |= parts.keys()
            if not self.inner and random.random() < 0.3:
                self.part_module(replace(group, parts=group.parts | parts.keys()))
        if not self.inner:
            for extra in (self.account, self.iam, self.users, self.elsewhere):
                if random.random() < 0.12:
                    extra()
        if random.random() < 0.4:
            self.override()
        return self.finished()

    def finished(self) -> Case:
        """What is written so far, as files."""
        blocks = self.speller.blocks if self.root else [versions(aliases=not self.inner), *self.speller.blocks]
        return Case(printed(self.random, blocks, self.speller.files), self.speller.given)

    # -- buckets ---------------------------------------------------------------------------------------

    def group(self) -> Group:
        """Buckets: one, counted, by keys, or in a module."""
        if self.random.random() < 0.2:
            return self.module_group()
        label = self.speller.fresh("b")
        stem = f"{self.name}-{label}"
        block = Block("resource", ("aws_s3_bucket", label))
        form = self.random.choice(["single", "single", "count", "map", "set"])
        make = {"single": self._one, "count": self._counted, "map": self._mapped, "set": self._set}[form]
        keys, names = make(block, stem)
        self.finish_bucket(block)
        table = block.items[0][1] if form == "map" else ""  # type: ignore[index]
        return Group(f"aws_s3_bucket.{label}", keys, names, table=str(table))

    def inner_group(self) -> Group:
        """The bucket of a module: its name is given."""
        self.speller.blocks.append(Block("variable", ("name",), [("type", "string")]))
        block = Block("resource", ("aws_s3_bucket", "this"))
        block.items.append(("bucket", self.random.choice(["var.name", '"${var.name}-x"', "lower(var.name)"])))
        repeated = self.random.random() < 0.4
        if repeated:
            block.items.insert(0, ("count", f"{self.speller.boolean(True)} ? 1 : 0"))
        self.finish_bucket(block)
        base = f"aws_s3_bucket.this{'[0]' if repeated else ''}"
        for attribute in ("id", "arn", "bucket"):
            value = f"{base}.{attribute}"
            if repeated:
                value = self.random.choice([value, f"one(aws_s3_bucket.this[*].{attribute})", f'try({value}, "")'])
            self.speller.blocks.append(Block("output", (attribute,), [("value", value)]))
        return Group(base)

    def module_group(self) -> Group:
        """The buckets of a module call."""
        folder, label = self.speller.fresh("mod"), self.speller.fresh("m")
        writer = Writer(self.random, self.name, inner=True)
        inner = writer.case()
        self.speller.files.update({f"{folder}/{path}": text for path, text in inner.files.items()})
        call = Block("module", (label,), [("source", quoted(f"./{folder}"))])
        if self.random.random() < 0.3:
            call.items.append(("providers", "{ aws = aws.other }"))
        stem = f"{self.name}-{label}"
        form = self.random.choice(["single", "count", "each"])
        keys: tuple[str | int, ...] | None = None
        if form == "single":
            call.items.append(("name", self.speller.text(stem)))
        elif form == "count":
            keys = (0, 1)
            call.items += [("count", self.speller.number(2)), ("name", f'"{stem}-${{count.index}}"')]
        else:
            keys = ("a", "b")
            call.items += [
                ("for_each", f"toset({self.speller.sequence(list(keys))})"),
                ("name", f'"{stem}-${{each.key}}"'),
            ]
        call.items += [(name, self.speller.any(value, 1)) for name, value in inner.given.items()]
        self.speller.blocks.append(call)
        return Group(f"module.{label}", keys, parts=frozenset(writer.written))

    def part_module(self, group: Group) -> None:
        """A module that is given buckets of ``group``, and configures them."""
        folder, label = self.speller.fresh("part"), self.speller.fresh("m")
        writer = Writer(self.random, self.name, inner=True)
        writer.groups.append(Group("var.it"))
        writer.speller.blocks.append(
            Block("variable", ("it",), self.random.choice([[], [("type", "any")], [("type", SHAPE)]]))
        )
        part = self.random.choice(writer.parts[:-1])
        part(writer.groups[0])
        if part.__name__ in group.parts:
            return
        self.speller.files.update({f"{folder}/{path}": text for path, text in writer.finished().files.items()})
        place = site(self.random, group)
        whole = ", ".join(f"{name} = {place.ref(name)}" for name in ("id", "arn", "bucket"))
        call = Block("module", (label,), [("source", quoted(f"./{folder}")), *place.meta, ("it", f"{{ {whole} }}")])
        for name, value in writer.speller.given.items():
            varied = self.vary(place, value, not value) if isinstance(value, bool) else self.speller.any(value, 1)
            call.items.append((name, varied))
        self.speller.blocks.append(call)

    def _one(self, block: Block, stem: str) -> tuple[None, dict[str | int | None, str]]:
        form = self.random.randrange(10)
        if form < 6:
            block.items.append(("bucket", self.speller.text(stem)))
            return None, {None: stem}
        late: list[Item] = [
            ("bucket_prefix", self.speller.text(f"{stem}-")),
            ("bucket", f'"{stem}-${{{self.unknown()}}}"'),
            ("bucket", "null"),
            ("force_destroy", self.speller.boolean(True)),
        ]
        block.items.append(late[form - 6])
        return None, {}

    def _counted(self, block: Block, stem: str) -> tuple[tuple[int, ...], dict[str | int | None, str]]:
        count = self.random.choice([1, 2, 2, 3])
        names: dict[str | int | None, str] = {index: f"{stem}-{index}" for index in range(count)}
        block.items.append(("count", self.speller.number(count)))
        forms = [
            f'"{stem}-${{count.index}}"',
            f'format("%s-%d", {self.speller.text(stem, 1)}, count.index)',
            f"{self.speller.sequence(list(names.values()))}[count.index]",
            f"element({literal(list(names.values()))}, count.index)",
        ]
        block.items.append(("bucket", self.random.choice(forms)))
        return tuple(range(count)), names

    def _mapped(self, block: Block, stem: str) -> tuple[tuple[str, ...], dict[str | int | None, str]]:
        keys = ("a", "b-1") if self.random.random() < 0.5 else ("logs", "data")
        table: dict[str, object] = {key: {"name": f"{stem}-{key}", "on": index == 0} for index, key in enumerate(keys)}
        block.items.append(("for_each", self.speller.local(self.speller.mapping(table))))
        name = self.random.choice(["each.value.name", f'"{stem}-${{each.key}}"', 'each.value["name"]'])
        block.items.append(("bucket", name))
        if self.random.random() < 0.3:
            block.items.append(("force_destroy", "each.value.on"))
        return keys, {key: f"{stem}-{key}" for key in keys}

    def _set(self, block: Block, stem: str) -> tuple[tuple[str, ...], dict[str | int | None, str]]:
        keys = tuple(f"{stem}-{letter}" for letter in "xy")
        block.items.append(("for_each", f"toset({self.speller.sequence(list(keys))})"))
        block.items.append(("bucket", self.random.choice(["each.key", "each.value", '"${each.key}"'])))
        return keys, {key: key for key in keys}

    def finish_bucket(self, block: Block) -> None:
        """Give the bucket tags and deprecated inline arguments, and write it."""
        if self.random.random() < 0.3:
            tags: dict[str, object] = self.random.choice([{"Public": "true"}, {"Team": "storage"}, {}])
            block.items.append(("tags", self.speller.mapping(dict(tags))))
        for inline in dict.fromkeys(self.random.sample(INLINE, self.random.choice([0, 0, 0, 1, 2]))):
            inline(self.random, self.speller, block)
        if self.random.random() < 0.1:
            block.items.append(Block("lifecycle", (), [("ignore_changes", "[tags]")]))
        if not self.inner and self.random.random() < 0.1:
            block.items.append(("provider", "aws.other"))
        self.speller.blocks.append(block)

    # -- what configures a bucket ----------------------------------------------------------------------

    def attached(self, type_: str, group: Group, argument: str = "bucket") -> tuple[Block, Site]:
        """A resource beside ``group``, with the argument that names its bucket."""
        place = site(self.random, group) if self.random.random() < 0.85 else pick(self.random, group)
        block = Block("resource", (type_, self.speller.fresh("r")), list(place.meta))
        block.items.append((argument, self.named(place, group)))
        self.speller.blocks.append(block)
        return block, place

    def named(self, place: Site, group: Group) -> str:
        """An expression for the bucket of ``place``: a reference, wrapped, or its name."""
        if place.is_single and group.keys is None and None in group.names and self.random.random() < 0.15:
            return self.speller.text(group.names[None])
        plain = place.ref(self.random.choice(["id", "id", "bucket"]))
        wraps = [plain] * 6 + [f'"${{{plain}}}"', f"try({plain}, null)", f"({plain})", f"[{plain}][0]"]
        wraps += [f"({self.speller.boolean(True, 1)} ? {plain} : null)", f"coalesce({self.speller.null(1)}, {plain})"]
        if place.is_single:
            wraps += [self.speller.local(plain), self.speller._through_module(plain)] * 2
        return self.random.choice(wraps)

    def vary(self, place: Site, value: object, other: object) -> str:
        """An expression for ``value``, or for another one in one instance of a repeated block."""
        plain = self.speller.any(value)
        if self.random.random() < 0.06:
            return f'({self.unknown()} == "x" ? {plain} : {self.speller.any(other)})'
        if not place.keys or self.random.random() < 0.6:
            return plain
        key = self.random.choice(place.keys)
        table = {str(item): value if item == key else other for item in place.keys}
        forms = [f"({place.key} == {literal(key)} ? {plain} : {self.speller.any(other)})"]
        forms.append(f"lookup({literal(table)}, {place.key}, {literal(other)})")
        forms.append(f"{literal(table)}[{place.key}]")
        return self.random.choice(forms)

    def nested(self, name: str, values: dict[str, object], static: dict[str, str] | None = None) -> Block:
        """A nested block with ``values``, sometimes a dynamic one; ``static`` are arguments written as they are."""
        fixed: list[Item] = list((static or {}).items())
        if self.random.random() < 0.6:
            return Block(name, (), [*((key, self.speller.any(item)) for key, item in values.items()), *fixed])
        form = self.random.choice(["objects", "flag", "iterator", "map"] * 3 + ["late"])
        each = "item" if form == "iterator" else name
        items: list[Item] = [(key, f"{each}.value.{key}") for key in values]
        if form in ("flag", "late"):
            items = [(key, self.speller.any(item, 1)) for key, item in values.items()]
        source = {
            "flag": f"{self.speller.boolean(True)} ? [1] : []",
            "late": f'{self.unknown()} == "x" ? [1] : []' if form == "late" else "",
            "map": f"{{ k = {self.speller.mapping(values, 1)} }}",
        }.get(form, f"[{self.speller.mapping(values, 1)}]")
        head: list[Item] = [("for_each", source)]
        if form == "iterator":
            head.append(("iterator", "item"))
        return Block("dynamic", (name,), [*head, Block("content", (), [*items, *fixed])])

    def acl(self, group: Group) -> None:
        """An ACL: canned, or grants."""
        block, place = self.attached("aws_s3_bucket_acl", group)
        if self.random.random() < 0.7:
            block.items.append(("acl", self.vary(place, self.random.choice(CANNED), "private")))
            return
        grants = [
            Block("grant", (), [Block("grantee", (), grantee), ("permission", self.speller.text(permission, 1))])
            for grantee, permission in self.random.sample(GRANTS, self.random.choice([1, 2]))
        ]
        owner = Block("owner", (), [("id", quoted("0123456789abcdef"))])
        block.items.append(Block("access_control_policy", (), [*grants, owner]))

    def ownership(self, group: Group) -> None:
        """Object ownership."""
        block, place = self.attached("aws_s3_bucket_ownership_controls", group)
        value = self.random.choice(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"])
        block.items.append(Block("rule", (), [("object_ownership", self.vary(place, value, "BucketOwnerEnforced"))]))

    def block(self, group: Group) -> None:
        """A public access block; sometimes settings are left out."""
        block, place = self.attached("aws_s3_bucket_public_access_block", group)
        self.settings(block, place)

    def settings(self, block: Block, place: Site | None) -> None:
        """The four settings."""
        good = self.random.random() < 0.6
        for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
            value = good or self.random.random() < 0.6
            if good or self.random.random() < 0.8:
                text = self.vary(place, value, True) if place else self.speller.boolean(value)
                block.items.append((name, text))

    def versioning(self, group: Group) -> None:
        """Versioning, with MFA delete at times."""
        block, place = self.attached("aws_s3_bucket_versioning", group)
        status = self.random.choice(["Enabled", "Enabled", "Suspended", "Disabled"])
        values: dict[str, object] = {"mfa_delete": "Enabled"} if self.random.random() < 0.2 else {}
        if self.random.random() < 0.1:
            condition = f'({self.unknown()} == "x" ? "Enabled" : "Suspended")'
            block.items.append(Block("versioning_configuration", (), [("status", condition)]))
        elif self.random.random() < 0.5:
            inner: list[Item] = [("status", self.vary(place, status, "Enabled"))]
            block.items.append(Block("versioning_configuration", (), inner))
        else:
            block.items.append(self.nested("versioning_configuration", {"status": status, **values}))

    def encryption(self, group: Group) -> None:
        """Default encryption."""
        block, _ = self.attached("aws_s3_bucket_server_side_encryption_configuration", group)
        algorithm = self.random.choice(["AES256", "aws:kms", "aws:kms:dsse"])
        inner = self.nested("apply_server_side_encryption_by_default", {"sse_algorithm": algorithm})
        items: list[Item] = [inner]
        if self.random.random() < 0.5:
            items.append(("bucket_key_enabled", self.speller.boolean(True)))
        block.items.append(Block("rule", (), items))

    def logging(self, group: Group) -> None:
        """Access logging to a bucket of this case, or to another one."""
        block, _ = self.attached("aws_s3_bucket_logging", group)
        target = pick(self.random, self.random.choice(self.groups)).ref("id")
        block.items.append(("target_bucket", target if self.random.random() < 0.8 else quoted("central-logs")))
        block.items.append(("target_prefix", self.speller.text("log/")))

    def website(self, group: Group) -> None:
        """Website hosting."""
        block, _ = self.attached("aws_s3_bucket_website_configuration", group)
        block.items.append(self.nested("index_document", {"suffix": "index.html"}))

    def policy(self, group: Group) -> None:
        """A bucket policy."""
        block, place = self.attached("aws_s3_bucket_policy", group)
        block.items.append(("policy", self.policies.write(place, STATEMENTS)))

    def object(self, group: Group) -> None:
        """An object with an ACL."""
        block, place = self.attached("aws_s3_object", group)
        block.items += [("key", self.speller.text("k/o.txt")), ("content", self.speller.text("text"))]
        if self.random.random() < 0.7:
            block.items.append(("acl", self.vary(place, self.random.choice(CANNED[:4]), "private")))

    def lifecycle(self, group: Group) -> None:
        """A lifecycle rule."""
        block, _ = self.attached("aws_s3_bucket_lifecycle_configuration", group)
        rule: list[Item] = [("id", self.speller.text("old")), ("status", self.speller.text("Enabled"))]
        rule += [Block("filter", ()), Block("expiration", (), [("days", self.speller.number(90))])]
        block.items.append(Block("rule", (), rule))

    def access_point(self, group: Group) -> None:
        """An access point with a block of its own."""
        block, place = self.attached("aws_s3_access_point", group)
        suffix = f"-${{{place.key}}}" if place.key else ""
        block.items.append(("name", f'"ap-{self.speller.fresh("x")}{suffix}"'))
        settings = Block("public_access_block_configuration")
        self.settings(settings, None)
        if settings.items:
            block.items.append(settings)
        if self.random.random() < 0.4:
            block.items.append(("policy", self.policies.write(place, POINT_STATEMENTS)))

    # -- what stands beside buckets --------------------------------------------------------------------

    def account(self) -> None:
        """A public access block of the account."""
        block = Block("resource", ("aws_s3_account_public_access_block", self.speller.fresh("r")))
        self.settings(block, None)
        self.speller.blocks.append(block)

    def iam(self) -> None:
        """A managed policy, or one of a role."""
        place = pick(self.random, self.random.choice(self.groups))
        kind = self.random.choice(["aws_iam_policy", "aws_iam_role_policy"])
        block = Block("resource", (kind, self.speller.fresh("r")), [("name", quoted(f"{self.name}-p"))])
        block.items.append(("policy", self.policies.write(place, IAM_STATEMENTS)))
        if kind == "aws_iam_role_policy":
            block.items.append(("role", self.speller.text("reader")))
        self.speller.blocks.append(block)

    def elsewhere(self) -> None:
        """Settings of a bucket that is not declared, but named."""
        group = Group("", names={None: f"{self.name}-elsewhere"})
        for part in self.random.sample((self.acl, self.block, self.versioning, self.policy, self.access_point), 2):
            part(group)

    def users(self) -> None:
        """A policy of a user."""
        place = pick(self.random, self.random.choice(self.groups))
        block = Block(
            "resource", ("aws_iam_user_policy", self.speller.fresh("r")), [("user", self.speller.text("ann"))]
        )
        block.items.append(("policy", self.policies.write(place, IAM_STATEMENTS)))
        self.speller.blocks.append(block)

    def unknown(self) -> str:
        """A text that is not known before apply."""
        if not any(block.labels == ("terraform_data", "late") for block in self.speller.blocks):
            self.speller.blocks.append(Block("resource", ("terraform_data", "late")))
        return "terraform_data.late.id"

    def override(self) -> None:
        """An override file that replaces one argument of a block."""
        texts = {"status": "Suspended", "acl": "private", "force_destroy": "true", "target_prefix": "other/"}
        for block in self.speller.blocks:
            for item in block.items:
                if block.type == "resource" and isinstance(item, tuple) and item[0] in texts:
                    changed = Block("resource", block.labels, [(item[0], quoted(texts[item[0]]))])
                    path = self.random.choice(["override.tf", "main_override.tf"])
                    self.speller.files[path] = "\n".join(changed.native(self.random)) + "\n"
                    return
