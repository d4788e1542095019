"""Fetches what the service measures, once a second while somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.api.errors import ApiError
from app.api.hoststructs import MetricData, PerformanceMetric
from app.manager.service_link import ServiceLink

HOST: Final = "host"
PERIOD_SECONDS: Final = 1
SAMPLES: Final = 120

GUEST_LOAD, VMM_LOAD = "VM/CPU/Guest", "VM/CPU/VMM"
RAM_USED: Final = "RAM/Usage/Used"
DISK_READ, DISK_WRITE = "Disk/Rate/Read", "Disk/Rate/Write"
NET_RECEIVE, NET_SEND = "Net/Rate/Rx", "Net/Rate/Tx"
EXITS: Final = "VM/Exits/Rate"
DISK_READ_TOTAL, DISK_WRITE_TOTAL = "Disk/Total/Read", "Disk/Total/Write"
NET_RECEIVE_TOTAL, NET_SEND_TOTAL = "Net/Total/Rx", "Net/Total/Tx"
MACHINE_METRICS: Final = (
    GUEST_LOAD, VMM_LOAD, RAM_USED, DISK_READ, DISK_WRITE, NET_RECEIVE, NET_SEND, EXITS,
    DISK_READ_TOTAL, DISK_WRITE_TOTAL, NET_RECEIVE_TOTAL, NET_SEND_TOTAL,
)  # fmt: skip
_MACHINE_BASES: Final = "VM/CPU,RAM/Usage,Disk/Rate,Net/Rate,VM/Exits,Disk/Total,Net/Total"

HOST_USER, HOST_KERNEL = "CPU/Load/User", "CPU/Load/Kernel"
HOST_RAM_USED, HOST_RAM_TOTAL = "RAM/Usage/Used", "RAM/Usage/Total"
HOST_FS_USED, HOST_FS_TOTAL = "FS/{/}/Usage/Used", "FS/{/}/Usage/Total"
HOST_METRICS: Final = (
    HOST_USER, HOST_KERNEL, HOST_RAM_USED, HOST_RAM_TOTAL, HOST_FS_USED, HOST_FS_TOTAL,
)  # fmt: skip
_HOST_BASES: Final = "CPU/Load,RAM/Usage,FS/{/}/Usage"

Samples = Mapping[str, Sequence[float]]
"""Values by name of the metric, the oldest first, in the unit of the metric."""


class ActivityFeed(QObject):
    """Has some objects measured, and fetches their samples while it is active.

    Signals:
        sampled(str, object): an object (UUID of a machine, or ``host``) has these samples.
        failed(str): the service could not tell; carries why.
    """

    sampled = Signal(str, object)
    failed = Signal(str)

    def __init__(self, link: ServiceLink, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._objects: tuple[str, ...] = ()
        self._measured: set[str] = set()
        self._waiting: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_SECONDS * 1000)
        self._timer.timeout.connect(self._fetch)

    def set_objects(self, objects: Sequence[str]) -> None:
        """Follow OBJECTS: UUIDs of running machines, or ``host``."""
        self._objects = tuple(objects)
        # Who ran before and runs again is measured anew.
        self._measured &= set(objects)
        if self._timer.isActive():
            self._fetch()

    def set_active(self, active: bool) -> None:
        """Fetch samples from now on, or no more."""
        if active and not self._timer.isActive():
            # The service may be another one than before.
            self._measured.clear()
            self._waiting.clear()
            self._timer.start()
            self._fetch()
        elif not active:
            self._timer.stop()

    def _fetch(self) -> None:
        if not self._link.is_connected:
            self._measured.clear()
            self._waiting.clear()
            return
        for each in self._objects:
            if each in self._waiting:
                continue
            self._waiting.add(each)
            if each in self._measured:
                self._query(each)
            else:
                self._look(each)

    def _look(self, each: str) -> None:
        """Have an object measured unless it is already, as we need it."""
        bases = _HOST_BASES if each == HOST else _MACHINE_BASES
        first = HOST_USER if each == HOST else GUEST_LOAD

        def done(metrics: list[PerformanceMetric]) -> None:
            self._waiting.discard(each)
            if not metrics:
                return
            if all(m.period == PERIOD_SECONDS and m.count >= SAMPLES for m in metrics):
                self._measured.add(each)
                return
            params = {"names": bases, "object": each, "period": PERIOD_SECONDS, "count": SAMPLES}
            self._waiting.add(each)
            self._link.call(
                self, "performance.setup_metrics", params, measured, lambda e: self._fail(each, e)
            )

        def measured(_metrics: object) -> None:
            self._waiting.discard(each)
            self._measured.add(each)

        self._link.call(
            self,
            "performance.get_metrics",
            {"names": first, "object": each},
            done,
            lambda error: self._fail(each, error),
        )

    def _query(self, each: str) -> None:
        names = HOST_METRICS if each == HOST else MACHINE_METRICS

        def done(data: list[MetricData]) -> None:
            self._waiting.discard(each)
            if not data:
                # The machine has ended meanwhile.
                self._measured.discard(each)
            elif each in self._objects:
                self.sampled.emit(
                    each, {one.name: [value / one.scale for value in one.values] for one in data}
                )

        self._link.call(
            self,
            "performance.query_metrics_data",
            {"names": ",".join(names), "object": each},
            done,
            lambda error: self._fail(each, error),
        )

    def _fail(self, each: str, error: ApiError) -> None:
        self._waiting.discard(each)
        self.failed.emit(error.message)


def last(samples: Samples, name: str) -> float | None:
    """Return the newest value of the metric NAME, or None when there is none."""
    values = samples.get(name)
    return values[-1] if values else None
