"""Finding and checking firmware images."""

from __future__ import annotations

import pytest

from engine import firmware
from engine.errors import FirmwareMissingError
from engine.firmware import find_firmware


def pc_bios(size=128 * 1024):
    image = bytearray(size)
    image[-16] = 0xEA
    return bytes(image)


def vga_bios(blocks=4):
    image = bytearray(blocks * 512)
    image[:3] = bytes([0x55, 0xAA, blocks])
    image[-1] = -sum(image) & 0xFF
    return bytes(image)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(firmware, "firmware_folders", lambda: [tmp_path])
    return tmp_path


def test_found_in_a_folder_of_the_host(folder):
    (folder / "bios.bin").write_bytes(pc_bios())
    (folder / "vgabios-stdvga.bin").write_bytes(vga_bios())
    images = find_firmware()
    assert images.bios == pc_bios()
    assert images.vga_path == folder / "vgabios-stdvga.bin"


def test_the_larger_build_is_preferred(folder):
    (folder / "bios.bin").write_bytes(pc_bios())
    (folder / "bios-256k.bin").write_bytes(pc_bios(256 * 1024))
    (folder / "vgabios-stdvga.bin").write_bytes(vga_bios())
    assert len(find_firmware().bios) == 256 * 1024


def test_a_damaged_one_is_passed_over(folder):
    (folder / "bios-256k.bin").write_bytes(b"short")
    (folder / "bios.bin").write_bytes(pc_bios())
    (folder / "vgabios-stdvga.bin").write_bytes(vga_bios())
    assert find_firmware().bios_path.name == "bios.bin"


def test_explicit_files_win(folder, tmp_path):
    mine, theirs = tmp_path / "mine.bin", tmp_path / "vga.bin"
    mine.write_bytes(pc_bios(64 * 1024))
    theirs.write_bytes(vga_bios())
    images = find_firmware(str(mine), str(theirs))
    assert images.bios_path == mine
    assert images.vga_path == theirs


@pytest.mark.parametrize(
    ("platform", "words"),
    [("darwin", "brew install qemu"), ("win32", "qemu.org"), ("linux", "install")],
)
def test_missing_says_what_to_install(folder, monkeypatch, platform, words):
    monkeypatch.setattr(firmware.sys, "platform", platform)
    with pytest.raises(FirmwareMissingError, match=words) as error:
        find_firmware()
    assert "PC BIOS" in str(error.value)


@pytest.mark.parametrize(
    ("release", "words"),
    [
        ({"ID": "debian"}, "apt install seabios"),
        ({"ID": "mint", "ID_LIKE": "ubuntu debian"}, "apt install seabios"),
        ({"ID": "opensuse-leap", "ID_LIKE": "suse opensuse"}, "qemu-vgabios"),
        ({"ID": "something"}, "SeaBIOS"),
    ],
)
def test_each_distribution_has_its_packages(monkeypatch, release, words):
    monkeypatch.setattr(firmware.sys, "platform", "linux")
    monkeypatch.setattr(firmware.platform, "freedesktop_os_release", lambda: release)
    assert words in firmware.what_to_install()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (bytes(100_000), "100,000 bytes"),
        (bytes(128 * 1024), "reset vector"),
        (bytes(2 << 20), "multiple of 64 KiB"),
    ],
)
def test_wrong_bios(tmp_path, content, words):
    path = tmp_path / "wrong.bin"
    path.write_bytes(content)
    with pytest.raises(FirmwareMissingError, match=words) as error:
        find_firmware(str(path))
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "signature"),
        (b"MZ" + bytes(1000), "signature"),
        (vga_bios(4)[:1024], "2,048"),
        (vga_bios()[:-1] + b"\x7f", "checksum"),
        (bytes(80_000), "80,000"),
    ],
)
def test_wrong_vga_bios(content, words):
    assert words in firmware.check_vga_bios(content)


def test_no_such_file(tmp_path):
    with pytest.raises(FirmwareMissingError, match=r"nowhere\.bin.*could not be read"):
        find_firmware(str(tmp_path / "nowhere.bin"))


def test_windows_folders_come_from_the_environment(monkeypatch):
    monkeypatch.setattr(firmware.sys, "platform", "win32")
    monkeypatch.setattr(firmware.shutil, "which", lambda name: None)
    monkeypatch.setenv("ProgramFiles", "/programs")
    monkeypatch.delenv("ProgramW6432", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert [str(p) for p in firmware.firmware_folders()] == ["/programs/qemu/share", "/programs/qemu"]


def test_the_installed_program_tells_its_share_folder(monkeypatch, tmp_path):
    program = tmp_path / "bin" / "qemu-system-x86_64"
    monkeypatch.setattr(firmware.shutil, "which", lambda name: str(program))
    assert tmp_path / "share" / "qemu" in firmware.firmware_folders()


def test_a_boot_rom_for_each_kind_of_adapter(folder):
    assert firmware.find_boot_rom("pcnet") is None
    (folder / "pxe-pcnet.rom").write_bytes(b"no ROM")
    (folder / "10222000.rom").write_bytes(vga_bios(150))
    assert firmware.find_boot_rom("pcnet") == folder / "10222000.rom"
    (folder / "pxe-pcnet.rom").write_bytes(vga_bios(148))
    assert firmware.find_boot_rom("pcnet") == folder / "pxe-pcnet.rom"
    assert firmware.find_boot_rom("e1000") is None
    assert firmware.find_boot_rom("serial") is None


@pytest.mark.parametrize(
    ("platform", "release", "words"),
    [
        ("linux", {"ID": "debian"}, "apt install ipxe-qemu"),
        ("linux", {"ID": "something"}, "iPXE"),
        ("darwin", {}, "brew install qemu"),
    ],
)
def test_what_brings_boot_roms(monkeypatch, platform, release, words):
    monkeypatch.setattr(firmware.sys, "platform", platform)
    monkeypatch.setattr(firmware.platform, "freedesktop_os_release", lambda: release)
    assert words in firmware.what_brings_boot_roms()
