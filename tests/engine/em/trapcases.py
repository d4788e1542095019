"""The guests of test_trpm.py; see trapguest.py for what a case prints."""

from __future__ import annotations

# Faults, software interrupts, gates and privilege changes in 32-bit protected mode.
GATES = """
CASE "divide"
  xor ecx, ecx
  div ecx
ENDCASE
CASE "ud2"
  ud2
ENDCASE
CASE "interrupt-gate"
  sti
  int 0x20
ENDCASE
  STUB 0x21, 0x8F00, 8
CASE "trap-gate"
  sti
  int 0x21
ENDCASE
CASE "int3"
  int3
ENDCASE
CASE "into"
  mov al, 0x7F
  add al, 1
  into
ENDCASE
CASE "into-clear"
  xor al, al
  into
ENDCASE
CASE "bound"
  mov eax, 7
  bound eax, [bounds]
ENDCASE
CASE "nm"
  mov eax, cr0
  or al, 8
  mov cr0, eax
  fninit
ENDCASE
  clts
CASE "gp-selector"
  mov ax, 0xFFF8
  mov ds, ax
ENDCASE
CASE "np-segment"
  mov ax, 0x58
  mov ds, ax
ENDCASE
CASE "ss-segment"
  mov ax, 0x58
  mov ss, ax
ENDCASE
  STUB 0x22, 0x8600, 8
CASE "gate16"
  int 0x22
ENDCASE
  STUB 13, 0x8700, 8
CASE "trap16-error"
  mov ax, 0xFFF8
  mov ds, ax
ENDCASE
  STUB 13, 0x8E00, 8
  STUB 0x23, 0x0E00, 8
CASE "gate-not-present"
  int 0x23
ENDCASE
  STUB 0x24, 0x8C00, 8
CASE "gate-bad-type"
  int 0x24
ENDCASE
CASE "idt-limit"
  mov word [idtr], 0x1FF
  lidt [idtr]
  int 0x50
ENDCASE
  mov word [idtr], 0x7FF
  lidt [idtr]
  STUB 0x25, 0x8E00, 0
CASE "code-null"
  int 0x25
ENDCASE
  STUB 0x25, 0x8E00, 0x10
CASE "code-is-data"
  int 0x25
ENDCASE
  STUB 0x25, 0x8E00, 0x40
CASE "code-not-present"
  int 0x25
ENDCASE
  STUB 0x25, 0x8E00, 0x1B
CASE "code-outer-ring"
  int 0x25
ENDCASE
  STUB 0x25, 0x8E00, 0x200
CASE "code-outside-gdt"
  int 0x25
ENDCASE
CASE "r3-gate-dpl"
  RING3
  int 0x20
ENDCASE
CASE "r3-int3-dpl"
  RING3
  int3
ENDCASE
  STUB 0x26, 0xEE00, 8
CASE "r3-int"
  RING3
  int 0x26
ENDCASE
CASE "r3-ud2"
  RING3
  ud2
ENDCASE
CASE "r3-hlt"
  RING3
  hlt
ENDCASE
  STUB 0x27, 0xE600, 8
CASE "r3-gate16"
  RING3
  int 0x27
ENDCASE
  GATE 0x29, 0xEE00, 0x38, relay
CASE "r3-conforming"
  RING3
  int 0x29
ENDCASE
  GATE 0x29, 0xEE00, 0x78, relay
CASE "r3-ring1"
  RING3
  int 0x29
ENDCASE
  GATE 0x29, 0xEE00, 0x1B, relay
CASE "r3-same-ring"
  RING3
  int 0x29
ENDCASE
  mov ax, 0x30
  ltr ax
CASE "r3-tss16"
  RING3
  int 0x26
ENDCASE
  and byte [gdt + 0x28 + 5], 0xFD
  mov ax, 0x28
  ltr ax
; #TS itself must not need the broken stack: its handler is conforming code.
  GATE 10, 0xEE00, 0x38, repair
  GATE 12, 0xEE00, 0x38, repair
  mov dword [tss32 + 8], 0
CASE "r3-ss0-null"
  RING3
  int 0x26
ENDCASE
  mov dword [tss32 + 8], 0x18
CASE "r3-ss0-code"
  RING3
  int 0x26
ENDCASE
  mov dword [tss32 + 8], 0x58
CASE "r3-ss0-not-present"
  RING3
  int 0x26
ENDCASE
  mov dword [tss32 + 8], 0x20
CASE "r3-ss0-dpl"
  RING3
  int 0x26
ENDCASE
  mov dword [tss32 + 8], 0x18
CASE "r3-ss0-exception"
  RING3
  ud2
ENDCASE
CASE "step"
  pushfd
  or dword [esp], 0x100
  popfd
  nop
  nop
ENDCASE
CASE "step-over-int"
  pushfd
  or dword [esp], 0x100
  popfd
  int 0x20
  nop
ENDCASE
  STUB 13, 0x0E00, 8
CASE "df-contributory"
  mov ax, 0xFFF8
  mov ds, ax
ENDCASE
  STUB 13, 0x8E00, 8
  STUB 6, 0x0E00, 8
CASE "benign-then-np"
  ud2
ENDCASE
  STUB 6, 0x8E00, 8
  STUB 0, 0x0E00, 8
CASE "df-divide"
  xor ecx, ecx
  div ecx
ENDCASE
; The last one: without a stack in its TSS nothing leads back to ring 0.
  GATE 10, 0xEE00, 0x38, tell
  mov word [gdt + 0x28], 8
  and byte [gdt + 0x28 + 5], 0xFD
  mov ax, 0x28
  ltr ax
  RING3
  int 0x26
tell:
  pop eax
  call hex32
  call puts
  db "tss limit", 10, "end", 10, 0
  out 0xF4, al
  jmp $
bounds: dd 1, 5
relay: int 0x26
repair:
  pop eax
  call hex32
  mov dword [tss32 + 8], 0x10
  int 0x26
"""

