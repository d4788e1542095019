"""System: board, processors, acceleration, firmware."""

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.manager.settings_dialog.fields.simple import path_editor, switch_text
from app.manager.settings_dialog.fields.system import boot_order, memory, processors, slider
from app.manager.settings_dialog.spec import (
    NOT_YET,
    FieldSpec,
    Heading,
    Level,
    PageSpec,
    Requirement,
    TabSpec,
    declare,
)
from app.manager.widgets.file_picker import PickMode
from app.settings.enums import FirmwareType, TpmType
from app.settings.virtiodevices import BALLOON_DEVICE, ENTROPY_DEVICE

_EXTENDED = str(QT_TRANSLATE_NOOP("SettingsDialog", "Extended Features"))
_ONE_PROCESSOR = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "Several processors need a host with KVM; elsewhere the machine starts with one.",
    )
)
_PIIX3_ONLY = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "This version of Vitrine has PIIX3 only; a machine with another one does not start.",
    )
)
_BIOS_ONLY = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "This version of Vitrine has BIOS only; a machine with EFI does not start.",
    )
)
_ENGINES = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "Vitrine runs guests on KVM where the host has it, and translates them otherwise.",
    )
)
_BALLOON = str(
    QT_TRANSLATE_NOOP(
        "SettingsDialog",
        "The guest needs a driver for virtio balloons, as Linux has one.",
    )
)
_EFI_ONLY = Requirement(
    lambda settings: settings.hardware.firmware.type != FirmwareType.BIOS,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Only EFI firmware has variables.")),
)
_SWTPM_ONLY = Requirement(
    lambda settings: settings.hardware.tpm.type == TpmType.SWTPM,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Only a TPM of the type swtpm has an address.")),
)
_IO_CACHE = Requirement(
    lambda settings: settings.hardware.io_cache,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "The I/O cache is switched off.")),
)
_NESTED_PAGING = Requirement(
    lambda settings: settings.hardware.cpu.hw_virt,
    str(QT_TRANSLATE_NOOP("SettingsDialog", "Hardware virtualization is switched off.")),
)

