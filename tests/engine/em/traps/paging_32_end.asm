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
