"""``iacscan test``: try rules on their examples."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from iacscan.cli.terminal import line


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("-q", "--quiet", is_flag=True, help="Only what is not as expected.")
def test(directory: Path, quiet: bool) -> None:
    """Try the rules in DIR on their examples.

    The examples of the rule in x.yaml are in x/ beside it: bad… ones fail, good… ones pass, unknown… ones are unknown,
    each a .tf file, a directory of them, or a plan in JSON. `# expect: pass` (fail, unknown, none) above a block or
    in it says otherwise for that block.

    Exit codes: 0 all is as expected; 1 something is not, or a rule has no bad or no good example; 2 something could not
    be tried.
    """
    from iacscan.rehearsal import rehearse

    found = rehearse(directory)
    for error in (*found.errors, *(item for outcome in found.outcomes for item in outcome.errors)):
        click.echo(f"error: {line(error)}", err=True)
    for outcome in found.outcomes:
        for surprise in outcome.surprises:
            click.echo(f"wrong     {outcome.rule}  {outcome.path}: {surprise}")
        if not outcome.surprises and not outcome.errors and not quiet:
            click.echo(f"ok        {outcome.rule}  {outcome.path}")
    for rule, lacking in found.untested:
        click.echo(f"untested  {rule}  has no {' and no '.join(lacking)} example")
    wrong = sum(bool(outcome.surprises) for outcome in found.outcomes)
    rules, examples = _count(len(found.rules), "rule"), _count(len(found.outcomes), "example")
    click.echo(f"{rules}, {examples}: {wrong} wrong, {_count(len(found.untested), 'rule')} untested")
    sys.exit(found.exit_code)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
