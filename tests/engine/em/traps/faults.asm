; Page faults in 32-bit code, in any paging mode.
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
