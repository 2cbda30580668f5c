"""``iacscan init``: a configuration file to start from."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from iacscan.cli.terminal import CANNOT


@click.command()
@click.argument("directory", default=".", metavar="[DIR]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(directory: str, force: bool) -> None:
    """Write a commented .iacscan.yaml into DIR (default: here)."""
    from iacscan.config.discovery import PYPROJECT, beside
    from iacscan.config.template import TEMPLATE

    path = Path(directory, ".iacscan.yaml")
    other = beside(path.parent)
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        click.echo(f"error: {path.as_posix()} is there already; --force replaces it", err=True)
        sys.exit(CANNOT)
    except OSError as error:
        click.echo(f"error: {path.as_posix()} cannot be written: {error.strerror}", err=True)
        sys.exit(CANNOT)
    click.echo(f"wrote {path.as_posix()}: every setting is in it, explained and switched off")
    if other is not None and other.name == PYPROJECT:
        click.echo(f"warning: [tool.iacscan] in {other.name} beside it does not count any more", err=True)
