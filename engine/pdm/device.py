"""Declarative devices: the base class and what a device may declare.

A device class declares, as class attributes and decorated methods:

- :class:`Ports` and :class:`Mmio`: register blocks with their handlers;
- :class:`Memory`: RAM of its own (frame buffer, option ROM);
- :class:`IsaIrq`: an interrupt output; :func:`timer`: a one-shot timer with its callback;
- :class:`Connector`: a place where the host side plugs something in (medium, serial line);
- ``Config`` and ``State`` structs as type arguments of :class:`Device`.

At construction each declaration is bound to the instance by a :class:`DeviceContext`, which is the
only thing that knows addresses, vectors and the host.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar, cast, get_args

import msgspec

from engine.errors import ConfigurationError
from engine.iom import Range
from engine.pdm.interfaces import ResetKind
from engine.pdm.irq import IrqLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.pdm.block import BlockQueue
    from engine.pdm.buffers import Piece
    from engine.pdm.memory import DeviceMemory
    from engine.tm import Timer

__all__ = ["ResetKind"]


GUEST_ERRORS_TOLD: Final = 10
"""How many mistakes of the guest with one device are logged at INFO."""


class DeviceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of a device's typed configuration; filled from its CFGM ``Config`` node."""


class DeviceState(msgspec.Struct, kw_only=True):
    """Base of a device's architectural state; defaults are the power-on values."""


class EmptyConfig(DeviceConfig, frozen=True):
    """For devices without settings."""


class EmptyState(DeviceState):
    """For devices without state."""


ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=DeviceState)
InterfaceT = TypeVar("InterfaceT")
D = TypeVar("D", bound="Device[Any, Any]")
InfoT = TypeVar("InfoT", bound="Callable[[Any], str]")
_info_items: dict[Any, tuple[str, str]] = {}


class DeviceContext(Protocol):
    """What the machine gives to a device when it is built."""

    instance_name: str  # "serial/0"
    config: DeviceConfig
    pci_address: tuple[int, int]  # slot and function on bus 0

    def map_ports(self, block: Range) -> None: ...
    def unmap_ports(self, block: Range) -> None: ...
    def map_mmio(self, block: Range) -> None: ...
    def unmap_mmio(self, block: Range) -> None: ...
    def allocate_memory(
        self, name: str, size: int, *, writable: bool, logged: bool = False
    ) -> DeviceMemory: ...
    def isa_line(self, name: str, irq: int) -> IrqLine: ...
    def create_timer(self, name: str, callback: Callable[[], None]) -> Timer: ...
    def now(self) -> int: ...
    def utc_now(self) -> int: ...
    def attached(self, lun: int) -> object | None: ...
    def block_queue(self, lun: int) -> BlockQueue | None: ...
    def require(self, interface: type[InterfaceT]) -> InterfaceT: ...
    def find(self, interface: type[InterfaceT]) -> InterfaceT | None: ...
    def dma_read(self, address: int, size: int) -> bytes: ...
    def dma_write(self, address: int, data: bytes) -> None: ...
    def dma_gather(self, pieces: Iterable[Piece]) -> bytes: ...
    def dma_scatter(self, pieces: Iterable[Piece], data: bytes | memoryview) -> None: ...
    def dma_views(self, pieces: Sequence[Piece]) -> list[memoryview] | None: ...
    def dma_filled(self, pieces: Sequence[Piece]) -> None: ...
    def is_memory(self, address: int, size: int) -> bool: ...
    def give_back(self, address: int, size: int) -> bool: ...
    def post(self, function: Callable[[], object]) -> None: ...


# ------------------------------------------------------------------ declarations


class _Block:
    """Common part of :class:`Ports` and :class:`Mmio`: a register block with handlers."""

    def __init__(
        self,
        base: int | str | None,
        count: int | str,
        *,
        sizes: tuple[int, ...] = (1,),
        coalesce: bool = False,
    ) -> None:
        self.base = base
        self.coalesce = coalesce
        self.count = count
        self.sizes = sizes
        self.name = ""
        self._reader: str | None = None
        self._writer: str | None = None
        self._block_reader: str | None = None
        self._block_writer: str | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def reader(self, method: Callable[[D, int, int], int]) -> Callable[[D, int, int], int]:
        """Decorator: ``method(self, offset, size) -> value`` answers reads."""
        self._reader = method.__name__
        return method

    def writer(
        self, method: Callable[[D, int, int, int], None]
    ) -> Callable[[D, int, int, int], None]:
        """Decorator: ``method(self, offset, value, size)`` takes writes."""
        self._writer = method.__name__
        return method

    def block_reader(
        self, method: Callable[[D, int, int, int], bytes | None]
    ) -> Callable[[D, int, int, int], bytes | None]:
        """Decorator: ``method(self, offset, size, items)`` answers REP INS.

        It returns up to ``items * size`` bytes that are ready at once (a whole number of items),
        or None to be asked item by item.
        """
        self._block_reader = method.__name__
        return method

    def block_writer(
        self, method: Callable[[D, int, int, bytes], int]
    ) -> Callable[[D, int, int, bytes], int]:
        """Decorator: ``method(self, offset, size, data) -> items taken`` takes REP OUTS."""
        self._block_writer = method.__name__
        return method

    def bind(self, device: Device[Any, Any], base: int) -> Range:
        """Return the range of this block for one device, at an address."""

        def method(name: str | None) -> Any:
            return getattr(device, name) if name else None

        return Range(
            owner=device.instance_name,
            name=self.name,
            base=base,
            count=device.resolve(self.count),
            sizes=self.sizes,
            read=method(self._reader),
            write=method(self._writer),
            block_read=method(self._block_reader),
            block_write=method(self._block_writer),
            coalesce=self.coalesce,
        )


