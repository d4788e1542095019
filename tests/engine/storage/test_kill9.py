"""kill -9 at random moments of everything that is done to images; hundreds of times on demand.

Whatever was going on, the images that there are open, pass the check, and hold every write that
was reported (a write that has returned is the host's, so that no flush is needed for that).
"""

from __future__ import annotations

import random
import select
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium
from engine.storage.errors import MediumError

from .crash import EFFORT
from .images import MIB
from .samples import QEMU_NAMES, qemu_img
from .victim import SECTOR, Orders, Report

pytestmark = pytest.mark.slow

DEATHS = 6
PROGRAM = "tests.engine.storage.victim"


class Patient:
    """A disk, and what it has to hold."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.chain = [folder / f"disk.{QEMU_NAMES[name]}"]
        create_medium(self.chain[0], format_name=name, variant="Standard", size=16 * MIB)
        self.holds: dict[int, int] = {}
        self.next = 1
        self.size = 16 * MIB

    def live_and_die(self, life: int, choose: random.Random) -> None:
        """Have the victim work, kill it, and find the images that it has left."""
        orders = Orders(self.name, [str(path) for path in self.chain], life, self.next, life)
        command = [sys.executable, "-m", PROGRAM, msgspec.json.encode(orders).decode()]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as victim:
            assert victim.stdout is not None
            ready, _, _ = select.select([victim.stdout], [], [], 60)
            assert ready, "the victim does nothing"
            time.sleep(choose.choice([0.002, 0.02, 0.2]) * choose.random())
            victim.kill()
            output = victim.stdout.read()
        self._take_over([
            msgspec.json.decode(line, type=Report) for line in output.split(b"\n")[:-1]
        ])  # fmt: skip

    def _take_over(self, reports: list[Report]) -> None:
        candidates, copies = [self.chain], []
        for report in reports:
            if report.wrote is not None:
                self.holds[report.wrote[0]] = report.wrote[1]
                self.next = report.wrote[1] + 1
            elif report.intends:
                candidates = [candidates[0], [Path(path) for path in report.intends]]
            elif report.chain:
                candidates = [[Path(path) for path in report.chain]]
            elif report.copy:
                copies = [Path(report.copy)]
        # The old chain is right until its headers are changed, the new one from then on.
        whole = next((chain for chain in candidates if self._is_whole(chain)), None)
        assert whole, (candidates, reports[-3:])
        self.chain = whole
        for copy in copies:
            assert not copy.exists() or self._is_whole([copy])
        self.next += 1
        for path in self.folder.iterdir():
            if path not in self.chain:
                path.unlink()

    def _is_whole(self, chain: list[Path]) -> bool:
        """Tell whether a chain opens; if it does, it holds everything."""
        if not all(path.exists() for path in chain):
            return False
        try:
            disk = DiskChain([ImageFile(path, self.name) for path in chain])
        except MediumError:
            return False
        with disk:
            # What was left behind goes with the next write.
            disk.write(0, disk.read(0, SECTOR))
            assert disk.size >= self.size
            self.size = disk.size
            for sector, number in self.holds.items():
                found = struct.unpack("<QQ", disk.read(sector * SECTOR, 16))
                # One more write than was reported may have happened, to any sector.
                assert found in {(sector, number), (sector, self.next)}, (sector, number, found)
        self._check(chain)
        return True

    def _check(self, chain: list[Path]) -> None:
        with DiskChain([ImageFile(path, self.name) for path in chain], read_only=True) as disk:
            assert disk.image(len(chain) - 1).check() == []
        # QEMU does not check VHD, and knows no differences of VDI.
        known = self.name in {"VMDK", "QCOW"} or (self.name == "VDI" and len(chain) == 1)
        if known and shutil.which("qemu-img"):
            qemu_img("check", "-f", QEMU_NAMES[self.name], chain[-1])


@pytest.mark.parametrize("name", ["VDI", "VMDK", "VHD", "QCOW"])
def test_whatever_is_killed_leaves_whole_images(tmp_path: Path, name: str) -> None:
    patient = Patient(tmp_path, name)
    choose = random.Random(1)
    for life in range(DEATHS * EFFORT):
        patient.live_and_die(life, choose)
    assert len(patient.holds) > DEATHS
