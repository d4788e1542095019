; CASE and ENDCASE: the mark is what set_resume looks for.
%macro CASE 1
  call puts
  db %1, 0
  call set_resume
%endmacro
%macro ENDCASE 0
  call no_trap
  dd 0x0BADCA5E
%endmacro
%macro DIGIT 1 ; tells the highest four bits of a register whose lowest byte is DL, rotating it
  rol %1, 4
  mov al, dl
  and al, 15
  cmp al, 10
  jb %%low
  add al, 'a' - '0' - 10
%%low:
  add al, '0'
  out 0xE9, al
%endmacro
; The rest is for files that name registers and their WIDTH; see print.asm.
%macro REPORT 2 ; where on the stack the vector lies, how many words behind it are told
  call space
  mov ACC, [TOP + %1]
  call hex8
  mov ax, cs
  call hex16
  mov ax, ss
  call hex16
  mov ax, bp                        ; DS when the trap came
  call hex16
  mov ax, fs
  call hex16
  lea ACC, [TOP + %1 + WIDTH / 8]
  call hex_pointer
%if WIDTH = 64
  pushfq
%else
  pushfd
%endif
  pop ACC
  and eax, 0x37700
  call hex32
  mov ACC, cr2
  call hex_pointer
  mov ecx, %2
  lea SRC, [TOP + %1 + WIDTH / 8]
%%dump:
  mov ACC, [ss:SRC]
  add SRC, WIDTH / 8
  call hex_pointer
  loop %%dump
  call newline
%endmacro
%macro FLAT_STACK 0 ; back to that of the case
  mov ax, 0x10
  mov ss, ax
  mov ds, ax
  mov TOP, [resume_sp]
%endmacro
%macro RESUMING 0 ; no_trap and set_resume, which looks for the mark of ENDCASE
no_trap:
  call puts
  db " none", 10, 0
  FLAT_STACK
  jmp [resume_at]
set_resume:
  pop ACC
  mov [resume_sp], TOP
  push ACC
.look:
  inc ACC
  cmp dword [ACC], 0x0BADCA5E
  jne .look
  add ACC, 4
  mov [resume_at], ACC
  ret
%endmacro
