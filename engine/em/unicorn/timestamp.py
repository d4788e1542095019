"""The guest's time-stamp counter: the host's, from 0 at power-on, standing still in a pause.

RDTSC is executed by translated code; its offset is a field of the CPU state. It lies 16 bytes
behind ``old_exception`` (``vm_vmcb`` is between them), and is used only when proven. Without it
the guest sees the host's counter, which goes on while the machine is paused.
"""

from __future__ import annotations

import ctypes as c
import functools
import logging
import time
from typing import TYPE_CHECKING

from unicorn.x86_const import UC_X86_REG_RAX, UC_X86_REG_RDX

if TYPE_CHECKING:
    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.layout import Layout

log = logging.getLogger("engine.em")

OLD_EXCEPTION_TO_TSC_OFFSET = 16
PROBE = 1 << 50  # far more than two readings in a row can differ by
RDTSC_AT = 0x1060  # where the engine used for calibration has ``rdtsc; hlt``
MASK64 = 0xFFFF_FFFF_FFFF_FFFF


def find_tsc_offset(uc: Unicorn, old_exception: int) -> int:
    """Return the address of ``tsc_offset``, or 0 when the field there is another one."""

    def read() -> int:
        uc.emu_start(uc.handle, RDTSC_AT, 0, 0, 0)
        high, low = uc.register(UC_X86_REG_RDX), uc.register(UC_X86_REG_RAX)
        return (high & 0xFFFFFFFF) << 32 | low & 0xFFFFFFFF

    field = c.c_uint64.from_address(old_exception + OLD_EXCEPTION_TO_TSC_OFFSET)
    if field.value:
        return 0
    before = read()
    field.value = PROBE
    moved = (read() - before) & MASK64
    field.value = 0
    return old_exception + OLD_EXCEPTION_TO_TSC_OFFSET if PROBE <= moved < 2 * PROBE else 0


@functools.cache
def _rate_khz(library: str) -> int:
    """Return the rate of the library's counter in kHz; takes 10 ms, once in a process."""
    ticks = c.CDLL(library).cpu_get_ticks_x86_64
    ticks.restype = c.c_uint64
    begun, first = time.perf_counter_ns(), ticks()
    time.sleep(0.01)
    ended, last = time.perf_counter_ns(), ticks()
    return int(last - first) * 1_000_000 // (ended - begun)


class TimeStampCounter:
    """Holds the counter while the machine is paused. EMT only."""

    def __init__(self, uc: Unicorn, layout: Layout) -> None:
        self._offset: c.c_uint64 | None = None
        self._stopped_at: int | None = None
        ticks = getattr(uc.lib, "cpu_get_ticks_x86_64", None)
        if not layout.tsc_offset or ticks is None:
            log.info("the time-stamp counter cannot be held in a pause with this libunicorn")
            return
        ticks.restype = c.c_uint64
        self._library = uc.lib._name
        self._ticks = ticks
        self._offset = c.c_uint64.from_address(layout.tsc_offset)

    def rate_khz(self) -> int:
        """Return the counter's rate in kHz; 0 when it is not known."""
        return 0 if self._offset is None else _rate_khz(self._library)

    def reset(self) -> None:
        """Start from 0."""
        if self._offset is not None:
            now = int(self._ticks())
            self._offset.value = -now & MASK64
            if self._stopped_at is not None:
                self._stopped_at = now

    def stop(self) -> None:
        """Hold the counter."""
        if self._offset is not None and self._stopped_at is None:
            self._stopped_at = int(self._ticks())

    def start(self) -> None:
        """Let the counter go on from where it stands."""
        if self._offset is not None and self._stopped_at is not None:
            paused = int(self._ticks()) - self._stopped_at
            self._offset.value = (self._offset.value - paused) & MASK64
            self._stopped_at = None

    def value(self) -> int:
        """Return what RDTSC gives now; 0 when the counter cannot be held."""
        if self._offset is None:
            return 0
        ticks = int(self._ticks()) if self._stopped_at is None else self._stopped_at
        return (ticks + self._offset.value) & MASK64

    def set(self, value: int) -> None:
        """Let RDTSC give ``value`` now, and go on from there."""
        if self._offset is not None:
            ticks = int(self._ticks()) if self._stopped_at is None else self._stopped_at
            self._offset.value = (value - ticks) & MASK64
