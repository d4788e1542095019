; What faults.asm calls, in both formats: entries of ENTRY bytes, the first entry of the directory,
; the table of the lowest pages and that of those at 200000h.
relay: int 0x26
tables_to_supervisor:   ; pages 4..9: IDT, GDT and this code; code stays readable to ring 3
  mov dword [LOW + ENTRY*6], 0x6003
  mov esi, gdt
  mov edi, 0x3F80
  mov ecx, gdt_end - gdt
  rep movsb
  mov dword [gdtr + 2], 0x3F80
  lgdt [gdtr]
  mov dword [LOW + ENTRY*3], 0x3003
  mov dword [LOW + ENTRY*4], 0x4003
  mov eax, cr3
  mov cr3, eax
  ret
marks:
%macro MARK 1
  mov eax, [%1]
  call hex32
%endmacro
  MARK DIRECTORY
  MARK HIGH + ENTRY*1
  MARK HIGH + ENTRY*2
  MARK HIGH + ENTRY*3
  MARK LOW + ENTRY*3
  MARK LOW + ENTRY*4
  call newline
  ret
