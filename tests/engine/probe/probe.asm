; The probe: a guest that does what the far end of COM1 tells it, and tells every byte that comes
; from keyboard and mouse. It halts while there is nothing to do.
;
; What it says are lines: "Kxx" a byte from the keyboard, "Mxx" one from the mouse (two hexadecimal
; digits), "R" with AX BX CX DX after INT 10h, "D" with bytes of memory, "." when a command is
; done, "!" at the start. Commands are a letter with binary arguments, low bytes first:
;   O port16 value8                out to a port
;   N port16                       read a port, told like a byte of memory
;   Q port16 value32               write a doubleword to a port
;   q port16                       read a doubleword from a port
;   W address32 value32            write a doubleword to memory, of a device too
;   w address32                    read a doubleword from memory
;   I ax bx cx dx bp di es         INT 10h
;   F address32 dwords32 seed32    fill memory with pseudo-random numbers
;   D address32 bytes16            send memory
;   L leds8                        set the lock LEDs of the keyboard
;   M byte8                        send a byte to the mouse
;   P                              nothing
bits 16
org 0x7c00

RING equ 0x9000                         ; 1 KiB of commands that wait
RING_MASK equ 0x3ff
COM equ 0x3f8

        jmp 0:begin
begin:  cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        cld
        sti
        mov ax, 0x0202                  ; the second and third sector
        mov bx, 0x7e00
        mov cx, 0x0002
        xor dx, dx
        int 0x13
        jc $
        cli
        mov word [9 * 4], keyboard_irq
        mov word [9 * 4 + 2], 0
        mov word [0x0c * 4], serial_irq
        mov word [0x0c * 4 + 2], 0
        mov word [0x74 * 4], mouse_irq
        mov word [0x74 * 4 + 2], 0
        mov al, 0xe9                    ; IRQ 1, 2 and 4
        out 0x21, al
        mov al, 0xef                    ; IRQ 12
        out 0xa1, al
        jmp further
times 510 - ($ - $$) db 0
        dw 0xaa55

further:
        lgdt [gdt_pointer]              ; FS gets a limit of 4 GiB
        mov eax, cr0
        or al, 1
        mov cr0, eax
        mov bx, 8
        mov fs, bx
        and al, 0xfe
        mov cr0, eax
        jmp 0:real
real:   xor bx, bx
        mov fs, bx

        mov si, uart
.uart:  lodsw                           ; register and value
        cmp al, 0xff
        je .set
        mov dx, COM
        add dl, al
        mov al, ah
        out dx, al
        jmp .uart
.set:   mov al, 0xa8                    ; the mouse is there
        call controller
        mov al, 0x60                    ; both interrupts, translation
        call controller
        mov al, 0x47
        call data
        mov al, '!'
        call letter

next:   call get
        mov di, .done
        push di
        mov si, table
.look:  cmp al, [si]
        je .found
        add si, 3
        cmp si, table_end
        jb .look
        mov al, '?'
        jmp send
.found: jmp [si + 1]
.done:  mov al, '.'
        call letter
        jmp next

; ------------------------------------------------------------------ commands

out_:   call get16
        mov dx, ax
        call get
        out dx, al
        ret

in_:    call get16
        mov dx, ax
        in al, dx
        mov [registers], al
        mov esi, registers
        mov cx, 1
        mov al, 'D'
        jmp dump

out32:  call get16
        push ax
        call get32
        pop dx
        out dx, eax
        ret

in32:   call get16
        mov dx, ax
        in eax, dx
        jmp tell32

write32:
        call get32
        mov edi, eax
        call get32
        mov [fs:edi], eax
        ret

read32: call get32
        mov edi, eax
        mov eax, [fs:edi]
tell32: mov [registers], eax
        mov esi, registers
        mov cx, 4
        mov al, 'D'
        jmp dump

int10:  mov di, registers
        mov cx, 14
.get:   call get
        mov [di], al
        inc di
        loop .get
        mov ax, [registers]
        mov bx, [registers + 2]
        mov cx, [registers + 4]
        mov dx, [registers + 6]
        mov bp, [registers + 8]
        mov di, [registers + 10]
        mov es, [registers + 12]
        int 0x10
        mov [registers], ax
        mov [registers + 2], bx
        mov [registers + 4], cx
        mov [registers + 6], dx
        xor ax, ax
        mov es, ax
        mov esi, registers
        mov cx, 8
        mov al, 'R'
        jmp dump

