"""``iacscan access``: who can do what to each bucket, as a table."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from iacscan.cli.reading import reading_options
from iacscan.cli.terminal import CANNOT, color, line, print_text, terraform_environment, version, width
from iacscan.core import Level
from iacscan.output import Style

FORMATS = {"text": "access_text", "json": "access_json", "html": "access_html"}


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--bucket", metavar="ADDRESS", help="Only this bucket: its address or its name.")
@click.option("-f", "--format", "format_", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@reading_options
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-v", "--verbose", count=True, help="Say what decides whether strangers get in.")
def access(
    paths: tuple[str, ...],
    bucket: str | None,
    format_: str,
    no_color: bool,
    verbose: int,
    variables: tuple[tuple[str, str], ...],
    **choices: Any,
) -> None:
    """Show who can list, read, write, delete or change permissions, through what, and what stops it.

    PATH is source, a plan or a state, told by its content; the default is the current directory.
    """
    from iacscan.access import NoBucketError, tables
    from iacscan.scanning import Options

    options = Options(variables=dict(variables), environment=terraform_environment(), **choices)
    try:
        found = tables(paths or (".",), bucket, options)
    except NoBucketError as error:
        raise click.UsageError(str(error)) from None
    errors = [item for item in found.diagnostics if item.level is Level.ERROR]
    for item in errors:
        click.echo(f"error: {line(item)}", err=True)
    coloured = format_ == "text" and color(sys.stdout, no_color)
    style = Style(width=width(), verbose=verbose, color=coloured, version=version())
    print_text(import_module(f"iacscan.output.{FORMATS[format_]}").render(found, style))
    sys.exit(CANNOT if errors else 0)
