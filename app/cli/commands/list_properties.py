"""``list systemproperties``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.commands.listing import ListOptions, listing
from app.cli.output import COMPATIBLE_RELEASE, on_off
from app.cli.values import print_block

if TYPE_CHECKING:
    from app.api.structs import SystemProperties
    from app.cli.context import Context

_WIDTH: Final = 33
_PLATFORM_WIDTH: Final = 40

_PROXY_MODES: Final = ("System", "NoProxy", "Manual")

_PLATFORM: Final = (
    ("Maximum Serial Port count", 4),
    ("Maximum Parallel Port count", 2),
    ("Maximum Boot Position", 4),
    ("Maximum Floppy Port count", 1),
    ("Maximum Floppy Devices per Port", 2),
    ("Maximum virtio-scsi Port count", 256),
    ("Maximum virtio-scsi Devices per Port", 1),
    ("Maximum IDE Port count", 2),
    ("Maximum IDE Devices per port", 2),
    ("Maximum SATA Port count", 30),
    ("Maximum SATA Device per port", 1),
    ("Maximum SCSI Port count", 16),
    ("Maximum SCSI Devices per port", 1),
    ("Maximum SAS Port count", 255),
    ("Maximum SAS Devices per Port", 1),
    ("Maximum NVMe Port count", 255),
    ("Maximum NVMe Devices per Port", 1),
)
"""Limits of the format of the settings, in the order and wording of VirtualBox 7.1."""

_CHIPSETS: Final = {"PIIX3": (8, 1, 1), "ICH9": (36, 1, 8)}
"""Most network adapters, IDE and floppy controllers, and other controllers by chipset."""


@listing("systemproperties")
def _systemproperties(context: Context, _options: ListOptions) -> None:
    properties = context.client.virtualbox.get_system_properties()
    _print_limits(properties)
    _print_properties(properties)
    print("Host platform properties:")
    _print_platform()
    print("\nSupported platform architectures: x86\n\nx86 platform properties:")
    _print_platform()


def _print_limits(properties: SystemProperties) -> None:
    print_block(
        (
            ("API version", "_".join(COMPATIBLE_RELEASE.split(".")[:2])),
            ("Minimum guest RAM size", f"{properties.min_guest_ram_mb} Megabytes"),
            ("Maximum guest RAM size", f"{properties.max_guest_ram_mb} Megabytes"),
            ("Minimum video RAM size", f"{properties.min_guest_vram_mb} Megabytes"),
            ("Maximum video RAM size", f"{properties.max_guest_vram_mb} Megabytes"),
            ("Maximum guest monitor count", properties.max_guest_monitors),
            ("Minimum guest CPU count", properties.min_guest_cpu_count),
            ("Maximum guest CPU count", properties.max_guest_cpu_count),
            ("Virtual disk limit (info)", f"{properties.info_vd_size} Bytes"),
        ),
        _WIDTH,
    )


def _print_properties(properties: SystemProperties) -> None:
    print_block(
        (
            ("Default machine folder", properties.default_machine_folder),
            ("Raw-mode Supported", "no"),
            ("Exclusive HW virtualization use", on_off(properties.exclusive_hw_virt)),
            ("Default hard disk format", properties.default_hard_disk_format),
            ("VRDE auth library", properties.vrde_auth_library),
            ("Webservice auth. library", properties.web_service_auth_library),
            ("Remote desktop ExtPack", properties.default_vrde_extpack),
            ("VM encryption ExtPack", properties.default_crypto_extpack),
            ("Log history count", properties.log_history_count),
            ("Default frontend", properties.default_frontend),
            ("Default audio driver", properties.default_audio_driver),
            ("Autostart database path", properties.autostart_database_path),
            ("Default Guest Additions ISO", properties.default_additions_iso),
            ("Logging Level", properties.logging_level or "all"),
            ("Proxy Mode", _PROXY_MODES[properties.proxy_mode]),
            ("Proxy URL", properties.proxy_url),
            ("User language", properties.language_id or "C"),
        ),
        _WIDTH,
    )


def _print_platform() -> None:
    print_block(_PLATFORM, _PLATFORM_WIDTH)
    print_block([("Supported chipsets", ", ".join(_CHIPSETS))], _PLATFORM_WIDTH)
    for position, (chipset, (adapters, single, several)) in enumerate(_CHIPSETS.items()):
        if position:
            print()
        print(f"{chipset} chipset properties:")
        print(f"Maximum {chipset} Network Adapter count:   {adapters}")
        print(f"Maximum {chipset} IDE Controllers:   {single}")
        print(f"Maximum {chipset} SATA Controllers:  {several}")
        print(f"Maximum {chipset} SCSI Controllers:  {several}")
        print(f"Maximum {chipset} SAS Controllers:   {several}")
        print(f"Maximum {chipset} NVMe Controllers:  {several}")
        print(f"Maximum {chipset} virtio-scsi Controllers:  {several}")
        print(f"Maximum {chipset} Floppy Controllers:{single}")
