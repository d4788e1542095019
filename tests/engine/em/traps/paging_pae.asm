; PAE paging, followed by faults.asm.
  mov edi, 0x100000
  xor eax, eax
  mov ecx, 0x3000 / 4
  rep stosd
  mov dword [0x100000], 0x101001
  mov dword [0x101000], 0x102007
  mov dword [0x101008], 0x103007
  mov edi, 0x102000
  mov eax, 7
  mov ecx, 1024
.page: stosd
  mov dword [edi], 0
  add edi, 4
  add eax, 0x1000
  loop .page
  mov dword [0x103000 + 8*0], 0
  mov dword [0x103000 + 8*1], 0x201005
  mov dword [0x103000 + 8*2], 0x202003
  mov dword [0x101010], 0x00000087     ; 2 MiB page at 400000h
  mov dword [0x101018], 0x00000087     ; 2 MiB page at 600000h, no execute
  mov dword [0x10101C], 0x80000000 * NX
  mov dword [0x101020], 0x00000087     ; 2 MiB page at 800000h, reserved bit
  mov dword [0x101024], 0x00004000
  mov eax, 0x20
  mov cr4, eax
  mov eax, 0x100000
  mov cr3, eax
%if NX
  mov ecx, 0xC0000080
  rdmsr
  or eax, 0x800
  wrmsr
%endif
