"""Chains of images: opening, another top, merges."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest

from engine.storage.chain import DiskChain, ImageFile, reading_chain
from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import (
    MediumFormatError,
    MediumFull,
    MediumLocked,
    MediumParameterError,
)
from engine.storage.hostfile import HostFile
from engine.storage.maintain import reset_difference
from engine.storage.medium import Allocation, Medium, examine_medium, open_medium
from engine.storage.merge import ChainMerge, merge_images, reparent

MIB = 1 << 20
SIZE = 6 * MIB


def base(folder: Path, variant: str = "Standard", format_name: str = "VDI") -> Path:
    path = folder / f"base.{format_name.lower()}"
    create_medium(path, format_name=format_name, variant=variant, size=SIZE)
    return path


def put_on(folder: Path, below: list[Path], name: str) -> Path:
    path = folder / f"{name}.vdi"
    with reading_chain([ImageFile(each) for each in below]) as parent:
        create_difference_on(parent, path, format_name="VDI")
    return path


def write(images: list[Path], offset: int, data: bytes) -> None:
    with DiskChain([ImageFile(each) for each in images]) as chain:
        chain.write(offset, data)


def contents(images: list[Path]) -> bytes:
    with DiskChain([ImageFile(each) for each in images], read_only=True) as chain:
        return chain.read(0, chain.size)


def three(folder: Path, variant: str = "Standard") -> list[Path]:
    """A base and two differences, with something of each of them to be seen."""
    images = [base(folder, variant)]
    write(images, 0, b"base" * MIB)
    images.append(put_on(folder, images, "one"))
    write(images, MIB, b"one!" * (MIB // 2))
    write(images, 2 * MIB, bytes(MIB))
    images.append(put_on(folder, images, "two"))
    write(images, MIB + 512, b"two!" * 128)
    write(images, 3 * MIB, bytes(MIB))
    return images


def test_a_difference_reads_as_its_parent_until_it_is_written(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    write(images, 512, b"below")
    images.append(put_on(tmp_path, images, "diff"))
    assert contents(images)[512:517] == b"below"
    assert examine_medium(images[0]).parent_id == ""
    write(images, 512, b"above")
    assert contents(images)[512:517] == b"above"
    assert contents(images[:1])[512:517] == b"below"


@pytest.mark.parametrize("length", [512, MIB])
def test_zeros_hide_what_the_parent_holds(tmp_path: Path, length: int) -> None:
    images = [base(tmp_path)]
    write(images, 0, b"x" * 2 * MIB)
    images.append(put_on(tmp_path, images, "diff"))
    write(images, MIB, bytes(length))
    assert contents(images)[: 2 * MIB] == b"x" * MIB + bytes(length) + b"x" * (MIB - length)


def test_a_discarded_block_does_not_show_the_parent_again(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    write(images, 0, b"x" * 2 * MIB)
    images.append(put_on(tmp_path, images, "diff"))
    with DiskChain([ImageFile(each) for each in images]) as chain:
        chain.write(0, b"y")
        chain.discard(0, 2 * MIB)
        assert b"x" not in chain.read(0, 2 * MIB)


def test_a_raw_image_may_be_a_base(tmp_path: Path) -> None:
    images = [base(tmp_path, format_name="RAW")]
    images.append(put_on(tmp_path, images, "diff"))
    write(images, 700, b"above")
    assert contents(images)[700:705] == b"above"
    assert contents(images[:1])[700:705] == bytes(5)


def test_allocation_tells_who_holds_what(tmp_path: Path) -> None:
    images = three(tmp_path)
    with DiskChain([ImageFile(each) for each in images], read_only=True) as chain:
        one = chain.image(1)
        found = [one.allocation(at * MIB, 6 * MIB - at * MIB) for at in range(3)]
    assert found[0] == (Allocation.PARENT, MIB)
    assert found[1][0] is Allocation.STORED
    assert found[1][1] == 2 * MIB or one.allocation(3 * MIB, MIB)[0] is Allocation.PARENT


def test_a_parent_that_was_changed_is_refused(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    images.append(put_on(tmp_path, images, "diff"))
    write(images[:1], 0, b"changed")
    with pytest.raises(MediumFormatError, match="was changed after the differencing image"):
        contents(images)


def test_another_parent_is_refused(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    diff = put_on(tmp_path, images, "diff")
    (tmp_path / "other").mkdir()
    with pytest.raises(MediumFormatError, match="does not match UUID"):
        contents([base(tmp_path / "other"), diff])


def test_a_chain_with_a_loop_is_refused(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    images.append(put_on(tmp_path, images, "diff"))
    with pytest.raises(MediumParameterError, match="twice"):
        contents([*images, images[0]])
    with pytest.raises(MediumParameterError, match="No image was named"):
        contents([])


def test_a_chain_may_be_deep(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    write(images, 0, b"deep")
    with DiskChain([ImageFile(images[0])]) as chain:
        for number in range(400):
            chain.put_on(tmp_path / f"live{number}.vdi", "VDI", uuid.uuid4())
        assert chain.read(0, 4) == b"deep"
        chain.write(2, b"p!")
        assert chain.read(0, 4) == b"dep!"
        images = chain.paths
    assert contents(images)[:4] == b"dep!"


def test_images_below_the_top_are_only_read_and_locked(tmp_path: Path) -> None:
    images = three(tmp_path)
    with DiskChain([ImageFile(each) for each in images]) as chain:
        assert chain.path == images[-1]
        assert chain.uuid == uuid.UUID(examine_medium(images[0]).id)
        with pytest.raises(MediumLocked):
            open_medium(images[0])
        with reading_chain([ImageFile(images[0])]) as beside:
            assert beside.read(0, 4) == b"base"


def test_a_snapshot_of_a_disk_in_use(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    top = tmp_path / "top.vdi"
    identity = uuid.uuid4()
    with DiskChain([ImageFile(images[0])]) as chain:
        chain.write(0, b"before")
        chain.put_on(top, "VDI", identity)
        chain.write(0, b"after!")
        assert chain.read(0, 6) == b"after!"
        with pytest.raises(MediumLocked):
            HostFile.open(images[0], writable=True)
    assert contents([images[0]])[:6] == b"before"
    assert contents([images[0], top])[:6] == b"after!"
    assert not os.path.exists(tmp_path / "nothing")


def test_a_snapshot_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    (tmp_path / "there.vdi").write_bytes(b"")
    with DiskChain([ImageFile(images[0])]) as chain:
        for name in ("there.vdi", "no/folder.vdi"):
            with pytest.raises(Exception, match="exists already|does not exist"):
                chain.put_on(tmp_path / name, "VDI", uuid.uuid4())
        chain.write(0, b"goes on")
        assert chain.paths == images
    assert contents(images)[:7] == b"goes on"


def test_a_new_top_is_taken_off_again(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    top = tmp_path / "top.vdi"
    with DiskChain([ImageFile(images[0])]) as chain:
        chain.put_on(top, "VDI", uuid.uuid4())
        assert chain.take_off(top)
        assert not chain.take_off(top)
        chain.write(0, b"goes on")
    assert not top.exists()
    assert contents(images)[:7] == b"goes on"


def test_an_emptied_difference_reads_as_its_parent(tmp_path: Path) -> None:
    images = three(tmp_path)
    identity = examine(images)
    reset_difference(images[-1], [ImageFile(each) for each in images[:-1]])
    assert contents(images) == contents(images[:-1])
    assert examine(images) == identity
    with pytest.raises(MediumParameterError, match="is not a differencing image"):
        reset_difference(images[0], [])


def examine(images: list[Path]) -> uuid.UUID:
    with reading_chain([ImageFile(each) for each in images]) as medium:
        return medium.uuid


# -- merges ------------------------------------------------------------------------------------


def finish(images: list[Path], lower: int, *, forward: bool) -> list[Path]:
    """What is left to do after an offline merge; returns the chain that remains."""
    gone = lower if forward else lower + 1
    rest = [image for index, image in enumerate(images) if index != gone]
    if gone < len(rest):
        reparent(rest[gone], [ImageFile(each) for each in rest[:gone]])
    return rest


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("lower", [0, 1])
@pytest.mark.parametrize("variant", ["Standard", "Fixed"])
def test_merging_keeps_what_is_read(
    tmp_path: Path, lower: int, forward: bool, variant: str
) -> None:
    images = three(tmp_path, variant)
    expected = [contents(images[: count + 1]) for count in range(3)]
    merge_images([ImageFile(each) for each in images[: lower + 2]], forward=forward)
    assert contents(images) == expected[2], "between copying and the headers"
    rest = finish(images, lower, forward=forward)
    assert contents(rest) == expected[2]
    if lower == 0:
        assert contents(rest[:1]) == expected[1]
    for image in rest:
        assert open_and_check(rest, image) == []


def open_and_check(chain: list[Path], image: Path) -> list[str]:
    until = chain[: chain.index(image) + 1]
    with reading_chain([ImageFile(each) for each in until]) as medium:
        return medium.check()


def test_a_base_may_become_a_difference_of_nothing(tmp_path: Path) -> None:
    images = [base(tmp_path)]
    write(images, 0, b"base" * 1000)
    images.append(put_on(tmp_path, images, "diff"))
    write(images, MIB, bytes(MIB))
    merge_images([ImageFile(each) for each in images], forward=True)
    rest = finish(images, 0, forward=True)
    info = examine_medium(rest[0])
    assert (info.parent_id, info.variant) == ("", "Standard")
    assert contents(rest)[:4000] == b"base" * 1000


def test_a_cancelled_merge_changes_nothing_that_is_read(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(percent: int) -> None:
        if percent > 30:
            raise StopError

    for forward in (True, False):
        folder = tmp_path / str(forward)
        folder.mkdir()
        images = three(folder)
        expected = contents(images)
        with pytest.raises(StopError):
            merge_images([ImageFile(e) for e in images[:2]], forward=forward, progress=stop)
        assert contents(images) == expected


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("lower", [0, 1])
def test_merging_under_a_running_guest(tmp_path: Path, lower: int, forward: bool) -> None:
    images = three(tmp_path)
    expected = bytearray(contents(images))
    random_numbers = random.Random(lower * 2 + forward)
    stop = threading.Event()

    def guest(chain: DiskChain) -> None:
        while not stop.is_set():
            offset = random_numbers.randrange(0, SIZE - 4096, 512)
            data = bytes([random_numbers.randrange(256)]) * 4096
            chain.write(offset, data)
            expected[offset : offset + 4096] = data
            at = random_numbers.randrange(0, SIZE - 4096)
            assert chain.read(at, 4096) == expected[at : at + 4096]

    with DiskChain([ImageFile(each) for each in images]) as chain:
        writer = threading.Thread(target=guest, args=(chain,))
        writer.start()
        merge = ChainMerge(chain, images[lower], forward=forward)
        merge.copy()
        gone = merge.commit()
        stop.set()
        writer.join()
        rest = chain.paths
        chain.write(0, b"still there")
        expected[:11] = b"still there"
        assert chain.read(0, SIZE) == expected
    assert gone not in rest
    gone.unlink()
    assert contents(rest) == expected


def test_a_full_disk_ends_the_merge_and_not_the_guest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = three(tmp_path)
    expected = contents(images)
    with DiskChain([ImageFile(each) for each in images]) as chain:
        merge = ChainMerge(chain, images[1], forward=False)
        whole = type(chain.image(0)).write

        def full(medium: Medium, offset: int, data: bytes) -> None:
            if medium.path == images[1]:
                raise MediumFull("The disk of the host is full.")
            whole(medium, offset, data)

        monkeypatch.setattr(type(chain.image(0)), "write", full)
        with pytest.raises(MediumFull):
            merge.copy()
        chain.write(5 * MIB, b"guest")
        monkeypatch.undo()
        assert chain.read(5 * MIB, 5) == b"guest"
        again = ChainMerge(chain, images[1], forward=False)
        again.copy()
        again.commit()
        assert chain.paths == images[:2]
    assert contents(images[:2])[: 5 * MIB] == expected[: 5 * MIB]


_MERGER = """
import sys
from engine.storage.chain import ImageFile
from engine.storage.merge import merge_images, reparent
*images, lower, forward = sys.argv[1:]
lower, forward = int(lower), forward == "True"
print("begins", flush=True)
merge_images([ImageFile(each) for each in images[: lower + 2]], forward=forward)
gone = lower if forward else lower + 1
rest = [image for index, image in enumerate(images) if index != gone]
if gone < len(rest):
    reparent(rest[gone], [ImageFile(each) for each in rest[:gone]])
