"""The options of ``iacscan scan``, in the groups in which the help shows them."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from iacscan.cli.reading import AssignmentType
from iacscan.config.settings import THRESHOLDS
from iacscan.output import FORMATS

_Command = TypeVar("_Command", bound=Callable[..., Any])


class FormatType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
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

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """The formats that begin so."""
        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


class RuleType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
    """A rule's id, or a glob."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The text as it is: what it fits is known when the rules are loaded."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """The ids that begin so, read off the names of the rule files."""
        from iacscan.rules.loader import builtin_directory

        ids = sorted(path.stem for path in builtin_directory().rglob("*.yaml"))
        return [CompletionItem(id_) for id_ in ids if id_.startswith(incomplete)]


class ProfileType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
    """The name of a profile."""

    name = "profile"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The text as it is: which profiles there are is known when the rules are loaded."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """The shipped profiles that begin so."""
        from iacscan.rules import builtin_directory, load_profiles

        found, _ = load_profiles([builtin_directory()])
        return [
            CompletionItem(profile.id, help=profile.title) for profile in found if profile.id.startswith(incomplete)
        ]


def _file(**extra: Any) -> click.Path:
    return click.Path(dir_okay=False, path_type=Path, **extra)


INPUT = (
    click.option(
        "--source",
        type=click.Path(),
        metavar="DIR",
        help="The configuration that a plan was made from: gives file and line, and decides values that the plan does"
        " not know. [default: what a saved plan carries, else the working directory where its blocks are the plan's;"
        " none switches it off]",
    ),
    click.option("--var", "variables", multiple=True, type=AssignmentType(), help="A variable of the source."),
    click.option("--var-file", "var_files", multiple=True, type=click.Path(), metavar="FILE", help="A .tfvars file."),
    click.option(
        "--workspace",
        default="",
        metavar="NAME",
        help="terraform.workspace. [default: TF_WORKSPACE, else the selected one]",
    ),
    click.option(
        "--config",
        type=click.Path(),
        metavar="FILE",
        help="The project's settings. [default: .iacscan.yaml or [tool.iacscan] of pyproject.toml, found upward; none"
        " reads none]",
    ),
    click.option("--print-config", is_flag=True, help="Show the settings in force, and judge nothing."),
    click.option("--watch", is_flag=True, help="Judge again whenever a file of the input changes, until Ctrl-C."),
)

RULES = (
    click.option("--select", multiple=True, type=RuleType(), help="Only these rules (ids or globs)."),
    click.option("--ignore", multiple=True, type=RuleType(), help="Not these rules (ids or globs)."),
    click.option("--enable", multiple=True, type=RuleType(), help="These opt-in rules too (ids or globs)."),
    click.option(
        "--profile", type=ProfileType(), metavar="NAME", help="A named choice of rules; `iacscan rules` lists them."
    ),
    click.option(
        "--policies",
        multiple=True,
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A directory with rules of your own.",
    ),
)

GATE = (
    click.option(
        "--fail-on",
        type=click.Choice(THRESHOLDS),
        help="The lowest severity that makes the exit code 1. [default: medium]",
    ),
    click.option(
        "--fail-on-unknown", is_flag=True, help="Exit with 1 for verdicts that cannot be known before apply, too."
    ),
    click.option("--introduced", is_flag=True, help="Only what this plan makes worse is shown and counts."),
    click.option("--since", metavar="REF", help="Only what is new in the source since this git revision."),
    click.option("--baseline", type=_file(), metavar="FILE", help="Only what this file does not list."),
    click.option("--write-baseline", type=_file(), metavar="FILE", help="List what there is now in this file."),
    click.option("--no-suppressions", is_flag=True, help="Count what comments, settings and tags suppress."),
)

OUTPUT = (
    click.option(
        "-f",
        "--format",
        "formats",
        type=FormatType(),
        multiple=True,
        help=f"{', '.join(FORMATS)}; repeatable. [default: text]",
    ),
    click.option("--all-results", is_flag=True, help="Show passes and suppressed findings too."),
    click.option("--show-suppressed", is_flag=True, help="Show suppressed findings too."),
    click.option(
        "--sarif-suppressed",
        is_flag=True,
        help="Suppressed findings in SARIF too, whose readers may take them for open ones.",
    ),
    click.option(
        "--markdown-limit",
        type=click.IntRange(min=1_000),
        default=60_000,
        metavar="BYTES",
        help="The size of a markdown report. [default: 60000, what a comment on GitHub holds]",
    ),
    click.option("--sarif-category", default="", metavar="NAME", help="Tells several uploads of one commit apart."),
    click.option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
    click.option("-q", "--quiet", is_flag=True, help="One or two lines a finding."),
    click.option("-v", "--verbose", count=True, help="Say why each rule matters, and all evidence."),
)

GROUPS = {"Input": INPUT, "Rules": RULES, "What counts": GATE, "Output": OUTPUT}


def scan_options(command: _Command) -> _Command:
    """All options of ``scan``, in the order of the groups."""
    for options in reversed(GROUPS.values()):
        for option in reversed(options):
            command = option(command)
    return command


class GroupedCommand(click.Command):
    """A command whose help shows its options in the groups of :data:`GROUPS`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group with its heading, then what is in none."""
        options = (param for param in self.get_params(ctx) if isinstance(param, click.Option))
        records = {option.name: record for option in options if (record := option.get_help_record(ctx))}
        for heading, group in GROUPS.items():
            names = [_name(option) for option in group]
            with formatter.section(heading):
                formatter.write_dl([records.pop(name) for name in names])
        with formatter.section("Other"):
            formatter.write_dl(list(records.values()))


def _name(option: Callable[..., Any]) -> str:
    """The parameter that a decorator declares."""
    probe: Any = option(lambda: None)
    return str(probe.__click_params__[0].name)
