"""Random use of VDI images, compared with a plain array of bytes."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.storage.medium import Medium, open_medium

from .crash import EFFORT
from .images import FREE, ZERO, VdiBytes, allocated_count, map_entries

BLOCK = 4096
BLOCKS = 9
SIZE = BLOCKS * BLOCK - 1536
"""The last block is not whole."""

OFFSETS = st.integers(0, SIZE - 1) | st.integers(0, BLOCKS - 1).map(lambda block: block * BLOCK)
LENGTHS = st.integers(0, 600) | st.sampled_from([512, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])


class VdiModel(RuleBasedStateMachine):
    """A dynamic, fixed or differencing image, with or without gaps, and what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="vdi-model-"))
        self.path = self.folder / "disk.vdi"
        self.parent: Medium | None = None
        self.disk: Medium | None = None
        self.expected = bytearray(SIZE)

    @initialize(
        kind=st.sampled_from(["dynamic", "fixed", "gaps", "differencing"]),
        extra=st.sampled_from([0, 512]),
    )
    def start(self, kind: str, extra: int) -> None:
        entries, blocks, image_type = [FREE] * BLOCKS, [], 1
        if kind == "fixed":
            entries, blocks, image_type = list(range(BLOCKS)), [b""] * BLOCKS, 2
        elif kind == "gaps":
            entries = [FREE, 5, ZERO, 2, FREE, FREE, 0, FREE, ZERO]
            blocks = [bytes([0x60 + index]) * BLOCK for index in range(6)]
        image = VdiBytes(entries, blocks, image_type=image_type, extra=extra, disk_size=SIZE)
        if kind == "differencing":
            image.image_type = 4
            image.image_uuid = uuid.uuid4()
            image.parent_uuid = VdiBytes([]).image_uuid
            image.parent_modification_uuid = VdiBytes([]).modification_uuid
            below = VdiBytes([0, FREE, 1, ZERO, 2], [b"A" * BLOCK, b"B" * BLOCK, b"C" * BLOCK])
            self.parent = open_medium(below.save(self.folder / "base.vdi"), read_only=True)
            self.expected[: self.parent.size] = self.parent.read(0, self.parent.size)
        for block, entry in enumerate(entries):
            if entry < ZERO:
                piece = blocks[entry].ljust(BLOCK, b"\0")
                self.expected[block * BLOCK : (block + 1) * BLOCK] = piece
        del self.expected[SIZE:]
        image.save(self.path)
        self.reopen()

    @rule()
    def reopen(self) -> None:
        if self.disk is not None:
            self.disk.close()
        self.disk = open_medium(self.path, parent=self.parent)

    @rule(offset=OFFSETS, length=LENGTHS, fill=st.integers(0, 255))
    def write(self, offset: int, length: int, fill: int) -> None:
        assert self.disk is not None
        length = min(length, SIZE - offset)
        data = bytes([fill]) * length
        self.disk.write(offset, memoryview(data))
        self.expected[offset : offset + length] = data

    @rule(offset=OFFSETS, data=st.binary(max_size=40))
    def write_pattern(self, offset: int, data: bytes) -> None:
        assert self.disk is not None
        data = data[: SIZE - offset]
        self.disk.write(offset, data)
        self.expected[offset : offset + len(data)] = data

    @rule(offset=OFFSETS, length=LENGTHS)
    def read(self, offset: int, length: int) -> None:
        assert self.disk is not None
        length = min(length, SIZE - offset)
        assert self.disk.read(offset, length) == self.expected[offset : offset + length]

    @rule(offset=OFFSETS, length=LENGTHS)
    def discard(self, offset: int, length: int) -> None:
        assert self.disk is not None
        length = min(length, SIZE - offset)
        self.disk.discard(offset, length)
        after = self.disk.read(offset, length)
        before = self.expected[offset : offset + length]
        assert all(new in (0, old) for new, old in zip(after, before, strict=True))
        self.expected[offset : offset + length] = after

    @rule()
    def flush(self) -> None:
        assert self.disk is not None
        self.disk.flush()

    @invariant()
    def map_is_sound(self) -> None:
        if self.disk is None:
            return
        stored = [entry for entry in map_entries(self.path) if entry < ZERO]
        assert len(set(stored)) == len(stored)
        assert allocated_count(self.path) >= max(stored, default=-1) + 1

    def teardown(self) -> None:
        if self.disk is not None:
            self.disk.close()
            with open_medium(self.path, read_only=True, parent=self.parent) as disk:
                assert disk.read(0, SIZE) == self.expected
        if self.parent is not None:
            self.parent.close()
        shutil.rmtree(self.folder)


VdiModel.TestCase.settings = settings(max_examples=60 * EFFORT, stateful_step_count=40, deadline=None)
TestVdiModel = VdiModel.TestCase
