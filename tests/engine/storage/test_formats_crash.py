"""Death of the process, and a full disk, at every moment of writing, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.storage import blockstore
from engine.storage.create import create_difference_on, create_medium
from engine.storage.formats import qcow_refcounts
from engine.storage.medium import open_medium

from .crash import NOTHING, Fuse, Write, refuse_each_write, some_of
from .images import MIB
from .samples import needs_qemu, qemu_check, qemu_img

SIZE = 5 * MIB + 512
KINDS = [
    ("VMDK", "Standard"), ("VMDK", "Split2G"), ("VMDK", "Diff"), ("VHD", "Standard"),
    ("VHD", "Diff"), ("QCOW", "Standard"), ("QCOW", "Diff"), ("QCOW", "512"),
]  # fmt: skip

SCRIPT: list[Write] = [
    (3 * MIB + 100, b"first"),
    (0, b"\xaa" * 70_000),
    (2 * MIB - 300, b"\xbb" * 700),
    (3 * MIB + 90, b"0123456789again"),
    (4 * MIB, bytes(65536)),
    (1 * MIB + 512, b"\xcc" * 200_000),
    (SIZE - 512, b"\xdd" * 512),
]


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let images grow more than once."""
    monkeypatch.setattr(blockstore, "GROWTH_STEP", 1 << 18)
    monkeypatch.setattr(blockstore, "LARGEST_GROWTH_STEP", 1 << 18)
    monkeypatch.setattr(qcow_refcounts, "LARGEST_STEP", 1 << 18)


class Sample:
    """An image of a kind, and its parent where it has one."""

    def __init__(self, folder: Path, name: str, variant: str) -> None:
        self.folder = folder
        self.name = name
        self.variant = variant
        self.path = folder / f"disk.{name.lower()}"

    def make(self) -> bytearray:
        """Make it anew; what it holds."""
        for path in self.folder.iterdir():
            path.unlink()
        content = bytearray(SIZE)
        if self.variant == "Diff":
            base = self.folder / f"base.{self.name.lower()}"
            create_medium(base, format_name=self.name, variant="Standard", size=SIZE)
            with open_medium(base) as parent:
                parent.write(MIB, b"p" * (2 * MIB))
            content[MIB : 3 * MIB] = b"p" * (2 * MIB)
            with open_medium(base, read_only=True) as parent:
                create_difference_on(parent, self.path, format_name=self.name)
        elif self.variant == "512":
            if not qemu_img("--version"):
                pytest.skip("qemu-img is not installed")
            qemu_img("create", "-f", "qcow2", "-o", "cluster_size=512", self.path, SIZE)
        else:
            create_medium(self.path, format_name=self.name, variant=self.variant, size=SIZE)
        return content


@pytest.fixture(params=KINDS, ids="-".join)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Sample:
    folder = tmp_path / "images"
    folder.mkdir()
    return Sample(folder, *request.param)


def test_killed_before_any_change_of_the_file(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse = Fuse(monkeypatch)
    moment = 0
    pending: Write | None = NOTHING
    while pending is not None:
        expected = sample.make()
        pending = fuse.write_until_killed(open_medium(sample.path), SCRIPT, expected, moment)
        _check_after_death(sample, expected, pending or NOTHING)
        moment += 1 if moment < 24 else 7
    assert moment > 14


def _check_after_death(sample: Sample, expected: bytearray, pending: Write) -> None:
    with open_medium(sample.path) as disk:
        after = bytearray(disk.read(0, disk.size))
        # The write that was going on may have happened, in parts, or not.
        offset, data = pending
        was, now = (content[offset : offset + len(data)] for content in (expected, after))
        assert some_of(was, data, now)
        expected[offset : offset + len(data)] = now
        assert after == expected
        for place in range(0, SIZE - 512, 300_000):
            disk.write(place + 7, b"after")
            expected[place + 7 : place + 12] = b"after"
        assert disk.read(0, disk.size) == expected
    with open_medium(sample.path, read_only=True) as disk:
        assert disk.read(0, disk.size) == expected
        assert disk.check() == []


@needs_qemu
def test_a_repaired_qcow_image_is_sound_for_qemu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse = Fuse(monkeypatch)
    sample = Sample(tmp_path, "QCOW", "Standard")
    for moment in range(0, 30, 2):
        sample.make()
        fuse.write_until_killed(open_medium(sample.path), SCRIPT, bytearray(SIZE), moment)
        # Clusters that nothing refers to (status 3) are all that may be wrong.
        qemu_img("check", "-f", "qcow2", sample.path, status={0, 3})
        open_medium(sample.path).close()
        qemu_check(sample.path, "QCOW")


def test_any_write_may_find_the_disk_full(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    sample.make()
    assert refuse_each_write(sample.path, SCRIPT, monkeypatch) > len(SCRIPT)
