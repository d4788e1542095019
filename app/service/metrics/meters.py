"""What metrics are measured with: counters of the kernel's in ``/proc`` and ``/sys``.

A meter is read once per sample. Rates come from the difference to the reading before, so that the
first reading gives none. Where the host does not tell, there is no value. (psutil would add macOS
and Windows, at the price of a compiled dependency of the service.)
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

from app.service.host.cpu import processors
from app.service.host.info import memory_kb

Values = tuple[int | None, ...]
"""One value per metric of a base metric, None where there is none."""

PERCENT: Final = 1000
"""Percentages count thousandths, as VirtualBox's do (``PM_CPU_LOAD_MULTIPLIER``)."""

_FULL: Final = 100 * PERCENT
_PROC: Final = Path("/proc")
_NET: Final = Path("/sys/class/net")
_BLOCK: Final = Path("/sys/block")
_SECTOR: Final = 512
_MIB: Final = 1 << 20


class Meter(Protocol):
    """Reads the values of one base metric."""

    def __call__(self) -> Values:
        """The values since the reading before."""


class CpuLoad:
    """Share of all processors in user mode, in the kernel, and idle."""

    def __init__(self) -> None:
        self._before: list[int] | None = None

    def __call__(self) -> Values:
        """User, kernel and idle in thousandths of a per cent."""
        now = _cpu_times()
        before, self._before = self._before, now
        if now is None or before is None:
            return None, None, None
        deltas = [max(0, b - a) for a, b in zip(before, now, strict=True)]
        total = sum(deltas)
        if not total:
            return None, None, None
        user, nice, system, idle, iowait, *interrupts = deltas
        return tuple(
            part * _FULL // total
            for part in (user + nice, system + sum(interrupts), idle + iowait)
        )


class ProcessLoad:
    """Share of all processors that one process takes, in user mode and in the kernel."""

    def __init__(self, pid: Callable[[], int]) -> None:
        self._pid = pid
        self._before: tuple[int, int, int, int] | None = None

    def __call__(self) -> Values:
        """User and kernel in thousandths of a per cent."""
        pid = self._pid()
        times, total = _process_times(pid), _cpu_times()
        now = (pid, *times, sum(total)) if times is not None and total is not None else None
        before, self._before = self._before, now
        if now is None or before is None or before[0] != pid or now[3] <= before[3]:
            return None, None
        elapsed = now[3] - before[3]
        return tuple(max(0, now[i] - before[i]) * _FULL // elapsed for i in (1, 2))


class NetLoad:
    """Share of the speed of a network interface that is used, received and sent."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: tuple[float, int, int] | None = None

    def __call__(self) -> Values:
        """Received and sent in thousandths of a per cent; None where the speed is not known."""
        now = self._read()
        before, self._before = self._before, now
        speed = link_speed(self._name)
        if now is None or before is None or not speed:
            return None, None
        possible = speed * 1_000_000 / 8 * (now[0] - before[0])
        return tuple(
            min(_FULL, round((now[i] - before[i]) / possible * _FULL)) for i in (1, 2)
        )

    def _read(self) -> tuple[float, int, int] | None:
        folder = _NET / self._name / "statistics"
        received, sent = _number(folder / "rx_bytes"), _number(folder / "tx_bytes")
        if received is None or sent is None:
            return None
        return time.monotonic(), received, sent


class DiskLoad:
    """Share of the time in which a disk has something to do."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._before: tuple[float, int] | None = None

    def __call__(self) -> Values:
        """Utilisation in thousandths of a per cent."""
        busy = _disk_busy_ms(self._name)
        now = (time.monotonic() * 1000, busy) if busy is not None else None
        before, self._before = self._before, now
        if now is None or before is None or now[0] <= before[0]:
            return (None,)
        return (min(_FULL, round((now[1] - before[1]) / (now[0] - before[0]) * _FULL)),)


def cpu_speed() -> Values:
    """Mean speed of the processors in MHz."""
    speeds = [processor.mhz for processor in processors() if processor.mhz]
    return (sum(speeds) // len(speeds) if speeds else None,)


def ram_usage() -> Values:
    """RAM of the host: all of it, used and free, in KiB."""
    total, available = memory_kb()
    return (total, total - available, available) if total else (None, None, None)


def process_memory(pids: Iterable[int]) -> Values:
    """RAM that processes take together (resident set size), in KiB."""
    page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
    pages = [_resident_pages(pid) for pid in pids]
    known = [count for count in pages if count is not None]
    return (sum(known) * page // 1024 if known or not pages else None,)


def filesystem_usage(path: str) -> Values:
    """A file system: all of it, used and free, in MiB."""
    if not hasattr(os, "statvfs"):
        return None, None, None
    facts = os.statvfs(path)
    total, free = facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize
    return total // _MIB, (total - free) // _MIB, free // _MIB


def disk_size(name: str) -> Values:
    """Size of a disk in MiB."""
    sectors = _number(_BLOCK / name / "size")
    return (sectors * _SECTOR // _MIB if sectors is not None else None,)


def link_speed_values(name: str) -> Values:
    """Speed of a network interface in Mbit/s."""
    return (link_speed(name) or None,)


def files_size(paths: Iterable[Path]) -> Values:
    """What files take on the host's disks, in MiB."""
    taken = 0
    for path in paths:
        try:
            facts = path.stat()
        except OSError:
            continue
        taken += getattr(facts, "st_blocks", facts.st_size // _SECTOR) * _SECTOR
    return (taken // _MIB,)


def nothing(count: int) -> Meter:
    """A meter for what only the Guest Additions or a network device could tell."""
    return functools.partial(tuple, (None,) * count)


def disks() -> list[str]:
    """Disks of the host that are hardware."""
    try:
        return sorted(entry.name for entry in _BLOCK.iterdir() if (entry / "device").exists())
    except OSError:
        return []


def network_interfaces() -> list[str]:
    """Network interfaces of the host that are hardware."""
    try:
        return sorted(entry.name for entry in _NET.iterdir() if (entry / "device").exists())
    except OSError:
        return []


def link_speed(name: str) -> int:
    """Speed of a network interface in Mbit/s; 0 when it is down or does not know."""
    return max(0, _number(_NET / name / "speed") or 0)


def _cpu_times() -> list[int] | None:
    """Ticks of all processors: user, nice, system, idle, iowait, irq, softirq, steal."""
    try:
        with (_PROC / "stat").open(encoding="ascii") as file:
            return [int(word) for word in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return None


def process_seconds(pid: int) -> float | None:
    """Processor time that a process has taken so far; None where the host does not tell."""
    times = _process_times(pid)
    return sum(times) / os.sysconf("SC_CLK_TCK") if times is not None else None


def _process_times(pid: int) -> tuple[int, int] | None:
    """Ticks of a process in user mode and in the kernel (proc(5): fields 14 and 15)."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


def _resident_pages(pid: int) -> int | None:
    try:
        return int((_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None


def _disk_busy_ms(name: str) -> int | None:
    """Milliseconds in which a disk had requests (Documentation/block/stat.rst, io_ticks)."""
    try:
        return int((_BLOCK / name / "stat").read_text(encoding="ascii").split()[9])
    except (OSError, IndexError, ValueError):
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
