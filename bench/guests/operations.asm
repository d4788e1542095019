; Loops around one operation each. A letter on port E9h ends a loop: N counts only, I reads a port,
; O writes one, M reads MMIO (video memory in a planar mode), T is INT n with IRET, D an interrupt
; of the serial port through the 8259 with its five port accesses, P a page fault with IRET,
; S SYSCALL with SYSRET, F the first access to each of 1024 pages after a change of CR3.
%define TABLES 0x100000         ; page directory, then four page tables (16 MiB)
%define PAGES 1024
%define TSS 0x6000
%define SCRATCH 0x3ff           ; scratch register of COM1
bits 16
org 0x7c00
 cli
 xor ax,ax
 mov ds,ax
 mov es,ax
 mov ss,ax
 mov sp,0x7000
 mov ax,0x0203                  ; three more sectors behind this one
 mov cx,0x0002
 xor dh,dh
 mov bx,0x7e00
 int 0x13
 jc failed
 mov ax,0x0012                  ; 640x480, 16 colours
 int 0x10
 in al,0x92
 or al,2
 out 0x92,al
 lgdt [gdtr]
 mov eax,cr0
 or al,1
 mov cr0,eax
 jmp 8:start
failed: mov al,'!'
 out 0xe9,al
halt16: hlt
 jmp halt16
align 8
gdt: dq 0
 dq 0x00cf9a000000ffff, 0x00cf92000000ffff      ; 08h, 10h: ring 0
 dq 0x00cffa000000ffff, 0x00cff2000000ffff      ; 18h, 20h: ring 3
 dq 0x0000890060000067      ; 28h: TSS
gdtr: dw gdtr-gdt-1
 dd gdt
times 510-($-$$) db 0
dw 0xaa55

bits 32
%macro GATE 2                   ; vector, handler
 mov dword [0x1000+8*%1],0x00080000+((%2-$$+0x7c00)&0xffff)
 mov dword [0x1004+8*%1],0x0000ee00
%endmacro
%macro LETTER 1
 mov al,%1
 out 0xe9,al
%endmacro
%macro TIMED 3-4                ; letter, rounds, operation, second operation
 mov edi,%2
%%again: %3
%if %0 > 3
 %4
%endif
 dec edi
 jnz %%again
 LETTER %1
%endmacro
start: mov ax,0x10
 mov ds,ax
 mov es,ax
 mov ss,ax
 mov esp,0x7000
 cld
 mov edi,0x1000
 xor eax,eax
 mov ecx,1024
 rep stosd
 GATE 12,serial                 ; IRQ4 as the BIOS leaves the 8259
 GATE 14,fault
 GATE 48,trap
 lidt [idtr]
 mov edi,TSS
 xor eax,eax
 mov ecx,26
 rep stosd
 mov word [TSS+8],0x10
 mov dword [TSS+4],0x7000
 mov ax,0x28
 ltr ax
 mov edi,TABLES                 ; identity for 16 MiB; the last page is missing
 mov eax,TABLES+0x1007
 mov ecx,4
dirs: stosd
 add eax,0x1000
 loop dirs
 mov ecx,1020
 xor eax,eax
 rep stosd
 mov eax,7
 mov ecx,4096
entries: stosd
 add eax,0x1000
 loop entries
 mov dword [TABLES+0x1000+4*4095],0
 mov eax,TABLES
 mov cr3,eax
 mov eax,cr0
 or eax,0x80010000
 mov cr0,eax
 jmp paged
paged: LETTER 'B'
 TIMED 'N',10000000,nop
 mov dx,SCRATCH
 TIMED 'I',100000,{in al,dx}
 TIMED 'O',100000,{out dx,al}
 TIMED 'M',100000,{mov al,[0xa0000]}
 TIMED 'T',30000,{int 48}
 mov al,0xef                    ; IRQ4 only
 out 0x21,al
 mov dx,0x3fc
 mov al,0x08                    ; OUT2
 out dx,al
 sti
 TIMED 'D',10000,{call interrupt}
 cli
 mov al,0xff
 out 0x21,al
 mov ecx,0xfff000
 TIMED 'P',20000,{mov eax,[ecx]}
 mov ebp,20
reload: mov eax,cr3
 mov cr3,eax
 mov ebx,0x400000
 mov edi,PAGES
touch: mov eax,[ebx]
 add ebx,0x1000
 dec edi
 jnz touch
 dec ebp
 jnz reload
 LETTER 'F'
 mov ecx,0xc0000080             ; EFER.SCE; STAR: SYSCALL to 08h, SYSRET to 18h
 rdmsr
 or al,1
 wrmsr
 mov ecx,0xc0000081
 mov eax,system
 mov edx,0x00180008
 wrmsr
 push dword 0x20+3
 push dword 0x7000
 push dword 0x3002              ; IOPL 3
 push dword 0x18+3
 push dword user
 iret
user: TIMED 'S',30000,{syscall}
 LETTER 'E'
 jmp $
trap: iret
fault: add esp,4
 add dword [esp],2              ; behind the load
 iret
serial: mov dx,0x3fa
 in al,dx
 mov dx,0x3f9
 xor al,al
 out dx,al
 mov al,0x20
 out 0x20,al
 iret
interrupt: mov dx,0x3f9
 mov al,2
 out dx,al                      ; the transmitter is empty: interrupts at once
 nop
 ret
system: sysret
idtr: dw 0x7ff
 dd 0x1000
times 2048-($-$$) db 0
