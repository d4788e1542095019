"""The base metrics of the host and of a running machine, with the names of VirtualBox."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from app.service.metrics import meters, vmcounters
from app.service.metrics.meters import PERCENT, Meter
from app.service.metrics.vmcounters import VmCounters

HOST: Final = "host"

_MOST: Final = 0x7FFFFFFF
"""Maximum where there is no other: the API's numbers have 32 bits."""


class Metric(NamedTuple):
    """One value of a base metric: last part of its name (may be empty) and what it tells."""

    name: str
    description: str


class BaseMetric(NamedTuple):
    """What is measured at once.

    Attributes:
        name: Name without its object.
        unit: Unit of all its values after division by ``scale``.
        scale: What the values are divided by.
        maximum: Largest value.
        metrics: What a reading tells, in order.
        meter: Reads.
    """

    name: str
    unit: str
    scale: int
    maximum: int
    metrics: tuple[Metric, ...]
    meter: Meter

    def metric_name(self, metric: Metric) -> str:
        """Full name of one of its metrics."""
        return f"{self.name}/{metric.name}" if metric.name else self.name


_LOAD: Final = ("%", PERCENT, 100 * PERCENT)
_CPU_USER: Final = Metric("User", "Percentage of processor time spent in user mode.")
_CPU_KERNEL: Final = Metric("Kernel", "Percentage of processor time spent in kernel mode.")
_CPU_IDLE: Final = Metric("Idle", "Percentage of processor time spent idling.")


def host_metrics(vm_pids: Callable[[], Iterable[int]]) -> Iterator[BaseMetric]:
    """Base metrics of the host; ``vm_pids`` tells the VM processes of the moment."""
    yield BaseMetric("CPU/Load", *_LOAD, (_CPU_USER, _CPU_KERNEL, _CPU_IDLE), meters.CpuLoad())
    yield BaseMetric(
        "CPU/MHz", "MHz", 1, _MOST,
        (Metric("", "Average of current frequency of all processors."),), meters.cpu_speed,
    )  # fmt: skip
    yield BaseMetric(
        "RAM/Usage", "kB", 1, _MOST,
        (
            Metric("Total", "Total physical memory installed."),
            Metric("Used", "Physical memory currently occupied."),
            Metric("Free", "Physical memory currently available to applications."),
        ),
        meters.ram_usage,
    )  # fmt: skip
    yield BaseMetric(
        "RAM/VMM", "kB", 1, _MOST,
        (Metric("Used", "Total physical memory used by the virtual machines."),),
        lambda: meters.process_memory(vm_pids()),
    )  # fmt: skip
    yield BaseMetric(
        "FS/{/}/Usage", "MB", 1, _MOST,
        (
            Metric("Total", "Size of the root file system."),
            Metric("Used", "Space of the root file system in use."),
            Metric("Free", "Space of the root file system that is free."),
        ),
        functools.partial(meters.filesystem_usage, "/"),
    )  # fmt: skip
    yield from _disk_metrics()
    yield from _net_metrics()


def _disk_metrics() -> Iterator[BaseMetric]:
    for disk in meters.disks():
        yield BaseMetric(
            f"Disk/{disk}/Load", *_LOAD,
            (Metric("Util", "Percentage of time disk was busy serving I/O requests."),),
            meters.DiskLoad(disk),
        )  # fmt: skip
        yield BaseMetric(
            f"Disk/{disk}/Usage", "MB", 1, _MOST, (Metric("Total", "Disk size."),),
            functools.partial(meters.disk_size, disk),
        )  # fmt: skip


def _net_metrics() -> Iterator[BaseMetric]:
    for interface in meters.network_interfaces():
        yield BaseMetric(
            f"Net/{interface}/LinkSpeed", "mbit/s", 1, _MOST,
            (Metric("", "Physical link speed."),),
            functools.partial(meters.link_speed_values, interface),
        )  # fmt: skip
        yield BaseMetric(
            f"Net/{interface}/Load", *_LOAD,
            (
                Metric("Rx", "Percentage of network interface receive bandwidth used."),
                Metric("Tx", "Percentage of network interface transmit bandwidth used."),
            ),
            meters.NetLoad(interface),
        )  # fmt: skip


