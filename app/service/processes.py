"""Processes of the host: which one is meant, whether it lives, and waiting for its end.

A process number alone is not an identity: it is given to another process sooner or later. With
the time of its start it is. On Linux that time is field 22 of ``/proc/PID/stat`` (``proc(5)``), in
clock ticks since boot; elsewhere ``ps`` or the Windows API tell it.
"""

from __future__ import annotations

import functools
import os
import select
import subprocess
import sys
import threading
from typing import Final

import msgspec

_POLL_SECONDS: Final = 0.25


class ProcessIdentity(msgspec.Struct, frozen=True):
    """A process for good: its number and when it was started (in a unit of the host's own)."""

    pid: int
    start_time: str


def identify(pid: int) -> ProcessIdentity | None:
    """Identity of the live process ``pid``; None when there is none (zombies do not live)."""
    start_time = _start_time(pid)
    return None if start_time is None else ProcessIdentity(pid, start_time)


def is_alive(process: ProcessIdentity) -> bool:
    """Whether exactly this process lives."""
    return identify(process.pid) == process


def wait_for_exit(process: ProcessIdentity, stop: threading.Event) -> bool:
    """Wait until ``process`` has ended; returns False when ``stop`` was set before.

    ``stop`` is noticed within a second.
    """
    try:
        pidfd = os.pidfd_open(process.pid) if sys.platform == "linux" else -1
    except OSError:
        # The process has ended, or the kernel is older than 5.3.
        pidfd = -1
    if pidfd < 0:
        while is_alive(process):
            if stop.wait(_POLL_SECONDS):
                return False
        return True
    try:
        # Checked after opening: the descriptor may have got hold of a successor.
        poller = select.poll()
        poller.register(pidfd, select.POLLIN)
        while is_alive(process):
            if stop.is_set():
                return False
            poller.poll(1000)
        return True
    finally:
        os.close(pidfd)


def describe_exit(returncode: int | None) -> str:
    """How a process ended, as the end of a sentence that began with its name."""
    if returncode is None:
        return "terminated unexpectedly during startup"
    if returncode < 0:
        return f"terminated unexpectedly during startup because of signal {-returncode}"
    code = f"{returncode} (0x{returncode:x})"
    return f"terminated unexpectedly during startup with exit code {code}"


if sys.platform == "linux":

    def _start_time(pid: int) -> str | None:
        try:
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The name of the program, in parentheses, may itself contain any character.
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            return None
        state, start_time = fields[0], fields[19]
        return None if state in (b"Z", b"X") else f"{_boot_id()}:{start_time.decode()}"

    @functools.cache
    def _boot_id() -> str:
        # Two boots of one host may well start the same process at the same tick.
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()

elif sys.platform == "win32":

    def _start_time(pid: int) -> str | None:
        import ctypes
        from ctypes import wintypes

        kernel32 = ctypes.windll.kernel32
        handle = kernel32.OpenProcess(0x1000 | 0x100000, False, pid)  # query limited, synchronize
        if not handle:
            return None
        try:
            times = [wintypes.FILETIME() for _ in range(4)]
            if kernel32.WaitForSingleObject(handle, 0) == 0:
                return None
            if not kernel32.GetProcessTimes(handle, *(ctypes.byref(time) for time in times)):
                return None
            return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime)
        finally:
            kernel32.CloseHandle(handle)

else:

    def _start_time(pid: int) -> str | None:
        command = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
        said = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
        )
        state, _, start_time = said.stdout.strip().partition(" ")
        return None if said.returncode or state.startswith("Z") else start_time.strip()
