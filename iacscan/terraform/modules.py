"""A directory of files becomes a module: its declarations by name, override files merged.

Follows https://developer.hashicorp.com/terraform/language/files and …/files/override. Nothing is
evaluated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iacscan.core import Diagnostic, Level, Location
from iacscan.terraform.json_syntax import parse_json_file
from iacscan.terraform.nodes import Attribute, Block, Body, File
from iacscan.terraform.syntax import parse_file

SUFFIXES = (".tf", ".tf.json", ".tofu", ".tofu.json")
ResourceKey = tuple[str, str, str]
"""Mode (``managed``, ``data``, ``ephemeral``), type and name."""

MODES = {"resource": "managed", "data": "data", "ephemeral": "ephemeral"}


@dataclass(frozen=True, slots=True)
class Files:
    """How files are reached; given by the caller, so that nothing here touches a disk.

    ``names`` lists the files of a directory (empty where it is none), ``read`` gives a file's text and
    raises ``OSError`` or ``ValueError``, ``show`` turns a path into the one to show.
    """

    names: Callable[[Path], Iterable[str]]
    read: Callable[[Path], str]
    show: Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Module:
    """The declarations of one directory."""

    directory: Path
    files: tuple[File, ...] = ()
    variables: Mapping[str, Block] = field(default_factory=dict)
    locals: Mapping[str, Attribute] = field(default_factory=dict)
    resources: Mapping[ResourceKey, Block] = field(default_factory=dict)
    calls: Mapping[str, Block] = field(default_factory=dict)
    outputs: Mapping[str, Block] = field(default_factory=dict)
    providers: tuple[Block, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def is_module_file(name: str) -> bool:
    """Whether Terraform or OpenTofu reads the file ``name`` as part of a module."""
    return name.endswith(SUFFIXES) and not name.startswith((".", "#")) and not name.endswith("~")


def load_module(directory: Path, files: Files, only: str | None = None) -> Module:
    """The module of ``directory``, or of the one file ``only`` in it."""
    names = [only] if only else _without_shadowed(sorted(filter(is_module_file, files.names(directory))))
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
        return File(shown, Body({}), (), (Diagnostic(Level.ERROR, f"cannot be read: {reason}", Location(shown)),))
    return parse_json_file(text, shown) if path.name.endswith(".json") else parse_file(text, shown)


@dataclass(slots=True)
class _Merge:
    """Collects declarations by kind and name."""

    tables: dict[str, dict[Any, Any]] = field(default_factory=dict)
    providers: list[Block] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(self, file: File) -> None:
        """The declarations of a primary file: none may repeat."""
        for table, key, declared in self._declarations(file):
            if key in self.tables.setdefault(table, {}):
                self._repeated(declared)
            else:
                self.tables[table][key] = declared

    def override(self, file: File) -> None:
        """The declarations of an override file: each is merged into the one that it overrides."""
        for table, key, declared in self._declarations(file, overriding=True):
            known = self.tables.setdefault(table, {})
            known[key] = _overridden(known[key], declared) if key in known else declared

    def _declarations(self, file: File, overriding: bool = False) -> Iterator[tuple[str, Any, Any]]:
        for block in file.body.blocks:
            kind, labels = block.type, block.labels
            if kind == "locals":
                for name, attribute in block.body.attributes.items():
                    yield "locals", name, attribute
            elif kind in MODES and len(labels) == 2:
                yield "resources", (MODES[kind], *labels), block
            elif kind in ("variable", "output", "module") and len(labels) == 1:
                yield kind, labels[0], block
            elif kind == "provider" and len(labels) == 1:
                self._provider(block, overriding)
            elif kind in MODES or kind in ("variable", "output", "module", "provider"):
                message = f"A {kind} block needs {2 if kind in MODES else 1} label(s), not {len(labels)}"
                self.diagnostics.append(Diagnostic(Level.ERROR, message, block.location))

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
        )


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
    return replace(base, body=body)


def _block_name(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
