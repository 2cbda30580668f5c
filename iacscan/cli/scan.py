"""``iacscan scan``: judge inputs and report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from iacscan.cli.terminal import (
    CANNOT,
    color,
    line,
    print_text,
    read_lines,
    terraform_environment,
    version,
    width,
    workspace,
)
from iacscan.core import Severity
from iacscan.findings import Report
from iacscan.output import FORMATS, Style

EPILOG = """\b
Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 something could not be judged.

\b
Examples:
  terraform plan -out tfplan && terraform show -json tfplan > plan.json
  iacscan scan plan.json
  iacscan scan tfplan && terraform apply tfplan
"""


class _Format(click.ParamType[tuple[str, str | None]]):
    """``NAME`` or ``NAME=FILE``."""

    name = "name[=file]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str | None]:
        """The format's name, and the file to write or None for standard output."""
        name, equals, file = str(value).partition("=")
        if name not in FORMATS:
            near = get_close_matches(name, FORMATS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Choose from {', '.join(FORMATS)}."
            self.fail(f"there is no format {name!r}.{hint}", param, ctx)
        if equals and not file:
            self.fail(f"{value!r} names no file.", param, ctx)
        return name, file or None


class _Assignment(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE``."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The variable's name and its value as text."""
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not of the form NAME=VALUE.", param, ctx)
        return name, text


def _rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that choose rules, shared by the commands that take them."""
    for option in reversed(
        (
            click.option("--select", multiple=True, metavar="RULE", help="Only these rules (ids or globs)."),
            click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules (ids or globs)."),
            click.option("--enable", multiple=True, metavar="RULE", help="These opt-in rules too (ids or globs)."),
            click.option(
                "--policies",
                multiple=True,
                metavar="DIR",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                help="A directory with rules of your own.",
            ),
        )
    ):
        command = option(command)
    return command


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-f",
    "--format",
    "formats",
    type=_Format(),
    multiple=True,
    help=f"{', '.join(FORMATS)}; repeatable. [default: text]",
)
@click.option(
    "--source",
    metavar="DIR",
    help="The configuration that a plan was made from: gives file and line, and decides values that the plan does not"
    " know. [default: what a saved plan carries, else the working directory where its blocks are the plan's;"
    " none switches it off]",
)
@click.option("--var", "variables", multiple=True, type=_Assignment(), help="A variable of the source.")
@click.option("--var-file", "var_files", multiple=True, type=click.Path(), metavar="FILE", help="A .tfvars file.")
@click.option("--workspace", default="", metavar="NAME", help="terraform.workspace. [default: TF_WORKSPACE or default]")
@_rule_options
@click.option(
    "--fail-on",
    type=click.Choice(["low", "medium", "high", "critical", "never"]),
    default="medium",
    show_default=True,
    help="The lowest severity that makes the exit code 1.",
)
@click.option(
    "--fail-on-unknown", is_flag=True, help="Exit with 1 for verdicts that cannot be known before apply, too."
)
@click.option("--introduced", is_flag=True, help="Only what this plan makes worse is shown and counts.")
@click.option("--all-results", is_flag=True, help="Show passes too.")
@click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same.")
@click.option("-q", "--quiet", is_flag=True, help="One or two lines a finding.")
@click.option("-v", "--verbose", count=True, help="Say why each rule matters, and all evidence.")
def scan(
    paths: tuple[str, ...],
    formats: tuple[tuple[str, str | None], ...],
    fail_on: str,
    fail_on_unknown: bool,
    no_color: bool,
    quiet: bool,
    verbose: int,
    variables: tuple[tuple[str, str], ...],
    **choices: Any,
) -> None:
    """Judge Terraform source, plans and states: directories, JSON files, binary plans, or - for standard input.

    PATH is told by its content, not by its name; the default is the current directory.
    """
    from iacscan.scanning import Options, UsageError
    from iacscan.scanning import scan as run

    wanted = formats or (("text", None),)
    if sum(file is None for _, file in wanted) > 1:
        raise click.UsageError("only one format can go to standard output; give the others a file: -f NAME=FILE")
    try:
        options = Options(variables=dict(variables), environment=terraform_environment(), **choices)
        report = run(paths or (".",), options)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    for diagnostic in report.errors:
        click.echo(f"error: {line(diagnostic)}", err=True)
    style = Style(
        width=width(),
        verbose=verbose,
        quiet=quiet,
        workspace=workspace(),
        version=version(),
        read_lines=read_lines,
    )
    for name, file in wanted:
        _write(name, file, report, style, no_color)
    sys.exit(report.exit_code(None if fail_on == "never" else Severity.parse(fail_on), fail_on_unknown))


def _write(name: str, file: str | None, report: Report, style: Style, no_color: bool) -> None:
    if file is not None:
        try:
            Path(file).write_text(FORMATS[name](report, style), encoding="utf-8", newline="\n")
        except OSError as error:
            click.echo(f"error: {file}: cannot be written: {error.strerror}; choose another file", err=True)
            sys.exit(CANNOT)
        click.echo(f"{report.summary.line} (written to {file})", err=True)
        return
    if name == "text":
        # Errors stand on standard error already; the report still says what was not judged.
        report = replace(report, diagnostics=tuple(item for item in report.diagnostics if item not in report.errors))
        style = replace(style, color=color(sys.stdout, no_color))
    print_text(FORMATS[name](report, style))
