"""Writes the guest's memory and registers as an ELF core file, for gdb and other tools.

Reference: System V ABI, ELF-64 object file format; Linux ``elf_prstatus`` of x86-64 for the note.
Each PT_LOAD is a run of RAM; physical and virtual address both are the guest-physical address.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Final

from engine.pgm import FOUR_GIB

if TYPE_CHECKING:
    from engine.vm import VM

_ET_CORE, _EM_X86_64, _PT_LOAD, _PT_NOTE, _NT_PRSTATUS = 4, 62, 1, 4, 1
_EHDR, _PHDR = struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")
_PAGE: Final = 0x1000
_PIECE: Final = 1 << 20
_RWX: Final = 7
_PRSTATUS_HEAD: Final = 112  # bytes of elf_prstatus before the registers
_REGISTERS: Final = (
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi",
    "rdi", "rax", "rip", "cs", "rflags", "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
)  # fmt: skip
"""Order of user_regs_struct; the second ``rax`` stands for ``orig_rax``."""


def write_core(vm: VM, path: str) -> None:
    """Write a core file; a file that exists is not touched.

    The guest stands still meanwhile, so that the picture is consistent.

    Raises:
        OSError: it exists or cannot be written; nothing is left behind.
    """
    with open(path, "xb") as file:
        try:
            vm.inspect(lambda: _write(vm, file.fileno()))
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            os.unlink(path)
            raise


def _write(vm: VM, descriptor: int) -> None:
    low = vm.memory.low_ram
    runs = [(0, 0, low)]
    if vm.ram_size > low:
        runs.append((FOUR_GIB, low, vm.ram_size - low))
    note = _note(vm.engine.registers())
    headers = 1 + len(runs)
    note_at = _EHDR.size + headers * _PHDR.size
    data_at = -(-(note_at + len(note)) // _PAGE) * _PAGE
    ident = b"\x7fELF" + bytes((2, 1, 1, 0)) + bytes(8)
    sizes = (_EHDR.size, _PHDR.size, headers, 0, 0, 0)
    head = _EHDR.pack(ident, _ET_CORE, _EM_X86_64, 1, 0, _EHDR.size, 0, 0, *sizes)
    head += _PHDR.pack(_PT_NOTE, 0, note_at, 0, 0, len(note), 0, 4)
    for address, offset, size in runs:
        place = data_at + offset
        head += _PHDR.pack(_PT_LOAD, _RWX, place, address, address, size, size, _PAGE)
    _write_all(descriptor, (head + note).ljust(data_at, b"\0"))
    view = vm.memory.ram.view
    for start in range(0, vm.ram_size, _PIECE):
        _write_all(descriptor, view[start : start + _PIECE])


def _write_all(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _note(registers: dict[str, int]) -> bytes:
    """The registers as a note NT_PRSTATUS of the kernel's name ``CORE``."""
    values = struct.pack(f"<{len(_REGISTERS)}Q", *(registers[name] for name in _REGISTERS))
    description = bytes(_PRSTATUS_HEAD) + values + bytes(8)
    name = b"CORE\0\0\0\0"
    return struct.pack("<III", 5, len(description), _NT_PRSTATUS) + name + description
