"""Builds the devices of a VM from the configuration tree and wires them.

The order follows from what each class requires and provides; no list names devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from engine.errors import ConfigurationError
from engine.pdm.block import ImmediateQueue
from engine.pdm.device import Device, IsaIrq, registry
from engine.pdm.driver import make_driver
from engine.pdm.interfaces import (
    BlockMedium,
    InterruptController,
    MemoryBalloon,
    NetworkAdapter,
    ResetKind,
    StorageAdapter,
)
from engine.pdm.irq import IrqLine
from engine.pdm.memory import DeviceMemory
from engine.pdm.pci import PciBus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from engine.cfgm import Node
    from engine.iom import PortSpace, Range
    from engine.pdm.block import BlockQueue, MakeBlockQueue
    from engine.pdm.buffers import Piece
    from engine.pdm.device import DeviceConfig
    from engine.pgm import PhysicalMemory
    from engine.tm import TimeManager, Timer

InterfaceT = TypeVar("InterfaceT")
AnyDevice = Device[Any, Any]


def call_at_once(function: Callable[[], object]) -> None:
    """Stand in for an EMT where the caller is the only thread."""
    function()


class Context:
    """The :class:`~engine.pdm.device.DeviceContext` of one device."""

    def __init__(self, owner: DeviceSet, name: str, config: DeviceConfig, node: Node) -> None:
        self._owner = owner
        self.instance_name = name
        self.config = config
        self.pci_address = (node.integer("PCIDeviceNo", 0), node.integer("PCIFunctionNo", 0))
        self.map_ports: Callable[[Range], None] = owner.ports.map
        self.unmap_ports: Callable[[Range], None] = owner.ports.unmap
        self.now: Callable[[], int] = owner.time.now
        self.utc_now: Callable[[], int] = owner.time.utc_now
        self.dma_read: Callable[[int, int], bytes] = owner.memory.read
        self.dma_write: Callable[[int, bytes], None] = owner.memory.write
        self.dma_gather: Callable[[Iterable[Piece]], bytes] = owner.memory.gather
        self.dma_scatter: Callable[[Iterable[Piece], bytes | memoryview], None] = (
            owner.memory.scatter
        )
        self.dma_views: Callable[[Sequence[Piece]], list[memoryview] | None] = owner.memory.views
        self.dma_filled: Callable[[Sequence[Piece]], None] = owner.memory.filled
        self.is_memory: Callable[[int, int], bool] = owner.memory.is_memory
        self.give_back: Callable[[int, int], bool] = owner.memory.give_back
        self.post: Callable[[Callable[[], object]], None] = owner.post
        self._mmio: dict[int, Callable[[], None]] = {}

    def map_mmio(self, block: Range) -> None:
        """Map a register block into memory space."""
        self._mmio[id(block)] = self._owner.memory.map_mmio(block)

    def unmap_mmio(self, block: Range) -> None:
        """Take a register block out of memory space."""
        undo = self._mmio.pop(id(block), None)
        if undo:
            undo()

    def allocate_memory(
        self, name: str, size: int, *, writable: bool, logged: bool = False
    ) -> DeviceMemory:
        """Return memory that the device can show to the guest."""
        memory = self._owner.memory
        return DeviceMemory(
            name,
            size,
            writable=writable,
            map_window=memory.map_memory,
            drop_code=memory.changed_by_host,
            logged=logged,
        )

    def isa_line(self, name: str, irq: int) -> IrqLine:
        """Return a line that ends in an ISA interrupt."""
        if not 0 <= irq <= 15:
            raise ConfigurationError(f"{name}: interrupt {irq} is not an ISA interrupt (0 to 15).")
        return IrqLine(name, self.require(InterruptController).isa_input(irq))

    def create_timer(self, name: str, callback: Callable[[], None]) -> Timer:
        """Return a timer in virtual time."""
        return self._owner.time.create_timer(name, callback)

    def attached(self, lun: int) -> object | None:
        """Return what is attached at a connector."""
        return self._owner.attachments.get((self.instance_name, lun))

    def block_queue(self, lun: int) -> BlockQueue | None:
        """Return the queue of the medium at a connector."""
        return self._owner.block_queue((self.instance_name, lun))

    def require(self, interface: type[InterfaceT]) -> InterfaceT:
        """Return who offers an interface; a ConfigurationError when nobody does."""
        found = self.find(interface)
        if found is None:
            raise ConfigurationError(
                f"{self.instance_name} needs a device that offers {interface.__name__}, "
                f"and the configuration has none."
            )
        return found

    def find(self, interface: type[InterfaceT]) -> InterfaceT | None:
        """Return who offers an interface, or None."""
        return cast("InterfaceT | None", self._owner.interfaces.get(interface))


class DeviceSet:
    """All devices of a VM.

    Args:
        node: the CFGM node ``/Devices``.
        interfaces: what the machine itself offers to devices, by interface.
        post: runs a function on the EMT; the default is for machines that have none (tests).
        make_queue: makes what carries out requests to a medium; the default does so at once.

    Attributes:
        devices: by instance name (``serial/0``), in the order of construction.
        attachments: what the host side has plugged in, by (instance name, LUN).
    """

    def __init__(
        self,
        node: Node,
        *,
        ports: PortSpace,
        memory: PhysicalMemory,
        time: TimeManager,
        interfaces: dict[type, object],
        attachments: dict[tuple[str, int], object] | None = None,
        post: Callable[[Callable[[], object]], None] = call_at_once,
        make_queue: MakeBlockQueue = ImmediateQueue,
    ) -> None:
        self.post = post
        self._make_queue = make_queue
        self._queues: dict[tuple[str, int], BlockQueue] = {}
        self.ports = ports
        self.memory = memory
        self.time = time
        self.interfaces: dict[type, object] = {PciBus: PciBus(), **interfaces}
        self.attachments: dict[tuple[str, int], object] = dict(attachments or {})
        self.devices: dict[str, AnyDevice] = {}
        self._opened: list[object] = []
        try:
            for cls, instance_node in self._ordered(node):
                self._build(cls, instance_node)
        except BaseException:
            # What has been passed in is left to the caller.
            self._close(self._opened)
            raise

    def _ordered(self, node: Node) -> Iterable[tuple[type[AnyDevice], Node]]:
        known = registry()
        waiting: list[tuple[type[AnyDevice], Node]] = []
        for name, group in node.children.items():
            cls = known.get(name)
            if cls is None:
                raise ConfigurationError(f"{group.path}: there is no device named {name!r}.")
            if len(group.children) > cls.MAX_INSTANCES:
                raise ConfigurationError(
                    f"{group.path}: {len(group.children)} instances are configured; "
                    f"{cls.DESCRIPTION} allows {cls.MAX_INSTANCES}."
                )
            waiting += [(cls, instance) for instance in group.children.values()]
        while waiting:
            offered_later = {i for cls, _ in waiting for i in cls.PROVIDES}
            ready = [
                item for item in waiting
                if not any(need in offered_later for need in _needs(item[0]))
            ]  # fmt: skip
            if not ready:
                names = ", ".join(cls.NAME for cls, _ in waiting)
                raise ConfigurationError(f"The devices {names} require one another in a circle.")
            yield from ready
            waiting = [item for item in waiting if item not in ready]

    def _build(self, cls: type[AnyDevice], node: Node) -> None:
        name = f"{cls.NAME}/{node.path.rsplit('/', 1)[1]}"
        config_node = node.find("Config")
        values = config_node.values if config_node else {}
        try:
            config = msgspec.convert(values, cls.CONFIG)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"{node.path}/Config: {error}") from error
        for child_name, child in node.children.items():
            if child_name.startswith("LUN#") and "Driver" in child.values:
                self._attach_driver(name, child_name, child)
        device = cls(Context(self, name, config, node))
        self.devices[name] = device
        for interface in cls.PROVIDES:
            self.interfaces[interface] = device

    def _attach_driver(self, name: str, child_name: str, node: Node) -> None:
        lun = child_name.removeprefix("LUN#")
        if not lun.isdecimal():
            raise ConfigurationError(f"{node.path}: {lun!r} is not the number of a connector.")
        place = (name, int(lun))
        if place not in self.attachments:  # the host side may have put something there
            self.attachments[place] = driver = make_driver(node)
            self._opened.append(driver)

    # ------------------------------------------------------------------ life

    def reset(self, kind: ResetKind) -> None:
        """Reset every device, in the order of construction."""
        for device in self.devices.values():
            device.reset(kind)

    def attach(self, instance_name: str, lun: int, driver: object | None) -> object | None:
        """Plug something in (or out, with None) while running; return what was there. EMT only.

        What the device has asked of a medium that goes is finished before.

        Raises:
            ConfigurationError: there is no such device.
        """
        device = self.devices.get(instance_name)
        if device is None:
            raise ConfigurationError(f"There is no device {instance_name}.")
        before = self.attachments.pop((instance_name, lun), None)
        queue = self._queues.pop((instance_name, lun), None)
        if queue is not None:
            queue.drain()  # a command that wants more finds no medium
            queue.close()
        if driver is not None:
            self.attachments[instance_name, lun] = driver
        device.on_attach(lun)
        return before

    def block_queue(self, place: tuple[str, int]) -> BlockQueue | None:
        """Return the queue of the medium that is attached at a place."""
        queue = self._queues.get(place)
        if queue is None:
            medium = self.attachments.get(place)
            if isinstance(medium, BlockMedium):
                queue = self._queues[place] = self._make_queue(medium, self.post)
        return queue

    def drain(self) -> None:
        """Wait until no request to any medium is under way, nor any that follows from it. EMT."""
        # One answer may be the reason of another request, also to another medium.
        while any(queue.drain() for queue in list(self._queues.values())):
            pass

    def find(self, interface: type[InterfaceT]) -> InterfaceT | None:
        """Return who offers an interface, or None."""
        return cast("InterfaceT | None", self.interfaces.get(interface))

    def statistics(self) -> Iterator[tuple[str, int, str]]:
        """Yield rows for STAM: the guest's mistakes by device, and what the devices have moved."""
        for name, device in self.devices.items():
            yield f"/Devices/{name}/GuestErrors", device.guest_errors, "times"
            if isinstance(device, StorageAdapter):
                for lun, moved in device.activity().items():
                    yield f"/Public/Storage/{name}/Port{lun}/BytesRead", moved.read, "bytes"
                    yield f"/Public/Storage/{name}/Port{lun}/BytesWritten", moved.written, "bytes"
            if isinstance(device, NetworkAdapter):
                path = f"/Public/NetAdapter/{name.rsplit('/', 1)[1]}"
                traffic = device.traffic()
                yield f"{path}/BytesReceived", traffic.bytes_received, "bytes"
                yield f"{path}/BytesTransmitted", traffic.bytes_transmitted, "bytes"
                yield f"{path}/FramesReceived", traffic.frames_received, "times"
                yield f"{path}/FramesTransmitted", traffic.frames_transmitted, "times"
            if isinstance(device, MemoryBalloon):
                for word, size in device.memory_statistics().items():
                    yield f"/Public/Guest/RAM/{word}", size, "bytes"

    def close(self) -> None:
        """Finish all requests and close everything attached, even when one of them fails."""
        queues, self._queues = self._queues, {}
        for queue in queues.values():
            queue.close()
        drivers = list(self.attachments.values())
        self.attachments.clear()
        errors = self._close(drivers)
        if errors:
            raise errors[0]

    @staticmethod
    def _close(drivers: Iterable[object]) -> list[Exception]:
        """Close what can be closed; return what went wrong."""
        errors: list[Exception] = []
        for driver in drivers:
            close = getattr(driver, "close", None)
            if close:
                try:
                    close()
                except Exception as error:  # all are closed before the first is told
                    errors.append(error)
        return errors


def _needs(cls: type[AnyDevice]) -> tuple[type, ...]:
    """Return what must be built before a device; interrupt lines end in a controller."""
    has_lines = any(isinstance(item, IsaIrq) for item in cls.declarations().values())
    return (*cls.REQUIRES, InterruptController) if has_lines else cls.REQUIRES
