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

import pytest

from engine.em.backend import ExitReason
from engine.iom import Range
from tests.engine.em.cpubench import CpuBench, assemble

ORIGIN = 0x8000
EXIT_PORT, TEXT_PORT = 0xF4, 0xE9

REAL = """
bits 16
start:
  cli
  cld
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, 0x7000
  mov al, 0xFF
  out 0x21, al
  out 0xA1, al
"""

PROTECTED = (
    REAL
    + """
  lgdt [gdtr]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 8:protected
align 8
gdt:
  dq 0
  dq 0x00CF9A000000FFFF   ; 08 code, ring 0
  dq 0x00CF92000000FFFF   ; 10 data
  dq 0x00CFFA000000FFFF   ; 18 code, ring 3
  dq 0x00CFF2000000FFFF   ; 20 data, ring 3
  dw 103, tss32, 0x8900, 0 ; 28 TSS, 32 bits
  dw 43, tss16, 0x8100, 0 ; 30 TSS, 16 bits
  dq 0x00CF9E000000FFFF   ; 38 code, ring 0, conforming
  dq 0x00CF1A000000FFFF   ; 40 code, not present
  dq 0x0000920000000000 | 0xFFFF ; 48 data, 16 bits, 64 KiB
  dw 103, tss_df, 0x8900, 0 ; 50 the double-fault task
  dq 0x00CF12000000FFFF   ; 58 data, not present
  dq 0x00CFB2000000FFFF   ; 60 data, ring 1
  dw 103, tss_nested, 0x8900, 0 ; 68 another task
  dq 0x00009A000000FFFF   ; 70 code, 16 bits
  dq 0x00CFBA000000FFFF   ; 78 code, ring 1
  dq 0x00CFF2000000FFFF   ; 80 data, ring 3
  dq 0x00CFFA000000FFFF   ; 88 code, ring 3
gdt_end:
gdtr: dw gdt_end - gdt - 1
  dd gdt
idtr: dw 0x7FF
  dd idt
align 16
tss32: dd 0, 0x28000, 0x10, 0x29000, 0x61, 0, 0
  times 104 - 28 db 0
tss16: dw 0, 0x2800, 0x10, 0, 0
  times 44 - 10 db 0
tss_df: times 104 db 0
tss_nested: times 104 db 0
resume_at: dd 0
resume_esp: dd 0
idt equ 0x6000
bits 32
protected:
  mov ax, 0x10
  mov ds, ax
  mov es, ax
  mov ss, ax
  xor ax, ax
  mov fs, ax
  mov gs, ax
  mov esp, 0x30000
  lidt [idtr]
  mov ax, 0x28
  ltr ax
  mov edi, idt
  mov esi, stubs
  mov ecx, 0x40
.gate:
  mov eax, esi
  and eax, 0xFFFF
  or eax, 0x80000
  mov [edi], eax
  mov eax, esi
  mov ax, 0x8E00
  mov [edi+4], eax
  add edi, 8
  add esi, 10
  loop .gate
  jmp guest
stubs:
%assign i 0
%rep 0x40
  push strict dword i
  jmp strict near report_trap
%assign i i+1
%endrep
; GATE vector, high half of the second dword's attributes, selector, target
%macro GATE 4
  mov dword [idt + %1*8], ((%3) << 16) | ((%4 - $$ + 0x8000) & 0xFFFF)
  mov dword [idt + %1*8 + 4], %2
%endmacro
%macro STUB 3 ; vector, attributes, selector: the printing stub
  mov dword [idt + %1*8], ((%3) << 16) | ((stubs - $$ + 0x8000 + %1*10) & 0xFFFF)
  mov dword [idt + %1*8 + 4], %2
%endmacro
%macro RING3 0
  push dword 0x23
  push dword 0x2F000
  push dword 0x3002
  push dword 0x1B
  push dword %%here
  iretd
%%here:
  mov ax, 0x23
  mov ds, ax
%endmacro
report_trap:
  pushad
  mov bp, ds
  mov bx, 0x10
  mov ds, bx
  mov es, bx
  call space
  mov eax, [esp+32]
  call hex8
  mov ax, cs
  call hex16
  mov ax, ss
  call hex16
  mov ax, bp
  call hex16
  mov ax, fs
  call hex16
  lea eax, [esp+36]
  call hex32
  pushfd
  pop eax
  and eax, 0x37700
  call hex32
  mov eax, cr2
  call hex32
  mov ecx, 12
  lea esi, [esp+36]
.dump:
  mov eax, [ss:esi]
  add esi, 4
  call hex32
  loop .dump
  call newline
  mov ax, 0x10
  mov ss, ax
  mov esp, [resume_esp]
  xor ax, ax
  mov fs, ax
  mov gs, ax
  push dword 2
  popfd
  jmp [resume_at]
no_trap:
  call puts
  db " none", 10, 0
  mov ax, 0x10
  mov ss, ax
  mov ds, ax
  mov esp, [resume_esp]
  jmp [resume_at]
; looks for the mark of ENDCASE
set_resume:
  pop eax
  mov [resume_esp], esp
  push eax
  mov [resume_at], eax
.look:
  inc eax
  cmp dword [eax], 0x0BADCA5E
  jne .look
  add eax, 4
  mov [resume_at], eax
  ret
puts:
  xchg esi, [esp]
  push eax
.next:
  lodsb
  test al, al
  jz .done
  out 0xE9, al
  jmp .next
.done:
  pop eax
  xchg esi, [esp]
  ret
space:
  mov al, ' '
  out 0xE9, al
  ret
newline:
  mov al, 10
  out 0xE9, al
  ret
hex32: push ecx
  mov ecx, 8
  jmp hex
hex16: push ecx
  shl eax, 16
  mov ecx, 4
  jmp hex
hex8: push ecx
  shl eax, 24
  mov ecx, 2
hex:
  push edx
  mov edx, eax
.digit:
  rol edx, 4
  mov al, dl
  and al, 15
  cmp al, 10
  jb .low
  add al, 'a' - '0' - 10
.low:
  add al, '0'
  out 0xE9, al
  loop .digit
  call space
  pop edx
  pop ecx
  ret
finish:
  call puts
  db "end", 10, 0
  mov al, 0
  out 0xF4, al
  cli
  hlt
  jmp finish
guest:
"""
)

