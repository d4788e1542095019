"""The VGA BIOS in the expansion ROM."""

from __future__ import annotations

from engine.errors import ConfigurationError, FirmwareMissingError

SIGNATURE = b"\x55\xaa"  # PCI 2.1 section 6.3.1.1
SMALLEST, LARGEST = 0x1000, 0x40000


def rom_image(file_name: str) -> bytes:
    """Return the image of an expansion ROM, padded to the power of two that its BAR decodes.

    Args:
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
            f"The VGA BIOS {file_name} cannot be read: {error.strerror}."
        ) from error
    if len(image) > LARGEST:
        raise ConfigurationError(f"The VGA BIOS {file_name} is larger than {LARGEST // 1024} KiB.")
    if not image.startswith(SIGNATURE):
        raise ConfigurationError(
            f"The VGA BIOS {file_name} does not start with 55 AA and is no expansion ROM."
        )
    size = 1 << (len(image) - 1).bit_length()
    return image.ljust(max(size, SMALLEST), b"\0")