VM86 = """
%macro ENTER86 2 ; EFLAGS, entry
  push dword 0x1111
  push dword 0x2222
  push dword 0x3333
  push dword 0x4444
  push dword 0x2000
  push dword 0x9000
  push dword %1
  push dword 0x800
  push dword %2 - $$
  iretd
%endmacro
  STUB 0x26, 0xEE00, 8
  GATE 0x27, 0xEE00, 8, back
CASE "vm86-int-iopl3"
  ENTER86 0x23202, code26
ENDCASE
CASE "vm86-int-iopl0"
  ENTER86 0x20202, code26
ENDCASE
CASE "vm86-gate-dpl"
  ENTER86 0x23202, code20
ENDCASE
CASE "vm86-ud2"
  ENTER86 0x20002, code_ud
ENDCASE
CASE "vm86-iret-back"
  ENTER86 0x23202, code_back
ENDCASE
  STUB 0x28, 0xEE00, 0x38
CASE "vm86-conforming"
  ENTER86 0x23202, code28
ENDCASE
  STUB 0x28, 0xEE00, 0x1B
CASE "vm86-to-ring3"
  ENTER86 0x23202, code28
ENDCASE
  STUB 0x28, 0xE600, 8
CASE "vm86-gate16"
  ENTER86 0x23202, code28
ENDCASE
  jmp finish
back:
  add dword [esp + 12], 4 ; the ESP that VM86 code goes on with
  iretd
bits 16
code26: int 0x26
code20: int 0x20
code28: int 0x28
code_ud: ud2
code_back: int 0x27
  mov ax, 0x1234
  mov es, ax
  int 0x26
bits 32
"""

