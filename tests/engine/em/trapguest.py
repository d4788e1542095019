"""Guests that print every trap they take, for our engine and for QEMU alike.

A guest is assembled to 0000:8000, starts there in real mode and writes text to port E9h. Under QEMU
a 64 KiB ROM copies it there; QEMU's port E9h and its exit port F4h do the rest.

A case stands between ``CASE name`` and ``ENDCASE``: the first trap prints one line and goes on
behind the case. The line: name, vector, CS, SS, DS, FS and the stack pointer in the handler, EFLAGS
in the handler, CR2, and what lies on the stack (error code or EIP first).
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from engine.em.backend import ExitReason
from engine.iom import Range
from tests.engine.em.cpubench import CpuBench, assemble

ORIGIN = 0x8000
EXIT_PORT, TEXT_PORT = 0xF4, 0xE9

SOURCES = Path(__file__).parent / "traps"


def build(*parts: str, **defines: int) -> bytes:
    """Assemble a guest from files in ``traps``; ``finish`` ends it."""
    head = "".join(f"%define {name} {value}\n" for name, value in defines.items())
    sources = [(SOURCES / f"{part}.asm").read_text() for part in ("macros", "real", *parts)]
    return assemble(head + "\n".join(sources) + "\n  jmp finish\n", ORIGIN, 16)


def run_here(image: bytes, rounds: int = 20_000) -> str:
    """Run a guest on our engine; every line of text ends a run, so that modes may switch."""
    bench = CpuBench()
    text: list[str] = []

    def put(_offset: int, value: int, _size: int) -> None:
        text.append(chr(value))
        if value == 10:
            bench.engine.kick()

    ended: list[int] = []

    def end(_offset: int, value: int, _size: int) -> None:
        ended.append(value)
        bench.engine.kick()

    bench.ports.map(Range("test", "text", TEXT_PORT, 1, (1,), None, put))
    bench.ports.map(Range("test", "exit", EXIT_PORT, 1, (1,), None, end))
    bench.ram[ORIGIN : ORIGIN + len(image)] = image
    bench.real_mode(ORIGIN)
    try:
        for _ in range(rounds):
            reason = bench.engine.run()
            if reason is ExitReason.TRIPLE_FAULT:
                return "".join(text) + "triple fault\n"
            if ended:
                return "".join(text)
            assert reason is ExitReason.STOPPED, "".join(text)
        raise AssertionError(f"the guest did not end: {''.join(text)}")
    finally:
        bench.close()


def run_in_qemu(image: bytes, folder) -> str:
    """Run a guest on QEMU's translator; the test skips where there is no QEMU."""
    qemu = shutil.which("qemu-system-x86_64")
    if qemu is None:
        pytest.skip("qemu-system-x86_64 is not installed")
    loader = assemble(
        """
        cli
        cld
        mov ax, 0xF000
        mov ds, ax
        xor ax, ax
        mov es, ax
        mov si, 0x100
        mov di, 0x8000
        mov cx, 0x3800
        rep movsw
        jmp 0:0x8000
        """,
        0,
        16,
    )
    rom = bytearray(0x10000)
    rom[: len(loader)] = loader
    rom[0x100 : 0x100 + len(image)] = image
    rom[0xFFF0:0xFFF5] = b"\xea\x00\x00\x00\xf0"
    path = folder / "guest.rom"
    path.write_bytes(rom)
    process = subprocess.Popen(
        [qemu, "-accel", "tcg", "-cpu", "qemu64", "-m", "8", "-bios", str(path), "-nodefaults",
         "-display", "none", "-no-reboot", "-debugcon", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=4"],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        text, _ = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
        raise AssertionError(f"the guest did not end: {text[-1000:]}") from None
    return text if text.endswith("end\n") else text + "triple fault\n"


class Line:
    """One parsed line of a 32-bit or 64-bit guest."""

    def __init__(self, text: str) -> None:
        name, *words = text.split()
        self.name = name
        self.trapped = words != ["none"]
        if self.trapped:
            numbers = [int(word, 16) for word in words]
            (self.vector, self.cs, self.ss, self.ds, self.fs, self.sp, self.flags,
             self.cr2) = numbers[:8]  # fmt: skip
            self.stack = numbers[8:]


def parse(text: str) -> dict[str, Line]:
    """Return the lines of a guest's output by name of the case."""
    return {line.split()[0]: Line(line) for line in text.splitlines() if " " in line}
