"""A tree of directories: its modules, which of them are roots, and each root evaluated.

A root is a directory that no other directory calls as a local module, see
https://developer.hashicorp.com/terraform/language/modules/sources. Remote modules are read from where
``terraform init`` put them, where it has been run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iacscan.core import Diagnostic, Level, Location, Unknown
from iacscan.terraform.expressions import Evaluator
from iacscan.terraform.functions import FunctionContext
from iacscan.terraform.instances import Computed, ResourceInstance
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.modules import Files, Module, load_module
from iacscan.terraform.nodes import Block
from iacscan.terraform.secret_texts import secret_texts, texts
from iacscan.terraform.variables import Given, Variable, automatic_files, from_files, from_text

MAX_CALL_DEPTH = 20
MAX_MODULE_CALLS = 10_000
MAX_ALL_INSTANCES = 50_000


@dataclass(frozen=True, slots=True)
class Options:
    """What the user gives besides files: values by name, variable files, the workspace, ``TF_VAR_`` values.

    Without ``workspace`` it is the one that was selected in the root, else ``default``.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    variable_files: tuple[Path, ...] = ()
    workspace: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[tuple[str, str], Computed] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """Modules by directory, each read once."""

    files: Files
    boundary: Path
    _modules: dict[Path, Module] = field(default_factory=dict)

    def module(self, directory: Path) -> Module:
        """The module of ``directory``."""
        if directory not in self._modules:
            self._modules[directory] = load_module(directory, self.files)
        return self._modules[directory]

    def roots(self, directories: Iterable[Path]) -> list[Path]:
        """Those of ``directories`` to judge by themselves: not called by another, or only in a circle."""
        candidates = list(directories)
        calls = {each: set(self._local_calls(self.module(each))) - {each} for each in candidates}
        called = {target for targets in calls.values() for target in targets}
        roots = [each for each in candidates if each not in called]
        reached = set(_reachable(roots, calls))
        for each in candidates:
            if each not in reached:
                roots.append(each)
                reached.update(_reachable([each], calls))
        return sorted(roots)

    def unseen_calls(self, directories: Iterable[Path]) -> str:
        """Why the modules of ``directories`` may call others, too: what of them cannot be read, or nothing."""
        modules = [self.module(each) for each in directories]
        calls = (block.lost for module in modules for block in module.calls.values())
        return next(filter(None, (*(module.lost for module in modules), *calls)), "")

    def _local_calls(self, module: Module) -> Iterator[Path]:
        for block in module.calls.values():
            target = local_source(module.directory, block)
            if target is not None:
                yield target


def _reachable(starts: Iterable[Path], calls: Mapping[Path, set[Path]]) -> Iterator[Path]:
    stack, seen = list(starts), set()
    while stack:
        each = stack.pop()
        if each not in seen:
            seen.add(each)
            yield each
            stack.extend(calls.get(each, ()))


def source_text(block: Block) -> str:
    """The ``source`` of a module call as written, empty where it is no plain text."""
    source = getattr(block.body.expression("source"), "value", None)
    return source if isinstance(source, str) else ""


def local_source(directory: Path, block: Block) -> Path | None:
    """The directory that a module call names by a local path."""
    source = source_text(block)
    if not source.startswith(("./", "../", ".\\", "..\\")) and source not in (".", ".."):
        return None
    return Path(os.path.normpath(directory / source.replace("\\", "/")))


