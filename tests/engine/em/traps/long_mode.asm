; Gates, stacks, page faults and system calls in 64-bit mode.
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
