; What only 32-bit paging has, and the routines that faults.asm calls.
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
%define ENTRY 4
%define DIRECTORY 0x100000
%define LOW 0x101000
%define HIGH 0x101800
