"""A command line with the service running, beside a Python that does nothing.

Scripts call ``vitrine-manage`` hundreds of times. What a call imports is tested by
``tests/app/cli/test_startup.py``; this is the time that it takes from outside.
"""

from __future__ import annotations

import subprocess
import sys
import time

from bench.desktop import installation
from bench.report import Report, alternate, rounds, run

TARGET_MS = 80.0
MACHINES = 3


def _milliseconds(*words: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - started)


def measure(report: Report) -> None:
    """Measure ``list vms`` and its shortest relative, each beside a bare Python."""
    from app.api import connect
    from app.settings.paths import default_machine_folder

    with installation(), connect(client_name="bench") as client:
        for number in range(MACHINES):
            client.virtualbox.create_machine(f"m{number}", "Other", default_machine_folder())
        for words in (("list", "vms"), ("--version",)):
            _milliseconds("-m", "app.cli", *words)
            pairs = alternate(
                rounds(20),
                lambda words=words: _milliseconds("-m", "app.cli", *words),
                lambda: _milliseconds("-c", "pass"),
            )
            bare = sorted(other for _, other in pairs)[len(pairs) // 2]
            report.add(
                f"vitrine-manage {' '.join(words)}",
                [ours for ours, _ in pairs],
                "ms",
                target=TARGET_MS,
                detail=f"bare Python {bare:.1f} ms, {len(pairs)} pairs",
            )


def main() -> int:
    """Print the times."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
