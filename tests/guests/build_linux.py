#!/usr/bin/env python3
"""Builds the test suite's own Linux guest from Debian's kernel and BusyBox packages.

Called as ``build_linux.py FOLDER FILE``: makes ``FOLDER/FILE``, an ISO image that boots with
ISOLINUX into ``init`` (next to this script) on COM1, with the drivers that the tests need. Package
lists and downloads are kept in a temporary folder; nothing of the system is changed.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

INIT = Path(__file__).with_name("init")
ISOLINUX = Path("/usr/lib/ISOLINUX/isolinux.bin")
LDLINUX = Path("/usr/lib/syslinux/modules/bios/ldlinux.c32")
KERNEL_PACKAGE = "linux-image-amd64"

# Checksums that the others ask for by name at run time, then what the tests use.
MODULES = (
    *("crc32c_generic", "crct10dif_generic", "crc64_rocksoft_generic"),
    *("ata_piix", "ahci", "sd_mod", "sr_mod", "isofs", "ext4", "evdev", "button"),
)
# Loaded by the tests that have something for them to find.
EXTRA_MODULES = (
    *("floppy", "psmouse", "e1000", "pcnet32"),
    *("virtio_pci", "virtio_net", "virtio_scsi", "virtio_blk", "virtio_rng", "virtio_balloon"),
    *("ohci_pci", "ehci_pci", "xhci_pci", "usb_storage"),
    *("nvme", "mptspi", "mptsas", "parport_pc", "lp"),
    *("snd_intel8x0", "snd_hda_codec_idt", "snd_hda_intel", "snd_usb_audio", "snd_pcm_oss"),
)
COMMAND_LINE = "console=tty0 console=ttyS0,115200n8 vga=normal nomodeset quiet"
CONFIGURATION = f"""default vm
prompt 0
label vm
 kernel linux
 append initrd=initrd.gz {COMMAND_LINE}
"""
POWER_BUTTON = "#!/bin/sh\necho POWER-BUTTON >/dev/console\nsync\npoweroff -f\n"
FOLDERS = ("bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "extra", "mnt", "modules", "proc", "sys", "tmp")
DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")


class BuildError(Exception):
    """The guest cannot be built here; the text says why."""


def run(*command: str, folder: Path | None = None) -> str:
    """Run a program and return what it has printed.

    Raises:
        BuildError: it is not there, or fails.
    """
    try:
        done = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, errors="replace"
        )
    except FileNotFoundError as error:
        raise BuildError(f"{command[0]} is needed and not installed") from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["no message"]
        raise BuildError(f"{' '.join(command[:3])}: {lines[-1]}") from error
    return done.stdout


class Packages:
    """Debian's packages, with lists and cache of our own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        lists, cache = folder / "lists", folder / "cache"
        (lists / "partial").mkdir(parents=True)
        (cache / "archives" / "partial").mkdir(parents=True)
        self._options = (
            *("-qq", "-oAPT::Architecture=amd64", "-oAPT::Architectures=amd64"),
            *(f"-oDir::State::Lists={lists}", f"-oDir::Cache={cache}", "-oAPT::Sandbox::User=root"),
        )
        run("apt-get", *self._options, "update")

    def kernel(self) -> str:
        """Return the name of the package that holds the kernel now."""
        listing = run("apt-cache", *self._options, "depends", KERNEL_PACKAGE)
        found = re.search(r"Depends: (linux-image-\d\S*)", listing)
        if not found:
            raise BuildError(f"{KERNEL_PACKAGE} names no kernel")
        return found.group(1)

    def unpack(self, name: str) -> Path:
        """Download a package; return the folder with its files."""
        downloads, root = self._folder / f"{name}.download", self._folder / name
        downloads.mkdir()
        run("apt-get", *self._options, "download", name, folder=downloads)
        (package,) = downloads.glob("*.deb")
        run("dpkg", "-x", str(package), str(root))
        return root


def module_name(file: Path) -> str:
    return file.name.removesuffix(".ko").replace("-", "_")


def load_order(root: Path, wanted: Iterable[str]) -> list[Path]:
    """Return the module files to load, each after those that it needs.

    Raises:
        BuildError: the kernel has no such module.
    """
    files = {module_name(file): file for file in root.rglob("*.ko")}
    order: list[Path] = []

    def add(name: str) -> None:
        if name not in files:
            raise BuildError(f"the kernel has no module {name}")
        file = files[name]
        if file in order:
            return
        found = DEPENDS.search(file.read_bytes())
        for needed in found.group(1).decode().split(",") if found else ():
            if needed:
                add(needed.replace("-", "_"))
        order.append(file)

    for name in wanted:
        add(name)
    return order


def cpio(entries: Iterable[tuple[str, int, bytes]]) -> Iterator[bytes]:
    """Yield an archive in the "newc" format, which the kernel unpacks as its first file system.

    Args:
        entries: path, mode (file type and permissions) and content of each file.
    """
    for number, (name, mode, content) in enumerate((*entries, ("TRAILER!!!", 0, b"")), start=1):
        path = name.encode() + b"\0"
        # ino, mode, uid, gid, nlink, mtime, filesize, dev (2), rdev (2), namesize, check
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        for part in (header + path, content):
            yield part + bytes(-len(part) % 4)


def initial_file_system(
    busybox: Path, modules: list[Path], extra: list[Path]
) -> Iterator[tuple[str, int, bytes]]:
    """Yield the entries of the first file system: modules to load at once, and others."""
    for folder in FOLDERS:
        yield folder, 0o040755, b""
    yield "bin/busybox", 0o100755, busybox.read_bytes()
    yield "init", 0o100755, INIT.read_bytes()
    yield "etc/acpi/PWRF/00000080", 0o100755, POWER_BUTTON.encode()
    for number, module in enumerate(modules):
        yield f"modules/{number:02}-{module.name}", 0o100644, module.read_bytes()
    for module in extra:
        yield f"extra/{module.name}", 0o100644, module.read_bytes()


def build(image: Path, work: Path) -> None:
    """Build the image, using a temporary folder."""
    for needed in (ISOLINUX, LDLINUX):
        if not needed.is_file():
            raise BuildError(f"{needed} is needed (Debian: isolinux, syslinux-common)")
    packages = Packages(work)
    kernel = packages.unpack(packages.kernel())
    busybox = packages.unpack("busybox-static") / "bin" / "busybox"
    drivers = kernel / "lib" / "modules"
    modules, extra = load_order(drivers, MODULES), load_order(drivers, EXTRA_MODULES)
    tree = work / "iso"
    boot = tree / "isolinux"
    boot.mkdir(parents=True)
    archive = b"".join(cpio(initial_file_system(busybox, modules, extra)))
    (boot / "initrd.gz").write_bytes(gzip.compress(archive, 6))
    (vmlinuz,) = (kernel / "boot").glob("vmlinuz-*")
    shutil.copy(vmlinuz, boot / "linux")
    for file in (ISOLINUX, LDLINUX):
        shutil.copy(file, boot)
    (boot / "isolinux.cfg").write_text(CONFIGURATION, encoding="ascii")
    run(
        *("xorriso", "-as", "mkisofs", "-quiet", "-o", str(image)),
        *("-b", "isolinux/isolinux.bin", "-c", "isolinux/boot.cat", "-no-emul-boot"),
        *("-boot-load-size", "4", "-boot-info-table", str(tree)),
    )


def main(folder: str, name: str) -> int:
    """Build ``folder/name``; return the exit code."""
    try:
        with tempfile.TemporaryDirectory() as work:
            build(Path(folder).resolve() / name, Path(work))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
