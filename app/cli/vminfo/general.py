"""Identity, processor, firmware, state and what else is one setting on one line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from app.api.structs import MachineState
from app.cli.vminfo.words import BOOT_DEVICES, BOOT_MENUS, words
from app.settings.paravirt import effective_provider

if TYPE_CHECKING:
    from app.cli.vminfo import Subject
    from app.cli.vminfo.writer import InfoWriter
    from app.settings.model import CpuSettings, HardwareSettings

_STATES: Final = {
    MachineState.POWERED_OFF: ("poweroff", "powered off"),
    MachineState.SAVED: ("saved", "saved"),
    MachineState.TELEPORTED: ("teleported", "teleported"),
    MachineState.ABORTED: ("aborted", "aborted"),
    MachineState.ABORTED_SAVED: ("aborted-saved", "aborted-saved"),
    MachineState.RUNNING: ("running", "running"),
    MachineState.PAUSED: ("paused", "paused"),
    MachineState.STUCK: ("gurumeditation", "guru meditation"),
    MachineState.TELEPORTING: ("teleporting", "teleporting"),
    MachineState.LIVE_SNAPSHOTTING: ("livesnapshotting", "live snapshotting"),
    MachineState.STARTING: ("starting", "starting"),
    MachineState.STOPPING: ("stopping", "stopping"),
    MachineState.SAVING: ("saving", "saving"),
    MachineState.RESTORING: ("restoring", "restoring"),
    MachineState.TELEPORTING_PAUSED_VM: ("teleportingpausedvm", "teleporting paused vm"),
    MachineState.TELEPORTING_IN: ("teleportingin", "teleporting (incoming)"),
    MachineState.DELETING_SNAPSHOT_ONLINE: ("deletingsnapshotlive", "deleting snapshot live"),
    MachineState.DELETING_SNAPSHOT_PAUSED: (
        "deletingsnapshotlivepaused", "deleting snapshot live paused"
    ),
    MachineState.ONLINE_SNAPSHOTTING: ("onlinesnapshotting", "online snapshotting"),
    MachineState.RESTORING_SNAPSHOT: ("restoringsnapshot", "restoring snapshot"),
    MachineState.DELETING_SNAPSHOT: ("deletingsnapshot", "deleting snapshot"),
    MachineState.SETTING_UP: ("settingup", "setting up"),
    MachineState.SNAPSHOTTING: ("snapshotting", "offline snapshotting"),
}  # fmt: skip
"""What scripts and what people call the states."""

_BOOT_PLACES: Final = 4


def print_identity(out: InfoWriter, subject: Subject) -> None:
    """Name, places and UUIDs."""
    settings = subject.settings
    out.text("name", "Name", settings.name)
    out.text("encryption", "Encryption", "disabled")
    out.text("groups", "Groups", ",".join(settings.groups) or "/")
    out.text("platformArchitecture", "Platform Architecture", "x86")
    out.text("ostype", "Guest OS", subject.os_description)
    out.text("UUID", "UUID", settings.uuid)
    out.text("CfgFile", "Config file", subject.info.settings_path)
    out.text("SnapFldr", "Snapshot folder", subject.place(settings.snapshot_folder))
    out.text("LogFldr", "Log folder", os.path.join(subject.folder, "Logs"))
    out.text("hardwareuuid", "Hardware UUID", settings.hardware.hardware_uuid or settings.uuid)


def print_processor(out: InfoWriter, subject: Subject) -> None:
    """Memory and CPU."""
    hardware = subject.settings.hardware
    cpu = hardware.cpu
    out.number("memory", "Memory size", hardware.memory_mb, "MB")
    out.switch("pagefusion", "Page Fusion", hardware.page_fusion)
    out.number("vram", "VRAM size", hardware.display.vram_mb, "MB")
    out.number("cpuexecutioncap", "CPU exec cap", cpu.execution_cap, "%")
    out.text("cpu-profile", "CPUProfile", cpu.profile)
    out.text("chipset", "Chipset", hardware.chipset.lower())
    out.text("firmware", "Firmware", hardware.firmware.type)
    out.number("cpus", "Number of CPUs", cpu.count)
    out.switch("hpet", "HPET", hardware.hpet)
    out.switch("pae", "PAE", cpu.pae)
    out.switch("longmode", "Long Mode", cpu.long_mode)
    out.switch("triplefaultreset", "Triple Fault Reset", cpu.triple_fault_reset)
    out.switch("apic", "APIC", cpu.apic)
    out.switch("x2apic", "X2APIC", cpu.x2apic)
    out.switch("nested-hw-virt", "Nested VT-x/AMD-V", cpu.nested_hw_virt)
    _print_cpuid_leaves(out, cpu)
    out.switch("hwvirtex", "Hardware Virtualization", cpu.hw_virt)
    out.switch("nestedpaging", "Nested Paging", cpu.nested_paging)
    out.switch("largepages", "Large Pages", cpu.large_pages)
    out.switch("vtxvpid", "VT-x VPID", cpu.vpid)
    out.switch("vtxux", "VT-x Unrestricted Exec.", cpu.unrestricted_guest)
    out.switch("virtvmsavevmload", "AMD-V Virt. Vmsave/Vmload", cpu.virt_vmsave_vmload)
    out.number("cpuid-portability-level", "CPUID Portability Level", cpu.portability_level)


def _print_cpuid_leaves(out: InfoWriter, cpu: CpuSettings) -> None:
    if not cpu.cpuid_leaves:
        out.caption("CPUID overrides", "None")
        return
    caption = f"{'CPUID overrides:':29}"
    out.human(f"{caption}Leaf no.  EAX      EBX      ECX      EDX")
    for leaf in cpu.cpuid_leaves:
        registers = (leaf.eax, leaf.ebx, leaf.ecx, leaf.edx)
        numbers = [f"{number:08x}" for number in (leaf.id, leaf.subleaf, *registers)]
        out.human(f"{'':29}{numbers[0]}/{numbers[1]}  {' '.join(numbers[2:])}")
        if out.machine_readable:
            print(f"cpuid={','.join(numbers)}")


def print_firmware(out: InfoWriter, subject: Subject) -> None:
    """Boot order, ACPI, clock, paravirtualization."""
    hardware = subject.settings.hardware
    firmware = hardware.firmware
    out.text("bootmenu", "Boot menu mode", *words(BOOT_MENUS, firmware.boot_menu))
    order = [*hardware.boot_order, *["None"] * _BOOT_PLACES][:_BOOT_PLACES]
    for place, device in enumerate(order, 1):
        out.text(f"boot{place}", f"Boot Device {place}", *words(BOOT_DEVICES, device))
    out.switch("acpi", "ACPI", firmware.acpi)
    out.switch("ioapic", "IOAPIC", firmware.ioapic)
    out.text("biosapic", "BIOS APIC mode", firmware.apic_mode.lower(), firmware.apic_mode)
    out.number("biossystemtimeoffset", "Time offset", firmware.time_offset_ms, "ms")
    nvram = firmware.nvram_path or os.path.splitext(subject.info.settings_path)[0] + ".nvram"
    out.text("NvramFile", "BIOS NVRAM File", subject.place(nvram))
    out.switch("rtcuseutc", "RTC", hardware.rtc_utc, ("UTC", "local time"))
    out.text("iommu", "IOMMU", hardware.iommu.lower(), hardware.iommu)
    _print_paravirt(out, hardware, subject.settings.os_type_id)


def _print_paravirt(out: InfoWriter, hardware: HardwareSettings, os_type_id: str) -> None:
    provider = hardware.paravirt_provider
    out.text("paravirtprovider", "Paravirt. Provider", provider.lower(), provider)
    effective = effective_provider(provider, os_type_id)
    out.text("effparavirtprovider", "Effective Paravirt. Prov.", effective.lower(), effective)
    if hardware.paravirt_debug:
        out.text("paravirtdebug", "Paravirt. Debug", hardware.paravirt_debug)


def print_state(out: InfoWriter, subject: Subject) -> None:
    """Execution state, display, teleporter, tracing, autostart and front-end."""
    settings = subject.settings
    _print_execution_state(out, subject)
    display = settings.hardware.display
    controller = display.controller
    out.text("graphicscontroller", "Graphics Controller", controller.lower(), controller)
    out.number("monitorcount", "Monitor count", display.monitor_count)
    out.switch("accelerate3d", "3D Acceleration", display.accelerate_3d)
    out.switch("accelerate2dvideo", "2D Video Acceleration", display.accelerate_2d_video)
    teleporter = settings.teleporter
    out.switch("teleporterenabled", "Teleporter Enabled", teleporter.enabled)
    out.number("teleporterport", "Teleporter Port", teleporter.port)
    out.text("teleporteraddress", "Teleporter Address", teleporter.address)
    out.text("teleporterpassword", "Teleporter Password", teleporter.password)
    debugging = settings.debugging
    out.switch("tracing-enabled", "Tracing Enabled", debugging.tracing_enabled)
    out.switch(
        "tracing-allow-vm-access", "Allow Tracing to Access VM", debugging.tracing_vm_access
    )
    out.text("tracing-config", "Tracing Configuration", debugging.tracing_config)
    out.switch("autostart-enabled", "Autostart Enabled", settings.autostart.enabled)
    out.number("autostart-delay", "Autostart Delay", settings.autostart.delay_s)
    out.text("defaultfrontend", "Default Frontend", settings.hardware.default_frontend)
    priority = settings.process_priority.lower()
    out.text("vmprocpriority", "VM process priority", priority)


def _print_execution_state(out: InfoWriter, subject: Subject) -> None:
    info = subject.info
    script, human = _STATES.get(info.state, ("unknown", "unknown"))
    since = state_change_time(info.last_state_change)
    out.script("VMState", script)
    if since:
        out.script("VMStateChangeTime", since)
    out.caption("State", f"{human} (since {since})" if since else human)
    if subject.settings.state_file:
        out.script("VMStateFile", subject.place(subject.settings.state_file))


def state_change_time(moment: str) -> str:
    """The time of an API struct as VirtualBox prints it: with nanoseconds, without a zone."""
    return f"{moment.removesuffix('Z')}.000000000" if moment else ""
