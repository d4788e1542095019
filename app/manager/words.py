"""Words of the settings files as people read them.

Words that newer versions of the format may bring are shown as they stand in the file.
"""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from app.settings.enums import (
    BootDevice,
    DeviceType,
    ParavirtProvider,
    PointingDevice,
    PortMode,
    StorageBus,
    StorageControllerType,
)
from app.settings.model import SerialPort, StorageController

_CONTEXT = "Words"

Words = Mapping[str, str]

BOOT_DEVICES: Final[Words] = {
    BootDevice.FLOPPY: str(QT_TRANSLATE_NOOP("Words", "Floppy")),
    BootDevice.DVD: str(QT_TRANSLATE_NOOP("Words", "Optical")),
    BootDevice.HARD_DISK: str(QT_TRANSLATE_NOOP("Words", "Hard Disk")),
    BootDevice.NETWORK: str(QT_TRANSLATE_NOOP("Words", "Network")),
}
DEVICE_TYPES: Final[Words] = {
    DeviceType.HARD_DISK: str(QT_TRANSLATE_NOOP("Words", "Hard Disk")),
    DeviceType.DVD: str(QT_TRANSLATE_NOOP("Words", "Optical Drive")),
    DeviceType.FLOPPY: str(QT_TRANSLATE_NOOP("Words", "Floppy Drive")),
}
PARAVIRT_PROVIDERS: Final[Words] = {
    ParavirtProvider.NONE: str(QT_TRANSLATE_NOOP("Words", "None")),
    ParavirtProvider.DEFAULT: str(QT_TRANSLATE_NOOP("Words", "Default")),
    ParavirtProvider.LEGACY: str(QT_TRANSLATE_NOOP("Words", "Legacy")),
    ParavirtProvider.MINIMAL: str(QT_TRANSLATE_NOOP("Words", "Minimal")),
    ParavirtProvider.HYPER_V: "Hyper-V",
    ParavirtProvider.KVM: "KVM",
}
POINTING_DEVICES: Final[Words] = {
    PointingDevice.NONE: str(QT_TRANSLATE_NOOP("Words", "None")),
    PointingDevice.PS2_MOUSE: str(QT_TRANSLATE_NOOP("Words", "PS/2 Mouse")),
    PointingDevice.USB_MOUSE: str(QT_TRANSLATE_NOOP("Words", "USB Mouse")),
    PointingDevice.USB_TABLET: str(QT_TRANSLATE_NOOP("Words", "USB Tablet")),
    PointingDevice.COMBO_MOUSE: str(QT_TRANSLATE_NOOP("Words", "PS/2 and USB Mouse")),
    PointingDevice.USB_MULTI_TOUCH: str(QT_TRANSLATE_NOOP("Words", "USB Multi-Touch Tablet")),
    PointingDevice.USB_MULTI_TOUCH_PAD: str(
        QT_TRANSLATE_NOOP("Words", "USB Multi-Touch Tablet and TouchPad")
    ),
}
PORT_MODES: Final[Words] = {
    PortMode.DISCONNECTED: str(QT_TRANSLATE_NOOP("Words", "Disconnected")),
    PortMode.HOST_PIPE: str(QT_TRANSLATE_NOOP("Words", "Host Pipe")),
    PortMode.HOST_DEVICE: str(QT_TRANSLATE_NOOP("Words", "Host Device")),
    PortMode.RAW_FILE: str(QT_TRANSLATE_NOOP("Words", "Raw File")),
    PortMode.TCP: "TCP",
}
CONTROLLER_TYPES: Final[Words] = {
    StorageControllerType.PIIX3: "PIIX3 (IDE)",
    StorageControllerType.PIIX4: "PIIX4 (IDE)",
    StorageControllerType.ICH6: "ICH6 (IDE)",
    StorageControllerType.AHCI: "AHCI (SATA)",
    StorageControllerType.LSI_LOGIC: "LsiLogic (SCSI)",
    StorageControllerType.LSI_LOGIC_SAS: "LsiLogic SAS",
    StorageControllerType.BUS_LOGIC: "BusLogic (SCSI)",
    StorageControllerType.I82078: "I82078 (Floppy)",
    StorageControllerType.USB: "USB",
    StorageControllerType.NVME: "NVMe (PCIe)",
    StorageControllerType.VIRTIO_SCSI: "virtio-scsi",
    StorageControllerType.VIRTIO_BLK: "virtio-blk",
}

# I/O base and IRQ of the PC's standard serial ports.
COM_PORTS: Final[Mapping[str, tuple[int, int]]] = {
    "COM1": (0x3F8, 4),
    "COM2": (0x2F8, 3),
    "COM3": (0x3E8, 4),
    "COM4": (0x2E8, 3),
}


def word(words: Words, value: str) -> str:
    """Return VALUE of a settings file in the language of the user interface."""
    source = words.get(value)
    return value if source is None else QCoreApplication.translate(_CONTEXT, source)


def com_port_name(port: SerialPort) -> str:
    """Return COM1 to COM4, or "User-defined" for other resources."""
    for name, resources in COM_PORTS.items():
        if resources == (port.io_base, port.irq):
            return name
    return QCoreApplication.translate("Words", "User-defined")


def slot_name(controller: StorageController, port: int, device: int) -> str:
    """Return the name of a slot as VirtualBox spells it ("IDE Primary Device 0")."""
    limits = controller.limits
    bus = limits.bus if limits else None
    if bus is StorageBus.IDE:
        channel = (
            QCoreApplication.translate("Words", "Primary"),
            QCoreApplication.translate("Words", "Secondary"),
        )
        if port < len(channel):
            text = QCoreApplication.translate("Words", "IDE {channel} Device {device}")
            return text.format(channel=channel[port], device=device)
    if bus is StorageBus.FLOPPY:
        return QCoreApplication.translate("Words", "Floppy Device {device}").format(device=device)
    prefix = {
        StorageBus.SATA: "SATA",
        StorageBus.SCSI: "SCSI",
        StorageBus.SAS: "SAS",
        StorageBus.USB: "USB",
        StorageBus.PCIE: "NVMe",
        StorageBus.VIRTIO: CONTROLLER_TYPES.get(controller.type, controller.type),
    }.get(bus, controller.type) if bus else controller.type
    text = QCoreApplication.translate("Words", "{bus} Port {port}")
    return text.format(bus=prefix, port=port)
