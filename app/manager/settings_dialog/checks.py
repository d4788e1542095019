"""What is wrong or unwise about edited settings on this host and among the other machines.

What the settings alone tell is found by :mod:`app.settings.problems`; here is what needs the
host, the service or the recommendations for the guest, and what only a person who edits wants to
hear.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.common.translation import tr
from app.manager import host
from app.manager.memory_limits import memory_warning
from app.manager.network.checks import forwarding_problem
from app.manager.settings_dialog.context import Condition, DialogContext
from app.manager.storage_edit import most_controllers
from app.manager.widgets.field_message import Severity
from app.settings import available
from app.settings.enums import (
    Attachment,
    BootDevice,
    GraphicsController,
    PortMode,
    StorageBus,
)
from app.settings.model import MachineSettings, NetworkAdapter, PortForwarding

_LOW_EXECUTION_CAP: Final = 40
# A screen of 1920 x 1200 pixels with four bytes each.
_FULL_SCREEN_MB: Final = 9
_MIN_3D_MB: Final = 128


@dataclass(frozen=True)
class Finding:
    """Something wrong with the setting PATH."""

    severity: Severity
    path: str
    text: str


Check = Callable[[MachineSettings, DialogContext], Iterator[Finding]]
_checks: list[Check] = []


def check(function: Check) -> Check:
    """Register a function that looks for problems."""
    _checks.append(function)
    return function


def findings(settings: MachineSettings, context: DialogContext) -> list[Finding]:
    """Return what is wrong with SETTINGS."""
    return [finding for look in _checks for finding in look(settings, context)]


def _error(path: str, text: str) -> Finding:
    return Finding(Severity.ERROR, path, text)


def _warning(path: str, text: str) -> Finding:
    return Finding(Severity.WARNING, path, text)


@check
def _name(settings: MachineSettings, context: DialogContext) -> Iterator[Finding]:
    others = (m.name for m in context.link.model.machines() if m.id != context.machine.id)
    if settings.name and settings.name in others:
        text = tr("Another machine has the name “{name}”.")
        yield _error("name", text.format(name=settings.name))


@check
def _memory(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    size = settings.hardware.memory_mb
    if size > host.memory_mb():
        text = tr("The machine has more memory than this computer ({size} MB).")
        yield _error("hardware.memory_mb", text.format(size=host.memory_mb()))
    elif warning := memory_warning(size):
        yield _warning("hardware.memory_mb", warning)


@check
def _processors(settings: MachineSettings, context: DialogContext) -> Iterator[Finding]:
    count, path = settings.hardware.cpu.count, "hardware.cpu.count"
    if context.host is not None:
        cores = max(1, context.host.processor_online_core_count)
        there = max(1, context.host.processor_online_count)
        if count > 2 * there:
            text = tr("The machine has more than twice as many processors as this computer ({n}).")
            yield _error(path, text.format(n=there))
        elif count > cores:
            text = tr("The machine has more processors than this computer has cores ({n}).")
            yield _warning(path, text.format(n=cores))
    if count > available.MAX_PROCESSORS:
        text = tr("Of {count} processors the guest gets {most} in this version of Vitrine.")
        yield _warning(path, text.format(most=available.MAX_PROCESSORS, count=count))
    if settings.hardware.cpu.execution_cap < _LOW_EXECUTION_CAP:
        yield _warning(
            "hardware.cpu.execution_cap",
            tr("With an execution cap this low the guest may react very slowly."),
        )


@check
def _board(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    hardware = settings.hardware
    if all(device == BootDevice.NONE for device in hardware.boot_order):
        yield _warning("hardware.boot_order", tr("The machine has no device to boot from."))
    if hardware.pointing_device not in available.POINTING_DEVICES:
        yield _warning(
            "hardware.pointing_device",
            tr("This version of Vitrine offers a PS/2 mouse instead of the device."),
        )
    for path, value, offered in (
        ("hardware.chipset", hardware.chipset, available.CHIPSETS),
        ("hardware.firmware.type", hardware.firmware.type, available.FIRMWARE),
    ):
        if value not in offered:
            text = tr("This version of Vitrine has no {value}; the machine will not start.")
            yield _warning(path, text.format(value=value))


@check
def _display(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    display = settings.hardware.display
    path = "hardware.display.vram_mb"
    if display.accelerate_3d and display.vram_mb < _MIN_3D_MB:
        text = tr("3D acceleration works well with {size} MB of video memory or more.")
        yield _warning(path, text.format(size=_MIN_3D_MB))
    elif display.controller != GraphicsController.NONE:
        needed = _FULL_SCREEN_MB * display.monitor_count
        if display.vram_mb < needed:
            text = tr("Guests in full screen need {size} MB of video memory or more.")
            yield _warning(path, text.format(size=needed))


@check
def _remote_display(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    remote = settings.hardware.remote_display
    if not remote.enabled:
        return
    path = "hardware.remote_display.properties[TCP/Ports]"
    ports = remote.properties.get("TCP/Ports", "")
    if not ports:
        yield _error(path, tr("The remote display server has no port."))
    elif not _is_port_list(ports):
        text = tr("“{ports}” is not a list of ports such as 3389 or 5010-5020,5030.")
        yield _error(path, text.format(ports=ports))


def _is_port_list(text: str) -> bool:
    for part in text.split(","):
        low, dash, high = part.strip().partition("-")
        numbers = (low, high) if dash else (low,)
        if not all(number.isdecimal() and 0 < int(number) <= 65535 for number in numbers):
            return False
    return True


@check
def _storage(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    hardware = settings.hardware
    for controller in hardware.storage_controllers:
        if controller.attachments and controller.type not in available.STORAGE_CONTROLLERS:
            text = tr(
                "This version of Vitrine has no controller of the type {type}; the machine will "
                "not start with drives at “{name}”."
            )
            path = f"hardware.storage_controllers[{controller.name}]"
            yield _warning(path, text.format(type=controller.type, name=controller.name))
    buses = Counter(each.limits.bus for each in hardware.storage_controllers if each.limits)
    for bus, count in buses.items():
        most = most_controllers(bus, hardware.chipset)
        if count > most and bus not in {StorageBus.IDE, StorageBus.FLOPPY}:
            text = tr("A machine with this chipset has at most {most} {bus} controllers.")
            yield _error("hardware.storage_controllers", text.format(most=most, bus=bus.upper()))


@check
def _network(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    adapters = [each for each in settings.hardware.network_adapters if each.enabled]
    addresses = Counter(each.mac_address.upper() for each in adapters if each.mac_address)
    for adapter in adapters:
        path = f"hardware.network_adapters[{adapter.slot}].mac_address"
        if addresses[adapter.mac_address.upper()] > 1:
            text = tr("Network adapters share the MAC address {address}.")
            yield _warning(path, text.format(address=adapter.mac_address))
        yield from _missing_network(adapter)
        if adapter.attachment == Attachment.NAT:
            yield from _forwardings(adapter.nat.forwardings, adapter.slot)


def _missing_network(adapter: NetworkAdapter) -> Iterator[Finding]:
    path = f"hardware.network_adapters[{adapter.slot}]"
    if adapter.type not in available.NETWORK_ADAPTERS:
        text = tr("This version of Vitrine has no adapter of the type {type}; it is left out.")
        yield _warning(f"{path}.type", text.format(type=adapter.type))
    elif adapter.attachment not in available.ATTACHMENTS:
        text = tr("This version of Vitrine cannot attach adapter {number} so; it has no link.")
        yield _warning(f"{path}.attachment", text.format(number=adapter.slot + 1))


def _forwardings(rules: list[PortForwarding], slot: int) -> Iterator[Finding]:
    path = f"hardware.network_adapters[{slot}].nat.forwardings"
    problem = forwarding_problem(rules)
    if problem:
        yield _error(path, problem)


@check
def _serial_ports(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    ports = [port for port in settings.hardware.serial_ports if port.enabled]
    for port in ports:
        path = f"hardware.serial_ports[{port.slot}]"
        if port.io_base == 0:
            text = tr("Serial port {number} has no I/O port.")
            yield _error(f"{path}.io_base", text.format(number=port.slot + 1))
        if port.irq == 0:
            text = tr("Serial port {number} has no interrupt line.")
            yield _error(f"{path}.irq", text.format(number=port.slot + 1))
        if port.mode == PortMode.TCP and port.server and not port.path.isdecimal() and port.path:
            text = tr("Serial port {number} listens: its address is a port number alone.")
            yield _warning(f"{path}.path", text.format(number=port.slot + 1))


@check
def _parallel_ports(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    ports = [port for port in settings.hardware.parallel_ports if port.enabled]
    for port in ports:
        if not port.path:
            text = tr("Parallel port {number} has no file for what is printed.")
            path = f"hardware.parallel_ports[{port.slot}].path"
            yield _error(path, text.format(number=port.slot + 1))


@check
def _shared_folders(settings: MachineSettings, _context: DialogContext) -> Iterator[Finding]:
    folders, path = settings.hardware.shared_folders, "hardware.shared_folders"
    for name, count in Counter(folder.name for folder in folders).items():
        if not name:
            yield _error(path, tr("A shared folder has no name."))
        elif count > 1:
            text = tr("{count} shared folders are called “{name}”.")
            yield _error(path, text.format(count=count, name=name))
    for folder in folders:
        if not folder.host_path:
            text = tr("The shared folder “{name}” has no folder of this computer.")
            yield _error(path, text.format(name=folder.name))


@check
def _running(_settings: MachineSettings, context: DialogContext) -> Iterator[Finding]:
    """Edits that were made before the machine was started."""
    if context.condition is Condition.STOPPED:
        return
    for change in context.draft.cold_changes():
        text = tr("“{setting}” was changed before the machine was started; it must stop first.")
        yield _error(change.path, text.format(setting=change.label))
