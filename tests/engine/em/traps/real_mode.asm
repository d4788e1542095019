; Real mode has no printing stubs: each vector points at one routine.
%macro VECTOR 2
  mov word [%1*4], %2
  mov word [%1*4 + 2], 0
%endmacro
  VECTOR 0, handler
  VECTOR 1, handler
  VECTOR 3, handler
  VECTOR 4, handler
  VECTOR 5, handler
  VECTOR 6, handler
  VECTOR 13, protection
  VECTOR 0x20, handler
  mov word [case], 0
%macro TRY 1+
  mov word [next], %%next
  mov [save], sp
  inc word [case]
  %1
%%next:
%endmacro
  sti
  TRY int 0x20
  TRY int3
  TRY call overflow
  xor cx, cx
  TRY div cx
  TRY ud2
  mov ax, 9
  TRY bound ax, [bounds]
  lidt [short_idt]
  TRY int 0x21
  lidt [whole_idt]
  pushf
  pop ax
  or ax, 0x100
  push ax
  mov word [next], stepped
  mov [save], sp
  popf
  nop
  nop
stepped:
  mov sp, 0x7000
  mov ax, 0x3000
  mov ss, ax
  mov sp, 4           ; the frame wraps around the stack segment
  mov word [next], wrapped
  mov word [save], 0x7000
  int 0x20
wrapped:
  mov ax, [ss:0xFFFE]
  call hex16
  lidt [no_idt]
  int 0x20
protection:
  mov byte [mark], 'P'
  jmp report
handler:
  mov byte [mark], 'H'
report:
  pusha
  mov al, [mark]
  out 0xE9, al
  mov ax, [case]
  call hex16
  pushf
  pop ax
  and ax, 0xF700
  call hex16
  mov ax, ss
  call hex16
  mov ax, sp
  call hex16
  mov bp, sp
  mov cx, 4
  mov si, 16
.dump:
  mov ax, [bp + si]
  add si, 2
  call hex16
  loop .dump
  mov al, 10
  out 0xE9, al
  popa
  xor ax, ax
  mov ss, ax
  mov sp, [save]
  sti
  jmp [next]
hex16:
  push cx
  push dx
  mov dx, ax
  mov cx, 4
.digit:
  DIGIT dx
  loop .digit
  mov al, ' '
  out 0xE9, al
  pop dx
  pop cx
  ret
overflow:
  mov al, 0x7F
  add al, 1
  into
finish: hlt
  jmp finish
bounds: dw 1, 5
short_idt: dw 0x83
  dd 0
whole_idt: dw 0x3FF
  dd 0
no_idt: dw 0
  dd 0
next: dw 0
save: dw 0
case: dw 0
mark: db 0
