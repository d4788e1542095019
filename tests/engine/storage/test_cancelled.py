"""Every operation on media, cancelled at every moment: the original is whole, and nothing else is.

A cancellation comes from a report of progress or, by a signal, in front of any change of a file.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.storage import maintain
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.copying import (
    clone_difference,
    clone_medium,
    clone_over,
    convert_from_raw,
)
from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import MediumCancelled, MediumIOError
from engine.storage.hostfile import HostFile
from engine.storage.maintain import compact_medium, move_medium, reset_difference, resize_medium
from engine.storage.merge import merge_images

from .images import MIB

pytestmark = pytest.mark.slow

SIZE = 3 * MIB
MOMENTS = (1, 2, 3, 5, 9, 20)
BASE, TOP, RAW, SAME = (f"{name}.img" for name in ("base", "top", "raw", "same"))
WRITTEN = ["VDI", "VMDK", "VHD", "QCOW"]
FIXED = [("VDI", "Fixed"), ("VMDK", "Fixed"), ("VMDK", "Split2G"), ("VHD", "Fixed"), ("RAW", "Fixed")]

Progress = Callable[[int], None]
Operation = Callable[[Path, Progress], object]


def images(folder: Path, *names: str) -> list[ImageFile]:
    return [ImageFile(folder / name) for name in names]


def operations() -> list[tuple[str, str, Operation]]:
    """Name, format of the images there are, and what is done with them."""
    found: list[tuple[str, str, Operation]] = []
    for name in WRITTEN:
        found += [
            ("resize", name, lambda at, tell: resize_medium(at / BASE, 5 * MIB, progress=tell)),
            ("compact", name, lambda at, tell: compact_medium(at / BASE, progress=tell)),
            ("clone", name, lambda at, tell, name=name: clone_medium(
                [at / BASE, at / TOP], at / "new", format_name=name, variant="Standard",
                progress=tell)),
            ("clone over", name, lambda at, tell: clone_over(
                [at / RAW], at / SAME, progress=tell)),
            ("merge forward", name, lambda at, tell: merge_images(
                images(at, BASE, TOP), forward=True, progress=tell)),
            ("reset", name, lambda at, _: reset_difference(at / TOP, images(at, BASE))),
        ]  # fmt: skip
    for name, variant in FIXED:
        found.append((f"create {variant}", name, lambda at, tell, name=name, variant=variant:
                      create_medium(at / "new", format_name=name, variant=variant,
                                    size=40 * MIB, progress=tell)))  # fmt: skip
    found += [
        ("resize Fixed", "VDI", lambda at, tell: resize_medium(at / "fixed", 5 * MIB, progress=tell)),
        ("resize Fixed", "VHD", lambda at, tell: resize_medium(at / "fixed", 5 * MIB, progress=tell)),
        ("stream", "VMDK", lambda at, tell: clone_medium(
            [at / BASE], at / "new", format_name="VMDK", variant="Stream", progress=tell)),
        ("convert", "VDI", lambda at, tell: convert_from_raw(
            at / RAW, at / "new", format_name="VDI", variant="Standard", progress=tell)),
        ("clone a difference", "VDI", lambda at, tell: clone_difference(
            images(at, BASE, TOP), at / "new", images(at, BASE), progress=tell)),
        ("move to another disk", "VDI", lambda at, tell: move_medium(
            at / BASE, at / "new", progress=tell)),
    ]  # fmt: skip
    return found


def make(folder: Path, name: str) -> None:
    """Images with something in them."""
    base, top = folder / BASE, folder / TOP
    with_fixed = name in {"VDI", "VHD"}
    kind = name if name in WRITTEN else "VDI"
    for path in (base, folder / SAME):
        create_medium(path, format_name=kind, variant="Standard", size=SIZE)
    with DiskChain([ImageFile(base)]) as disk:
        disk.write(0, b"base" * (MIB // 4))
        disk.write(2 * MIB, b"zero" * (MIB // 4))
        disk.write(2 * MIB, bytes(MIB))
    with DiskChain([ImageFile(base)], read_only=True) as below:
        create_difference_on(below.image(0), top, format_name=kind)
    with DiskChain(images(folder, BASE, TOP)) as disk:
        disk.write(MIB - 512, b"top!" * 4096)
    (folder / RAW).write_bytes(b"raw".ljust(SIZE, b"r"))
    if with_fixed:
        create_medium(folder / "fixed", format_name=name, variant="Fixed", size=SIZE)


def contents(folder: Path) -> dict[str, bytes]:
    """What a guest reads from everything that there is."""
    found = {path.name: b"" for path in folder.iterdir()}
    for name in {BASE, SAME, RAW, "fixed"} & found.keys():
        with DiskChain([ImageFile(folder / name)], read_only=True) as disk:
            found[name] = disk.read(0, disk.size)
    if BASE not in found:
        return found
    with DiskChain(images(folder, BASE, TOP), read_only=True) as disk:
        found[TOP] = disk.read(0, disk.size)
    return found


class Canceller:
    """Cancels at the n-th report of progress, or in front of the n-th change of a file."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1
        self.by_signal = False
        for name in ("write", "truncate", "reserve", "sync"):
            self._guard(monkeypatch, name)

    def _guard(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        original = getattr(HostFile, name)

        def guarded(file: HostFile, *arguments: object) -> None:
            if self.by_signal:
                self._count()
            original(file, *arguments)

        monkeypatch.setattr(HostFile, name, guarded)

    def progress(self, _percent: int) -> None:
        if not self.by_signal:
            self._count()

    def _count(self) -> None:
        self.left -= 1
        if not self.left:
            raise MediumCancelled("The work was cancelled.")


@pytest.mark.parametrize(
    ("name", "image_format", "work"),
    [pytest.param(*each, id=f"{each[1]} {each[0]}") for each in operations()],
)
def test_a_cancelled_operation_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, image_format: str, work: Operation
) -> None:
    if name == "move to another disk":
        monkeypatch.setattr(maintain, "publish_file", _other_disk)
    make(tmp_path, image_format)
    before = contents(tmp_path)
    canceller = Canceller(monkeypatch)
    work(tmp_path, canceller.progress)
    after = contents(tmp_path)
    start_again(tmp_path, image_format)
    cancelled = 0
    for by_signal in (False, True):
        canceller.by_signal = by_signal
        for moment in MOMENTS:
            canceller.left = moment
            try:
                work(tmp_path, canceller.progress)
            except MediumCancelled:
                cancelled += 1
                canceller.left = -1
                # Who cancels too late finds it complete.
                assert contents(tmp_path) in (before, after)
            canceller.left = -1
            if contents(tmp_path) != before:
                start_again(tmp_path, image_format)
    assert cancelled > 0


def start_again(folder: Path, image_format: str) -> None:
    for path in folder.iterdir():
        path.unlink()
    make(folder, image_format)


def _other_disk(source: Path, _where: Path) -> None:
    cause = OSError(errno.EXDEV, "Invalid cross-device link")
    raise MediumIOError(f"'{source}' is on another disk.") from cause
