"""Options of ``modifyvm`` for the machine as a whole: identity, boot order, processors, PCI."""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING, Final

from app.cli.commands.modifyvm_draft import Draft, invalid, modifies, number, switch
from app.cli.errors import CommandError, UsageError
from app.settings import cliwords
from app.settings.cpu import CpuIdLeaf, HotPluggedCpu
from app.settings.enums import BootDevice
from app.settings.errors import SettingsError
from app.settings.guestos import os_types
from app.settings.hardware import HostPciDevice
from app.settings.paths import check_group, check_machine_name
from app.settings.values import BadValueError
from app.settings.virtiodevices import BALLOON_DEVICE, ENTROPY_DEVICE, ON, largest_balloon

if TYPE_CHECKING:
    from app.cli.options import Given

BOOT_POSITIONS: Final = 4
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_ICON_LIMIT: Final = 256 * 1024
_PASSWORD_LIMIT: Final = 4096
_PCI: Final = re.compile(r"([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7])", re.IGNORECASE)
_TESTING: Final = "VBoxInternal/Devices/VMMDev/0/Config/"
"""Extra data with which VirtualBox configures the testing part of its guest device."""


@modifies("name", value="name")
def _name(draft: Draft, given: Given) -> None:
    try:
        check_machine_name(given.value)
    except SettingsError as error:
        raise invalid(f"Invalid machine name '{given.value}': {error}") from error
    draft.settings.name = given.value


@modifies("os-type", value="OS type")
def _os_type(draft: Draft, given: Given) -> None:
    wanted = given.value.lower()
    for known in os_types():
        if wanted in (known.id.lower(), known.description.lower()):
            draft.settings.os_type_id = known.id
            return
    if given.value != draft.settings.os_type_id:
        raise invalid(f"'{given.value}' is not a valid Guest OS type")


@modifies("groups", value="group,...")
def _groups(draft: Draft, given: Given) -> None:
    groups = sorted({group.strip() for group in given.value.split(",") if group.strip()})
    for group in groups:
        try:
            check_group(group)
        except SettingsError as error:
            raise invalid(f"The machine group '{group}' is invalid: {error}") from error
    draft.settings.groups = groups or ["/"]


@modifies("icon-file", value="PNG file")
def _icon(draft: Draft, given: Given) -> None:
    if not given.value:
        draft.settings.icon = ""
        return
    picture = _read(given.value, _ICON_LIMIT)
    if not picture.startswith(_PNG):
        raise CommandError(f"The icon file '{given.value}' is not a PNG picture")
    draft.settings.icon = base64.b64encode(picture).decode("ascii")


@modifies("snapshot-folder", value="default | folder")
def _snapshot_folder(draft: Draft, given: Given) -> None:
    from app.settings.paths import relative_location

    if draft.settings.snapshots:
        raise invalid(
            "The snapshot folder of a machine with snapshots cannot be changed "
            "(please delete all snapshots first)"
        )
    folder = given.value
    if folder.lower() == "default" or not folder:
        draft.settings.snapshot_folder = "Snapshots"
        return
    absolute = os.path.normpath(os.path.join(draft.folder, folder))
    draft.settings.snapshot_folder = relative_location(draft.folder, absolute)


@modifies("boot", indexed=BOOT_POSITIONS, value=" | ".join(cliwords.words(BootDevice)))
def _boot(draft: Draft, given: Given) -> None:
    try:
        device = cliwords.from_word(BootDevice, given.value)
    except BadValueError as error:
        raise UsageError(f"Invalid boot device '{given.value}'") from error
    order = (draft.hardware.boot_order + ["None"] * BOOT_POSITIONS)[:BOOT_POSITIONS]
    order[given.index - 1] = device
    draft.hardware.boot_order = order


# -- processors ------------------------------------------------------------------------------------


