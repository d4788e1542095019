; Faults, software interrupts, gates and privilege changes in 32-bit protected mode.
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
CASE "mf"                           ; an exception of the x87, reported at its next instruction
  mov eax, cr0
  or al, 0x20                       ; NE
  mov cr0, eax
  fninit
  push dword 0x37B                  ; division by zero is not masked
  fldcw [esp]
  fld1
  fldz
  fdivp
  fwait
ENDCASE
  fninit
CASE "ss-null"
  xor ax, ax
  mov ss, ax
ENDCASE
CASE "db-execute"                   ; a breakpoint register
  mov eax, breakpoint
  mov dr0, eax
  mov eax, 0x401
  mov dr7, eax
  jmp breakpoint
breakpoint:
  nop
ENDCASE
  mov eax, 0x400
  mov dr7, eax
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
