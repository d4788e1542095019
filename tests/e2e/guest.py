"""A guest of our own on a CD: greets, echoes keys, and at Enter writes 16 MiB to its hard disk."""

from __future__ import annotations

import struct
from pathlib import Path

GREETING = "Vitrine test guest is ready"
WRITTEN = "16 MiB written"
FAILED = "The disk failed"

_LOAD = 0x7C00
_SECTOR = 2048

_CODE = bytes.fromhex(
    "ea057c0000"          # jmp 0:begin
    "31c08ed88ec08ed0"    # begin: xor ax, ax / mov ds, ax / mov es, ax / mov ss, ax
    "bc007c"              # mov sp, 7C00h
    "be6f7ce83a00"        # mov si, greeting / call print
    "30e4cd16"            # next_key: xor ah, ah / int 16h
    "3c0d7409"            # cmp al, 13 / je fill
    "b40ebb0700cd10"      # mov ah, 0Eh / mov bx, 7 / int 10h
    "ebef"                # jmp next_key
    "be5f7c"              # fill: mov si, packet
    "b443b000b280cd13"    # mov ah, 43h / mov al, 0 / mov dl, 80h / int 13h
    "bea47c7214"          # mov si, failed / jc told
    "668306677c40"        # add dword [packet + 8], 64
    "66813e677c00800000"  # cmp dword [packet + 8], 32768
    "72df"                # jb fill
    "be907c"              # mov si, written
    "e80200ebc6"          # told: call print / jmp next_key
    "ac84c07409"          # print: lodsb / test al, al / jz done
    "b40ebb0700cd10"      # mov ah, 0Eh / mov bx, 7 / int 10h
    "ebf2"                # jmp print
    "c3"                  # done: ret
    "10004000007c00000000000000000000"  # packet: 64 sectors from 0000:7C00 to LBA 0
)  # fmt: skip


def _program() -> bytes:
    texts = (GREETING, WRITTEN, FAILED)
    return _CODE + b"".join(f"\r\n{text}\r\n>\0".encode() for text in texts)


def write_guest(path: Path) -> Path:
    """Write the CD: ISO 9660 with an El Torito boot record (no emulation)."""
    primary = b"\x01CD001\x01\0" + b" " * 32 + b"VITRINE_TEST".ljust(32)
    record = b"\0CD001\x01EL TORITO SPECIFICATION".ljust(0x47, b"\0") + struct.pack("<I", 19)
    validation = struct.pack("<BBH24sH2s", 1, 0, 0, b"Vitrine", 0, b"\x55\xaa")
    checksum = -sum(struct.unpack("<16H", validation)) & 0xFFFF
    validation = validation[:28] + struct.pack("<H", checksum) + validation[30:]
    entry = struct.pack("<BBHBBHI", 0x88, 0, _LOAD >> 4, 0, 0, 4, 20)
    sectors = {
        16: primary,
        17: record,
        18: b"\xffCD001\x01",
        19: validation + entry,
        20: _program(),
    }
    image = bytearray(64 * _SECTOR)
    for number, content in sectors.items():
        image[number * _SECTOR : number * _SECTOR + len(content)] = content
    path.write_bytes(image)
    return path