# An interrupt through a task gate and back, then the classic double-fault task.
TASKS = """
%macro SET 3 ; TSS, entry, stack
  mov dword [%1 + 32], %2
  mov dword [%1 + 36], 2
  mov dword [%1 + 56], %3
  mov dword [%1 + 72], 0x10
  mov dword [%1 + 76], 8
  mov dword [%1 + 80], 0x10
  mov dword [%1 + 84], 0x10
  mov dword [%1 + 88], 0x20
  mov dword [%1 + 92], 0
%endmacro
%macro TASKGATE 3
  mov dword [idt + %1*8], %3 << 16
  mov dword [idt + %1*8 + 4], %2
%endmacro
  SET tss_nested, nested, 0x2C000
  SET tss_df, double_fault, 0x2D000
  TASKGATE 0x2A, 0xE500, 0x68
  TASKGATE 8, 0x8500, 0x50
  mov ebx, 0x12345678
  mov ecx, 0xCAFE
  stc
  int 0x2A
  pushfd
  call report
  STUB 0x30, 0xEE00, 8
  mov dword [resume_at], after
  mov [resume_esp], esp
  RING3
  mov ebx, 0x87654321
  int 0x2A
  pushfd
  call report
  int 0x30
after:
CASE "busy-task"
  mov byte [gdt + 0x68 + 5], 0x8B
  int 0x2A
ENDCASE
CASE "absent-task"
  mov byte [gdt + 0x68 + 5], 0x09
  int 0x2A
ENDCASE
CASE "task-of-data"
  TASKGATE 0x2B, 0xE500, 0x10
  int 0x2B
ENDCASE
CASE "task-of-ldt"
  TASKGATE 0x2B, 0xE500, 0x14
  int 0x2B
ENDCASE
  mov byte [gdt + 0x68 + 5], 0x89
  mov word [gdt + 0x68], 102
CASE "short-task"
  int 0x2A
ENDCASE
  mov word [gdt + 0x68], 103
  mov dword [tss_nested + 80], 0x18
CASE "task-bad-ss"
  int 0x2A
ENDCASE
  STUB 13, 0x0E00, 8
  mov esp, 0x31000
  mov ax, 0xFFF8
  mov ds, ax      ; #GP, its gate is not present: #DF
  jmp finish
report:           ; EFLAGS is on the stack; CR0.TS, TR and the types of the descriptors
  push ebx
  push ecx
  mov eax, [esp + 12]
  and eax, 0x7CFF
  call hex32
  mov eax, [esp]
  call hex32
  mov eax, [esp + 4]
  call hex32
  str ax
  call hex16
  smsw ax
  call hex16
  mov al, [gdt + 0x28 + 5]
  call hex8
  mov al, [gdt + 0x68 + 5]
  call hex8
  mov eax, [tss_nested]
  call hex32
  mov eax, [tss32 + 32]
  call hex32
  mov eax, [tss32 + 56]
  call hex32
  mov eax, [tss32 + 76]
  call hex32
  mov eax, [tss32 + 36]
  call hex32
  call newline
  pop ecx
  pop ebx
  ret 4
nested:
  mov ebx, 0x99
  pushfd
  call report
  clts
  mov ax, fs
  call hex16
  iretd
  call puts       ; the next interrupt goes on here
  db "again ", 0
  pushfd
  call report
  iretd
double_fault:
  mov eax, [esp]
  call hex32
  mov eax, esp
  call hex32
  mov eax, [tss_df]
  call hex32
  pushfd
  call report
  jmp finish
"""

