; 32-bit protected mode: tables, and handlers that print the trap they were called for.
%define ACC eax
%define CNT ecx
%define DAT edx
%define SRC esi
%define TOP esp
%define WIDTH 32
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
resume_sp: dd 0
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
  REPORT 32, 12
  FLAT_STACK
  xor ax, ax
  mov fs, ax
  mov gs, ax
  push dword 2
  popfd
  jmp [resume_at]
  RESUMING