"""


@pytest.mark.parametrize("forward", [True, False])
def test_a_killed_merge_is_done_again(tmp_path: Path, forward: bool) -> None:
    """kill -9 at random moments: what is read stays, and the merge can be repeated."""
    images = three(tmp_path)
    expected = contents(images)
    dice = random.Random(5)
    killed = 0
    for attempt in range(12):
        words = [*map(str, images), "0", str(forward)]
        process = subprocess.Popen(
            [sys.executable, "-c", _MERGER, *words], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        try:
            process.wait(dice.uniform(0, 0.012) if attempt < 11 else 30)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        process.stdout.close()
        rest = [image for index, image in enumerate(images) if index != (0 if forward else 1)]
        try:
            found = contents(rest)
        except MediumFormatError:
            assert contents(images) == expected
        else:
            assert found == expected
            break
    else:
        pytest.fail("the merge never ended")
    assert killed


@pytest.mark.parametrize("name", ["VDI", "VMDK", "VHD", "QCOW"])
def test_a_parent_that_a_merge_has_left_out_does_not_come_back(tmp_path: Path, name: str) -> None:
    """The top is open and not written yet while it gets another parent; then it is written."""
    ending = f".{name.lower()}"
    paths = [tmp_path / f"{number}{ending}" for number in range(3)]
    create_medium(paths[0], format_name=name, variant="Standard", size=2 * MIB)
    with DiskChain([ImageFile(paths[0])]) as chain:
        chain.write(0, b"base")
        chain.put_on(paths[1], name)
        chain.put_on(paths[2], name)
        merge = ChainMerge(chain, paths[1], forward=True)
        merge.copy()
        assert merge.commit() == paths[1]
        paths[1].unlink()
        chain.write(1024, b"top")
    with DiskChain([ImageFile(paths[0]), ImageFile(paths[2])]) as chain:
        found = chain.read(0, 1536)
    assert (found[:4], found[1024:1027]) == (b"base", b"top")