@dataclass(slots=True)
class Root:
    """One root module in evaluation: what its module instances share.

    ``unseen_callers`` says why other modules may call it after all, with other values; empty where none does.
    """

    project: Project
    root: Module
    options: Options
    only: bool = False
    unseen_callers: str = ""
    evaluator: Evaluator = field(init=False)
    diagnostics: dict[tuple[str, Location | None], Diagnostic] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    workspace: str = field(init=False)
    _given: Given = field(init=False)
    _manifest: Mapping[str, Path] = field(init=False)
    _calls: int = 0
    _admitted: int = 0

    def __post_init__(self) -> None:
        boundary = self.project.boundary
        self.evaluator = Evaluator(FunctionContext(self.root.directory, boundary, render_template=self._render))
        self.workspace = self.options.workspace or self._selected_workspace() or "default"
        self._given = self._read_given()
        self._manifest = self._read_manifest()
        for diagnostic in (*self.root.diagnostics, *self._given.diagnostics):
            self.report(diagnostic)

    @property
    def region(self) -> str | None:
        """The Region that the environment sets."""
        return self.options.environment.get("AWS_REGION") or self.options.environment.get("AWS_DEFAULT_REGION")

    @property
    def computed(self) -> Mapping[tuple[str, str], Computed]:
        """How data sources are computed."""
        return self.options.computed

    def _render(self, text: str, variables: Mapping[str, Any]) -> Any:
        return self.evaluator.render(text, variables)

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep ``diagnostic``, once for each message and place."""
        self.diagnostics.setdefault((diagnostic.message, diagnostic.location), diagnostic)

    def keep_secret(self, value: Any) -> None:
        """Keep the texts of ``value`` out of reports."""
        self.secrets.update(secret_texts(value))

    def spoken(self) -> Iterator[Diagnostic]:
        """The diagnostics, without any secret text."""
        ordered = sorted(self.secrets, key=len, reverse=True)
        for diagnostic in self.diagnostics.values():
            message = diagnostic.message
            for secret in ordered:
                message = message.replace(secret, "(sensitive value)")
            yield replace(diagnostic, message=message)

    def instance(self) -> ModuleInstance:
        """The root module's instance."""
        return ModuleInstance(self.root, self)

    def _read_given(self) -> Given:
        directory, files = self.root.directory, self.project.files
        names = [] if self.only or not self.root.files else automatic_files(list(files.names(directory)))
        found = from_files([directory / name for name in names], files, self.evaluator)
        given = from_files(list(self.options.variable_files), files, self.evaluator)
        values = {**({} if given.lost else found.values), **given.values}
        outside = frozenset(given.values) | frozenset(self.options.variables)
        return Given(values, outside, (*found.diagnostics, *given.diagnostics), given.lost or found.lost)

    def has_value(self, variable: Variable) -> bool:
        """Whether a root variable has a value from outside."""
        name, given = variable.name, self._given
        known = name in self.options.variables or name in given.values or f"TF_VAR_{name}" in self.options.environment
        return known or bool(given.lost or self.unseen_callers)

    def given(self, variable: Variable) -> tuple[bool, Any]:
        """The value of a root variable from outside, in Terraform's precedence; raises ``EvaluationError``."""
        name = variable.name
        if name in self.options.variables:
            value = from_text(self.options.variables[name], variable, self.evaluator)
        elif name in self._given.values:
            value = self._given.values[name]
        elif self._given.lost or self.unseen_callers:
            return True, Unknown(self._given.lost or self.unseen_callers)
        elif f"TF_VAR_{name}" in self.options.environment:
            value = from_text(self.options.environment[f"TF_VAR_{name}"], variable, self.evaluator)
            self.secrets.update(_told(value))
        else:
            if variable.sensitive:
                self.keep_secret(variable.default)
            return False, None
        if variable.sensitive:
            self.keep_secret(value)
        elif name in self._given.outside:
            self.secrets.update(_told(value))
        return True, value

    def admits(self, instances: int) -> bool:
        """Whether so many more instances are evaluated, of resources and modules together."""
        if self._admitted + instances > MAX_ALL_INSTANCES:
            return False
        self._admitted += instances
        return True

    def load(self, caller: ModuleInstance, block: Block) -> Module | None:
        """The module that ``block`` calls, where it is at hand."""
        self._calls += 1
        name = f"{caller.prefix}module.{block.labels[0]}"
        if self._calls > MAX_MODULE_CALLS or len(_callers(caller)) > MAX_CALL_DEPTH:
            self.report(Diagnostic(Level.ERROR, f"{name} is not judged: too many or too deep modules", block.location))
            return None
        directory = local_source(caller.module.directory, block)
        local = directory is not None
        if directory is None:
            directory = self._manifest.get(_call_key(caller, block))
        if directory is None:
            message = f"{name} is not judged: its source {source_text(block)!r} is not in this tree; run terraform init"
            self.report(Diagnostic(Level.NOTE, message, block.location))
            return None
        module = self.project.module(directory)
        if not module.files:
            level = Level.ERROR if local else Level.WARNING
            why = module.lost or "its source has no configuration"
            self.report(Diagnostic(level, f"{name} is not judged: {why}", block.location))
            return None
        if directory in _callers(caller):
            self.report(Diagnostic(Level.ERROR, f"{name} is not judged: the module calls itself", block.location))
            return None
        for diagnostic in module.diagnostics:
            self.report(diagnostic)
        return module

    def _selected_workspace(self) -> str:
        """What ``terraform workspace select`` chose, see https://developer.hashicorp.com/terraform/cli/workspaces."""
        try:
            return self.project.files.read(self.root.directory / ".terraform" / "environment").strip()
        except (OSError, ValueError):
            return ""

    def _read_manifest(self) -> Mapping[str, Path]:
        """Where ``terraform init`` put the modules, by the path of their calls."""
        if self.only:
            return {}
        path = self.root.directory / ".terraform" / "modules" / "modules.json"
        try:
            entries = json.loads(self.project.files.read(path))["Modules"]
            return {
                entry["Key"]: Path(os.path.normpath(self.root.directory / entry["Dir"]))
                for entry in entries
                if entry["Key"]
            }
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return {}


def _callers(instance: ModuleInstance) -> list[Path]:
    """The directories of ``instance`` and of all that call it."""
    directories = [instance.module.directory]
    while instance.caller is not None:
        instance = instance.caller.instance
        directories.append(instance.module.directory)
    return directories


def _call_key(caller: ModuleInstance, block: Block) -> str:
    names = [block.labels[0]]
    while caller.caller is not None:
        names.append(caller.caller.block.labels[0])
        caller = caller.caller.instance
    return ".".join(reversed(names))


def _told(value: Any) -> Iterator[str]:
    """What of a value from outside is kept out of reports: it may be a secret, but short words and numbers are none."""
    yield from (text for text in texts(value) if len(text) > 3 and not text.isdigit())


def all_resources(root: ModuleInstance) -> Iterator[tuple[ModuleInstance, ResourceInstance]]:
    """Every resource and data source instance below ``root``, in the order of the text."""
    for module in root.modules():
        for key in module.module.resources:
            if key[0] != "ephemeral":
                for instance in module.resource_instances(key):
                    yield module, instance
