"""A command line with the service running, beside a Python that does nothing.

Scripts call ``vitrine-manage`` hundreds of times. What a call imports is tested by
``tests/app/cli/test_startup.py``; this is the time that it takes from outside. Byte code is kept
between the calls, as it is for a program that is installed.
"""

from __future__ import annotations

import functools
import os
import resource
import statistics
import subprocess
import sys
import time

from bench.desktop import installation
from bench.report import Report, alternate, rounds, run

TARGET_MS = 80.0
MACHINES = 3


def _milliseconds(*words: str) -> tuple[float, float]:
    """Run Python with these words: milliseconds that passed, and those of processor time."""
    before = _processor_seconds()
    started = time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(
        [sys.executable, *words], env=environment, stdout=subprocess.DEVNULL, check=True
    )
    passed = time.perf_counter() - started
    return 1000 * passed, 1000 * (_processor_seconds() - before)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(report: Report) -> None:
    """Measure ``list vms`` and its shortest relative, each beside a bare Python."""
    from app.api import connect

    with installation() as folder, connect(client_name="bench") as client:
        for number in range(MACHINES):
            client.virtualbox.create_machine(f"m{number}", "Other", str(folder / "machines"))
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        for words in (("list", "vms"), ("--version",)):
            _milliseconds("-m", "app.cli", *words)
            pairs = alternate(
                rounds(20),
                functools.partial(_milliseconds, "-m", "app.cli", *words),
                functools.partial(_milliseconds, "-c", "pass"),
            )
            bare = statistics.median(passed for _, (passed, _) in pairs)
            used = statistics.median(used for (_, used), _ in pairs)
            report.add(
                f"vitrine-manage {' '.join(words)}",
                [passed for (passed, _), _ in pairs],
                "ms",
                target=TARGET_MS,
                detail=f"{used:.0f} ms of processor time; bare Python {bare:.1f} ms",
            )


def main() -> int:
    """Print the times."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
