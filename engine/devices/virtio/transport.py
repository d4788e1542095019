"""The virtio transport over PCI: what all virtio devices have in common.

References: virtio 1.2 (OASIS), 2 to 4.1. Interrupts are INTx. A transitional device has the legacy
interface (4.1.4.8) in its first BAR, too. Deviation: there is no reset of single queues.
"""

from __future__ import annotations

import struct
from typing import ClassVar, Final, TypeVar

from engine.devices.virtio import registers as r
from engine.devices.virtio.rings import RingError, Virtqueue
from engine.devices.virtio.state import QueueState, VirtioState
from engine.pdm import Mmio, PciDevice, ResetKind
from engine.pdm.device import DeviceConfig

ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=VirtioState)

_CAPABILITIES_POINTER, _FIRST_CAPABILITY = 0x34, 0x40
_STATUS_CAPABILITIES: Final = 0x10
_CAPABILITY_SIZE, _LONG_CAPABILITY_SIZE = 16, 20
# (type, offset in the BAR, length, last four bytes)
_CAPABILITIES: Final = (
    (r.CAP_COMMON, r.COMMON, r.COMMON_SIZE, None),
    (r.CAP_ISR, r.ISR, r.ISR_SIZE, None),
    (r.CAP_DEVICE, r.DEVICE, r.DEVICE_SIZE, None),
    (r.CAP_NOTIFY, r.NOTIFY, r.REGISTER_SPACE - r.NOTIFY, r.NOTIFY_MULTIPLIER),
    (r.CAP_PCI, 0, 0, 0),
)
_COMMON = struct.Struct("<IIIIHHBBHHHHHQQQ")


