"""The performance collector: takes samples of metrics, keeps them, and tells them.

Samples are taken on a thread that lives only while something is measured. ``_lock`` guards all
series; meters are read with it held, because they never wait: they read small files of the kernel
and what VM processes have answered since they were asked last.
"""

from __future__ import annotations

import collections
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.api.hoststructs import MetricData, PerformanceMetric
from app.service.metrics.base import HOST, BaseMetric, Metric, host_metrics, machine_metrics
from app.service.metrics.vmcounters import VmCounters
from app.settings.enums import DeviceType

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.service.registry import Registry

MAX_COUNT: Final = 65536
"""Samples that can be kept of a metric."""

_AGGREGATES: Final[dict[str, Callable[[Iterable[int]], int]]] = {
    "avg": lambda values: sum(samples := list(values)) // len(samples),
    "min": min,
    "max": max,
}
_AGGREGATE_WORDS: Final = {"avg": "average", "min": "minimum", "max": "maximum"}


class _Series:
    """Samples of one base metric of one object."""

    def __init__(self, owner: str, base: BaseMetric) -> None:
        self.owner = owner
        self.base = base
        self.period = 0
        self.count = 0
        self.enabled = False
        self.due = 0.0
        self.sequence_number = 0
        self.samples: list[collections.deque[int]] = [collections.deque() for _ in base.metrics]

    def set_up(self, period: int, count: int) -> None:
        """Measure from now on."""
        self.period, self.count = period, count
        self.sequence_number = 0
        self.samples = [collections.deque(maxlen=count) for _ in self.base.metrics]
        self.enable()

    def enable(self) -> None:
        """Take the reading that the first sample is compared with."""
        self.enabled = self.period > 0
        if self.enabled:
            self.base.meter()
            self.due = time.monotonic() + self.period

    def sample(self, now: float) -> None:
        """Take a sample if one is due."""
        if not self.enabled or now < self.due:
            return
        # Late is late: what was missed is not made up for.
        self.due = max(self.due + self.period, now)
        for samples, value in zip(self.samples, self.base.meter(), strict=True):
            if value is not None:
                samples.append(value)
        self.sequence_number += 1

    def metrics(self) -> Iterator[tuple[str, Metric, str, collections.deque[int]]]:
        """Full name, metric, aggregate (or empty) and samples of each of its metrics."""
        for metric, samples in zip(self.base.metrics, self.samples, strict=True):
            name = self.base.metric_name(metric)
            yield name, metric, "", samples
            for aggregate in _AGGREGATES:
                yield f"{name}:{aggregate}", metric, aggregate, samples