def machine_metrics(
    pid: Callable[[], int], images: Callable[[], Iterable[Path]], counters: VmCounters
) -> Iterator[BaseMetric]:
    """Base metrics of a machine.

    Args:
        pid: Tells its VM process, 0 when there is none.
        images: Tells the files of its hard disks.
        counters: What the VM process counts.
    """
    yield from _process_metrics(pid, images)
    yield from _counted_metrics(pid, counters)
    yield from _guest_metrics(counters)


def _process_metrics(
    pid: Callable[[], int], images: Callable[[], Iterable[Path]]
) -> Iterator[BaseMetric]:
    """What the host tells of a VM process and its files."""
    yield BaseMetric("CPU/Load", *_LOAD, (_CPU_USER, _CPU_KERNEL), meters.ProcessLoad(pid))
    yield BaseMetric(
        "RAM/Usage", "kB", 1, _MOST,
        (Metric("Used", "Size of resident portion of VM process in memory."),),
        lambda: meters.process_memory([pid()]),
    )  # fmt: skip
    yield BaseMetric(
        "Disk/Usage", "MB", 1, _MOST,
        (Metric("Used", "Actual size of all VM disks combined."),),
        lambda: meters.files_size(images()),
    )  # fmt: skip


def _counted_metrics(pid: Callable[[], int], counters: VmCounters) -> Iterator[BaseMetric]:
    """What a VM process counts."""
    yield BaseMetric(
        "Net/Rate", "B/s", 1, _MOST,
        (Metric("Rx", "Network receive rate."), Metric("Tx", "Network transmit rate.")),
        vmcounters.Rates(counters, vmcounters.NET_RECEIVED, vmcounters.NET_SENT),
    )  # fmt: skip
    yield BaseMetric(
        "Disk/Rate", "B/s", 1, _MOST,
        (
            Metric("Read", "Rate at which the guest reads from its drives."),
            Metric("Write", "Rate at which the guest writes to its drives."),
        ),
        vmcounters.Rates(counters, vmcounters.DISK_READ, vmcounters.DISK_WRITTEN),
    )  # fmt: skip
    yield BaseMetric(
        "Net/Total", "kB", 1, _MOST,
        (
            Metric("Rx", "Data received since the start."),
            Metric("Tx", "Data sent since the start."),
        ),
        vmcounters.Totals(counters, vmcounters.NET_RECEIVED, vmcounters.NET_SENT),
    )  # fmt: skip
    yield BaseMetric(
        "Disk/Total", "kB", 1, _MOST,
        (
            Metric("Read", "Data that the guest has read from its drives since the start."),
            Metric("Write", "Data that the guest has written to its drives since the start."),
        ),
        vmcounters.Totals(counters, vmcounters.DISK_READ, vmcounters.DISK_WRITTEN),
    )  # fmt: skip
    yield BaseMetric(
        "VM/Exits", "1/s", 1, _MOST,
        (Metric("Rate", "How often the guest's execution is left for the VMM."),),
        vmcounters.Rates(counters, vmcounters.exits),
    )  # fmt: skip
    yield BaseMetric(
        "VM/CPU", *_LOAD,
        (
            Metric("Guest", "Percentage of time in which the virtual processor is not halted."),
            Metric("VMM", "Percentage of a host processor that the VM process takes besides."),
        ),
        vmcounters.CpuShares(counters, pid),
    )  # fmt: skip


def _guest_metrics(counters: VmCounters) -> Iterator[BaseMetric]:
    """What only the guest can tell: its memory through a balloon, the rest not yet."""
    yield BaseMetric(
        "Guest/CPU/Load", *_LOAD, (_CPU_USER, _CPU_KERNEL, _CPU_IDLE), meters.nothing(3)
    )
    yield BaseMetric(
        "Guest/RAM/Usage", "kB", 1, _MOST,
        (
            Metric("Total", "Total amount of physical guest RAM."),
            Metric("Free", "Free amount of physical guest RAM."),
            Metric("Balloon", "Amount of ballooned physical guest RAM."),
            Metric("Shared", "Amount of shared physical guest RAM."),
            Metric("Cache", "Total amount of guest (disk) cache memory."),
        ),
        vmcounters.Totals(counters, *vmcounters.GUEST_RAM),
    )  # fmt: skip
    yield BaseMetric(
        "Guest/Pagefile/Usage", "kB", 1, _MOST,
        (Metric("Total", "Total amount of space in the page file."),), meters.nothing(1),
    )  # fmt: skip
