"""``iacscan completion``: the script that a shell loads to complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from iacscan.cli.terminal import print_text

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script for SHELL.

    \b
    bash:  iacscan completion bash > ~/.local/share/bash-completion/completions/iacscan
    zsh:   iacscan completion zsh > "${fpath[1]}/_iacscan"
    fish:  iacscan completion fish > ~/.config/fish/completions/iacscan.fish
    """
    from iacscan.cli import main

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    print_text(found(main, {}, "iacscan", "_IACSCAN_COMPLETE").source())