_FAULTS = """
  mov eax, cr0
  or eax, 0x80010000
  mov cr0, eax
  jmp $ + 2
CASE "read"
  mov eax, [0x200123]
ENDCASE
CASE "write"
  mov [0x200123], eax
ENDCASE
CASE "read-only"
  mov [0x201123], eax
ENDCASE
CASE "read-only-rmw"
  inc dword [0x201123]
ENDCASE
CASE "across"
  mov [0x1FFFFE], eax
ENDCASE
CASE "read-across"
  mov eax, [0x1FFFFF]
ENDCASE
CASE "fetch"
  mov eax, 0x200123
  jmp eax
ENDCASE
  mov eax, cr0
  and eax, ~0x10000
  mov cr0, eax
CASE "no-wp"
  mov [0x201123], eax
ENDCASE
  mov eax, cr0
  or eax, 0x10000
  mov cr0, eax
CASE "r3-read"
  RING3
  mov eax, [0x200123]
ENDCASE
CASE "r3-write"
  RING3
  mov [0x200123], eax
ENDCASE
CASE "r3-read-supervisor"
  RING3
  mov eax, [0x202123]
ENDCASE
CASE "r3-write-supervisor"
  RING3
  mov [0x202123], eax
ENDCASE
CASE "r3-write-read-only"
  RING3
  mov [0x201123], eax
ENDCASE
CASE "r3-fetch-supervisor"
  RING3
  mov eax, 0x202123
  jmp eax
ENDCASE
; The same ring's handler needs the user's own stack, with the user's rights.
  STUB 0x26, 0xEE00, 8
  GATE 0x2C, 0xEE00, 0x1B, relay
CASE "r3-frame-supervisor"
  RING3
  mov esp, 0x202800
  int 0x2C
ENDCASE
CASE "r3-frame-absent"
  RING3
  mov esp, 0x200800
  int 0x2C
ENDCASE
; Descriptor tables are read with the CPU's own rights, also when ring 3 loads a register.
  call tables_to_supervisor
CASE "r3-load-segment"
  RING3
  mov ax, 0x83
  mov es, ax
  mov ecx, 0x83
  lsl eax, ecx
  lar ecx, ecx
  int 0x26
ENDCASE
CASE "r3-load-fs"
  RING3
  mov ax, 0x83
  mov fs, ax
  int 0x26
ENDCASE
CASE "r3-pop-gs"
  RING3
  push dword 0x83
  pop gs
  int 0x26
ENDCASE
CASE "r3-far-return"
  RING3
  push dword 0x8B
  push dword .far
  retf
.far:
  int 0x26
ENDCASE
CASE "r3-sees-no-table"
  RING3
  mov eax, [0x4000]
ENDCASE
CASE "r3-segment-from-supervisor"
  RING3
  mov es, [0x202123]
ENDCASE
  call marks
"""

PAGING_32 = (
    """
  mov edi, 0x100000
  mov eax, 0x101007
  stosd
  mov edi, 0x101000
  mov eax, 7
  mov ecx, 1024
.page: stosd
  add eax, 0x1000
  loop .page
  mov dword [0x101000 + 4*0x200], 0
  mov dword [0x101000 + 4*0x201], 0x201005
  mov dword [0x101000 + 4*0x202], 0x202003
  mov dword [0x100004], 0x00000087     ; 4 MiB page at 400000h
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x100000
  mov cr3, eax
"""
    + _FAULTS
    + """
  mov eax, [0x400000]
  call hex32
  mov eax, [0x100004]
  call hex32
  mov [0x40F000], eax
  mov eax, [0x100004]
  call hex32
  mov eax, [0xF000]
  call hex32
  call newline
; #PF whose frame cannot be pushed: #DF, by a task of its own.
  mov dword [tss_df + 28], 0x100000
  mov dword [tss_df + 32], double_fault
  mov dword [tss_df + 36], 2
  mov dword [tss_df + 56], 0x2D000
  mov dword [tss_df + 72], 0x10
  mov dword [tss_df + 76], 8
  mov dword [tss_df + 80], 0x10
  mov dword [tss_df + 84], 0x10
  mov dword [idt + 64], 0x500000
  mov dword [idt + 68], 0x8500
  mov esp, 0x200800
  mov eax, [0x200123]
  jmp finish
double_fault:
  call puts
  db "df ", 0
  mov eax, [esp]
  call hex32
  mov eax, cr2
  call hex32
  mov eax, [tss32 + 56]
  call hex32
  mov eax, [tss32 + 36]
  call hex32
  call newline
  jmp finish
relay: int 0x26
tables_to_supervisor:   ; pages 4..9: IDT, GDT and this code; code stays readable to ring 3
  mov dword [0x101000 + 4*6], 0x6003
  mov esi, gdt
  mov edi, 0x3F80
  mov ecx, gdt_end - gdt
  rep movsb
  mov dword [gdtr + 2], 0x3F80
  lgdt [gdtr]
  mov dword [0x101000 + 4*3], 0x3003
  mov dword [0x101000 + 4*4], 0x4003
  mov eax, cr3
  mov cr3, eax
  ret
marks:
  mov eax, [0x100000]
  call hex32
  mov eax, [0x101000 + 4*0x201]
  call hex32
  mov eax, [0x101000 + 4*0x202]
  call hex32
  mov eax, [0x101000 + 4*0x203]
  call hex32
  mov eax, [0x101000 + 4*3]
  call hex32
  mov eax, [0x101000 + 4*4]
  call hex32
  call newline
  ret
"""
)

