; 64-bit mode with 4-level paging: tables, and handlers that print the trap.
%define ACC rax
%define CNT rcx
%define DAT rdx
%define SRC rsi
%define TOP rsp
%define WIDTH 64
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
resume_sp: dq 0
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
  REPORT 32, 7
  FLAT_STACK
  push qword 2
  popfq
  jmp [resume_at]
  RESUMING
