"""Typed settings of the processors.

The XML places are relative to the element that owns the hardware: ``Machine`` or ``Snapshot``.
"""

from typing import Annotated

import msgspec

from app.settings.declare import Place, items, setting

MAX_CPUS = 64
CPU_PROFILES = (
    "Intel Pentium 4 3.00GHz",
    "Intel Core i7-6700K",
    "AMD Athlon 64 3200+",
    "AMD Phenom II X6 1100 T",
)
"""Processors that a machine can be instead of the host's."""


def _x86(tail: str) -> tuple[Place, ...]:
    """Return the places of a CPU setting that 1.20 moved to the x86 part of the platform."""
    return (
        Place(f"Hardware/CPU/{tail}"),
        Place(f"Platform/CPU/{tail}", 20),
        Place(f"Platform/x86/CPU/{tail}", 20),
    )


def _cpu(tail: str) -> tuple[Place, ...]:
    return Place(f"Hardware/CPU/{tail}"), Place(f"Platform/CPU/{tail}", 20)


class CpuIdLeaf(msgspec.Struct, kw_only=True):
    """CPUID leaf whose answer is overridden."""

    id: Annotated[
        int,
        setting(
            "@id", ge=0, le=0xFFFFFFFF, always=True, label="Leaf",
            help="Value of EAX for which the answer is given.",
        ),
    ]
    subleaf: Annotated[
        int,
        setting(
            "@subleaf", ge=0, le=0xFFFFFFFF, since=16, label="Subleaf",
            help="Value of ECX for which the answer is given.",
        ),
    ] = 0
    eax: Annotated[
        int,
        setting(
            "@eax", ge=0, le=0xFFFFFFFF, always=True, label="EAX", help="Answer in EAX."
        ),
    ] = 0
    ebx: Annotated[
        int,
        setting(
            "@ebx", ge=0, le=0xFFFFFFFF, always=True, label="EBX", help="Answer in EBX."
        ),
    ] = 0
    ecx: Annotated[
        int,
        setting(
            "@ecx", ge=0, le=0xFFFFFFFF, always=True, label="ECX", help="Answer in ECX."
        ),
    ] = 0
    edx: Annotated[
        int,
        setting(
            "@edx", ge=0, le=0xFFFFFFFF, always=True, label="EDX", help="Answer in EDX."
        ),
    ] = 0


class HotPluggedCpu(msgspec.Struct, kw_only=True):
    """A CPU that was plugged into a machine with CPU hot-plug."""

    id: Annotated[
        int,
        setting(
            "@id", ge=0, le=MAX_CPUS - 1, always=True, label="Processor",
            help="Number of the processor, from 0.",
        ),
    ]


