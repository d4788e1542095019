"""QEMU's opinion of our images in its formats, and ours of QEMU's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.storage.copying import clone_medium, clone_over
from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import MediumFormatError, MediumReadOnly
from engine.storage.formats import vmdk_create
from engine.storage.maintain import compact_medium, delete_medium, resize_medium, set_medium_ids
from engine.storage.medium import Medium, open_medium

from .images import MIB
from .samples import QEMU_NAMES, needs_qemu, qemu_check, qemu_img, same_for_qemu

pytestmark = needs_qemu

SIZE = 9 * MIB + 512
OURS = [
    ("VMDK", "Standard"), ("VMDK", "Fixed"), ("VMDK", "Split2G"), ("VMDK", "FixedSplit2G"),
    ("VHD", "Standard"), ("VHD", "Fixed"), ("QCOW", "Standard"),
]  # fmt: skip
THEIRS = [
    ("vmdk", "subformat=monolithicSparse"), ("vmdk", "subformat=monolithicFlat"),
    ("vmdk", "subformat=twoGbMaxExtentSparse"), ("vmdk", "subformat=twoGbMaxExtentFlat"),
    ("vmdk", "subformat=streamOptimized"), ("vmdk", "zeroed_grain=on"),
    ("vpc", "subformat=dynamic,force_size=on"), ("vpc", "subformat=fixed,force_size=on"),
    ("qcow2", "compat=0.10"), ("qcow2", "cluster_size=512"), ("qcow2", "cluster_size=2M"),
    ("qcow2", "lazy_refcounts=on,refcount_bits=1"), ("qcow2", "preallocation=full"),
    ("qed", ""), ("parallels", ""), ("vhdx", ""), ("vhdx", "subformat=fixed"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vmdk_create, "PIECE_SIZE", 4 * MIB)


def some_content(size: int, seed: int) -> bytes:
    choose = random.Random(seed)
    pieces = [choose.randbytes(65536) if choose.random() < 0.4 else bytes(65536) for _ in range(size // 65536)]
    return b"".join(pieces) + choose.randbytes(size % 65536)


def scribble(disk: Medium, expected: bytearray, seed: int) -> None:
    choose = random.Random(seed)
    for _ in range(15):
        offset = choose.randrange(disk.size // 512) * 512
        length = min(disk.size - offset, choose.choice([512, 4096, 70_000, MIB + 512]))
        data = choose.randbytes(length) if choose.random() < 0.8 else bytes(length)
        disk.write(offset, data)
        expected[offset : offset + length] = data


@pytest.mark.parametrize(("name", "variant"), OURS)
def test_qemu_reads_what_we_write(tmp_path: Path, name: str, variant: str) -> None:
    path = tmp_path / f"ours.{QEMU_NAMES[name]}"
    create_medium(path, format_name=name, variant=variant, size=SIZE)
    expected = bytearray(SIZE)
    for opening in range(3):
        with open_medium(path) as disk:
            assert (disk.variant, disk.size) == (variant, SIZE)
            scribble(disk, expected, opening)
        if variant == "Standard" and name != "VHD":
            qemu_check(path, name)
    same_for_qemu(path, name, expected)
    if "Split" in variant:
        with open_medium(path, read_only=True) as disk:
            assert len(disk.other_files()) == 3
    delete_medium(path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("theirs", "options"), THEIRS)
def test_we_read_and_write_what_qemu_made(tmp_path: Path, theirs: str, options: str) -> None:
    size = 8 * MIB
    content = bytearray(some_content(size, 7))
    flat = tmp_path / "flat.img"
    flat.write_bytes(content)
    path = tmp_path / f"theirs.{theirs}"
    qemu_img("convert", "-f", "raw", "-O", theirs, *(["-o", options] if options else []), flat, path)
    with open_medium(path, read_only=True) as disk:
        assert disk.read(0, size) == content
        assert disk.check() == []
        name = disk.format_name
    if name in {"QED", "Parallels", "VHDX"}:
        with open_medium(path) as disk, pytest.raises(MediumReadOnly):
            disk.write(0, b"x")
        return
    if "stream" in options:
        with pytest.raises(MediumReadOnly, match="stream-optimized and can only be read"):
            open_medium(path)
        return
    with open_medium(path) as disk:
        scribble(disk, content, 8)
    same_for_qemu(path, name, content)
    if name == "QCOW":
        qemu_check(path, name)


@pytest.mark.parametrize(
    ("theirs", "options"), [each for each in THEIRS if each[0] in QEMU_NAMES.values()]
)
def test_we_fill_what_qemu_has_created(tmp_path: Path, theirs: str, options: str) -> None:
    if "stream" in options:
        pytest.skip("QEMU creates such images only to fill them at once")
    path = tmp_path / f"theirs.{theirs}"
    qemu_img("create", "-f", theirs, *(["-o", options] if options else []), path, 8 * MIB)
    content = bytearray(8 * MIB)
    with open_medium(path) as disk:
        name = disk.format_name
        assert disk.read(0, disk.size) == content
        scribble(disk, content, 5)
    same_for_qemu(path, name, content)
    if name in {"QCOW", "VMDK"}:
        qemu_img("check", "-f", theirs, path)


@pytest.mark.parametrize("base_name", ["RAW", "VDI", "VMDK", "VHD"])
@pytest.mark.parametrize("version", ["0.10", "1.1", "ours"])
def test_qcow_upon_other_formats(tmp_path: Path, base_name: str, version: str) -> None:
    kind = QEMU_NAMES[base_name]
    base, top = tmp_path / f"base.{kind}", tmp_path / "top.qcow2"
    create_medium(base, format_name=base_name, variant="Standard", size=8 * MIB)
    content = bytearray(8 * MIB)
    with open_medium(base) as disk:
        scribble(disk, content, 1)
    if version == "ours":
        with open_medium(base, read_only=True) as parent:
            create_difference_on(parent, top, format_name="QCOW")
    else:
        options = ("-o", f"compat={version}", "-b", base.name, "-F", kind)
        qemu_img("create", "-f", "qcow2", *options, top)
    with open_medium(top) as disk:
        assert disk.read(0, disk.size) == content
        scribble(disk, content, 2)
        disk.write(MIB, bytes(2 * MIB))
        content[MIB : 3 * MIB] = bytes(2 * MIB)
    same_for_qemu(top, "QCOW", content)
    qemu_check(top, "QCOW")


def test_compressed_clusters(tmp_path: Path) -> None:
    content = bytearray(some_content(4 * MIB, 3)[: 3 * MIB] + b"text " * 200_000)[: 4 * MIB // 512 * 512]
    content = content.ljust(4 * MIB, b"\0")
    flat, path = tmp_path / "flat.img", tmp_path / "packed.qcow2"
    flat.write_bytes(content)
    qemu_img("convert", "-c", "-f", "raw", "-O", "qcow2", flat, path)
    with open_medium(path) as disk:
        assert disk.read(0, disk.size) == content
        scribble(disk, content, 4)
        disk.write(3 * MIB + 5, b"into a compressed one")
        content[3 * MIB + 5 : 3 * MIB + 26] = b"into a compressed one"
        assert disk.read(0, disk.size) == content
    qemu_check(path, "QCOW")
    same_for_qemu(path, "QCOW", content)


@pytest.mark.parametrize("name", ["VMDK", "QCOW"])
def test_chains_in_both_directions(tmp_path: Path, name: str) -> None:
    base, ours, theirs = (tmp_path / f"{each}.{QEMU_NAMES[name]}" for each in ("base", "ours", "theirs"))
    create_medium(base, format_name=name, variant="Standard", size=SIZE)
    expected = bytearray(SIZE)
    with open_medium(base) as disk:
        scribble(disk, expected, 1)
    with open_medium(base, read_only=True) as parent:
        create_difference_on(parent, ours, format_name=name)
    with open_medium(ours) as disk:
        scribble(disk, expected, 2)
    same_for_qemu(ours, name, expected)
    kind = QEMU_NAMES[name]
    qemu_img("create", "-f", kind, "-b", ours.name, "-F", kind, theirs)
    with open_medium(theirs) as disk:
        assert disk.read(0, SIZE) == expected
        assert disk.variant == "Diff"
        scribble(disk, expected, 3)
    same_for_qemu(theirs, name, expected)
    if name == "VMDK":
        with open_medium(base) as disk:
            disk.write(0, b"changed behind its back")
        with pytest.raises(MediumFormatError, match="was changed after"):
            open_medium(ours)


def test_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "disk.qcow2"
    for options, sentence in (
        ("data_file=" + str(tmp_path / "outside.raw"), "keeps its data in another file"),
        ("extended_l2=on", "has sub-clusters"),
        ("compression_type=zstd", "compressed with another method"),
    ):
        qemu_img("create", "-f", "qcow2", "-o", options, path, MIB)
        with pytest.raises(MediumFormatError, match=sentence):
            open_medium(path)
        path.unlink()
    qemu_img("create", "-f", "qcow2", path, MIB)
    qemu_img("snapshot", "-c", "one", path)
    with pytest.raises(MediumReadOnly, match="holds 1 internal snapshots"):
        open_medium(path)
    with open_medium(path, read_only=True) as disk:
        assert disk.read(0, 512) == bytes(512)


@pytest.mark.parametrize(("source_name", "source_variant"), [*OURS, ("VDI", "Standard"), ("RAW", "Fixed")])
def test_clones_between_any_two(tmp_path: Path, source_name: str, source_variant: str) -> None:
    source = tmp_path / f"source.{QEMU_NAMES[source_name]}"
    create_medium(source, format_name=source_name, variant=source_variant, size=SIZE)
    expected = bytearray(SIZE)
    with open_medium(source) as disk:
        scribble(disk, expected, 1)
    for number, (name, variant) in enumerate([*OURS, ("VMDK", "Stream"), ("VDI", "Standard"), ("RAW", "Standard")]):
        target = tmp_path / f"target-{number}.{QEMU_NAMES[name]}"
        info = clone_medium([source], target, format_name=name, variant=variant)
        assert (info.format, info.logical_size) == (name, SIZE)
        with open_medium(target, read_only=True) as disk:
            assert disk.read(0, SIZE) == expected
        same_for_qemu(target, name, expected)
        delete_medium(target)
    assert [path.name for path in tmp_path.iterdir() if "target" in path.name] == []


def test_an_image_in_pieces_is_replaced_as_a_whole(tmp_path: Path) -> None:
    source, target = tmp_path / "source.vdi", tmp_path / "target.vmdk"
    create_medium(source, format_name="VDI", variant="Standard", size=SIZE)
    create_medium(target, format_name="VMDK", variant="FixedSplit2G", size=SIZE)
    expected = bytearray(SIZE)
    with open_medium(source) as disk:
        scribble(disk, expected, 1)
    clone_over([source], target)
    same_for_qemu(target, "VMDK", expected)
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("name", ["VMDK", "VHD", "QCOW"])
def test_resized_compacted_and_renamed(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"disk.{QEMU_NAMES[name]}"
    create_medium(path, format_name=name, variant="Standard", size=SIZE)
    expected = bytearray(SIZE)
    with open_medium(path) as disk:
        scribble(disk, expected, 1)
        disk.write(0, b"\xee" * (6 * MIB))
        disk.write(0, bytes(6 * MIB))
        expected[: 6 * MIB] = bytes(6 * MIB)
    before = path.stat().st_size
    compact_medium(path)
    assert path.stat().st_size <= before - 2 * MIB
    resize_medium(path, 70 * MIB)
    expected = expected.ljust(70 * MIB, b"\0")
    with open_medium(path) as disk:
        assert disk.read(0, disk.size) == expected
        scribble(disk, expected, 2)
        identity = disk.uuid
    same_for_qemu(path, name, expected)
    if name != "QCOW":
        set_medium_ids(path, image_id=type(identity)(int=77))
        with open_medium(path) as disk:
            assert disk.uuid.int == 77
            assert disk.read(0, disk.size) == expected
