; Linux program: sets master, PCM and recording volume of an OSS mixer (its argument) to the loudest.
; nasm -f bin: the ELF header is written out.
        bits    64
        org     0x400000
SYS_OPEN equ 2
SYS_IOCTL equ 16
SYS_EXIT equ 60
O_RDWR  equ 2
MIXER_WRITE equ 0xC0044D00
VOLUME  equ 0
PCM     equ 4
IGAIN   equ 12
LOUDEST equ 0x6464                      ; per cent, right and left

file:   db      0x7F, "ELF", 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        dw      2, 62
        dd      1
        dq      start, program - file, 0
        dd      0
        dw      64, 56, 1, 0, 0, 0
program:
        dd      1, 7
        dq      0, file, file, end - file, end - file, 4096

start:  mov     rdi, [rsp + 16]
        mov     eax, SYS_OPEN
        mov     esi, O_RDWR
        xor     edx, edx
        syscall
        mov     ebx, eax
        mov     esi, MIXER_WRITE | VOLUME
        call    set
        mov     esi, MIXER_WRITE | PCM
        call    set
        mov     esi, MIXER_WRITE | IGAIN
        call    set
        xor     edi, edi
        mov     eax, SYS_EXIT
        syscall
set:    mov     edi, ebx
        lea     rdx, [rel level]
        mov     dword [rdx], LOUDEST    ; the driver writes back what it has set
        mov     eax, SYS_IOCTL
        syscall
        ret
level:  dd      0
end:
