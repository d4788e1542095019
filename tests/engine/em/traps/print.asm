; Text and numbers through port E9h, the end of a guest, and where its cases begin.
; The file before names the registers: ACC, CNT, DAT, SRC, TOP, of WIDTH bits each.
puts:
  xchg SRC, [TOP]
  push ACC
.next:
  lodsb
  test al, al
  jz .done
  out 0xE9, al
  jmp .next
.done:
  pop ACC
  xchg SRC, [TOP]
  ret
space:
  mov al, ' '
  out 0xE9, al
  ret
newline:
  mov al, 10
  out 0xE9, al
  ret
%macro HEX 1 ; bits of the accumulator
hex%1:
  push CNT
%if WIDTH > %1
  shl ACC, WIDTH - %1
%endif
  mov ecx, %1 / 4
  jmp hex
%endmacro
%if WIDTH = 64
hex_pointer:
  HEX 64
%else
hex_pointer:
%endif
  HEX 32
  HEX 16
  HEX 8
hex:
  push DAT
  mov DAT, ACC
.digit:
  DIGIT DAT
  loop .digit
  call space
  pop DAT
  pop CNT
  ret
finish:
  call puts
  db "end", 10, 0
  mov al, 0
  out 0xF4, al
  cli
  hlt
  jmp finish
guest:
