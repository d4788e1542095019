"""Information items: plain texts about parts of the machine, for people who debug.

Devices declare theirs with ``@info_item`` (:mod:`engine.pdm.device`); those of the machine itself
are the functions of this module. :func:`show_info` finds one by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.dbgf.errors import DebuggerError
from engine.dbgf.registers import bits_of, spelled
from engine.em import x86
from engine.gim.providers import describe
from engine.pdm.pci import BAR0, CLASS_CODE, PciBus
from engine.pgm import RegionKind

if TYPE_CHECKING:
    from engine.vm import VM

Show = Callable[["VM", str], str]


@dataclass(frozen=True, slots=True)
class Item:
    """An item.

    Attributes:
        description: a sentence for ``info help``.
        show: gets the machine and the arguments; returns the text.
    """

    description: str
    show: Show


_items: dict[str, Item] = {}
_GENERAL_COLUMNS: Final = 4
_SEGMENTS: Final = ("cs", "ds", "es", "fs", "gs", "ss", "ldtr", "tr")
_TABLES: Final = ("gdtr", "idtr")
_DESCRIPTOR_BYTES: Final = 8
_TABLE_LIMIT: Final = 256  # descriptors shown without being asked for more


def item(name: str, description: str) -> Callable[[Show], Show]:
    """Decorator: declare an item of the machine."""

    def declare(function: Show) -> Show:
        _items[name] = Item(description, function)
        return function

    return declare


def info_items(vm: VM) -> dict[str, Item]:
    """Every item of this machine by name, in alphabetical order."""
    found = dict(_items)
    for device in vm.devices.devices.values():
        for name, (description, method) in device.info_items().items():
            found[name] = Item(description, _device_show(type(device), method))
    return dict(sorted(found.items()))


def show_info(vm: VM, name: str, arguments: str = "") -> str:
    """Return the text of an item; a device's instance name is an item as well (``serial/1``).

    Raises:
        DebuggerError: there is no such item.
        InvalidStateError: the machine is off.
    """
    device = vm.devices.devices.get(name if "/" in name else f"{name}/0")
    found = info_items(vm).get(name)
    if found is not None:
        show = found.show
        return vm.inspect(lambda: show(vm, arguments))
    if device is not None:
        return vm.inspect(device.info)
    raise DebuggerError(f"There is no information item '{name}'; 'help' lists those there are.")


def _device_show(kind: type, method: str) -> Show:
    def show(vm: VM, _arguments: str) -> str:
        devices = [d for d in vm.devices.devices.values() if isinstance(d, kind)]
        texts = [getattr(device, method)() for device in devices]
        if len(devices) == 1:
            return str(texts[0])
        pairs = zip(devices, texts, strict=True)
        return "\n".join(f"{device.instance_name}:\n{text}" for device, text in pairs)

    return show


@item("help", "Lists all items.")
def _help(vm: VM, _arguments: str) -> str:
    items = info_items(vm)
    width = max(map(len, items))
    return "\n".join(f"{name:<{width}}  {found.description}" for name, found in items.items())


@item("cfgm", "Configuration tree from which the machine was built.")
def _cfgm(vm: VM, _arguments: str) -> str:
    return vm.configuration.dump()


@item("clocks", "Virtual time and the guest's wall clock, in nanoseconds.")
def _clocks(vm: VM, _arguments: str) -> str:
    return (
        f"Virtual: {vm.time.now():>20} ns {'running' if vm.time.running else 'stopped'}\n"
        f"Real:    {vm.time.utc_now():>20} ns since 1970"
    )


@item("timers", "All timers of virtual time with their deadlines.")
def _timers(vm: VM, _arguments: str) -> str:
    return _timer_rows(vm, only_active=False)


@item("activetimers", "Armed timers, the next one first.")
def _active_timers(vm: VM, _arguments: str) -> str:
    return _timer_rows(vm, only_active=True)


def _timer_rows(vm: VM, *, only_active: bool) -> str:
    now = vm.time.now()
    timers = [t for t in vm.time.timers if t.deadline is not None or not only_active]
    if only_active:
        timers.sort(key=lambda timer: timer.deadline or 0)
    rows = [f"{'deadline (ns)':>20} {'in (ns)':>16}  timer"]
    for each in timers:
        if each.deadline is None:
            rows.append(f"{'-':>20} {'-':>16}  {each.name}")
        else:
            rows.append(f"{each.deadline:>20} {each.deadline - now:>16}  {each.name}")
    return "\n".join(rows)


@item("ioport", "I/O ports and who answers them.")
def _ports(vm: VM, _arguments: str) -> str:
    rows, last = [], None
    for block in vm.ports.ranges:
        if block is not None and block is not last:
            rows.append(f"{block.base:04x}-{block.end - 1:04x}  {block.owner} ({block.name})")
        last = block
    return "\n".join(rows)


@item("mmio", "Memory-mapped registers.")
def _mmio(vm: VM, _arguments: str) -> str:
    return _section_rows(vm, {RegionKind.MMIO}) or "No registers are mapped into memory."


@item("phys", "Map of guest-physical memory.")
def _physical(vm: VM, _arguments: str) -> str:
    return _section_rows(vm, {RegionKind.RAM, RegionKind.ROM, RegionKind.MMIO})


def _section_rows(vm: VM, kinds: set[RegionKind]) -> str:
    return "\n".join(
        f"{section.base:016x}-{section.end - 1:016x}  {section.region.kind.value:4}  "
        f"{section.region.name}"
        for section in vm.memory.sections()
        if section.region.kind in kinds
    )


@item("pci", "Devices on the PCI bus.")
def _pci(vm: VM, _arguments: str) -> str:
    bus = vm.devices.find(PciBus)
    rows = []
    for (slot, function), device in sorted((bus.devices if bus else {}).items()):
        registers = device.registers
        class_code = int.from_bytes(registers[CLASS_CODE : CLASS_CODE + 3], "little")
        rows.append(
            f"00:{slot:02x}.{function} {device.instance_name}: {device.VENDOR:04x}-"
            f"{device.DEVICE:04x} class {class_code:06x} command "
            f"{int.from_bytes(registers[4:6], 'little'):04x} interrupt line {registers[0x3C]}"
        )
        rows += [
            f"    BAR{bar.index if bar.offset < BAR0 + 24 else ' ROM'}: "
            f"{'not mapped' if (base := bar.base(device)) is None else f'{base:#010x}'} "
            f"({bar.size(device):#x} bytes)"
            for bar in device.BARS
        ]
    return "\n".join(rows)


@item("stats", "Counters; an argument selects by pattern.")
def _statistics(vm: VM, arguments: str) -> str:
    rows = vm.select_statistics(arguments).items()
    return "\n".join(f"{path:<50} {value:>16} {unit}" for path, (value, unit) in rows)


@item("cpuid", "What CPUID answers to the guest.")
def _cpuid(vm: VM, _arguments: str) -> str:
    rows = ["  leaf/sub-leaf    eax      ebx      ecx      edx"]
    for number, sub_leaf, leaf in vm.engine.cpuid:
        values = " ".join(f"{value:08x}" for value in leaf)
        rows.append(f"{number:08x}/{sub_leaf:<6x}  {values}")
    return "\n".join(rows)


@item("gim", "The paravirtualization interface.")
def _gim(vm: VM, _arguments: str) -> str:
    return describe(vm.paravirt_provider, vm.engine.abilities)


@item("cpum", "Registers of the virtual CPU.")
def _cpu(vm: VM, _arguments: str) -> str:
    registers = vm.engine.registers()
    general = [*x86.GENERAL_REGISTERS, "rip", "rflags"]
    cells = [f"{name}={registers[name]:016x}" for name in general]
    rows = [
        " ".join(cells[n : n + _GENERAL_COLUMNS]) for n in range(0, len(cells), _GENERAL_COLUMNS)
    ]
    for name in _SEGMENTS:
        part = {key: registers[f"{name}_{key}"] for key in ("base", "lim", "attr")}
        rows.append(
            f"{name}={{{registers[name]:04x} base={part['base']:016x} limit={part['lim']:08x} "
            f"flags={part['attr']:08x}}}"
        )
    rows += [
        f"{name}={registers[f'{name}_base']:016x}:{registers[f'{name}_lim']:04x}"
        for name in _TABLES
    ]
    tables = (*_SEGMENTS, *_TABLES)
    rows += [
        f"{name}={spelled(value, bits_of(name))}"
        for name, value in registers.items()
        if name not in general and name.partition("_")[0] not in tables
    ]
    return "\n".join(rows)


_items["cpumguest"] = _items["cpum"]


@item("mode", "Mode of the virtual CPU.")
def _mode(vm: VM, _arguments: str) -> str:
    registers = vm.engine.registers()
    cr0, cr4, efer = registers["cr0"], registers["cr4"], registers["efer"]
    if not cr0 & x86.CR0_PE:
        return "Real mode"
    if registers["rflags"] & x86.EFLAGS_VM:
        return "Virtual-8086 mode"
    if efer & x86.EFER_LMA:
        code_64 = registers["cs_attr"] << 8 & x86.DESC_L
        return "Long mode (64-bit)" if code_64 else "Long mode (compatibility)"
    if not cr0 & x86.CR0_PG:
        return "Protected mode without paging"
    return f"Protected mode with {'PAE' if cr4 & x86.CR4_PAE else '32-bit'} paging"


@item("gdt", "Global descriptor table of the guest.")
def _gdt(vm: VM, _arguments: str) -> str:
    return _table(vm, "gdtr", _DESCRIPTOR_BYTES)


@item("idt", "Interrupt descriptor table of the guest; the vectors in real mode.")
def _idt(vm: VM, _arguments: str) -> str:
    registers = vm.engine.registers()
    if not registers["cr0"] & x86.CR0_PE:
        return _table(vm, "idtr", 4)
    return _table(vm, "idtr", 16 if registers["efer"] & x86.EFER_LMA else _DESCRIPTOR_BYTES)


def _table(vm: VM, register: str, width: int) -> str:
    """The entries of a table that are not zero, as they stand in memory."""
    registers = vm.engine.registers()
    base, limit = registers[f"{register}_base"], registers[f"{register}_lim"]
    rows = [f"{register}: base={base:016x} limit={limit:04x}"]
    for number in range(min((limit + 1) // width, _TABLE_LIMIT)):
        entry = vm.engine.read_linear(base + number * width, width)
        if entry is None:
            rows.append(f"{number:02x}: not mapped")
            break
        if any(entry):
            rows.append(f"{number:02x}: {int.from_bytes(entry, 'little'):0{2 * width}x}")
    return "\n".join(rows)