PAGING_PAE = (
    """
  mov edi, 0x100000
  xor eax, eax
  mov ecx, 0x3000 / 4
  rep stosd
  mov dword [0x100000], 0x101001
  mov dword [0x101000], 0x102007
  mov dword [0x101008], 0x103007
  mov edi, 0x102000
  mov eax, 7
  mov ecx, 1024
.page: stosd
  mov dword [edi], 0
  add edi, 4
  add eax, 0x1000
  loop .page
  mov dword [0x103000 + 8*0], 0
  mov dword [0x103000 + 8*1], 0x201005
  mov dword [0x103000 + 8*2], 0x202003
  mov dword [0x101010], 0x00000087     ; 2 MiB page at 400000h
  mov dword [0x101018], 0x00000087     ; 2 MiB page at 600000h, no execute
  mov dword [0x10101C], 0x80000000 * NX
  mov dword [0x101020], 0x00000087     ; 2 MiB page at 800000h, reserved bit
  mov dword [0x101024], 0x00004000
  mov eax, 0x20
  mov cr4, eax
  mov eax, 0x100000
  mov cr3, eax
%if NX
  mov ecx, 0xC0000080
  rdmsr
  or eax, 0x800
  wrmsr
%endif
"""
    + _FAULTS
    + """
CASE "reserved"
  mov eax, [0x800004]
ENDCASE
CASE "reserved-write"
  mov [0x800004], eax
ENDCASE
CASE "r3-reserved"
  RING3
  mov eax, [0x800004]
ENDCASE
  mov byte [0xF000], 0xC3
CASE "no-execute"
  mov eax, 0x60F000
  call eax
ENDCASE
CASE "r3-no-execute"
  RING3
  mov eax, 0x60F000
  call eax
  int 0x26
ENDCASE
  mov dword [0x10101C], 0x80000000
  mov eax, cr3
  mov cr3, eax
CASE "nx-bit"
  mov eax, [0x60F000]
ENDCASE
  mov eax, [0x101010]
  call hex32
  mov [0x40F000], eax
  mov eax, [0x101010]
  call hex32
  mov eax, [0x100000]
  call hex32
  call newline
  jmp finish
relay: int 0x26
tables_to_supervisor:
  mov esi, gdt
  mov edi, 0x3F80
  mov ecx, gdt_end - gdt
  rep movsb
  mov dword [gdtr + 2], 0x3F80
  lgdt [gdtr]
  mov dword [0x102000 + 8*3], 0x3003
  mov dword [0x102000 + 8*4], 0x4003
  mov dword [0x102000 + 8*6], 0x6003
  mov eax, cr3
  mov cr3, eax
  ret
marks:
  mov eax, [0x101000]
  call hex32
  mov eax, [0x103000 + 8*1]
  call hex32
  mov eax, [0x103000 + 8*2]
  call hex32
  mov eax, [0x103000 + 8*3]
  call hex32
  mov eax, [0x102000 + 8*3]
  call hex32
  mov eax, [0x102000 + 8*4]
  call hex32
  call newline
  ret
"""
)

