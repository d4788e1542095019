"""Pages of RAM go back to the host while the guest runs: it sees zeros, executes zeros, and goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.pdm.memory import PAGE_SIZE
from tests.engine.em.cpubench import assemble
from tests.engine.tinypc import TinyPc

PAGE = 0x50000
CODE = PAGE + 0xF80
NOPS = b"\x90" * 8
MOMENTS = 60  # seconds, on a host that has other work
OLD_COUNT, NEW_COUNT, SEEN, WRITTEN = 0x508, 0x50C, PAGE + 0x800, PAGE + 0x900
# Calls what is at CODE for ever, and shows a word of that page at 0:510h.
CALLS = """
  mov ax, 0x5000
  mov es, ax
  mov bx, 0x600
  xor si, si
again:
  call 0x5000:0xf80
  mov eax, [es:0x800]
  mov [0x510], eax
  jmp again
"""


def counts(address):
    """Return code that counts at an address; the guest's other word there is its own."""
    return assemble(f"inc dword [{address}]\nmov dword [es:0x900], 0x12345678\nretf", 0, 16)


def pages_in_memory(address, size):
    """Return how many pages of its own the host holds at an address (pagemap: present, swapped)."""
    with Path("/proc/self/pagemap").open("rb") as file:
        file.seek(address // PAGE_SIZE * 8)
        entries = np.frombuffer(file.read(size // PAGE_SIZE * 8), "<u8")
    return np.count_nonzero(entries >> 62)


def test_a_running_guest_sees_and_executes_zeros(tmp_path):
    pc = TinyPc(tmp_path, CALLS)
    memory = pc.vm.memory
    memory.write(CODE, counts(OLD_COUNT))
    memory.write(SEEN, b"\xff" * 4)
    # Zeros are "add [bx+si], al": the processor slides over them to what follows. Where it was
    # amid an instruction of the old code, the last zero takes some of the NOPs for its operand.
    memory.write(PAGE + PAGE_SIZE, NOPS + counts(NEW_COUNT))
    pc.vm.power_on()
    try:
        pc.wait_for(lambda: pc.dword(OLD_COUNT) > 100 and pc.dword(0x510) == 0xFFFFFFFF, MOMENTS)
        assert pc.vm.inspect(lambda: memory.give_back(PAGE, PAGE_SIZE))
        pc.wait_for(lambda: pc.dword(NEW_COUNT) > 10, MOMENTS)
        before = pc.dword(OLD_COUNT)
        pc.wait_for(lambda: pc.dword(NEW_COUNT) > 100 and pc.dword(0x510) == 0, MOMENTS)
        assert pc.dword(OLD_COUNT) == before
        assert pc.dword(WRITTEN) == 0x12345678  # what the guest has put there since
    finally:
        pc.vm.power_off()


def test_the_host_has_the_memory_back(tmp_path):
    memory = TinyPc(tmp_path, CALLS).vm.memory
    size = memory.ram_size
    for start in range(1 << 20, size, 1 << 20):
        memory.write(start, b"\xaa" * (1 << 20))
    before = pages_in_memory(memory.ram.address, size)
    assert before >= (size - (1 << 20)) // PAGE_SIZE
    assert memory.give_back(2 << 20, 4 << 20)
    assert pages_in_memory(memory.ram.address, size) == before - (4 << 20) // PAGE_SIZE
    assert memory.read((2 << 20) - 1, 2) == b"\xaa\0"
    assert memory.read((6 << 20) - 1, 2) == b"\0\xaa"