_MOTHERBOARD = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Motherboard")),
    (
        FieldSpec(
            "hardware.memory_mb",
            Level.BASIC,
            editor=memory,
            keywords=str(QT_TRANSLATE_NOOP("SettingsDialog", "RAM")),
        ),
        FieldSpec("hardware.boot_order", Level.BASIC, editor=boot_order),
        FieldSpec("hardware.chipset", note=_PIIX3_ONLY),
        FieldSpec("hardware.tpm.type", note=NOT_YET),
        FieldSpec("hardware.tpm.location", requires=_SWTPM_ONLY),
        FieldSpec("hardware.pointing_device", Level.BASIC),
        FieldSpec("hardware.keyboard", note=NOT_YET),
        FieldSpec("hardware.firmware.ioapic", caption=_EXTENDED),
        FieldSpec("hardware.rtc_utc"),
        FieldSpec("hardware.firmware.acpi", note=NOT_YET),
        FieldSpec("hardware.hpet"),
        FieldSpec(
            f"extra_data[{ENTROPY_DEVICE.key}]",
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Random Numbers of the Host")),
            help=str(
                QT_TRANSLATE_NOOP(
                    "SettingsDialog",
                    "The guest takes random numbers from the host, through a virtio device.",
                )
            ),
            editor=switch_text(),
            hot=False,
            keywords=str(QT_TRANSLATE_NOOP("SettingsDialog", "entropy virtio-rng")),
        ),
        FieldSpec("hardware.iommu", note=NOT_YET),
        FieldSpec("hardware.usb_card_reader", note=NOT_YET),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Memory of the host"))),
        FieldSpec("hardware.memory_balloon_mb", note=_BALLOON),
        FieldSpec(
            f"extra_data[{BALLOON_DEVICE.key}]",
            label=str(QT_TRANSLATE_NOOP("SettingsDialog", "Memory Balloon Can Be Inflated Later")),
            help=str(
                QT_TRANSLATE_NOOP(
                    "SettingsDialog",
                    "The guest finds a virtio balloon also while its size is 0, so that a running "
                    "machine can give memory back.",
                )
            ),
            editor=switch_text(),
            hot=False,
        ),
        FieldSpec("hardware.page_fusion", note=NOT_YET),
    ),
)
_PROCESSOR = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Processor")),
    (
        FieldSpec(
            "hardware.cpu.count",
            Level.BASIC,
            editor=processors,
            note=_ONE_PROCESSOR,
            keywords=str(QT_TRANSLATE_NOOP("SettingsDialog", "CPU cores")),
        ),
        FieldSpec("hardware.cpu.execution_cap", editor=slider),
        FieldSpec("hardware.cpu.pae", caption=_EXTENDED),
        FieldSpec("hardware.cpu.long_mode"),
        FieldSpec("hardware.cpu.nested_hw_virt", note=NOT_YET),
        FieldSpec("hardware.cpu.apic"),
        FieldSpec("hardware.cpu.x2apic"),
        FieldSpec("hardware.cpu.hotplug", note=NOT_YET),
        FieldSpec("hardware.cpu.triple_fault_reset", note=NOT_YET),
        FieldSpec("hardware.cpu.profile"),
        FieldSpec("hardware.cpu.portability_level"),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Protection against other guests"))),
        FieldSpec("hardware.cpu.spec_ctrl", note=NOT_YET),
        FieldSpec("hardware.cpu.spec_ctrl_by_host", note=NOT_YET),
        FieldSpec("hardware.cpu.ibpb_on_vm_entry", note=NOT_YET),
        FieldSpec("hardware.cpu.ibpb_on_vm_exit", note=NOT_YET),
        FieldSpec("hardware.cpu.l1d_flush_on_sched", note=NOT_YET),
        FieldSpec("hardware.cpu.l1d_flush_on_vm_entry", note=NOT_YET),
        FieldSpec("hardware.cpu.mds_clear_on_sched", note=NOT_YET),
        FieldSpec("hardware.cpu.mds_clear_on_vm_entry", note=NOT_YET),
    ),
)
_ACCELERATION = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "A&cceleration")),
    (
        FieldSpec(
            "execution_engine",
            help=_ENGINES,
            keywords=str(QT_TRANSLATE_NOOP("SettingsDialog", "KVM Unicorn speed")),
        ),
        FieldSpec("hardware.paravirt_provider"),
        FieldSpec("hardware.paravirt_debug", note=NOT_YET),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Hardware virtualization"))),
        FieldSpec("hardware.cpu.hw_virt", note=NOT_YET),
        FieldSpec("hardware.cpu.hw_virt_force", note=NOT_YET),
        FieldSpec("hardware.cpu.use_native_api", note=NOT_YET),
        FieldSpec("hardware.cpu.nested_paging", requires=_NESTED_PAGING, note=NOT_YET),
        FieldSpec("hardware.cpu.large_pages"),
        FieldSpec("hardware.cpu.vpid", note=NOT_YET),
        FieldSpec("hardware.cpu.unrestricted_guest", note=NOT_YET),
        FieldSpec("hardware.cpu.virt_vmsave_vmload", note=NOT_YET),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Disks"))),
        FieldSpec("hardware.io_cache", note=NOT_YET),
        FieldSpec("hardware.io_cache_mb", requires=_IO_CACHE, note=NOT_YET),
    ),
)
_FIRMWARE = TabSpec(
    str(QT_TRANSLATE_NOOP("SettingsDialog", "&Firmware")),
    (
        FieldSpec("hardware.firmware.type", note=_BIOS_ONLY),
        FieldSpec("hardware.firmware.boot_menu"),
        FieldSpec("hardware.firmware.apic_mode", note=NOT_YET),
        FieldSpec("hardware.firmware.time_offset_ms"),
        FieldSpec(
            "hardware.firmware.nvram_path",
            editor=path_editor(PickMode.SAVE_FILE),
            requires=_EFI_ONLY,
            note=NOT_YET,
        ),
        FieldSpec("hardware.firmware.pxe_debug", note=NOT_YET),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "Logo"))),
        FieldSpec("hardware.firmware.logo_fade_in", note=NOT_YET),
        FieldSpec("hardware.firmware.logo_fade_out", note=NOT_YET),
        FieldSpec("hardware.firmware.logo_display_time_ms", note=NOT_YET),
        FieldSpec(
            "hardware.firmware.logo_image_path",
            editor=path_editor(PickMode.OPEN_FILE),
            note=NOT_YET,
        ),
        Heading(str(QT_TRANSLATE_NOOP("SettingsDialog", "What the guest reads"))),
        FieldSpec("hardware.hardware_uuid"),
        FieldSpec("hardware.firmware.smbios_uuid_little_endian", note=NOT_YET),
        FieldSpec("hardware.firmware.auto_serial_number", note=NOT_YET),
    ),
)

declare(
    PageSpec(
        "system",
        str(QT_TRANSLATE_NOOP("SettingsDialog", "System")),
        "system",
        20,
        (_MOTHERBOARD, _PROCESSOR, _ACCELERATION, _FIRMWARE),
    )
)
