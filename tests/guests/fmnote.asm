; Linux program: plays a note of a second on an OPL3's hardware device (its argument): 440 Hz, a sine.
; nasm -f bin: the ELF header is written out.
        bits    32
        org     0x400000
SYS_EXIT equ 1
SYS_OPEN equ 5
SYS_IOCTL equ 54
SYS_NANOSLEEP equ 162
O_RDWR  equ 2
FM_RESET equ 0x4821
FM_PLAY_NOTE equ 0x400C4822
FM_SET_VOICE equ 0x40124823
FM_SET_MODE equ 0x40044825
OPL3    equ 1                           ; without this mode the driver sends voices to neither side

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
        mov     ebp, eax
        mov     ecx, FM_RESET
        call    control
        mov     ecx, FM_SET_MODE
        mov     edx, OPL3
        call    control
        mov     ecx, FM_SET_VOICE
        mov     edx, modulator
        call    control
        mov     edx, carrier
        call    control
        mov     ecx, FM_PLAY_NOTE
        mov     edx, note_on
        call    control
        mov     eax, SYS_NANOSLEEP
        mov     ebx, second
        xor     ecx, ecx
        int     0x80
        mov     ecx, FM_PLAY_NOTE
        mov     edx, note_off
        call    control
        xor     ebx, ebx
exit:   mov     eax, SYS_EXIT
        int     0x80

control:
        mov     ebx, ebp
        mov     eax, SYS_IOCTL
        int     0x80
        test    eax, eax
        mov     ebx, 1
        js      exit
        ret

second: dd      1, 0
; Operator, voice, AM, vibrato, sustained, key scaling, multiple, level scaling, volume, attack, decay,
; sustain level, release, feedback, parallel, left, right, wave form.
modulator: db   0, 0, 0, 0, 1, 0, 1, 0, 0, 15, 0, 0, 15, 0, 1, 1, 1, 0
carrier:   db   1, 0, 0, 0, 1, 0, 1, 0, 63, 15, 0, 0, 15, 0, 1, 1, 1, 0
; Voice, block, frequency number: 580 * 49716 Hz / 2^16; on or off.
note_on:   db   0, 4, 0, 0
        dd      580, 1
note_off:  db   0, 4, 0, 0
        dd      580, 0
end:
