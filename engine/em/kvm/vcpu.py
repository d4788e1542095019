"""One virtual CPU of KVM: its file, the page that it shares with the kernel, entering the guest."""

from __future__ import annotations

import ctypes as c
import errno
import mmap
import os
import signal
import struct
import threading
from typing import Final

from engine.em.kvm import api, refusals
from engine.errors import ExecutionEngineError

# The kernel has to be left by a signal; this one belongs to nobody.
KICK_SIGNAL: Final = signal.SIGRTMIN + 6
KICKED: Final = -1
"""What :meth:`Vcpu.enter` returns when it was asked to come back."""
_EXIT_REASON = struct.Struct("<I")


def install_kick_handler() -> None:
    """Let the signal do nothing but end system calls, in whatever thread.

    Python would run a handler of its own in the main thread only, and would have to be there to
    install it. ``abs`` of the C library is a function that takes an int and does no harm.
    """
    libc = c.CDLL(None)
    libc.signal.argtypes = (c.c_int, c.c_void_p)
    libc.signal.restype = c.c_void_p
    libc.signal(KICK_SIGNAL, c.cast(libc.abs, c.c_void_p))


class Vcpu:
    """A virtual CPU.

    Args:
        kvm: file of the device. vm: file of the machine. number: 0 for the one that boots.

    Attributes:
        file: for the kernel's requests. run: the shared page.

    Raises:
        OSError: the kernel refused.
    """

    def __init__(self, kvm: int, vm: int, number: int) -> None:
        self.number = number
        self.file = api.ioctl(vm, api.CREATE_VCPU, number)
        try:
            self._map = mmap.mmap(self.file, api.ioctl(kvm, api.GET_VCPU_MMAP_SIZE))
        except OSError:
            os.close(self.file)
            raise
        self.run = memoryview(self._map)
        self._thread = 0
        self._running = False
        self._closed = False
        self._kicking = threading.Lock()

    def enter(self) -> int:
        """Execute guest code; return the reason of the exit, or :data:`KICKED`.

        Raises:
            ExecutionEngineError: the kernel cannot run it.
        """
        with self._kicking:
            self._thread = threading.get_ident()
            self._running = True
        try:
            if api._ioctl(self.file, api.RUN, None) < 0:
                number = c.get_errno()
                if number not in (errno.EINTR, errno.EAGAIN):
                    raise ExecutionEngineError(refusals.cannot_run(number))
                self.run[api.RUN_IMMEDIATE_EXIT] = 0
                return KICKED
        finally:
            with self._kicking:
                self._running = False
        return int(_EXIT_REASON.unpack_from(self.run, api.RUN_EXIT_REASON)[0])

    def kick(self) -> None:
        """Make :meth:`enter` return soon, also when it has not begun. Any thread."""
        if self._closed:
            return
        self.run[api.RUN_IMMEDIATE_EXIT] = 1
        if threading.get_ident() == self._thread:
            return  # the kernel looks at it before it enters the guest
        with self._kicking:  # a thread that has ended must not get a signal
            if self._running:
                signal.pthread_kill(self._thread, KICK_SIGNAL)

    def mp_state(self) -> int:
        """Return what the CPU waits for: one of the ``MP_`` constants."""
        record = c.c_uint32()
        api.ioctl(self.file, api.GET_MP_STATE, c.byref(record))
        return record.value

    def set_mp_state(self, value: int) -> None:
        """Let the CPU run, wait in HLT, or wait for a start-up message."""
        api.ioctl(self.file, api.SET_MP_STATE, c.byref(c.c_uint32(value)))

    def close(self) -> None:
        """Give the CPU back to the kernel; nobody may kick it any more."""
        with self._kicking:
            self._closed = True
        self.run.release()
        self._map.close()
        os.close(self.file)
