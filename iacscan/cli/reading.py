"""The options that say how source is read, shared by the commands that read inputs and judge no rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


class AssignmentType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
    """``NAME=VALUE``."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The variable's name and its value as text."""
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not of the form NAME=VALUE.", param, ctx)
        return name, text


def reading_options(command: _Command) -> _Command:
    """``--source``, ``--var``, ``--var-file`` and ``--workspace``, as ``iacscan scan`` has them."""
    for option in (
        click.option("--workspace", default="", metavar="NAME", help="terraform.workspace."),
        click.option("--var-file", "var_files", multiple=True, type=click.Path(), metavar="FILE", help=".tfvars file."),
        click.option("--var", "variables", multiple=True, type=AssignmentType(), help="A variable of the source."),
        click.option("--source", metavar="DIR", help="The configuration that a plan was made from; none: do not look."),
    ):
        command = option(command)
    return command
