"""Files that somebody made wrong, by accident or on purpose."""

from __future__ import annotations

import os
import resource
import tracemalloc
import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.storage.errors import MediumError, MediumFormatError
from engine.storage.medium import open_medium

from .images import FREE, MIB, ZERO, VdiBytes

CASES = [
    ({"signature": 0xBEDA1070}, "is not a VDI image: its signature is 0xbeda1070"),
    ({"version": 0x00000001}, "has format version 0.1; only version 1.1"),
    ({"version": 0x00010002}, "has format version 1.2; only version 1.1"),
    ({"version": 0x00020000}, "has format version 2.0; only version 1.1"),
    ({"header_size": 0x17F}, "the size of its header is 383 bytes"),
    ({"header_size": 0xFFFFFFFF}, "inside the header"),
    ({"image_type": 0}, "is of type 0, which does not exist"),
    ({"image_type": 5}, "is of type 5, which does not exist"),
    ({"image_type": 3}, "is an undo image"),
    ({"image_type": 4}, "holds only the differences"),
    ({"block_size": 0}, "its block size is 0 bytes"),
    ({"block_size": 256}, "its block size is 256 bytes"),
    ({"block_size": 4097}, "its block size is 4097 bytes"),
    ({"block_size": 6144}, "its block size is 6144 bytes"),
    ({"block_size": 1 << 31, "blocks": []}, "its block size is 2147483648 bytes"),
    ({"extra": 100}, "claims 100 extra bytes"),
    ({"extra": 0xFFFFFE00, "blocks": []}, "claims 4294966784 extra bytes"),
    ({"count": 0, "disk_size": 4096}, "claims 0 blocks"),
    ({"count": 0xFFFFFFFF}, "claims 4294967295 blocks"),
    ({"count": 1 << 20}, "its block map ends at offset 4194816, past the end of the file"),
    ({"disk_size": 0}, "the size of its disk is 0 bytes"),
    ({"disk_size": 4 * 4096 + 1}, "which 4 blocks of 4096 bytes cannot hold"),
    ({"disk_size": (1 << 64) - 1}, "cannot hold"),
    ({"image_uuid": uuid.UUID(int=0)}, "its image UUID is null"),
    ({"modification_uuid": uuid.UUID(int=0)}, "its modification UUID is null"),
    ({"entries": [4, FREE, FREE, 0]}, "places block 0 at position 4 of 4"),
    ({"entries": [0, 1, FREE, 0xFFFFFFFD]}, "places block 3 at position 4294967293 of 4"),
    ({"entries": [1, FREE, 0, 1]}, "places both block 0 and block 3 at position 1"),
    ({"entries": [0, ZERO, 3, 1]}, "block 2 of its disk should end at offset 17408, past the end"),
]


@pytest.mark.parametrize(("changes", "sentence"), CASES, ids=[case[1][:40] for case in CASES])
def test_each_fault_has_its_sentence(tmp_path: Path, changes: dict, sentence: str) -> None:
    values = {"entries": [1, FREE, ZERO, 0], "blocks": [b"a", b"b"]} | changes
    path = VdiBytes(**values).save(tmp_path / "a.vdi")
    before = path.read_bytes()
    for read_only in (True, False):
        with pytest.raises(MediumFormatError) as caught:
            open_medium(path, read_only=read_only)
        assert sentence in str(caught.value)
        assert str(path) in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("offset", "value", "sentence"),
    [
        (340, 0, "its block map begins at offset 0, inside the header"),
        (340, 400, "its block map begins at offset 400"),
        (340, 513, "its block map begins at offset 513"),
        (340, 0xFFFFFE00, "past the end of the file"),
        (344, 512, "its data begin at offset 512, inside the block map"),
        (344, 1025, "its data begin at offset 1025"),
        (344, 0xFFFFFE00, "should end at offset"),
    ],
)
def test_misplaced_parts(tmp_path: Path, offset: int, value: int, sentence: str) -> None:
    image = bytearray(VdiBytes([0, FREE], [b"a"]).pack())
    image[offset : offset + 4] = value.to_bytes(4, "little")
    path = tmp_path / "a.vdi"
    path.write_bytes(image)
    with pytest.raises(MediumFormatError) as caught:
        open_medium(path)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 64, 72, 455])
