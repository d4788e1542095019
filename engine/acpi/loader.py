"""Linker script of the firmware configuration device: how the firmware places tables.

Reference: the QEMU ACPI table loader (``etc/table-loader``): commands of 128 bytes, little-endian.
The firmware loads files into memory, adds their addresses to pointers and fixes checksums.
"""

from __future__ import annotations

import struct
from enum import IntEnum

ALLOCATE, ADD_POINTER, ADD_CHECKSUM = 1, 2, 3
COMMAND_SIZE = 128
FILE_NAME_SIZE = 56


class Zone(IntEnum):
    """Where the firmware puts a file."""

    HIGH = 1  # anywhere below 4 GiB
    FSEG = 2  # F0000h-FFFFFh, where operating systems look for anchors


class LinkerScript:
    """Collects commands; ``encode`` gives the file."""

    def __init__(self) -> None:
        self._commands: list[bytes] = []

    def allocate(self, file: str, alignment: int, zone: Zone) -> None:
        """Load a file at an aligned address (a power of two)."""
        self._add(
            struct.pack(f"<I{FILE_NAME_SIZE}sIB", ALLOCATE, file.encode(), alignment, zone)
        )

    def add_pointer(self, file: str, offset: int, size: int, target: str) -> None:
        """Add the address of file ``target`` to the ``size`` bytes at ``offset`` of ``file``."""
        names = (file.encode(), target.encode())
        self._add(
            struct.pack(
                f"<I{FILE_NAME_SIZE}s{FILE_NAME_SIZE}sIB", ADD_POINTER, *names, offset, size
            )
        )

    def add_checksum(self, file: str, offset: int, start: int, length: int) -> None:
        """Make ``length`` bytes from ``start`` add up to 0 by the byte at ``offset``."""
        self._add(
            struct.pack(
                f"<I{FILE_NAME_SIZE}sIII", ADD_CHECKSUM, file.encode(), offset, start, length
            )
        )

    def _add(self, command: bytes) -> None:
        self._commands.append(command.ljust(COMMAND_SIZE, b"\0"))

    def encode(self) -> bytes:
        """Return the file."""
        return b"".join(self._commands)
