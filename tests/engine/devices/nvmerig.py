"""An NVMe controller on a bench, and a driver for it that can also lie."""

from __future__ import annotations

import struct

from engine.devices.nvme import registers as r
from engine.pdm.block import ImmediateQueue
from tests.engine.bench import Bench, tree
from tests.engine.devices.ahcirig import Disk

BAR = 0xF000_0000
SQS, CQS, LISTS, DATA = 0x10_0000, 0x18_0000, 0x1F_0000, 0x20_0000
STRIDE = 0x4000
SECTORS = 8192
ENTRIES = 8


class Rig(Bench):
    """Namespaces 1 and 3; queue pairs of eight entries."""

    def __init__(self, make_queue=ImmediateQueue):
        self.disk, self.other = Disk(SECTORS * 512), Disk(SECTORS * 512)
        super().__init__(
            tree(nvme={"pci": (14, 0), "units": "disk,,disk"}),
            attachments={("nvme/0", 0): self.disk, ("nvme/0", 2): self.other},
            make_queue=make_queue,
        )
        self.nvme = self.device("nvme")
        self.nvme.config_write(0x10, BAR, 4)
        self.nvme.config_write(0x04, 0x06, 2)
        self.tails, self.heads, self.phases = {}, {}, {}
        self.identifier = 0

    def get(self, offset):
        return self.nvme.read_register(offset, 4)

    def put(self, offset, value):
        self.nvme.write_register(offset, value, 4)

    def start(self):
        self.put(r.AQA, (ENTRIES - 1) * 0x1_0001)
        self.put(r.ASQ, SQS)
        self.put(r.ACQ, CQS)
        self.put(r.CC, 4 << 20 | 6 << 16 | r.CC_ENABLE)
        assert self.get(r.CSTS) == r.CSTS_READY
        self.open(0)
        return self

    def open(self, queue):
        self.tails[queue] = self.heads[queue] = 0
        self.phases[queue] = 1
        self.memory.write(CQS + queue * STRIDE, bytes(STRIDE))

    def start_io(self, queue=1):
        """Make a pair of I/O queues."""
        if not self.get(r.CC) & r.CC_ENABLE:
            self.start()
        place = queue * STRIDE
        size = (ENTRIES - 1) << 16
        assert self.admin(r.CREATE_CQ, prp1=CQS + place, words=(size | queue, 3))[0] == 0
        assert self.admin(r.CREATE_SQ, prp1=SQS + place, words=(size | queue, queue << 16 | 1))[0] == 0
        self.open(queue)
        return self

    def put_entry(self, queue, opcode, *, nsid=0, prp1=0, prp2=0, words=(), flags=0):
        """Put an entry into a queue without ringing; return its identifier."""
        self.identifier = self.identifier + 1 & 0xFFFF
        entry = struct.pack("<BBHI16xQQ", opcode, flags, self.identifier, nsid, prp1, prp2)
        entry += struct.pack("<6I", *words, *(6 - len(words)) * (0,))
        place = SQS + queue * STRIDE + self.tails[queue] * r.SUBMISSION_SIZE
        self.memory.write(place, entry)
        self.tails[queue] = (self.tails[queue] + 1) % ENTRIES
        return self.identifier

    def ring(self, queue):
        self.put(r.DOORBELLS + 8 * queue, self.tails[queue])

    def submit(self, queue, opcode, **what):
        identifier = self.put_entry(queue, opcode, **what)
        self.ring(queue)
        return identifier

    def reap(self, queue, *, acknowledge=True):
        """Return (identifier, status, dword 0) of the new entries of a completion queue."""
        found = []
        while True:
            place = CQS + queue * STRIDE + self.heads[queue] * r.COMPLETION_SIZE
            entry = struct.unpack("<IIHHHH", self.memory.read(place, r.COMPLETION_SIZE))
            if entry[5] & 1 != self.phases[queue]:
                break
            found.append((entry[4], entry[5] >> 1 & 0x7FF, entry[0]))
            self.heads[queue] = (self.heads[queue] + 1) % ENTRIES
            self.phases[queue] ^= self.heads[queue] == 0
        if found and acknowledge:
            self.put(r.DOORBELLS + 8 * queue + 4, self.heads[queue])
        return found

    def admin(self, opcode, **what):
        """Run an admin command; return status and dword 0."""
        identifier = self.submit(0, opcode, **what)
        ((number, status, answer),) = self.reap(0)
        assert number == identifier
        return status, answer

    def blocks(self, opcode, lba, count, *, nsid=1, prp1=DATA, prp2=0, flags=0, queue=1):
        words = (lba & 0xFFFF_FFFF, lba >> 32, count - 1 | flags)
        return self.submit(queue, opcode, nsid=nsid, prp1=prp1, prp2=prp2, words=words)

    def status(self, opcode, lba=0, count=1, **what):
        """Run an NVM command; return its status."""
        self.blocks(opcode, lba, count, **what)
        ((_, status, _),) = self.reap(what.get("queue", 1))
        return status
