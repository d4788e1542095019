"""Stopping the CPU without damage (U6, U7, U19).

Libunicorn checks for a stop request after every load and store and then restarts the instruction
although its access is done: read-modify-write instructions and device accesses happen twice. With
``no_exit_request`` set before the first translation the check stays only at the start of each
block (U7).

That is not enough: ``uc_emu_stop`` sets ``stop_request``, and while it is set the library leaves
its list of instruction hooks before it comes to the second one. A request from another thread that
falls into that moment makes SYSCALL, IN or OUT do nothing (U19; one in some thousand system calls
of a Linux guest was lost). So the engine ends a run as an invalid access would: it stores an error
code of its own into the library's ``invalid_error`` and makes the CPU leave its block.

Where those fields cannot be found and proven, two block hooks stop the CPU at some 5 ns a block;
they call ``uc_emu_stop`` on the CPU's own thread, between two instructions.
"""

from __future__ import annotations

import ctypes as c
import logging
import struct
import threading
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from unicorn.unicorn_const import UC_HOOK_BLOCK
from unicorn.x86_const import UC_X86_REG_RCX

from engine.em.unicorn.binding import BLOCK_CB
from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.layout import Layout

log = logging.getLogger("engine.em")

# Not a code of the library (those are small); returned by uc_emu_start after a stop.
STOPPED_BY_US = 0x53544F50
ATTEMPTS = 50  # of the self-test, before a stopper counts as one that does not stop


class Stopper(Protocol):
    """A way to stop the CPU at the next block boundary."""

    def stop(self) -> None:
        """Ask for a stop; any thread."""

    def rearm(self) -> None:
        """Forget earlier requests; before each run."""

    def held_back(self) -> AbstractContextManager[None]:
        """Keep requests out of the library while its memory map changes; none is lost."""


class ExitFlagStopper:
    """Ends runs with an error code of our own; checks after loads and stores are off (U7, U19)."""

    def __init__(self, uc: Unicorn, layout: Layout) -> None:
        c.c_uint8.from_address(layout.no_exit_request).value = 1
        self._invalid_error = c.c_uint32.from_address(layout.invalid_error)
        self._cpu = c.c_void_p(layout.cpu)
        self._cpu_exit = uc.lib.cpu_exit
        self._cpu_exit.restype = None
        self._lock = threading.RLock()

    @staticmethod
    def possible(uc: Unicorn, layout: Layout) -> bool:
        """Tell whether this build of the library has what it takes."""
        return bool(layout.no_exit_request) and hasattr(uc.lib, "cpu_exit")

    def stop(self) -> None:
        """Ask for a stop."""
        with self._lock:
            self._invalid_error.value = STOPPED_BY_US
            self._cpu_exit(self._cpu)

    def rearm(self) -> None:
        """Nothing to do: a run starts without a request."""

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Take the error code away for a moment: with one set, the library maps nothing."""
        with self._lock:
            before, self._invalid_error.value = self._invalid_error.value, 0
            try:
                yield
            finally:
                if not self._invalid_error.value:  # unless asked anew in a callback
                    self._invalid_error.value = before


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

    def held_back(self) -> AbstractContextManager[None]:
        """Nothing to do: a request waits in the hook's cell."""
        return nullcontext()


def self_test(uc: Unicorn, stopper: Stopper, scratch: Any) -> bool:
    """Prove a stopper: count in memory under some 100 stops, 10 ms long.

    On a busy host no stop may fall into that time; then it is done again.

    Args:
        uc: an engine with ``scratch`` mapped read-write-execute at 0.
        stopper: the way to stop.
        scratch: a writable buffer of at least 12 KiB.
    """
    for _ in range(ATTEMPTS):
        right, stops = _count_under_stops(uc, stopper, scratch)
        if stops or not right:
            return right
    return False


def _count_under_stops(uc: Unicorn, stopper: Stopper, scratch: Any) -> tuple[bool, int]:
    """Return whether the counter is right in the end, and how often it was stopped."""
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
    address, stops = 0x1100, -1
    try:
        for _ in range(100_000):
            stopper.rearm()
            uc.emu_start(uc.handle, address, 0, 0, 0)
            stops += 1
            address = _instruction_pointer(uc)
            if address == 0x1100 + len(code):
                break
    finally:
        finished.set()
        thread.join()
    (count,) = struct.unpack("<I", bytes(scratch[0x2000:0x2004]))
    return bool(count == rounds), stops


def _instruction_pointer(uc: Unicorn) -> int:
    from unicorn.x86_const import UC_X86_REG_RIP

    return uc.register(UC_X86_REG_RIP)


def choose_stopper(uc: Unicorn, layout: Layout, scratch: Any) -> Stopper:
    """Return a stopper that has passed its self-test, the fast one first.

    Raises:
        ExecutionEngineError: neither works with this build of the library.
    """
    if ExitFlagStopper.possible(uc, layout):
        fast = ExitFlagStopper(uc, layout)
        if self_test(uc, fast, scratch):
            return fast
        c.c_uint8.from_address(layout.no_exit_request).value = 0
    log.warning("this libunicorn has no safe way to end a run; using block hooks (slower)")
    slow = BlockStopper(uc)
    uc.flush_translations()
    if self_test(uc, slow, scratch):
        return slow
    raise ExecutionEngineError(
        "This build of libunicorn cannot be stopped without repeating instructions; "
        "the engine does not start, because it would damage the guest."
    )
