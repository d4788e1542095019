"""Stopping the CPU without damage (U6, U7).

Libunicorn checks for a stop request after every load and store and then restarts the instruction
although its access is done: read-modify-write instructions and device accesses happen twice. With
``no_exit_request`` set before the first translation the check stays only at the start of each
block, and ``uc_emu_stop`` is safe from any thread and any callback. Where that field cannot be
found and proven, two block hooks do the same at some 5 ns a block.
"""

from __future__ import annotations

import ctypes as c
import logging
import struct
import threading
from typing import TYPE_CHECKING, Any, Protocol

from unicorn.unicorn_const import UC_HOOK_BLOCK
from unicorn.x86_const import UC_X86_REG_RCX

from engine.em.unicorn.binding import BLOCK_CB
from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.layout import Layout

log = logging.getLogger("engine.em")


class Stopper(Protocol):
    """A way to stop the CPU at the next block boundary."""

    def stop(self) -> None:
        """Ask for a stop; any thread."""

    def rearm(self) -> None:
        """Forget earlier requests; before each run."""


class ExitFlagStopper:
    """``uc_emu_stop`` with the checks after loads and stores switched off (U7)."""

    def __init__(self, uc: Unicorn, layout: Layout) -> None:
        c.c_uint8.from_address(layout.no_exit_request).value = 1
        self._emu_stop = uc.emu_stop
        self._handle = uc.handle

    def stop(self) -> None:
        """Ask for a stop."""
        self._emu_stop(self._handle)

    def rearm(self) -> None:
        """Nothing to do: a run starts without a request."""


class BlockStopper:
    """Two block hooks, the second of which is pointed at ``uc_emu_stop`` to stop.

    Two, because the callback of a single hook is baked into translated code.
    """

    def __init__(self, uc: Unicorn) -> None:
        def stop_now(_uc: int, _address: int, _size: int, _data: int) -> None:
            uc.emu_stop(uc.handle)
            self._cell.value = self._idle

        self._callback = BLOCK_CB(stop_now)
        self._stop = c.cast(self._callback, c.c_void_p).value or 0
        self._idle = uc.harmless_callback
        uc.add_hook(UC_HOOK_BLOCK, self._idle)
        record = uc.add_hook(UC_HOOK_BLOCK, self._idle)
        words = struct.unpack("<10Q", c.string_at(record, 80))
        if words.count(self._idle) != 1:
            raise ExecutionEngineError(
                "The callback of a block hook was not found in its record; this build of "
                "libunicorn cannot be stopped safely."
            )
        self._cell = c.c_uint64.from_address(record + 8 * words.index(self._idle))

    def stop(self) -> None:
        """Ask for a stop."""
        self._cell.value = self._stop

    def rearm(self) -> None:
        """Take a request back that came while the CPU did not run."""
        self._cell.value = self._idle


def self_test(uc: Unicorn, stopper: Stopper, scratch: Any) -> bool:
    """Prove a stopper: count in memory under some 100 stops, 10 ms long.

    Args:
        uc: an engine with ``scratch`` mapped read-write-execute at 0.
        stopper: the way to stop.
        scratch: a writable buffer of at least 12 KiB.
    """
    rounds = 300_000
    # inc dword [0x2000]; dec ecx; jnz back; hlt
    code = bytes.fromhex("ff042500200000 ffc9 75f5 f4".replace(" ", ""))
    scratch[0x1100 : 0x1100 + len(code)] = code
    scratch[0x2000:0x2004] = bytes(4)
    uc.set_register(UC_X86_REG_RCX, rounds)
    finished = threading.Event()

    def disturb() -> None:
        while not finished.wait(0.0001):
            stopper.stop()

    thread = threading.Thread(target=disturb, name="stop self-test")
    thread.start()
    address = 0x1100
    try:
        for _ in range(100_000):
            stopper.rearm()
            uc.emu_start(uc.handle, address, 0, 0, 0)
            address = _instruction_pointer(uc)
            if address == 0x1100 + len(code):
                break
    finally:
        finished.set()
        thread.join()
    (count,) = struct.unpack("<I", bytes(scratch[0x2000:0x2004]))
    return bool(count == rounds)


def _instruction_pointer(uc: Unicorn) -> int:
    from unicorn.x86_const import UC_X86_REG_RIP

    return uc.register(UC_X86_REG_RIP)


def choose_stopper(uc: Unicorn, layout: Layout, scratch: Any) -> Stopper:
    """Return a stopper that has passed its self-test, the fast one first.

    Raises:
        ExecutionEngineError: neither works with this build of the library.
    """
    if layout.no_exit_request:
        fast = ExitFlagStopper(uc, layout)
        if self_test(uc, fast, scratch):
            return fast
        c.c_uint8.from_address(layout.no_exit_request).value = 0
    log.warning("uc_struct.no_exit_request was not found; stops are made by block hooks (slower)")
    slow = BlockStopper(uc)
    uc.flush_translations()
    if self_test(uc, slow, scratch):
        return slow
    raise ExecutionEngineError(
        "This build of libunicorn cannot be stopped without repeating instructions; "
        "the engine does not start, because it would damage the guest."
    )
