"""Measure whether the verdicts from source are those from the real plan.

    python scripts/parity.py                          over everything committed in fixtures/
    python scripts/parity.py --list                   the same, with each verdict that one reading does not know
    python scripts/parity.py --generate 40 --seed 7   over random configurations, planned now by real terraform
    python scripts/parity.py --changes 20 --seed 7    over random changes of what was applied before
    python scripts/parity.py --record                 make fixtures/parity and fixtures/plans/many-changes again

Exit code 1 where two readings contradict each other or a value is wrong. The last three need `terraform` on PATH;
TF_CLI_CONFIG_FILE is honoured (a provider mirror, a plugin cache), credentials are neither needed nor used. To apply,
the last two also need `moto[server]` in this Python, as scripts/regenerate_fixtures.py does.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/parity"), str(ROOT / "scripts")]

from parity_changes import change, root  # noqa: E402
from parity_compare import Tally, table, value_differences  # noqa: E402
from parity_readings import FIXTURES, READINGS, Pair, committed, generated, pairs, read_parts  # noqa: E402
from parity_terraform import Terraform, random_cases, record, record_roots, write_files  # noqa: E402
from regenerate_fixtures import PROVIDER, Scenario, run_scenario, sandboxes  # noqa: E402

RECORDED = FIXTURES / "parity"
CHANGES = FIXTURES / "plans/many-changes"
SEED, MODULES, ROOTS, CHANGED = 20, 60, 4, 12
"""What is committed: the seed, how many cases are modules of one root, how many are roots, and how many are changes."""


def compare(title: str, groups: list[list[Pair]], values: bool, listed: bool) -> bool:
    """Print what the readings of ``groups`` say; returns whether nothing is wrong. ``values`` are compared, too."""
    tally = Tally()
    wrong: list[str] = []
    unsure: list[str] = []
    for reading in chain.from_iterable(map(read_parts, groups)):
        tally.add(reading)
        found = value_differences(reading) if values else ([], [])
        wrong += found[0]
        unsure += found[1]
    count = sum(map(len, groups))
    print(f"{title}: {count} configurations, {len(tally.contradictions())} contradictions, {len(wrong)} wrong values")
    print(table(tally, READINGS))
    for item in tally.contradictions():
        print(f"contradiction: {item}")
    for text in wrong:
        print(f"wrong value: {text}")
    for item in tally.disagreements if listed else ():
        if not item.is_contradiction:
            print(f"needless: {item}")
    for text in unsure if listed else ():
        print(f"not known from source: {text}")
    return not wrong and not tally.contradictions()


def generate(directory: Path, seed: int, modules: int, roots: int) -> None:
    """Write random configurations and their plans below ``directory``, and say which terraform refuses."""
    with tempfile.TemporaryDirectory(prefix="iacscan-parity-") as home:
        terraform = Terraform(Path(home))
        refused = record(terraform, directory / f"modules-{seed}", random_cases(seed, modules)) if modules else {}
        refused |= record_roots(terraform, directory, seed, roots)
    for made in directory.glob("*/.terraform*"):
        shutil.rmtree(made) if made.is_dir() else made.unlink()
    for name, why in refused.items():
        print(f"terraform refuses {name}: {' '.join(why.split())[:200]}")


def generate_changes(directory: Path, seed: int, count: int) -> None:
    """Write ``count`` random changes as modules of one root, what was applied ``before`` them, and their plan."""
    made = {f"c{number}": change(seed, number) for number in range(count)}
    for folder, side in ((directory / "before", 0), (directory, 1)):
        write_files(folder, root({name: texts[side] for name, texts in made.items()}, PROVIDER))
    write_files(directory, {"scenario.json": '{"before": "before"}\n'})
    with sandboxes(1) as [sandbox]:
        sandbox.clean()
        write_files(directory, run_scenario(Scenario.read(directory), sandbox))


def main() -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(description="Compare verdicts from source with those from real plans.")
    parser.add_argument("--list", action="store_true", help="show every verdict that one reading does not know")
    parser.add_argument("--generate", type=int, metavar="COUNT", help="random configurations, planned by terraform")
    parser.add_argument("--changes", type=int, metavar="COUNT", help="random changes, applied and planned by terraform")
    parser.add_argument("--roots", type=int, default=0, help="with --generate: so many more that are roots")
    parser.add_argument("--seed", type=int, default=1, help="what to generate")
    parser.add_argument("--into", type=Path, help="with --generate: keep the configurations here")
    parser.add_argument("--record", action="store_true", help="make fixtures/parity again")
    options = parser.parse_args()
    if options.record:
        shutil.rmtree(RECORDED, ignore_errors=True)
        generate(RECORDED, SEED, MODULES, ROOTS)
        shutil.rmtree(CHANGES, ignore_errors=True)
        generate_changes(CHANGES, SEED, CHANGED)
    if options.changes is not None:
        with tempfile.TemporaryDirectory() as temporary:
            directory = options.into or Path(temporary)
            generate_changes(directory, options.seed, options.changes)
            pair = Pair("changes", directory, directory / "plan.json", directory / "before")
            return 0 if compare("changes", [[pair]], values=False, listed=options.list) else 1
    if options.generate is None:
        fine = compare("fixtures", [[pair] for pair in committed()], values=False, listed=options.list)
        return 0 if compare("generated", generated(), values=True, listed=options.list) and fine else 1
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.into or Path(temporary)
        generate(directory, options.seed, options.generate, options.roots)
        groups = [pairs(path.parent) for path in sorted(directory.glob("*/plan.json"))]
        return 0 if compare("generated", groups, values=True, listed=options.list) else 1


if __name__ == "__main__":
    sys.exit(main())
