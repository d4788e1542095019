"""Files of every format that somebody made wrong: typed errors, no hang, no memory blow-up."""

from __future__ import annotations

import functools
import os
import struct
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import MediumError, MediumFormatError, MediumParameterError
from engine.storage.formats.vhd_header import checksum
from engine.storage.maintain import delete_medium
from engine.storage.medium import open_medium

from .images import MIB
from .samples import SIZE, dmg_bytes, needs_qemu, new_image, qemu_img

SEEDS = ["VMDK", "VMDK-Stream", "VMDK-Fixed", "VHD", "VHD-Fixed", "VHD-Diff", "QCOW", "QCOW-Diff", "DMG"]
QEMU_SEEDS = ["qed", "parallels", "vhdx"]
EXTREME = st.sampled_from([0, 1, 511, 512, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
LARGEST_READ = 1 << 16


@functools.cache
def seed(kind: str) -> tuple[str, bytes]:
    """Extension and bytes of a small sound image with something in it."""
    name, _, variant = kind.partition("-")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if kind == "DMG":
            return ".dmg", dmg_bytes(b"x" * 65536 * 3)
        if kind in QEMU_SEEDS:
            source = place / "source"
            source.write_bytes(b"y" * 70_000 + bytes(60_000) + b"z" * 1072)
            path = place / f"disk.{kind}"
            qemu_img("convert", "-f", "raw", "-O", kind, source, path)
            return path.suffix, path.read_bytes()[: 4 * MIB]
        path = new_image(name, "Standard" if variant == "Diff" else variant or "Standard", 1 * MIB)(place)
        if variant == "Diff":
            base, path = path, path.with_name("top" + path.suffix)
            with open_medium(base) as parent:
                create_difference_on(parent, path, format_name=name)
        if variant not in {"Stream", "Diff"}:
            with open_medium(path) as disk:
                disk.write(70_000, b"something")
        return path.suffix, path.read_bytes()[: 4 * MIB]


@functools.cache
def places(kind: str) -> list[int]:
    """Offsets at which a sample holds something."""
    image = seed(kind)[1]
    return [n for n in range(0, len(image) - 8, 4) if image[n : n + 4] != b"\0\0\0\0"][:4000]


def check_sentence(error: MediumError) -> None:
    assert str(error).endswith(".")


def try_to_use(path: Path) -> None:
    """Open, read everything near the start and the end, write; only typed errors may come."""
    try:
        with open_medium(path, read_only=True) as disk:
            for offset in {0, max(0, disk.size - LARGEST_READ), disk.size // 2}:
                disk.read(offset, min(LARGEST_READ, disk.size - offset))
            disk.may_hold_data(0, min(disk.size, MIB))
    except MediumError as error:
        check_sentence(error)
    try:
        with open_medium(path) as disk:
            disk.write(max(0, disk.size - 600), b"!" * min(600, disk.size))
            assert disk.read(disk.size - 1, 1) == b"!"
    except MediumError as error:
        check_sentence(error)


@pytest.mark.parametrize("kind", [*SEEDS, *(pytest.param(k, marks=needs_qemu) for k in QEMU_SEEDS)])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_fuzzed_images_give_only_typed_errors(kind: str, data: st.DataObject) -> None:
    extension, image = seed(kind)
    changed = bytearray(image)
    interesting = places(kind)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.sampled_from(interesting) | st.integers(0, min(2048, len(image) - 8)))
        order = data.draw(st.sampled_from(["little", "big"]))
        value = data.draw(EXTREME | st.integers(0, 0xFFFFFFFF))
        changed[place : place + 4] = value.to_bytes(4, order)
    if kind.startswith("VHD") and data.draw(st.booleans()):
        for start, at, size in ((0, 64, 512), (512, 36, 1024), (len(changed) - 512, 64, 512)):
            part = changed[start : start + size]
            changed[start + at : start + at + 4] = checksum(part, at).to_bytes(4, "big")
    length = data.draw(st.just(len(image)) | st.integers(0, len(image)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fuzz{extension}"
        path.write_bytes(changed[:length])
        try_to_use(path)


@pytest.mark.parametrize("kind", SEEDS)
def test_shorter_files(tmp_path: Path, kind: str) -> None:
    extension, image = seed(kind)
    path = tmp_path / f"short{extension}"
    for length in [*range(0, 2048, 101), *range(2048, len(image), max(1, len(image) // 40))]:
        path.write_bytes(image[:length])
        try_to_use(path)


def test_a_chain_that_is_a_loop(tmp_path: Path) -> None:
    for name in ("QCOW", "VMDK"):
        base, middle, top = (tmp_path / f"{each}.{name.lower()}" for each in ("a", "b", "c"))
        create_medium(base, format_name=name, variant="Standard", size=MIB)
        for below, above in ((base, middle), (middle, top)):
            with open_medium(below, read_only=True) as parent:
                create_difference_on(parent, above, format_name=name)
        middle.unlink()
        top.rename(middle)
        # It builds on a file of its own name now.
        with pytest.raises(MediumFormatError, match="builds on it again"):
            open_medium(middle)
        for path in (base, middle):
            path.unlink()


def test_a_long_chain_of_names_ends(tmp_path: Path) -> None:
    create_medium(tmp_path / "0.qcow2", format_name="QCOW", variant="Standard", size=MIB)
    for number in range(105):
        parent = open_medium(tmp_path / "0.qcow2", read_only=True)
        create_difference_on(parent, tmp_path / f"{number + 1}.qcow2", format_name="QCOW")
        parent.close()
        image = bytearray((tmp_path / f"{number + 1}.qcow2").read_bytes())
        at = image.index(b"0.qcow2")
        name = f"{number}.qcow2".encode()
        image[at : at + len(name)] = name
        image[16:20] = len(name).to_bytes(4, "big")
        (tmp_path / f"{number + 1}.qcow2").write_bytes(image)
    with open_medium(tmp_path / "90.qcow2") as disk:
        assert disk.read(0, 512) == bytes(512)
    with pytest.raises(MediumFormatError, match="More than 100 images"):
        open_medium(tmp_path / "105.qcow2")


def test_huge_files_take_no_memory(tmp_path: Path) -> None:
    for kind in ("QCOW", "VMDK", "VHD"):
        extension, image = seed(kind)
        path = tmp_path / f"huge{extension}"
        path.write_bytes(image)
        os.truncate(path, 1 << 42)
        tracemalloc.start()
        try:
            try_to_use(path)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 300 * MIB


def test_extents_stay_in_the_folder(tmp_path: Path) -> None:
    path = new_image("VMDK", "Fixed")(tmp_path)
    text = path.read_text()
    for name in ("/etc/passwd", "../secret", ".."):
        path.write_text(text.replace("ours-Fixed-flat.vmdk", name))
        with pytest.raises(MediumFormatError, match="outside of its folder"):
            open_medium(path)
    path.write_text(text.replace("ours-Fixed-flat.vmdk", path.name))
    with pytest.raises(MediumFormatError, match="twice"):
        open_medium(path)


def test_extents_are_no_other_files_of_the_machine(tmp_path: Path) -> None:
    path = new_image("VMDK", "Fixed")(tmp_path)
    settings_file = tmp_path / "machine.vbox"
    settings_file.write_bytes(bytes(SIZE))
    path.write_text(path.read_text().replace("ours-Fixed-flat.vmdk", settings_file.name))
    with pytest.raises(MediumFormatError, match="not named like a part of a disk"):
        open_medium(path)
    delete_medium(path)
    assert settings_file.exists()


@pytest.mark.parametrize("name", ['a"b', "a\nRW 1 FLAT x", "a\x85b", "a\u2028b"])
@pytest.mark.parametrize("variant", ["Standard", "Fixed"])
def test_names_do_not_get_lines_into_a_descriptor(tmp_path: Path, name: str, variant: str) -> None:
    with pytest.raises(MediumParameterError, match="neither quotation marks nor line breaks"):
        create_medium(tmp_path / f"{name}.vmdk", format_name="VMDK", variant=variant, size=MIB)
    create_medium(tmp_path / f"{name}.vdi", format_name="VDI", variant="Standard", size=MIB)
    with (
        open_medium(tmp_path / f"{name}.vdi", read_only=True) as parent,
        pytest.raises(MediumParameterError, match="neither quotation marks nor line breaks"),
    ):
        create_difference_on(parent, tmp_path / "top.vmdk", format_name="VMDK")
    assert [path.suffix for path in tmp_path.iterdir()] == [".vdi"]


@pytest.mark.parametrize("link", [False, True])
def test_a_raw_file_elsewhere_is_not_shown_to_the_guest(tmp_path: Path, link: bool) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret".ljust(SIZE, b"!"))
    with open_medium(secret, read_only=True, format_name="RAW") as parent:
        create_difference_on(parent, folder / "disk.qcow2", format_name="QCOW")
        open_medium(folder / "disk.qcow2", parent=parent).close()  # a person has named it
    if link:
        (folder / "link").symlink_to(secret)
        with open_medium(folder / "link", read_only=True, format_name="RAW") as parent:
            create_difference_on(parent, folder / "other.qcow2", format_name="QCOW")
    name = "other.qcow2" if link else "disk.qcow2"
    with pytest.raises(MediumFormatError, match="a raw file in another folder"):
        open_medium(folder / name)


def test_many_holes_take_no_memory(tmp_path: Path) -> None:
    """Sixty million unused clusters in front of one that is used."""
    path = new_image("QCOW", "Standard")(tmp_path)
    with open_medium(path) as disk:
        disk.write(0, b"x" * 512)
    image = bytearray(path.read_bytes())
    l1_offset = int.from_bytes(image[40:48])
    l2_offset = int.from_bytes(image[l1_offset : l1_offset + 8]) & (1 << 56) - 1
    far = (1 << 42) - 65536
    image[l2_offset : l2_offset + 8] = (far | 1 << 63).to_bytes(8)
    path.write_bytes(image)
    os.truncate(path, 1 << 42)
    tracemalloc.start()
    try:
        with open_medium(path) as disk:
            disk.write(65536, b"y" * 512)
            assert disk.read(0, 65537) == bytes(65536) + b"y"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500 * MIB
    with open_medium(path, read_only=True) as disk:
        assert disk.read(65536, 1) == b"y"


def test_qed_tables_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.qed"
    path.write_bytes(b"QED\0" + struct.pack(
        "<IIIQQQQQII", 64 << 20, 16, 1, 0, 0, 0, 64 << 20, 1 << 40, 0, 0))  # fmt: skip
    os.truncate(path, 1 << 31)
    with pytest.raises(MediumFormatError, match="its tables have 16 clusters of 67108864 bytes"):
        open_medium(path, read_only=True)
