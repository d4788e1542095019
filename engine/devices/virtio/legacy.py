"""The interface of virtio before 1.0 (virtio 1.2, 4.1.4.8), for transitional devices."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from engine.devices.virtio import registers as r
from engine.devices.virtio.state import VirtioState
from engine.devices.virtio.transport import VirtioDevice
from engine.pdm import MemoryBar, PortBar, Ports, RomBar
from engine.pdm.device import DeviceConfig

ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=VirtioState)


class TransitionalDevice(VirtioDevice[ConfigT, StateT]):
    """Base of devices that old drivers can use."""

    REVISION = 0
    io_ports = Ports(None, r.OLD_PORTS, sizes=(1, 2, 4))
    BARS: ClassVar[tuple[PortBar | MemoryBar | RomBar, ...]] = (
        PortBar(0, "io_ports"),
        MemoryBar(r.BAR, "register_space"),
    )

    @io_ports.reader
    def read_io(self, offset: int, size: int) -> int:
        """Answer the legacy registers."""
        state, queue = self.state, self._selected()
        match offset:
            case r.OLD_DEVICE_FEATURES:
                return self._features & 0xFFFFFFFF
            case r.OLD_DRIVER_FEATURES:
                return state.driver_features & 0xFFFFFFFF
            case r.OLD_QUEUE_ADDRESS:
                return queue.descriptors // r.OLD_PAGE if queue else 0
            case r.OLD_QUEUE_SIZE:
                return queue.size if queue else 0
            case r.OLD_QUEUE_SELECT:
                return state.queue_select
            case r.OLD_STATUS:
                return state.status
            case r.OLD_ISR:
                return self.read_isr()
        place = offset - r.OLD_DEVICE
        data = self.device_config()[place : place + size] if place >= 0 else b""
        return int.from_bytes(data, "little")

    @io_ports.writer
    def write_io(self, offset: int, value: int, size: int) -> None:
        """Take the legacy registers."""
        match offset:
            case r.OLD_DRIVER_FEATURES:
                self.set_features(value & self._features)
            case r.OLD_QUEUE_ADDRESS:
                self._place_queue(value)
            case r.OLD_QUEUE_SELECT:
                self.state.queue_select = value & 0xFFFF
            case r.OLD_QUEUE_NOTIFY:
                if value < len(self.queues):
                    self.run(value)
            case r.OLD_STATUS:
                self.set_status(value & 0xFF)
            case _ if offset >= r.OLD_DEVICE:
                for n in range(size):
                    self.device_config_written(offset - r.OLD_DEVICE + n, value >> 8 * n & 0xFF)

    def _place_queue(self, page: int) -> None:
        """Take the page of the selected queue, whose parts follow one another (2.7.2)."""
        queue = self._selected()
        if queue is None:
            return
        queue.enabled = False
        if page:
            queue.descriptors = page * r.OLD_PAGE
            queue.available = queue.descriptors + 16 * queue.size
            end = queue.available + 6 + 2 * queue.size
            queue.used = -(-end // r.OLD_PAGE) * r.OLD_PAGE
            self.enable_queue(self.state.queue_select)
