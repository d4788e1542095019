"""Random use of chains, of one format and of several, compared with flat copies."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium
from engine.storage.merge import ChainMerge, merge_images, reparent

from .crash import EFFORT

KIB = 1 << 10
SIZE = 5 * 1024 * KIB + 512
OFFSETS = st.integers(0, SIZE - 1) | st.integers(0, 5).map(lambda block: block << 20)
LENGTHS = st.sampled_from([0, 1, 512, 4 * KIB, 64 * KIB, 1 << 20, (1 << 20) + 513])


class ChainModel(RuleBasedStateMachine):
    """A chain in use, what it should read as, and what each of its images did when it was left."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="chain-model-"))
        self.images: list[ImageFile] = []
        self.states: list[bytes] = []
        self.expected = bytearray(SIZE)
        self.chain: DiskChain | None = None

    @initialize(name=st.sampled_from(["VDI", "RAW", "VMDK", "VHD", "QCOW"]))
    def start(self, name: str) -> None:
        path = self.folder / f"base.{name.lower()}"
        create_medium(path, format_name=name, variant="Standard", size=SIZE)
        self.images = [ImageFile(path, name)]
        self.chain = DiskChain(self.images)
        # VHD rounds sizes up.
        self.expected = bytearray(self.chain.size)

    @property
    def disk(self) -> DiskChain:
        assert self.chain is not None
        return self.chain

    @rule(offset=OFFSETS, length=LENGTHS, fill=st.integers(0, 255))
    def write(self, offset: int, length: int, fill: int) -> None:
        data = bytes([fill]) * min(length, SIZE - offset)
        self.disk.write(offset, data)
        self.expected[offset : offset + len(data)] = data

    @rule(offset=OFFSETS, length=LENGTHS)
    def discard(self, offset: int, length: int) -> None:
        length = min(length, SIZE - offset)
        self.disk.discard(offset, length)
        found = self.disk.read(offset, length)
        before = self.expected[offset : offset + length]
        assert all(new in (0, old) for new, old in zip(found, before, strict=True))
        self.expected[offset : offset + length] = found

    @rule()
    def reopen(self) -> None:
        self.disk.close()
        self.chain = DiskChain(self.images)

    @precondition(lambda self: len(self.images) < 5)
    @rule(name=st.sampled_from(["VDI", "VDI", "QCOW", "VMDK"]))
    def put_on(self, name: str) -> None:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.{name.lower()}"
        self.disk.put_on(path, name)
        self.images.append(ImageFile(path, name))
        self.states.append(bytes(self.expected))

    @precondition(lambda self: len(self.images) > 1)
    @rule(choice=st.integers(0, 3), forward=st.booleans(), live=st.booleans())
    def merge(self, choice: int, forward: bool, live: bool) -> None:
        lower = choice % (len(self.images) - 1)
        gone = lower if forward else lower + 1
        if live:
            merge = ChainMerge(self.disk, self.images[lower].path, forward=forward)
            merge.copy()
            assert merge.commit() == Path(self.images[gone].path)
        else:
            self.disk.close()
            merge_images(self.images[: lower + 2], forward=forward)
            if gone + 1 < len(self.images):
                reparent(self.images[gone + 1].path, self.images[:gone])
        del self.images[gone]
        del self.states[lower]
        if not live:
            self.chain = DiskChain(self.images)

    @invariant()
    def reads_as_expected(self) -> None:
        if self.chain is not None:
            assert self.chain.read(0, len(self.expected)) == self.expected

    def teardown(self) -> None:
        try:
            if self.chain is not None:
                self.chain.close()
                for count, state in enumerate(self.states, 1):
                    with DiskChain(self.images[:count], read_only=True) as older:
                        assert older.read(0, len(state)) == state
        finally:
            shutil.rmtree(self.folder)


TestChains = ChainModel.TestCase
TestChains.settings = settings(max_examples=30 * EFFORT, stateful_step_count=25, deadline=None)
