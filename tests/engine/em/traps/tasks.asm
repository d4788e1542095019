; An interrupt through a task gate and back, then the classic double-fault task.
%macro SET 3 ; TSS, entry, stack
  mov dword [%1 + 32], %2
  mov dword [%1 + 36], 2
  mov dword [%1 + 56], %3
  mov dword [%1 + 72], 0x10
  mov dword [%1 + 76], 8
  mov dword [%1 + 80], 0x10
  mov dword [%1 + 84], 0x10
  mov dword [%1 + 88], 0x20
  mov dword [%1 + 92], 0
%endmacro
%macro TASKGATE 3
  mov dword [idt + %1*8], %3 << 16
  mov dword [idt + %1*8 + 4], %2
%endmacro
  SET tss_nested, nested, 0x2C000
  SET tss_df, double_fault, 0x2D000
  TASKGATE 0x2A, 0xE500, 0x68
  TASKGATE 8, 0x8500, 0x50
  mov ebx, 0x12345678
  mov ecx, 0xCAFE
  stc
  int 0x2A
  pushfd
  call report
  STUB 0x30, 0xEE00, 8
  mov dword [resume_at], after
  mov [resume_sp], esp
  RING3
  mov ebx, 0x87654321
  int 0x2A
  pushfd
  call report
  int 0x30
after:
CASE "busy-task"
  mov byte [gdt + 0x68 + 5], 0x8B
  int 0x2A
ENDCASE
CASE "absent-task"
  mov byte [gdt + 0x68 + 5], 0x09
  int 0x2A
ENDCASE
CASE "task-of-data"
  TASKGATE 0x2B, 0xE500, 0x10
  int 0x2B
ENDCASE
CASE "task-of-ldt"
  TASKGATE 0x2B, 0xE500, 0x14
  int 0x2B
ENDCASE
  mov byte [gdt + 0x68 + 5], 0x89
  mov word [gdt + 0x68], 102
CASE "short-task"
  int 0x2A
ENDCASE
  mov word [gdt + 0x68], 103
  mov dword [tss_nested + 80], 0x18
CASE "task-bad-ss"
  int 0x2A
ENDCASE
  STUB 13, 0x0E00, 8
  mov esp, 0x31000
  mov ax, 0xFFF8
  mov ds, ax      ; #GP, its gate is not present: #DF
  jmp finish
report:           ; EFLAGS is on the stack; CR0.TS, TR and the types of the descriptors
  push ebx
  push ecx
  mov eax, [esp + 12]
  and eax, 0x7CFF
  call hex32
  mov eax, [esp]
  call hex32
  mov eax, [esp + 4]
  call hex32
  str ax
  call hex16
  smsw ax
  call hex16
  mov al, [gdt + 0x28 + 5]
  call hex8
  mov al, [gdt + 0x68 + 5]
  call hex8
  mov eax, [tss_nested]
  call hex32
  mov eax, [tss32 + 32]
  call hex32
  mov eax, [tss32 + 56]
  call hex32
  mov eax, [tss32 + 76]
  call hex32
  mov eax, [tss32 + 36]
  call hex32
  call newline
  pop ecx
  pop ebx
  ret 4
nested:
  mov ebx, 0x99
  pushfd
  call report
  clts
  mov ax, fs
  call hex16
  iretd
  call puts       ; the next interrupt goes on here
  db "again ", 0
  pushfd
  call report
  iretd
double_fault:
  mov eax, [esp]
  call hex32
  mov eax, esp
  call hex32
  mov eax, [tss_df]
  call hex32
  pushfd
  call report
  jmp finish
