"""The command line: the only part that prints, reads the environment or chooses an exit code.

Each command is a module, imported when it is asked for. A new command is one line in ``COMMANDS``.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

from iacscan.cli.terminal import version

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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="iacscan")
def main() -> None:
    """Tell, before apply, which S3 buckets a Terraform change leaves open, unencrypted, unversioned or unlogged."""
