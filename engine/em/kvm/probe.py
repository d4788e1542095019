"""Whether KVM on this host is of use: a short guest is run and timed.

A host may offer /dev/kvm without the hardware behind it (nested machines whose outer one emulates
it): guest code is then interpreted by the kernel, slower than Unicorn translates it, and some
instructions are not known there.
"""

from __future__ import annotations

import functools
import struct
import time
from typing import TYPE_CHECKING, Final

from engine.cpum import CpuProfile
from engine.em.archstate import reset_state
from engine.em.backend import ExitReason
from engine.em.kvm import api
from engine.em.kvm.engine import KvmEngine
from engine.errors import ExecutionEngineError
from engine.iom import PortSpace
from engine.pgm import PhysicalMemory
from engine.stam import Statistics

if TYPE_CHECKING:
    from engine.em.archstate import CpuState

LOOPS: Final = 50_000
# A processor takes a fifth of a millisecond for the loop; an interpreter takes fifty.
SLOWEST_SECONDS: Final = 0.02
_CODE_AT: Final = 0x1000
_MEMORY: Final = 1 << 20
# mov ecx, LOOPS; dec ecx; jnz; bswap eax; fwait; hlt
_CODE: Final = (
    b"\x66\xb9" + struct.pack("<I", LOOPS) + b"\x66\x49\x75\xfc" + b"\x66\x0f\xc8" + b"\x9b\xf4"
)


@functools.cache
def unsuitable() -> str:
    """Return why the host's KVM should not be chosen by itself, or an empty text."""
    reason = api.availability()
    if reason:
        return reason
    try:
        seconds = _run_probe()
    except ExecutionEngineError as error:
        fact = str(error).partition(". ")[0].removesuffix(".")  # what to do about it is done
        return f"KVM on this host cannot run a simple guest: {fact}."
    if seconds > SLOWEST_SECONDS:
        rate = 2 * LOOPS / seconds / 1e6
        return (
            f"KVM on this host interprets guest code ({rate:.1f} million instructions a second) "
            "instead of letting the processor execute it; Unicorn is faster."
        )
    return ""


def _run_probe() -> float:
    """Run the probe and return how long it took, in seconds.

    Raises:
        ExecutionEngineError: it did not get to its end.
    """
    memory = PhysicalMemory(_MEMORY)
    memory.ram.view[_CODE_AT : _CODE_AT + len(_CODE)] = _CODE
    engine = KvmEngine(CpuProfile())
    try:
        engine.attach(PortSpace(), memory, Statistics())
        engine.load_cpu_state(_start())
        before = time.perf_counter()
        reason = engine.run()
        seconds = time.perf_counter() - before
    finally:
        engine.close()
    if reason is not ExitReason.HALTED:
        raise ExecutionEngineError(f"it ended with {reason.value}.")
    return seconds


def _start() -> CpuState:
    state = reset_state()
    state.rip = _CODE_AT
    state.segments[1].selector = state.segments[1].base = 0
    return state


