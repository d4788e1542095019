"""Expansion ROMs of network adapters: their contents, their BARs, and what the firmware finds."""

import struct

import pytest

from engine.errors import ConfigurationError, FirmwareMissingError
from engine.pdm.optionrom import LARGEST, with_identity
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace

ROM_BAR, ROM_BASE = 0x30, 0xE8000000
DATA = 0x40


def image(vendor=0x8086, device=0x100E, blocks=4):
    data = bytearray(blocks * 512)
    data[:3] = bytes([0x55, 0xAA, blocks])
    struct.pack_into("<H", data, 0x18, DATA)
    struct.pack_into("<4sHH", data, DATA, b"PCIR", vendor, device)
    data[6] = -sum(data) & 0xFF
    return bytes(data)


def bench(**adapters):
    base = {"i440fx": {"pci": (0, 0)}, "piix3": {"pci": (1, 0)}}
    return Bench(tree(**base, **adapters))


@pytest.mark.parametrize(
    ("name", "config", "identity"),
    [
        ("e1000", {"model": "82540EM"}, (0x8086, 0x100E)),
        ("e1000", {"model": "82543GC"}, (0x8086, 0x1004)),
        ("e1000", {"model": "82545EM"}, (0x8086, 0x100F)),
        ("pcnet", {"model": "Am79C970A"}, (0x1022, 0x2000)),
        ("virtio-net", {}, (0x1AF4, 0x1000)),
    ],
)
def test_the_rom_is_in_its_window_and_for_the_card(tmp_path, name, config, identity):
    path = tmp_path / "rom"
    path.write_bytes(image())
    board = bench(**{name: {"pci": (3, 0), "boot_rom": str(path), **config}})
    space = ConfigSpace(board, 3)
    space.write(ROM_BAR, 0xFFFFFFFE)
    assert space.read(ROM_BAR) == 0x100000000 - LARGEST
    space.write(ROM_BAR, ROM_BASE | 1)
    space.write(0x04, 2, 2)
    assert board.memory.read(ROM_BASE, 2) == b"\x55\xaa"
    assert struct.unpack("<HH", board.memory.read(ROM_BASE + DATA + 4, 4)) == identity
    assert sum(board.memory.read(ROM_BASE, 2048)) & 0xFF == 0
    (found,) = board.device(name).boot_devices()
    assert (found.kind, found.path) == ("n", "/pci@i0cf8/ethernet@3/ethernet-phy@0")


def test_without_a_rom_nothing_boots():
    board = bench(**{"virtio-net": {"pci": (3, 0)}})
    space = ConfigSpace(board, 3)
    space.write(ROM_BAR, ROM_BASE | 1)
    space.write(0x04, 2, 2)
    assert board.memory.read(ROM_BASE, 2) == b"\0\0"
    assert board.device("virtio-net").boot_devices() == []


def test_the_firmware_tries_adapters_by_their_priority(tmp_path):
    path = tmp_path / "rom"
    path.write_bytes(image())
    rom = {"boot_rom": str(path)}
    board = bench(
        **{
            "pcnet": {"pci": (3, 0), **rom},
            "e1000": {"pci": (8, 0), "boot_priority": 2, **rom},
            "virtio-net": {"pci": (9, 0), "boot_priority": 1, **rom},
            "fwcfg": {"ram_below_4g": 1 << 24, "boot_order": "n"},
        }
    )
    order = board.device("fwcfg")._boot_order().decode().rstrip("\0").split("\n")
    assert [line[len("/pci@i0cf8/ethernet@") :][0] for line in order] == ["9", "8", "3"]


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (None, FirmwareMissingError, "cannot be read"),
        (b"MZ", ConfigurationError, "does not start with 55 AA"),
        (bytes(LARGEST + 1), ConfigurationError, "larger than 256 KiB"),
    ],
)
def test_a_bad_rom_is_refused(tmp_path, content, error, words):
    path = tmp_path / "rom"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=words):
        bench(pcnet={"pci": (3, 0), "boot_rom": str(path)})


@pytest.mark.parametrize(
    "data",
    [
        b"\x55\xaa",
        image(),
        image()[:DATA] + bytes(512),
        image()[:0x18] + b"\xff\xff" + image()[0x1A:],
        image()[:2] + b"\xff" + image()[3:],
    ],
)
def test_images_without_another_identity_stay_as_they_are(data):
    assert with_identity(data, 0x8086, 0x100E) == data
