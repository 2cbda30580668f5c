"""Terraform source to configurations: one for each root module below a path.

The only module of the front end that touches the disk; what it does not find is a diagnostic.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from iacscan.aws.policies.document import render
from iacscan.core import Choice, Diagnostic, Level, Location, Reference, Unknown, Value
from iacscan.inputs.comments import placed_comments
from iacscan.inputs.configuration import Configuration, Existence, Kind, Resource
from iacscan.inputs.files import Report, module_directories
from iacscan.inputs.moves import forgotten, imported, moves
from iacscan.inputs.options import SourceOptions
from iacscan.inputs.provider_accounts import written_accounts
from iacscan.inputs.unseen import unseen_modules
from iacscan.terraform.data_sources import DATA_SOURCES
from iacscan.terraform.instances import Computed, ResourceInstance
from iacscan.terraform.locations import Locator
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.modules import MAY_CONFIGURE, Files, is_for_others, load_module
from iacscan.terraform.naming import named_by
from iacscan.terraform.project import Options, Project, Root, all_resources
from iacscan.terraform.sensitivity import is_sensitive, is_sensitive_variable
from iacscan.terraform.values import derived

MAX_FILE = 16 << 20
RECURSION = 8_000
"""Python frames that bounded evaluation may need; its own bounds are reached first."""

NAMING = ("bucket", "target_bucket", "user", "user_name", "group", "group_name", "role", "role_name")
"""The arguments by which resources are joined to a bucket, a user, a group or a role."""

_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy")
JUDGED_IF_THERE = frozenset({"aws_s3_bucket", "aws_cloudfront_distribution", *_OBJECTS, *MAY_CONFIGURE}) - {
    "aws_s3_account_public_access_block"
}
"""Buckets, their settings, readers and objects: where it is not known whether one exists, it is judged as where it
does."""

NOTHING_GIVEN = SourceOptions()


def load_source(
    path: str, options: SourceOptions = NOTHING_GIVEN, report: Report | None = None
) -> tuple[Configuration, ...]:
    """Every root module at or below ``path`` (a directory or one file), evaluated.

    Never raises for what is in the files: each configuration carries its diagnostics. A directory
    without any Terraform file gives no configuration. ``report`` is told of the directories that
    cannot be read.
    """
    with _deep_recursion():
        roots = _open(path, options, report)
        return tuple(_configuration(root, shown, show_path(_absolute(path))) for shown, root in roots)


def load_root(
    path: Path, options: SourceOptions, values: Mapping[str, Any], files: Files | None = None
) -> Configuration | None:
    """The module at ``path`` (a directory or one file) as a root, with the variable ``values`` of a plan.

    ``files`` stand in for the disk. ``None`` where there is no configuration.
    """
    disk = files or Files(_names, _read, show_path)
    start = _absolute(str(path))
    single = start.name if files is None and start.is_file() else None
    directory = start.parent if single else start
    given = directory / "values-of-the-plan.tfvars.json"

    def read(file: Path) -> str:
        return json.dumps(dict(values)) if file == given else disk.read(file)

    project = Project(Files(disk.names, read, disk.show), directory if files else _boundary(directory))
    settings = replace(root_options(options), variable_files=(given,))
    with _deep_recursion():
        module = load_module(directory, disk, single) if single else project.module(directory)
        root = Root(project, module, settings, only=single is not None)
        return _configuration(root, disk.show(start)) if module.files else None


def _open(path: str, options: SourceOptions, report: Report | None) -> Iterator[tuple[str, Root]]:
    """The root modules at or below ``path``, each with the path to show for it."""
    start = _absolute(path)
    single = start.name if start.is_file() else None
    directory = start.parent if single else start
    files = Files(_names, _read, show_path)
    project = Project(files, _boundary(directory))
    settings = root_options(options)
    if single:
        yield show_path(start), Root(project, load_module(directory, files, single), settings, only=True)
        return
    faults: list[OSError] = []
    directories = list(map(Path, module_directories(str(directory), faults.append)))
    unseen = project.unseen_calls(directories)
    for fault in faults:
        unseen = unseen or f"{show_path(Path(fault.filename))} cannot be read"
        if report is not None:
            report(fault)
    for each in project.roots(directories):
        module = project.module(each)
        callers = unseen if each != directory and is_for_others(module) else ""
        yield show_path(each), Root(project, module, settings, unseen_callers=callers)


def root_options(options: SourceOptions) -> Options:
    """What a root module is told, of what the user gives."""
    return Options(
        options.variables,
        tuple(map(_absolute, options.var_files)),
        options.workspace or options.environment.get("TF_WORKSPACE", ""),
        options.environment,
        COMPUTED,
    )


def _absolute(path: str) -> Path:
    """``path`` from the root of the file system, without following links."""
    return Path(os.path.normpath(Path(path).absolute()))


def show_path(path: Path) -> str:
    """``path`` relative to the working directory, with forward slashes."""
    return os.path.relpath(path).replace(os.sep, "/")


def _policy_document(arguments: Mapping[str, Any], _: Any) -> Mapping[str, Any]:
    document = render(arguments)
    return {"json": document, "minified_json": document}


COMPUTED: Mapping[tuple[str, str], Computed] = {
    **{("data", kind): computed for kind, computed in DATA_SOURCES.items()},
    ("data", "aws_iam_policy_document"): _policy_document,
}
"""How the attributes of data sources are computed."""


def _boundary(directory: Path) -> Path:
    """What files may be read: the repository around ``directory``, where it is in one."""
    for each in (directory, *directory.parents):
        if (each / ".git").exists():
            return each
    return directory


def _names(directory: Path) -> Iterable[str]:
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in entries if entry.is_file()]
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last: no path has such a name
        return []


def _read(path: Path) -> str:
    if path.stat().st_size > MAX_FILE:
        raise ValueError(f"the file is larger than {MAX_FILE >> 20} MiB")
    return path.read_bytes().decode("utf-8")


@contextmanager
def _deep_recursion() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _configuration(root: Root, path: str, start: str | None = None) -> Configuration:
    """``root``, evaluated; ``start`` is what the user named where ``root`` was found below it."""
    instance = root.instance()
    for name in instance.module.variables:
        instance.variable(name)
    for note in (*_never_called(root, path, start), *_missing_values(root, instance, path)):
        root.report(note)
    resources = tuple(_resource(module, each) for module, each in all_resources(instance))
    unseen = tuple(unseen_modules(instance))
    accounts = written_accounts(instance)
    for module in instance.modules():
        for name in module.module.variables:
            if is_sensitive_variable(module, name):
                root.keep_secret(module.variable(name))
    return Configuration(
        Kind.SOURCE,
        path,
        resources,
        tuple(root.spoken()),
        secrets=frozenset(root.secrets),
        comments=placed_comments(file for module in instance.modules() for file in module.module.files),
        moves=tuple(dict.fromkeys(moves(instance.modules()))),
        forgotten=tuple(dict.fromkeys(forgotten(instance.modules()))),
        imported=tuple(dict.fromkeys(imported(instance.modules()))),
        unseen=unseen,
        providers=accounts,
        locate=Locator(instance).locate,
    )


def _never_called(root: Root, path: str, start: str | None) -> Iterator[Diagnostic]:
    """Say where what looks like a module for others, below ``start``, is judged by itself."""
    if start is not None and path != start and is_for_others(root.root):
        message = "nothing here calls this module; it is judged by the defaults of its variables"
        if root.unseen_callers:
            message = f"what calls this module is not known: {root.unseen_callers}; its variables are unknown"
        yield Diagnostic(Level.NOTE, message, Location(path))


def _missing_values(root: Root, instance: ModuleInstance, path: str) -> Iterator[Diagnostic]:
    """Say which variables of a root have no value: what depends on them is unknown."""
    declared = (instance.declared_variable(name) for name in instance.module.variables)
    names = [each.name for each in declared if each is not None and each.required and not root.has_value(each)]
    if names:
        listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        what, them = ("variables", "them") if len(names) > 1 else ("variable", "it")
        message = f"no value for the {what} {listed}; what depends on {them} is unknown (--var-file gives values)"
        yield Diagnostic(Level.NOTE, message, Location(path))


def _resource(module: ModuleInstance, instance: ResourceInstance) -> Resource:
    values: Mapping[str, Value] = instance.values()
    existence = None
    if instance.doubt is not None and instance.condition is not None and instance.type in JUDGED_IF_THERE:
        existence = Existence(instance.doubt, instance.condition)
    else:
        values = instance.doubtful(values)
    if instance.type not in JUDGED_IF_THERE:
        values = {name: derived(value) if isinstance(value, Choice) else value for name, value in values.items()}
    return Resource(
        address=instance.address,
        type=instance.type,
        name=instance.block.labels[1],
        values=values,
        mode=instance.mode,
        module=module.address,
        key=instance.key,
        provider=module.provider(instance.block),
        declared=instance.declared,
        references=_references(module, instance, values),
        sensitive=instance.sensitive(partial(is_sensitive, module)),
        existence=existence,
    )


def _references(
    module: ModuleInstance, instance: ResourceInstance, values: Mapping[str, Value]
) -> Mapping[str, Reference]:
    """What the arguments that name another resource are, where their value does not say it.

    Two buckets may share a name that is known; and of a name that is not, nothing but the reference is known.
    """
    found: dict[str, Reference] = {}
    for name in NAMING if instance.type != "aws_s3_bucket" else ():
        attribute, value = instance.body.attributes.get(name), values.get(name)
        if attribute is not None and not (isinstance(value, Unknown) and value.reference):
            reference = named_by(module, instance.scope, attribute)
            if reference is not None:
                found[name] = reference
    return found
