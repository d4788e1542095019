"""Runs the benchmarks: ``python -m bench`` all of them, ``python -m bench NAME...`` some.

A benchmark is a module of this folder with a function ``main``; it prints what it measures and ends
with code 1 when a budget is exceeded. Each gets a process of its own, so that none slows the next.
``VITRINE_BENCH_ROUNDS`` sets the number of pairs. What they have in common is in ``bench.report``;
docs/performance.md explains the numbers.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.report import SUMMARY_VARIABLE, Result, machine_line

FOLDER = Path(__file__).parent


def benchmarks() -> list[str]:
    """Return the names of the modules that can be run."""
    found = []
    for path in sorted(FOLDER.glob("[!_]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found.append(path.stem)
    return found


def main(names: list[str]) -> int:
    """Run benchmarks one after the other; return 1 when one of them has failed."""
    known = benchmarks()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"bench: there is no {unknown[0]}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    print(machine_line(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "results"
        summary.touch()
        failed = [name for name in names or known if not _run(name, summary)]
        _print_summary(summary)
    print(machine_line())
    if failed:
        print(f"bench: over budget or failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, summary: Path) -> bool:
    print(f"== {name}", flush=True)
    environment = {**os.environ, SUMMARY_VARIABLE: str(summary)}
    command = [sys.executable, "-m", f"bench.{name}"]
    return not subprocess.run(command, cwd=FOLDER.parent, env=environment, check=False).returncode


def _print_summary(summary: Path) -> None:
    """Print the table of all results: median, noise, target."""
    rows = summary.read_text(encoding="utf-8").splitlines()
    if rows:
        print("== summary: median, half of the range, target")
    for row in rows:
        print(Result(**json.loads(row)).line())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