fill:   call get32
        mov edi, eax
        call get32
        mov ecx, eax
        call get32
.next:  imul eax, eax, 1664525
        add eax, 1013904223
        mov edx, eax
        shr edx, 16
        xor edx, eax
        mov [fs:edi], edx
        add edi, 4
        dec ecx
        jnz .next
        ret

memory: call get32
        mov esi, eax
        call get16
        mov cx, ax
        mov al, 'D'
dump:   cli                             ; no event within a line
        call send
.byte:  mov al, [fs:esi]
        inc esi
        call hex
        loop .byte
        mov al, 10
        call send
        sti
        ret

leds:   call get
        push ax
        cli
        mov al, 0xed
        call data
        call acknowledged
        pop ax
        call data
        call acknowledged
        sti
        ret

mouse:  call get
        cli
        push ax
        mov al, 0xd4
        call controller
        pop ax
        call data
        sti
        ret

nothing:
        ret

; ------------------------------------------------------------------ keyboard controller

acknowledged:                           ; keys that come before the answer are told
        in al, 0x64
        test al, 1
        jz acknowledged
        in al, 0x60
        cmp al, 0xfa
        je .yes
        mov ah, 'K'
        call event
        jmp acknowledged
.yes:   ret

controller:
        call ready
        out 0x64, al
        ret
data:   call ready
        out 0x60, al
        ret
ready:  push ax
.wait:  in al, 0x64
        test al, 2
        jnz .wait
        pop ax
        ret

; ------------------------------------------------------------------ interrupts

keyboard_irq:
        push ax
        in al, 0x60
        mov ah, 'K'
        call event
        mov al, 0x20
        out 0x20, al
        pop ax
        iret

mouse_irq:
        push ax
        in al, 0x60
        mov ah, 'M'
        call event
        mov al, 0x20
        out 0xa0, al
        out 0x20, al
        pop ax
        iret

serial_irq:
        push ax
        push bx
        push dx
.more:  mov dx, COM + 5
        in al, dx
        test al, 1
        jz .empty
        mov dl, COM & 0xff
        in al, dx
        mov bx, [head]
        mov [RING + bx], al
        inc bx
        and bx, RING_MASK
        mov [head], bx
        jmp .more
.empty: mov al, 0x20
        out 0x20, al
        pop dx
        pop bx
        pop ax
        iret

; ------------------------------------------------------------------ the line

get:    push bx                         ; a byte into AL
.look:  cli
        mov bx, [tail]
        cmp bx, [head]
        jne .there
        sti
        hlt
        jmp .look
.there: mov al, [RING + bx]
        inc bx
        and bx, RING_MASK
        mov [tail], bx
        sti
        pop bx
        ret

get16:  call get
        mov ah, al
        call get
        xchg al, ah
        ret

get32:  call get16
        push ax
        call get16
        shl eax, 16
        pop ax
        ret

event:  push ax                         ; AH: the letter, AL: the byte
        mov al, ah
        call send
        pop ax
        call hex
        mov al, 10
        jmp send

letter: cli
        call send
        mov al, 10
        call send
        sti
        ret

hex:    push ax
        shr al, 4
        call .digit
        pop ax
        and al, 15
.digit: cmp al, 10
        sbb al, 0x69
        das
send:   push dx
        push ax
        mov dx, COM + 5
.wait:  in al, dx
        test al, 0x20
        jz .wait
        pop ax
        mov dl, COM & 0xff
        out dx, al
        pop dx
        ret

; ------------------------------------------------------------------ data

uart:   db 3, 0x80, 0, 1, 1, 0, 3, 3, 2, 7, 4, 0x0b, 1, 1, 0xff, 0xff
table:  db 'O'
        dw out_
        db 'N'
        dw in_
        db 'Q'
        dw out32
        db 'q'
        dw in32
        db 'W'
        dw write32
        db 'w'
        dw read32
        db 'I'
        dw int10
        db 'F'
        dw fill
        db 'D'
        dw memory
        db 'L'
        dw leds
        db 'M'
        dw mouse
        db 'P'
        dw nothing
table_end:
head:   dw 0
tail:   dw 0
align 8
gdt:    dq 0, 0x008f92000000ffff
gdt_pointer:
        dw 15
        dd gdt
registers:
        times 7 dw 0
times 1536 - ($ - $$) db 0
