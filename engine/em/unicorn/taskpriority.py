"""CR8: the upper half of the local APIC's task priority (SDM 3, 11.8.6).

The library has no local APIC, and CR8 reads 0. But a processor whose SVM guests have a virtual
priority of their own (V_INTR_MASKING, AMD APM 2, 15.21.1) keeps CR8 in the field ``v_tpr``, whether
a guest of its own runs or not. So that flag is set for ever, and the field, which lies behind
``tsc_offset``, is carried to the APIC after each run and from there before the next. It is used
only when proven; without it the guest reads back what it wrote, and interrupts ignore it.
"""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING, Final

from unicorn.x86_const import UC_X86_REG_RAX

if TYPE_CHECKING:
    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.layout import CpuState, Layout
    from engine.pdm.interfaces import TaskPriority

HF2_VINTR_MASKING: Final = 1 << 3
# ``intercept`` and its masks, ``nested_cr3`` and ``nested_pg_mode`` lie between them.
TSC_OFFSET_TO_V_TPR: Final = 44
MOV_CR8_AT: Final = 0x1070
MOV_CR8: Final = b"\x44\x0f\x22\xc0\xf4"
"""``mov cr8, rax; hlt``, which the engine used for calibration has at that address."""
PROBES: Final = (0xA, 0x5, 0)
POLL: Final = 300_000
"""How long a run lasts at most, in ns, while an interrupt waits for a lower priority."""


def find_v_tpr(uc: Unicorn, state: CpuState, tsc_offset: int) -> int:
    """Return the address of ``v_tpr``, or 0 when the field there is another one."""
    if not tsc_offset:
        return 0
    state.hflags2 |= HF2_VINTR_MASKING
    field = c.c_uint8.from_address(tsc_offset + TSC_OFFSET_TO_V_TPR)
    for value in PROBES:
        uc.set_register(UC_X86_REG_RAX, value)
        uc.emu_start(uc.handle, MOV_CR8_AT, 0, 0, 0)
        if field.value != value:
            return 0
    return tsc_offset + TSC_OFFSET_TO_V_TPR


class Cr8:
    """The register of one CPU. EMT only."""

    def __init__(self, layout: Layout) -> None:
        place = layout.v_tpr
        self._field = c.c_uint8.from_address(place) if place else c.c_uint8()
        self._shown = 0

    @property
    def value(self) -> int:
        """What the register holds, 0..15."""
        return self._field.value

    @value.setter
    def value(self, value: int) -> None:
        self._field.value = value & 0xF

    def show(self, apic: TaskPriority) -> None:
        """Before a run: the guest sees the priority of its APIC."""
        self._field.value = self._shown = apic.task_priority() >> 4

    def carry(self, apic: TaskPriority) -> None:
        """After a run: the APIC learns what the guest has written."""
        if self._field.value != self._shown:
            apic.set_task_priority(self._field.value << 4)
