; CASE and ENDCASE: the mark is what set_resume looks for.
%macro CASE 1
  call puts
  db %1, 0
  call set_resume
%endmacro
%macro ENDCASE 0
  call no_trap
  dd 0x0BADCA5E
%endmacro
