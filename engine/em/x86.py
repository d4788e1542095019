"""Constants of the x86 architecture.

Reference: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3 (SDM 3):
control registers 2.5, EFLAGS 2.3, segment descriptors 3.4.5, exceptions 6.15.
"""

from __future__ import annotations

# General registers, in encoding order.
RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11 = range(12)
GENERAL_REGISTERS = (
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
)  # fmt: skip
# Segment registers, in encoding order.
ES, CS, SS, DS, FS, GS = range(6)

# EFLAGS.
EFLAGS_TF, EFLAGS_IF, EFLAGS_NT, EFLAGS_RF = 1 << 8, 1 << 9, 1 << 14, 1 << 16
EFLAGS_VM, EFLAGS_AC = 1 << 17, 1 << 18

# Control registers and EFER.
CR0_PE, CR0_TS, CR0_ET, CR0_WP, CR0_NW, CR0_CD, CR0_PG = (
    1, 1 << 3, 1 << 4, 1 << 16, 1 << 29, 1 << 30, 1 << 31)  # fmt: skip
CR4_PSE, CR4_PAE, CR4_SMEP, CR4_SMAP = 1 << 4, 1 << 5, 1 << 20, 1 << 21
EFER_SCE, EFER_LME, EFER_LMA, EFER_NXE = 1, 1 << 8, 1 << 10, 1 << 11

# Second doubleword of a segment descriptor.
DESC_A, DESC_W, DESC_R, DESC_C, DESC_E = 1 << 8, 1 << 9, 1 << 9, 1 << 10, 1 << 10
DESC_CODE, DESC_S, DESC_DPL_SHIFT, DESC_P = 1 << 11, 1 << 12, 13, 1 << 15
DESC_L, DESC_B, DESC_G = 1 << 21, 1 << 22, 1 << 23
DESC_TYPE_SHIFT = 8

# System descriptor types.
TYPE_TSS16_FREE, TYPE_LDT, TYPE_TSS16_BUSY = 1, 2, 3
TYPE_TASK_GATE, TYPE_INT16, TYPE_TRAP16 = 5, 6, 7
TYPE_TSS32_FREE, TYPE_TSS32_BUSY, TYPE_INT32, TYPE_TRAP32 = 9, 11, 14, 15
TSS_BUSY = 2 << DESC_TYPE_SHIFT  # the bit that turns a free TSS type into a busy one

# Exceptions.
DE, DB, NMI, BP, OF, BR, UD, NM, DF = range(9)
TS, NP, SS_FAULT, GP, PF, MF, AC, MC, XM = 10, 11, 12, 13, 14, 16, 17, 18, 19
HAS_ERROR_CODE = frozenset({DF, TS, NP, SS_FAULT, GP, PF, AC})
CONTRIBUTORY = frozenset({DE, TS, NP, SS_FAULT, GP})  # SDM 3, table 6-4

# Page-fault error code (SDM 3, figure 4-12) and page-table entries (table 4-19).
PF_PRESENT, PF_WRITE, PF_USER, PF_FETCH = 1, 2, 4, 16
PTE_P, PTE_RW, PTE_US, PTE_A, PTE_D, PTE_PS = 1, 2, 4, 0x20, 0x40, 0x80
PTE_ADDRESS = 0x000F_FFFF_FFFF_F000

PAGE_SIZE = 4096
PAGE_MASK = ~0xFFF

# Model-specific registers.
MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP = 0x174, 0x175, 0x176
MSR_EFER, MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK = (
    0xC0000080, 0xC0000081, 0xC0000082, 0xC0000083, 0xC0000084)  # fmt: skip
MSR_KERNEL_GS_BASE, MSR_PAT, MSR_MTRR_DEF_TYPE = 0xC0000102, 0x277, 0x2FF
MSR_TSC_AUX, MSR_APIC_BASE, MSR_MISC_ENABLE = 0xC0000103, 0x1B, 0x1A0
MSR_MCG_STATUS, MSR_MCG_CTL = 0x17A, 0x17B
MSR_TSC_DEADLINE = 0x6E0
MSRS_MTRR_FIXED = (0x250, 0x258, 0x259, *range(0x268, 0x270))
MSRS_MTRR_VARIABLE = tuple(range(0x200, 0x210))
# Machine check (SDM 3, 15.3): control, status, address and miscellaneous register of each bank.
MCA_BANKS = 10
MSR_MCG_CAP, MSR_MC0_CTL = 0x179, 0x400
MSRS_MCA_BANKS = tuple(range(MSR_MC0_CTL, MSR_MC0_CTL + 4 * MCA_BANKS))
MCG_CAP = 1 << 24 | 1 << 8 | MCA_BANKS  # software error recovery, a global control register


class CpuFault(Exception):  # noqa: N818 - the architecture calls it a fault
    """An exception that the CPU raises while the engine works on its behalf.

    Args:
        vector: 0..31.
        error_code: pushed where the vector has one.
        cr2: linear address, for #PF.

    Attributes:
        in_new_task: it was found when a task switch had been done already; the new task faults.
    """

    def __init__(self, vector: int, error_code: int = 0, cr2: int | None = None) -> None:
        super().__init__(f"#{vector} error code {error_code:#x}")
        self.vector = vector
        self.error_code = error_code
        self.cr2 = cr2
        self.in_new_task = False


class TripleFault(Exception):  # noqa: N818 - the architecture calls it a fault
    """A fault during the delivery of a double fault: the CPU shuts down."""
