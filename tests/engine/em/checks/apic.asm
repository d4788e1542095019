; Interrupts of the local APIC, the I/O APIC and the HPET, in flat 32-bit protected mode.
; Each check leaves what it has found in EAX and what it should be in EBX; VERDICT compares, and
; writes 1 (the same) or 2 to 600h onwards.
%define LAPIC 0xFEE00000
%define IOAPIC 0xFEC00000
%define HPET 0xFED00000
%define TPR 0x80
%define EOI 0xB0
%define SVR 0xF0
%define ISR1 0x110                  ; vectors 20h to 3Fh
%define ICR 0x300
%define LVT_TIMER 0x320
%define INITIAL 0x380
%define CURRENT 0x390
%define DIVIDE 0x3E0
%define TO_ITSELF 0x44000
%define COUNTS 0x5C0                ; how often vectors 30h to 38h have come, then their order
%define ORDER 0x5E0
%define PLACE 0x5F0
%define NUMBER 0x5F4
%define IDT 0x1000
  cli
  cld
  lgdt [cs:gdtr]
  lidt [cs:idtr]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 8:0xF0000 + flat
gdt: dq 0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF
gdtr: dw 23
  dd 0xF0000 + gdt
idtr: dw 0x7FF
  dd IDT
bits 32
%macro VERDICT 1
  mov ebx, %1
  call verdict
%endmacro
%macro FRESH 0
  cli
  mov dword [NUMBER], 0
  mov edi, COUNTS
  mov ecx, 12
  xor eax, eax
  rep stosd
%endmacro
%macro SEND 1
  mov dword [LAPIC + ICR], TO_ITSELF | %1
%endmacro
%macro OPEN 0                       ; whatever waits is taken
  sti
  nop
  nop
  cli
%endmacro
%macro UNTIL 1                      ; vector; IF is set meanwhile
  sti
%%wait:
  cmp byte [COUNTS + %1 - 0x30], 0
  je %%wait
  cli
%endmacro
flat:
  mov ax, 0x10
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov esp, 0x7000
  mov dword [PLACE], 0x600
  mov al, 0xFF
  out 0x21, al
  out 0xA1, al
  mov edi, IDT + 0x30 * 8
  mov eax, 0xF0000 + handlers
  mov ecx, 9
.gate:
  mov [edi], eax
  mov word [edi + 2], 8
  mov [edi + 4], eax
  mov word [edi + 4], 0x8E00
  add edi, 8
  add eax, 16
  loop .gate
  mov dword [LAPIC + SVR], 0x138
  mov dword [LAPIC + DIVIDE], 0xB   ; by 1

  FRESH                             ; an interrupt to itself
  SEND 0x30
  OPEN
  mov eax, [COUNTS]
  VERDICT 1

  FRESH                             ; the higher vector is taken first, whatever came first
  SEND 0x30
  SEND 0x31
  OPEN
  OPEN
  mov eax, [ORDER]
  VERDICT 0x3031

  FRESH                             ; TPR holds its class off
  mov dword [LAPIC + TPR], 0x30
  SEND 0x30
  OPEN
  mov eax, [COUNTS]
  VERDICT 0
  sti
  mov dword [LAPIC + TPR], 0
  nop
  nop
  cli
  mov eax, [COUNTS]
  VERDICT 1

  FRESH                             ; without an end of interrupt the class waits
  SEND 0x35                         ; its handler sends none
  OPEN
  SEND 0x30
  OPEN
  mov eax, [COUNTS]
  VERDICT 0
  mov eax, [LAPIC + ISR1]
  VERDICT 1 << 0x15
  mov dword [LAPIC + EOI], 0
  OPEN
  mov eax, [COUNTS]
  VERDICT 1

  FRESH                             ; the timer, once
  mov dword [LAPIC + LVT_TIMER], 0x32
  mov dword [LAPIC + INITIAL], 100000
  UNTIL 0x32
  mov eax, [LAPIC + CURRENT]
  VERDICT 0

  FRESH                             ; and again and again
  mov dword [LAPIC + LVT_TIMER], 0x20032
  mov dword [LAPIC + INITIAL], 100000
  sti
.periodic:
  cmp byte [COUNTS + 2], 4
  jb .periodic
  mov dword [LAPIC + LVT_TIMER], 0x10000
  mov dword [LAPIC + INITIAL], 0
  cli
  mov eax, [LAPIC + CURRENT]
  VERDICT 0

  FRESH                             ; HLT ends with the timer
  mov dword [LAPIC + LVT_TIMER], 0x32
  mov dword [LAPIC + INITIAL], 1000000
  sti
  hlt
  cli
  movzx eax, byte [COUNTS + 2]
  VERDICT 1

  FRESH                             ; the 8254 through input 2 of the I/O APIC
  mov eax, 0x33
  call redirect
  UNTIL 0x33
  movzx eax, byte [COUNTS + 3]
  VERDICT 1
  FRESH                             ; masked there
  mov eax, 0x10033
  call redirect
  mov ecx, 20000
  sti
.blind:
  loop .blind
  cli
  movzx eax, byte [COUNTS + 3]
  VERDICT 0

  mov dword [HPET + 0x10], 0        ; its counter stands, and runs
  mov eax, [HPET + 0xF0]
  sub eax, [HPET + 0xF0]
  VERDICT 0
  mov dword [HPET + 0x10], 1
  mov edx, [HPET + 0xF0]
.moves:
  mov eax, [HPET + 0xF0]
  sub eax, edx
  jz .moves
  shr eax, 31
  VERDICT 0
done:
  inc dword [0x504]
  hlt
  jmp done
redirect:                           ; EAX: the low half of the entry of input 2, for APIC 0
                                    ; then one edge of the 8254 on it
  mov dword [IOAPIC], 0x15
  mov dword [IOAPIC + 0x10], 0
  mov dword [IOAPIC], 0x14
  mov [IOAPIC + 0x10], eax
  mov al, 0x30
  out 0x43, al
  mov al, 100
  out 0x40, al
  mov al, 0
  out 0x40, al
  ret
verdict:
  cmp eax, ebx
  mov al, 1
  je .same
  mov al, 2
.same:
  mov esi, [PLACE]
  mov [esi], al
  inc dword [PLACE]
  ret
align 16
handlers:
%assign vector 0x30
%rep 9
  push eax
  mov eax, vector
  jmp came
  align 16
%assign vector vector + 1
%endrep
came:
  push ecx
  inc byte [COUNTS + eax - 0x30]
  mov ecx, [NUMBER]
  inc dword [NUMBER]
  mov [ORDER + ecx], al
  cmp al, 0x35
  je .in_service
  mov dword [LAPIC + EOI], 0
.in_service:
  pop ecx
  pop eax
  iretd