LONG_MODE = """
  mov edi, 0x104000
  mov ecx, 0x1000 / 8
  xor eax, eax
  rep stosq
  mov dword [abs 0x102008], 0x104007
  mov dword [abs 0x104000 + 8*1], 0x201005
  mov dword [abs 0x104000 + 8*2], 0x202003
  mov dword [abs 0x102010], 0x00000087   ; 2 MiB page at 400000h
  mov dword [abs 0x102018], 0x00000087   ; at 600000h, no execute
  mov dword [abs 0x10201C], 0x80000000 * NX
  mov dword [abs 0x102020], 0x00000087   ; at 800000h, a reserved bit
  mov dword [abs 0x102024], 0x00004000
  mov rax, cr3
  mov cr3, rax
CASE "divide"
  xor ecx, ecx
  div ecx
ENDCASE
CASE "interrupt-gate"
  sti
  int 0x20
ENDCASE
CASE "aligned"
  mov rsp, 0x2F00B
  int 0x20
ENDCASE
  STUB 0x21, 0x8F00, 0x18
CASE "trap-gate"
  sti
  int 0x21
ENDCASE
CASE "gp-selector"
  mov ax, 0xFFF8
  mov ds, ax
ENDCASE
  STUB 0x22, 0x8E01, 0x18
CASE "ist1"
  int 0x22
ENDCASE
  STUB 13, 0x8E02, 0x18
CASE "ist2-error"
  mov ax, 0xFFF8
  mov ds, ax
ENDCASE
  STUB 13, 0x8E00, 0x18
  STUB 0x23, 0x8E00, 8
CASE "code-32-bits"
  int 0x23
ENDCASE
  STUB 0x23, 0x8E00, 0x50
CASE "code-not-present"
  int 0x23
ENDCASE
  STUB 0x23, 0x0E00, 0x18
CASE "gate-not-present"
  int 0x23
ENDCASE
  STUB 0x23, 0x8600, 0x18
CASE "gate16"
  int 0x23
ENDCASE
CASE "gate-limit"
  mov word [idtr], 0x3FF
  lidt [idtr]
  int 0x50
ENDCASE
  mov word [idtr], 0xFFF
  lidt [idtr]
  STUB 13, 0x8E01, 0x18
  STUB 12, 0x8E01, 0x18
CASE "noncanonical"
  mov rax, 0x800000000000
  mov [rax], eax
ENDCASE
CASE "noncanonical-push"
  mov rax, 0x900000000000
  mov rsp, rax
  push rax
ENDCASE
CASE "noncanonical-frame"
  mov rax, 0x900000000000
  mov rsp, rax
  int 0x20
ENDCASE
  STUB 13, 0x8E00, 0x18
CASE "read"
  mov eax, [abs 0x200123]
ENDCASE
CASE "write"
  mov [abs 0x200123], eax
ENDCASE
CASE "read-only"
  mov [abs 0x201123], eax
ENDCASE
CASE "far-away"
  mov rax, 0xFFFF800000000123
  mov eax, [rax]
ENDCASE
CASE "fetch"
  mov eax, 0x200123
  jmp rax
ENDCASE
CASE "reserved"
  mov eax, [abs 0x800004]
ENDCASE
CASE "no-execute"
  mov byte [abs 0xF000], 0xC3
  mov eax, 0x60F000
  call rax
ENDCASE
  STUB 0x26, 0xEE00, 0x18
CASE "r3-int"
  RING3
  int 0x26
ENDCASE
CASE "r3-dpl"
  RING3
  int 0x20
ENDCASE
CASE "r3-compat-int"
  RING3 0x2B
bits 32
  int 0x26
bits 64
ENDCASE
CASE "r3-compat-ud2"
  RING3 0x2B
bits 32
  ud2
bits 64
ENDCASE
  STUB 0x27, 0xEE01, 0x18
CASE "r3-ist"
  RING3
  int 0x27
ENDCASE
CASE "r3-read"
  RING3
  mov eax, [abs 0x200123]
ENDCASE
CASE "r3-read-supervisor"
  RING3
  mov eax, [abs 0x202123]
ENDCASE
CASE "r3-write-read-only"
  RING3
  mov [abs 0x201123], eax
ENDCASE
CASE "r3-fetch-supervisor"
  RING3
  mov eax, 0x202123
  jmp rax
ENDCASE
CASE "r3-no-execute"
  RING3
  mov eax, 0x60F000
  call rax
  int 0x26
ENDCASE
  mov ecx, 0x58
  mov edx, 0xEE00
  call set_gate
CASE "r3-conforming"
  RING3
  int 0x28
ENDCASE
  mov ecx, 0x3B
  call set_gate
CASE "r3-same-ring"
  RING3
  int 0x28
ENDCASE
CASE "r3-frame-supervisor"
  RING3
  mov esp, 0x202800
  int 0x28
ENDCASE
CASE "r3-frame-absent"
  RING3
  mov esp, 0x200800
  int 0x28
ENDCASE
CASE "step"
  pushfq
  or dword [rsp], 0x100
  popfq
  nop
  nop
ENDCASE
; SYSCALL from 64-bit and from compatibility mode; the kernel reports through int 26h.
  mov ecx, 0xC0000081
  xor eax, eax
  mov edx, 0x00200018
  wrmsr
  mov ecx, 0xC0000082
  lea rax, [from_long]
  xor edx, edx
  wrmsr
  mov ecx, 0xC0000083
  lea rax, [from_compat]
  xor edx, edx
  wrmsr
  mov ecx, 0xC0000084
  mov eax, 0x40100
  xor edx, edx
  wrmsr
CASE "syscall"
  RING3
  stc
  syscall
after_syscall:
ENDCASE
CASE "syscall-compat"
  RING3 0x2B
bits 32
  stc
  syscall
bits 64
ENDCASE
  mov ecx, 0xC0000080
  rdmsr
  and al, 0xFE
  wrmsr
CASE "syscall-off"
  RING3
  syscall
ENDCASE
CASE "df"
  mov rsp, 0x200800
  mov byte [abs idt + 8*16 + 4], 2
  mov eax, [abs 0x200123]
ENDCASE
  jmp finish
set_gate:
  lea rax, [relay]
  mov [abs idt + 0x28*16], ax
  mov [abs idt + 0x28*16 + 2], cx
  mov [abs idt + 0x28*16 + 4], dx
  ret
relay: int 0x26
from_long:
  mov rsp, 0x2C000
  push rcx
  push r11
  int 0x26
from_compat:
  mov rsp, 0x2C000
  push rcx
  push r11
  int 0x27
"""

