"""``iacscan scan``: judge inputs and report."""

from __future__ import annotations

import os
import posixpath
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from iacscan.cli.progress import progress
from iacscan.cli.project import effective, project_settings, stop
from iacscan.cli.scan_options import GroupedCommand, scan_options
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
from iacscan.config.settings import ConfigError, Settings
from iacscan.core import Severity
from iacscan.findings import Report
from iacscan.output import FORMATS, Style

if TYPE_CHECKING:
    from iacscan.output.access_table import Table
    from iacscan.scanning import Judged

EPILOG = """\b
Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 something could not be judged.

\b
Examples:
  iacscan scan                                    the source here
  terraform plan -out tfplan && iacscan scan tfplan && terraform apply tfplan
  iacscan scan --since origin/main -f text -f sarif=iacscan.sarif
"""

Formats: TypeAlias = tuple[tuple[str, str | None], ...]
"""Formats by name, each with the file that it goes to; None is standard output."""

SUMMARY_LIMIT = 900 << 10
"""Bytes of a step summary: GitHub takes 1 MiB from a step, and none of what is larger."""


@click.command(cls=GroupedCommand, epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(), metavar="[PATH]...")
@scan_options
def scan(paths: tuple[str, ...], **flags: Any) -> None:
    """Judge Terraform source, plans and states: directories, JSON files, binary plans, or - for standard input.

    PATH is told by its content, not by its name; the default is the current directory.
    """
    wanted: Formats = flags["formats"] or (("text", None),)
    if sum(file is None for _, file in wanted) > 1:
        raise click.UsageError("only one format can go to standard output; give the others a file: -f NAME=FILE")
    if flags["print_config"]:
        _print_settings(effective(project_settings(flags["config"], paths), flags))
    elif flags["watch"]:
        _watch(paths, wanted, flags)
    else:
        code, _ = _once(paths, wanted, flags)
        sys.exit(code)


def _watch(paths: tuple[str, ...], wanted: Formats, flags: dict[str, Any]) -> None:
    from iacscan.cli.watch import watch

    if "-" in paths:
        raise click.UsageError("--watch needs files: standard input is read once")
    own = [file for _, file in wanted if file is not None]
    watch(paths or (".",), lambda: _once(paths, wanted, flags)[1], own)


def _once(paths: tuple[str, ...], wanted: Formats, flags: dict[str, Any]) -> tuple[int, set[str]]:
    """Judge, report, and give the exit code and the files and directories that were read beside ``paths``."""
    from iacscan import scanning

    settings = effective(project_settings(flags["config"], paths), flags)
    try:
        options = _options(settings, flags)
        with progress("judging"):
            judged = scanning.judge(paths or (".",), options)
            report = scanning.report(judged, options)
    except scanning.UsageError as error:
        raise click.UsageError(str(error)) from None
    except ConfigError as error:
        stop(error.problems)
    for diagnostic in report.errors:
        click.echo(f"error: {line(diagnostic)}", err=True)
    written = _show(report, wanted, flags, _reach(paths, wanted, options))
    if flags["write_baseline"]:
        written = _write_baseline(flags["write_baseline"], judged, report) and written
        return 0 if written else CANNOT, set()
    if not written:
        return CANNOT, set()
    fail_on = settings.fail_on or "medium"
    threshold = None if fail_on == "never" else Severity.parse(fail_on)
    return report.exit_code(threshold, bool(settings.fail_on_unknown)), _read(settings, flags, judged)


def _read(settings: Settings, flags: dict[str, Any], judged: Judged) -> set[str]:
    """What a scan reads beside its paths: settings, rules, variables, and modules that stand elsewhere."""
    named = {settings.path, flags["source"], *settings.policies, *flags["var_files"]} - {"", None, "none"}
    places = (place for finding in judged.findings for place in (finding.location, *finding.related) if place)
    return named | {posixpath.dirname(place.path) or "." for place in places}


def _options(settings: Settings, flags: dict[str, Any]) -> Any:
    from iacscan.scanning import Options

    same = ("introduced", "since", "baseline", "all_results", "source", "var_files", "workspace")
    return Options(
        select=settings.select,
        ignore=settings.ignore,
        enable=settings.enable,
        profile=settings.profile,
        policies=tuple(map(Path, settings.policies)),
        variables=dict(flags["variables"]),
        environment=terraform_environment(),
        suppress=not flags["no_suppressions"],
        show_suppressed=flags["show_suppressed"] or flags["sarif_suppressed"],
        settings=settings,
        **{name: flags[name] for name in same},
    )


def _print_settings(settings: Settings) -> None:
    from iacscan.config.printing import render

    where = (
        f"from {settings.path} and the command line" if settings.path else "from the command line: no file was found"
    )
    print_text(f"# in force, {where}\n{render(settings)}")


def _reach(paths: tuple[str, ...], wanted: Formats, options: Any) -> tuple[Table, ...]:
    """Who can do what, for the one format that shows it; standard input cannot be read twice."""
    if "html" not in {name for name, _ in wanted} or "-" in paths:
        return ()
    from iacscan.access import tables

    return tables(paths or (".",), None, options).tables


def _show(report: Report, wanted: Formats, flags: dict[str, Any], reach: tuple[Table, ...]) -> bool:
    """Write every format that is asked for, and the summary of a GitHub Actions step where there is one.

    Whether all that was asked for could be written: one that could not hides no other.
    """
    style = Style(
        width=width(),
        verbose=flags["verbose"],
        quiet=flags["quiet"],
        workspace=workspace(),
        version=version(),
        read_lines=read_lines,
        category=flags["sarif_category"],
        include_suppressed=flags["sarif_suppressed"],
        limit=flags["markdown_limit"],
        reach=reach,
    )
    written = [_write(name, file, report, style, flags["no_color"]) for name, file in wanted]
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and {"github", "markdown"} & {name for name, _ in wanted}:
        text = FORMATS["markdown"](report, replace(style, limit=SUMMARY_LIMIT))
        _write_file(summary, text, append=True)
    return all(written)


def _write(name: str, file: str | None, report: Report, style: Style, no_color: bool) -> bool:
    if file is not None:
        written = _write_file(file, FORMATS[name](report, style))
        if written:
            click.echo(f"{report.summary.line} (written to {file})", err=True)
        return written
    if name == "text":
        # Errors stand on standard error already. A redirected report says what was not judged in its notes, which a
        # quiet one has not; on a terminal both streams are read together.
        said = not style.quiet or (sys.stdout.isatty() and sys.stderr.isatty())
        style = replace(style, color=color(sys.stdout, no_color), errors_said=said)
    print_text(FORMATS[name](report, style))
    return True


def _write_file(file: str | Path, text: str, append: bool = False) -> bool:
    try:
        with Path(file).open("a" if append else "w", encoding="utf-8", newline="\n") as target:
            target.write(text)
    except OSError as error:
        click.echo(f"error: {file}: cannot be written: {error.strerror}; choose another file", err=True)
        return False
    return True


def _write_baseline(path: Path, judged: Any, report: Report) -> bool:
    """List what there is now in ``path``; not where something could not be judged, whose findings would be lost."""
    from iacscan.triage import baseline, known, newness

    if report.errors:
        click.echo(f"error: {path.as_posix()}: not written, because not everything could be judged", err=True)
        return False
    found = known.entries(judged.findings, newness.roots_beside(path, judged.sources))
    written = _write_file(path, baseline.render(found))
    if written:
        click.echo(f"{len(found)} finding{'' if len(found) == 1 else 's'} written to {path.as_posix()}", err=True)
    return written
