; Linux program: sets master, PCM, FM and recording volume of an OSS mixer (its argument) to the loudest.
; nasm -f bin: the ELF header is written out. 32-bit kernels run it, and those of 64 bits, too.
        bits    32
        org     0x400000
SYS_EXIT equ 1
SYS_OPEN equ 5
SYS_IOCTL equ 54
O_RDWR  equ 2
MIXER_WRITE equ 0xC0044D00
VOLUME  equ 0
SYNTH   equ 3
PCM     equ 4
IGAIN   equ 12
LOUDEST equ 0x6464                      ; per cent, right and left

file:   db      0x7F, "ELF", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
        dw      2, 3
        dd      1, start, program - file, 0, 0
        dw      52, 32, 1, 0, 0, 0
program:
        dd      1, 0, file, file, end - file, end - file, 7, 4096

start:  mov     ebx, [esp + 8]
        mov     eax, SYS_OPEN
        mov     ecx, O_RDWR
        xor     edx, edx
        int     0x80
        mov     ebx, eax
        mov     esi, channels
next:   movzx   ecx, byte [esi]
        or      ecx, MIXER_WRITE
        mov     edx, level
        mov     dword [edx], LOUDEST    ; the driver writes back what it has set
        mov     eax, SYS_IOCTL          ; no mixer has all of them
        int     0x80
        inc     esi
        cmp     esi, channels.end
        jb      next
        xor     ebx, ebx
        mov     eax, SYS_EXIT
        int     0x80
channels: db    VOLUME, SYNTH, PCM, IGAIN
.end:
        align   4
level:  dd      0
end:
