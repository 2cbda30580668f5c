"""How the cost of a scan grows with the plan, beside reading the same file with ``json.load``.

    python benchmarks/run.py [BUCKETS]...        default: 10 1000 10000

Each line is a fresh process: wall seconds, CPU seconds and the greatest memory, best of three runs (one for
the largest).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from plans import plan

LOAD = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"


def measure(command: list[str], runs: int) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak megabytes of the quickest of ``runs`` runs."""
    best: tuple[float, float, float] | None = None
    for _ in range(runs):
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"failed: {' '.join(command)}")
        result = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        best = min(best, result) if best else result
    assert best is not None
    return best


def main(sizes: list[int]) -> None:
    """Print the table for plans of ``sizes`` buckets."""
    print(f"{'buckets':>8} {'plan':>9}   {'what':<10} {'wall':>8} {'CPU':>8} {'memory':>9}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plan.json"
            with path.open("w", encoding="utf-8") as file:
                json.dump(plan(size), file)
            megabytes = path.stat().st_size / 1e6
            runs = 3 if size < 5000 else 1
            for what, command in (
                ("json.load", [sys.executable, "-c", LOAD, str(path)]),
                ("iacscan", [sys.executable, "-m", "iacscan", "scan", "-f", "json", str(path)]),
            ):
                wall, cpu, memory = measure(command, runs)
                print(f"{size:>8} {megabytes:>6.1f} MB   {what:<10} {wall:>6.2f} s {cpu:>6.2f} s {memory:>6.0f} MB")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10, 1000, 10000])