class CpuSettings(msgspec.Struct, kw_only=True):
    """Processors and their features."""

    count: Annotated[
        int,
        setting(
            _cpu("@count"), ge=1, le=MAX_CPUS, cli="cpus", label="Processors",
            help="Number of virtual processors.",
        ),
    ] = 1
    execution_cap: Annotated[
        int,
        setting(
            _cpu("@executionCap"), ge=1, le=100, unit="%", since=11, cli="cpu-execution-cap",
            old_cli=("cpuexecutioncap",), label="Execution Cap", hot=True,
            help="Share of a host processor that a virtual processor may use at most.",
        ),
    ] = 100
    hotplug: Annotated[
        bool,
        setting(
            _cpu("@hotplug"), since=10, cli="cpu-hotplug", old_cli=("cpuhotplug",),
            label="CPU Hot-plugging",
            help="Processors can be added and removed while the machine runs.",
        ),
    ] = False
    plugged: Annotated[
        list[HotPluggedCpu],
        items(
            _cpu("CpuTree/Cpu"), key=("id",), since=10, label="Plugged Processors",
            help="Processors that are present in a machine with CPU hot-plugging.",
        ),
    ] = msgspec.field(default_factory=list)
    portability_level: Annotated[
        int,
        setting(
            _cpu("@CpuIdPortabilityLevel"), ge=0, le=3, since=14, cli="cpuid-portability-level",
            old_cli=("cpuidportabilitylevel",), label="CPUID Portability Level",
            help="How much of the host's processor is hidden so that the machine can move.",
        ),
    ] = 0
    profile: Annotated[
        str,
        setting(
            _cpu("@CpuProfile"), since=16, cli="cpu-profile", old_cli=("cpuprofile",),
            label="CPU Profile",
            help="Processor that the guest sees; host means that of the host.",
        ),
    ] = "host"
    hw_virt: Annotated[
        bool,
        setting(
            _x86("HardwareVirtEx/@enabled"), cli="hwvirtex", label="Hardware Virtualization",
            help="Use the virtualization extensions of the host's processor.",
        ),
    ] = True
    nested_paging: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExNestedPaging/@enabled"), cli="nested-paging",
            old_cli=("nestedpaging",), label="Nested Paging",
            help="Let the host's processor translate guest addresses.",
        ),
    ] = True
    vpid: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExVPID/@enabled"), cli="x86-vtx-vpid",
            old_cli=("vtx-vpid", "vtxvpid"), label="VPID",
            help="Tag entries of the TLB with the virtual processor.",
        ),
    ] = True
    unrestricted_guest: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExUX/@enabled"), since=14, cli="x86-vtx-ux",
            old_cli=("vtx-ux", "vtxux"), label="Unrestricted Guest Execution",
            help="Let the host's processor run real mode and unpaged code.",
        ),
    ] = True
    large_pages: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExLargePages/@enabled"), since=10, cli="large-pages",
            old_cli=("largepages",), label="Large Pages",
            help="Back guest memory with large pages.",
        ),
    ] = False
    hw_virt_force: Annotated[
        bool,
        setting(
            _x86("HardwareVirtForce/@enabled"), since=12, label="Force Hardware Virtualization",
            help="Fail to start rather than run without hardware virtualization.",
        ),
    ] = False
    use_native_api: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExUseNativeApi/@enabled"), since=17, label="Native Hypervisor API",
            help="Use the hypervisor interface of the host's operating system.",
        ),
    ] = False
    virt_vmsave_vmload: Annotated[
        bool,
        setting(
            _x86("HardwareVirtExVirtVmsaveVmload/@enabled"), since=18, cli="virt-vmsave-vmload",
            old_cli=("virtvmsavevmload",), label="Virtualized VMSAVE/VMLOAD",
            help="Use virtualized VMSAVE and VMLOAD on AMD.",
        ),
    ] = True
    pae: Annotated[
        bool,
        setting(
            _x86("PAE/@enabled"), cli="x86-pae", old_cli=("pae",), label="Enable PAE/NX",
            help="Offer physical address extension and no-execute pages.",
        ),
    ] = True
    long_mode: Annotated[
        bool,
        setting(
            _x86("LongMode/@enabled"), since=14, cli="x86-long-mode",
            old_cli=("long-mode", "longmode"), label="Long Mode", help="Offer 64-bit mode.",
        ),
    ] = True
    triple_fault_reset: Annotated[
        bool,
        setting(
            _x86("TripleFaultReset/@enabled"), since=15, cli="triple-fault-reset",
            old_cli=("triplefaultreset",), label="Reset on Triple Fault",
            help="A triple fault resets the machine instead of stopping it.",
        ),
    ] = False
    apic: Annotated[
        bool,
        setting(
            _x86("APIC/@enabled"), since=16, cli="apic", label="APIC",
            help="Offer a local APIC.",
        ),
    ] = True
    x2apic: Annotated[
        bool,
        setting(
            _x86("X2APIC/@enabled"), since=16, cli="x86-x2apic", old_cli=("x2apic",),
            label="X2APIC", help="Offer the x2APIC mode of the local APIC.",
        ),
    ] = False
    nested_hw_virt: Annotated[
        bool,
        setting(
            _x86("NestedHWVirt/@enabled"), since=17, cli="nested-hw-virt",
            old_cli=("nestedhwvirt",), label="Nested VT-x/AMD-V",
            help="Offer virtualization extensions to the guest.",
        ),
    ] = False
    ibpb_on_vm_exit: Annotated[
        bool,
        setting(
            _x86("IBPBOn/@vmexit"), since=16, cli="ibpb-on-vm-exit", label="IBPB on VM Exit",
            help="Flush the branch predictors of the host when the guest is left.",
        ),
    ] = False
    ibpb_on_vm_entry: Annotated[
        bool,
        setting(
            _x86("IBPBOn/@vmentry"), since=16, cli="ibpb-on-vm-entry", label="IBPB on VM Entry",
            help="Flush the branch predictors of the host when the guest is entered.",
        ),
    ] = False
    spec_ctrl: Annotated[
        bool,
        setting(
            _x86("SpecCtrl/@enabled"), since=16, cli="spec-ctrl", label="Speculation Control",
            help="Offer the speculation control registers to the guest.",
        ),
    ] = False
    spec_ctrl_by_host: Annotated[
        bool,
        setting(
            _x86("SpecCtrlByHost/@enabled"), since=16, label="Speculation Control by Host",
            help="The host sets the speculation control registers while the guest runs.",
        ),
    ] = False
    l1d_flush_on_sched: Annotated[
        bool,
        setting(
            _x86("L1DFlushOn/@scheduling"), since=16, cli="l1d-flush-on-sched",
            label="L1D Flush on Scheduling",
            help="Flush the level 1 data cache when the processor changes hands (L1TF).",
        ),
    ] = True
    l1d_flush_on_vm_entry: Annotated[
        bool,
        setting(
            _x86("L1DFlushOn/@vmentry"), since=16, cli="l1d-flush-on-vm-entry",
            label="L1D Flush on VM Entry",
            help="Flush the level 1 data cache each time the guest is entered (L1TF).",
        ),
    ] = False
    mds_clear_on_sched: Annotated[
        bool,
        setting(
            _x86("MDSClearOn/@scheduling"), since=16, cli="mds-clear-on-sched",
            label="MDS Clear on Scheduling",
            help="Clear the processor's buffers when the processor changes hands (MDS).",
        ),
    ] = True
    mds_clear_on_vm_entry: Annotated[
        bool,
        setting(
            _x86("MDSClearOn/@vmentry"), since=16, cli="mds-clear-on-vm-entry",
            label="MDS Clear on VM Entry",
            help="Clear the processor's buffers each time the guest is entered (MDS).",
        ),
    ] = False
    cpuid_leaves: Annotated[
        list[CpuIdLeaf],
        items(
            _x86("CpuIdTree/CpuIdLeaf"), key=("id", "subleaf"), since=9, cli="cpuid-set",
            old_cli=("cpuidset",), label="CPUID Overrides",
            help="Answers of the CPUID instruction that replace those of the profile.",
        ),
    ] = msgspec.field(default_factory=list)
