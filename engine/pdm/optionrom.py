"""Images of expansion ROMs: read from the host, and made to fit the card that they sit on.

Reference: PCI Local Bus Specification 2.1, 6.3 (expansion ROMs).
"""

from __future__ import annotations

import struct
from typing import Final

from engine.errors import ConfigurationError, FirmwareMissingError

SIGNATURE: Final = b"\x55\xaa"  # 6.3.1.1
SMALLEST, LARGEST = 0x1000, 0x40000
_BLOCK: Final = 512
_LENGTH, _CHECKSUM, _DATA_POINTER = 2, 6, 0x18
_DATA_SIGNATURE: Final = b"PCIR"  # 6.3.1.2
_IDENTITY: Final = 4


def rom_image(kind: str, file_name: str) -> bytes:
    """Return the image of an expansion ROM, padded to the power of two that its BAR decodes.

    Args:
        kind: what it is, for messages: "VGA BIOS".
        file_name: empty for an empty socket.

    Raises:
        FirmwareMissingError: the file cannot be read.
        ConfigurationError: it is not an expansion ROM, or larger than 256 KiB.
    """
    if not file_name:
        return bytes(SMALLEST)
    try:
        with open(file_name, "rb") as file:
            image = file.read(LARGEST + 1)
    except OSError as error:
        raise FirmwareMissingError(
            f"The {kind} {file_name} cannot be read: {error.strerror}."
        ) from error
    if len(image) > LARGEST:
        raise ConfigurationError(f"The {kind} {file_name} is larger than {LARGEST // 1024} KiB.")
    if not image.startswith(SIGNATURE):
        raise ConfigurationError(
            f"The {kind} {file_name} does not start with 55 AA and is no expansion ROM."
        )
    size = 1 << (len(image) - 1).bit_length()
    return image.ljust(max(size, SMALLEST), b"\0")


def with_identity(image: bytes, vendor: int, device: int) -> bytes:
    """Return an image for a card of this identity: firmware runs no ROM of another card.

    One image serves all members of a family. Byte 6, which is the image's own, balances the sum.
    An image without PCI data is returned as it is.
    """
    changed = bytearray(image)
    if len(changed) < _DATA_POINTER + 2:
        return image
    (place,) = struct.unpack_from("<H", changed, _DATA_POINTER)
    length = changed[_LENGTH] * _BLOCK
    if changed[place : place + _IDENTITY] != _DATA_SIGNATURE or not place < length <= len(changed):
        return image
    if struct.unpack_from("<HH", changed, place + _IDENTITY) == (vendor, device):
        return image
    struct.pack_into("<HH", changed, place + _IDENTITY, vendor, device)
    changed[_CHECKSUM] = (changed[_CHECKSUM] - sum(changed[:length])) & 0xFF
    return bytes(changed)