class Ports(_Block):
    """A block of I/O ports.

    Args:
        base: first port, or the name of the Config field that holds it, or None for a block that
            is mapped later (``self.regs.map(port)``, PCI BARs).
        count: number of ports, or the name of the Config field that holds it.
        sizes: access sizes that the handlers take; others are split.
    """

    def __get__(self, instance: Device[Any, Any], owner: type) -> BoundBlock:
        return cast("BoundBlock", instance.bound[self.name])


class Mmio(_Block):
    """A block of memory-mapped registers; ``base`` and ``count`` (bytes) as in :class:`Ports`.

    Args:
        coalesce: the engine may collect stores, as long as it keeps their order and performs them
            before anything else that the guest does: for windows of displays.
    """

    def __get__(self, instance: Device[Any, Any], owner: type) -> BoundBlock:
        return cast("BoundBlock", instance.bound[self.name])


class BoundBlock:
    """A register block of one device instance, which can move."""

    def __init__(
        self,
        make: Callable[[int], Range],
        map_range: Callable[[Range], None],
        unmap_range: Callable[[Range], None],
    ) -> None:
        self._make = make
        self._map = map_range
        self._unmap = unmap_range
        self.range: Range | None = None
        # Engines keep callbacks for each range; a block that comes and goes needs only one.
        self._last: Range | None = None

    @property
    def base(self) -> int | None:
        """Where the block is mapped, or None."""
        return self.range.base if self.range else None

    def map(self, base: int) -> None:
        """Map the block at ``base``, moving it when it is mapped already.

        Raises:
            ResourceConflictError: ports are taken; the block is not mapped then.
        """
        if self.range is not None and self.range.base == base:
            return
        self.unmap()
        if self._last is None or self._last.base != base:
            self._last = self._make(base)
        self._map(self._last)
        self.range = self._last

    def unmap(self) -> None:
        """Take the block out of the address space."""
        if self.range is not None:
            self._unmap(self.range)
            self.range = None


class Memory:
    """Memory of the device's own, e.g. a frame buffer; see ``engine.pdm.memory.DeviceMemory``.

    Args:
        size: bytes, or the name of the Config field that holds it.
        writable: False for ROM.
        logged: somebody reads the log of written pages.
    """

    def __init__(self, size: int | str, *, writable: bool = True, logged: bool = False) -> None:
        self.size = size
        self.writable = writable
        self.logged = logged
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Device[Any, Any], owner: type) -> DeviceMemory:
        return cast("DeviceMemory", instance.bound[self.name])


class IsaIrq:
    """An interrupt output wired to an ISA interrupt.

    Args:
        irq: 0..15, or the name of the Config field that holds it.
    """

    def __init__(self, irq: int | str) -> None:
        self.irq = irq
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Device[Any, Any], owner: type) -> IrqLine:
        return cast("IrqLine", instance.bound[self.name])


class timer(Generic[D]):  # noqa: N801 - reads as the decorator that it is
    """Decorator: the method becomes the callback of a one-shot timer of the same name.

    ``self.tick.arm(self.now + 1_000_000)`` then arms it; the callback re-arms it.
    """

    def __init__(self, method: Callable[[D], None]) -> None:
        self.method = method
        self.name = method.__name__

    def __get__(self, instance: Device[Any, Any], owner: type) -> Timer:
        return cast("Timer", instance.bound[self.name])


def info_item(name: str, description: str) -> Callable[[InfoT], InfoT]:
    """Decorator: the method ``(self) -> str`` answers ``info <name>`` of the debugger.

    A device whose methods have no such decorator answers under its own name with ``info``.
    """

    def mark(method: InfoT) -> InfoT:
        _info_items[method] = (name, description)
        return method

    return mark


