"""A virtio device on a bench, and a driver for it that can also lie."""

from __future__ import annotations

import struct

import msgspec

from engine.devices.virtio import registers as r
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace

SLOT, BAR, IO, IRQ = 3, 0xE0000000, 0xC000, 11
RINGS, BUFFERS = 0x200000, 0x400000
RING_STRIDE = 0x10000
NEXT, WRITE, INDIRECT = 1, 2, 4


class Rig:
    """One device in slot 3, reset and decoded."""

    def __init__(self, name, attachments=None, **options):
        self.name = name
        self.made_with = options.copy()
        config, others = options.pop("config", {}), options.pop("others", {})
        self.bench = Bench(
            tree(
                i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}, **others,
                **{name: {"pci": (SLOT, 0), **config}},
            ),
            attachments={(f"{name}/0", lun): it for lun, it in (attachments or {}).items()},
            **options,
        )  # fmt: skip
        self.device = self.bench.device(name)
        self.config = ConfigSpace(self.bench, SLOT)
        bridge = ConfigSpace(self.bench, 1)
        for n in range(4):
            bridge.write(0x60 + n, IRQ, 1)
        self.decode()
        self.next_free = {}
        self.available = {}
        self.seen = {}

    def decode(self):
        """Place the BARs, as firmware or a driver does."""
        self.config.write(0x10, IO)
        self.config.write(0x18, BAR)
        self.config.write(0x04, 7, 2)

    def read(self, offset, size=4):
        return self.device.register_space.range.read(offset, size)

    def write(self, offset, value, size=4):
        self.device.register_space.range.write(offset, value, size)

    @property
    def status(self):
        return self.read(r.DEVICE_STATUS, 1)

    @property
    def irq(self):
        return self.bench.pic.levels[IRQ]

    def start(self, features=0, queues=(0, 1, 2), size=16):
        """Bring the device up as a driver does (virtio 1.2, 3.1)."""
        self.write(r.DEVICE_STATUS, 0, 1)
        self.write(r.DEVICE_STATUS, r.ACKNOWLEDGE | r.DRIVER, 1)
        features |= r.F_VERSION_1
        for half in range(2):
            self.write(r.DRIVER_FEATURE_SELECT, half)
            self.write(r.DRIVER_FEATURE, features >> 32 * half & 0xFFFFFFFF)
        self.write(r.DEVICE_STATUS, 11, 1)
        assert self.status == 11
        self.size = size
        for queue in queues:
            base = RINGS + queue * RING_STRIDE
            self.bench.memory.write(base, bytes(RING_STRIDE))
            self.write(r.QUEUE_SELECT, queue, 2)
            self.write(r.QUEUE_SIZE, size, 2)
            for place, offset in ((r.QUEUE_DESC, 0), (r.QUEUE_DRIVER, 0x4000), (r.QUEUE_DEVICE, 0x8000)):
                self.write(place, base + offset)
                self.write(place + 4, 0)
            self.write(r.QUEUE_ENABLE, 1, 2)
            self.next_free[queue] = self.available[queue] = self.seen[queue] = 0
        self.write(r.DEVICE_STATUS, 15, 1)
        return self

    def descriptor(self, queue, index, address, length, flags=0, following=0):
        data = struct.pack("<QIHH", address, length, flags, following)
        self.bench.memory.write(RINGS + queue * RING_STRIDE + 16 * index, data)

    def add(self, queue, *parts, notify=True):
        """Make a chain available; parts are (address, bytes to be read or a size to be filled)."""
        first = self.next_free[queue]
        for n, (address, content) in enumerate(parts):
            readable = isinstance(content, bytes)
            if readable:
                self.bench.memory.write(address, content)
            length = len(content) if readable else content
            last = n == len(parts) - 1
            flags = (0 if readable else WRITE) | (0 if last else NEXT)
            index = (first + n) % self.size
            self.descriptor(queue, index, address, length, flags, (index + 1) % self.size)
        self.next_free[queue] = (first + len(parts)) % self.size
        self.make_available(queue, first, notify=notify)
        return first

    def make_available(self, queue, head, *, notify=True):
        ring = RINGS + queue * RING_STRIDE + 0x4000
        place = ring + 4 + 2 * (self.available[queue] % self.size)
        self.bench.memory.write(place, struct.pack("<H", head))
        self.available[queue] = self.available[queue] + 1 & 0xFFFF
        self.bench.memory.write(ring + 2, struct.pack("<H", self.available[queue]))
        if notify:
            self.notify(queue)

    def notify(self, queue):
        self.write(r.NOTIFY + queue * r.NOTIFY_MULTIPLIER, queue, 2)

    def used(self, queue):
        """Return (head, bytes) of what has been given back since the last call."""
        ring = RINGS + queue * RING_STRIDE + 0x8000
        (index,) = struct.unpack("<H", self.bench.memory.read(ring + 2, 2))
        found = []
        while self.seen[queue] != index:
            place = ring + 4 + 8 * (self.seen[queue] % self.size)
            found.append(struct.unpack("<II", self.bench.memory.read(place, 8)))
            self.seen[queue] = self.seen[queue] + 1 & 0xFFFF
        return found

    def restored(self, **options):
        """Return the same device in another machine, gone on from its saved state."""
        other = Rig(self.name, **{**self.made_with, **options})
        for name in ("next_free", "available", "seen", "size"):
            setattr(other, name, getattr(self, name))
        other.bench.memory.ram.view[:] = self.bench.memory.ram.view
        other.bench.advance(self.bench.clock)
        saved = msgspec.msgpack.encode(self.device.state_to_save())
        other.device.load_pci_state(self.device.pci_state())
        other.device.state = msgspec.msgpack.decode(saved, type=type(self.device.state))
        other.device.state_loaded(self.device.STATE_VERSION)
        return other
