"""Pairs of measurements, their medians and noise, and the lines in which they are told."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.guest_images import GuestImages, GuestUnavailableError, guest_builder, guests_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
GUESTS = Path(__file__).parent / "guests"
SUMMARY_VARIABLE = "VITRINE_BENCH_SUMMARY"
"""Names a file to which every result is added as a line of JSON (``bench.__main__`` reads it)."""
ROUNDS_VARIABLE = "VITRINE_BENCH_ROUNDS"
"""How many pairs are measured; without it each benchmark has its own number."""


@dataclass(frozen=True, slots=True)
class Result:
    """A line of the table.

    Attributes:
        name: what was measured. value: median, with ``unit``.
        noise: half the distance between the least and the greatest value, as a share of the median.
        target: the most that is wanted, or None.
        detail: the values that it comes from, for people.
    """

    name: str
    value: float
    unit: str
    noise: float
    target: float | None
    detail: str

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        if self.target is None:
            return ""
        return "ok" if self.value <= self.target else "OVER"

    def line(self) -> str:
        """Return the line of the table."""
        target = "" if self.target is None else f"<= {self.target:g}"
        figures = f"{self.value:8.3g} {self.unit:<7} ±{100 * self.noise:3.0f} %  {target:>8}"
        return f"{self.name:44}{figures} {self.verdict:5} {self.detail}"


def spread(values: list[float]) -> float:
    """Return the noise of a series, see :class:`Result`."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


class Report:
    """Prints results as they come and remembers whether all targets were met."""

    def __init__(self) -> None:
        self.missed = False

    def add(
        self,
        name: str,
        values: list[float],
        unit: str,
        *,
        target: float | None = None,
        detail: str = "",
    ) -> None:
        """Tell the median of a series."""
        result = Result(name, statistics.median(values), unit, spread(values), target, detail)
        print(result.line(), flush=True)
        self.missed |= result.verdict == "OVER"
        summary = os.environ.get(SUMMARY_VARIABLE)
        if summary:
            with open(summary, "a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")

    def compare(
        self,
        name: str,
        pairs: list[tuple[float, float]],
        *,
        target: float | None = None,
        digits: int = 2,
    ) -> None:
        """Tell the median of the ratios of pairs (ours, the other's) in seconds."""
        ours, other = (statistics.median(column) for column in zip(*pairs, strict=True))
        self.add(
            name,
            [a / b for a, b in pairs],
            "times",
            target=target,
            detail=f"{ours:.{digits}f} s and {other:.{digits}f} s, {len(pairs)} pairs",
        )

    @property
    def code(self) -> int:
        """Exit code of the benchmark."""
        return int(self.missed)


def rounds(default: int) -> int:
    """Return how many pairs to measure."""
    return int(os.environ.get(ROUNDS_VARIABLE, default))


def alternate(count: int, ours: Callable[[], T], other: Callable[[], T]) -> list[tuple[T, T]]:
    """Measure pairs one after the other, each side first in every second pair."""
    pairs = []
    for n in range(count):
        if n % 2:
            second = other()
            pairs.append((ours(), second))
        else:
            first = ours()
            pairs.append((first, other()))
    return pairs


@contextmanager
def assembled(name: str) -> Iterator[Path]:
    """Give a floppy image with a boot program of ``bench/guests``, assembled by nasm."""
    nasm = shutil.which("nasm")
    if nasm is None:
        raise GuestUnavailableError(f"{name}: nasm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / f"{name}.img"
        subprocess.run([nasm, "-f", "bin", "-o", image, GUESTS / f"{name}.asm"], check=True)
        with image.open("r+b") as file:
            file.truncate(1440 * 1024)
        yield image


def guest_image(name: str) -> Path:
    """Return a real guest, see ``tests/guest_images.py``.

    Raises:
        GuestUnavailableError: it cannot be had here.
    """
    return GuestImages(guests_folder(), guest_builder()).path(name)


def run(measure: Callable[[Report], None]) -> int:
    """Run a benchmark; one whose guest or QEMU is missing says so and is not a failure."""
    report = Report()
    try:
        measure(report)
    except GuestUnavailableError as error:
        print(f"not measured: {error}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"not measured: {error.filename} is not installed", file=sys.stderr)
    except TimeoutError as error:
        print(f"failed: {error}", file=sys.stderr)
        return 1
    return report.code


def machine_line() -> str:
    """Describe the host, and how busy it is: whoever reads the numbers must know."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [row for row in cpuinfo.read_text().splitlines() if row.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{model}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load average {load}"
    )
