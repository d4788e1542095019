; Virtual 8086 mode.
%macro ENTER86 2 ; EFLAGS, entry
  push dword 0x1111
  push dword 0x2222
  push dword 0x3333
  push dword 0x4444
  push dword 0x2000
  push dword 0x9000
  push dword %1
  push dword 0x800
  push dword %2 - $$
  iretd
%endmacro
  STUB 0x26, 0xEE00, 8
  GATE 0x27, 0xEE00, 8, back
CASE "vm86-int-iopl3"
  ENTER86 0x23202, code26
ENDCASE
CASE "vm86-int-iopl0"
  ENTER86 0x20202, code26
ENDCASE
CASE "vm86-gate-dpl"
  ENTER86 0x23202, code20
ENDCASE
CASE "vm86-ud2"
  ENTER86 0x20002, code_ud
ENDCASE
CASE "vm86-iret-back"
  ENTER86 0x23202, code_back
ENDCASE
  STUB 0x28, 0xEE00, 0x38
CASE "vm86-conforming"
  ENTER86 0x23202, code28
ENDCASE
  STUB 0x28, 0xEE00, 0x1B
CASE "vm86-to-ring3"
  ENTER86 0x23202, code28
ENDCASE
  STUB 0x28, 0xE600, 8
CASE "vm86-gate16"
  ENTER86 0x23202, code28
ENDCASE
  jmp finish
back:
  add dword [esp + 12], 4 ; the ESP that VM86 code goes on with
  iretd
bits 16
code26: int 0x26
code20: int 0x20
code28: int 0x28
code_ud: ud2
code_back: int 0x27
  mov ax, 0x1234
  mov es, ax
  int 0x26
bits 32
