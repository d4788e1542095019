"""Saving and restoring a whole machine: CPU, time, RAM and devices.

Every device has a unit ``device/<instance>`` with its State struct and version; PCI devices have
``pci/<instance>`` with their configuration space beside it. The header names the configuration
that the state belongs to, so that a machine which has changed is told apart from a damaged file,
and the person learns what differs.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import struct
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.cpum.features import FeatureWords, features_of, missing_names
from engine.em.archstate import VERSION as CPU_VERSION
from engine.em.archstate import CpuState
from engine.errors import EngineError, SavedStateError
from engine.pdm.interfaces import BlockMedium, IdentifiedMedium
from engine.pdm.irq import IrqLine
from engine.pdm.memory import PAGE_SIZE
from engine.pdm.pci import PciDevice, PciState
from engine.screenshot import png_bytes
from engine.ssm import pages
from engine.ssm.file import LARGEST_UNIT, DeviceRecord, Header, MediumRecord, StateWriter
from engine.tm import Timer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.pdm.device import Device
    from engine.ssm.file import StateReader
    from engine.vm import VM

    AnyDevice = Device[Any, Any]

log = logging.getLogger("engine.ssm")

MACHINE_VERSION: Final = 1
SCREENSHOT: Final = "screenshot"
THUMBNAIL: Final = "thumbnail"
THUMBNAIL_WIDTH: Final = 160
_PACK = msgspec.msgpack.Encoder()


class MachineUnit(msgspec.Struct, kw_only=True):
    """What belongs to no device.

    Attributes:
        time: virtual time in ns.
        timers: deadline of each armed timer, in ns of virtual time.
        a20: state of each source of the A20 gate.
        raised: interrupt lines that are high.
    """

    time: int
    timers: dict[str, int] = {}
    a20: dict[str, bool] = {}
    raised: list[str] = []


class CapturedMachine:
    """The state of a machine at one moment, ready to be written while the machine goes on.

    Made on the EMT by :func:`capture`.
    """

    def __init__(
        self, header: Header, units: list[tuple[str, int, bytes]], memory: pages.CapturedPages
    ) -> None:
        self.header = header
        self._units = units
        self._memory = memory

    def write(
        self, path: str, progress: Callable[[int], None] = lambda _percent: None
    ) -> None:
        """Write the file; it appears under its name only when it is complete.

        Args:
            path: absolute path.
            progress: told per cent; an exception that it raises cancels.

        Raises:
            OSError: the file cannot be written.
        """
        with StateWriter(path, self.header) as writer:
            for name, version, data in self._units:
                writer.add(name, version, data)
            self._memory.write(writer, lambda share: progress(int(share * 100)))
            writer.commit()


# ---------------------------------------------------------------------- saving


def capture(vm: VM, *, product: str, details: Mapping[str, str]) -> CapturedMachine:
    """Capture a machine that is held. EMT only.

    Args:
        vm: the machine.
        product: program and version, for the header.
        details: free texts for the header.

    Raises:
        OSError: a medium could not be flushed.
    """
    for driver in vm.devices.attachments.values():
        if isinstance(driver, BlockMedium) and not driver.read_only:
            driver.flush()
    units: list[tuple[str, int, bytes]] = [
        ("cpu/0", CPU_VERSION, _PACK.encode(vm.emt.cpu_state())),
        *(
            (f"cpu/{number}", CPU_VERSION, _PACK.encode(state))
            for number, state in enumerate(vm.engine.other_cpu_states(), 1)
        ),
        ("machine", MACHINE_VERSION, _PACK.encode(_machine_unit(vm))),
    ]
    for name, device in vm.devices.devices.items():
        if isinstance(device, PciDevice):
            units.append((f"pci/{name}", 1, _PACK.encode(device.pci_state())))
        units.append(
            (f"device/{name}", device.STATE_VERSION, _PACK.encode(device.state_to_save()))
        )
    units += _pictures(vm)
    return CapturedMachine(
        _header(vm, product, details), units, pages.CapturedPages(vm.memory.ram.array)
    )


def _header(vm: VM, product: str, details: Mapping[str, str]) -> Header:
    return Header(
        product=product,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        machine=vm.name,
        ram_size=vm.ram_size,
        engine=vm.engine.name,
        devices={
            name: DeviceRecord(version=device.STATE_VERSION, config=_config(device))
            for name, device in vm.devices.devices.items()
        },
        media=_media(vm),
        details=dict(details),
    )


def _config(device: AnyDevice) -> dict[str, object]:
    """What the guest may have noticed of a device's configuration."""
    values: dict[str, object] = msgspec.to_builtins(device.config)
    return {name: value for name, value in values.items() if name not in device.UNSAVED_CONFIG}