class PerformanceCollector:
    """Measures the host and the running machines; methods may be called from any thread."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._host: list[_Series] = []
        self._machines: dict[str, list[_Series]] = {}
        self._thread: threading.Thread | None = None

    def get_metrics(self, names: str, owner: str) -> list[PerformanceMetric]:
        """See ``performance.get_metrics``."""
        wanted = _pattern(names)
        with self._lock:
            return [
                PerformanceMetric(
                    object=series.owner,
                    name=name,
                    unit=series.base.unit,
                    maximum=series.base.maximum,
                    period=series.period,
                    count=1 if aggregate and series.count else series.count,
                    description=_description(metric, aggregate),
                )
                for series in self._series(owner)
                for name, metric, aggregate, _samples in series.metrics()
                if wanted.fullmatch(name)
            ]

    def query(self, names: str, owner: str) -> list[MetricData]:
        """See ``performance.query_metrics_data``."""
        wanted = _pattern(names)
        with self._lock:
            return [
                MetricData(
                    object=series.owner,
                    name=name,
                    unit=series.base.unit,
                    scale=series.base.scale,
                    sequence_number=series.sequence_number,
                    values=_values(aggregate, samples),
                )
                for series in self._series(owner)
                for name, _metric, aggregate, samples in series.metrics()
                if wanted.fullmatch(name)
            ]

    def set_up(self, names: str, owner: str, period: int, count: int) -> list[PerformanceMetric]:
        """See ``performance.setup_metrics``."""
        if period < 1 or not 1 <= count <= MAX_COUNT:
            raise ApiError(
                ErrorCode.E_INVALIDARG,
                f"The period must be at least 1 s, not {period}, and the number of samples 1 to "
                f"{MAX_COUNT}, not {count}.",
                "performance",
            )
        return self._change(names, owner, lambda series: series.set_up(period, count))

    def enable(self, names: str, owner: str) -> list[PerformanceMetric]:
        """See ``performance.enable_metrics``."""
        return self._change(names, owner, _Series.enable)

    def disable(self, names: str, owner: str) -> list[PerformanceMetric]:
        """See ``performance.disable_metrics``."""

        def disable(series: _Series) -> None:
            series.enabled = False

        return self._change(names, owner, disable)

    def _change(
        self, names: str, owner: str, change: Callable[[_Series], None]
    ) -> list[PerformanceMetric]:
        wanted = _pattern(names)
        with self._lock:
            matching = [
                series
                for series in self._series(owner)
                if wanted.fullmatch(series.base.name)
                or any(wanted.fullmatch(name) for name, *_rest in series.metrics())
            ]
            for series in matching:
                change(series)
            self._measure()
            return [
                PerformanceMetric(
                    object=series.owner,
                    name=series.base.name,
                    period=series.period,
                    count=series.count,
                )
                for series in matching
            ]

    # -- what there is to measure ---------------------------------------------------------------

    def _series(self, owner: str) -> list[_Series]:
        """Series of an object, of all with ``*``. Needs the lock."""
        if owner == HOST:
            return self._host_series()
        if owner != "*":
            return self._machine_series(self._registry.find(owner))
        found = [*self._host_series()]
        for machine in self._registry.machines():
            found += self._machine_series(machine)
        return found

    def _host_series(self) -> list[_Series]:
        if not self._host:
            self._host = [_Series(HOST, base) for base in host_metrics(self._vm_pids)]
        return self._host

    def _machine_series(self, machine: Machine) -> list[_Series]:
        if not machine.info.session_pid:
            self._machines.pop(machine.id, None)
            return []
        if machine.id not in self._machines:
            bases = machine_metrics(
                lambda: machine.info.session_pid,
                lambda: disk_images(machine),
                VmCounters(machine),
            )
            self._machines[machine.id] = [_Series(machine.info.name, base) for base in bases]
        return self._machines[machine.id]

    def _vm_pids(self) -> list[int]:
        infos = (machine.info for machine in self._registry.machines())
        return [info.session_pid for info in infos if info.session_pid]

    # -- sampling ------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Have samples taken while any are wanted. Needs the lock."""
        if self._next_due() is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
            self._thread.start()
        else:
            self._changed.notify()

    def _run(self) -> None:
        with self._lock:
            while (due := self._next_due()) is not None:
                delay = due - time.monotonic()
                if delay > 0:
                    self._changed.wait(delay)
                    continue
                now = time.monotonic()
                for series in self._all():
                    series.sample(now)
            self._thread = None

    def _all(self) -> Iterator[_Series]:
        """All series, without those of machines that no longer run."""
        for machine_id in [*self._machines]:
            machine = self._registry.get(machine_id)
            if machine is None or not machine.info.session_pid:
                del self._machines[machine_id]
        yield from self._host
        for series in self._machines.values():
            yield from series

    def _next_due(self) -> float | None:
        return min((series.due for series in self._all() if series.enabled), default=None)


def disk_images(machine: Machine) -> list[Path]:
    """Files of the hard disks that are attached to a machine."""
    with machine.lock:
        settings = machine.settings
    attached = {
        drive.medium
        for controller in settings.hardware.storage_controllers
        for drive in controller.attachments
        if drive.type == DeviceType.HARD_DISK and drive.medium
    }
    media = (settings.media.find(medium) for medium in sorted(attached))
    paths = (machine.image_path(medium) for medium in media if medium is not None)
    return [path for path in paths if path is not None]


def _values(aggregate: str, samples: collections.deque[int]) -> list[int]:
    if not aggregate:
        return [*samples]
    return [_AGGREGATES[aggregate](samples)] if samples else []


def _description(metric: Metric, aggregate: str) -> str:
    if not aggregate:
        return metric.description
    return f"{metric.description} ({_AGGREGATE_WORDS[aggregate]})"


def _pattern(names: str) -> re.Pattern[str]:
    """What matches one of the names, in which ``*`` stands for anything."""
    parts = [part.strip() for part in names.split(",")]
    return re.compile("|".join(re.escape(part).replace(r"\*", ".*") for part in parts if part))
