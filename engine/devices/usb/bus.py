"""What those who work through the guest's schedules need: its memory, and who is on the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.vusb.device import UsbDevice


class Bus(NamedTuple):
    """A controller's way to memory and devices.

    Attributes:
        read, write: access to guest memory.
        find_device: returns the device of an address on the bus, or None.
    """

    read: Callable[[int, int], bytes]
    write: Callable[[int, bytes], None]
    find_device: Callable[[int], UsbDevice[Any] | None]


class BusWorker:
    """Base of those who work through schedules."""

    def __init__(self, bus: Bus) -> None:
        self._read, self._write, self._find_device = bus
