; Boot sector that says on port E9h that it runs, and halts: what comes before is the firmware.
bits 16
org 0x7c00
 mov al,'B'
 out 0xe9,al
 cli
stop: hlt
 jmp stop
times 510-($-$$) db 0
dw 0xaa55
