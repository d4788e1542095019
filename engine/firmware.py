"""Finds the PC BIOS and the VGA BIOS among what the host has installed.

The images are SeaBIOS and its VGA BIOS as distributions and QEMU install them; a file named in the
settings wins. Images are checked before use, so that a wrong file gives a sentence and not a guest
that hangs. References: BIOS Boot Specification 1.01, 3.2 (option ROM header); IBM PC AT Technical
Reference (reset vector at FFFF0h).
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import FirmwareMissingError

BIOS_NAMES: Final = ("bios-256k.bin", "bios.bin")
VGA_NAMES: Final = ("vgabios-stdvga.bin",)

KIB: Final = 1024
BIOS_GRANULE, BIOS_LIMIT = 64 * KIB, 1024 * KIB
ROM_BLOCK, VGA_LIMIT = 512, 64 * KIB
RESET_VECTOR: Final = -16
JMP_FAR: Final = 0xEA
ROM_SIGNATURE: Final = b"\x55\xaa"
ROM_LENGTH: Final = 2  # offset of the length in blocks

_LINUX: Final = (
    "/usr/share/seabios",
    "/usr/share/seavgabios",
    "/usr/share/qemu",
    "/usr/share/qemu-kvm",
    "/usr/local/share/qemu",
    "/app/share/qemu",
)
_MACOS: Final = ("/opt/homebrew/share/qemu", "/usr/local/share/qemu", "/opt/local/share/qemu")
_WINDOWS: Final = ("qemu/share", "qemu")  # below the folders for programs

# What to install, by the ID of /etc/os-release.
_PACKAGES: Final = {
    "debian": "the package seabios (apt install seabios)",
    "ubuntu": "the package seabios (apt install seabios)",
    "fedora": "the packages seabios-bin and seavgabios-bin (dnf install seabios-bin "
    "seavgabios-bin)",
    "rhel": "the packages seabios-bin and seavgabios-bin (dnf install seabios-bin seavgabios-bin)",
    "arch": "the package seabios (pacman -S seabios)",
    "suse": "the packages qemu-seabios and qemu-vgabios (zypper install qemu-seabios "
    "qemu-vgabios)",
    "alpine": "the package seabios (apk add seabios)",
}


@dataclass(frozen=True)
class FirmwareImages:
    """What was found.

    Attributes:
        bios: the system BIOS, whose last byte is at FFFFFFFFh.
        vga: the option ROM of the VGA adapter.
    """

    bios: bytes
    bios_path: Path
    vga: bytes
    vga_path: Path


def find_firmware(bios: str | None = None, vga: str | None = None) -> FirmwareImages:
    """Return usable images.

    Args:
        bios: explicit file from the settings; None or empty to search the host.
        vga: likewise for the VGA BIOS.

    Raises:
        FirmwareMissingError: nothing was found, with what to install on this system; or the
            explicit file is missing, unreadable or no such image, with its path.
    """
    bios_path, bios_image = _find("PC BIOS", bios, BIOS_NAMES, check_bios)
    vga_path, vga_image = _find("VGA BIOS", vga, VGA_NAMES, check_vga_bios)
    return FirmwareImages(bios_image, bios_path, vga_image, vga_path)


def check_bios(image: bytes) -> str:
    """Return why an image cannot be the system BIOS, or an empty text."""
    if not image or len(image) % BIOS_GRANULE or len(image) > BIOS_LIMIT:
        return (
            f"it has {len(image):,} bytes, and a PC BIOS has a multiple of 64 KiB "
            f"up to {BIOS_LIMIT // KIB} KiB"
        )
    if image[RESET_VECTOR] != JMP_FAR:
        return "there is no jump at the reset vector, 16 bytes before its end"
    return ""


def check_vga_bios(image: bytes) -> str:
    """Return why an image cannot be the VGA BIOS, or an empty text."""
    if len(image) > VGA_LIMIT:
        return f"it has {len(image):,} bytes, and a VGA BIOS has at most {VGA_LIMIT:,}"
    if not image.startswith(ROM_SIGNATURE) or len(image) <= ROM_LENGTH:
        return "it does not begin with the signature 55h AAh of an option ROM"
    length = image[ROM_LENGTH] * ROM_BLOCK
    if not length or length > len(image):
        return f"it has {len(image):,} bytes, and its header asks for {length:,}"
    if sum(image[:length]) & 0xFF:
        return "its checksum is wrong"
    return ""


def _find(
    kind: str, explicit: str | None, names: Iterable[str], check: Callable[[bytes], str]
) -> tuple[Path, bytes]:
    if explicit:
        path = Path(explicit)
        image, problem = _load(path, check)
        if problem:
            raise FirmwareMissingError(f"The file '{path}' cannot be used as {kind}: {problem}.")
        return path, image
    rejected = []
    for name in names:
        for folder in firmware_folders():
            path = folder / name
            if not path.is_file():
                continue
            image, problem = _load(path, check)
            if not problem:
                return path, image
            rejected.append(f" '{path}' cannot be used: {problem}.")
    raise FirmwareMissingError(
        f"No {kind} was found on this system.{''.join(rejected)} "
        f"Please install {what_to_install()}, or name a file in the settings."
    )


def _load(path: Path, check: Callable[[bytes], str]) -> tuple[bytes, str]:
    try:
        with path.open("rb") as file:
            # One byte more than any image may have, so that a disk image by mistake costs little.
            image = file.read(BIOS_LIMIT + 1)
    except OSError as error:
        return b"", f"it could not be read ({error.strerror or error})"
    return image, check(image)


def firmware_folders() -> Iterator[Path]:
    """Yield the folders in which this system may keep firmware images, best first."""
    if sys.platform == "darwin":
        yield from map(Path, _MACOS)
    elif sys.platform == "win32":
        programs = [os.environ.get(n) for n in ("ProgramW6432", "ProgramFiles", "LOCALAPPDATA")]
        for base in dict.fromkeys(p for p in programs if p):
            yield from (Path(base) / folder for folder in _WINDOWS)
    else:
        yield from map(Path, _LINUX)
    program = shutil.which("qemu-system-x86_64") or shutil.which("qemu-system-i386")
    if program:
        folder = Path(program).resolve().parent
        yield from (folder / "share", folder.parent / "share" / "qemu")


def what_to_install() -> str:
    """Return what brings the images on this system, to follow "Please install"."""
    if sys.platform == "darwin":
        return "QEMU (brew install qemu)"
    if sys.platform == "win32":
        return "QEMU for Windows (https://www.qemu.org/download/#windows)"
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    for name in (release.get("ID", ""), *release.get("ID_LIKE", "").split()):
        packages = _PACKAGES.get(name)
        if packages:
            return packages
    return "SeaBIOS with its VGA BIOS, or QEMU"
