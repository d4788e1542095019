"""Pages of RAM go back to the host while the guest runs: it sees zeros, executes zeros, and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.pdm.memory import PAGE_SIZE
from tests.engine.em.cpubench import assemble
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import TinyPc

CODE = 0x50000
OLD_COUNT, NEW_COUNT, SEEN, WRITTEN = 0x508, 0x50C, CODE + 0x800, CODE + 0x900
# Calls what is at CODE for ever, and shows a word of that page at 0:510h.
CALLS = """
  mov ax, 0x5000
  mov es, ax
  mov bx, 0x600
  xor si, si
again:
  call 0x5000:0
  mov eax, [es:0x800]
  mov [0x510], eax
  jmp again
"""


def counts(address):
    """Return code that counts at an address; the guest's other word there is its own."""
    return assemble(f"inc dword [{address}]\nmov dword [es:0x900], 0x12345678\nretf", 0, 16)


def pages_in_memory(address, size):
    """Return how many bytes of a mapping the host holds."""
    held = reading = 0
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split()[0]:
            low, high = (int(word, 16) for word in line.split()[0].split("-"))
            reading = low <= address and address + size <= high
        elif reading and line.startswith("Rss:"):
            held = int(line.split()[1]) << 10
    return held


@pytest.mark.parametrize("engine", ["Unicorn", pytest.param("KVM", marks=needs_kvm)])
def test_a_running_guest_sees_and_executes_zeros(tmp_path, engine):
    pc = TinyPc(tmp_path, CALLS, engine=engine)
    memory = pc.vm.memory
    memory.write(CODE, counts(OLD_COUNT))
    memory.write(SEEN, b"\xff" * 4)
    # Zeros are "add [bx+si], al": the processor slides over the page to what follows it.
    memory.write(CODE + PAGE_SIZE, counts(NEW_COUNT))
    pc.vm.power_on()
    try:
        pc.wait_for(lambda: pc.dword(OLD_COUNT) > 100 and pc.dword(0x510) == 0xFFFFFFFF)
        assert pc.vm.inspect(lambda: memory.give_back(CODE, PAGE_SIZE))
        pc.wait_for(lambda: pc.dword(NEW_COUNT) > 10)
        before = pc.dword(OLD_COUNT)
        pc.wait_for(lambda: pc.dword(NEW_COUNT) > 100 and pc.dword(0x510) == 0)
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
    assert before >= size - (1 << 20)
    assert memory.give_back(2 << 20, 4 << 20)
    assert pages_in_memory(memory.ram.address, size) <= before - (4 << 20)
    assert memory.read((2 << 20) - 1, 2) == b"\xaa\0"
    assert memory.read((6 << 20) - 1, 2) == b"\0\xaa"
