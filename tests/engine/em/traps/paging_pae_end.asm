; What only PAE paging has, and the routines that faults.asm calls.
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
%define ENTRY 8
%define DIRECTORY 0x101000
%define LOW 0x102000
%define HIGH 0x103000
