"""SMBIOS tables of a machine: what ``dmidecode`` and installers show.

Reference: System Management BIOS Reference Specification (DSP0134) 2.8, chapters 5 (entry point)
and 7 (structures). The firmware places the tables and fills in their address.
"""

from __future__ import annotations

import struct
import uuid as uuid_module
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

KIB, MIB = 1 << 10, 1 << 20
FOUR_GIB: Final = 1 << 32
NOT_PROVIDED: Final = 0xFFFE  # handle: no error information
NO_HANDLE: Final = 0xFFFF
UNKNOWN_WIDTH: Final = 0xFFFF

MEMORY_ARRAY, MEMORY_DEVICE, MEMORY_RANGE, PROCESSOR = 0x1000, 0x1100, 0x1300, 0x0400

# BIOS characteristics (7.1.1): PCI, upgradeable, shadowing, CD boot, selectable boot, EDD; and the
# extension bytes (7.1.2): ACPI; virtual machine.
CHARACTERISTICS: Final = 1 << 7 | 1 << 11 | 1 << 12 | 1 << 15 | 1 << 16 | 1 << 19
EXTENSION: Final = b"\x01\x10"


class SmbiosInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables say; empty texts are left out.

    Attributes:
        uuid: the machine's identity in the usual notation, or empty for none.
        ram_below_4g, ram_above_4g: bytes.
        cpu_signature, cpu_features: EAX and EDX of CPUID leaf 1.
    """

    uuid: str = ""
    ram_below_4g: int
    ram_above_4g: int = 0
    cpu_count: int = 1
    cpu_signature: int = 0
    cpu_features: int = 0
    cpu_vendor: str = ""
    cpu_brand: str = ""
    bios_vendor: str = "Vitrine"
    bios_version: str = "Vitrine PC BIOS"
    bios_date: str = "01/01/2026"
    system_vendor: str = "Vitrine"
    system_product: str = "Vitrine PC"
    system_version: str = "1.0"
    system_serial: str = "0"
    system_sku: str = ""
    system_family: str = "Virtual Machine"
    chassis_vendor: str = "Vitrine"


class SmbiosFiles(msgspec.Struct, frozen=True):
    """The entry point (31 bytes, address 0) and the structures."""

    anchor: bytes
    tables: bytes


class _Strings:
    """The text section behind a structure; each text gets a number from 1."""

    def __init__(self) -> None:
        self._texts: list[str] = []

    def add(self, text: str) -> int:
        """Return the number of a text, 0 for an empty one."""
        if not text:
            return 0
        if text not in self._texts:
            self._texts.append(text)
        return self._texts.index(text) + 1

    def encode(self) -> bytes:
        """Return the section with its terminating zeros (6.1.3)."""
        if not self._texts:
            return b"\0\0"
        return b"".join(t.encode("ascii", "replace") + b"\0" for t in self._texts) + b"\0"


def _structure(kind: int, handle: int, body: bytes, strings: _Strings | None = None) -> bytes:
    header = struct.pack("<BBH", kind, 4 + len(body), handle)
    return header + body + (strings or _Strings()).encode()


def _bios(info: SmbiosInfo) -> bytes:
    texts = _Strings()
    body = struct.pack(
        "<BBHBBQ2s4B",
        texts.add(info.bios_vendor),
        texts.add(info.bios_version),
        0xE000,  # segment of the ROM
        texts.add(info.bios_date),
        1,  # 128 KiB
        CHARACTERISTICS,
        EXTENSION,
        1,
        0,
        0xFF,  # no embedded controller
        0xFF,
    )
    return _structure(0, 0x0000, body, texts)


def _system(info: SmbiosInfo) -> bytes:
    texts = _Strings()
    identity = uuid_module.UUID(info.uuid).bytes_le if info.uuid else bytes(16)
    body = struct.pack(
        "<4B16s3B",
        texts.add(info.system_vendor),
        texts.add(info.system_product),
        texts.add(info.system_version),
        texts.add(info.system_serial),
        identity,
        6,  # woken by the power switch
        texts.add(info.system_sku),
        texts.add(info.system_family),
    )
    return _structure(1, 0x0100, body, texts)


def _chassis(info: SmbiosInfo) -> bytes:
    texts = _Strings()
    body = struct.pack(
        "<9BI5B",
        texts.add(info.chassis_vendor),
        1,  # other
        texts.add(info.system_version),
        0,
        0,
        3,  # boot-up, power supply and thermal state: safe
        3,
        3,
        2,  # security status unknown
        0,
        0,
        0,
        0,
        0,
        0,
    )
    return _structure(3, 0x0300, body, texts)


def _processor(info: SmbiosInfo) -> bytes:
    texts = _Strings()
    body = struct.pack(
        "<4BIIBBHHHBBHHH6BHH",
        texts.add("CPU 0"),
        3,  # central processor
        0x01,  # family: other
        texts.add(info.cpu_vendor),
        info.cpu_signature,
        info.cpu_features,
        texts.add(info.cpu_brand),
        0,
        0,
        0,  # clock, maximum and current speed unknown
        0,
        0x41,  # socket populated, enabled
        1,
        NO_HANDLE,
        NO_HANDLE,
        NO_HANDLE,
        0,
        0,
        0,
        info.cpu_count,
        info.cpu_count,
        info.cpu_count,
        0x0002,  # characteristics unknown
        0x0001,
    )
    return _structure(4, PROCESSOR, body, texts)


def _memory(info: SmbiosInfo) -> Iterable[bytes]:
    total = info.ram_below_4g + info.ram_above_4g
    yield _structure(
        16,
        MEMORY_ARRAY,
        # On the board, system memory, no error correction, one device.
        struct.pack("<BBBIHHQ", 3, 3, 3, min(total // KIB, 0x8000_0000), NOT_PROVIDED, 1, 0),
    )
    texts = _Strings()
    megabytes = total // MIB
    body = struct.pack(
        "<HHHHHBBBBBHH5BIHHHH",
        MEMORY_ARRAY,
        NOT_PROVIDED,
        UNKNOWN_WIDTH,
        UNKNOWN_WIDTH,
        min(megabytes, 0x7FFF),
        9,  # DIMM
        0,
        texts.add("DIMM 0"),
        0,
        7,  # RAM
        0x0002,
        0,
        0,
        0,
        0,
        0,
        0,
        megabytes if megabytes >= 0x7FFF else 0,
        0,
        0,
        0,
        0,
    )
    yield _structure(17, MEMORY_DEVICE, body, texts)
    ranges = [(0, info.ram_below_4g)]
    if info.ram_above_4g:
        ranges.append((FOUR_GIB, FOUR_GIB + info.ram_above_4g))
    for n, (start, end) in enumerate(ranges):
        body = struct.pack(
            "<IIHBQQ", start // KIB, end // KIB - 1, MEMORY_ARRAY, 1, 0, 0
        )  # fmt: skip
        yield _structure(19, MEMORY_RANGE + n, body)


def build_smbios(info: SmbiosInfo) -> SmbiosFiles:
    """Return entry point and structures of types 0, 1, 3, 4, 16, 17, 19, 32 and 127.

    Raises:
        ValueError: ``info.uuid`` is not a UUID.
    """
    structures = [
        _bios(info),
        _system(info),
        _chassis(info),
        _processor(info),
        *_memory(info),
        _structure(32, 0x2000, bytes(7)),  # no errors at boot
        _structure(127, 0x7F00, b""),
    ]
    tables = b"".join(structures)
    intermediate = struct.pack("<5sBHIHB", b"_DMI_", 0, len(tables), 0, len(structures), 0x28)
    intermediate = _with_checksum(intermediate, 5)
    anchor = struct.pack(
        "<4sBBBBHB5s", b"_SM_", 0, 31, 2, 8, max(map(len, structures)), 0, bytes(5)
    )
    return SmbiosFiles(anchor=_with_checksum(anchor + intermediate, 4), tables=tables)


def _with_checksum(data: bytes, offset: int) -> bytes:
    return data[:offset] + bytes([-sum(data) & 0xFF]) + data[offset + 1 :]
