"""Numbers and structures of the kernel's interface are those of its headers."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import sys

import pytest

from engine.em.kvm import api, chips, coalesced, hostcpu

COMPILER = shutil.which("cc")
PROGRAM = """
#include <stddef.h>
#include <stdio.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
#error older headers
#endif
#include <linux/kvm.h>
#include <asm/kvm_para.h>
int main(void) {
%s
  return 0;
}
"""
# Constants that have the same name here as there, but for its prefix KVM_.
OF_API = """
GET_API_VERSION CREATE_VM CHECK_EXTENSION GET_VCPU_MMAP_SIZE GET_SUPPORTED_CPUID
CREATE_VCPU GET_DIRTY_LOG SET_USER_MEMORY_REGION SET_TSS_ADDR
SET_IDENTITY_MAP_ADDR SET_CLOCK GET_CLOCK RUN GET_REGS SET_REGS GET_SREGS SET_SREGS
TRANSLATE INTERRUPT GET_MSRS SET_MSRS X86_SETUP_MCE SET_CPUID2 NMI GET_MP_STATE
SET_MP_STATE GET_VCPU_EVENTS SET_VCPU_EVENTS GET_DEBUGREGS SET_DEBUGREGS GET_XSAVE
GET_TSC_KHZ SET_TSC_KHZ SET_XSAVE GET_XCRS SET_XCRS KVMCLOCK_CTRL
CAP_NR_MEMSLOTS CAP_READONLY_MEM CAP_IMMEDIATE_EXIT
CAP_COALESCED_MMIO CAP_MAX_VCPUS CAP_HYPERV CAP_HYPERV_TIME
CAP_HYPERV_VP_INDEX CAP_TSC_DEADLINE_TIMER MEM_LOG_DIRTY_PAGES MEM_READONLY
EXIT_IO EXIT_HLT EXIT_MMIO EXIT_SHUTDOWN EXIT_FAIL_ENTRY EXIT_INTR EXIT_SET_TPR
EXIT_INTERNAL_ERROR EXIT_SYSTEM_EVENT SYSTEM_EVENT_SHUTDOWN SYSTEM_EVENT_RESET
SYSTEM_EVENT_CRASH INTERNAL_ERROR_EMULATION
"""
OF_CHIPS = """
CREATE_IRQCHIP IRQ_LINE GET_IRQCHIP SET_IRQCHIP SET_GSI_ROUTING CREATE_PIT2 GET_LAPIC
SET_LAPIC GET_PIT2 SET_PIT2 PIT_SPEAKER_DUMMY
"""
NUMBERS = {
    "KVM_API_VERSION": api.API_VERSION,
    **{
        f"KVM_{name}": getattr(api, name)
        for name in OF_API.split()
    },
    **{
        f"KVM_MP_STATE_{name}": getattr(api, f"MP_{name}")
        for name in ("RUNNABLE", "UNINITIALIZED", "INIT_RECEIVED", "HALTED")
    },
    **{
        f"KVM_{name}": getattr(chips, name)
        for name in OF_CHIPS.split()
    },
    "KVM_PIT_FLAGS_HPET_LEGACY": chips.PIT_HPET_LEGACY,
    "KVM_PIT_FLAGS_SPEAKER_DATA_ON": chips.PIT_SPEAKER_ON,
    "KVM_IRQ_ROUTING_IRQCHIP": chips.ROUTE_IRQCHIP,
    "KVM_IRQCHIP_PIC_MASTER": chips.PIC_MASTER,
    "KVM_IRQCHIP_PIC_SLAVE": chips.PIC_SLAVE,
    "KVM_IRQCHIP_IOAPIC": chips.IOAPIC,
    "KVM_IOAPIC_NUM_PINS": chips.IOAPIC_INPUTS,
    "KVM_EXIT_IRQ_WINDOW_OPEN": api.EXIT_WINDOW_OPEN,
    "KVM_CPUID_FLAG_SIGNIFCANT_INDEX": api.CPUID_SIGNIFICANT_INDEX,
    "KVM_VCPUEVENT_VALID_SHADOW": 4,
    "KVM_REGISTER_COALESCED_MMIO": coalesced.REGISTER,
    "KVM_UNREGISTER_COALESCED_MMIO": coalesced.UNREGISTER,
    "sizeof(struct kvm_coalesced_mmio)": 24,
    "offsetof(struct kvm_coalesced_mmio_ring, coalesced_mmio)": 8,
    "KVM_FEATURE_CLOCKSOURCE": int(hostcpu.KvmFeature.CLOCKSOURCE).bit_length() - 1,
    "KVM_FEATURE_CLOCKSOURCE2": int(hostcpu.KvmFeature.CLOCKSOURCE2).bit_length() - 1,
    "KVM_FEATURE_CLOCKSOURCE_STABLE_BIT":
        int(hostcpu.KvmFeature.CLOCKSOURCE_STABLE).bit_length() - 1,
    "KVM_FEATURE_PV_EOI": int(hostcpu.KvmFeature.PV_EOI).bit_length() - 1,
    "KVM_FEATURE_PV_UNHALT": int(hostcpu.KvmFeature.PV_UNHALT).bit_length() - 1,
    **{
        f"offsetof(struct kvm_run, {field})": offset
        for field, offset in {
            "request_interrupt_window": api.RUN_REQUEST_WINDOW,
            "immediate_exit": api.RUN_IMMEDIATE_EXIT,
            "exit_reason": api.RUN_EXIT_REASON,
            "ready_for_interrupt_injection": api.RUN_READY_FOR_INTERRUPT,
            "if_flag": api.RUN_IF_FLAG,
            "cr8": api.RUN_CR8,
            "io.direction": api.RUN_UNION,
            "io.size": api.RUN_UNION + 1,
            "io.port": api.RUN_UNION + 2,
            "io.count": api.RUN_UNION + 4,
            "io.data_offset": api.RUN_UNION + 8,
            "mmio.phys_addr": api.RUN_UNION,
            "mmio.data": api.RUN_UNION + 8,
            "mmio.len": api.RUN_UNION + 16,
            "mmio.is_write": api.RUN_UNION + 20,
            "internal.suberror": api.RUN_UNION,
            "fail_entry.hardware_entry_failure_reason": api.RUN_UNION,
            "system_event.type": api.RUN_UNION,
        }.items()
    },
}  # fmt: skip
# Our structure, the kernel's, fields that have another name there, fields without a counterpart.
STRUCTURES = [
    (api.Segment, "kvm_segment", {}, ()),
    (api.Table, "kvm_dtable", {}, ()),
    (api.Regs, "kvm_regs", {"gpr": "rax"}, ()),
    (api.Sregs, "kvm_sregs", {}, ()),
    (api.Xsave, "kvm_xsave", {"fcw": "region"},
     ("fsw", "ftw", "reserved", "fop", "fip", "fdp", "mxcsr", "mxcsr_mask", "st", "xmm", "unused",
      "xstate_bv", "header", "ymm_high", "rest")),
    (api.Xcr, "kvm_xcr", {}, ()),
    (api.Xcrs, "kvm_xcrs", {}, ()),
    (api.DebugRegs, "kvm_debugregs", {}, ()),
    (api.VcpuEvents, "kvm_vcpu_events", {
        "exception_injected": "exception.injected", "exception_nr": "exception.nr",
        "exception_has_error_code": "exception.has_error_code",
        "exception_pending": "exception.pending", "exception_error_code": "exception.error_code",
        "interrupt_injected": "interrupt.injected", "interrupt_nr": "interrupt.nr",
        "interrupt_soft": "interrupt.soft", "interrupt_shadow": "interrupt.shadow",
        "nmi_injected": "nmi.injected", "nmi_pending": "nmi.pending", "nmi_masked": "nmi.masked",
        "nmi_pad": "nmi.pad", "triple_fault": "triple_fault.pending",
    }, ()),
    (api.MemoryRegion, "kvm_userspace_memory_region", {}, ()),
    (api.CpuidEntry, "kvm_cpuid_entry2", {}, ()),
    (api.MsrEntry, "kvm_msr_entry", {}, ()),
    (api.ClockData, "kvm_clock_data", {}, ()),
    (api.Translation, "kvm_translation", {}, ()),
    (api.DirtyLog, "kvm_dirty_log", {"padding": "padding1"}, ()),
    (chips.PicState, "kvm_pic_state", {}, ()),
    (chips.IoApicRegisters, "kvm_ioapic_state", {}, ()),
    (chips.IrqChip, "kvm_irqchip", {}, ()),
    (chips.PitChannel, "kvm_pit_channel_state", {}, ()),
    (chips.PitState2, "kvm_pit_state2", {}, ()),
    (chips.PitConfig, "kvm_pit_config", {}, ()),
    (chips.LapicState, "kvm_lapic_state", {}, ()),
    (chips.IrqLevel, "kvm_irq_level", {}, ()),
    (chips.RoutingEntry, "kvm_irq_routing_entry",
     {"irqchip": "u.irqchip.irqchip", "pin": "u.irqchip.pin"}, ("rest",)),
    (coalesced.Zone, "kvm_coalesced_mmio_zone", {}, ()),
]  # fmt: skip


def expected():
    """Return what the kernel's headers shall say, by C expression."""
    found = dict(NUMBERS)
    for ours, name, renamed, own in STRUCTURES:
        found[f"sizeof(struct {name})"] = ctypes.sizeof(ours)
        for field, *_ in ours._fields_:
            if field not in own:
                place = f"offsetof(struct {name}, {renamed.get(field, field)})"
                found[place] = getattr(ours, field).offset
    heads = ((api.Cpuid, "kvm_cpuid2", "entries"), (api.Msrs, "kvm_msrs", "entry"),
             (chips.Routing, "kvm_irq_routing", "entries"))  # fmt: skip
    for ours, name, field in heads:  # their numbers have the size of what is before the entries
        found[f"sizeof(struct {name})"] = getattr(ours, field).offset
    return found


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the structures are those of x86")
@pytest.mark.skipif(sys.platform != "linux", reason="KVM is a part of Linux")
@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_the_headers_say_the_same(tmp_path):
    wanted = expected()
    source, program = tmp_path / "abi.c", tmp_path / "abi"
    rows = "\n".join(f'  printf("%llu\\n", (unsigned long long)({name}));' for name in wanted)
    source.write_text(PROGRAM % rows, encoding="ascii")
    build = subprocess.run(
        [COMPILER, "-o", program, source], capture_output=True, text=True, check=False
    )
    if "linux/version.h: No such file" in build.stderr or "older headers" in build.stderr:
        pytest.skip("the headers of Linux 6.0 or newer are not installed")
    assert build.returncode == 0, build.stderr
    out = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    assert dict(zip(wanted, map(int, out.split()), strict=True)) == wanted


def test_the_xsave_area_has_the_registers_where_the_manual_puts_them():
    """The standard form has XMM0 at 160 and its header at 512 (SDM 1, tables 13-1 and 13.4.2).

    The AVX state follows (CPUID leaf 0Dh, sub-leaf 2, on every processor that has one).
    """
    places = {"mxcsr": 24, "st": 32, "xmm": 160, "xstate_bv": 512, "ymm_high": 576, "rest": 832}
    assert {name: getattr(api.Xsave, name).offset for name in places} == places
