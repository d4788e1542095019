"""Random use of images of every format, compared with a plain array of bytes."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from engine.storage.create import create_difference_on, create_medium
from engine.storage.maintain import compact_medium, resize_medium
from engine.storage.medium import Allocation, Medium, open_medium

from .crash import EFFORT
from .images import MIB
from .samples import qemu_check, qemu_img

SIZE = 5 * MIB + 1536
STEP = 65536
KINDS = [
    ("VMDK", "Standard"), ("VMDK", "Fixed"), ("VMDK", "Split2G"), ("VMDK", "FixedSplit2G"),
    ("VHD", "Standard"), ("VHD", "Fixed"), ("QCOW", "Standard"), ("VDI", "Standard"),
    ("VDI", "Fixed"), ("RAW", "Standard"),
]  # fmt: skip
QEMU_KINDS = ["cluster_size=512", "cluster_size=4k,compat=1.1,refcount_bits=1", "cluster_size=2M"]
OFFSETS = st.integers(0, SIZE - 1) | st.integers(0, SIZE // STEP).map(lambda block: block * STEP)
LENGTHS = st.integers(0, 1200) | st.sampled_from([512, STEP - 1, STEP, 3 * STEP + 1, 2 * MIB])


class ImageModel(RuleBasedStateMachine):
    """An image of some format, alone or as the top of a chain, and what it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="image-model-"))
        self.path = self.folder / "disk.0"
        self.format = ""
        self.expected = bytearray(SIZE)
        self.disk: Medium | None = None
        self.layers = 0
        self.resizable = False

    @initialize(kind=st.sampled_from(KINDS))
    def start(self, kind: tuple[str, str]) -> None:
        self.format = kind[0]
        self.resizable = kind[0] != "RAW" and kind[1] == "Standard"
        create_medium(self.path, format_name=kind[0], variant=kind[1], size=SIZE)
        self.reopen()

    @rule()
    def reopen(self) -> None:
        if self.disk is not None:
            self.disk.close()
        self.disk = open_medium(self.path)
        assert self.disk.format_name == self.format
        assert self.disk.size == len(self.expected)

    @rule(format_name=st.sampled_from(["VMDK", "VHD", "QCOW"]))
    @precondition(lambda self: self.disk is not None and self.layers < 3)
    def put_a_difference_on_top(self, format_name: str) -> None:
        assert self.disk is not None
        self.disk.close()
        self.layers += 1
        path = self.folder / f"disk.{self.layers}"
        with open_medium(self.path, read_only=True) as parent:
            create_difference_on(parent, path, format_name=format_name)
        self.path, self.format, self.disk = path, format_name, None
        self.resizable = False
        self.reopen()
        assert self.disk is not None
        assert self.disk.parent_uuid is not None

    @rule(offset=OFFSETS, length=LENGTHS, fill=st.integers(0, 255))
    def write(self, offset: int, length: int, fill: int) -> None:
        self._write(offset, bytes([fill]) * length)

    @rule(offset=OFFSETS, data=st.binary(max_size=40))
    def write_pattern(self, offset: int, data: bytes) -> None:
        self._write(offset, data)

    def _write(self, offset: int, data: bytes) -> None:
        assert self.disk is not None
        data = data[: len(self.expected) - offset]
        self.disk.write(offset, memoryview(data))
        self.expected[offset : offset + len(data)] = data

    @rule(offset=OFFSETS, length=LENGTHS)
    def read(self, offset: int, length: int) -> None:
        assert self.disk is not None
        expected = self.expected[offset : offset + length]
        assert self.disk.read(offset, len(expected)) == expected
        if not self.disk.may_hold_data(offset, len(expected)):
            assert not any(expected)

    @rule(offset=OFFSETS, length=LENGTHS)
    def discard(self, offset: int, length: int) -> None:
        assert self.disk is not None
        length = min(length, len(self.expected) - offset)
        self.disk.discard(offset, length)
        after = self.disk.read(offset, length)
        before = self.expected[offset : offset + length]
        assert after == before or all(new in (0, old) for new, old in zip(after, before, strict=True))
        self.expected[offset : offset + length] = after

    @rule()
    def walk_the_allocation(self) -> None:
        assert self.disk is not None
        offset = 0
        while offset < self.disk.size:
            kind, length = self.disk.allocation(offset, self.disk.size - offset)
            assert length > 0
            if kind is Allocation.ZERO or (kind is Allocation.PARENT and not self.layers):
                assert not any(self.expected[offset : offset + length])
            offset += length

    @rule()
    def flush(self) -> None:
        assert self.disk is not None
        self.disk.flush()

    @rule(more=st.sampled_from([512, STEP, 3 * MIB]))
    @precondition(lambda self: self.resizable and len(self.expected) < 16 * MIB)
    def resize(self, more: int) -> None:
        assert self.disk is not None
        self.disk.close()
        self.disk = None
        resize_medium(self.path, len(self.expected) + more)
        self.expected += bytes(more)
        self.reopen()

    @rule()
    @precondition(lambda self: self.resizable)
    def compact(self) -> None:
        assert self.disk is not None
        identity = self.disk.uuid
        self.disk.close()
        self.disk = None
        compact_medium(self.path)
        self.reopen()
        assert self.disk is not None
        assert self.disk.uuid == identity

    def teardown(self) -> None:
        if self.disk is not None:
            self.disk.close()
            with open_medium(self.path, read_only=True) as disk:
                assert disk.read(0, disk.size) == self.expected
                assert disk.check() == []
            if shutil.which("qemu-img") and self.format == "QCOW" and not self.layers:
                qemu_check(self.path, "QCOW")
        shutil.rmtree(self.folder)


class QcowOfQemu(ImageModel):
    """The same with images of QEMU: small, large and narrow clusters."""

    @initialize(kind=st.sampled_from(QEMU_KINDS))  # type: ignore[arg-type]
    def start(self, kind: str) -> None:  # type: ignore[override]
        self.format = "QCOW"
        self.resizable = True
        qemu_img("create", "-f", "qcow2", "-o", kind, self.path, SIZE)
        self.reopen()


ImageModel.TestCase.settings = settings(max_examples=15 * EFFORT, stateful_step_count=20, deadline=None)
TestImageModel = ImageModel.TestCase
QcowOfQemu.TestCase.settings = settings(max_examples=6 * EFFORT, stateful_step_count=20, deadline=None)
TestQcowOfQemu = pytest.mark.skipif(
    shutil.which("qemu-img") is None, reason="qemu-img (Debian: qemu-utils) is not installed"
)(QcowOfQemu.TestCase)
