"""A crash of the host at any moment: what was flushed is there, and the rest is old or new.

Between two flushes the host may write what it was given in any order, or not at all. A recording
layer makes the files that such a crash may leave; each is opened, compared, checked and used.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from engine.storage import blockstore
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_difference_on, create_medium
from engine.storage.formats import qcow_refcounts, vmdk_create
from engine.storage.maintain import resize_medium
from engine.storage.medium import open_medium

from .crash import EFFORT, Host
from .images import FREE, MIB, VdiBytes
from .samples import QEMU_NAMES, qemu_img

SIZE = 3 * MIB + 1536
SECTOR = 512
LIVES = 3
KINDS = [
    ("VDI", "Standard"), ("VDI", "Diff"), ("VDI", "gaps"), ("VMDK", "Standard"),
    ("VMDK", "Split2G"), ("VMDK", "Diff"), ("VHD", "Standard"), ("VHD", "Diff"),
    ("QCOW", "Standard"), ("QCOW", "Diff"), ("QCOW", "512"), ("QCOW", "packed"), ("QCOW", "v3"),
]  # fmt: skip


pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let images grow more than once."""
    monkeypatch.setattr(blockstore, "GROWTH_STEP", 1 << 18)
    monkeypatch.setattr(blockstore, "LARGEST_GROWTH_STEP", 1 << 18)
    monkeypatch.setattr(qcow_refcounts, "SMALLEST_STEP", 1 << 18)
    monkeypatch.setattr(qcow_refcounts, "LARGEST_STEP", 1 << 18)
    monkeypatch.setattr(vmdk_create, "PIECE_SIZE", 2 * MIB)


