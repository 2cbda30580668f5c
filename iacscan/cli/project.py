"""The settings of the project, and what the command line changes in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from iacscan.cli.terminal import CANNOT, line
from iacscan.config.settings import ConfigError, Settings
from iacscan.core import Diagnostic

_NOWHERE = "none"


def project_settings(config: str | None, paths: Sequence[str]) -> Settings:
    """The settings in ``config``, else in the file found upward from the first path, else from here.

    ``none`` as ``config`` reads no file. A file that cannot be used ends the program.
    """
    from iacscan.config.discovery import find, load

    if config == _NOWHERE:
        return Settings()
    first = Path(paths[0]) if paths and paths[0] != "-" else Path()
    found = Path(config) if config else find(first) or find(Path())
    if found is None:
        return Settings()
    try:
        return load(found)
    except ConfigError as error:
        stop((*error.problems, *_of_rules(error.settings)))


def _of_rules(settings: Settings | None) -> tuple[Diagnostic, ...]:
    """What is wrong with what ``settings`` say of rules: so all that is wrong with a file is told at once."""
    from iacscan.config.overrides import configured
    from iacscan.scanning import load_rules

    folders = [path for path in map(Path, settings.policies) if path.is_dir()] if settings else []
    return configured(load_rules(folders)[0], settings)[1] if settings else ()


def stop(problems: Iterable[Diagnostic]) -> NoReturn:
    """Say what is wrong and end the program."""
    for problem in problems:
        click.echo(f"error: {line(problem)}", err=True)
    sys.exit(CANNOT)


def effective(settings: Settings, flags: dict[str, Any]) -> Settings:
    """``settings`` with what the command line says in ``flags``, which it wins.

    ``--select`` takes the place of ``select``; the other lists are added to. A rule that the command line names by
    its id runs, whatever the file ignores.
    """
    asked = {*flags["select"], *flags["enable"]}
    return replace(
        settings,
        select=flags["select"] or settings.select,
        ignore=(*(rule for rule in settings.ignore if rule not in asked), *flags["ignore"]),
        enable=(*settings.enable, *flags["enable"]),
        profile=flags["profile"] or settings.profile,
        policies=(*settings.policies, *(path.as_posix() for path in flags["policies"])),
        fail_on=flags["fail_on"] or settings.fail_on,
        fail_on_unknown=flags["fail_on_unknown"] or settings.fail_on_unknown,
    )
