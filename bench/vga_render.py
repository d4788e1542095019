"""How long the VGA takes to draw: unchanged pictures, single changes, everything.

Run from the top of the tree: ``python -m bench.vga_render``. Prints milliseconds (median) next to
the budget and ends with code 1 when one is exceeded by half. It is processor time of the thread
that draws, so that what else the machine does counts little.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from tests.engine.devices.vga_modes import (
    Guest,
    TEXT_80x25,
    VGA_320x200x256,
    VGA_640x480x16,
    vga_bench,
)

if TYPE_CHECKING:
    from collections.abc import Callable

LFB = 0xE0000000
ROUNDS = 40
# Milliseconds: nothing changed, one place changed, all changed.
BUDGETS = {
    "text 80x25": (0.5, 0.5, 3.0),
    "VBE 1024x768x32": (1.0, 1.0, 6.0),
    "VBE 1024x768x16": (1.0, 1.0, 6.0),
    "VBE 1024x768x8": (1.0, 1.0, 6.0),
    "VBE 1920x1200x32": (3.0, 3.0, 18.0),
    "VGA 640x480x4": (1.0, 1.0, 6.0),
    "VGA 320x200x8": (1.0, 1.0, 6.0),
}


def measure(prepare: Callable[[int], None], update: Callable[[], object]) -> float:
    """Return the median milliseconds of an update after a preparation."""
    times = []
    for n in range(ROUNDS):
        prepare(n)
        start = time.thread_time()
        update()
        times.append(time.thread_time() - start)
    return 1000 * statistics.median(times)


def set_mode(guest: Guest, name: str) -> None:
    """Set the mode that a picture describes itself with."""
    kind, geometry = name.split()
    if kind == "VBE":
        guest.set_vbe(*(int(part) for part in geometry.split("x")))
    else:
        modes = {"text": TEXT_80x25, "VGA": VGA_640x480x16}
        guest.set_mode(VGA_320x200x256 if geometry == "320x200x8" else modes[kind])
        guest.settle()


def cases(name: str) -> tuple[float, float, float]:
    """Measure one mode."""
    guest = Guest(vga_bench(vram_mib=16))
    guest.map_bars(LFB)
    guest.bench.outb(0x3C2, 0x67)
    set_mode(guest, name)
    video = guest.vga.video
    random = np.random.default_rng(1)
    contents = random.integers(0, 256, (2, video.bytes.size), dtype=np.uint8)
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.mode == name, surface.mode

    def nothing(_: int) -> None:
        pass

    def one(n: int) -> None:
        video.bytes[4000] = video.flat.view[4000] = n

    def everything(n: int) -> None:
        video.bytes[:] = contents[n % 2]
        video.flat.array[:] = contents[n % 2, : video.flat.size]

    return (
        measure(nothing, surface.update),
        measure(one, surface.update),
        measure(everything, surface.update),
    )


def main() -> int:
    """Print the table; tell whether a budget is exceeded by half."""
    print(f"{'mode':18}{'unchanged':>20}{'one change':>20}{'everything':>20}   ms (budget)")
    late = False
    for name, budgets in BUDGETS.items():
        results = cases(name)
        columns = "".join(
            f"{f'{result:.2f} ({budget:.1f})':>20}"
            for result, budget in zip(results, budgets, strict=True)
        )
        print(f"{name:18}{columns}")
        late |= any(result > 1.5 * budget for result, budget in zip(results, budgets, strict=True))
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
