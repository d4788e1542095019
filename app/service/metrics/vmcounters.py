"""Counters of running VM processes, as meters of the performance collector.

A VM process is asked, and what it has answered by the time of the next sample is the reading: a
meter never waits for another process. Readings are therefore one period late.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.etree import ElementTree as ET

import msgspec

from app.api.errors import ApiError
from app.api.messages import pack
from app.service.metrics.meters import PERCENT, Values, process_seconds

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.service.peer import Answer

Sum = Callable[[Mapping[str, int]], int | None]
"""Adds up some counters; None when the machine has none of them."""

_PATTERN: Final = "/EM/*|/HM/Exits/*|/IOM/*|/TRPM/*|/TM/VirtualTime|/Public/*"
_ANSWER_SECONDS: Final = 5.0
_FRESH_SECONDS: Final = 0.3
"""Meters that are read one after the other share an answer."""

_FULL: Final = 100 * PERCENT
_NS: Final = 1_000_000_000


class Reading(NamedTuple):
    """Counters by path, and when they came (monotonic seconds)."""

    time: float
    counters: Mapping[str, int]


class VmCounters:
    """Asks one VM process for its counters, one question at a time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._reading: Reading | None = None
        self._asked = 0.0
        self._waiting = False

    def latest(self) -> Reading | None:
        """The last answer; asks for the next one."""
        now = time.monotonic()
        if not self._waiting and now - self._asked > _FRESH_SECONDS:
            self._ask(now)
        return self._reading

    def _ask(self, now: float) -> None:
        with self._machine.lock:
            session = self._machine.session
            process = session.peer if session is not None and session.attached else None
        if process is None:
            self._reading = None
            return
        self._asked, self._waiting = now, True
        params = pack({"id": self._machine.id, "pattern": _PATTERN})
        process.call("debugger.get_stats", params, self._take, _ANSWER_SECONDS)

    def _take(self, answer: Answer) -> None:
        """Keep what the VM process has answered. On the thread that reads its messages."""
        counters = {} if isinstance(answer, ApiError) else parse(answer)
        self._reading = Reading(time.monotonic(), counters)
        self._waiting = False


def parse(answer: msgspec.Raw) -> dict[str, int]:
    """The counters in an answer of ``debugger.get_stats``; none when it is something else."""
    try:
        # Expat bounds the expansion of entities, and the process is our user's own.
        root = ET.fromstring(msgspec.msgpack.decode(answer, type=str))  # noqa: S314
        return {row.attrib["name"]: int(row.attrib["c"]) for row in root.iter("Counter")}
    except (msgspec.DecodeError, ET.ParseError, KeyError, ValueError):
        return {}


def total(pattern: str) -> Sum:
    """Adds up the counters whose paths fit a pattern with ``*``."""

    def add(counters: Mapping[str, int]) -> int | None:
        found = [value for path, value in counters.items() if fnmatchcase(path, pattern)]
        return sum(found) if found else None

    return add


DISK_READ: Final = total("/Public/Storage/*/BytesRead")
DISK_WRITTEN: Final = total("/Public/Storage/*/BytesWritten")
NET_RECEIVED: Final = total("/Public/NetAdapter/*/BytesReceived")
NET_SENT: Final = total("/Public/NetAdapter/*/BytesTransmitted")
GUEST_RAM: Final = tuple(
    total(f"/Public/Guest/RAM/{name}") for name in ("Total", "Free", "Balloon", "Shared", "Cache")
)
"""What a guest tells through its memory balloon; of shared memory nobody tells."""

_HARDWARE_EXITS: Final = total("/HM/Exits/*")
_EMULATED_EXITS: Final = (total("/EM/Runs"), total("/IOM/*/Reads"), total("/IOM/*/Writes"),
                          total("/IOM/Mmio/*"), total("/TRPM/*"))  # fmt: skip


def exits(counters: Mapping[str, int]) -> int | None:
    """How often the guest's execution was left: by exits of the processor, or of the emulator."""
    hardware = _HARDWARE_EXITS(counters)
    if hardware is not None:
        return hardware
    found = [count for add in _EMULATED_EXITS if (count := add(counters)) is not None]
    return sum(found) if found else None


class Rates:
    """How fast sums of counters grow, per second."""

    def __init__(self, counters: VmCounters, *sums: Sum) -> None:
        self._counters = counters
        self._sums = sums
        self._before: Reading | None = None

    def __call__(self) -> Values:
        """One rate for each sum."""
        now = self._counters.latest()
        before, self._before = self._before, now
        if now is None or before is None or now.time <= before.time:
            return (None,) * len(self._sums)
        return tuple(_rate(add, before, now) for add in self._sums)


class Totals:
    """Sums of counters in KiB."""

    def __init__(self, counters: VmCounters, *sums: Sum) -> None:
        self._counters = counters
        self._sums = sums

    def __call__(self) -> Values:
        """One total for each sum."""
        now = self._counters.latest()
        if now is None:
            return (None,) * len(self._sums)
        totals = (add(now.counters) for add in self._sums)
        return tuple(None if count is None else count >> 10 for count in totals)


class CpuShares:
    """Time in which the virtual processor is not halted, and what the VM process takes besides."""

    def __init__(self, counters: VmCounters, pid: Callable[[], int]) -> None:
        self._counters = counters
        self._pid = pid
        self._before: Reading | None = None
        self._process_before: tuple[int, float, float] | None = None

    def __call__(self) -> Values:
        """Guest and VMM in thousandths of a per cent of one processor."""
        now = self._counters.latest()
        before, self._before = self._before, now
        process = self._process_load()
        if now is None or before is None or now.time <= before.time:
            return None, None
        running, halted = (
            _rate(total(path), before, now) for path in ("/TM/VirtualTime", "/EM/HaltedTime")
        )
        if running is None or halted is None:
            return None, None
        guest = max(0, min(_FULL, (running - halted) * _FULL // _NS))
        return guest, None if process is None else max(0, process - guest)

    def _process_load(self) -> int | None:
        pid = self._pid()
        seconds = process_seconds(pid) if pid else None
        now = (pid, time.monotonic(), seconds) if seconds is not None else None
        before, self._process_before = self._process_before, now
        if now is None or before is None or before[0] != pid or now[1] <= before[1]:
            return None
        return round((now[2] - before[2]) / (now[1] - before[1]) * _FULL)


def _rate(add: Sum, before: Reading, now: Reading) -> int | None:
    old, new = add(before.counters), add(now.counters)
    if old is None or new is None:
        return None
    # Somebody may have set the counters back meanwhile.
    return max(0, round((new - old) / (now.time - before.time)))