def make(folder: Path, name: str, variant: str) -> list[Path]:
    """Make an image with something in it; its chain, the base first."""
    ending = QEMU_NAMES[name]
    base, path = folder / f"base.{ending}", folder / f"disk.{ending}"
    if variant in {"Diff", "Standard", "Split2G"}:
        first = base if variant == "Diff" else path
        kind = "Standard" if variant == "Diff" else variant
        create_medium(first, format_name=name, variant=kind, size=SIZE)
        with open_medium(first) as disk:
            disk.write(MIB, b"p" * MIB)
        if variant != "Diff":
            return [path]
        with open_medium(base, read_only=True) as parent:
            create_difference_on(parent, path, format_name=name)
        return [base, path]
    if variant == "gaps":
        entries = [FREE] * 49
        entries[3], entries[40] = 9, 4
        stored = [bytes([0x40 + number]) * 65536 for number in range(10)]
        VdiBytes(entries, stored, block_size=65536, disk_size=SIZE).save(path)
        return [path]
    if not shutil.which("qemu-img"):
        pytest.skip("qemu-img (Debian: qemu-utils) is not installed")
    source = folder / "source"
    source.write_bytes((bytes(MIB) + b"text" * (MIB // 4)).ljust(SIZE, b"\0"))
    options = {"512": ["-o", "cluster_size=512"], "packed": ["-c"], "v3": ["-o", "compat=1.1"]}
    qemu_img("convert", "-f", "raw", "-O", "qcow2", *options[variant], source, path)
    source.unlink()
    return [path]


class Expectation:
    """What each sector may hold after a crash: what was flushed, and everything written since."""

    def __init__(self, content: bytes) -> None:
        self.now = bytearray(content)
        self._flushed = bytes(content)
        self._since: dict[int, set[bytes]] = {}

    def write(self, offset: int, data: bytes) -> None:
        for at in range(0, len(data), SECTOR):
            values = self._since.setdefault(offset + at, set())
            values.add(data[at : at + SECTOR])
        self.now[offset : offset + len(data)] = data

    def flush(self) -> None:
        self._flushed = bytes(self.now)
        self._since.clear()

    def check(self, found: bytes | bytearray) -> None:
        if found in (self.now, self._flushed):
            return
        for at in range(0, len(found), SECTOR):
            sector = bytes(found[at : at + SECTOR])
            if sector != self._flushed[at : at + SECTOR]:
                assert sector in self._since.get(at, set()), f"{sector[:16]!r} at {at:#x}"


def use(disk: DiskChain, expected: Expectation, choose: random.Random) -> None:
    """One thing that a guest does."""
    offset = choose.choice([
        choose.randrange(SIZE // SECTOR) * SECTOR, choose.randrange(SIZE >> 16) << 16
    ])  # fmt: skip
    length = min(SIZE - offset, choose.choice([SECTOR, 4096, 65536, 3 * 65536 + SECTOR, MIB]))
    what = choose.random()
    if what < 0.12:
        disk.flush()
        expected.flush()
    elif what < 0.2:
        expected.write(offset, bytes(length))
        disk.discard(offset, length)
        expected.write(offset, disk.read(offset, length))
    else:
        data = choose.randbytes(16) * (length // 16) if what < 0.9 else bytes(length)
        expected.write(offset, data)
        disk.write(offset, data)


@pytest.mark.parametrize(("name", "variant"), KINDS)
def test_a_crash_of_the_host_loses_nothing_that_was_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, variant: str
) -> None:
    for life in range(LIVES * EFFORT):
        folder = tmp_path / str(life)
        (folder / "after").mkdir(parents=True)
        chain = make(folder, name, variant)
        for path in folder.glob("*.*"):
            shutil.copy(path, folder / "after")
        with monkeypatch.context() as patch:
            watched = [path for path in folder.glob("*.*") if path not in chain[:-1]]
            assert _crash_often(Host.watch(patch, watched), chain, random.Random(life)) > 5
        shutil.rmtree(folder)


def _crash_often(host: Host, chain: list[Path], choose: random.Random) -> int:
    """Use a chain for a while; return how often the host has crashed meanwhile."""
    crashes = 0

    def crash() -> None:
        nonlocal crashes
        crashes += 1
        host.on_change = lambda: None  # what the check itself writes is not the guest's
        after = chain[0].parent / "after"
        for path, content in host.crash(choose).items():
            (after / path.name).write_bytes(content)
        _check(after, chain, expected, choose)
        host.on_change = sometimes

    def sometimes() -> None:
        if choose.random() < 0.008:
            crash()

    with DiskChain([ImageFile(path) for path in chain]) as disk:
        expected = Expectation(disk.read(0, disk.size))
        host.on_change = sometimes
        for _ in range(7):
            use(disk, expected, choose)
            crash()
            assert disk.read(0, SIZE) == expected.now
        host.on_change = lambda: None
    return crashes


def _check(
    after: Path, chain: list[Path], expected: Expectation, choose: random.Random
) -> None:
    images = [ImageFile(after / path.name) for path in chain]
    if chain[-1].suffix == ".qcow2" and shutil.which("qemu-img") and choose.random() < 0.3:
        # Clusters that nothing refers to (status 3) are all that may be wrong.
        qemu_img("check", "-f", "qcow2", after / chain[-1].name, status={0, 3})
    with DiskChain(images) as disk:
        found = bytearray(disk.read(0, disk.size))
        expected.check(found)
        # It can be used: nothing that is stored now lies where something else is.
        for _ in range(4):
            offset = choose.randrange(SIZE // SECTOR) * SECTOR
            data = choose.randbytes(min(SIZE - offset, 70_000))
            disk.write(offset, data)
            found[offset : offset + len(data)] = data
        assert disk.read(0, disk.size) == found
    with DiskChain(images, read_only=True) as disk:
        assert disk.read(0, disk.size) == found
        irregular = disk.image(len(images) - 1).check()
        assert all("places between the blocks" in each or "counts" in each for each in irregular)


@pytest.mark.parametrize(
    ("name", "variant"),
    [("VDI", "Standard"), ("VDI", "Fixed"), ("VHD", "Fixed"), ("QCOW", "Standard")],
)
def test_a_crash_while_an_image_grows_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, variant: str
) -> None:
    path, after = tmp_path / f"disk.{QEMU_NAMES[name]}", tmp_path / "after"
    after.mkdir()
    create_medium(path, format_name=name, variant=variant, size=SIZE)
    with open_medium(path) as disk:
        disk.write(SIZE - MIB, b"x" * MIB)
        before = disk.read(0, SIZE)
    choose = random.Random(3)
    sizes = set()

    def crash() -> None:
        host.on_change = lambda: None
        for _ in range(4):
            (after / path.name).write_bytes(host.crash(choose)[path])
            with open_medium(after / path.name) as disk:
                sizes.add(disk.size)
                assert disk.read(0, SIZE) == before
        host.on_change = crash

    new_size = SIZE + (1 << 30 if name == "QCOW" else 2 * MIB)
    with monkeypatch.context() as patch:
        host = Host.watch(patch, [path])
        host.on_change = crash
        resize_medium(path, new_size)
        host.on_change = lambda: None
    assert sizes == {SIZE, new_size}
    with open_medium(path, read_only=True) as disk:
        assert (disk.size, disk.read(0, SIZE)) == (new_size, before)
        assert not any(disk.read(SIZE, 2 * MIB))


