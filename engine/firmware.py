"""Finds PC BIOS, VGA BIOS and network boot ROMs among what the host has installed.

The images are SeaBIOS and its VGA BIOS as distributions and QEMU install them, and iPXE; a BIOS
file named in the settings wins. Images are checked before use, so that a wrong file gives a
sentence and not a guest that hangs. References: BIOS Boot Specification 1.01, 3.2 (option ROM
header); IBM PC AT Technical Reference (reset vector at FFFF0h).
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
# By the engine's devices: as QEMU names them, and by PCI identity as Fedora does.
BOOT_ROM_NAMES: Final = {
    "e1000": ("pxe-e1000.rom", "8086100e.rom"),
    "pcnet": ("pxe-pcnet.rom", "10222000.rom"),
    "virtio-net": ("pxe-virtio.rom", "1af41000.rom"),
}

KIB: Final = 1024
BIOS_GRANULE, BIOS_LIMIT = 64 * KIB, 1024 * KIB
ROM_BLOCK, VGA_LIMIT, BOOT_ROM_LIMIT = 512, 64 * KIB, 256 * KIB
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
    "/usr/lib/ipxe/qemu",
    "/usr/share/ipxe/qemu",
    "/usr/share/ipxe",
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
_BOOT_ROM_PACKAGES: Final = {
    "debian": "the package ipxe-qemu (apt install ipxe-qemu)",
    "ubuntu": "the package ipxe-qemu (apt install ipxe-qemu)",
    "fedora": "the package ipxe-roms-qemu (dnf install ipxe-roms-qemu)",
    "rhel": "the package ipxe-roms-qemu (dnf install ipxe-roms-qemu)",
    "suse": "the package qemu-ipxe (zypper install qemu-ipxe)",
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
    return _check_option_rom(image, "VGA BIOS", VGA_LIMIT)


def check_boot_rom(image: bytes) -> str:
    """Return why an image cannot be a network boot ROM, or an empty text."""
    return _check_option_rom(image, "network boot ROM", BOOT_ROM_LIMIT)


def find_boot_rom(device: str) -> Path | None:
    """Return the file from which network adapters of a device boot, None if there is none."""
    for name in BOOT_ROM_NAMES.get(device, ()):
        for folder in firmware_folders():
            path = folder / name
            if path.is_file() and not _load(path, check_boot_rom)[1]:
                return path
    return None


def _check_option_rom(image: bytes, kind: str, limit: int) -> str:
    if len(image) > limit:
        return f"it has {len(image):,} bytes, and a {kind} has at most {limit:,}"
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
    return _package(_PACKAGES) or "SeaBIOS with its VGA BIOS, or QEMU"


def what_brings_boot_roms() -> str:
    """Return what brings network boot ROMs on this system, to follow "Please install"."""
    if sys.platform in ("darwin", "win32"):
        return what_to_install()  # QEMU has them
    return _package(_BOOT_ROM_PACKAGES) or "iPXE's ROMs for QEMU"


def _package(packages: dict[str, str]) -> str:
    """Return what a table has for this distribution, or an empty text."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ""
    names = (release.get("ID", ""), *release.get("ID_LIKE", "").split())
    return next((packages[name] for name in names if name in packages), "")