def test_short_files(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.vdi"
    path.write_bytes(VdiBytes([FREE]).pack()[:length])
    with pytest.raises(MediumFormatError, match=f"too short: it has {length} bytes"):
        open_medium(path)


def test_every_shorter_file_is_refused(tmp_path: Path) -> None:
    image = VdiBytes([0, FREE], [b"a" * 4096]).pack()
    path = tmp_path / "a.vdi"
    for length in range(0, len(image), 37):
        path.write_bytes(image[:length])
        with pytest.raises(MediumFormatError):
            open_medium(path)


def test_largest_map_stays_in_bounds(tmp_path: Path) -> None:
    """A sparse file may really have the map it claims; that must not fill the memory."""
    path = VdiBytes([FREE], count=1 << 24, block_size=512, data_offset=1 << 27).save(tmp_path / "a")
    os.truncate(path, 1 << 27)
    tracemalloc.start()
    try:
        with pytest.raises(MediumFormatError, match="places both"):
            open_medium(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 512 * MIB


def test_largest_gap_stays_in_bounds(tmp_path: Path) -> None:
    image = VdiBytes([FREE], count=1 << 24, block_size=512, data_offset=1 << 27, allocated=1)
    path = image.save(tmp_path / "a")
    with path.open("r+b") as stored:
        stored.seek(512)
        stored.write(b"\xff" * (4 << 24))
        stored.seek(512)
        stored.write(((1 << 24) - 1).to_bytes(4, "little"))
        stored.truncate((1 << 27) + (512 << 24))
    tracemalloc.start()
    try:
        with open_medium(path) as disk:
            assert disk.check()[-1] == "16777215 places between the blocks are not used."
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 512 * MIB


def test_enormous_count_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = VdiBytes([FREE], count=0xFFFFFFF0, disk_size=1 << 40).save(tmp_path / "a.vdi")
    os.truncate(path, 1 << 36)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MediumFormatError, match="claims 4294967280 blocks"):
        open_medium(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


SEED = VdiBytes([1, FREE, ZERO, 0, FREE], [b"a" * 4096, b"b" * 4096]).pack()
EXTREME = st.sampled_from([0, 1, 2, 511, 512, 0x7FFFFFFF, 0x80000000, ZERO - 1, ZERO, FREE])
NUMBER_FIELDS = [64, 68, 72, 76, 340, 344, 360, 368, 372, 376, 380, 384, 388]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fields=st.dictionaries(
        st.sampled_from([*NUMBER_FIELDS, 512, 516, 520, 524, 528]),
        EXTREME | st.integers(0, FREE),
        max_size=3,
    ),
    bytes_changed=st.dictionaries(st.integers(64, 532), st.integers(0, 255), max_size=3),
    length=st.just(len(SEED)) | st.integers(0, len(SEED)),
)
def test_fuzzed_images_give_only_typed_errors(
    tmp_path: Path, fields: dict[int, int], bytes_changed: dict[int, int], length: int
) -> None:
    image = bytearray(SEED)
    for offset, value in fields.items():
        image[offset : offset + 4] = value.to_bytes(4, "little")
    for offset, value in bytes_changed.items():
        image[offset] = value
    path = tmp_path / "fuzz.vdi"
    path.write_bytes(image[:length])
    try:
        medium = open_medium(path)
    except MediumError as error:
        sentence = str(error)
    else:
        sentence = ""
    if sentence:
        assert str(path) in sentence
        return
    with medium:
        assert len(medium.read(0, min(medium.size, 65536))) == min(medium.size, 65536)
        medium.write(medium.size - 1, b"!")
        assert medium.read(medium.size - 1, 1) == b"!"
    with open_medium(path) as again:
        assert again.read(medium.size - 1, 1) == b"!"
