"""A directory of files becomes a module: its declarations by name, override files merged.

Follows https://developer.hashicorp.com/terraform/language/files and …/files/override. Nothing is
evaluated here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from iacscan.core import Diagnostic, Level, Location, Span, Unknown
from iacscan.terraform.file_names import SUFFIXES, is_module_file
from iacscan.terraform.json_syntax import parse_json_file
from iacscan.terraform.nodes import LABELS, Attribute, Block, Body, File, Literal, Lost, unread
from iacscan.terraform.syntax import parse_file

ResourceKey = tuple[str, str, str]
"""Mode (``managed``, ``data``, ``ephemeral``), type and name."""

MAY_CONFIGURE = (
    "aws_s3_account_public_access_block",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_cors_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_notification",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_replication_configuration",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_website_configuration",
)
"""Resource types without which a bucket is judged otherwise than with them."""

MODES = {"resource": "managed", "data": "data", "ephemeral": "ephemeral"}


@dataclass(frozen=True, slots=True)
class Files:
    """How files are reached; given by the caller, so that nothing here touches a disk.

    ``names`` lists the files of a directory (empty where it is none) and raises ``OSError``, ``read`` gives a
    file's text and raises ``OSError`` or ``ValueError``, ``show`` turns a path into the one to show.
    """

    names: Callable[[Path], Iterable[str]]
    read: Callable[[Path], str]
    show: Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Module:
    """The declarations of one directory.

    ``lost`` says why more may be declared than is here: text that cannot be read, of which nobody knows what it
    declares. It is empty where there is none.
    """

    directory: Path
    files: tuple[File, ...] = ()
    variables: Mapping[str, Block] = field(default_factory=dict)
    locals: Mapping[str, Attribute] = field(default_factory=dict)
    resources: Mapping[ResourceKey, Block] = field(default_factory=dict)
    calls: Mapping[str, Block] = field(default_factory=dict)
    outputs: Mapping[str, Block] = field(default_factory=dict)
    providers: tuple[Block, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    lost: str = ""
    lost_locals: str = ""


def is_for_others(module: Module) -> bool:
    """Whether a module that nothing calls looks as if it were written to be called: variables, and no provider."""
    return bool(module.variables) and not module.providers


def load_module(directory: Path, files: Files, only: str | None = None) -> Module:
    """The module of ``directory``, or of the one file ``only`` in it."""
    try:
        names = [only] if only else _without_shadowed(sorted(filter(is_module_file, files.names(directory))))
    except OSError as error:
        return Module(directory, lost=f"{files.show(directory)} cannot be read: {error.strerror or error}")
    read = [_read(directory / name, files) for name in names]
    primary = [file for file in read if not _is_override(file.path)]
    overriding = [file for file in read if _is_override(file.path)]
    merge = _Merge()
    for file in primary:
        merge.add(file)
    for file in overriding:
        merge.override(file)
    diagnostics = [diagnostic for file in read for diagnostic in file.diagnostics]
    return merge.module(directory, tuple(read), (*diagnostics, *merge.diagnostics))


def _without_shadowed(names: list[str]) -> list[str]:
    """OpenTofu reads ``x.tofu`` in place of ``x.tf``."""
    present = set(names)
    return [name for name in names if _tofu_name(name) not in present]


def _tofu_name(name: str) -> str:
    if name.endswith(".tf.json"):
        return name.removesuffix(".tf.json") + ".tofu.json"
    return name.removesuffix(".tf") + ".tofu" if name.endswith(".tf") else ""


def _is_override(path: str) -> bool:
    name = path.rsplit("/", 1)[-1]
    stem = next(
        name.removesuffix(suffix) for suffix in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(suffix)
    )
    return stem == "override" or stem.endswith("_override")


def _read(path: Path, files: Files) -> File:
    shown = files.show(path)
    try:
        text = files.read(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return unread(shown, f"cannot be read: {reason}")
    return parse_json_file(text, shown) if path.name.endswith(".json") else parse_file(text, shown)


@dataclass(slots=True)
class _Merge:
    """Collects declarations by kind and name."""

    tables: dict[str, dict[Any, Any]] = field(default_factory=dict)
    providers: list[Block] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    lost_locals: str = ""

    def add(self, file: File) -> None:
        """The declarations of a primary file: none may repeat."""
        for table, key, declared in self._declarations(file):
            if key in self.tables.setdefault(table, {}):
                self._repeated(declared)
            else:
                self.tables[table][key] = declared

    def override(self, file: File) -> None:
        """The declarations of an override file: each is merged into the one that it overrides.

        What cannot be read of it may override anything.
        """
        for table, key, declared in self._declarations(file, overriding=True):
            known = self.tables.setdefault(table, {})
            known[key] = _overridden(known[key], declared) if key in known else declared
        for lost in file.lost:
            self.providers = [_lose(each, lost.reason) for each in self.providers]
            for known in self.tables.values():
                known.update({key: _lose(each, lost.reason) for key, each in known.items()})

    def _declarations(self, file: File, overriding: bool = False) -> Iterator[tuple[str, Any, Any]]:
        for written in file.body.blocks:
            block = self._whole(written)
            kind, labels = block.type, block.labels
            if kind == "locals":
                self.lost_locals = self.lost_locals or block.lost
                for name, attribute in block.body.attributes.items():
                    yield "locals", name, attribute
            elif kind in MODES and len(labels) == 2:
                yield "resources", (MODES[kind], *labels), block
            elif kind in ("variable", "output", "module") and len(labels) == 1:
                yield kind, labels[0], block
            elif kind == "provider" and len(labels) == 1:
                self._provider(block, overriding)
            elif kind not in LABELS or len(labels) != LABELS[kind]:
                self.diagnostics.append(_unfit(block))
        self.diagnostics += _loose_arguments(file)

    def _whole(self, block: Block) -> Block:
        """``block``; where others stand inside it, a brace is missing somewhere, and nothing of it is sure."""
        for inner in _swallowed(block):
            name = f"{inner.type} {'.'.join(inner.labels)}"
            message = f"{name} stands inside another block, so neither is judged; is a brace missing before it?"
            self.diagnostics.append(Diagnostic(Level.ERROR, message, inner.location))
            self.lost.append(Lost(inner.location, f'{inner.type} "{inner.labels[0]}" '))
            block = _lose(block, self.lost[-1].reason)
        return block

    def _provider(self, block: Block, overriding: bool) -> None:
        same = [at for at, each in enumerate(self.providers) if _provider_key(each) == _provider_key(block)]
        if overriding and same:
            self.providers[same[0]] = _overridden(self.providers[same[0]], block)
        else:
            self.providers.append(block)

    def _repeated(self, declared: Any) -> None:
        if isinstance(declared, Block):
            message = f"This {' '.join((declared.type, *declared.labels))} is declared a second time in its module"
            location = declared.location
        else:
            message = f"The local value {declared.name} is declared a second time in its module"
            location = Location(declared.path, declared.span)
        self.diagnostics.append(Diagnostic(Level.ERROR, message, location))

    def module(self, directory: Path, files: tuple[File, ...], diagnostics: tuple[Diagnostic, ...]) -> Module:
        """All that was collected."""
        tables = self.tables
        lost = [*(each for file in files for each in file.lost), *self.lost]
        tables.setdefault("resources", {}).update(pair for each in lost for pair in _perhaps(each))
        return Module(
            directory,
            files,
            tables.get("variable", {}),
            tables.get("locals", {}),
            tables.get("resources", {}),
            tables.get("module", {}),
            tables.get("output", {}),
            tuple(self.providers),
            diagnostics,
            lost[0].reason if lost else "",
            self.lost_locals,
        )


def _perhaps(lost: Lost) -> Iterator[tuple[ResourceKey, Block]]:
    """The resources that configure buckets and may stand in ``lost``: nothing else is known of them.

    A type is always written out. The call of a module that is given a bucket may bring any.
    """
    text, span = lost.text, lost.location.span or Span(1, 1, 1, 1)
    any_type = text is None or (re.search(r"(?m)^\s*module\b", text) is not None and "bucket" in text.lower())
    for kind in MAY_CONFIGURE:
        if any_type or f'{kind}"' in str(text) or f"{kind} " in str(text):
            labels = (kind, f"({lost.place})")
            block = Block("resource", labels, Body({}), span, span, lost.location.path, lost.reason)
            yield ("managed", *labels), block


def _unfit(block: Block) -> Diagnostic:
    """What is wrong with the type or the labels of a top-level block; a type that is only new is no error."""
    kind = block.type
    if kind in LABELS:
        message = f"A {kind} block needs {LABELS[kind]} label(s), not {len(block.labels)}"
        return Diagnostic(Level.ERROR, message, block.location)
    close = get_close_matches(kind, LABELS, 1, cutoff=0.7)
    meant = f"; did you mean {close[0]}?" if close else ""
    message = f"There is no block of the type {kind}, so it is not judged{meant}"
    return Diagnostic(Level.ERROR if close else Level.WARNING, message, block.location)


def _swallowed(block: Block) -> Iterator[Block]:
    """The top-level blocks that stand inside another one, for want of a brace."""
    for inner in block.body.blocks if block.type != "check" else ():
        if inner.labels and len(inner.labels) == LABELS.get(inner.type):
            yield inner
        yield from _swallowed(inner)


def _loose_arguments(file: File) -> Iterator[Diagnostic]:
    for attribute in file.body.attributes.values():
        message = f"The argument {attribute.name} stands outside of any block"
        yield Diagnostic(Level.ERROR, message, Location(file.path, attribute.span))


def _provider_key(block: Block) -> tuple[str, Any]:
    alias = block.body.expression("alias")
    return block.labels[0], getattr(alias, "value", None)


def _overridden(base: Any, over: Any) -> Any:
    """Arguments replace arguments; nested blocks of a type replace all of that type."""
    if not isinstance(base, Block) or not isinstance(over, Block):
        return over
    replaced = {_block_name(block) for block in over.body.blocks}
    kept = (block for block in base.body.blocks if _block_name(block) not in replaced)
    body = Body({**base.body.attributes, **over.body.attributes}, (*kept, *over.body.blocks))
    return _lose(base, over.lost) if over.lost else replace(base, body=body)


def _lose(declared: Any, why: str) -> Any:
    """``declared`` with a value or body that is not known."""
    if isinstance(declared, Block):
        return replace(declared, body=Body({}), lost=why)
    return replace(declared, value=Literal(Unknown(why), declared.span))


def _block_name(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