class VirtioDevice(PciDevice[ConfigT, StateT]):
    """Base of virtio devices.

    Attributes:
        FEATURES: what the device offers beside what all do.
        QUEUE_SIZES: most entries of each queue: powers of two.
        queues: the virtqueues.
    """

    VENDOR = r.VENDOR
    REVISION = 1
    INTERRUPT = 1
    STATUS_DEFAULT = 0x0200 | _STATUS_CAPABILITIES
    FEATURES: ClassVar[int] = 0
    QUEUE_SIZES: ClassVar[tuple[int, ...]] = ()

    register_space = Mmio(None, r.REGISTER_SPACE, sizes=(1, 2, 4))

    def setup(self) -> None:
        """Offer what the rings can do; a reset makes the queues."""
        self._features = (
            self.FEATURES | r.F_VERSION_1 | r.F_INDIRECT_DESC | r.F_EVENT_IDX | r.F_ANY_LAYOUT
        )
        self.queues: list[Virtqueue] = []
        self._fresh_queues()

    # -- what a device overrides

    def device_config(self) -> bytes:
        """Return the device configuration."""
        return b""

    def device_config_written(self, offset: int, value: int) -> None:
        """Take a byte that a legacy driver has written into the device configuration."""
        self.guest_error(f"write of {value:#x} to device configuration at {offset}")

    def process(self, index: int) -> None:
        """The driver has put something into a queue.

        Raises:
            RingError: the rings make no sense.
        """

    def stop(self) -> None:
        """Forget what is under way: the device has been reset, or the driver has broken it."""

    # -- life

    def _reset_registers(self) -> None:
        super()._reset_registers()
        registers = self.registers
        registers[_CAPABILITIES_POINTER] = place = _FIRST_CAPABILITY
        for kind, offset, length, extra in _CAPABILITIES:
            size = _CAPABILITY_SIZE if extra is None else _LONG_CAPABILITY_SIZE
            following = place + size if kind != r.CAP_PCI else 0
            struct.pack_into(
                "<BBBBB3xII", registers, place,
                r.CAP_VENDOR_SPECIFIC, following, size, kind, r.BAR, offset, length,
            )  # fmt: skip
            if extra is not None:
                struct.pack_into("<I", registers, place + _CAPABILITY_SIZE, extra)
            if kind == r.CAP_PCI:
                self._window = place
                self._writable[place + 4] = 0xFF
                self._writable[place + 8 : place + size] = b"\xff" * (size - 8)
            place += size

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self._restart()

    def _restart(self) -> None:
        self.stop()
        self._fresh_queues()
        self._update_interrupt()

    def _fresh_queues(self) -> None:
        self.state.queues = [QueueState(size=size) for size in self.QUEUE_SIZES]
        self._bind()

    def _bind(self) -> None:
        """Have the queues work on the state as it is now."""
        self.queues = [Virtqueue(self, state) for state in self.state.queues]
        self._update_features()

    def _update_features(self) -> None:
        accepted = self.state.driver_features
        for queue in self.queues:
            queue.event_index = bool(accepted & r.F_EVENT_IDX)
            queue.indirect = bool(accepted & r.F_INDIRECT_DESC)

    def state_loaded(self, version: int) -> None:
        """Go on where the saved device was."""
        super().state_loaded(version)
        saved = self.state.queues
        fresh = [QueueState(size=size) for size in self.QUEUE_SIZES]
        # A queue that no driver can have made is not used.
        self.state.queues = [
            old if 0 < old.size <= new.size and not old.size & (old.size - 1) else new
            for old, new in zip([*saved, *fresh[len(saved) :]], fresh, strict=False)
        ]
        self._bind()
        self._update_interrupt()

    # -- for the device

    @property
    def modern(self) -> bool:
        """Whether the driver has accepted virtio 1."""
        return bool(self.state.driver_features & r.F_VERSION_1)

    def accepted(self, feature: int) -> bool:
        """Tell whether the driver has accepted a feature."""
        return bool(self.state.driver_features & feature)

    def running(self, index: int) -> bool:
        """Tell whether the device may touch a queue."""
        state = self.state
        if not state.queues[index].enabled or state.status & r.NEEDS_RESET or not self.bus_master:
            return False
        # Legacy drivers use their queues before they say that they are ready.
        return bool(state.status & r.DRIVER_OK) or not self.modern

    def finish(self, index: int) -> None:
        """Show the driver what was given back through a queue."""
        if self.queues[index].publish():
            self._interrupt(r.ISR_QUEUE)

    def config_changed(self) -> None:
        """The device configuration has changed: tell the driver."""
        state = self.state
        state.generation = (state.generation + 1) & 0xFF
        if state.status & r.DRIVER_OK:
            self._interrupt(r.ISR_CONFIG)

    def run(self, index: int) -> None:
        """Look at a queue, if the device may; a senseless one stops the device."""
        if not self.running(index):
            return
        try:
            self.process(index)
        except RingError as error:
            self.broken(f"queue {index}: {error}")

    def broken(self, message: str) -> None:
        """The driver has broken the rules: do nothing until it resets the device (2.1.2)."""
        self.guest_error(message)
        self.stop()
        self.state.status |= r.NEEDS_RESET
        self.config_changed()

    def _interrupt(self, cause: int) -> None:
        self.state.isr |= cause
        self._update_interrupt()

    def _update_interrupt(self) -> None:
        self.intx.set(bool(self.state.isr))

    # -- status, features and queues, as both interfaces have them

    def set_status(self, value: int) -> None:
        """Take the device status; 0 resets the device."""
        state = self.state
        if not value:
            self.state = self.STATE()  # type: ignore[assignment]
            self._restart()
            return
        if value & r.FEATURES_OK and not state.status & r.FEATURES_OK:
            unknown = state.driver_features & ~self._features
            if unknown or not self.modern:
                value &= ~r.FEATURES_OK
        ready = value & r.DRIVER_OK and not state.status & r.DRIVER_OK
        state.status = value & 0xFF | state.status & r.NEEDS_RESET
        if ready:
            for index in range(len(self.queues)):
                self.run(index)

    def set_features(self, value: int) -> None:
        """Take what the driver accepts."""
        if not self.state.status & r.FEATURES_OK:
            self.state.driver_features = value
            self._update_features()

    def _selected(self) -> QueueState | None:
        queues, number = self.state.queues, self.state.queue_select
        return queues[number] if number < len(queues) else None

    def enable_queue(self, index: int) -> None:
        """Begin to use a queue whose parts are known."""
        state = self.state.queues[index]
        state.last_available = state.used_index = 0
        queue = Virtqueue(self, state)
        self.queues[index] = queue
        self._update_features()
        try:
            queue.check()
        except RingError as error:
            self.broken(f"queue {index}: {error}")
        else:
            state.enabled = True

    def read_isr(self) -> int:
        """Return the ISR status, which clears it and takes the interrupt back."""
        value, self.state.isr = self.state.isr, 0
        self._update_interrupt()
        return value

    # -- register space

    @register_space.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer the structures of the memory BAR."""
        if offset < r.COMMON_SIZE:
            return int.from_bytes(self._common()[offset : offset + size], "little")
        if offset == r.ISR:
            return self.read_isr()
        if r.DEVICE <= offset < r.DEVICE + r.DEVICE_SIZE:
            place = offset - r.DEVICE
            return int.from_bytes(self.device_config()[place : place + size], "little")
        return 0

    @register_space.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the structures of the memory BAR."""
        if offset >= r.NOTIFY:
            index = (offset - r.NOTIFY) // r.NOTIFY_MULTIPLIER
            if index < len(self.queues):
                self.run(index)
        elif offset >= r.DEVICE:
            for n in range(size):
                self.device_config_written(offset - r.DEVICE + n, value >> 8 * n & 0xFF)
        elif offset < r.QUEUE_SELECT:
            self._write_device(offset, value)
        else:
            self._write_queue(offset, value)

    def _common(self) -> bytes:
        state, queue = self.state, self._selected()
        shown = queue or QueueState()
        offered, accepted = self._features, state.driver_features
        return _COMMON.pack(
            state.device_feature_select,
            _half(offered, state.device_feature_select),
            state.driver_feature_select,
            _half(accepted, state.driver_feature_select),
            r.NO_VECTOR,
            len(self.queues),
            state.status,
            state.generation,
            state.queue_select,
            shown.size,
            r.NO_VECTOR,
            shown.enabled,
            state.queue_select if queue else 0,
            shown.descriptors,
            shown.available,
            shown.used,
        )

    def _write_device(self, offset: int, value: int) -> None:
        state = self.state
        match offset:
            case r.DEVICE_FEATURE_SELECT:
                state.device_feature_select = value
            case r.DRIVER_FEATURE_SELECT:
                state.driver_feature_select = value
            case r.DRIVER_FEATURE if state.driver_feature_select < 2:
                shift = 32 * state.driver_feature_select
                others = state.driver_features & ~(0xFFFFFFFF << shift)
                self.set_features(others | value << shift)
            case r.DEVICE_STATUS:
                self.set_status(value & 0xFF)

    def _write_queue(self, offset: int, value: int) -> None:
        state, queue = self.state, self._selected()
        if offset == r.QUEUE_SELECT:
            state.queue_select = value & 0xFFFF
            return
        if queue is None or queue.enabled:
            return  # what is in use does not change (4.1.4.3.2)
        match offset:
            case r.QUEUE_SIZE:
                if value & (value - 1) or not 0 < value <= self.QUEUE_SIZES[state.queue_select]:
                    self.guest_error(f"queue of {value} entries")
                else:
                    queue.size = value
            case r.QUEUE_ENABLE if value & 1:
                self.enable_queue(state.queue_select)
            case r.QUEUE_DESC | 0x24:
                queue.descriptors = _with_half(queue.descriptors, offset, value)
            case r.QUEUE_DRIVER | 0x2C:
                queue.available = _with_half(queue.available, offset, value)
            case r.QUEUE_DEVICE | 0x34:
                queue.used = _with_half(queue.used, offset, value)

    # -- access through configuration space (4.1.4.9)

    def _window_target(self) -> tuple[int, int] | None:
        """Return offset and size of what the window shows, or None."""
        bar, offset, length = struct.unpack_from("<B3xII", self.registers, self._window + 4)
        whole = offset + length <= r.REGISTER_SPACE and length in (1, 2, 4)
        return (offset, length) if bar == r.BAR and whole and offset % length == 0 else None

    def config_read(self, offset: int, size: int) -> int:
        """Answer configuration space; its window shows registers."""
        if offset == self._window + _CAPABILITY_SIZE and (target := self._window_target()):
            return self.read_register(*target) & (1 << 8 * size) - 1
        return super().config_read(offset, size)

    def config_written(self, offset: int, size: int) -> None:
        """Pass on what was written to the window."""
        if offset == self._window + _CAPABILITY_SIZE and (target := self._window_target()):
            place, length = target
            data = self.registers[offset : offset + length]
            self.write_register(place, int.from_bytes(data, "little"), length)


def _half(features: int, select: int) -> int:
    return features >> 32 * select & 0xFFFFFFFF if select < 2 else 0


def _with_half(address: int, offset: int, value: int) -> int:
    shift = 32 if offset & 4 else 0
    return address & ~(0xFFFFFFFF << shift) | value << shift