class Connector(Generic[InterfaceT]):
    """A place where the host side attaches something (CFGM ``LUN#n``).

    Reading the attribute gives what is attached, or None.
    """

    def __init__(self, lun: int, interface: type[InterfaceT]) -> None:
        self.lun = lun
        self.interface = interface
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Device[Any, Any], owner: type) -> InterfaceT | None:
        return cast("InterfaceT | None", instance.connected(self.lun))


# ------------------------------------------------------------------ base class


class Device(Generic[ConfigT, StateT]):
    """Base of all devices.

    Attributes:
        NAME: registry name; CFGM puts instances at ``/Devices/<NAME>/<n>``.
        DESCRIPTION: one line for people.
        STATE_VERSION: version of the State struct in saved states.
        REQUIRES: interfaces of other devices that must be built before this one.
        PROVIDES: interfaces that this device offers to others.
        UNSAVED_CONFIG: configuration that a saved state does not depend on.
        config: typed configuration. state: architectural state (saved and restored whole).
        log: what the host should know; guest mistakes go to :meth:`guest_error`.
        guest_errors: how many of those there have been.
    """

    NAME: ClassVar[str] = ""
    DESCRIPTION: ClassVar[str] = ""
    STATE_VERSION: ClassVar[int] = 1
    MAX_INSTANCES: ClassVar[int] = 1
    REQUIRES: ClassVar[tuple[type, ...]] = ()
    PROVIDES: ClassVar[tuple[type, ...]] = ()
    UNSAVED_CONFIG: ClassVar[frozenset[str]] = frozenset()
    CONFIG: ClassVar[type[DeviceConfig]] = EmptyConfig
    STATE: ClassVar[type[DeviceState]] = EmptyState

    config: ConfigT
    state: StateT

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            arguments = get_args(base)
            for argument in arguments:
                if isinstance(argument, type) and issubclass(argument, DeviceConfig):
                    cls.CONFIG = argument
                if isinstance(argument, type) and issubclass(argument, DeviceState):
                    cls.STATE = argument

    def __init__(self, context: DeviceContext) -> None:
        self.context = context
        self.instance_name = context.instance_name
        self.log = logging.getLogger(f"engine.dev.{context.instance_name}")
        self._guest_log = logging.getLogger(f"guest.{context.instance_name}")
        self.guest_errors = 0
        self.config = cast("ConfigT", context.config)
        self.state = cast("StateT", self.STATE())
        self.bound: dict[str, Any] = {}
        self._bind_declarations()
        self.setup()

    # -- what a device overrides

    def setup(self) -> None:
        """Prepare the instance; declarations are bound, other devices may be required."""

    def reset(self, kind: ResetKind) -> None:
        """Go to the state after a reset; called for power-on too. Default: power-on state."""
        self.state = cast("StateT", self.STATE())

    def on_attach(self, lun: int) -> None:
        """The host side has attached or detached something at a connector while running."""

    def state_to_save(self) -> StateT:
        """Return what goes into a saved state. Default: ``self.state``.

        Devices whose contents live outside the State struct (a frame buffer) return a copy that
        includes them. Must not change the device.
        """
        return self.state

    def state_loaded(self, version: int) -> None:
        """A saved state has been put into ``self.state``: recompute what derives from it."""

    def info(self) -> str:
        """Return what the debugger shows for ``info <name>``."""
        return msgspec.json.format(msgspec.json.encode(self.state)).decode()

    @classmethod
    def info_items(cls) -> dict[str, tuple[str, str]]:
        """Return description and name of the method of each item of the debugger's ``info``."""
        found: dict[str, tuple[str, str]] = {}
        for klass in reversed(cls.__mro__):
            for method_name, method in vars(klass).items():
                if callable(method) and method in _info_items:
                    name, description = _info_items[method]
                    found[name] = (description, method_name)
        return found or {cls.NAME: (f"State of the device: {cls.DESCRIPTION}.", "info")}

    # -- what a device uses

    @property
    def now(self) -> int:
        """Virtual time in ns."""
        return self.context.now()

    def require(self, interface: type[InterfaceT]) -> InterfaceT:
        """Return the device (or the machine) that offers an interface."""
        return self.context.require(interface)

    def connected(self, lun: int) -> object | None:
        """Return what the host side has attached at a connector."""
        return self.context.attached(lun)

    def block_queue(self, lun: int) -> BlockQueue | None:
        """Return what carries out requests to the medium at a connector; None: it has none."""
        return self.context.block_queue(lun)

    def guest_error(self, message: str) -> None:
        """Note something that the guest did against the data sheet.

        The first ``GUEST_ERRORS_TOLD`` of a device reach the release log; a guest may go on making
        them for ever, so that the rest is counted and only a developer sees it.
        """
        self.guest_errors += 1
        if self.guest_errors > GUEST_ERRORS_TOLD:
            self._guest_log.debug(message)
            return
        self._guest_log.info(message)
        if self.guest_errors == GUEST_ERRORS_TOLD:
            self._guest_log.info("more mistakes of the guest with this device are only counted")

    def post(self, function: Callable[[], object]) -> None:
        """Run a function on the EMT soon. The one method that a driver's thread may call."""
        self.context.post(function)

    def dma_read(self, address: int, size: int) -> bytes:
        """Read guest-physical memory as a bus master."""
        return self.context.dma_read(address, size)

    def dma_write(self, address: int, data: bytes) -> None:
        """Write guest-physical memory as a bus master; stale translated code is dropped."""
        self.context.dma_write(address, data)

    def dma_gather(self, pieces: Iterable[Piece]) -> bytes:
        """Read consecutive parts of guest-physical memory as a bus master."""
        return self.context.dma_gather(pieces)

    def dma_scatter(self, pieces: Iterable[Piece], data: bytes | memoryview) -> None:
        """Write consecutive parts of guest-physical memory as a bus master."""
        self.context.dma_scatter(pieces, data)

    def dma_views(self, pieces: Sequence[Piece]) -> list[memoryview] | None:
        """Return parts of guest-physical memory to be filled; None: not all of them are RAM."""
        return self.context.dma_views(pieces)

    def dma_filled(self, pieces: Sequence[Piece]) -> None:
        """Take note that what :meth:`dma_views` has returned has been filled."""
        self.context.dma_filled(pieces)

    def is_memory(self, address: int, size: int) -> bool:
        """Tell whether a bus master finds nothing but memory at a range of addresses."""
        return self.context.is_memory(address, size)

    def give_back(self, address: int, size: int) -> bool:
        """Return whole pages of RAM to the host; tell whether nothing but RAM is there."""
        return self.context.give_back(address, size)

    # -- binding

    def resolve(self, value: int | str) -> int:
        """Return a number, or the Config field of that name."""
        if isinstance(value, int):
            return value
        resolved = getattr(self.config, value)
        if not isinstance(resolved, int):
            raise ConfigurationError(f"{self.instance_name}: {value} is not a number.")
        return resolved

    @classmethod
    def declarations(cls) -> dict[str, Any]:
        """Return what the class and its bases declare, by attribute name."""
        found: dict[str, Any] = {}
        for klass in reversed(cls.__mro__):
            found.update(vars(klass))
        kinds = (_Block, Memory, IsaIrq, timer)
        return {name: item for name, item in found.items() if isinstance(item, kinds)}

    def _bind_declarations(self) -> None:
        context = self.context
        for name, item in self.declarations().items():
            if isinstance(item, Memory):
                self.bound[name] = context.allocate_memory(
                    f"{self.instance_name}/{name}",
                    self.resolve(item.size),
                    writable=item.writable,
                    logged=item.logged,
                )
            elif isinstance(item, IsaIrq):
                irq = self.resolve(item.irq)
                self.bound[name] = context.isa_line(f"{self.instance_name}/{name}", irq)
            elif isinstance(item, timer):
                callback = item.method.__get__(self)
                self.bound[name] = context.create_timer(f"{self.instance_name}/{name}", callback)
            elif isinstance(item, _Block):
                self._bind_block(name, item)

    def _bind_block(self, name: str, item: _Block) -> None:
        context = self.context
        ports = isinstance(item, Ports)
        block = BoundBlock(
            partial(item.bind, self),
            context.map_ports if ports else context.map_mmio,
            context.unmap_ports if ports else context.unmap_mmio,
        )
        self.bound[name] = block
        if item.base is not None:
            block.map(self.resolve(item.base))


# ------------------------------------------------------------------ registry

_registry: dict[str, type[Device[Any, Any]]] = {}
DeviceT = TypeVar("DeviceT", bound=type[Device[Any, Any]])


def register(cls: DeviceT) -> DeviceT:
    """Class decorator: make a device known under its NAME."""
    other = _registry.get(cls.NAME)
    if not cls.NAME or (other is not None and other.__qualname__ != cls.__qualname__):
        raise ConfigurationError(f"{cls.__qualname__}: the device name {cls.NAME!r} is not free.")
    _registry[cls.NAME] = cls
    return cls


def registry() -> dict[str, type[Device[Any, Any]]]:
    """Return all device classes by name, after loading every module of ``engine.devices``."""
    import importlib
    import pkgutil

    import engine.devices

    for module in pkgutil.iter_modules(engine.devices.__path__, "engine.devices."):
        importlib.import_module(module.name)
    return dict(_registry)
