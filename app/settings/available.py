"""What machines of this version can be made of.

The recommendations for guest systems are VirtualBox's. Where a machine would not start with one of
them, new machines get the nearest thing that is here; whoever adds a device adds its name here.
"""

from __future__ import annotations

from typing import Final

from app.settings.enums import (
    AdapterType,
    Attachment,
    AudioController,
    Chipset,
    FirmwareType,
    PointingDevice,
    StorageControllerType,
    TpmType,
    UsbControllerType,
)

STORAGE_CONTROLLERS: Final = frozenset(
    {
        StorageControllerType.PIIX3,
        StorageControllerType.PIIX4,
        StorageControllerType.ICH6,
        StorageControllerType.I82078,
        StorageControllerType.AHCI,
        StorageControllerType.LSI_LOGIC,
        StorageControllerType.NVME,
        StorageControllerType.VIRTIO_SCSI,
        StorageControllerType.VIRTIO_BLK,
        StorageControllerType.USB,
    }
)
CHIPSETS: Final = frozenset({Chipset.PIIX3})
FIRMWARE: Final = frozenset({FirmwareType.BIOS})
POINTING_DEVICES: Final = frozenset(
    {
        PointingDevice.PS2_MOUSE,
        PointingDevice.USB_MOUSE,
        PointingDevice.USB_TABLET,
        PointingDevice.COMBO_MOUSE,
        # Tablets that know no fingers: a host with a mouse has none.
        PointingDevice.USB_MULTI_TOUCH,
        PointingDevice.USB_MULTI_TOUCH_PAD,
    }
)
TPMS: Final = frozenset({TpmType.NONE})
GRAPHICS: Final = frozenset({"VBoxVGA"})
NETWORK_ADAPTERS: Final = frozenset(
    {
        AdapterType.AM79C970A,
        AdapterType.AM79C973,
        AdapterType.I82540EM,
        AdapterType.I82543GC,
        AdapterType.I82545EM,
        AdapterType.VIRTIO,
    }
)
USB_CONTROLLERS: Final = frozenset(UsbControllerType)
AUDIO_CONTROLLERS: Final = frozenset(
    {AudioController.AC97, AudioController.HDA, AudioController.SB16}
)
ATTACHMENTS: Final = frozenset(
    {
        Attachment.NULL,
        Attachment.NAT,
        Attachment.NAT_NETWORK,
        Attachment.BRIDGED,
        Attachment.INTERNAL,
        Attachment.HOST_ONLY,
        Attachment.GENERIC,
    }
)
MAX_PROCESSORS: Final = 32
NEW_MACHINE_PROCESSORS: Final = 1
"""More need a host with KVM, and are for people to ask for."""


def storage_controller(wanted: str) -> str:
    """Return the model WANTED, or the IDE controller that every guest knows."""
    # Not every installer has the driver of the virtio host, which is for people to ask for.
    here = wanted in STORAGE_CONTROLLERS and wanted != StorageControllerType.VIRTIO_SCSI
    return wanted if here else StorageControllerType.PIIX4.value


def chipset(wanted: str) -> str:
    """Return the chipset WANTED, or PIIX3."""
    return wanted if wanted in CHIPSETS else Chipset.PIIX3.value


def firmware(wanted: str) -> str:
    """Return the firmware WANTED, or BIOS."""
    return wanted if wanted in FIRMWARE else FirmwareType.BIOS.value


def pointing_device(wanted: str) -> str:
    """Return the pointing device WANTED, or a PS/2 mouse."""
    return wanted if wanted in POINTING_DEVICES else PointingDevice.PS2_MOUSE.value


def usb_controller(wanted: str) -> str:
    """Return the USB controller WANTED, or the one that every guest with USB knows."""
    return wanted if wanted in USB_CONTROLLERS else UsbControllerType.OHCI.value


def tpm(wanted: str) -> str:
    """Return the trusted platform module WANTED, or none."""
    return wanted if wanted in TPMS else TpmType.NONE.value


def graphics(wanted: str) -> str:
    """Return the graphics adapter WANTED, or VirtualBox's first one."""
    return wanted if wanted in GRAPHICS else "VBoxVGA"


def network_adapter(wanted: str) -> str:
    """Return the network adapter WANTED, or the one that most guests know."""
    return wanted if wanted in NETWORK_ADAPTERS else AdapterType.I82540EM.value


def processors(wanted: int) -> int:
    """Return the number WANTED, or the largest that a new machine gets by itself."""
    return min(wanted, NEW_MACHINE_PROCESSORS)
