"""Images made by hand, byte by byte, so that the code under test does not check itself."""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from engine.storage.create import create_medium
from engine.storage.medium import Medium, open_medium

MIB = 1 << 20
FREE = 0xFFFFFFFF
ZERO = 0xFFFFFFFE


@dataclass
class VdiBytes:
    """A VDI image as the format's description has it; every field may be made wrong."""

    entries: list[int]
    blocks: list[bytes] = field(default_factory=list)
    text: bytes = b"<<< Sun VirtualBox Disk Image >>>\n"
    signature: int = 0xBEDA107F
    version: int = 0x00010001
    header_size: int = 0x190
    image_type: int = 1
    map_offset: int = 512
    data_offset: int = 1024
    disk_size: int | None = None
    block_size: int = 4096
    extra: int = 0
    count: int | None = None
    allocated: int | None = None
    image_uuid: uuid.UUID = uuid.UUID("12345678-9abc-def0-1234-56789abcdef0")
    modification_uuid: uuid.UUID = uuid.UUID("0fedcba9-8765-4321-0fed-cba987654321")
    parent_uuid: uuid.UUID = uuid.UUID(int=0)
    parent_modification_uuid: uuid.UUID = uuid.UUID(int=0)

    def header(self) -> bytes:
        count = len(self.entries) if self.count is None else self.count
        size = count * self.block_size if self.disk_size is None else self.disk_size
        stored = sum(entry < ZERO for entry in self.entries)
        fields = [
            (0, self.text.ljust(64, b"\0")),
            (64, struct.pack("<III", self.signature, self.version, self.header_size)),
            (76, struct.pack("<I", self.image_type)),
            (340, struct.pack("<II", self.map_offset, self.data_offset)),
            (360, struct.pack("<I", 512)),
            (368, struct.pack("<QII", size, self.block_size, self.extra)),
            (384, struct.pack("<I", count)),
            (388, struct.pack("<I", stored if self.allocated is None else self.allocated)),
            (392, self.image_uuid.bytes_le + self.modification_uuid.bytes_le),
            (424, self.parent_uuid.bytes_le + self.parent_modification_uuid.bytes_le),
        ]
        head = bytearray(512)
        for offset, value in fields:
            head[offset : offset + len(value)] = value
        return bytes(head)

    def pack(self) -> bytes:
        image = bytearray(self.header().ljust(self.map_offset, b"\0"))
        image += struct.pack(f"<{len(self.entries)}I", *self.entries)
        image = image.ljust(self.data_offset, b"\0")
        for block in self.blocks:
            image += b"\xee" * self.extra + block.ljust(self.block_size, b"\0")
        return bytes(image)

    def save(self, path: Path) -> Path:
        path.write_bytes(self.pack())
        return path


def new_vdi(path: Path, size: int, variant: str = "Standard") -> Medium:
    """Create an image and open it for writing."""
    create_medium(path, format_name="VDI", variant=variant, size=size)
    return open_medium(path)


def map_entries(path: Path) -> list[int]:
    """The stored block map."""
    image = path.read_bytes()
    (offset,) = struct.unpack_from("<I", image, 340)
    (count,) = struct.unpack_from("<I", image, 384)
    return list(struct.unpack_from(f"<{count}I", image, offset))


def allocated_count(path: Path) -> int:
    """The header's count of stored blocks."""
    with path.open("rb") as image:
        image.seek(388)
        return int.from_bytes(image.read(4), "little")


def modification_uuid(path: Path) -> uuid.UUID:
    """The stored modification UUID."""
    with path.open("rb") as image:
        image.seek(408)
        return uuid.UUID(bytes_le=image.read(16))