LONG = (
    REAL
    + """
  lgdt [gdtr]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 8:protected
align 8
gdt:
  dq 0
  dq 0x00CF9A000000FFFF   ; 08 code, ring 0, 32 bits
  dq 0x00CF92000000FFFF   ; 10 data
  dq 0x00AF9A000000FFFF   ; 18 code, ring 0, 64 bits
  dq 0x00CFF2000000FFFF   ; 20 data, ring 3 (compatibility code 28 for SYSRET)
  dq 0x00CFFA000000FFFF   ; 28 code, ring 3, 32 bits
  dq 0x00CFF2000000FFFF   ; 30 data, ring 3
  dq 0x00AFFA000000FFFF   ; 38 code, ring 3, 64 bits
  dw 103, tss, 0x8900, 0, 0, 0, 0, 0 ; 40 TSS
  dq 0x00AF1A000000FFFF   ; 50 code, 64 bits, not present
  dq 0x00AF9E000000FFFF   ; 58 code, 64 bits, conforming
gdt_end:
gdtr: dw gdt_end - gdt - 1
  dd gdt, 0
idtr: dw 0xFFF
  dd idt, 0
align 16
tss: dd 0
  dq 0x28008, 0x29000, 0
  dq 0
  dq 0x2A00C, 0x2B000, 0x8000000000000000, 0, 0, 0, 0
  times 104 - ($ - tss) db 0
resume_at: dq 0
resume_rsp: dq 0
idt equ 0x4000
bits 32
protected:
  mov ax, 0x10
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov esp, 0x30000
  mov edi, 0x100000
  mov ecx, 0x4000 / 4
  xor eax, eax
  rep stosd
  mov dword [0x100000], 0x101007
  mov dword [0x101000], 0x102007
  mov dword [0x102000], 0x103007
  mov edi, 0x103000
  mov eax, 7
  mov ecx, 512
.page:
  mov [edi], eax
  add eax, 0x1000
  add edi, 8
  loop .page
  mov eax, 0x30
  mov cr4, eax
  mov eax, 0x100000
  mov cr3, eax
  mov ecx, 0xC0000080
  rdmsr
  or eax, EFER_BITS
  wrmsr
  mov eax, cr0
  or eax, 0x80010000
  mov cr0, eax
  jmp 0x18:long_mode
bits 64
default rel
long_mode:
  mov ax, 0x10
  mov ds, ax
  mov es, ax
  mov ss, ax
  xor ax, ax
  mov fs, ax
  mov rsp, 0x30000
  lidt [idtr]
  mov ax, 0x40
  ltr ax
  mov rdi, idt
  mov rsi, stubs
  mov ecx, 0x40
.gate:
  mov rax, rsi
  and eax, 0xFFFF
  or eax, 0x180000
  mov [rdi], eax
  mov eax, esi
  mov ax, 0x8E00
  mov [rdi+4], eax
  mov qword [rdi+8], 0
  add rdi, 16
  add rsi, 10
  loop .gate
  jmp guest
stubs:
%assign i 0
%rep 0x40
  push strict qword i
  jmp strict near report_trap
%assign i i+1
%endrep
%macro STUB 3 ; vector, attributes and IST, selector: the printing stub
  mov dword [abs idt + %1*16], ((%3) << 16) | ((stubs - $$ + 0x8000 + %1*10) & 0xFFFF)
  mov dword [abs idt + %1*16 + 4], %2
%endmacro
%macro RING3 0-1 0x3B ; 0x3B: 64 bits, 0x2B: compatibility mode
  push qword 0x33
  push qword 0x2F000
  push qword 0x3002
  push qword %1
  lea rax, [%%here]
  push rax
  iretq
%%here:
%endmacro
report_trap:
  push rax
  push rcx
  push rsi
  push rbp
  mov bp, ds
  call space
  mov rax, [rsp+32]
  call hex8
  mov ax, cs
  call hex16
  mov ax, ss
  call hex16
  mov ax, bp
  call hex16
  mov ax, fs
  call hex16
  lea rax, [rsp+40]
  call hex64
  pushfq
  pop rax
  and eax, 0x37700
  call hex32
  mov rax, cr2
  call hex64
  mov ecx, 7
  lea rsi, [rsp+40]
.dump:
  mov rax, [rsi]
  add rsi, 8
  call hex64
  loop .dump
  call newline
  mov ax, 0x10
  mov ss, ax
  mov ds, ax
  mov rsp, [resume_rsp]
  push qword 2
  popfq
  jmp [resume_at]
no_trap:
  call puts
  db " none", 10, 0
  mov ax, 0x10
  mov ss, ax
  mov ds, ax
  mov rsp, [resume_rsp]
  jmp [resume_at]
set_resume:
  pop rax
  mov [resume_rsp], rsp
  push rax
.look:
  inc rax
  cmp dword [rax], 0x0BADCA5E
  jne .look
  add rax, 4
  mov [resume_at], rax
  ret
puts:
  xchg rsi, [rsp]
  push rax
.next:
  lodsb
  test al, al
  jz .done
  out 0xE9, al
  jmp .next
.done:
  pop rax
  xchg rsi, [rsp]
  ret
space:
  mov al, ' '
  out 0xE9, al
  ret
newline:
  mov al, 10
  out 0xE9, al
  ret
hex64: push rcx
  mov ecx, 16
  jmp hex
hex32: push rcx
  shl rax, 32
  mov ecx, 8
  jmp hex
hex16: push rcx
  shl rax, 48
  mov ecx, 4
  jmp hex
hex8: push rcx
  shl rax, 56
  mov ecx, 2
hex:
  push rdx
  mov rdx, rax
.digit:
  rol rdx, 4
  mov al, dl
  and al, 15
  cmp al, 10
  jb .low
  add al, 'a' - '0' - 10
.low:
  add al, '0'
  out 0xE9, al
  loop .digit
  call space
  pop rdx
  pop rcx
  ret
finish:
  call puts
  db "end", 10, 0
  mov al, 0
  out 0xF4, al
  cli
  hlt
  jmp finish
guest:
"""
)

# ENDCASE marks the end of a case with a constant that set_resume looks for.
_MACROS = """
%macro CASE 1
  call puts
  db %1, 0
  call set_resume
%endmacro
%macro ENDCASE 0
  call no_trap
  dd 0x0BADCA5E
%endmacro
"""


def build(prelude: str, body: str, **defines: int) -> bytes:
    """Assemble a guest; ``finish`` ends it."""
    head = "".join(f"%define {name} {value}\n" for name, value in defines.items())
    return assemble(head + _MACROS + prelude + body + "\n  jmp finish\n", ORIGIN, 16)


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
