; 32-bit paging, followed by faults.asm.
  mov edi, 0x100000
  mov eax, 0x101007
  stosd
  mov edi, 0x101000
  mov eax, 7
  mov ecx, 1024
.page: stosd
  add eax, 0x1000
  loop .page
  mov dword [0x101000 + 4*0x200], 0
  mov dword [0x101000 + 4*0x201], 0x201005
  mov dword [0x101000 + 4*0x202], 0x202003
  mov dword [0x100004], 0x00000087     ; 4 MiB page at 400000h
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x100000
  mov cr3, eax
