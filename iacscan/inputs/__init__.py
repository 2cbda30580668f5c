"""Everything that can be scanned, read into :class:`Configuration` objects by :func:`load`."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from iacscan.core import Diagnostic, Level, Location, Span
from iacscan.inputs import files
from iacscan.inputs.configuration import Configuration, Kind
from iacscan.inputs.options import SourceOptions
from iacscan.inputs.plan import read_plan
from iacscan.inputs.reading import MISSING, InputError, NotADocumentError, read_document
from iacscan.inputs.recognition import recognise
from iacscan.inputs.state import read_state

__all__ = ["SourceOptions", "load"]

Loaded = tuple[tuple[Configuration, ...], tuple[Diagnostic, ...]]
"""What could be read, and what is to be said of the reading, errors among it."""

_NOTHING = (
    "no Terraform source, plan or state in this directory; "
    "give a directory with .tf files, or a file written by `terraform show -json`"
)
_TERRAGRUNT = (
    "Terragrunt units, which only Terragrunt evaluates; "
    "run `terragrunt run --all --json-out-dir PLANS -- plan` and give PLANS"
)


def load(paths: Sequence[str], options: SourceOptions | None = None, source: str | None = None) -> Loaded:
    """Read every input that ``paths`` name: files, directories, ``-`` for standard input.

    JSON is told apart by content; a directory with Terraform source in it is read as source, with
    ``options`` handed to the reader of source. ``source`` says where the source of a plan is: a
    directory, ``"none"``, or ``None`` to use the one that the plan carries or that lies beside it.
    Whatever cannot be read becomes an error among the diagnostics, and the rest is read all the same:
    nothing is raised for an input.
    """
    configurations: list[Configuration] = []
    diagnostics: list[Diagnostic] = []
    for path in dict.fromkeys(paths):
        for read, remarks in _inputs(path, options or SourceOptions(), source):
            configurations.extend(read)
            diagnostics.extend(remarks)
    return tuple(configurations), tuple(diagnostics)


def _inputs(path: str, options: SourceOptions, source: str | None) -> Iterator[Loaded]:
    """The inputs at ``path``, one at a time."""
    try:
        if path and files.is_source(path):
            yield _source(path, options)
        elif path and Path(path).is_dir():
            for read, remarks in _folder(path):
                yield _placed(read, path, options, source), remarks
        else:
            read, remarks = _document(path)
            yield _placed(read, path, options, source), remarks
    except InputError as error:
        yield (), (_problem(path, error),)


def _placed(
    read: tuple[Configuration, ...], path: str, options: SourceOptions, source: str | None
) -> tuple[Configuration, ...]:
    """Plans among ``read`` with their source, states as they are."""
    from iacscan.inputs.plan_source import with_source

    single = not Path(path).is_dir()
    return tuple(
        with_source(item, path if single else item.path, source, options) if item.kind is Kind.PLAN else item
        for item in read
    )


def _folder(path: str) -> Iterator[Loaded]:
    try:
        os.scandir(path).close()
    except OSError as error:
        raise _unreadable(error) from None
    empty = True
    faults: list[OSError] = []
    for name in files.documents(path, faults.append):
        try:
            loaded = _document(name)
        except NotADocumentError:
            continue
        except InputError as error:
            loaded = (), (_problem(name, error),)
        empty = False
        yield loaded
    if faults:
        yield (), _missed(faults)
    elif empty:
        raise InputError(_TERRAGRUNT if Path(path, "terragrunt.hcl").is_file() else _NOTHING)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Reading only allocates: collections meanwhile find nothing, and cost as much as the reading."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_garbage_collection()
def _document(path: str) -> Loaded:
    """The plan or state in a file; raises ``InputError``."""
    document = read_document(path)
    kind = recognise(document.content)
    name = files.shown(path)
    try:
        read = read_plan if kind is Kind.PLAN else read_state
        configuration = read(document.content, name)
    except RecursionError:
        raise InputError(f"values or modules are nested too deeply for a {kind}") from None
    except (KeyError, TypeError, AttributeError, ValueError, IndexError):
        message = (
            f"JSON, but not in the form in which Terraform writes a {kind}; write it again with `terraform show -json`"
        )
        raise InputError(message) from None
    warnings = (Diagnostic(Level.WARNING, text, Location(name)) for text in document.warnings)
    return (configuration,), tuple(warnings)


def _source(path: str, options: SourceOptions) -> Loaded:
    """Terraform source, by a reader that is imported only when there is any."""
    from iacscan.inputs.source import load_source

    if not Path(path).exists():
        raise InputError(MISSING)
    faults: list[OSError] = []
    configurations = load_source(path, options, faults.append)
    if not configurations and not faults:
        raise InputError(_NOTHING)
    return configurations, _missed(faults)


def _unreadable(error: OSError) -> InputError:
    """What to say of a directory that cannot be read."""
    return InputError(f"cannot be read: {error.strerror or error}; check its permissions")


def _missed(faults: Sequence[OSError]) -> tuple[Diagnostic, ...]:
    """The directories below an input that could not be read."""
    return tuple(_problem(str(fault.filename), _unreadable(fault)) for fault in faults)


def _problem(path: str, error: InputError) -> Diagnostic:
    line, column = error.line, error.column
    span = Span(line, column, line, column) if line is not None and column is not None else None
    return Diagnostic(Level.ERROR, error.message, Location(files.shown(path), span))
