"""What is wrong or unwise about the settings of a machine.

The ranges of single values are checked where settings are read, sent and stored; here are the
rules between settings.  The settings dialog, the command line and the start of a machine show the
same sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from app.settings.declare import Items, Setting, fields_of
from app.settings.enums import Attachment, DeviceType, PortMode, StorageBus
from app.settings.errors import SettingsError
from app.settings.model import MachineSettings
from app.settings.paths import check_machine_name
from app.settings.virtiodevices import largest_balloon

_MAC = re.compile(r"[0-9A-Fa-f][02468ACEace][0-9A-Fa-f]{10}")
_NAMED_MODES = {
    Attachment.BRIDGED: "bridged_interface",
    Attachment.INTERNAL: "internal_network",
    Attachment.HOST_ONLY: "host_only_interface",
    Attachment.HOST_ONLY_NETWORK: "host_only_network",
    Attachment.NAT_NETWORK: "nat_network",
    Attachment.GENERIC: "generic_driver",
    Attachment.CLOUD: "cloud_network",
}


class Severity(StrEnum):
    """An error keeps the machine from being saved or started, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong with a setting.

    Attributes:
        severity: how wrong.
        path: the setting, as in :class:`app.settings.changes.Change`.
        text: one sentence.
    """

    severity: Severity
    path: str
    text: str


Check = Callable[[MachineSettings], Iterator[Problem]]
_checks: list[Check] = []


def check(function: Check) -> Check:
    """Register a function that looks for problems."""
    _checks.append(function)
    return function


def problems(settings: MachineSettings) -> list[Problem]:
    """Return everything wrong with the settings of a machine, errors first."""
    found = [problem for look in _checks for problem in look(settings)]
    return sorted(found, key=lambda problem: problem.severity is Severity.WARNING)


def _error(path: str, text: str) -> Problem:
    return Problem(severity=Severity.ERROR, path=path, text=text)


def _warning(path: str, text: str) -> Problem:
    return Problem(severity=Severity.WARNING, path=path, text=text)


@check
def _name(settings: MachineSettings) -> Iterator[Problem]:
    try:
        check_machine_name(settings.name)
    except SettingsError as error:
        yield _error("name", str(error))


@check
def _words(settings: MachineSettings) -> Iterator[Problem]:
    """Words that are not known: newer files may hold them, this program cannot honour them."""
    yield from _unknown_words(settings, "")


def _unknown_words(owner: Any, prefix: str) -> Iterator[Problem]:
    for field in fields_of(type(owner)):
        value = getattr(owner, field.name)
        record = field.declaration
        path = f"{prefix}{field.name}"
        if isinstance(record, Setting) and record.choices is not None:
            words = [word.value for word in record.choices]
            if value not in words:
                label = record.label or field.name
                yield _warning(path, f'{label} "{value}" is unknown; known: {", ".join(words)}.')
        elif isinstance(record, Items):
            for item in value:
                key = ",".join(str(getattr(item, name)) for name in record.key)
                yield from _unknown_words(item, f"{path}[{key}].")
        elif isinstance(value, msgspec.Struct):
            yield from _unknown_words(value, f"{path}.")


@check
def _processors(settings: MachineSettings) -> Iterator[Problem]:
    hardware = settings.hardware
    if hardware.cpu.count > 1 and not hardware.firmware.ioapic:
        yield _error(
            "hardware.firmware.ioapic",
            f"A machine with {hardware.cpu.count} processors needs the I/O APIC.",
        )


@check
def _memory_balloon(settings: MachineSettings) -> Iterator[Problem]:
    hardware = settings.hardware
    largest = largest_balloon(hardware.memory_mb)
    if hardware.memory_balloon_mb > largest:
        yield _error(
            "hardware.memory_balloon_mb",
            f"The memory balloon of a machine with {hardware.memory_mb} MB takes {largest} MB at "
            "most.",
        )


@check
def _boot_order(settings: MachineSettings) -> Iterator[Problem]:
    devices = [device for device in settings.hardware.boot_order if device != "None"]
    for device, count in Counter(devices).items():
        if count > 1:
            yield _warning(
                "hardware.boot_order", f"{device} stands {count} times in the boot order."
            )


@check
def _controllers(settings: MachineSettings) -> Iterator[Problem]:
    controllers = settings.hardware.storage_controllers
    path = "hardware.storage_controllers"
    for name, count in Counter(each.name for each in controllers).items():
        if count > 1:
            yield _error(path, f'{count} storage controllers are called "{name}".')
    if any(not each.name for each in controllers):
        yield _error(path, "A storage controller has no name.")
    buses = Counter(each.limits.bus for each in controllers if each.limits is not None)
    for bus in (StorageBus.IDE, StorageBus.FLOPPY):
        if buses[bus] > 1:
            yield _error(path, f"A machine has at most one {bus} controller, not {buses[bus]}.")


@check
def _drives(settings: MachineSettings) -> Iterator[Problem]:
    used: Counter[str] = Counter()
    for controller in settings.hardware.storage_controllers:
        path = f"hardware.storage_controllers[{controller.name}]"
        for drive in controller.attachments:
            slot = f"{controller.name} {drive.port}:{drive.device}"
            where = f"{path}.attachments[{drive.port},{drive.device}]"
            limits = controller.limits
            if limits is not None and (
                drive.port >= max(controller.port_count, limits.min_ports)
                or drive.device >= limits.devices_per_port
            ):
                yield _error(where, f"There is no slot {slot}.")
            if drive.type == DeviceType.HARD_DISK and not drive.medium:
                yield _error(where, f"The hard disk at {slot} has no image.")
            if drive.medium and settings.media.find(drive.medium) is None:
                yield _warning(where, f"The medium at {slot} is not in the media registry.")
            if drive.type == DeviceType.HARD_DISK and drive.medium:
                used[drive.medium] += 1
    for medium, count in used.items():
        if count > 1:
            yield _error(
                "hardware.storage_controllers", f"Hard disk {medium} is attached {count} times."
            )


@check
def _network(settings: MachineSettings) -> Iterator[Problem]:
    for adapter in settings.hardware.network_adapters:
        if not adapter.enabled:
            continue
        path = f"hardware.network_adapters[{adapter.slot}]"
        name = f"Network adapter {adapter.slot + 1}"
        if adapter.mac_address and _MAC.fullmatch(adapter.mac_address) is None:
            yield _error(
                f"{path}.mac_address",
                f'{name}: "{adapter.mac_address}" is not a MAC address of twelve hexadecimal '
                f"digits whose second one is even.",
            )
        for mode, field in _NAMED_MODES.items():
            if adapter.attachment == mode and not getattr(adapter, field):
                yield _error(f"{path}.{field}", f"{name} is attached to {mode} without a name.")


@check
def _serial_ports(settings: MachineSettings) -> Iterator[Problem]:
    ports = [port for port in settings.hardware.serial_ports if port.enabled]
    for port in ports:
        path = f"hardware.serial_ports[{port.slot}]"
        if port.mode != PortMode.DISCONNECTED and not port.path:
            yield _error(f"{path}.path", f"Serial port {port.slot + 1} has no path or address.")
    for base, count in Counter(port.io_base for port in ports).items():
        if count > 1:
            yield _error(
                "hardware.serial_ports", f"{count} serial ports use the I/O port 0x{base:x}."
            )
    paths = Counter(port.path for port in ports if port.mode != PortMode.DISCONNECTED and port.path)
    for text, count in paths.items():
        if count > 1:
            yield _error("hardware.serial_ports", f'{count} serial ports use "{text}".')
