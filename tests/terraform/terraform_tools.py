"""Small helpers of the tests of the Terraform front end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from iacscan.core import Value
from iacscan.inputs.configuration import Configuration, Resource
from iacscan.inputs.source import SourceOptions, load_source, root_options
from iacscan.terraform.bodies import settle
from iacscan.terraform.expressions import Evaluator, Nothing, Scope
from iacscan.terraform.functions import FunctionContext
from iacscan.terraform.lexer import Source
from iacscan.terraform.module_instances import ModuleInstance
from iacscan.terraform.modules import Files
from iacscan.terraform.project import Project, Root
from iacscan.terraform.syntax import parse_expression
from iacscan.terraform.values import export

BUCKET = 'resource "aws_s3_bucket" "this" {\n  bucket = "example"\n}\n'


def write(folder: Path, **files: str) -> Path:
    """Write ``files`` below ``folder``: ``__`` in a name is a slash, the last ``_tf`` a suffix."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/").removesuffix("_tf") + ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return folder


def load_one(folder: Path, options: SourceOptions | None = None) -> Configuration:
    (configuration,) = load_source(str(folder), options or SourceOptions())
    return configuration


def resources(configuration: Configuration) -> dict[str, Resource]:
    return {resource.address: resource for resource in configuration.resources}


def value(text: str, **names: Any) -> Any:
    """The value of an expression that sees only ``names``."""
    evaluator = Evaluator(FunctionContext(Path(), Path()))
    return evaluator.evaluate(parse_expression(Source(text), 0, len(text)), Scope(Nothing(), names))


def root_module(folder: Path, options: SourceOptions | None = None) -> ModuleInstance:
    """The module of ``folder`` as a root, not yet evaluated."""
    files = Files(lambda place: [each.name for each in place.glob("*")], lambda file: file.read_text("utf-8"), str)
    project = Project(files, folder)
    return Root(project, project.module(folder), root_options(options or SourceOptions())).instance()


def output(folder: Path, name: str, options: SourceOptions | None = None) -> Value:
    return export(settle(root_module(folder, options).output(name)))


def messages(configuration: Configuration) -> list[str]:
    return [item.message for item in configuration.diagnostics]
