"""A whole PC board with a BIOS of a few instructions, for tests of the machine itself."""

from __future__ import annotations

import time

from engine.pcboard import PcOptions, pc_tree
from engine.vm import VM
from engine.vmevents import GuestReset, PoweredOffByGuest, RuntimeErrorRaised, StateChanged
from tests.engine.em.cpubench import assemble

# At 0:500h: how often the machine has started; at 0:504h: a counter that runs.
START = """
  xor ax, ax
  mov ds, ax
  mov ss, ax
  mov sp, 0x7000
  inc dword [0x500]
"""
LOOP = """
forever:
  inc dword [0x504]
  jmp forever
"""
IDLE = """
idle:
  inc dword [0x504]
  hlt
  jmp idle
"""

# The 8259A of IRQ 0 to 7 with vectors from 8, edge triggered; the mask stays all clear.
PRIMARY_8259 = """
  mov al, 0x11
  out 0x20, al
  mov al, 8
  out 0x21, al
  mov al, 4
  out 0x21, al
  mov al, 1
  out 0x21, al
"""
# Both, IRQ 8 to 15 with vectors from 70h.
BOTH_8259 = """
  mov al, 0x11
  out 0x20, al
  out 0xa0, al
  mov al, 8
  out 0x21, al
  mov al, 0x70
  out 0xa1, al
  mov al, 4
  out 0x21, al
  mov al, 2
  out 0xa1, al
  mov al, 1
  out 0x21, al
  out 0xa1, al
"""


def timer_and_clock(clocks: int) -> str:
    """Return code for handlers ``tick`` of the PIT, every so many clocks, and ``slave`` of IRQ8."""
    return (
        """
  mov word [0x20], tick
  mov [0x22], cs
  mov word [0x1c0], slave
  mov [0x1c2], cs
"""
        + BOTH_8259
        + f"""
  mov al, 0xfa
  out 0x21, al
  mov al, 0xfe
  out 0xa1, al
  mov al, 0x34
  out 0x43, al
  mov ax, {clocks}
  out 0x40, al
  mov al, ah
  out 0x40, al
"""
    )


# The PIT's interrupt counts at 0:508h while the program counts at 0:504h.
TICKING = (
    """
  mov word [0x20], tick
  mov word [0x22], 0xf000
"""
    + PRIMARY_8259
    + """
  mov al, 0xfe
  out 0x21, al
  mov al, 0x34
  out 0x43, al
  mov ax, 2000
  out 0x40, al
  mov al, ah
  out 0x40, al
  sti
"""
    + LOOP
    + """
tick:
  push ax
  inc dword [0x508]
  mov al, 0x20
  out 0x20, al
  pop ax
  iret
"""
)


def bios(source: str) -> bytes:
    """Return a 64 KiB image: real-mode code that the reset vector jumps to, at F000:0000."""
    code = assemble(source, 0, 16)
    image = bytearray(b"\xf4" * 0x10000)
    image[: len(code)] = code
    image[0xFFF0:0xFFF5] = b"\xea\x00\x00\x00\xf0"
    return bytes(image)


def vga_bios() -> bytes:
    """Return an option ROM that does nothing."""
    rom = bytearray(512)
    rom[:4] = b"\x55\xaa\x01\xcb"
    rom[511] = -sum(rom) & 0xFF
    return bytes(rom)


class TinyPc:
    """A machine under test with what its listener has been told."""

    def __init__(self, folder, source, *, attachments=None, edit=None, engine="Unicorn", **options):
        (folder / "bios.bin").write_bytes(bios(START + source))
        (folder / "vga.bin").write_bytes(vga_bios())
        settings = PcOptions(
            memory_mb=8, bios=str(folder / "bios.bin"), vga_bios=str(folder / "vga.bin"),
            engine=engine, **options
        )
        tree = pc_tree(settings)
        if edit:
            edit(tree)
        self.events = []
        self.vm = VM(tree, attachments=attachments, listener=self.events.append)

    def dword(self, address):
        return int.from_bytes(self.vm.memory.ram.view[address : address + 4], "little")

    @property
    def starts(self):
        return self.dword(0x500)

    @property
    def count(self):
        return self.dword(0x504)

    def wait_for(self, condition, timeout=10.0):
        end = time.perf_counter() + timeout
        while not condition():
            assert time.perf_counter() < end, f"it has not happened: {self.events}"
            time.sleep(0.002)

    def resets(self):
        return [event.reason for event in self.events if isinstance(event, GuestReset)]

    def states(self):
        return [event.state.name for event in self.events if isinstance(event, StateChanged)]

    def errors(self):
        return [event for event in self.events if isinstance(event, RuntimeErrorRaised)]

    def switched_off(self):
        return any(isinstance(event, PoweredOffByGuest) for event in self.events)
