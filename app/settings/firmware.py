"""Typed settings of the firmware and of the trusted platform module.

The XML places are relative to the element that owns the hardware: ``Machine`` or ``Snapshot``.
"""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, setting


def _firmware(tail: str) -> tuple[Place, ...]:
    """Return the places of a setting that 1.20 moved from ``BIOS`` to ``Firmware``."""
    return Place(f"Hardware/BIOS/{tail}"), Place(f"Hardware/Firmware/{tail}", 20)


class FirmwareSettings(msgspec.Struct, kw_only=True):
    """Firmware and the switches that it hands to the guest."""

    type: Annotated[
        str,
        setting(
            "Hardware/Firmware/@type", choices=enums.FirmwareType, since=9, cli="firmware",
            label="Firmware", help="Legacy BIOS, or EFI of a word size.",
        ),
    ] = enums.FirmwareType.BIOS.value
    acpi: Annotated[
        bool,
        setting(
            _firmware("ACPI/@enabled"), cli="acpi", label="Enable ACPI",
            help="Offer power management and configuration tables.",
        ),
    ] = True
    ioapic: Annotated[
        bool,
        setting(
            _firmware("IOAPIC/@enabled"), cli="ioapic", label="Enable I/O APIC",
            help="Offer an I/O APIC; needed with more than one processor.",
        ),
    ] = False
    apic_mode: Annotated[
        str,
        setting(
            _firmware("APIC/@mode"), choices=enums.ApicMode, since=16, cli="firmware-apic",
            old_cli=("bios-apic", "biosapic"), label="Firmware APIC",
            help="Interrupt controller that the firmware announces.",
        ),
    ] = enums.ApicMode.APIC.value
    logo_fade_in: Annotated[
        bool,
        setting(
            _firmware("Logo/@fadeIn"), cli="firmware-logo-fade-in",
            old_cli=("bios-logo-fade-in", "bioslogofadein"), label="Logo Fades In",
            help="The logo of the firmware appears slowly.",
        ),
    ] = True
    logo_fade_out: Annotated[
        bool,
        setting(
            _firmware("Logo/@fadeOut"), cli="firmware-logo-fade-out",
            old_cli=("bios-logo-fade-out", "bioslogofadeout"), label="Logo Fades Out",
            help="The logo of the firmware disappears slowly.",
        ),
    ] = True
    logo_display_time_ms: Annotated[
        int,
        setting(
            _firmware("Logo/@displayTime"), ge=0, le=0xFFFFFFFF, unit="ms",
            cli="firmware-logo-display-time",
            old_cli=("bios-logo-display-time", "bioslogodisplaytime"),
            label="Logo Display Time", help="Time for which the logo of the firmware is shown.",
        ),
    ] = 0
    logo_image_path: Annotated[
        str,
        setting(
            _firmware("Logo/@imagePath"), cli="firmware-logo-image-path",
            old_cli=("bios-logo-image-path", "bioslogoimagepath"), label="Logo Image",
            help="Bitmap that the firmware shows instead of its own logo.",
        ),
    ] = ""
    boot_menu: Annotated[
        str,
        setting(
            _firmware("BootMenu/@mode"), choices=enums.BootMenuMode, cli="firmware-boot-menu",
            old_cli=("bios-boot-menu", "biosbootmenu"), label="Boot Menu",
            help="What the firmware shows of its boot menu.",
        ),
    ] = enums.BootMenuMode.MESSAGE_AND_MENU.value
    time_offset_ms: Annotated[
        int,
        setting(
            _firmware("TimeOffset/@value"), ge=-(2**63), le=2**63 - 1, unit="ms",
            cli="firmware-system-time-offset",
            old_cli=("bios-system-time-offset", "biossystemtimeoffset"),
            label="System Time Offset",
            help="Distance of the guest's clock from that of the host.",
        ),
    ] = 0
    pxe_debug: Annotated[
        bool,
        setting(
            _firmware("PXEDebug/@enabled"), cli="firmware-pxe-debug",
            old_cli=("bios-pxe-debug", "biospxedebug"), label="PXE Debugging",
            help="The network boot code logs what it does.",
        ),
    ] = False
    nvram_path: Annotated[
        str,
        setting(
            _firmware("NVRAM/@path"), since=18, label="NVRAM File",
            help="File that holds the variables of the EFI firmware.",
        ),
    ] = ""
    nvram_key_id: Annotated[
        str,
        setting(
            _firmware("NVRAM/@keyId"), since=19, label="NVRAM Key",
            help="Id of the password that encrypts the NVRAM file.",
        ),
    ] = ""
    nvram_key_store: Annotated[
        str,
        setting(
            _firmware("NVRAM/@keyStore"), since=19, label="NVRAM Key Store",
            help="Encrypted key of the NVRAM file.",
        ),
    ] = ""
    smbios_uuid_little_endian: Annotated[
        bool,
        setting(
            _firmware("SmbiosUuidLittleEndian/@enabled"), since=15, absent=False,
            cli="system-uuid-le", label="Little Endian System UUID",
            help="Byte order of the UUID in the SMBIOS tables.",
        ),
    ] = True
    auto_serial_number: Annotated[
        bool,
        setting(
            _firmware("AutoSerialNumGen/@enabled"), since=19, label="Generated Serial Number",
            help="The serial number in the SMBIOS tables is made from the UUID.",
        ),
    ] = True


class TpmSettings(msgspec.Struct, kw_only=True):
    """Trusted platform module."""

    type: Annotated[
        str,
        setting(
            "Hardware/TrustedPlatformModule/@type", choices=enums.TpmType, since=19,
            cli="tpm-type", label="TPM", help="Version of the trusted platform module.",
        ),
    ] = enums.TpmType.NONE.value
    location: Annotated[
        str,
        setting(
            "Hardware/TrustedPlatformModule/@location", since=19, cli="tpm-location",
            label="TPM Location", help="Address of the emulator, for a TPM of type swtpm.",
        ),
    ] = ""
