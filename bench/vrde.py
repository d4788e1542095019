"""How many pictures a second a client of the remote display gets while everything moves.

Run from the top of the tree: ``python -m bench.vrde``. A picture of 1920x1200 pixels in full motion
goes over the loopback to a client that takes all it gets, for a few seconds by each encoding. The
one that moving pictures are for (Tight with JPEG) has a budget: the processor time that 25 pictures
a second leave for each, of server and client together, so that what else the machine does counts
little. The others are told. The client only counts, so that its decoding is not measured.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from engine.pdm.display import Update
from tests.app.vrde.client import COPY_RECT, RAW, TIGHT, ZLIB, ZRLE, Client
from tests.app.vrde.fixtures import Host, serving

SIZE: Final = (1920, 1200)
SECONDS: Final = 4.0
WANTED: Final = 25.0
CASES: Final = {
    "Tight with JPEG": (TIGHT, -27),
    "with CopyRect": (TIGHT, -27, COPY_RECT),
    "Tight": (TIGHT,),
    "ZRLE": (ZRLE,),
    "Zlib": (ZLIB,),
    "Raw": (RAW,),
}


class Film:
    """A gradient that moves on at each look."""

    mode = "film"

    def __init__(self) -> None:
        width, height = SIZE
        y, x = np.mgrid[0:height, 0 : 2 * width].astype(np.uint32)
        self._strip = (x * 255 // (2 * width)) << 16 | (y * 255 // height) << 8 | (x + y) & 0xFF
        self._step = 0
        self.width, self.height = SIZE
        self.pixels = np.zeros((height, width), np.uint32)

    def update(self) -> Update:
        """Show the next picture."""
        self._step = (self._step + 7) % self.width
        self.pixels[:] = self._strip[:, self._step : self._step + self.width]
        return Update(dirty=[(0, self.height)])


class FilmHost(Host):
    """A machine that shows the film."""

    def open_surface(self) -> Film:
        """Return the film."""
        return Film()


class Counter(Client):
    """Takes updates without looking into them."""

    def skip(self, count: int) -> None:
        """Read and forget."""
        while count:
            count -= len(self.socket.recv(min(count, 1 << 18)))

    def _rectangle(self) -> int:
        _, _, width, height, encoding = self.unpack("HHHHi")
        if encoding == RAW:
            self.skip(4 * width * height)
        elif encoding == COPY_RECT:
            self.skip(4)
        elif encoding in (ZLIB, ZRLE):
            self.skip(self.unpack("I")[0])
        else:
            self._skip_tight(width, height)
        return encoding

    def _skip_tight(self, width: int, height: int) -> None:
        (control,) = self.unpack("B")
        if control == 0x80:
            self.skip(3)
            return
        bits = 24
        if control & 0x40:
            colours = self.read(2)[1] + 1
            self.skip(3 * colours)
            bits = 1 if colours == 2 else 8
        bare = -(-width * bits // 8) * height
        self.skip(bare if control != 0x90 and bare < 12 else self._length())


class Rate(NamedTuple):
    """What a client got.

    Attributes:
        pictures: a second.
        megabytes: millions of bytes a second.
        milliseconds: of processor time for a picture.
    """

    pictures: float
    megabytes: float
    milliseconds: float


def measure(encodings: tuple[int, ...]) -> Rate:
    """Measure one client."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(FilmHost(), Path(folder)) as server,
        Counter(server.info().port) as client,
    ):
        client.set_encodings(*encodings)
        client.update()
        before, started, pictures = server.info().bytes_sent, time.monotonic(), 0
        processor = time.process_time()
        while time.monotonic() - started < SECONDS:
            client.update(incremental=True)
            pictures += 1
        elapsed = time.monotonic() - started
        sent = server.info().bytes_sent - before
        processor = time.process_time() - processor
        return Rate(pictures / elapsed, sent / elapsed / 1e6, 1000 * processor / pictures)


def main() -> int:
    """Measure; return 1 when the budget is exceeded."""
    print(f"remote display, {SIZE[0]}x{SIZE[1]}, everything moves")
    rates = {}
    for name, encodings in CASES.items():
        rate = rates[name] = measure(encodings)
        print(
            f"  {name:16} {rate.pictures:6.1f} pictures/s {rate.megabytes:8.1f} MB/s "
            f"{rate.milliseconds:8.1f} ms of a processor per picture",
            flush=True,
        )
    budget = 1000 / WANTED
    reached = rates["Tight with JPEG"].milliseconds <= budget
    print(f"  wanted: {budget:.0f} ms by Tight with JPEG: {'yes' if reached else 'NO'}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
