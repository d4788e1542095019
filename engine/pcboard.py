"""The PC board as a configuration tree: i440FX, PIIX3, PIIX4 power management and what is on them.

This is the place where a machine's settings become CFGM nodes; nothing here knows device classes,
only their names and settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from engine import cpum
from engine.cfgm import Node
from engine.errors import ConfigurationError
from engine.firmware import find_boot_rom, find_firmware
from engine.pgm import LOW_RAM_LIMIT, PCI_HOLE_START

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.cfgm import Value

MEGABYTE = 1 << 20
# Slots on PCI bus 0 (slot, function), as on the system whose machines we run.
PLACES = {
    "i440fx": (0, 0),
    "piix3": (1, 0),
    "piix3ide": (1, 1),
    "piix4ide": (1, 1),
    "vga": (2, 0),
    "ac97": (5, 0),
    "hda": (5, 0),
    "usb-ohci": (6, 0),
    "usb-ehci": (11, 0),
    "usb-xhci": (12, 0),
    "ahci": (13, 0),
    "nvme": (14, 0),
    "lsilogicscsi": (20, 0),
    "virtio-scsi": (15, 0),
    "virtio-rng": (22, 0),
    "virtio-balloon": (23, 0),
    "piix4pm": (7, 0),
}
VIRTIO_BLK_SLOTS = range(24, 32)
NIC_SLOTS = (0x03, 0x08, 0x09, 0x0A, 0x10, 0x11, 0x12, 0x13)
ISA_DEVICES = ("i8259", "i8254", "i8237a", "pckbd", "port92")
SOUND_CARDS = ("ac97", "hda", "sb16")
FLOPPY_TYPES = {"none": 0, "360K": 1, "1.2M": 2, "720K": 3, "1.44M": 4, "2.88M": 5}
DriveKind = Literal["disk", "cdrom", ""]


@dataclass(slots=True)
class IdeUnit:
    """One place on an IDE, AHCI or USB controller.

    Attributes:
        kind: what is built in; a CD-ROM drive may be empty.
        path: image file, or empty. read_only: open the image for reading only.
        fixed: the guest is not told that the drive may go (AHCI, virtio-blk).
    """

    kind: DriveKind = ""
    path: str = ""
    read_only: bool = False
    fixed: bool = False


@dataclass(slots=True)
class SerialPort:
    """A UART.

    Attributes:
        driver: CFGM driver name (File, Stdout...), or empty for disconnected.
        settings: of the driver, e.g. ``{"Path": ...}``.
    """

    io_base: int = 0x3F8
    irq: int = 4
    driver: str = ""
    settings: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class ParallelPort(SerialPort):
    """A parallel port; ``driver`` takes what is printed, or is empty for nothing connected."""

    io_base: int = 0x378
    irq: int = 7


@dataclass(slots=True)
class Nic:
    """A network adapter.

    Attributes:
        slot: 0..7; the same slot is at the same place on the PCI bus in every machine.
        model: Am79C970A, Am79C973, 82540EM, 82543GC, 82545EM or virtio.
        mac: twelve hexadecimal digits.
        cable: whether the cable is plugged in.
        boot_priority: which one boots first: 1 to 4, then those with 0.
        driver: CFGM driver name (NAT...), or empty for not attached. settings: of the driver.
    """

    slot: int = 0
    model: str = "82540EM"
    mac: str = "080027000001"
    cable: bool = True
    boot_priority: int = 0
    driver: str = ""
    settings: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class SoundCard:
    """A sound card.

    Attributes:
        model: one of ``SOUND_CARDS``.
        settings: of the AUDIO driver, e.g. ``{"OutputFile": ...}``.
        slot: another place on the PCI bus, for boards with several; None: the usual one.
        midi_file: takes the bytes of the MIDI port of the Sound Blaster 16; empty: nothing does.
    """

    model: str = "ac97"
    settings: dict[str, Value] = field(default_factory=dict)
    slot: int | None = None
    midi_file: str = ""


@dataclass(slots=True)
class UsbBus:
    """A USB host controller.

    Attributes:
        controller: ``ohci``, ``ehci`` or ``xhci``.
        devices: what is at its ports: ``keyboard``, ``mouse``, ``tablet`` or nothing.
        drives: what is at ports of drives, by port.
    """

    controller: str = "ohci"
    devices: list[str] = field(default_factory=list)
    drives: dict[int, IdeUnit] = field(default_factory=dict)


@dataclass(slots=True)
class PcOptions:
    """What a person can choose about the board.

    Attributes:
        memory_mb: RAM in MiB. vram_mb: video memory in MiB, a power of two.
        boot_order: letters a (floppy), c (hard disk), d (optical), n (network).
        ide_model: ``piix3`` or ``piix4``. ide: primary master, primary slave, secondary master,
            secondary slave.
        sata: what is at each port of the AHCI controller; no port, no controller.
        hosts: what each place of other controllers is, by the name of the device: ``nvme``,
            ``virtio-scsi`` or ``lsilogicscsi``.
        disks: what is at each port of the virtio-blk controller, of which each is a slot of the PCI
            bus; disks come and go unless they are fixed.
        floppies: image paths of drives A: and B:; an empty text is an empty drive; no entry, no
            drive. No controller is built without drives.
        bios, vga_bios: firmware files; empty means those of the host.
        cpus: processors; several bring both APICs along.
        kernel_chips: use interrupt controllers and timer of the host's kernel with KVM; None:
            where they serve.
        hm: switches of hardware virtualization by their names in CFGM; KVM tells in the log what
            of them is in force.
        cpu_profile: name of a processor, or ``host``. portability: 0 to 3.
        cpuid: answers of CPUID by leaf and sub-leaf.
        entropy: build in a virtio entropy device.
        balloon_mb: memory in MiB that the guest shall give back to the host through a virtio
            balloon; None: there is none.
        execution_cap: per cent of a host processor that the guest may use, 1 to 100.
        paravirt: paravirtualization interface: None, Minimal, KVM or HyperV.
        x2apic: offer this mode of the local APIC, where the execution engine has it.
        apic, ioapic, hpet: what the board has beyond the 8259A pair and the 8254; an I/O APIC needs
            a local APIC.
        engine: execution engine: Default, Unicorn or KVM.
        debug_console: file for the firmware's debug output, or empty.
    """

    name: str = "unnamed"
    uuid: str = ""
    memory_mb: int = 128
    vram_mb: int = 16
    boot_order: str = "adc"
    boot_menu: bool = False
    ide_model: str = "piix4"
    ide: list[IdeUnit] = field(default_factory=lambda: [IdeUnit() for _ in range(4)])
    sata: list[IdeUnit] = field(default_factory=list)
    hosts: dict[str, list[IdeUnit]] = field(default_factory=dict)
    disks: list[IdeUnit] = field(default_factory=list)
    floppies: list[str] = field(default_factory=list)
    serial: list[SerialPort] = field(default_factory=list)
    parallel: list[ParallelPort] = field(default_factory=list)
    nics: list[Nic] = field(default_factory=list)
    usb: list[UsbBus] = field(default_factory=list)
    sound: list[SoundCard] = field(default_factory=list)
    rtc_use_utc: bool = True
    utc_offset: int = 0
    pae: bool = True
    long_mode: bool = True
    apic: bool = False
    ioapic: bool = False
    hpet: bool = False
    cpus: int = 1
    kernel_chips: bool | None = None
    x2apic: bool = False
    hm: dict[str, bool] = field(default_factory=dict)
    cpu_profile: str = "host"
    portability: int = 0
    cpuid: dict[tuple[int, int], cpum.Leaf] = field(default_factory=dict)
    entropy: bool = False
    balloon_mb: int | None = None
    execution_cap: int = 100
    paravirt: str = "Minimal"
    engine: str = "Default"
    bios: str = ""
    vga_bios: str = ""
    debug_console: str = ""


def pc_tree(options: PcOptions) -> Node:
    """Return the configuration tree of a PC.

    Raises:
        ConfigurationError: an option has no meaning on this board.
        FirmwareMissingError: this host has no PC BIOS or VGA BIOS.
    """
    if options.memory_mb < 4:
        raise ConfigurationError(f"A PC needs at least 4 MB of memory, not {options.memory_mb}.")
    root = Node()
    ram = options.memory_mb * MEGABYTE
    low = ram if ram <= PCI_HOLE_START else LOW_RAM_LIMIT
    root.set({"Name": options.name, "UUID": options.uuid, "RamSize": ram, "NumCPUs": options.cpus})
    root.child("EM").set({"ExecutionEngine": options.engine})
    root.child("HM").set(dict(options.hm))
    if options.kernel_chips is not None:
        root.child("HM").set({"KernelChips": options.kernel_chips})
    ioapic = options.ioapic or options.cpus > 1
    apic = options.apic or ioapic
    root.set({"CpuExecutionCap": options.execution_cap})
    root.child("GIM").set({"Provider": options.paravirt})
    _cpu(root.child("CPUM"), options, apic=apic)
    images = find_firmware(options.bios or None, options.vga_bios or None)
    root.child("Firmware").set({"Bios": str(images.bios_path)})
    for name in ISA_DEVICES:
        _device(root, name)
    for name in ("i440fx", "piix3", "piix4pm"):
        _device(root, name)
    for name, there in (("apic", apic), ("ioapic", ioapic), ("hpet", options.hpet)):
        if there:
            _device(root, name)
    _device(root, "vga").set({"vram_mib": options.vram_mb, "bios_rom": str(images.vga_path)})
    _device(root, "mc146818").set(_clock(options, low, ram))
    firmware = _device(root, "fwcfg")
    firmware.set(_firmware_configuration(options, low, ram))
    firmware.set(_processor(cpum.CpuProfile.from_cfgm(root.find("CPUM"))))
    _ide(root, options)
    if options.sata:
        _ahci(root, options.sata)
    for name, places in options.hosts.items():
        _host(root, name, places)
    _disks(root, options.disks)
    if options.floppies:
        _floppies(root, options.floppies)
    _ports(root, "serial", options.serial)
    _ports(root, "parallel", options.parallel)
    for nic in options.nics:
        _nic(root, nic, boots="n" in options.boot_order)
    for bus in options.usb:
        _usb(root, bus)
    for card in options.sound:
        _sound(root, card)
    if options.entropy:
        _device(root, "virtio-rng")
    if options.balloon_mb is not None:
        _device(root, "virtio-balloon").set({"size_mib": options.balloon_mb})
    _device(root, "debugport")
    if options.debug_console:
        _driver(root, "debugport/0", 0, "File", {"Path": options.debug_console})
    return root


def fit_processors(root: Node, count: int) -> str:
    """Let the board and its firmware know of no more processors than there are.

    Returns:
        A sentence when they are fewer than the settings say, else an empty text.
    """
    wanted = root.integer("NumCPUs", 1)
    if wanted <= count:
        return ""
    root.set({"NumCPUs": count})
    for path, name in (("Devices/fwcfg", "cpu_count"), ("Devices/mc146818", "cpus")):
        config = root.find(f"{path}/0/Config")
        if config is not None:
            config.set({name: count})
    return (
        f"The guest gets {count} processor instead of {wanted}: the execution engine Unicorn has "
        "no more. Several processors need a host with KVM."
    )


def _device(root: Node, name: str, instance: int = 0) -> Node:
    """Make a device node with its PCI place; return its ``Config`` node."""
    node = root.child(f"Devices/{name}/{instance}")
    if name in PLACES:
        slot, function = PLACES[name]
        node.set({"PCIBusNo": 0, "PCIDeviceNo": slot, "PCIFunctionNo": function})
    return node.child("Config")


def _driver(root: Node, device: str, lun: int, driver: str, settings: dict[str, Value]) -> None:
    node = root.child(f"Devices/{device}/LUN#{lun}")
    node.set({"Driver": driver})
    node.child("Config").set(settings)


def _clock(options: PcOptions, low: int, ram: int) -> dict[str, Value]:
    return {
        "rtc_use_utc": options.rtc_use_utc,
        "utc_offset": options.utc_offset,
        "memory_below_4g": low,
        "memory_above_4g": ram - low,
        "cpus": options.cpus,
        "boot_order": options.boot_order.replace("n", "")[:3],
        **{f"floppy{n}": FLOPPY_TYPES["1.44M"] for n in range(len(options.floppies))},
    }


def _firmware_configuration(options: PcOptions, low: int, ram: int) -> dict[str, Value]:
    return {
        "ram_below_4g": low,
        "ram_above_4g": ram - low,
        "boot_order": options.boot_order,
        "boot_menu": options.boot_menu,
        "uuid": options.uuid,
        "apic": options.apic or options.ioapic or options.cpus > 1,
        "ioapic": options.ioapic or options.cpus > 1,
        "cpu_count": options.cpus,
        "hpet": options.hpet,
        "floppy": bool(options.floppies),
        "com_ports": _resources(options.serial),
        "parallel_ports": _resources(options.parallel),
    }


def _resources(ports: Sequence[SerialPort]) -> str:
    return " ".join(f"{port.io_base:x}/{port.irq}" for port in ports)


def _cpu(node: Node, options: PcOptions, *, apic: bool) -> None:
    node.set({
        "GuestCpuName": options.cpu_profile,
        "PortableCpuIdLevel": options.portability,
        "EnablePAE": options.pae,
        "Enable64bit": options.long_mode,
        "EnableAPIC": apic,
        "EnableX2APIC": options.x2apic,
        "EnableHVP": options.paravirt != "None",
    })  # fmt: skip
    for (number, sub_leaf), leaf in options.cpuid.items():
        words = dict(zip(("eax", "ebx", "ecx", "edx"), leaf, strict=True))
        node.child(f"HostCPUID/{number:08x}.{sub_leaf:x}").set(words)


def _processor(profile: cpum.CpuProfile) -> dict[str, Value]:
    """Return what the SMBIOS tables say of the CPU.

    It is what CPUID says on the engine that every host has: the tables of a machine do not change
    with the engine that runs it.
    """
    signature, _, _, features = profile.leaf(1)
    _, *vendor = profile.leaf(0)
    brand = [word for n in range(3) for word in profile.leaf(0x8000_0002 + n)]
    return {
        "cpu_signature": signature,
        "cpu_features": features,
        "cpu_vendor": _text((vendor[0], vendor[2], vendor[1])),
        "cpu_brand": _text(brand),
    }


def _text(words: Iterable[int]) -> str:
    """Return the text that registers of CPUID hold; an override may hold anything."""
    raw = b"".join(word.to_bytes(4, "little") for word in words)
    text = raw.partition(b"\0")[0].decode("ascii", "replace")
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _ide(root: Node, options: PcOptions) -> None:
    name = f"{options.ide_model}ide"
    if name not in PLACES:
        raise ConfigurationError(f"There is no IDE controller model {options.ide_model!r}.")
    config = _device(root, name)
    for lun, unit in enumerate(options.ide):
        config.set({f"unit{lun}": unit.kind})
        if unit.kind and unit.path:
            _driver(root, f"{name}/0", lun, "VD", _image(unit))


def _ahci(root: Node, ports: list[IdeUnit]) -> None:
    config = _device(root, "ahci")
    fixed = sum(unit.fixed << lun for lun, unit in enumerate(ports))
    units = ",".join(unit.kind for unit in ports)
    config.set({"ports": len(ports), "units": units, "fixed": fixed})
    for lun, unit in enumerate(ports):
        if unit.kind and unit.path:
            _driver(root, "ahci/0", lun, "VD", _image(unit))


def _host(root: Node, name: str, places: list[IdeUnit]) -> None:
    if name not in PLACES:
        raise ConfigurationError(f"There is no storage controller {name!r}.")
    _device(root, name).set({"units": ",".join(unit.kind for unit in places)})
    for lun, unit in enumerate(places):
        if unit.kind and unit.path:
            _driver(root, f"{name}/0", lun, "VD", _image(unit))


def _disks(root: Node, ports: list[IdeUnit]) -> None:
    if len(ports) > len(VIRTIO_BLK_SLOTS):
        raise ConfigurationError(
            f"There are {len(ports)} ports for virtio-blk disks; this board has slots for "
            f"{len(VIRTIO_BLK_SLOTS)}."
        )
    if not all(unit.fixed for unit in ports):
        _device(root, "pcihotplug")
    for port, unit in enumerate(ports):
        if unit.fixed and not unit.path:
            continue  # nothing is there, and nothing can come
        _device(root, "virtio-blk", port).set({"hot_plug": not unit.fixed})
        place = {"PCIBusNo": 0, "PCIDeviceNo": VIRTIO_BLK_SLOTS[port], "PCIFunctionNo": 0}
        root.child(f"Devices/virtio-blk/{port}").set(place)
        if unit.path:
            _driver(root, f"virtio-blk/{port}", 0, "VD", _image(unit))


def _image(unit: IdeUnit) -> dict[str, Value]:
    kind = "dvd" if unit.kind == "cdrom" else "hdd"
    return {"Path": unit.path, "Type": kind, "ReadOnly": unit.read_only or kind == "dvd"}


def _ports(root: Node, name: str, ports: Sequence[SerialPort]) -> None:
    for n, port in enumerate(ports):
        _device(root, name, n).set({"io_base": port.io_base, "irq": port.irq})
        if port.driver:
            _driver(root, f"{name}/{n}", 0, port.driver, port.settings)


def _nic(root: Node, nic: Nic, *, boots: bool) -> None:
    if nic.slot not in range(len(NIC_SLOTS)):
        raise ConfigurationError(
            f"There is no place for network adapter {nic.slot + 1}; "
            f"this board has {len(NIC_SLOTS)}."
        )
    name = nic_device(nic.model)
    config = _device(root, name, nic.slot)
    place = {"PCIBusNo": 0, "PCIDeviceNo": NIC_SLOTS[nic.slot], "PCIFunctionNo": 0}
    root.child(f"Devices/{name}/{nic.slot}").set(place)
    config.set({"mac": nic.mac, "cable": nic.cable})
    # Without need of it the firmware does not spend its time on a ROM.
    rom = find_boot_rom(name) if boots else None
    if rom is not None:
        config.set({"boot_rom": str(rom), "boot_priority": nic.boot_priority})
    if name != "virtio-net":
        config.set({"model": nic.model})
    if nic.driver:
        _driver(root, f"{name}/{nic.slot}", 0, nic.driver, nic.settings)


def nic_device(model: str) -> str:
    """Return the name of the device that is a network adapter of a model."""
    if model == "virtio":
        return "virtio-net"
    return "pcnet" if model.startswith("Am79C") else "e1000"


def _usb(root: Node, bus: UsbBus) -> None:
    name = f"usb-{bus.controller}"
    if name not in PLACES:
        raise ConfigurationError(f"There is no USB controller of the kind {bus.controller!r}.")
    ports = dict(enumerate(bus.devices))
    for port, unit in bus.drives.items():
        if ports.get(port):
            raise ConfigurationError(f"Port {port} of the {bus.controller} controller is taken.")
        ports[port] = unit.kind
        if unit.kind and unit.path:
            _driver(root, f"{name}/0", port, "VD", _image(unit))
    kinds = [ports.get(port, "") for port in range(max(ports, default=-1) + 1)]
    _device(root, name).set({"devices": ",".join(kinds)})


def _sound(root: Node, card: SoundCard) -> None:
    if card.model not in SOUND_CARDS:
        raise ConfigurationError(f"There is no sound card of the kind {card.model!r}.")
    _device(root, card.model)
    if card.slot is not None:
        root.child(f"Devices/{card.model}/0").set({"PCIDeviceNo": card.slot})
    _driver(root, f"{card.model}/0", 0, "AUDIO", card.settings)
    if card.midi_file:
        _driver(root, f"{card.model}/0", 1, "File", {"Path": card.midi_file})


def _floppies(root: Node, images: list[str]) -> None:
    _device(root, "i82078")
    for lun, path in enumerate(images):
        if path:
            _driver(root, "i82078/0", lun, "VD", {"Path": path, "Type": "floppy"})
