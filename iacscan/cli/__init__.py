"""The command line: the only part that prints, reads the environment or chooses an exit code.

Each command is a module, imported when it is asked for. A new command is one line in ``COMMANDS``.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

from iacscan.cli.terminal import CANNOT, version

COMMANDS = {
    "scan": "iacscan.cli.scan:scan",
    "rules": "iacscan.cli.rules:list_rules",
    "explain": "iacscan.cli.rules:explain",
    "init": "iacscan.cli.init:init",
    "test": "iacscan.cli.test:test",
    "completion": "iacscan.cli.completion:completion",
    "access": "iacscan.cli.access:access",
    "simulate": "iacscan.cli.simulate:simulate",
}

STOPPED = 130
"""The exit code that shells give a program that Ctrl-C ends."""

DEBUG = "IACSCAN_DEBUG"
"""The environment variable that asks for a traceback."""


class _Commands(click.Group):
    """A group whose commands are imported on use: ``--version`` and ``rules`` pay for nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command called ``cmd_name``, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        return cast(click.Command, getattr(import_module(module), name))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. One that Ctrl-C stops, or a fault of ours, has found nothing: its exit code says so."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            sys.exit(STOPPED)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if os.environ.get(DEBUG):
                raise
            click.echo(f"error: a fault of iacscan, {_place(error)}; {DEBUG}=1 shows where it came from", err=True)
            sys.exit(CANNOT)


def _place(error: Exception) -> str:
    """What was raised and where, on one line."""
    import traceback

    *_, last = traceback.extract_tb(error.__traceback__)
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{said[:500]} ({Path(last.filename).name}:{last.lineno})"


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="iacscan")
def main() -> None:
    """Tell, before apply, which S3 buckets a Terraform change leaves open, unencrypted, unversioned or unlogged."""
