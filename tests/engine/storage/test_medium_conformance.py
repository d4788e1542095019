"""What every format promises, tried on all that are registered."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from engine.pdm.interfaces import BlockMedium
from engine.storage import hostfile
from engine.storage.errors import MediumIOError, MediumLocked, MediumReadOnly
from engine.storage.medium import (
    DeviceType,
    Medium,
    MediumFormat,
    examine_medium,
    open_medium,
    registered_formats,
)

from .images import MIB, VdiBytes, new_vdi
from .samples import made_by_qemu, new_dmg, new_image

Maker = Callable[[Path], Path]


def _dynamic(folder: Path) -> Path:
    with new_vdi(folder / "dynamic.vdi", 3 * MIB + 512):
        return folder / "dynamic.vdi"


def _fixed(folder: Path) -> Path:
    with new_vdi(folder / "fixed.vdi", 3 * MIB + 512, "Fixed"):
        return folder / "fixed.vdi"


def _old(folder: Path) -> Path:
    image = VdiBytes([0xFFFFFFFF, 1, 0xFFFFFFFE, 0], [b"a" * 4096, b"b" * 4096], header_size=0x180)
    return image.save(folder / "old.vdi")


def _plain(size: int) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / f"plain-{size}.img"
        path.write_bytes(bytes(range(256)) * (size // 256))
        return path

    return make


SAMPLES: list[tuple[str, DeviceType, Maker]] = [
    ("VDI", DeviceType.HARD_DISK, _dynamic),
    ("VDI", DeviceType.HARD_DISK, _fixed),
    ("VDI", DeviceType.HARD_DISK, _old),
    ("RAW", DeviceType.HARD_DISK, _plain(65536)),
    ("RAW", DeviceType.FLOPPY, _plain(1440 * 1024)),
    ("RAW", DeviceType.DVD, _plain(65536)),
    ("VMDK", DeviceType.HARD_DISK, new_image("VMDK", "Standard")),
    ("VMDK", DeviceType.HARD_DISK, new_image("VMDK", "Fixed")),
    ("VMDK", DeviceType.HARD_DISK, new_image("VMDK", "Split2G")),
    ("VMDK", DeviceType.HARD_DISK, new_image("VMDK", "FixedSplit2G")),
    ("VHD", DeviceType.HARD_DISK, new_image("VHD", "Standard")),
    ("VHD", DeviceType.HARD_DISK, new_image("VHD", "Fixed")),
    ("QCOW", DeviceType.HARD_DISK, new_image("QCOW", "Standard")),
    ("QCOW", DeviceType.HARD_DISK, made_by_qemu("qcow2", "cluster_size=512")),
    ("QED", DeviceType.HARD_DISK, made_by_qemu("qed")),
    ("Parallels", DeviceType.HARD_DISK, made_by_qemu("parallels")),
    ("VHDX", DeviceType.HARD_DISK, made_by_qemu("vhdx")),
    ("DMG", DeviceType.HARD_DISK, new_dmg),
    ("DMG", DeviceType.DVD, new_dmg),
]
READ_ONLY = {"QED", "Parallels", "VHDX", "DMG"}


@pytest.fixture(params=SAMPLES, ids=lambda sample: f"{sample[0]}-{sample[1]}-{sample[2].__name__}")
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, DeviceType, Path]:
    name, kind, make = request.param
    return name, kind, make(tmp_path)


@pytest.fixture
def medium(sample: tuple[str, DeviceType, Path]) -> Medium:
    _name, kind, path = sample
    return open_medium(path, device_type=kind)


@pytest.fixture(
    params=[e for e in SAMPLES if e[1] is not DeviceType.DVD and e[0] not in READ_ONLY],
    ids=lambda entry: f"{entry[0]}-{entry[1]}-{entry[2].__name__}",
)
def writable_medium(request: pytest.FixtureRequest, tmp_path: Path) -> Medium:
    _name, kind, make = request.param
    return open_medium(make(tmp_path), device_type=kind)


def _usable(declared: MediumFormat) -> bool:
    return isinstance(declared.open, type)


def test_every_usable_format_has_a_sample() -> None:
    declared = {(f.name, kind) for f in registered_formats() if _usable(f) for kind in f.device_types}
    assert declared == {(name, kind) for name, kind, _make in SAMPLES}


def test_format_is_found_by_content(sample: tuple[str, DeviceType, Path]) -> None:
    name, kind, path = sample
    renamed = path.rename(path.with_suffix(".xyz"))
    with open_medium(renamed, device_type=kind) as medium:
        assert medium.format_name == name


def test_fits_the_device_interface(medium: Medium) -> None:
    assert isinstance(medium, BlockMedium)
    medium.close()


def test_sizes_are_whole_sectors(medium: Medium) -> None:
    assert medium.size > 0
    assert medium.size % medium.sector_size == 0
    assert len(medium.read(medium.size - medium.sector_size, medium.sector_size)) == (
        medium.sector_size
    )
    assert medium.read(medium.size, 0) == b""
    medium.close()


def test_what_is_written_is_read_again_later(writable_medium: Medium) -> None:
    medium = writable_medium
    whole = bytearray(medium.read(0, medium.size))
    for offset, data in ((0, b"boot"), (medium.size - 3, b"end"), (medium.size // 2 - 700, b"x" * 1500)):
        medium.write(offset, data)
        whole[offset : offset + len(data)] = data
    medium.write(7, b"")
    medium.flush()
    assert medium.read(0, medium.size) == whole
    medium.close()
    with open_medium(medium.path, read_only=True, device_type=medium.device_type) as again:
        assert again.read(0, again.size) == whole
        assert again.check() == []


def test_flush_and_close_reach_the_disk(
    writable_medium: Medium, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = hostfile.sync_data

    def record(fd: int) -> None:
        sync(fd)
        synced.append(fd)

    writable_medium.read(0, 512)
    writable_medium.write(0, b"first")
    monkeypatch.setattr(hostfile, "sync_data", record)
    writable_medium.flush()
    once = len(synced)
    assert 1 <= once <= 1 + len(writable_medium.other_files())
    writable_medium.flush()
    assert len(synced) == once
    writable_medium.write(0, b"second")
    assert len(synced) == once
    writable_medium.close()
    assert len(synced) > once


def test_outside_is_refused_and_changes_nothing(medium: Medium) -> None:
    before = medium.read(0, medium.size)
    with pytest.raises(MediumIOError, match=str(medium.path)):
        medium.read(medium.size - 1, 2)
    if not medium.read_only:
        with pytest.raises(MediumIOError, match=str(medium.path)):
            medium.write(medium.size - 1, b"xx")
    assert medium.read(0, medium.size) == before
    medium.close()


def test_discarded_bytes_are_zeros_or_as_before(writable_medium: Medium) -> None:
    medium = writable_medium
    medium.write(0, b"\x11" * medium.size)
    medium.discard(1000, medium.size - 2000)
    after = medium.read(0, medium.size)
    assert after[:1000] == after[-1000:] == b"\x11" * 1000
    assert set(after[1000:-1000]) <= {0, 0x11}
    medium.close()


def test_reader_shares_and_never_writes(sample: tuple[str, DeviceType, Path]) -> None:
    _name, kind, path = sample
    before = path.read_bytes()
    with (
        open_medium(path, read_only=True, device_type=kind) as one,
        open_medium(path, read_only=True, device_type=kind) as two,
    ):
        for refused in (lambda: one.write(0, b"x"), lambda: two.discard(0, 512)):
            with pytest.raises(MediumReadOnly, match=str(path)):
                refused()
        one.flush()
        assert one.info().state == "LockedRead"
    assert path.read_bytes() == before


def test_examining_tells_who_uses_it(sample: tuple[str, DeviceType, Path]) -> None:
    name, kind, path = sample
    info = examine_medium(path, kind)
    assert (info.state, info.format, info.path, info.access_error) == ("Created", name, str(path), "")
    with open_medium(path, device_type=kind) as user:
        expected = "Created" if user.read_only else "LockedWrite"
        assert examine_medium(path, kind).state == expected
        if not user.read_only:
            with pytest.raises(MediumLocked, match=str(path)):
                open_medium(path, device_type=kind)
    assert (info.logical_size, info.id) == (user.size, str(user.uuid))


@pytest.mark.parametrize("waiting", [True, False])
def test_parts_of_memory_are_filled_with_the_same(medium: Medium, *, waiting: bool) -> None:
    end = medium.size
    for offset, sizes in ((0, [512, 1, 4095, 65536]), (max(0, end - 70000), [9999, end])):
        sizes[-1] = min(sizes[-1], end - offset - sum(sizes[:-1]))
        parts = [memoryview(bytearray(b"?" * size)) for size in sizes]
        try:
            with nullcontext() if waiting else hostfile.forbid_waiting():
                medium.read_into(offset, parts)
        except hostfile.WouldWait:
            assert not waiting
            continue
        assert b"".join(parts) == medium.read(offset, sum(sizes))
    with pytest.raises(MediumIOError, match="outside"):
        medium.read_into(end - 512, [memoryview(bytearray(1024))])
    medium.close()