@modifies("cpuid-set", value="leaf[:subleaf]", extra=("EAX", "EBX", "ECX", "EDX"))
def _cpuid_set(draft: Draft, given: Given) -> None:
    leaf, subleaf = _leaf(given)
    eax, ebx, ecx, edx = (_register(given, text) for text in given.extra)
    _remove_leaf(draft, leaf, subleaf)
    draft.hardware.cpu.cpuid_leaves.append(
        CpuIdLeaf(id=leaf, subleaf=subleaf, eax=eax, ebx=ebx, ecx=ecx, edx=edx)
    )
    draft.hardware.cpu.cpuid_leaves.sort(key=lambda each: (each.id, each.subleaf))


@modifies(
    "cpuid-remove", value="leaf[:subleaf]", old=("cpuidremove",), help="Remove a CPUID override."
)
def _cpuid_remove(draft: Draft, given: Given) -> None:
    _remove_leaf(draft, *_leaf(given))


@modifies("cpuid-remove-all", old=("cpuidremoveall",), help="Remove all CPUID overrides.")
def _cpuid_remove_all(draft: Draft, given: Given) -> None:  # noqa: ARG001
    draft.hardware.cpu.cpuid_leaves.clear()


def _leaf(given: Given) -> tuple[int, int]:
    leaf, _, subleaf = given.value.partition(":")
    return _register(given, leaf), _register(given, subleaf or "0")


def _register(given: Given, text: str) -> int:
    value = number(given, text, base=16)
    if not 0 <= value <= 0xFFFFFFFF:
        raise invalid(f"Invalid CPUID value: {text} (must be in range [0, ffffffff])")
    return value


def _remove_leaf(draft: Draft, leaf: int, subleaf: int) -> None:
    leaves = draft.hardware.cpu.cpuid_leaves
    leaves[:] = [each for each in leaves if (each.id, each.subleaf) != (leaf, subleaf)]


@modifies("plug-cpu", value="CPU", old=("plugcpu",), help="Plug a processor in.")
def _plug(draft: Draft, given: Given) -> None:
    cpu = _hot_plug(draft, given)
    plugged = draft.hardware.cpu.plugged
    if any(each.id == cpu for each in plugged):
        raise invalid(f"CPU {cpu} is already attached")
    plugged.append(HotPluggedCpu(id=cpu))
    plugged.sort(key=lambda each: each.id)


@modifies("unplug-cpu", value="CPU", old=("unplugcpu",), help="Pull a processor out.")
def _unplug(draft: Draft, given: Given) -> None:
    cpu = _hot_plug(draft, given)
    plugged = draft.hardware.cpu.plugged
    if cpu == 0:
        raise invalid("It is not possible to detach CPU 0")
    if not any(each.id == cpu for each in plugged):
        raise invalid(f"CPU {cpu} is not attached")
    plugged[:] = [each for each in plugged if each.id != cpu]


def _hot_plug(draft: Draft, given: Given) -> int:
    cpu = number(given)
    settings = draft.hardware.cpu
    if not settings.hotplug:
        raise invalid("CPU hotplug is not enabled")
    if not 0 <= cpu < settings.count:
        raise invalid(f"CPU id exceeds number of possible CPUs [0:{settings.count - 1}]")
    return cpu


# -- PCI devices of the host -----------------------------------------------------------------------


@modifies("pci-attach", value="host address[@guest address]")
def _pci_attach(draft: Draft, given: Given) -> None:
    host_text, _, guest_text = given.value.partition("@")
    host = _pci_address(given, host_text)
    guest = _pci_address(given, guest_text) if guest_text else host
    devices = draft.hardware.pci_devices
    if any(each.host == host for each in devices):
        raise invalid(f"Host PCI device {host_text} is already attached")
    devices.append(HostPciDevice(host=host, guest=guest))