def _media(vm: VM) -> dict[str, MediumRecord]:
    return {
        f"{name}/{lun}": MediumRecord(
            identity=str(driver.uuid) if isinstance(driver, IdentifiedMedium) else "",
            size=driver.size,
        )
        for (name, lun), driver in vm.devices.attachments.items()
        if isinstance(driver, BlockMedium)
    }


def _machine_unit(vm: VM) -> MachineUnit:
    return MachineUnit(
        time=vm.time.now(),
        timers={
            name: timer.deadline
            for name, timer in _timers(vm).items()
            if timer.deadline is not None
        },
        a20=vm.a20_sources,
        raised=[name for name, line in _lines(vm).items() if line.level],
    )


def _timers(vm: VM) -> dict[str, Timer]:
    return {
        item.name: item
        for device in vm.devices.devices.values()
        for item in device.bound.values()
        if isinstance(item, Timer)
    }


def _lines(vm: VM) -> dict[str, IrqLine]:
    found: dict[str, IrqLine] = {}
    for device in vm.devices.devices.values():
        lines = [item for item in device.bound.values() if isinstance(item, IrqLine)]
        if isinstance(device, PciDevice):
            lines.append(device.intx)
        found.update((line.name, line) for line in lines)
    return found


def _pictures(vm: VM) -> list[tuple[str, int, bytes]]:
    """Return the screen as it is, and small, as PNG files."""
    if vm.display is None:
        return []
    surface = vm.display.open_surface()
    surface.update()
    pixels = surface.pixels
    if not pixels.size:
        return []
    step = max(1, pixels.shape[1] // THUMBNAIL_WIDTH)
    return [
        (SCREENSHOT, 1, png_bytes(pixels)),
        (THUMBNAIL, 1, png_bytes(pixels[::step, ::step])),
    ]


# ---------------------------------------------------------------------- restoring


def differences(vm: VM, header: Header) -> list[str]:
    """Return a sentence for each way in which a machine differs from the one that was saved."""
    found: list[str] = []
    if header.ram_size != vm.ram_size:
        found.append(
            f"The machine has {vm.ram_size >> 20} MB of memory, the saved one "
            f"{header.ram_size >> 20} MB."
        )
    present = vm.devices.devices
    found += [f"The saved machine had no {name}." for name in present if name not in header.devices]
    found += [f"The machine has no {name} any more." for name in header.devices
              if name not in present]  # fmt: skip
    for name, record in header.devices.items():
        device = present.get(name)
        if device is None:
            continue
        if record.version > device.STATE_VERSION:
            found.append(f"The state of {name} was saved by a newer version of this program.")
        for key, value in _config(device).items():
            before = record.config.get(key, value)
            if before != value:
                found.append(f"{name}: {key} is {value!r}, it was {before!r}.")
    return found + _media_differences(vm, header)


def _media_differences(vm: VM, header: Header) -> list[str]:
    found: list[str] = []
    now = _media(vm)
    for place in sorted(now.keys() | header.media.keys()):
        before, after = header.media.get(place), now.get(place)
        if before is None:
            found.append(f"Nothing was attached at {place}, and now there is a medium.")
        elif after is None:
            found.append(f"The medium at {place} ({before.size} bytes) is not there any more.")
        elif before != after:
            found.append(
                f"Another medium is attached at {place}: {after.identity or 'no UUID'}, "
                f"{after.size} bytes instead of {before.identity or 'no UUID'}, "
                f"{before.size} bytes."
            )
    return found


def restore(
    vm: VM, reader: StateReader, progress: Callable[[int], None] = lambda _percent: None
) -> None:
    """Load a state into a machine that has just been reset and does not run. EMT only.

    Args:
        vm: the machine; when this fails it is good for nothing but being switched off.
        reader: the saved state.
        progress: told per cent.

    Raises:
        SavedStateError: the state is damaged or belongs to another machine; says how they differ.
    """
    unlike = differences(vm, reader.header)
    if unlike:
        raise SavedStateError(
            "The saved state does not fit this machine. Change its settings back, or discard the "
            "saved state.\n" + "\n".join(unlike)
        )
    memory = pages.PageLoader(vm.memory.ram.array)
    units: dict[str, tuple[int, bytes]] = {}
    total = max(1, -(-vm.ram_size // (pages.GROUP * PAGE_SIZE)))
    loaded = 0
    limits = {pages.UNIT: pages.largest_unit()}
    for unit in reader.units(largest=lambda name: limits.get(name, _largest(vm, name))):
        if unit.name == pages.UNIT:
            memory.take(unit)
            loaded += 1
            progress(min(100, 100 * loaded // total))
        else:
            units[unit.name] = unit.version, unit.data
    memory.finish()
    _restore_units(vm, units)


def _largest(vm: VM, name: str) -> int:
    """Return how large a unit may be; a display adapter's holds its video memory."""
    device = vm.devices.devices.get(name.removeprefix("device/"))
    size = getattr(device.config, "vram_size", 0) if device else 0
    return LARGEST_UNIT + 2 * int(size)


def _restore_units(vm: VM, units: dict[str, tuple[int, bytes]]) -> None:
    machine = _decode(units, "machine", MachineUnit, MACHINE_VERSION)
    cpu, *others = _cpu_states(units)
    _check_features(vm, cpu)
    devices = vm.devices.devices
    states = {
        name: _decode(units, f"device/{name}", device.STATE, device.STATE_VERSION)
        for name, device in devices.items()
    }
    with _loading("the clock"):
        vm.time.set(machine.time)
    # The memory map and the levels of interrupt lines first, because controllers take edges from
    # them; what that did to devices is then overwritten.
    for name, device in devices.items():
        if isinstance(device, PciDevice):
            with _loading(name):
                device.load_pci_state(_decode(units, f"pci/{name}", PciState, 1))
    raised = frozenset(machine.raised)
    for name, line in _lines(vm).items():
        with _loading(name):
            line.set(name in raised)
    for name, device in devices.items():
        device.state = states[name]
    for name, device in devices.items():
        with _loading(name):
            device.state_loaded(units[f"device/{name}"][0])
    # Last: a device that computes its deadlines anew would lose one that had come but not fired.
    with _loading("the clock"):
        _restore_timers(vm, machine)
    with _loading("the CPU"):
        vm.emt.load_cpu_state(cpu)
        vm.engine.load_other_cpu_states(others)


def _restore_timers(vm: VM, machine: MachineUnit) -> None:
    timers = _timers(vm)
    for name, deadline in machine.timers.items():
        if name in timers:
            timers[name].arm(deadline)
        else:
            log.warning("the saved state has a timer %s that no device knows", name)
    for source, enabled in machine.a20.items():
        vm.set_a20(source, enabled)


@contextlib.contextmanager
def _loading(name: str) -> Iterator[None]:
    """Have whatever a value that no device has ever saved leads to said in one sentence."""
    try:
        yield
    except SavedStateError:
        raise
    except (EngineError, ArithmeticError, LookupError, MemoryError, TypeError, ValueError,
            AttributeError, struct.error) as error:  # fmt: skip
        log.warning("loading the saved state of %s", name, exc_info=True)
        raise SavedStateError(f"The saved state of {name} is damaged: {error!s:.200}.") from error


def _check_features(vm: VM, cpu: CpuState) -> None:
    """Refuse a guest that may use what this execution engine does not execute.

    Raises:
        SavedStateError: names what is missing and says what to do.
    """
    if not cpu.features:
        return
    missing = missing_names(FeatureWords(*cpu.features), features_of(vm.engine.cpuid.leaves))
    if missing:
        raise SavedStateError(
            f"The machine was saved on a processor with {', '.join(missing)}, which "
            f"{vm.engine.name} does not have here. Resume it where it was saved; a machine whose "
            "CPUID portability level is 1 or more can move."
        )


def _cpu_states(units: dict[str, tuple[int, bytes]]) -> list[CpuState]:
    """Return the states of all CPUs, the first one first."""
    count = sum(name.startswith("cpu/") for name in units)
    states = []
    for number in range(max(1, count)):
        state = _decode(units, f"cpu/{number}", CpuState, CPU_VERSION)
        try:
            state.check()
        except ValueError as error:
            raise SavedStateError(
                f"The saved state of CPU {number} is damaged: {error}."
            ) from error
        states.append(state)
    return states


def _decode(
    units: dict[str, tuple[int, bytes]], name: str, kind: type[Any], newest: int
) -> Any:
    found = units.get(name)
    if found is None:
        raise SavedStateError(f"The saved state has no unit {name!r}.")
    version, data = found
    if version > newest:
        raise SavedStateError(
            f"The unit {name!r} was saved by a newer version of this program ({version})."
        )
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SavedStateError(
            f"The unit {name!r} of the saved state is damaged: {error}."
        ) from error
