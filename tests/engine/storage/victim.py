"""A program that works on a disk until it is killed: writes, snapshots, merges, copies.

Called with one JSON object, see ``Orders``. Reports each write that is done, and each chain of
images before and after it becomes the disk's, as one JSON object to a line.
"""

from __future__ import annotations

import os
import random
import struct
import sys
from pathlib import Path

import msgspec

from engine.storage.chain import DiskChain, ImageFile
from engine.storage.copying import clone_medium
from engine.storage.maintain import compact_medium, resize_medium
from engine.storage.merge import ChainMerge, merge_images, reparent

SECTOR = 512
LARGEST = 24 << 20


class Orders(msgspec.Struct):
    """What to do.

    Attributes:
        format: of all images. paths: the chain, the base first. seed: of what is done.
        number: of the first write. serial: part of the names of new files.
    """

    format: str
    paths: list[str]
    seed: int
    number: int
    serial: int


class Report(msgspec.Struct, omit_defaults=True):
    """What is told; one of the fields.

    Attributes:
        wrote: sector and number that it holds now. flushed: everything up to here.
        intends: the chain that there may be from now on. chain: the one that there is now.
        copy: a file that may appear from now on, with the contents of the disk.
    """

    wrote: tuple[int, int] | None = None
    flushed: bool = False
    intends: list[str] = []
    chain: list[str] = []
    copy: str = ""


def tell(report: Report) -> None:
    os.write(1, msgspec.json.encode(report) + b"\n")


class Victim:
    """Works on the disk."""

    def __init__(self, orders: Orders) -> None:
        self._choose = random.Random(orders.seed)
        self._format = orders.format
        self._paths = [Path(path) for path in orders.paths]
        self._number = orders.number
        self._made = orders.serial * 1000
        self._disk = self._open()

    def _open(self) -> DiskChain:
        return DiskChain([ImageFile(path, self._format) for path in self._paths])

    def work(self) -> None:
        """Never returns."""
        while True:
            for _ in range(self._choose.randrange(12)):
                self._write()
            self._choose.choice(
                [self._flush, self._flush, self._snapshot, self._merge, self._merge_offline,
                 self._compact, self._resize, self._clone]
            )()  # fmt: skip

    def _write(self) -> None:
        sector = self._choose.randrange(self._disk.size // SECTOR)
        self._disk.write(sector * SECTOR, struct.pack("<QQ", sector, self._number) * 32)
        tell(Report(wrote=(sector, self._number)))
        self._number += 1

    def _flush(self) -> None:
        self._disk.flush()
        tell(Report(flushed=True))

    def _become(self, paths: list[Path]) -> None:
        gone = set(self._paths) - set(paths)
        self._paths = paths
        tell(Report(chain=[str(path) for path in paths]))
        for path in gone:
            path.unlink()

    def _new_path(self) -> Path:
        self._made += 1
        return self._paths[0].with_name(f"{self._made}{self._paths[0].suffix}")

    def _snapshot(self) -> None:
        if len(self._paths) > 3:
            return
        path = self._new_path()
        tell(Report(intends=[str(each) for each in (*self._paths, path)]))
        self._disk.put_on(path, self._format)
        self._become([*self._paths, path])

    def _choose_merge(self) -> tuple[int, bool, list[Path]]:
        lower, forward = self._choose.randrange(len(self._paths) - 1), self._choose.random() < 0.5
        gone = lower if forward else lower + 1
        kept = self._paths[:gone] + self._paths[gone + 1 :]
        tell(Report(intends=[str(path) for path in kept]))
        return lower, forward, kept

    def _merge(self) -> None:
        if len(self._paths) < 2:
            return
        lower, forward, kept = self._choose_merge()
        merge = ChainMerge(self._disk, self._paths[lower], forward=forward)
        merge.copy(lambda _percent: None)
        merge.commit()
        self._become(kept)

    def _merge_offline(self) -> None:
        if len(self._paths) < 2:
            return
        lower, forward, kept = self._choose_merge()
        self._disk.close()
        images = [ImageFile(path, self._format) for path in self._paths]
        merge_images(images[: lower + 2], forward=forward)
        above = lower + (1 if forward else 2)
        if above < len(images):
            reparent(images[above].path, images[: lower + (0 if forward else 1)])
        self._become(kept)
        self._disk = self._open()

    def _compact(self) -> None:
        if len(self._paths) == 1:
            self._disk.close()
            compact_medium(self._paths[0])
            self._disk = self._open()

    def _resize(self) -> None:
        size = self._disk.size
        if len(self._paths) == 1 and size < LARGEST:
            self._disk.close()
            resize_medium(self._paths[0], size + self._choose.choice([SECTOR, 1 << 20]))
            self._disk = self._open()

    def _clone(self) -> None:
        path = self._new_path()
        tell(Report(copy=str(path)))
        self._disk.close()
        clone_medium(self._paths, path, format_name=self._format, variant="Standard")
        self._disk = self._open()
        path.unlink()


if __name__ == "__main__":
    Victim(msgspec.json.decode(sys.argv[1], type=Orders)).work()
