; Every guest begins here.
bits 16
start:
  cli
  cld
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, 0x7000
  mov al, 0xFF
  out 0x21, al
  out 0xA1, al
