"""How the words of settings files are shown in the dialog, by the class that lists them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.words import PARAVIRT_PROVIDERS, POINTING_DEVICES, PORT_MODES, Words
from app.settings import enums

_NONE: Final = str(QT_TRANSLATE_NOOP("Words", "None"))
_DEFAULT: Final = str(QT_TRANSLATE_NOOP("Words", "Default"))
_DISABLED: Final = str(QT_TRANSLATE_NOOP("Words", "Disabled"))

SHARING_MODES: Final[Words] = {
    enums.SharingMode.DISABLED: _DISABLED,
    enums.SharingMode.HOST_TO_GUEST: str(QT_TRANSLATE_NOOP("Words", "Host To Guest")),
    enums.SharingMode.GUEST_TO_HOST: str(QT_TRANSLATE_NOOP("Words", "Guest To Host")),
    enums.SharingMode.BIDIRECTIONAL: str(QT_TRANSLATE_NOOP("Words", "Bidirectional")),
}
ATTACHMENTS: Final[Words] = {
    enums.Attachment.NULL: str(QT_TRANSLATE_NOOP("Words", "Not attached")),
    enums.Attachment.NAT: "NAT",
    enums.Attachment.NAT_NETWORK: str(QT_TRANSLATE_NOOP("Words", "NAT Network")),
    enums.Attachment.BRIDGED: str(QT_TRANSLATE_NOOP("Words", "Bridged Adapter")),
    enums.Attachment.INTERNAL: str(QT_TRANSLATE_NOOP("Words", "Internal Network")),
    enums.Attachment.HOST_ONLY: str(QT_TRANSLATE_NOOP("Words", "Host-only Adapter")),
    enums.Attachment.HOST_ONLY_NETWORK: str(QT_TRANSLATE_NOOP("Words", "Host-only Network")),
    enums.Attachment.GENERIC: str(QT_TRANSLATE_NOOP("Words", "Generic Driver")),
    enums.Attachment.CLOUD: str(QT_TRANSLATE_NOOP("Words", "Cloud Network")),
}
ADAPTER_TYPES: Final[Words] = {
    enums.AdapterType.AM79C970A: "PCnet-PCI II (Am79C970A)",
    enums.AdapterType.AM79C973: "PCnet-FAST III (Am79C973)",
    enums.AdapterType.AM79C960: "PCnet-ISA (Am79C960)",
    enums.AdapterType.I82540EM: "Intel PRO/1000 MT Desktop (82540EM)",
    enums.AdapterType.I82543GC: "Intel PRO/1000 T Server (82543GC)",
    enums.AdapterType.I82545EM: "Intel PRO/1000 MT Server (82545EM)",
    enums.AdapterType.VIRTIO: str(
        QT_TRANSLATE_NOOP("Words", "Paravirtualized Network (virtio-net)")
    ),
    enums.AdapterType.NE1000: "Novell NE1000",
    enums.AdapterType.NE2000: "Novell NE2000",
    enums.AdapterType.WD8003: "WD8003",
    enums.AdapterType.WD8013: "WD8013",
    enums.AdapterType.ELNK1: "EtherLink (3C501)",
    enums.AdapterType.ELNK2: "EtherLink II (3C503)",
}

_VOCABULARY: Final[Mapping[type[StrEnum], Words]] = {
    enums.Chipset: {enums.Chipset.PIIX3: "PIIX3", enums.Chipset.ICH9: "ICH9"},
    enums.FirmwareType: {
        enums.FirmwareType.BIOS: "BIOS",
        enums.FirmwareType.EFI: "EFI",
        enums.FirmwareType.EFI32: str(QT_TRANSLATE_NOOP("Words", "EFI, 32 bits")),
        enums.FirmwareType.EFI64: str(QT_TRANSLATE_NOOP("Words", "EFI, 64 bits")),
        enums.FirmwareType.EFI_DUAL: str(QT_TRANSLATE_NOOP("Words", "EFI, both word sizes")),
    },
    enums.BootMenuMode: {
        enums.BootMenuMode.DISABLED: _DISABLED,
        enums.BootMenuMode.MENU_ONLY: str(QT_TRANSLATE_NOOP("Words", "Menu only")),
        enums.BootMenuMode.MESSAGE_AND_MENU: str(QT_TRANSLATE_NOOP("Words", "Message and menu")),
    },
    enums.ApicMode: {
        enums.ApicMode.DISABLED: _DISABLED,
        enums.ApicMode.APIC: "APIC",
        enums.ApicMode.X2APIC: "x2APIC",
    },
    enums.GraphicsController: {
        enums.GraphicsController.NONE: _NONE,
        enums.GraphicsController.VBOX_VGA: "VBoxVGA",
        enums.GraphicsController.VMSVGA: "VMSVGA",
        enums.GraphicsController.VBOX_SVGA: "VBoxSVGA",
    },
    enums.PointingDevice: POINTING_DEVICES,
    enums.Keyboard: {
        enums.Keyboard.NONE: _NONE,
        enums.Keyboard.PS2_KEYBOARD: str(QT_TRANSLATE_NOOP("Words", "PS/2 Keyboard")),
        enums.Keyboard.USB_KEYBOARD: str(QT_TRANSLATE_NOOP("Words", "USB Keyboard")),
        enums.Keyboard.COMBO_KEYBOARD: str(QT_TRANSLATE_NOOP("Words", "PS/2 and USB Keyboard")),
    },
    enums.ParavirtProvider: PARAVIRT_PROVIDERS,
    enums.IommuType: {
        enums.IommuType.NONE: _NONE,
        enums.IommuType.AUTOMATIC: str(QT_TRANSLATE_NOOP("Words", "Automatic")),
        enums.IommuType.AMD: "AMD",
        enums.IommuType.INTEL: "Intel",
    },
    enums.TpmType: {
        enums.TpmType.NONE: _NONE,
        enums.TpmType.V1_2: "1.2",
        enums.TpmType.V2_0: "2.0",
        enums.TpmType.HOST: str(QT_TRANSLATE_NOOP("Words", "TPM of the host")),
        enums.TpmType.SWTPM: "swtpm",
    },
    enums.AdapterType: ADAPTER_TYPES,
    enums.Attachment: ATTACHMENTS,
    enums.PromiscuousMode: {
        enums.PromiscuousMode.DENY: str(QT_TRANSLATE_NOOP("Words", "Deny")),
        enums.PromiscuousMode.ALLOW_NETWORK: str(QT_TRANSLATE_NOOP("Words", "Allow VMs")),
        enums.PromiscuousMode.ALLOW_ALL: str(QT_TRANSLATE_NOOP("Words", "Allow All")),
    },
    enums.PortMode: PORT_MODES,
    enums.UartType: {kind: kind.value for kind in enums.UartType},
    enums.AudioController: {
        enums.AudioController.AC97: "ICH AC97",
        enums.AudioController.SB16: "SoundBlaster 16",
        enums.AudioController.HDA: "Intel HD Audio",
        enums.AudioController.VIRTIO: "virtio-sound",
    },
    enums.AudioDriver: {
        enums.AudioDriver.DEFAULT: _DEFAULT,
        enums.AudioDriver.NULL: str(QT_TRANSLATE_NOOP("Words", "Null Audio Driver")),
        enums.AudioDriver.OSS: "OSS",
        enums.AudioDriver.ALSA: "ALSA",
        enums.AudioDriver.PULSE: "PulseAudio",
        enums.AudioDriver.WAS: "Windows Audio Session",
        enums.AudioDriver.DIRECT_SOUND: "Windows DirectSound",
        enums.AudioDriver.CORE_AUDIO: "CoreAudio",
    },
    enums.AudioCodec: {
        enums.AudioCodec.DEFAULT: str(QT_TRANSLATE_NOOP("Words", "That of the controller")),
        **{codec: codec.value for codec in enums.AudioCodec if codec.value},
    },
    enums.SharingMode: SHARING_MODES,
    enums.VrdeAuthType: {
        enums.VrdeAuthType.NULL: str(QT_TRANSLATE_NOOP("Words", "Null")),
        enums.VrdeAuthType.EXTERNAL: str(QT_TRANSLATE_NOOP("Words", "External")),
        enums.VrdeAuthType.GUEST: str(QT_TRANSLATE_NOOP("Words", "Guest")),
    },
    enums.ProcessPriority: {
        enums.ProcessPriority.DEFAULT: _DEFAULT,
        enums.ProcessPriority.FLAT: str(QT_TRANSLATE_NOOP("Words", "Flat")),
        enums.ProcessPriority.LOW: str(QT_TRANSLATE_NOOP("Words", "Low")),
        enums.ProcessPriority.NORMAL: str(QT_TRANSLATE_NOOP("Words", "Normal")),
        enums.ProcessPriority.HIGH: str(QT_TRANSLATE_NOOP("Words", "High")),
    },
    enums.AutostopType: {
        enums.AutostopType.DISABLED: _DISABLED,
        enums.AutostopType.SAVE_STATE: str(QT_TRANSLATE_NOOP("Words", "Save the state")),
        enums.AutostopType.POWER_OFF: str(QT_TRANSLATE_NOOP("Words", "Power off")),
        enums.AutostopType.ACPI_SHUTDOWN: str(QT_TRANSLATE_NOOP("Words", "ACPI shutdown")),
    },
    enums.ExecutionEngine: {
        enums.ExecutionEngine.DEFAULT: str(QT_TRANSLATE_NOOP("Words", "Best of this host")),
        enums.ExecutionEngine.HW_VIRT: str(
            QT_TRANSLATE_NOOP("Words", "Hardware virtualization")
        ),
        enums.ExecutionEngine.NATIVE_API: str(
            QT_TRANSLATE_NOOP("Words", "Hypervisor of the host (KVM)")
        ),
        enums.ExecutionEngine.INTERPRETER: str(QT_TRANSLATE_NOOP("Words", "Interpreter")),
        enums.ExecutionEngine.RECOMPILER: str(QT_TRANSLATE_NOOP("Words", "Recompiler (Unicorn)")),
    },
    enums.GuestDebugProvider: {
        enums.GuestDebugProvider.NONE: _NONE,
        enums.GuestDebugProvider.NATIVE: str(QT_TRANSLATE_NOOP("Words", "Native")),
        enums.GuestDebugProvider.GDB: "GDB",
        enums.GuestDebugProvider.KD: "KD",
    },
    enums.GuestDebugIo: {
        enums.GuestDebugIo.NONE: _NONE,
        **{io: io.value for io in enums.GuestDebugIo if io is not enums.GuestDebugIo.NONE},
    },
}


def words_of(choices: type[StrEnum] | None) -> Words | None:
    """Return how the words that CHOICES lists are shown; None when they are not chosen from."""
    return _VOCABULARY.get(choices) if choices is not None else None
