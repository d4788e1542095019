"""System: memory, processors, boot order and firmware switches."""

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.common.translation import tr
from app.manager.details.section import Row, Subject, details_section
from app.manager.words import BOOT_DEVICES, PARAVIRT_PROVIDERS, word
from app.settings.enums import BootDevice, FirmwareType
from app.settings.paravirt import effective_provider


@details_section(
    "system",
    title=str(QT_TRANSLATE_NOOP("Details", "System")),
    icon_name="system",
    page="system",
    order=20,
)
def rows(subject: Subject) -> Sequence[Row]:
    """Return what VirtualBox's details pane shows of the system."""
    hardware = subject.settings.hardware
    lines = [Row(tr("Base Memory"), tr("{size} MB").format(size=hardware.memory_mb))]
    if hardware.cpu.count > 1:
        lines.append(Row(tr("Processors"), str(hardware.cpu.count)))
    if hardware.cpu.execution_cap < 100:
        lines.append(Row(tr("Execution Cap"), f"{hardware.cpu.execution_cap} %"))
    boot = [word(BOOT_DEVICES, name) for name in hardware.boot_order if name != BootDevice.NONE]
    lines.append(Row(tr("Boot Order"), ", ".join(boot) or tr("None")))
    lines.append(Row(tr("Chipset"), hardware.chipset))
    if hardware.firmware.type != FirmwareType.BIOS:
        lines.append(Row(tr("Firmware"), hardware.firmware.type))
    chosen = hardware.paravirt_provider
    effective = effective_provider(chosen, subject.settings.os_type_id)
    interface = word(PARAVIRT_PROVIDERS, effective)
    if effective != chosen:
        interface = f"{word(PARAVIRT_PROVIDERS, chosen)} ({interface})"
    lines.append(Row(tr("Paravirtualization"), interface))
    switches = [
        label
        for label, enabled in (
            (tr("ACPI"), hardware.firmware.acpi),
            (tr("I/O APIC"), hardware.firmware.ioapic),
            (tr("PAE/NX"), hardware.cpu.pae),
            (tr("Clock in UTC"), hardware.rtc_utc),
        )
        if enabled
    ]
    if switches:
        lines.append(Row(tr("Features"), ", ".join(switches)))
    return lines