# Real mode has no printing stubs: the interrupt table points at one routine each.
REAL_MODE = """
%macro VECTOR 2
  mov word [%1*4], %2
  mov word [%1*4 + 2], 0
%endmacro
  VECTOR 0, handler
  VECTOR 1, handler
  VECTOR 3, handler
  VECTOR 4, handler
  VECTOR 5, handler
  VECTOR 6, handler
  VECTOR 13, protection
  VECTOR 0x20, handler
  mov word [case], 0
%macro TRY 1+
  mov word [next], %%next
  mov [save], sp
  inc word [case]
  %1
%%next:
%endmacro
  sti
  TRY int 0x20
  TRY int3
  TRY call overflow
  xor cx, cx
  TRY div cx
  TRY ud2
  mov ax, 9
  TRY bound ax, [bounds]
  lidt [short_idt]
  TRY int 0x21
  lidt [whole_idt]
  pushf
  pop ax
  or ax, 0x100
  push ax
  mov word [next], stepped
  mov [save], sp
  popf
  nop
  nop
stepped:
  mov sp, 0x7000
  mov ax, 0x3000
  mov ss, ax
  mov sp, 4           ; the frame wraps around the stack segment
  mov word [next], wrapped
  mov word [save], 0x7000
  int 0x20
wrapped:
  mov ax, [ss:0xFFFE]
  call hex16
  lidt [no_idt]
  int 0x20
protection:
  mov byte [mark], 'P'
  jmp report
handler:
  mov byte [mark], 'H'
report:
  pusha
  mov al, [mark]
  out 0xE9, al
  mov ax, [case]
  call hex16
  pushf
  pop ax
  and ax, 0xF700
  call hex16
  mov ax, ss
  call hex16
  mov ax, sp
  call hex16
  mov bp, sp
  mov cx, 4
  mov si, 16
.dump:
  mov ax, [bp + si]
  add si, 2
  call hex16
  loop .dump
  mov al, 10
  out 0xE9, al
  popa
  xor ax, ax
  mov ss, ax
  mov sp, [save]
  sti
  jmp [next]
hex16:
  push cx
  push dx
  mov dx, ax
  mov cx, 4
.digit:
  rol dx, 4
  mov al, dl
  and al, 15
  cmp al, 10
  jb .low
  add al, 'a' - '0' - 10
.low:
  add al, '0'
  out 0xE9, al
  loop .digit
  mov al, ' '
  out 0xE9, al
  pop dx
  pop cx
  ret
overflow:
  mov al, 0x7F
  add al, 1
  into
finish: hlt
  jmp finish
bounds: dw 1, 5
short_idt: dw 0x83
  dd 0
whole_idt: dw 0x3FF
  dd 0
no_idt: dw 0
  dd 0
next: dw 0
save: dw 0
case: dw 0
mark: db 0
"""