@modifies(
    "pci-detach", value="host address", old=("pcidetach",), help="Give a PCI device back."
)
def _pci_detach(draft: Draft, given: Given) -> None:
    host = _pci_address(given, given.value)
    devices = draft.hardware.pci_devices
    kept = [each for each in devices if each.host != host]
    if len(kept) == len(devices):
        raise invalid(f"No host PCI device {given.value} attached")
    devices[:] = kept


def _pci_address(given: Given, text: str) -> int:
    match = _PCI.fullmatch(text.strip())
    if match is None or int(match[2], 16) > 31:
        raise UsageError(f"Invalid {given.spelling} argument '{given.value}' (valid: 'bb:dd.f')")
    bus, device, function = (int(part, 16) for part in match.groups())
    return bus << 8 | device << 3 | function


# -- virtio devices that VirtualBox does not have --------------------------------------------------


@modifies("guest-memory-balloon", value="MB")
def _memory_balloon(draft: Draft, given: Given) -> None:
    value, largest = number(given), largest_balloon(draft.hardware.memory_mb)
    if not 0 <= value <= largest:
        raise invalid(
            f"Invalid memory balloon size: {value} MB (must be in range [0, {largest}] MB)"
        )
    draft.hardware.memory_balloon_mb = value


@modifies("virtio-rng", value="on | off", help=ENTROPY_DEVICE.help)
def _virtio_rng(draft: Draft, given: Given) -> None:
    ENTROPY_DEVICE.set(draft.settings.extra_data, ON if switch(given) else "")


@modifies("virtio-balloon", value="on | off", help=BALLOON_DEVICE.help)
def _virtio_balloon(draft: Draft, given: Given) -> None:
    BALLOON_DEVICE.set(draft.settings.extra_data, ON if switch(given) else "")


# -- testing, passwords ----------------------------------------------------------------------------


@modifies("testing-enabled", value="on | off", help="The guest can talk to the testing device.")
def _testing_enabled(draft: Draft, given: Given) -> None:
    _set_extra_data(draft, f"{_TESTING}TestingEnabled", "1" if switch(given) else "")


@modifies("testing-mmio", value="on | off", help="The testing device has memory too.")
def _testing_mmio(draft: Draft, given: Given) -> None:
    _set_extra_data(draft, f"{_TESTING}TestingMMIO", "1" if switch(given) else "")


def _declare_testing_words() -> None:
    for index in range(10):

        def store(draft: Draft, given: Given, index: int = index) -> None:
            value = number(given)
            if not 0 <= value <= 0xFFFFFFFF:
                raise invalid(f"Invalid value: {value} (must be in range [0, 0xffffffff])")
            _set_extra_data(draft, f"{_TESTING}TestingCfgDword{index}", str(value))

        modifies(
            f"testing-cfg-dword{index}", value="number",
            help="Number that the testing device hands to the guest.",
        )(store)  # fmt: skip


def _set_extra_data(draft: Draft, key: str, value: str) -> None:
    if value:
        draft.settings.extra_data[key] = value
    else:
        draft.settings.extra_data.pop(key, None)


@modifies(
    "teleporter-password-file", value="file | -", old=("teleporterpasswordfile",),
    help="File whose first line is the teleporter password; - for standard input.",
)  # fmt: skip
def _password_file(draft: Draft, given: Given) -> None:
    source = "/dev/stdin" if given.value in ("-", "stdin") else given.value
    line = _read(source, _PASSWORD_LIMIT).split(b"\n", 1)[0].rstrip(b"\r")
    try:
        draft.settings.teleporter.password = line.decode()
    except UnicodeDecodeError as error:
        raise CommandError(f"The password file '{given.value}' is not UTF-8 text") from error


def _read(path: str, limit: int) -> bytes:
    """The content of a file that has at most ``limit`` bytes.

    Raises:
        CommandError: It cannot be read or is larger.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"Cannot open file '{path}': {reason}") from error
    if len(content) > limit:
        raise CommandError(f"The file '{path}' has more than {limit} bytes")
    return content


_declare_testing_words()
